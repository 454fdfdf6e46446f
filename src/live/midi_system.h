#ifndef RS_LIVE_MIDI_SYSTEM_H
#define RS_LIVE_MIDI_SYSTEM_H

/**
   @file midi_system.h What of a system for MIDI is missing: ALSA, its sequencer, or a synthesizer.
*/

#include <rollsmith/ports.h>

/** Where Linux shows ALSA, and the device that its sequencer is opened by. */
#define RS_ALSA_FOLDER "/proc/asound"
#define RS_ALSA_SEQUENCER "/dev/snd/seq"

/**
   What is missing, and what to do about it, as the rest of a message.

   @param folder  RS_ALSA_FOLDER, but for tests.
   @param device  RS_ALSA_SEQUENCER, but for tests.
   @return A text that lives for ever.
*/
const char *rs_midi_missing(const char *folder, const char *device);

/** Whether there are outputs, but all of them only pass on what they get. */
bool rs_midi_only_through(const RsPorts *ports);

#endif /* RS_LIVE_MIDI_SYSTEM_H */
