/* SPDX-License-Identifier: ISC */

/**
   @file compose.c A model file in, a song out.

       cc compose.c $(pkg-config --cflags --libs rollsmith) -o compose && ./compose SONGS.model
   NEW.mid
*/

#include <rollsmith/rollsmith.h>

#include <stdio.h>

enum { FRAMES = 256, SEED = 7 };

static RsStatus generate(const RsModel *model, RsRoll *roll, RsError *error) {
  RsGenerator *generator = NULL;
  RsStatus status = rs_generator_new(model, &model->settings.generate, SEED, &generator, error);
  if (!status) {
    status = rs_generator_song(generator, "new", FRAMES, roll);
  }
  rs_generator_free(generator);
  return status;
}

static RsStatus compose(const char *from, const char *to, RsError *error) {
  const RsMidiSettings settings = {.program = 0, .seed = SEED};
  RsModel *model = NULL;
  RsRoll roll = {0};
  RsStatus status = rs_model_load(from, &model, error);
  if (!status) {
    status = generate(model, &roll, error);
  }
  if (!status) {
    status = rs_midi_write(&roll, &settings, to, error);
  }
  rs_roll_clear(&roll);
  rs_model_free(model);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: compose SONGS.model NEW.mid\n");
    return 2;
  }
  RsError error = {RS_OK, ""};
  const RsStatus status = compose(argv[1], argv[2], &error);
  if (status) {
    fprintf(stderr, "compose: %s\n", error.message[0] ? error.message : rs_status_text(status));
    return 1;
  }
  printf("wrote %s\n", argv[2]);
  return 0;
}
