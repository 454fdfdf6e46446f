/* SPDX-License-Identifier: ISC */

/* Writes the notes of a MIDI file as the listener does, without times: `STATUS DATA1 DATA2`.

     dump_notes FILE.mid
*/

#include <smf.h>

#include <stdio.h>

int main(int argc, char **argv) {
  smf_t *smf = argc == 2 ? smf_load(argv[1]) : NULL;
  smf_event_t *event = NULL;
  if (!smf) {
    return 1;
  }
  while ((event = smf_get_next_event(smf))) {
    const unsigned char *bytes = event->midi_buffer;
    if ((bytes[0] & 0xe0) == 0x80) {
      printf("%02x %02x %02x\n", bytes[0], bytes[1], bytes[2]);
    }
  }
  smf_delete(smf);
  return 0;
}
