/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_MIDI_SYSTEM_H
#define RS_LIVE_MIDI_SYSTEM_H

/**
   @file midi_system.h Diagnosis of a system without usable MIDI ports.
*/

#include <rollsmith/ports.h>

/** Folder of ALSA in /proc, and device of its sequencer. */
#define RS_ALSA_FOLDER "/proc/asound"
#define RS_ALSA_SEQUENCER "/dev/snd/seq"

/**
   What is missing (ALSA, its sequencer, permission, or a synthesizer) and what to do, for a
   message.

   @param folder  RS_ALSA_FOLDER; another one in tests.
   @param device  RS_ALSA_SEQUENCER; another one in tests.
   @return Static string.
*/
const char *rs_midi_diagnose(const char *folder, const char *device);

/** Whether a port is a Midi Through port, which sends what is sent to it. */
bool rs_midi_is_through(const RsPort *port);

/** Whether all outputs are Midi Through ports, which only forward messages. */
bool rs_midi_only_through(const RsPorts *ports);

#endif /* RS_LIVE_MIDI_SYSTEM_H */
