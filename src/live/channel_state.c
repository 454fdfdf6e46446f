/* SPDX-License-Identifier: ISC */

#include "live/channel_state.h"

/* The value that a message sets, or NULL */
static RsChannelValue *value_of(RsChannelState *channels, const uint8_t *bytes) {
  const int channel = rs_midi_channel(bytes[0]);
  switch (rs_midi_kind(bytes[0])) {
  case RS_MIDI_CONTROL:
    return bytes[1] < RS_CONTROL_ALL_SOUND_OFF ? &channels->of[channel].controllers[bytes[1]]
                                               : NULL;
  case RS_MIDI_PROGRAM:
    return &channels->of[channel].program;
  case RS_MIDI_CHANNEL_PRESSURE:
    return &channels->of[channel].pressure;
  case RS_MIDI_PITCH_BEND:
    return &channels->of[channel].bend;
  }
  return NULL;
}

void rs_channel_state_update(RsChannelState *channels, const RsMessage *messages, size_t count,
                             bool delivered) {
  for (size_t i = 0; i < count; ++i) {
    RsChannelValue *value = value_of(channels, messages[i].bytes);
    if (value) {
      *value = (RsChannelValue){true, !delivered, messages[i].bytes[1], messages[i].bytes[2]};
    }
  }
}

static void miss(RsChannelValue *value) {
  value->missed = value->known;
}

void rs_channel_state_invalidate(RsChannelState *channels) {
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    for (int i = 0; i < RS_CONTROLLERS; ++i) {
      miss(&channels->of[channel].controllers[i]);
    }
    miss(&channels->of[channel].program);
    miss(&channels->of[channel].pressure);
    miss(&channels->of[channel].bend);
  }
}

static size_t restore(RsChannelValue *value, int kind, int channel, RsMessage *message) {
  if (!value->missed) {
    return 0;
  }
  value->missed = false;
  *message = (RsMessage){(uint8_t)(1 + rs_midi_data_size((uint8_t)kind)),
                         {(uint8_t)(kind | channel), value->low, value->high}};
  return 1;
}

size_t rs_channel_state_restore(RsChannelState *channels, int channel, RsMessage *messages) {
  RsChannelValue *controllers = channels->of[channel].controllers;
  static const int last[] = {RS_CONTROL_DATA, RS_CONTROL_DATA_LOW};
  size_t count = restore(&controllers[RS_CONTROL_BANK], RS_MIDI_CONTROL, channel, messages);
  count += restore(&controllers[RS_CONTROL_BANK_LOW], RS_MIDI_CONTROL, channel, messages + count);
  count += restore(&channels->of[channel].program, RS_MIDI_PROGRAM, channel, messages + count);
  for (int i = RS_CONTROL_RPN_HIGH; i >= RS_CONTROL_NRPN_LOW; --i) {
    count += restore(&controllers[i], RS_MIDI_CONTROL, channel, messages + count);
  }
  for (int i = 0; i < 2; ++i) {
    count += restore(&controllers[last[i]], RS_MIDI_CONTROL, channel, messages + count);
  }
  for (int i = 0; i < RS_CONTROL_ALL_SOUND_OFF; ++i) {
    count += restore(&controllers[i], RS_MIDI_CONTROL, channel, messages + count);
  }
  count +=
      restore(&channels->of[channel].pressure, RS_MIDI_CHANNEL_PRESSURE, channel, messages + count);
  return count +
         restore(&channels->of[channel].bend, RS_MIDI_PITCH_BEND, channel, messages + count);
}
