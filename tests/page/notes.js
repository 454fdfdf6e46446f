/* SPDX-License-Identifier: ISC */

'use strict';

/* The module plays what `rollsmith export` writes, byte for byte, for 100 seeds, by a model with random weights
   and by a trained one, whose bars are chosen among candidates; and it is fast enough. */

const assert = require('assert');
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { loadEngine } = require('./engine.js');

const SEEDS = 100;
const FRAMES = 64;
const FRAMES_A_SECOND = 20; // of processor time
const MODELS = ['random.model', 'trained.model'];

const [rollsmith, folder, web] = process.argv.slice(2);

/** The bytes of each song of a model, by seed. */
function exportSongs(model, ...options) {
  execFileSync(rollsmith, ['export', model, '-o', 'song.mid', '--count', SEEDS, '--seed', 1,
    '--frames', FRAMES, '-q', ...options], { cwd: folder });
  return Array.from({ length: SEEDS }, (_, i) =>
    fs.readFileSync(path.join(folder, `song-${String(i + 1).padStart(3, '0')}.mid`)));
}

function play(engine, model, seed) {
  engine.start({ seed: BigInt(seed), meter: null, temperature: engine.temperature, bpm: engine.bpm });
  for (let frame = 0; frame < FRAMES; ++frame) {
    engine.next();
  }
  return Buffer.from(engine.midi(FRAMES, `${model}, seed ${seed}`));
}

async function compare(model) {
  const engine = await loadEngine(web, folder, model);
  const songs = exportSongs(model);
  const before = process.cpuUsage();
  songs.forEach((song, i) => assert.ok(song.equals(play(engine, model, i + 1)), `${model}, seed ${i + 1}: other bytes`));
  const used = process.cpuUsage(before);
  const rate = (SEEDS * FRAMES) / ((used.user + used.system) / 1e6);
  console.log(`${model}: ${SEEDS} songs are the same; ${rate.toFixed(0)} frames a second of processor time`);
  assert.ok(rate >= FRAMES_A_SECOND, 'too slow');
}

/** Else nothing here tells whether the module makes candidates. */
function candidatesMatter() {
  const withThem = exportSongs('trained.model');
  const without = exportSongs('trained.model', '--set', 'generate.candidates=1');
  const changed = withThem.filter((song, i) => !song.equals(without[i])).length;
  console.log(`candidates change ${changed} of ${SEEDS} songs`);
  assert.ok(changed > SEEDS / 2);
}

async function main() {
  for (const model of MODELS) {
    await compare(model);
  }
  candidatesMatter();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
