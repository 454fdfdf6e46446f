/* SPDX-License-Identifier: ISC */

'use strict';

/* The engine of the page, in node. */

const fs = require('fs');
const path = require('path');

/** The class Engine of src/page/web. */
function engineClass(web) {
  const source = fs.readFileSync(path.join(web, 'engine.js'), 'utf8');
  return new Function(`${source}; return Engine;`)();
}

/** An engine with a model. @param folder  As in_node.sh makes it. */
function loadEngine(web, folder, model) {
  return engineClass(web).load(
    fs.readFileSync(path.join(folder, 'share/rollsmith/player.wasm.gz')),
    new Uint8Array(fs.readFileSync(path.join(folder, model))));
}

module.exports = { loadEngine };
