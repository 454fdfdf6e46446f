/* SPDX-License-Identifier: ISC */

#include "live/midi_system.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

const char *rs_midi_diagnose(const char *folder, const char *device) {
#ifdef __linux__
  if (access(folder, F_OK)) {
    return "ALSA is missing: this system has no sound support";
  }
  if (access(device, F_OK)) {
    return "ALSA's sequencer is missing: load it with modprobe snd-seq";
  }
  if (access(device, R_OK | W_OK) && errno == EACCES) {
    return "no permission for ALSA's sequencer: add yourself to the group audio";
  }
#endif
  return "no synthesizer is running and no device is plugged in: start one, such as fluidsynth";
}

bool rs_midi_is_through(const RsPort *port) {
  return strstr(port->name, "Midi Through") != NULL;
}

bool rs_midi_only_through(const RsPorts *ports) {
  size_t outputs = 0, through = 0;
  for (size_t i = 0; i < ports->count; ++i) {
    outputs += ports->ports[i].output;
    through += ports->ports[i].output && rs_midi_is_through(&ports->ports[i]);
  }
  return outputs && outputs == through;
}
