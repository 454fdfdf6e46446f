/* SPDX-License-Identifier: ISC */

'use strict';

/* Time: frames are made a little before they sound, and sent on with the time at which they are due. The first
   frame of a bar takes longest, since it is chosen among candidates for the whole bar. */

const AHEAD = 0.2; // seconds between a frame's making and its time, at least
const AHEAD_FACTOR = 1.5; // seconds more for each second that a frame takes
const FORGET = 0.99; // share of the longest time of a frame that is left after another frame
const AHEAD_HIDDEN = 2.5; // timers of a page that is not shown run once a second
const TICK = 25; // milliseconds

/** Plays the frames of an engine by an instrument. */
class Transport {
  /**
   * @param engine      Where frames come from.
   * @param instrument  What sounds them.
   * @param onFrame     Called with each frame as it is made: {number, time, seconds, events}.
   * @param onLate      Called where frames are made too slowly.
   */
  constructor({ engine, instrument, onFrame, onLate }) {
    Object.assign(this, { engine, instrument, onFrame, onLate });
    this.frame = 0; // the next one's number
    this.running = false;
    this.times = []; // of the frames made, for heard()
    this.longest = 0; // seconds that a frame of late took
  }

  /** Begin a song. @param song  As for Engine.start(). */
  start(song) {
    this.bpm = song.bpm;
    this.engine.start(song);
    this.running = true;
    this.nextTime = this.instrument.now + 0.1;
    this.visibility = new AbortController();
    document.addEventListener('visibilitychange', () => this.tick(),
      { signal: this.visibility.signal });
    this.timer = setInterval(() => this.tick(), TICK);
    this.tick();
  }

  /** Seconds between a frame's making and its time. */
  ahead() {
    const needed = AHEAD + AHEAD_FACTOR * this.longest;
    return document.hidden ? AHEAD_HIDDEN : Math.min(needed, AHEAD_HIDDEN);
  }

  /** Make and send the frames that are due soon. */
  tick() {
    while (this.running && this.nextTime < this.instrument.now + this.ahead()) {
      this.play();
    }
  }

  /** The events of the next frame. */
  make() {
    const before = performance.now();
    const events = this.engine.next();
    this.longest = Math.max(FORGET * this.longest, (performance.now() - before) / 1000);
    return events;
  }

  play() {
    const events = this.make();
    if (this.nextTime < this.instrument.now) {
      this.onLate();
      this.nextTime = this.instrument.now + 0.05;
    }
    const time = this.nextTime;
    const seconds = this.engine.frameSeconds(this.bpm);
    for (const { on, note, velocity } of events) {
      if (on) {
        this.instrument.noteOn(note, velocity, time);
      } else {
        this.instrument.noteOff(note, time);
      }
    }
    this.times.push(time);
    this.onFrame({ number: this.frame, time, seconds, events });
    this.frame += 1;
    this.nextTime = time + seconds;
  }

  setTempo(bpm) {
    this.bpm = bpm;
    this.engine.setTempo(this.frame, bpm);
  }

  /** Number of frames that have begun to sound. */
  heard() {
    const now = this.running ? this.instrument.now : this.stoppedAt;
    let count = this.times.length;
    while (count && this.times[count - 1] > now) {
      count -= 1;
    }
    return count;
  }

  stop() {
    if (!this.running) {
      return;
    }
    this.stoppedAt = this.instrument.now;
    this.running = false;
    clearInterval(this.timer);
    this.visibility.abort();
    this.instrument.silence();
  }
}
