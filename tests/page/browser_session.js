/* SPDX-License-Identifier: ISC */

'use strict';

/* A headless Chromium, by the DevTools protocol over a pipe. */

const { spawn } = require('child_process');
const path = require('path');

/** Resolves when the test holds; rejects after a while. A test that throws does not hold yet: a page that is
    being loaded lacks its names. */
async function until(what, test, seconds = 60) {
  const end = Date.now() + 1000 * seconds;
  let thrown = null;
  const holds = async () => {
    try {
      thrown = null;
      return await test();
    } catch (error) {
      thrown = error;
      return false;
    }
  };
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error(`not within ${seconds} s: ${what}${thrown ? `, ${thrown.message}` : ''}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

class Browser {
  constructor(folder) {
    this.child = spawn('chromium', [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--no-first-run',
      '--mute-audio', `--user-data-dir=${path.join(folder, 'profile')}`, 'about:blank',
    ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.waiting = new Map();
    this.listeners = [];
    this.number = 0;
    let text = '';
    this.child.stdio[4].on('data', (data) => {
      const parts = (text + data).split('\0');
      text = parts.pop();
      parts.forEach((part) => this.receive(JSON.parse(part)));
    });
  }

  receive(message) {
    const waiting = this.waiting.get(message.id);
    if (!waiting) {
      this.listeners.forEach((listener) => listener(message));
    } else if (message.error) {
      waiting.reject(new Error(message.error.message));
    } else {
      waiting.resolve(message.result);
    }
    this.waiting.delete(message.id);
  }

  send(method, params = {}, sessionId = undefined) {
    this.number += 1;
    const id = this.number;
    this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  /** A tab. @param script  Run in it before the page's own. */
  async open(url, { script = '', width = 1000, height = 800 } = {}) {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this, sessionId);
    await tab.send('Runtime.enable');
    await tab.send('Log.enable');
    await tab.send('Page.enable');
    await tab.send('Emulation.setDeviceMetricsOverride',
      { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    await tab.send('Page.addScriptToEvaluateOnNewDocument', { source: script });
    await tab.send('Page.navigate', { url });
    return tab;
  }

  close() {
    this.child.kill();
  }
}

class Tab {
  constructor(browser, sessionId) {
    Object.assign(this, { browser, sessionId });
    this.errors = [];
    browser.listeners.push((message) => this.hear(message));
  }

  hear({ method, params, sessionId }) {
    if (sessionId !== this.sessionId) {
      return;
    }
    if (method === 'Runtime.exceptionThrown') {
      const { exception, text } = params.exceptionDetails;
      this.errors.push((exception && exception.description) || text);
    } else if (method === 'Runtime.consoleAPICalled' && params.type === 'error') {
      this.errors.push(params.args.map((arg) => arg.value).join(' '));
    } else if (method === 'Log.entryAdded' && params.entry.level === 'error') {
      this.errors.push(params.entry.text);
    }
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  /** The value of an expression, as after a click of the user. */
  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) {
      throw new Error(`${expression}: ${exceptionDetails.exception.description}`);
    }
    return result.value;
  }

  click(id) {
    return this.value(`document.getElementById('${id}').click()`);
  }

  text(id) {
    return this.value(`(document.getElementById('${id}') || {}).textContent || ''`);
  }

  async key(key, code, text) {
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code, text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code });
  }
}

module.exports = { Browser, until };
