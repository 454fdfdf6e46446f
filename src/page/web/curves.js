/* SPDX-License-Identifier: ISC */

'use strict';

/* A curve over the epochs, as SVG. */

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 160;
const LEFT = 56; // room for the numbers of the axis
const BOTTOM = 20;

function svg(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

/** A number in four digits at most. */
function shortNumber(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'none';
}

/** Three or four round numbers within a range; its number where it has one alone. */
function ticks(low, high) {
  if (low === high) {
    return [low];
  }
  const rough = (high - low) / 3 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
    found.push(Number(tick.toPrecision(12)));
  }
  return found;
}

class Curve {
  /** @param name  Member of an epoch. @param onPoint  Called with the epoch that is pointed at. */
  constructor({ name, title, onPoint }) {
    this.name = name;
    this.element = document.createElement('figure');
    const caption = document.createElement('figcaption');
    caption.textContent = title;
    this.picture = svg('svg', { height: HEIGHT, role: 'img', 'aria-label': title });
    this.element.append(caption, this.picture);
    this.points = [];
    this.picture.addEventListener('pointermove', (event) => {
      if (this.points.length) {
        onPoint(this.nearest(event.clientX - this.picture.getBoundingClientRect().left).epoch);
      }
    });
  }

  nearest(at) {
    return this.points.reduce((best, point) =>
      (Math.abs(point.x - at) < Math.abs(best.x - at) ? point : best));
  }

  /** Draw the epochs that have a value, `width` pixels wide. */
  draw(epochs, width) {
    const known = epochs.filter((epoch) => Number.isFinite(epoch[this.name]));
    const values = known.map((epoch) => epoch[this.name]);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const first = epochs.length ? epochs[0].epoch : 0;
    const last = epochs.length ? epochs[epochs.length - 1].epoch : 1;
    const x = (epoch) => LEFT + ((epoch - first) / (last - first || 1)) * (width - LEFT - 8);
    const y = (value) => 8 + ((high - value) / (high - low || 1)) * (HEIGHT - BOTTOM - 16);
    this.points = known.map((epoch) => (
      { epoch: epoch.epoch, x: x(epoch.epoch), y: y(epoch[this.name]), best: epoch.best }));
    this.element.hidden = known.length === 0;
    this.picture.replaceChildren();
    ticks(low, high).forEach((tick) => this.picture.append(
      svg('line', { x1: LEFT, x2: width, y1: y(tick), y2: y(tick), class: 'grid' }),
      svg('text', { x: LEFT - 4, y: y(tick) + 4, class: 'value' }, shortNumber(tick))));
    ticks(first, last).filter(Number.isInteger).forEach((tick) => this.picture.append(
      svg('text', { x: x(tick), y: HEIGHT - 4, class: 'epoch' }, tick)));
    const path = this.points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ');
    this.picture.append(svg('polyline', { points: path, class: 'curve' }));
    this.marker = svg('g', { class: 'marker' });
    this.picture.append(this.marker);
  }

  /** Mark the last point up to an epoch. */
  mark(epoch) {
    const point = this.points.filter((candidate) => candidate.epoch <= epoch).pop();
    this.marker.replaceChildren();
    if (point) {
      this.marker.append(
        svg('line', { x1: point.x, x2: point.x, y1: 0, y2: HEIGHT - BOTTOM }),
        svg('circle', { cx: point.x, cy: point.y, r: 4 }));
    }
  }
}
