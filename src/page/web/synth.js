/* SPDX-License-Identifier: ISC */

'use strict';

/* Sound: a small synthesizer by Web Audio, and instruments by Web MIDI. Both have noteOn, noteOff and
   silence, and times in seconds of their own clock. */

const ATTACK = 0.008; // seconds
const RELEASE = 0.18;

function frequencyOf(note) {
  return 440 * 2 ** ((note - 69) / 12);
}

/** A polyphonic synthesizer: two oscillators and an envelope a note. */
class Synth {
  /** Whether there is Web Audio. */
  static get available() {
    return typeof AudioContext === 'function';
  }

  constructor() {
    this.context = new AudioContext();
    this.master = this.context.createGain();
    const limiter = this.context.createDynamicsCompressor();
    this.master.connect(limiter).connect(this.context.destination);
    this.sounding = new Map(); // note: voice
    this.setVolume(0.7);
  }

  get now() {
    return this.context.currentTime;
  }

  setVolume(volume) {
    this.master.gain.value = 0.35 * volume;
  }

  resume() {
    return this.context.resume();
  }

  noteOn(note, velocity, time) {
    const gain = this.context.createGain();
    const filter = this.context.createBiquadFilter();
    const level = (velocity / 127) ** 1.5;
    const oscillators = [['triangle', 0], ['sine', 12]].map(([type, above]) => {
      const oscillator = this.context.createOscillator();
      oscillator.type = type;
      oscillator.frequency.value = frequencyOf(note + above);
      oscillator.connect(filter);
      oscillator.start(time);
      return oscillator;
    });
    filter.frequency.value = Math.min(12000, frequencyOf(note) * (2 + 6 * level));
    filter.connect(gain).connect(this.master);
    gain.gain.setValueAtTime(0, time);
    gain.gain.linearRampToValueAtTime(level, time + ATTACK);
    gain.gain.setTargetAtTime(0.4 * level, time + ATTACK, 0.6);
    oscillators[0].onended = () => gain.disconnect();
    this.sounding.set(note, { gain, oscillators });
  }

  noteOff(note, time) {
    const voice = this.sounding.get(note);
    if (voice) {
      voice.gain.gain.cancelScheduledValues(time);
      voice.gain.gain.setTargetAtTime(0, time, RELEASE / 4);
      voice.oscillators.forEach((oscillator) => oscillator.stop(time + RELEASE));
      this.sounding.delete(note);
    }
  }

  /** End all notes, also those that are still to come, and free the sound device. */
  silence() {
    this.sounding.clear();
    this.context.close();
  }
}

/** An instrument at a MIDI port. */
class MidiOut {
  constructor(output, channel, program) {
    this.output = output;
    this.channel = channel - 1;
    this.sounding = new Set();
    this.last = 0; // the latest time that a message was sent for
    if (program >= 0) {
      this.output.send([0xc0 | this.channel, program]);
    }
  }

  get now() {
    return performance.now() / 1000;
  }

  setVolume() {} // that of the instrument

  resume() {
    return Promise.resolve();
  }

  noteOn(note, velocity, time) {
    this.sounding.add(note);
    this.send([0x90 | this.channel, note, velocity], time);
  }

  noteOff(note, time) {
    this.sounding.delete(note);
    this.send([0x80 | this.channel, note, 0], time);
  }

  send(bytes, time) {
    this.last = Math.max(this.last, time);
    this.output.send(bytes, time * 1000);
  }

  /** End all notes, also those that messages sent ahead begin. */
  silence() {
    if (this.output.clear) {
      this.output.clear();
    }
    const after = Math.max(this.now, this.last) + 0.005;
    this.sounding.forEach((note) => this.send([0x80 | this.channel, note, 0], after));
    this.send([0xb0 | this.channel, 123, 0], after); // all notes off
    this.sounding.clear();
  }
}

/** No sound at all: the piano roll alone. */
class NoSound {
  get now() {
    return performance.now() / 1000;
  }

  setVolume() {}

  resume() {
    return Promise.resolve();
  }

  noteOn() {}

  noteOff() {}

  silence() {}
}
