/* SPDX-License-Identifier: ISC */

'use strict';

/* The report of a training: curves of its log, live while it goes on. */

const QUANTITIES = [
  { name: 'train_cost', title: 'Cost of training' },
  { name: 'valid_ll', title: 'Log-likelihood of the validation songs, nats a frame' },
  { name: 'free_run', title: 'Likeness of free runs to the songs, 1 is best' },
  { name: 'learning_rate', title: 'Learning rate' },
  { name: 'gradient_norm', title: 'Norm of the gradient' },
  { name: 'frames_per_second', title: 'Frames a second' },
];

const byId = (id) => document.getElementById(id);

class Report {
  constructor() {
    this.epochs = [];
    this.follow = true; // the last epoch is shown as it comes
    this.curves = QUANTITIES.map((quantity) =>
      new Curve({ ...quantity, onPoint: (epoch) => this.point(epoch) }));
    byId('curves').append(...this.curves.map((curve) => curve.element));
    new ResizeObserver(() => this.draw()).observe(byId('curves'));
    this.cells = new Map(['epoch', 'seconds', ...QUANTITIES.map(({ name }) => name)]
      .map((name) => [name, byId('values').querySelector(`[data-name="${name}"]`)]));
    byId('epoch').addEventListener('input', () => {
      this.follow = byId('epoch').value === byId('epoch').max;
      this.show();
    });
  }

  /** A line of the log. */
  add(line) {
    if (line.event === 'start') {
      byId('songs').textContent = `${line.songs} songs, ${line.frames} frames; ` +
        `${line.parameters} parameters; seed ${line.seed}.`;
    } else if (line.event === 'epoch') {
      this.epochs.push(line);
    }
    this.ended = line.event === 'end' ? line.reason : '';
  }

  draw() {
    const { epochs } = this;
    const slider = byId('epoch');
    slider.max = Math.max(0, epochs.length - 1);
    slider.disabled = epochs.length === 0;
    if (this.follow) {
      slider.value = slider.max;
    }
    const width = byId('curves').clientWidth;
    this.curves.forEach((curve) => curve.draw(epochs, width));
    const best = epochs.filter((epoch) => epoch.best).pop();
    byId('best').textContent = best ? `The best state is that of epoch ${best.epoch}.` : '';
    this.show();
  }

  /** Show the epoch of the slider. */
  show() {
    const epoch = this.epochs[Number(byId('epoch').value)];
    if (!epoch) {
      return;
    }
    this.cells.forEach((cell, name) => {
      cell.textContent = epoch[name] === null || epoch[name] === undefined ? 'none'
        : shortNumber(epoch[name]);
    });
    byId('epoch').setAttribute('aria-valuetext', `epoch ${epoch.epoch}`);
    this.curves.forEach((curve) => curve.mark(epoch.epoch));
  }

  /** Something points at an epoch. */
  point(number) {
    this.follow = false;
    byId('epoch').value = this.epochs.findIndex((epoch) => epoch.epoch === number);
    this.show();
  }
}

function say(text) {
  byId('status').textContent = text;
}

/** The log that is in the page. */
function showLog(report, text) {
  text.split('\n').filter(Boolean).forEach((line) => report.add(JSON.parse(line)));
  report.draw();
  say(report.ended ? `Ended: ${report.ended}.` : 'The log has no end: training went on, or was cut off.');
}

/** The log of a training that goes on, line by line, from its start at each connection. */
function follow(report, path) {
  const source = new EventSource(path);
  let pending = false;
  const drawSoon = () => {
    if (!pending) {
      pending = true;
      requestAnimationFrame(() => {
        pending = false;
        report.draw();
      });
    }
  };
  source.onopen = () => {
    report.epochs = [];
    say('Training goes on.');
  };
  source.onmessage = (event) => {
    report.add(JSON.parse(event.data));
    drawSoon();
    if (report.ended) {
      source.close();
      say(`Ended: ${report.ended}.`);
    }
  };
  source.onerror = () => say('The connection to the training is lost.');
}

const report = new Report();
const livePath = document.body.dataset.live;
if (livePath) {
  follow(report, livePath);
} else {
  showLog(report, byId('log').textContent.trim());
}
