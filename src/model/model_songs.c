/* SPDX-License-Identifier: ISC */

/* Training songs and their runs, doc/math.md, equations T30 and T31. */

#include "model/model_songs.h"

#include "base/memory.h"
#include "music/runs.h"

#include <stdlib.h>
#include <string.h>

/* Frames that a row stands for at most. */
enum { LONGEST_ROW = UINT8_MAX };

/* Words of the notes of a row: note low + i is bit i % 64 of word i / 64. */
static size_t words_of(const RsModel *model) {
  return (rs_encoding_notes(&model->inputs.encoding) + 63) / 64;
}

void rs_model_songs_clear(RsModel *model) {
  free(model->songs.frames);
  free(model->songs.notes);
  free(model->songs.lengths);
  model->songs = (RsModelSongs){.songs = 0};
  rs_runs_free(model->runs);
  model->runs = NULL;
}

static RsStatus allocate(RsModel *model, size_t songs, size_t rows) {
  RsModelSongs *kept = &model->songs;
  rs_model_songs_clear(model);
  kept->frames = rs_alloc(songs, sizeof *kept->frames);
  kept->notes = rs_alloc(rows, words_of(model) * sizeof *kept->notes);
  kept->lengths = rs_alloc(rows, sizeof *kept->lengths);
  if (!kept->frames || !kept->notes || !kept->lengths) {
    rs_model_songs_clear(model);
    return RS_ERR_MEMORY;
  }
  kept->songs = songs;
  kept->rows = rows;
  return RS_OK;
}

/* ---- Packing ---- */

/* A song in the model's range, moved by some semitones, as encoding.h has it. */
static RsStatus fit(const RsModel *model, const RsRoll *roll, int transpose, RsRoll *out,
                    RsRollCounts *counts) {
  const RsIngest *how = &model->settings.roll;
  const RsOutside outside = how->outside == RS_OUTSIDE_FOLD ? RS_OUTSIDE_FOLD : RS_OUTSIDE_DROP;
  return rs_roll_fit(roll, how->low, how->high, outside, transpose, out, counts);
}

/* Frames from this one on that are alike, LONGEST_ROW at most. */
static size_t row_length(const RsRoll *roll, size_t frame) {
  size_t length = 1;
  while (length < LONGEST_ROW && frame + length < roll->frames &&
         rs_frame_equal(&roll->on[frame], &roll->on[frame + length])) {
    ++length;
  }
  return length;
}

static size_t rows_of(const RsRoll *roll) {
  size_t rows = 0;
  for (size_t n = 0; n < roll->frames; n += row_length(roll, n)) {
    ++rows;
  }
  return rows;
}

/* Write the rows of a song. @return The row behind them. */
static size_t pack(const RsModel *model, const RsRoll *roll, size_t row) {
  const RsModelSongs *kept = &model->songs;
  const size_t words = words_of(model);
  for (size_t n = 0; n < roll->frames; n += kept->lengths[row++]) {
    const RsFrame from_low = rs_frame_shift(&roll->on[n], -model->settings.roll.low);
    memcpy(kept->notes + row * words, from_low.bits, words * sizeof *kept->notes);
    kept->lengths[row] = (uint8_t)row_length(roll, n);
  }
  return row;
}

static RsStatus keep(RsModel *model, const RsSongs *songs) {
  size_t count = 0, rows = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    rows += rows_of(songs->rolls + i);
    count += songs->rolls[i].frames > 0;
  }
  RsStatus status = allocate(model, count, rows);
  for (size_t i = 0, kept = 0, row = 0; !status && i < songs->count; ++i) {
    if (songs->rolls[i].frames) {
      model->songs.frames[kept++] = songs->rolls[i].frames;
      row = pack(model, songs->rolls + i, row);
    }
  }
  return status;
}

RsStatus rs_model_keep_songs(RsModel *model, const RsSongs *songs) {
  RsSongs fitted = {.count = 0};
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < songs->count; ++i) {
    RsRoll roll;
    status = fit(model, songs->rolls + i, 0, &roll, NULL);
    status = status ? status : rs_songs_add(&fitted, &roll);
    rs_roll_clear(&roll);
  }
  status = status ? status : keep(model, &fitted);
  rs_songs_clear(&fitted);
  return status;
}

/* ---- Unpacking ---- */

/* Read the rows of a song. @return The row behind them. */
static size_t unpack(const RsModel *model, size_t row, RsRoll *roll) {
  const RsModelSongs *kept = &model->songs;
  const size_t words = words_of(model);
  for (size_t n = 0; n < roll->frames; ++row) {
    RsFrame frame = {{0, 0}};
    memcpy(frame.bits, kept->notes + row * words, words * sizeof *kept->notes);
    frame = rs_frame_shift(&frame, model->settings.roll.low);
    for (size_t i = 0; i < kept->lengths[row]; ++i) {
      roll->on[n++] = frame;
    }
  }
  return row;
}

/* A song, and what it is at the transpositions of training that move notes by octaves, or drop
   them. */
static RsStatus add_as_learned(const RsModel *model, RsRoll *roll, RsSongs *out) {
  const RsTrainSettings *train = &model->settings.train;
  RsStatus status = RS_OK;
  for (int k = train->transpose_low; !status && k <= train->transpose_high; ++k) {
    RsRoll moved;
    RsRollCounts counts;
    status = fit(model, roll, k, &moved, &counts);
    if (!status && counts.folded + counts.dropped) {
      status = rs_songs_add(out, &moved);
    }
    rs_roll_clear(&moved);
  }
  return status ? status : rs_songs_add(out, roll);
}

RsStatus rs_model_songs(const RsModel *model, RsSongs *out) {
  const RsModelSongs *kept = &model->songs;
  RsStatus status = RS_OK;
  *out = (RsSongs){.count = 0};
  for (size_t i = 0, row = 0; !status && i < kept->songs; ++i) {
    RsRoll roll;
    status = rs_roll_init(&roll, NULL, (size_t)kept->frames[i], RS_PLANE_NONE);
    if (!status) {
      row = unpack(model, row, &roll);
      status = add_as_learned(model, &roll, out);
      rs_roll_clear(&roll);
    }
  }
  if (status) {
    rs_songs_clear(out);
  }
  return status;
}

RsStatus rs_model_index_runs(RsModel *model, size_t length, RsError *error) {
  if (!model->songs.songs) {
    return rs_error(error, RS_ERR_SETTING,
                    "the model does not hold its training songs, which --no-copy needs: train it "
                    "with this version and train.keep_songs = true");
  }
  RsSongs songs;
  RsStatus status = rs_model_songs(model, &songs);
  rs_runs_free(model->runs);
  model->runs = NULL;
  status = status ? status : rs_runs_new(&songs, length, false, &model->runs);
  rs_songs_clear(&songs);
  model->run_length = status ? 0 : length;
  return status ? rs_error(error, status, "out of memory for the runs of the training songs")
                : RS_OK;
}

/* ---- The file ---- */

enum { FRAMES, NOTES, LENGTHS, TENSORS };

static void tensors_of(const RsModel *model, const RsModelSongs *kept, RsTensor tensors[TENSORS]) {
  tensors[FRAMES] = (RsTensor){"songs.frames", RS_TENSOR_U64, 1, {kept->songs}, kept->frames};
  tensors[NOTES] =
      (RsTensor){"songs.notes", RS_TENSOR_U64, 2, {kept->rows, words_of(model)}, kept->notes};
  tensors[LENGTHS] = (RsTensor){"songs.lengths", RS_TENSOR_U8, 1, {kept->rows}, kept->lengths};
}

size_t rs_model_songs_count(const RsTensorFile *file) {
  return rs_tensor_file_find(file, "songs.frames") ? TENSORS : 0;
}

RsStatus rs_model_songs_add(const RsModel *model, RsTensorFile *file) {
  RsTensor tensors[TENSORS];
  RsStatus status = RS_OK;
  tensors_of(model, &model->songs, tensors);
  for (size_t i = 0; !status && model->songs.songs && i < TENSORS; ++i) {
    status = rs_tensor_file_add(file, tensors + i);
  }
  return status;
}

/* Whether the rows, each of at least a frame, are those of the songs, and in the model's range. */
static bool fits(const RsModel *model) {
  const RsModelSongs *kept = &model->songs;
  const size_t words = words_of(model), notes = rs_encoding_notes(&model->inputs.encoding);
  size_t row = 0;
  for (size_t i = 0; i < kept->songs; ++i) {
    uint64_t frames = 0;
    for (; frames < kept->frames[i] && row < kept->rows && kept->lengths[row]; ++row) {
      frames += kept->lengths[row];
    }
    if (!frames || frames != kept->frames[i]) {
      return false;
    }
  }
  for (size_t i = 0; notes % 64 && i < kept->rows; ++i) {
    if (kept->notes[i * words + words - 1] >> notes % 64) {
      return false;
    }
  }
  return row == kept->rows;
}

RsStatus rs_model_songs_read(const RsTensorFile *file, const char *path, RsModel *model,
                             RsError *error) {
  const RsTensor *frames = rs_tensor_file_find(file, "songs.frames");
  const RsTensor *lengths = rs_tensor_file_find(file, "songs.lengths");
  const RsModelSongs there = {.songs = frames && frames->rank ? frames->shape[0] : 0,
                              .rows = lengths && lengths->rank ? lengths->shape[0] : 0};
  RsTensor tensors[TENSORS];
  const void *data[TENSORS];
  RsError detail = {RS_OK, "the rows are not those of the songs"};
  RsStatus status = RS_OK;
  if (!frames) {
    return RS_OK;
  }
  tensors_of(model, &there, tensors);
  for (size_t i = 0; !status && i < TENSORS; ++i) {
    status = rs_tensor_file_expect(file, tensors[i].name, tensors[i].type, tensors[i].rank,
                                   tensors[i].shape, &data[i], &detail);
  }
  if (!status && allocate(model, there.songs, there.rows)) {
    return rs_error(error, RS_ERR_MEMORY, "%s: out of memory for the training songs", path);
  }
  if (!status) {
    memcpy(model->songs.frames, data[FRAMES], there.songs * sizeof *model->songs.frames);
    memcpy(model->songs.notes, data[NOTES],
           there.rows * words_of(model) * sizeof *model->songs.notes);
    memcpy(model->songs.lengths, data[LENGTHS], there.rows);
    status = fits(model) ? RS_OK : RS_ERR_FORMAT;
  }
  return status ? rs_error(error, status, "%s: bad training songs in the model: %s", path,
                           detail.message)
                : RS_OK;
}
