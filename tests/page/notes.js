/* SPDX-License-Identifier: ISC */

'use strict';

/* The module plays what `rollsmith export` writes, byte for byte, for 100 seeds; and it is fast enough. */

const assert = require('assert');
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { loadEngine } = require('./engine.js');

const SEEDS = 100;
const FRAMES = 64;
const FRAMES_A_SECOND = 20; // of processor time

const [rollsmith, folder, web] = process.argv.slice(2);
const MODEL = 'random.model';

function exportSongs() {
  execFileSync(rollsmith, ['export', MODEL, '-o', 'song.mid', '--count', SEEDS, '--seed', 1,
    '--frames', FRAMES, '-q'], { cwd: folder });
}

function play(engine, seed) {
  engine.start({ seed: BigInt(seed), meter: null, temperature: engine.temperature, bpm: engine.bpm });
  for (let frame = 0; frame < FRAMES; ++frame) {
    engine.next();
  }
  return engine.midi(FRAMES, `${MODEL}, seed ${seed}`);
}

async function main() {
  const engine = await loadEngine(web, folder, MODEL);
  exportSongs();
  const before = process.cpuUsage();
  for (let seed = 1; seed <= SEEDS; ++seed) {
    const name = `song-${String(seed).padStart(3, '0')}.mid`;
    const expected = fs.readFileSync(path.join(folder, name));
    assert.ok(expected.equals(Buffer.from(play(engine, seed))), `${name} differs`);
  }
  const used = process.cpuUsage(before);
  const rate = (SEEDS * FRAMES) / ((used.user + used.system) / 1e6);
  console.log(`${SEEDS} songs are the same; ${rate.toFixed(0)} frames a second of processor time`);
  assert.ok(rate >= FRAMES_A_SECOND, 'too slow');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
