/* SPDX-License-Identifier: ISC */

'use strict';

/* The library, compiled to WebAssembly: a model file goes in, frames and MIDI files come out. */

/** The header of a model file: {strings, tensors}, each tensor {name, type, shape, data}. */
function readModelFile(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, headerEnd)));
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => ({
      name,
      type: entry.dtype,
      shape: entry.shape,
      data: bytes.subarray(headerEnd + entry.data_offsets[0], headerEnd + entry.data_offsets[1]),
    }));
  return { strings: header.__metadata__, tensors };
}

/** Bytes of a text in base64. */
function decodeBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) {
    bytes[i] = binary.charCodeAt(i);
  }
  return bytes;
}

/** The bytes that gzip has compressed. */
async function decompress(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

/** What the module asks of its surroundings: nothing, but the functions have to be there. */
function moduleImports(module) {
  const imports = {};
  for (const { module: space, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === 'function') {
      imports[space] = imports[space] || {};
      imports[space][name] = () => 0;
    }
  }
  return imports;
}

/** A player of one model; see player.h, whose functions are called by their names. */
class Engine {
  /** @param moduleBytes  player.wasm.gz. @param modelBytes  A model file. */
  static async load(moduleBytes, modelBytes) {
    const module = await WebAssembly.compile(await decompress(moduleBytes));
    const instance = await WebAssembly.instantiate(module, moduleImports(module));
    return new Engine(instance.exports, readModelFile(modelBytes));
  }

  constructor(exports, model) {
    this.exports = exports;
    if (exports._initialize) {
      exports._initialize();
    }
    this.player = exports.rs_page_player_new();
    this.settings = JSON.parse(model.strings.settings);
    this.meters = model.strings.meters ? JSON.parse(model.strings.meters) : [];
    this.training = JSON.parse(model.strings.training);
    this.give(model);
  }

  /* ---- Memory of the module ---- */

  bytesAt(place, length) {
    return new Uint8Array(this.exports.memory.buffer, place, length);
  }

  /** Copy bytes into the module for the time of a call. */
  withBytes(list, call) {
    const places = list.map((bytes) => {
      const place = this.exports.malloc(bytes.length + 1);
      if (!place) {
        throw new Error('the model does not fit into the memory of the page');
      }
      this.bytesAt(place, bytes.length).set(bytes);
      return place;
    });
    try {
      return call(...places);
    } finally {
      places.forEach((place) => this.exports.free(place));
    }
  }

  withTexts(texts, call) {
    const encoder = new TextEncoder();
    return this.withBytes(texts.map((text) => encoder.encode(text + '\0')), call);
  }

  /** Result of a function of the player; throws what it has to say where it failed. */
  check(result) {
    if (result < 0) {
      const place = this.exports.rs_page_player_message(this.player);
      const bytes = this.bytesAt(place, 512);
      throw new Error(new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0))));
    }
    return result;
  }

  /* ---- The model ---- */

  give({ strings, tensors }) {
    const { exports, player } = this;
    for (const [section, keys] of Object.entries(this.settings)) {
      for (const [name, value] of Object.entries(keys)) {
        this.withTexts([`${section}.${name}`, String(value)], (key, text) =>
          this.check(exports.rs_page_player_setting(player, key, text)));
      }
    }
    if (strings.version === '1') {
      exports.rs_page_player_version_1(player);
    }
    for (const [beats, unit, share] of this.meters) {
      this.check(exports.rs_page_player_meter(player, beats, unit, share));
    }
    const { bpm, meter_beats: beats, meter_unit: unit } = this.training;
    exports.rs_page_player_training(player, bpm, beats, unit);
    tensors.forEach((tensor) => this.giveTensor(tensor));
    this.check(exports.rs_page_player_model(player));
  }

  giveTensor({ name, type, shape, data }) {
    const sizes = new Uint8Array(new Uint32Array(shape).buffer);
    this.withTexts([name, type], (nameAt, typeAt) =>
      this.withBytes([sizes, data], (sizesAt, dataAt) =>
        this.check(this.exports.rs_page_player_tensor(
          this.player, nameAt, typeAt, shape.length, sizesAt, dataAt))));
  }

  /* ---- What the model is like ---- */

  /** Tempo that songs have unless another is asked for, quarter notes a minute. */
  get bpm() {
    return this.settings.generate.bpm || this.training.bpm || 120;
  }

  get temperature() {
    return this.settings.generate.temperature;
  }

  /** Seconds that a frame lasts at a tempo. */
  frameSeconds(bpm) {
    const { frame_ms: ms, frames_per_beat: frames } = this.settings.roll;
    return ms > 0 ? (ms / 1000) * (this.bpm / bpm) : 60 / bpm / frames;
  }

  /* ---- A song ---- */

  /** Begin a song. @param seed  BigInt. @param meter  [beats, unit]; null: the model's own. */
  start({ seed, meter, temperature, bpm }) {
    const [beats, unit] = meter || [0, 0];
    this.check(this.exports.rs_page_player_start(
      this.player, Number(seed & 0xffffffffn), Number(seed >> 32n), beats, unit, temperature, bpm));
  }

  /** The events of the next frame: [{on, note, velocity}, ...], those that end first. */
  next() {
    const count = this.check(this.exports.rs_page_player_next(this.player));
    const bytes = this.bytesAt(this.exports.rs_page_player_events(this.player), 3 * count);
    return Array.from({ length: count }, (_, i) => (
      { on: bytes[3 * i] === 1, note: bytes[3 * i + 1], velocity: bytes[3 * i + 2] }));
  }

  setTemperature(temperature) {
    this.exports.rs_page_player_set_temperature(this.player, temperature);
  }

  /** The tempo from a frame on. */
  setTempo(frame, bpm) {
    this.check(this.exports.rs_page_player_tempo(this.player, frame, bpm));
  }

  /** Frames of a bar; 0 where the song has no meter. */
  get barFrames() {
    return this.exports.rs_page_player_bar_frames(this.player);
  }

  /** The first frames of the song as a MIDI file. */
  midi(frames, name) {
    const size = this.withTexts([name], (text) =>
      this.check(this.exports.rs_page_player_midi(this.player, frames, text)));
    return this.bytesAt(this.exports.rs_page_player_midi_bytes(this.player), size).slice();
  }
}
