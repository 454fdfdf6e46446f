/* SPDX-License-Identifier: ISC */

'use strict';

/* The pages in a headless Chromium: they play, by a fake MIDI device too, can be used by the keyboard and
   on a phone, and show logs. */

const assert = require('assert');
const { execFileSync, spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const { Browser, until } = require('./browser_session.js');

const PAGE_MOST = 300 * 1000; // bytes, without the model
const PHONE = { width: 360, height: 640 };

const [rollsmith, folder, web] = process.argv.slice(2);

/* A MIDI output that keeps what it is sent, and a count of the listeners of window and document. */
const FAKES = `
  window.sent = [];
  const output = { id: 'fake', name: 'Fake', send: (bytes, time) => window.sent.push([...bytes, time]) };
  navigator.requestMIDIAccess = async () => ({ outputs: new Map([['fake', output]]) });
  window.listeners = 0;
  for (const target of [window, document]) {
    const add = target.addEventListener.bind(target);
    target.addEventListener = (type, call, options) => {
      window.listeners += 1;
      if (options && options.signal) {
        options.signal.addEventListener('abort', () => { window.listeners -= 1; });
      }
      add(type, call, options);
    };
  }`;

/* The colours of the roll, and that of notes that sound. */
const COLOURS = `(() => {
  const canvas = document.getElementById('roll');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return [...new Set(new Uint32Array(data.buffer))]; })()`;
const SOUNDS = 0xff66d1ff; // alpha, blue, green, red

const NOTHING = `
  delete window.AudioContext;
  delete Navigator.prototype.requestMIDIAccess;`;

function url(file) {
  return `file://${path.join(folder, file)}`;
}

function rollsmithRuns(...args) {
  execFileSync(rollsmith, args, { cwd: folder });
}

const CASES = {
  async 'the page is small'() {
    const size = (file) => fs.statSync(path.join(folder, file)).size;
    const rest = size('page.html') - Math.ceil(size('random.model') / 3) * 4;
    console.log(`${rest} bytes without the model`);
    assert.ok(rest <= PAGE_MOST);
  },

  async 'it plays by the synthesizer, and stops'(browser) {
    const tab = await browser.open(url('page.html'), { script: FAKES });
    await until('ready', async () => (await tab.text('status')) === 'Ready.');
    const before = await tab.value('window.listeners');
    const started = Date.now();
    await tab.click('start');
    await until('a frame', async () => Number(await tab.text('heard')) > 0);
    console.log(`first frame ${Date.now() - started} ms after the click`);
    await until('notes', async () => (await tab.value('app.roll.notes.length')) > 3);
    const colours = await tab.value(`${COLOURS}.length`);
    assert.ok(colours > 5, `the roll has ${colours} colours`);
    await until('a note that sounds', () => tab.value(`${COLOURS}.includes(${SOUNDS})`));
    await tab.click('stop');
    assert.match(await tab.text('status'), /^Stopped after \d+ frames\.$/);
    assert.strictEqual(await tab.value(`${COLOURS}.includes(${SOUNDS})`), false);
    assert.strictEqual(await tab.value('window.listeners'), before);
    assert.deepStrictEqual(tab.errors, []);
  },

  async 'it plays by MIDI, and ends all notes'(browser) {
    const tab = await browser.open(url('page.html'), { script: FAKES });
    await until('ready', async () => (await tab.text('status')) === 'Ready.');
    await tab.click('midi');
    await until('outputs', async () => /1 MIDI output found/.test(await tab.text('status')));
    await tab.value(`document.getElementById('instrument').value = 'fake'`);
    await tab.click('start');
    const isOn = '((bytes) => bytes[0] === 0x90)';
    await until('note-ons', async () => (await tab.value(`sent.filter(${isOn}).length`)) > 5);
    await tab.click('stop');
    const open = await tab.value(`(() => {
      const open = new Set();
      const inOrder = sent.map((bytes, i) => [bytes, i])
        .sort(([a, i], [b, j]) => (a[3] ?? 0) - (b[3] ?? 0) || i - j).map(([bytes]) => bytes);
      for (const [status, note] of inOrder) {
        if (status === 0x90) { open.add(note); } else if (status === 0x80) { open.delete(note); }
      }
      return [...open]; })()`);
    assert.deepStrictEqual(open, []);
    assert.deepStrictEqual(tab.errors, []);
  },

  async 'what was heard is what export writes'(browser) {
    const tab = await browser.open(url('page.html'));
    await until('ready', async () => (await tab.text('status')) === 'Ready.');
    await tab.value(`document.getElementById('seed').value = '5'; document.getElementById('tempo').value = 240`);
    await tab.click('start');
    await until('frames', async () => Number(await tab.text('heard')) >= 8);
    await tab.click('stop');
    const { frames, bytes } = await tab.value(`(() => {
      const frames = app.transport.heard();
      return { frames, bytes: [...app.engine.midi(frames, 'random.model, seed 5')] }; })()`);
    rollsmithRuns('export', 'random.model', '-o', 'same.mid', '--seed', '5', '--bpm', '240', '--frames',
      String(frames), '-q');
    assert.deepStrictEqual(Buffer.from(bytes), fs.readFileSync(path.join(folder, 'same.mid')));
    assert.deepStrictEqual(tab.errors, []);
  },

  async 'without sound and MIDI the roll goes on, and that is said'(browser) {
    const tab = await browser.open(url('page.html'), { script: NOTHING });
    await until('ready', async () => (await tab.text('status')) === 'Ready.');
    const missing = await tab.text('missing');
    assert.match(missing, /no Web Audio/);
    assert.match(missing, /no Web MIDI/);
    await tab.click('start');
    await until('frames', async () => Number(await tab.text('heard')) > 2);
    await tab.click('stop');
    assert.deepStrictEqual(tab.errors, []);
  },

  async 'a seed that is none is told'(browser) {
    const tab = await browser.open(url('page.html'));
    await until('ready', async () => (await tab.text('status')) === 'Ready.');
    await tab.value(`document.getElementById('seed').value = 'x'`);
    await tab.click('start');
    assert.match(await tab.text('status'), /^The seed must be a whole number/);
    assert.strictEqual(await tab.value('document.activeElement.id'), 'seed');
  },

  async 'the keyboard is enough'(browser) {
    const tab = await browser.open(url('page.html'));
    await until('ready', async () => (await tab.text('status')) === 'Ready.');
    await tab.key('Tab', 'Tab');
    assert.strictEqual(await tab.value('document.activeElement.id'), 'start');
    await tab.key('Enter', 'Enter', '\r');
    await until('frames', async () => Number(await tab.text('heard')) > 0);
    await tab.key('Tab', 'Tab');
    assert.strictEqual(await tab.value('document.activeElement.id'), 'stop');
    await tab.key('Enter', 'Enter', '\r');
    assert.match(await tab.text('status'), /^Stopped/);
    const unlabelled = await tab.value(`[...document.querySelectorAll('input, select')]
      .filter((control) => !control.labels.length).map((control) => control.id)`);
    assert.deepStrictEqual(unlabelled, []);
  },

  async 'a phone is wide enough'(browser) {
    for (const file of ['page.html', 'report.html']) {
      const tab = await browser.open(url(file), PHONE);
      await until('loaded', async () => (await tab.value('document.readyState')) === 'complete');
      const width = await tab.value('document.documentElement.scrollWidth');
      assert.ok(width <= PHONE.width, `${file} is ${width} wide`);
    }
  },

  async 'on a phone no choice is cut, and the numbers of the axes are as large as elsewhere'(browser) {
    const page = await browser.open(url('page.html'), PHONE);
    await until('ready', async () => (await page.text('status')) === 'Ready.');
    const cut = await page.value(`[...document.querySelectorAll('select')].filter((select) => {
      const context = document.createElement('canvas').getContext('2d');
      context.font = getComputedStyle(select).font;
      return context.measureText(select.selectedOptions[0].text).width + 24 > select.clientWidth;
    }).map(({ id }) => id)`); // 24: the arrow
    assert.deepStrictEqual(cut, []);
    const report = await browser.open(url('report.html'), PHONE);
    await until('the end', async () => (await report.text('status')) === 'Ended: epochs.');
    const heights = await report.value(
      `[...document.querySelectorAll('svg text')].map((text) => text.getBoundingClientRect().height)`);
    assert.ok(heights.length && Math.min(...heights) >= 12, `heights ${heights}`);
  },

  async 'pictures follow the size of the window, also where nothing plays'(browser) {
    for (const [file, size] of [['page.html', `document.getElementById('roll').width`],
      ['report.html', `document.querySelector('svg .grid').x2.baseVal.value`]]) {
      const tab = await browser.open(url(file));
      await until('ready', async () => /^(Ready|Ended)/.test(await tab.text('status')));
      await tab.send('Emulation.setDeviceMetricsOverride', { ...PHONE, deviceScaleFactor: 1, mobile: true });
      await until(`${file}: a smaller picture`, async () => (await tab.value(size)) < PHONE.width, 5);
    }
  },

  async 'a curve of one value has that on its axis'(browser) {
    const tab = await browser.open(url('report.html'));
    await until('the end', async () => (await tab.text('status')) === 'Ended: epochs.');
    assert.strictEqual(
      await tab.value(`document.querySelectorAll('figure')[1].querySelector('.value').textContent`), '-7.75');
  },

  async 'the report shows its curves, and values where one points'(browser) {
    const tab = await browser.open(url('report.html'));
    await until('the end', async () => (await tab.text('status')) === 'Ended: epochs.');
    assert.strictEqual(await tab.value(`document.querySelectorAll('polyline').length`), 6);
    assert.strictEqual(await tab.value(`document.querySelector('[data-name=train_cost]').textContent`), '8.5');
    const box = await tab.value(`(() => { const { left, top } = document.querySelector('figure svg')
      .getBoundingClientRect(); return { left, top }; })()`);
    await tab.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x: box.left + 60, y: box.top + 20 });
    assert.strictEqual(await tab.value(`document.querySelector('[data-name=train_cost]').textContent`), '9.25');
    assert.deepStrictEqual(tab.errors, []);
  },

  async 'the report is live while training goes on'(browser) {
    const songs = path.join(web, '../../../data/midi');
    const training = spawn(rollsmith, ['train', songs, '-o', 'live.model', '-p', 'quick', '--page', '0'],
      { cwd: folder });
    let said = '';
    training.stderr.on('data', (text) => { said += text; });
    const address = /http:\/\/127\.0\.0\.1:\d+\//;
    await until('an address', () => address.test(said));
    const tab = await browser.open(said.match(address)[0]);
    await until('three epochs', async () => (await tab.value('report.epochs.length')) >= 3);
    assert.match(await tab.text('songs'), /^\d+ songs/);
    const ended = new Promise((resolve) => training.on('exit', resolve));
    training.kill('SIGINT');
    await ended;
    await until('the end', async () => (await tab.text('status')) === 'Ended: signal.');
    assert.deepStrictEqual(tab.errors, []);
  },

  async 'axe-core finds nothing'(browser) {
    if (!process.env.RS_AXE) {
      console.log('skipped: RS_AXE does not name axe.min.js, of the npm package axe-core');
      return;
    }
    const axe = fs.readFileSync(process.env.RS_AXE, 'utf8');
    for (const file of ['page.html', 'report.html']) {
      for (const scheme of ['light', 'dark']) {
        const tab = await browser.open(url(file));
        await tab.send('Emulation.setEmulatedMedia',
          { features: [{ name: 'prefers-color-scheme', value: scheme }] });
        await until('ready', async () => /^(Ready|Ended)/.test(await tab.text('status')));
        await tab.value(`${axe}; 0`);
        const found = await tab.value(
          'axe.run().then(({ violations }) => violations.map(({ id, help }) => `${id}: ${help}`))');
        assert.deepStrictEqual(found, [], `${file}, ${scheme}`);
      }
    }
  },
};

const LOG = [
  { event: 'start', settings: {}, songs: 3, frames: 640, parameters: 12345, seed: 42 },
  { event: 'epoch', epoch: 1, seconds: 0.5, frames_per_second: 1280, learning_rate: 0.001, gradient_norm: 2.5,
    train_cost: 9.25, valid_ll: null, free_run: null, best: false },
  { event: 'epoch', epoch: 2, seconds: 1, frames_per_second: 1280, learning_rate: 0.001, gradient_norm: 2.5,
    train_cost: 8.5, valid_ll: -7.75, free_run: 0.5, best: true },
  { event: 'end', reason: 'epochs', seconds: 1, frames: 1280 },
];

async function main() {
  fs.writeFileSync(path.join(folder, 'log.jsonl'), LOG.map((line) => `${JSON.stringify(line)}\n`).join(''));
  rollsmithRuns('page', 'random.model', '-o', 'page.html', '-q');
  rollsmithRuns('page', 'log.jsonl', '-o', 'report.html', '-q');
  const browser = new Browser(folder);
  let failed = 0;
  for (const [name, test] of Object.entries(CASES)) {
    try {
      await test(browser);
      console.log(`ok: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${name}\n${error.stack}`);
    }
  }
  browser.close();
  process.exitCode = failed ? 1 : 0;
}

main();
