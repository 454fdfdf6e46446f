#include "live/channels.h"

enum {
  BANK = 0,
  DATA = 6,
  BANK_LOW = 32,
  DATA_LOW = 38,
  PARAMETER_FIRST = 98, // To 101: which parameter the data is of
  PARAMETER_LAST = 101,
  CHANNEL_MODE = 120, // From here on: what is done once, and is no value
  PRESSURE = 0xd0,
  BEND = 0xe0,
};

/// The value that a message sets, or NULL
static RsChannelValue *value_of(RsChannels *channels, const uint8_t *bytes) {
  const int channel = bytes[0] & 0x0f;
  switch (bytes[0] & 0xf0) {
  case RS_MIDI_CONTROL:
    return bytes[1] < CHANNEL_MODE ? &channels->of[channel].controllers[bytes[1]] : NULL;
  case RS_MIDI_PROGRAM:
    return &channels->of[channel].program;
  case PRESSURE:
    return &channels->of[channel].pressure;
  case BEND:
    return &channels->of[channel].bend;
  }
  return NULL;
}

void rs_channels_account(RsChannels *channels, const RsMessage *messages, size_t count,
                         bool arrived) {
  for (size_t i = 0; i < count; ++i) {
    RsChannelValue *value = value_of(channels, messages[i].bytes);
    if (value) {
      *value = (RsChannelValue){true, !arrived, messages[i].bytes[1], messages[i].bytes[2]};
    }
  }
}

static void miss(RsChannelValue *value) {
  value->missed = value->known;
}

void rs_channels_miss_all(RsChannels *channels) {
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
  const bool short_one = kind == RS_MIDI_PROGRAM || kind == PRESSURE;
  value->missed = false;
  *message = (RsMessage){short_one ? 2 : 3, {(uint8_t)(kind | channel), value->low, value->high}};
  return 1;
}

size_t rs_channels_restore(RsChannels *channels, int channel, RsMessage *messages) {
  RsChannelValue *controllers = channels->of[channel].controllers;
  static const int last[] = {DATA, DATA_LOW};
  size_t count = restore(&controllers[BANK], RS_MIDI_CONTROL, channel, messages);
  count += restore(&controllers[BANK_LOW], RS_MIDI_CONTROL, channel, messages + count);
  count += restore(&channels->of[channel].program, RS_MIDI_PROGRAM, channel, messages + count);
  for (int i = PARAMETER_LAST; i >= PARAMETER_FIRST; --i) {
    count += restore(&controllers[i], RS_MIDI_CONTROL, channel, messages + count);
  }
  for (int i = 0; i < 2; ++i) {
    count += restore(&controllers[last[i]], RS_MIDI_CONTROL, channel, messages + count);
  }
  for (int i = 0; i < CHANNEL_MODE; ++i) {
    count += restore(&controllers[i], RS_MIDI_CONTROL, channel, messages + count);
  }
  count += restore(&channels->of[channel].pressure, PRESSURE, channel, messages + count);
  return count + restore(&channels->of[channel].bend, BEND, channel, messages + count);
}
