/* SPDX-License-Identifier: ISC */

'use strict';

/* When frames are made, by a clock of the test. */

const assert = require('assert');
const fs = require('fs');
const path = require('path');

const FRAME = 0.125; // seconds
const BAR = 16; // frames

const [web] = process.argv.slice(2);

/** A transport in a page of its own. @param frameTook  Seconds that the making of a frame takes, by its number. */
function playing(frameTook) {
  const clock = { now: 0, late: 0, past: 0, made: [] };
  const surroundings = {
    document: { hidden: false, addEventListener() {} },
    performance: { now: () => 1000 * clock.now },
    setInterval() {},
    clearInterval() {},
  };
  const source = fs.readFileSync(path.join(web, 'transport.js'), 'utf8');
  const Transport = new Function(...Object.keys(surroundings), `${source}; return Transport;`)(
    ...Object.values(surroundings));
  const engine = {
    start() {},
    frameSeconds: () => FRAME,
    next() {
      clock.now += frameTook(clock.made.length);
      clock.made.push(clock.now);
      return [];
    },
  };
  const transport = new Transport({
    engine,
    instrument: { get now() { return clock.now; }, silence() {} },
    onFrame({ time }) {
      clock.margin = time - clock.now;
      clock.past += clock.margin < 0;
    },
    onLate: () => { clock.late += 1; },
  });
  return { clock, transport };
}

function play({ clock, transport }, seconds) {
  transport.start({ bpm: 120 });
  for (const end = clock.now + seconds; clock.now < end;) {
    clock.now += 0.025;
    transport.tick();
  }
}

const CASES = {
  'one frame is made before the first one sounds'() {
    const { clock, transport } = playing(() => 0.001);
    transport.start({ bpm: 120 });
    assert.strictEqual(clock.made.length, 1);
    assert.ok(clock.margin > 0);
  },

  'bars that take long are late once, and not again'() {
    const song = playing((number) => (number && number % BAR === 0 ? 0.5 : 0.001));
    play(song, 20);
    assert.strictEqual(song.clock.late, 1);
    assert.strictEqual(song.clock.past, 0);
  },

  'quick frames are made shortly before they sound'() {
    const { clock, transport } = playing((number) => (number === BAR ? 0.5 : 0.001));
    play({ clock, transport }, 60);
    assert.ok(clock.margin < 0.25, `${clock.margin} s before`);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(CASES)) {
  try {
    test();
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
}
process.exitCode = failed ? 1 : 0;
