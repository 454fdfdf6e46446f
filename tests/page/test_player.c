/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "given_model.h"
#include "model/model_parts.h"
#include "music/key.h"

#include <rollsmith/midi_write.h>
#include <rollsmith/performance.h>

enum { FRAMES = 40 };

/* A player with the model. */
static RsPagePlayer *player_of(const RsModel *model) {
  RsTensorFile *file = NULL;
  RsPagePlayer *player = player_with_strings(model);
  assert_ok(rs_tensor_file_new(&file));
  assert_ok(rs_model_add_tensors(model, file));
  for (size_t i = 0; i < rs_tensor_file_count(file); ++i) {
    assert_true(give_tensor(player, rs_tensor_file_at(file, i)));
  }
  assert_int_equal(rs_page_player_model(player), 0);
  rs_tensor_file_free(file);
  return player;
}

/* The same song by the library. */
static RsRoll song_of(const RsModel *model, uint64_t seed) {
  RsGenerator *generator = NULL;
  RsRoll song;
  assert_ok(rs_generator_new(model, &model->settings.generate, seed, &generator, NULL));
  assert_ok(rs_generator_song(generator, NULL, FRAMES, &song));
  rs_generator_free(generator);
  return song;
}

static void play(RsPagePlayer *player, int frames) {
  for (int frame = 0; frame < frames; ++frame) {
    assert_true(rs_page_player_next(player) >= 0);
  }
}

static void a_song_has_the_events_of_the_generator(void **state) {
  RsModel *model = some_model();
  RsPagePlayer *player = player_of(model);
  const uint64_t seed = UINT64_C(0x500000003);
  RsRoll song = song_of(model, seed);
  const RsPerformance how = rs_performance_of(&song, 0);
  RsPerformer *performer = NULL;
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  assert_ok(rs_performer_new(&how, seed, &performer));
  assert_int_equal(rs_page_player_start(player, 3, 5, 0, 0, 1, 120), 0);
  for (size_t f = 0; f < FRAMES; ++f) {
    const size_t count = rs_performer_frame(performer, &song.on[f], &song.onset[f], NULL, events);
    assert_int_equal(rs_page_player_next(player), count);
    const uint8_t *heard = rs_page_player_events(player);
    for (size_t i = 0; i < count; ++i) {
      assert_int_equal(heard[3 * i], events[i].on);
      assert_int_equal(heard[3 * i + 1], events[i].note);
      assert_int_equal(heard[3 * i + 2], events[i].velocity);
    }
  }
  rs_performer_free(performer);
  rs_roll_clear(&song);
  rs_page_player_free(player);
  rs_model_free(model);
}

static void what_was_heard_is_the_start_of_the_song(void **state) {
  RsModel *model = some_model();
  RsPagePlayer *player = player_of(model);
  RsRoll song = song_of(model, 7);
  const RsMidiSettings midi = {.name = "name",
                               .bpm = 90,
                               .seed = 7,
                               .channel = 1,
                               .key = rs_roll_key(&song),
                               .phrases = true};
  uint8_t *bytes = NULL;
  size_t size = 0;
  assert_ok(rs_midi_compose(&song, &midi, &bytes, &size, NULL));
  assert_int_equal(rs_page_player_start(player, 7, 0, 0, 0, 1, 90), 0);
  play(player, FRAMES + 20);
  assert_int_equal(rs_page_player_midi(player, FRAMES, "name"), size);
  assert_memory_equal(rs_page_player_midi_bytes(player), bytes, size);
  free(bytes);
  rs_roll_clear(&song);
  rs_page_player_free(player);
  rs_model_free(model);
}

/* Tempos of a MIDI file. @return Their number. */
static size_t find_tempos(const uint8_t *bytes, size_t size, unsigned *tempos) {
  size_t count = 0;
  for (size_t i = 0; i + 6 <= size; ++i) {
    if (!memcmp(bytes + i, "\xff\x51\x03", 3)) {
      tempos[count++] = (unsigned)bytes[i + 3] << 16 | (unsigned)bytes[i + 4] << 8 | bytes[i + 5];
    }
  }
  return count;
}

static void changes_of_the_tempo_are_written(void **state) {
  RsModel *model = some_model();
  RsPagePlayer *player = player_of(model);
  unsigned tempos[8];
  assert_int_equal(rs_page_player_start(player, 7, 0, 0, 0, 1, 90), 0);
  assert_int_equal(rs_page_player_tempo(player, 0, 60), 0);
  assert_int_equal(rs_page_player_tempo(player, 4, 100), 0);
  assert_int_equal(rs_page_player_tempo(player, 4, 120), 0);
  assert_int_equal(rs_page_player_tempo(player, 30, 200), 0);
  play(player, FRAMES);
  const int size = rs_page_player_midi(player, 20, "name");
  assert_true(size > 0);
  assert_int_equal(find_tempos(rs_page_player_midi_bytes(player), (size_t)size, tempos), 2);
  assert_int_equal(tempos[0], 1000000);
  assert_int_equal(tempos[1], 500000);
  rs_page_player_free(player);
  rs_model_free(model);
}

static void a_long_song_keeps_its_first_frames(void **state) {
  RsModel *model = some_model();
  RsPagePlayer *player = player_of(model);
  assert_int_equal(rs_page_player_start(player, 7, 0, 0, 0, 1, 90), 0);
  play(player, FRAMES);
  const int size = rs_page_player_midi(player, FRAMES, "name");
  uint8_t *first = malloc((size_t)size);
  memcpy(first, rs_page_player_midi_bytes(player), (size_t)size);
  play(player, 2500);
  assert_int_equal(rs_page_player_midi(player, FRAMES, "name"), size);
  assert_memory_equal(rs_page_player_midi_bytes(player), first, (size_t)size);
  free(first);
  rs_page_player_free(player);
  rs_model_free(model);
}

static void a_setting_that_does_not_exist_is_told(void **state) {
  RsPagePlayer *player = rs_page_player_new();
  assert_int_equal(rs_page_player_setting(player, "model.wings", "2"), -1);
  assert_string_equal(rs_page_player_message(player),
                      "settings: model.wings: no such key; see rollsmith presets default");
  rs_page_player_free(player);
}

static void a_model_without_its_tensors_is_refused(void **state) {
  RsModel *model = some_model();
  RsPagePlayer *player = player_with_strings(model);
  assert_int_equal(rs_page_player_model(player), -1);
  assert_non_null(strstr(rs_page_player_message(player), "tensor rbm.weight is missing"));
  rs_page_player_free(player);
  rs_model_free(model);
}

static void a_meter_that_was_not_learned_is_told(void **state) {
  RsModel *model = some_model();
  RsPagePlayer *player = player_of(model);
  assert_int_equal(rs_page_player_start(player, 1, 0, 7, 8, 1, 120), -1);
  assert_string_equal(rs_page_player_message(player),
                      "the model was not trained on 7/8, only on 4/4, 3/4");
  assert_int_equal(rs_page_player_next(player), -1);
  rs_page_player_free(player);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_song_has_the_events_of_the_generator),
      cmocka_unit_test(what_was_heard_is_the_start_of_the_song),
      cmocka_unit_test(changes_of_the_tempo_are_written),
      cmocka_unit_test(a_long_song_keeps_its_first_frames),
      cmocka_unit_test(a_setting_that_does_not_exist_is_told),
      cmocka_unit_test(a_model_without_its_tensors_is_refused),
      cmocka_unit_test(a_meter_that_was_not_learned_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
