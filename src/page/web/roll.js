/* SPDX-License-Identifier: ISC */

'use strict';

/* The piano roll: notes scroll from right to left; the line stands where the music is. */

const SECONDS_SHOWN = 8;
const LINE_AT = 0.75; // share of the width that has been heard

const NOTE_NAMES = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'];

function noteName(note) {
  return NOTE_NAMES[note % 12] + (Math.floor(note / 12) - 1);
}

class PianoRoll {
  /** @param low, high  Range of the model. */
  constructor(canvas, low, high) {
    Object.assign(this, { canvas, low, high });
    this.clear();
  }

  clear() {
    this.notes = []; // {note, velocity, from, to}; to is undefined while it sounds
    this.bars = []; // times at which bars begin
    this.open = new Map();
  }

  add({ number, time, seconds, events }, barFrames) {
    for (const { on, note, velocity } of events) {
      if (on) {
        const bar = { note, velocity, from: time, to: undefined };
        this.notes.push(bar);
        this.open.set(note, bar);
      } else if (this.open.has(note)) {
        this.open.get(note).to = time;
        this.open.delete(note);
      }
    }
    if (barFrames && number === Math.round(Math.round(number / barFrames) * barFrames)) {
      this.bars.push(time);
    }
    this.end = time + seconds;
  }

  /** The notes that sound at a time, from below. */
  sounding(time) {
    return this.notes
      .filter(({ from, to }) => from <= time && (to === undefined || to > time))
      .map(({ note }) => note)
      .sort((a, b) => a - b);
  }

  /** Forget what has left the picture. */
  forget(before) {
    this.notes = this.notes.filter(({ to }) => to === undefined || to > before);
    this.bars = this.bars.filter((time) => time > before);
  }

  /** The same picture again, after the canvas has changed its size. */
  redraw() {
    if (this.drawn) {
      this.draw(...this.drawn);
    }
  }

  /** @param playing  Whether what stands at the line sounds. */
  draw(now, playing = true) {
    const { canvas, low, high } = this;
    this.drawn = [now, playing];
    const context = canvas.getContext('2d');
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const perSecond = width / SECONDS_SHOWN;
    const rowHeight = height / (high - low + 1);
    const x = (time) => LINE_AT * width + (time - now) * perSecond;
    const y = (note) => (high - note) * rowHeight;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    this.drawGrid(context, { width, height, rowHeight, x, y });
    for (const { note, velocity, from, to } of this.notes) {
      const end = to === undefined ? Math.max(this.end, from) : to;
      const sounds = playing && from <= now && now < end;
      context.fillStyle = sounds ? '#ffd166' : `hsl(200 80% ${40 + velocity / 4}%)`;
      context.fillRect(x(from), y(note), Math.max(2, x(end) - x(from) - 1), Math.max(2, rowHeight - 1));
    }
    context.fillStyle = '#ffffff';
    context.fillRect(x(now), 0, 1.5, height);
    this.drawNames(context, { height, rowHeight, y });
    this.forget(now - SECONDS_SHOWN);
  }

  drawGrid(context, { width, height, rowHeight, x, y }) {
    context.fillStyle = '#10151c';
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#18202b';
    for (let note = this.low; note <= this.high; ++note) {
      if ([1, 3, 6, 8, 10].includes(note % 12)) {
        context.fillRect(0, y(note), width, rowHeight);
      }
    }
    context.fillStyle = '#3c4a5c';
    this.bars.forEach((time) => context.fillRect(x(time), 0, 1, height));
  }

  /** Names of the octaves, above the notes. */
  drawNames(context, { height, rowHeight, y }) {
    const size = 11;
    context.font = `${size}px sans-serif`;
    context.textBaseline = 'middle';
    for (let note = Math.ceil(this.low / 12) * 12; note <= this.high; note += 12) {
      const name = noteName(note);
      const middle = Math.min(Math.max(y(note) + rowHeight / 2, size / 2 + 1), height - size / 2 - 1);
      context.fillStyle = '#10151ccc';
      context.fillRect(0, middle - size / 2 - 1, context.measureText(name).width + 6, size + 2);
      context.fillStyle = '#c3cfdd';
      context.fillText(name, 3, middle);
    }
  }
}
