/* SPDX-License-Identifier: ISC */

/**
   @file scale.c Writes a scale as a MIDI file: a roll, filled in by hand, and how errors are told.

       cc scale.c $(pkg-config --cflags --libs rollsmith) -o scale && ./scale scale.mid

   Also valid C++.
*/

#include <rollsmith/rollsmith.h>

#include <stdio.h>

/* One note of C major a quarter note, each held for four frames. */
static void fill(RsRoll *roll) {
  static const int notes[] = {60, 62, 64, 65, 67, 69, 71, 72};
  for (size_t f = 0; f < roll->frames; ++f) {
    rs_frame_set(&roll->on[f], notes[f / 4]);
  }
}

static RsStatus write_scale(const char *path, RsError *error) {
  RsRoll roll;
  RsStatus status = rs_roll_init(&roll, "scale", 32, RS_PLANE_NONE);
  if (status) {
    return status;
  }
  RsMidiSettings settings = {NULL, 96, 1, 0, 0, 1}; /* 96 quarter notes a minute, a piano */
  fill(&roll);
  status = rs_midi_write(&roll, &settings, path, error);
  rs_roll_clear(&roll);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: scale FILE.mid\n");
    return 2;
  }
  RsError error = {RS_OK, ""};
  const RsStatus status = write_scale(argv[1], &error);
  if (status) {
    fprintf(stderr, "scale: %s\n", error.message[0] ? error.message : rs_status_text(status));
    return 1;
  }
  printf("wrote %s\n", argv[1]);
  return 0;
}
