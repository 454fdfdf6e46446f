/* SPDX-License-Identifier: ISC */

#include "base/memory.h"
#include "music/pitch_classes.h"

#include <rollsmith/style.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_BARS = 4, SHORTEST_LAG = 4, LONGEST_LAG = 8 };

static const struct {
  const char *name, *unit;
} NAMES[RS_SONG_STATISTICS] = {
    [RS_SONG_ONE_FRAME] = {"one_frame", "of notes last one frame"},
    [RS_SONG_ON_BEAT] = {"on_beat", "of notes begin on a beat"},
    [RS_SONG_ON_BAR] = {"on_bar", "of notes begin a bar"},
    [RS_SONG_GROOVE] = {"groove", "rhythm of neighbouring bars alike"},
    [RS_SONG_GS] = {"GS", "rhythm of any two bars alike"},
    [RS_SONG_REPEATED_BARS] = {"repeated_bars", "of bars repeat an earlier one"},
    [RS_SONG_S4_8] = {"S4_8", "of the notes come back after 4 to 8 bars"},
    [RS_SONG_LENGTH] = {"length", "frames a note"},
    [RS_SONG_NOTES_A_FRAME] = {"notes_a_frame", "notes begin a frame"},
    [RS_SONG_POLYPHONY] = {"polyphony", "notes at a time"},
    [RS_SONG_PITCH_ENTROPY] = {"pitch_entropy", "bits, of 3.58 if all pitch classes were alike"},
    [RS_SONG_SCALE] = {"scale", "of notes fit one scale"},
};

const char *rs_song_statistic_name(RsSongStatistic which) {
  return which < RS_SONG_STATISTICS ? NAMES[which].name : NULL;
}

const char *rs_song_statistic_unit(RsSongStatistic which) {
  return which < RS_SONG_STATISTICS ? NAMES[which].unit : NULL;
}

/* ---- The song and its bars ------------------------------------------------------------------- */

/* A bar of the main meter. */
typedef struct {
  const RsFrame *on; /* `frames` values */
  size_t at, frames;
} Bar;

/* A song that is measured. */
typedef struct {
  RsRoll roll;         /* borrowed, with a meter map and without the silence at its end */
  RsMeterChange meter; /* the map of a roll that has none */
  size_t bar_frames;   /* of the main meter */
  bool *begins;        /* whether any note begins in each frame */
  Bar *bars;           /* the whole bars of that length */
  size_t bar_count;
} Song;

/* As the bars of a meter map are rounded. */
static size_t rounded(double frames) {
  return frames < 1 ? 1 : (size_t)floor(frames + 0.5);
}

/* Frames up to the last that sounds. */
static size_t sounding_frames(const RsRoll *roll) {
  size_t frames = roll->frames;
  while (frames && !rs_frame_count(&roll->on[frames - 1])) {
    --frames;
  }
  return frames;
}

/* Without a map, one meter from the start; frames of time are taken for the nearest share of a
 * beat. */
static void set_meters(Song *song) {
  RsRoll *roll = &song->roll;
  const double quarter = rs_roll_frames_per_quarter(roll);
  if (!roll->meter_beats || !roll->meter_unit) {
    roll->meter_beats = roll->meter_unit = 4;
  }
  song->meter = (RsMeterChange){0, roll->meter_beats, roll->meter_unit};
  roll->frames_per_beat = (unsigned)rounded(quarter < 1e6 ? quarter : 4);
  if (!roll->meter_count) {
    roll->meters = &song->meter;
    roll->meter_count = 1;
  }
  song->bar_frames =
      rounded(rs_meter_bar_frames(roll->meter_beats, roll->meter_unit, roll->frames_per_beat));
}

/* How far a bar goes: up to the next change, or the end of the song. */
static size_t end_of(const RsRoll *roll, const RsBarPlace *bar) {
  const size_t next = bar->change + 1;
  const size_t end = next < roll->meter_count ? roll->meters[next].frame : roll->frames;
  return end < roll->frames ? end : roll->frames;
}

static void find_bars(Song *song) {
  const RsRoll *roll = &song->roll;
  RsBarPlace bar;
  rs_roll_bar(roll, 0, &bar);
  for (; bar.bar_start < roll->frames; rs_roll_next_bar(roll, &bar)) {
    if (bar.bar_frames == song->bar_frames &&
        bar.bar_start + bar.bar_frames <= end_of(roll, &bar)) {
      song->bars[song->bar_count++] =
          (Bar){roll->on + bar.bar_start, bar.bar_start, bar.bar_frames};
    }
  }
}

/* ---- Notes ----------------------------------------------------------------------------------- */

/* What is counted of the notes. */
typedef struct {
  size_t notes, one_frame, frames; /* their number, the shortest of them, their lengths together */
  size_t on_beat, on_bar;          /* notes that begin there */
  size_t classes[RS_PITCH_CLASSES];
  size_t since[RS_NOTES]; /* where the note that sounds began */
} Notes;

/* The notes that begin: as marked, and at the end of a silence. */
static RsFrame begun(const RsRoll *roll, size_t frame) {
  RsFrame begins = rs_roll_begins(roll, frame);
  for (int i = 0; i < 2; ++i) {
    const uint64_t before = frame ? roll->on[frame - 1].bits[i] : 0;
    begins.bits[i] = (begins.bits[i] | ~before) & roll->on[frame].bits[i];
  }
  return begins;
}

static void count_ends(Notes *notes, const RsFrame *ends, size_t frame) {
  for (int n = rs_frame_next(ends, 0); n < RS_NOTES; n = rs_frame_next(ends, n + 1)) {
    notes->one_frame += frame - notes->since[n] == 1;
    notes->frames += frame - notes->since[n];
  }
}

static void count_begins(Notes *notes, const RsFrame *begins, size_t frame) {
  for (int n = rs_frame_next(begins, 0); n < RS_NOTES; n = rs_frame_next(begins, n + 1)) {
    notes->since[n] = frame;
    ++notes->classes[n % RS_PITCH_CLASSES];
  }
}

/* Below eighths no meter is taken for a compound one. */
static size_t beat_frames(const RsRoll *roll, const RsBarPlace *bar) {
  const double quarter = roll->frames_per_beat;
  return rounded(bar->unit > 8 ? 4 * quarter / bar->unit
                               : rs_meter_beat_frames(bar->beats, bar->unit, quarter));
}

/* A frame of a song, in a bar. */
static void count_frame(Song *song, size_t frame, const RsBarPlace *bar, Notes *notes) {
  const RsRoll *roll = &song->roll;
  const RsFrame before = frame ? roll->on[frame - 1] : (RsFrame){{0, 0}};
  const RsFrame begins = begun(roll, frame), *on = &roll->on[frame];
  const RsFrame ends = {{before.bits[0] & (~on->bits[0] | begins.bits[0]),
                         before.bits[1] & (~on->bits[1] | begins.bits[1])}};
  const size_t beat = beat_frames(roll, bar);
  const size_t count = (size_t)rs_frame_count(&begins), in_bar = frame - bar->bar_start;
  count_ends(notes, &ends, frame);
  count_begins(notes, &begins, frame);
  notes->notes += count;
  notes->on_beat += in_bar % beat ? 0 : count;
  notes->on_bar += in_bar ? 0 : count;
  song->begins[frame] = count > 0;
}

/* The notes of a song, and where any of them begins. */
static Notes count_notes(Song *song) {
  const RsRoll *roll = &song->roll;
  const size_t frames = roll->frames;
  Notes notes = {0};
  RsBarPlace bar, next;
  rs_roll_bar(roll, 0, &bar);
  for (size_t f = 0; f < frames; bar = next) {
    next = bar;
    rs_roll_next_bar(roll, &next);
    for (; f < frames && f < next.bar_start; ++f) {
      count_frame(song, f, &bar, &notes);
    }
  }
  count_ends(&notes, &roll->on[frames - 1], frames);
  return notes;
}

static void measure_notes(Song *song, RsSongStatistics *out) {
  const Notes notes = count_notes(song);
  const double count = (double)notes.notes;
  size_t sounding = 0;
  for (size_t f = 0; f < song->roll.frames; ++f) {
    sounding += rs_frame_count(&song->roll.on[f]) > 0;
  }
  out->value[RS_SONG_ONE_FRAME] = (double)notes.one_frame / count;
  out->value[RS_SONG_ON_BEAT] = (double)notes.on_beat / count;
  out->value[RS_SONG_ON_BAR] = (double)notes.on_bar / count;
  out->value[RS_SONG_LENGTH] = (double)notes.frames / count;
  out->value[RS_SONG_NOTES_A_FRAME] = count / (double)song->roll.frames;
  out->value[RS_SONG_POLYPHONY] = (double)notes.frames / (double)sounding;
  out->value[RS_SONG_PITCH_ENTROPY] = rs_pitch_class_entropy(notes.classes);
  out->value[RS_SONG_SCALE] = rs_pitch_class_scale(notes.classes);
}

/* ---- Rhythm ---------------------------------------------------------------------------------- */

static double groove(const Song *song) {
  size_t different = 0;
  for (size_t t = 0; t + 1 < song->bar_count; ++t) {
    const bool *a = song->begins + song->bars[t].at, *b = song->begins + song->bars[t + 1].at;
    for (size_t j = 0; j < song->bar_frames; ++j) {
      different += a[j] != b[j];
    }
  }
  return 1 - (double)different / (double)((song->bar_count - 1) * song->bar_frames);
}

/* All pairs of bars, counted one place in the bar at a time. */
static double any_two_bars(const Song *song) {
  const double bars = (double)song->bar_count;
  double different = 0;
  for (size_t j = 0; j < song->bar_frames; ++j) {
    size_t with = 0;
    for (size_t t = 0; t < song->bar_count; ++t) {
      with += song->begins[song->bars[t].at + j];
    }
    different += (double)with * (bars - (double)with);
  }
  return 1 - 2 * different / (bars * (bars - 1) * (double)song->bar_frames);
}

/* ---- Form ------------------------------------------------------------------------------------ */

static int compare_bars(const void *a, const void *b) {
  const Bar *x = a, *y = b;
  return memcmp(x->on, y->on, x->frames * sizeof *x->on);
}

/* Changes the order of the bars. */
static double repeated_bars(Song *song) {
  size_t repeated = 0;
  qsort(song->bars, song->bar_count, sizeof *song->bars, compare_bars);
  for (size_t t = 1; t < song->bar_count; ++t) {
    repeated += !compare_bars(&song->bars[t], &song->bars[t - 1]);
  }
  return (double)repeated / (double)song->bar_count;
}

/* Mean Jaccard index of frames and those `lag` before, but for pairs of silences. */
static double likeness(const RsRoll *roll, size_t lag) {
  double sum = 0;
  size_t pairs = 0;
  for (size_t f = lag; f < roll->frames; ++f) {
    const RsFrame *a = &roll->on[f], *b = &roll->on[f - lag];
    const RsFrame common = {{a->bits[0] & b->bits[0], a->bits[1] & b->bits[1]}};
    const int both = rs_frame_count(&common);
    const int all = rs_frame_count(a) + rs_frame_count(b) - both;
    sum += all ? (double)both / all : 0;
    pairs += all > 0;
  }
  return pairs ? sum / (double)pairs : 0;
}

static double return_of_phrases(const Song *song) {
  double best = NAN;
  for (size_t bars = SHORTEST_LAG; bars <= LONGEST_LAG; ++bars) {
    if (bars * song->bar_frames <= song->roll.frames / 2) {
      best = fmax(best, likeness(&song->roll, bars * song->bar_frames));
    }
  }
  return best;
}

/* ---- All of it ------------------------------------------------------------------------------- */

static void measure(Song *song, RsSongStatistics *out) {
  find_bars(song);
  measure_notes(song, out);
  if (song->bar_count > 1) {
    out->value[RS_SONG_GROOVE] = groove(song);
    out->value[RS_SONG_GS] = any_two_bars(song);
  }
  if (song->bar_count) {
    out->value[RS_SONG_REPEATED_BARS] = repeated_bars(song);
  }
  out->value[RS_SONG_S4_8] = return_of_phrases(song);
}

RsStatus rs_song_statistics(const RsRoll *roll, RsSongStatistics *out) {
  Song song = {.roll = *roll};
  song.roll.frames = sounding_frames(roll);
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    out->value[i] = NAN;
  }
  set_meters(&song);
  if (!song.roll.frames || song.roll.frames < FEWEST_BARS * song.bar_frames) {
    return RS_ERR_EMPTY;
  }
  song.begins = rs_alloc(song.roll.frames, sizeof *song.begins);
  song.bars = rs_alloc(song.roll.frames, sizeof *song.bars);
  const RsStatus status = song.begins && song.bars ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    measure(&song, out);
  }
  free(song.begins);
  free(song.bars);
  return status;
}
