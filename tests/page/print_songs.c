/* SPDX-License-Identifier: ISC */

/* Prints what a model plays: built with the products of a BLAS, and with those of -Dblas=none. Both
   must print the same. */

#include "given_model.h"
#include "model/model_parts.h"

enum { SEEDS = 10, FRAMES = 64 };

static int print_song(RsPagePlayer *player, uint32_t seed) {
  int failed = rs_page_player_start(player, seed, 0, seed % 2 ? 3 : 0, 4, 1 + 0.02 * seed, 100);
  for (int frame = 0; frame < FRAMES && !failed; ++frame) {
    const int count = rs_page_player_next(player);
    const uint8_t *events = rs_page_player_events(player);
    for (int i = 0; i < 3 * count; i += 3) {
      printf("%u %d: %d %d %d\n", (unsigned)seed, frame, events[i], events[i + 1], events[i + 2]);
    }
    failed = count < 0;
  }
  return failed;
}

int main(void) {
  RsModel *model = some_model();
  RsTensorFile *file = NULL;
  RsPagePlayer *player = player_with_strings(model);
  bool good = !rs_tensor_file_new(&file) && !rs_model_add_tensors(model, file);
  for (size_t i = 0; good && i < rs_tensor_file_count(file); ++i) {
    good = give_tensor(player, rs_tensor_file_at(file, i));
  }
  good = good && !rs_page_player_model(player);
  for (uint32_t seed = 1; good && seed <= SEEDS; ++seed) {
    good = !print_song(player, seed);
  }
  if (!good) {
    fprintf(stderr, "%s\n", rs_page_player_message(player));
  }
  rs_page_player_free(player);
  rs_tensor_file_free(file);
  rs_model_free(model);
  return !good;
}
