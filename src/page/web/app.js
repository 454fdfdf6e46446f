/* SPDX-License-Identifier: ISC */

'use strict';

/* The page: its controls, and what they do. */

const SYNTHESIZER = 'synthesizer';
const NO_SOUND = 'none';

const byId = (id) => document.getElementById(id);

/** A random seed of 32 bits, not 0. */
function newSeed() {
  return 1 + Math.floor(Math.random() * 0xfffffffe);
}

class App {
  constructor(engine, name) {
    this.engine = engine;
    this.name = name;
    const { low, high } = engine.settings.roll;
    this.roll = new PianoRoll(byId('roll'), low, high);
    this.midi = null; // what Web MIDI gives access to
    this.transport = null;
    this.fillControls();
    this.listen();
    this.tellCapabilities();
    this.roll.draw(0);
    new ResizeObserver(() => this.roll.redraw()).observe(byId('roll'));
    byId('start').disabled = false;
    this.say('Ready.');
  }

  /* ---- Controls ---- */

  fillControls() {
    const { engine } = this;
    byId('seed').value = newSeed();
    byId('tempo').value = Math.round(engine.bpm);
    byId('temperature').value = engine.temperature;
    const usual = `${engine.training.meter_beats}/${engine.training.meter_unit}`;
    const meters = engine.meters.map(([beats, unit]) => `${beats}/${unit}`);
    byId('meter').append(new Option(`usual (${usual})`, ''),
      ...meters.map((meter) => new Option(meter, meter)));
    byId('meter').disabled = meters.length === 0;
    this.fillInstruments();
    this.showValues();
  }

  fillInstruments() {
    const select = byId('instrument');
    const before = select.value;
    const options = [];
    if (Synth.available) {
      options.push(new Option('synthesizer of the page', SYNTHESIZER));
    }
    if (this.midi) {
      for (const output of this.midi.outputs.values()) {
        options.push(new Option(`MIDI: ${output.name}`, output.id));
      }
    }
    options.push(new Option('no sound', NO_SOUND));
    select.replaceChildren(...options);
    if (options.some(({ value }) => value === before)) {
      select.value = before;
    }
  }

  showValues() {
    byId('tempo-value').textContent = `${byId('tempo').value} a minute`;
    byId('temperature-value').textContent = Number(byId('temperature').value).toFixed(2);
  }

  listen() {
    const on = (id, event, call) => byId(id).addEventListener(event, call);
    on('start', 'click', () => this.start());
    on('stop', 'click', () => this.stop());
    on('new-seed', 'click', () => {
      byId('seed').value = newSeed();
      this.restart();
    });
    on('seed', 'change', () => this.restart());
    on('meter', 'change', () => this.restart());
    on('instrument', 'change', () => this.restart());
    on('tempo', 'input', () => this.setTempo());
    on('temperature', 'input', () => this.setTemperature());
    on('volume', 'input', () => this.setVolume());
    on('midi', 'click', () => this.openMidi());
    on('download', 'click', () => this.download());
  }

  /** What the browser lacks is said. */
  tellCapabilities() {
    const missing = [];
    if (!Synth.available) {
      missing.push('This browser has no Web Audio: there is no synthesizer.');
    }
    if (!navigator.requestMIDIAccess) {
      missing.push('This browser has no Web MIDI: MIDI instruments cannot be used.');
      byId('midi').disabled = true;
    }
    if (missing.length) {
      missing.push('The piano roll and the download work nevertheless.');
    }
    byId('missing').textContent = missing.join(' ');
  }

  say(text) {
    byId('status').textContent = text;
  }

  /* ---- Playing ---- */

  seed() {
    const text = byId('seed').value.trim();
    const good = /^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n;
    byId('seed').setAttribute('aria-invalid', String(!good));
    return good ? BigInt(text) : null;
  }

  song() {
    const meter = byId('meter').value;
    return {
      seed: this.seed(),
      meter: meter ? meter.split('/').map(Number) : null,
      temperature: Number(byId('temperature').value),
      bpm: Number(byId('tempo').value),
    };
  }

  instrument() {
    const choice = byId('instrument').value;
    const output = this.midi && this.midi.outputs.get(choice);
    const { channel, program } = this.engine.settings.generate;
    if (output) {
      return new MidiOut(output, channel, program);
    }
    return choice === SYNTHESIZER ? new Synth() : new NoSound();
  }

  start() {
    const song = this.song();
    if (song.seed === null) {
      this.say('The seed must be a whole number from 0 to 9223372036854775807.');
      byId('seed').focus();
      return;
    }
    this.stop();
    this.played = song;
    this.roll.clear();
    const instrument = this.instrument();
    this.transport = new Transport({
      engine: this.engine,
      instrument,
      onFrame: (frame) => this.roll.add(frame, this.engine.barFrames),
      onLate: () => this.say('Frames came late: this machine is busy, or too slow for this tempo.'),
    });
    instrument.resume();
    this.setVolume();
    try {
      this.transport.start(song);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.showRunning(true);
    this.say(`Playing seed ${song.seed}.`);
    this.animate();
  }

  fail(error) {
    this.stop();
    this.say(`Stopped: ${error.message}`);
  }

  animate() {
    const { transport } = this;
    if (transport && transport.running) {
      const { now } = transport.instrument;
      this.roll.draw(now);
      this.showSounding(now);
      this.picture = requestAnimationFrame(() => this.animate());
    }
  }

  showSounding(now) {
    const names = this.roll.sounding(now).map(noteName).join(' ');
    if (byId('sounding').textContent !== names) {
      byId('sounding').textContent = names;
    }
    byId('heard').textContent = String(this.transport.heard());
  }

  stop() {
    if (this.transport && this.transport.running) {
      this.transport.stop();
      cancelAnimationFrame(this.picture);
      byId('sounding').textContent = '';
      this.roll.draw(this.transport.stoppedAt, false);
      this.showRunning(false);
      this.say(`Stopped after ${this.transport.heard()} frames.`);
    }
  }

  /** Seed, meter and instrument are those of a song: one that plays begins again. */
  restart() {
    if (this.transport && this.transport.running) {
      this.start();
    }
  }

  showRunning(running) {
    byId('start').textContent = running ? 'Restart' : 'Start';
    byId('stop').disabled = !running;
    byId('download').disabled = false;
  }

  setTempo() {
    this.showValues();
    if (this.transport && this.transport.running) {
      this.transport.setTempo(Number(byId('tempo').value));
    }
  }

  setTemperature() {
    this.showValues();
    if (this.transport && this.transport.running) {
      this.engine.setTemperature(Number(byId('temperature').value));
    }
  }

  setVolume() {
    if (this.transport) {
      this.transport.instrument.setVolume(Number(byId('volume').value));
    }
  }

  /* ---- MIDI ---- */

  async openMidi() {
    try {
      this.midi = await navigator.requestMIDIAccess();
      this.midi.onstatechange = () => this.fillInstruments();
      this.fillInstruments();
      const { size } = this.midi.outputs;
      this.say(size ? `${size} MIDI output${size === 1 ? '' : 's'} found; choose one as instrument.`
        : 'There is no MIDI output.');
    } catch (error) {
      this.say(`The browser does not give access to MIDI: ${error.message}`);
    }
  }

  download() {
    const frames = this.transport.heard();
    if (!frames) {
      this.say('Nothing was heard yet.');
      return;
    }
    const bytes = this.engine.midi(frames, `${this.name}, seed ${this.played.seed}`);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: 'audio/midi' }));
    link.download = `${this.name.replace(/\.[^.]*$/, '')}-${this.played.seed}.mid`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    this.say(`${link.download}: ${frames} frames.`);
  }
}

async function main() {
  try {
    const text = (id) => byId(id).textContent.trim();
    const engine = await Engine.load(decodeBase64(text('module')), decodeBase64(text('model')));
    byId('module').remove();
    byId('model').remove();
    window.app = new App(engine, document.title);
  } catch (error) {
    byId('status').textContent = `The page cannot play: ${error.message}`;
  }
}

main();
