/* SPDX-License-Identifier: ISC */

/* Which notes of a song are given: --keep-track, --keep-range, --keep-as and --fill. */

#include "cli/harmonise.h"

#include "base/memory.h"
#include "music/quantise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  BAR_FRAMES = 96,   /* frames a quarter note in which bars are found */
  NAMES_SIZE = 160,  /* of tracks, in a message */
  NUMBER_MAX = 65535 /* of a bar or track */
};

/* Two numbers, "A-B", or one. */
static bool parse_pair(const char *text, long most, long pair[2]) {
  char *end = NULL;
  pair[0] = pair[1] = strtol(text, &end, 10);
  const bool first = end != text && *text >= '0' && *text <= '9';
  if (first && *end == '-' && end[1] >= '0' && end[1] <= '9') {
    pair[1] = strtol(end + 1, &end, 10);
  }
  return first && !*end && pair[0] <= pair[1] && pair[1] <= most;
}

RsStatus rs_harmony_parse_part(const char *text, RsPart *part, RsError *error) {
  const struct {
    const char *name;
    RsPart part;
  } parts[] = {{"top", RS_PART_TOP}, {"bottom", RS_PART_BOTTOM}, {"any", RS_PART_ANY}};
  *part = RS_PART_WHOLE;
  for (size_t i = 0; text && i < sizeof(parts) / sizeof(parts[0]); ++i) {
    *part = strcmp(text, parts[i].name) ? *part : parts[i].part;
  }
  return !text || *part != RS_PART_WHOLE
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING, "--keep-as %s: must be top, bottom or any", text);
}

/* ---- Tracks and range ---- */

/* The numbers of the tracks with notes, as "1, 2". */
static void name_tracks(const RsGivenSong *song, char *names) {
  size_t length = 0;
  for (size_t track = 1; track <= song->chunks.count && length + 12 < NAMES_SIZE; ++track) {
    bool any = false;
    for (size_t i = 0; i < song->notes.count && !any; ++i) {
      any = rs_given_song_track(song, i) == track;
    }
    if (any) {
      length +=
          (size_t)snprintf(names + length, NAMES_SIZE - length, "%s%zu", length ? ", " : "", track);
    }
  }
}

/* Choose the notes of a track. */
static RsStatus choose_track(const RsHarmony *harmony, const char *path, const char *text,
                             bool *chosen, RsError *error) {
  const RsGivenSong *song = &harmony->song;
  long track[2] = {0, 0};
  bool any = false;
  if (!parse_pair(text, NUMBER_MAX, track) || track[0] != track[1] || !track[0]) {
    return rs_error(error, RS_ERR_SETTING, "--keep-track %s: must be a number from 1 on", text);
  }
  for (size_t i = 0; i < song->notes.count; ++i) {
    const bool here = rs_given_song_track(song, i) == (size_t)track[0];
    chosen[i] = chosen[i] || here;
    any = any || here;
  }
  char names[NAMES_SIZE] = "";
  name_tracks(song, names);
  return any ? RS_OK
             : rs_error(error, RS_ERR_SETTING,
                        "--keep-track %s: %s has no notes in that track; its tracks with notes: %s",
                        text, path, names);
}

/* Take back the choice of notes outside a range. */
static RsStatus choose_range(const RsHarmony *harmony, const char *path, const char *text,
                             bool *chosen, RsError *error) {
  long range[2];
  bool any = false;
  if (!parse_pair(text, RS_NOTES - 1, range)) {
    return rs_error(error, RS_ERR_SETTING,
                    "--keep-range %s: must be two MIDI numbers such as 60-96, 0 to 127", text);
  }
  for (size_t i = 0; i < harmony->song.notes.count; ++i) {
    const int pitch = harmony->song.notes.notes[i].pitch;
    chosen[i] = chosen[i] && pitch >= range[0] && pitch <= range[1];
    any = any || chosen[i];
  }
  return any ? RS_OK
             : rs_error(error, RS_ERR_SETTING, "--keep-range %s: %s has no such notes%s", text,
                        path, " to be kept");
}

/* The notes that the options choose; all of them without any. */
static RsStatus choose_notes(const RsOptions *options, const RsHarmony *harmony, bool *chosen,
                             RsError *error) {
  const bool all = !options->given.keep_tracks;
  RsStatus status = RS_OK;
  for (size_t i = 0; i < harmony->song.notes.count; ++i) {
    chosen[i] = all;
  }
  for (char **track = options->given.keep_tracks; !status && track && *track; ++track) {
    status = choose_track(harmony, options->given.harmonise, *track, chosen, error);
  }
  if (!status && options->given.keep_range) {
    status =
        choose_range(harmony, options->given.harmonise, options->given.keep_range, chosen, error);
  }
  return status;
}

/* ---- Bars ---- */

/* Bars of a song. */
typedef struct {
  const RsRoll *roll;
  bool upbeat; /* the first bar is shorter than the second one, and has the number 0 */
  size_t from; /* frame of the roll */
  size_t to;   /* the same */
  long last;   /* number of the last bar */
} Bars;

/* Find the frames of bars `pair[0]` to `pair[1]`. @return Whether all of them are there. */
static bool find_bars(const long pair[2], Bars *bars) {
  RsBarPlace place, second;
  if (!rs_roll_bar(bars->roll, 0, &place)) {
    return false;
  }
  second = place;
  rs_roll_next_bar(bars->roll, &second);
  bars->upbeat = second.bar_start < bars->roll->frames && second.bar_start < second.bar_frames;
  bars->to = bars->roll->frames;
  for (long number = bars->upbeat ? 0 : 1; place.bar_start < bars->roll->frames; ++number) {
    bars->from = number == pair[0] ? place.bar_start : bars->from;
    bars->last = number;
    rs_roll_next_bar(bars->roll, &place);
    bars->to =
        number == pair[1] && place.bar_start < bars->roll->frames ? place.bar_start : bars->to;
  }
  return pair[0] >= !bars->upbeat && pair[1] <= bars->last;
}

/* A frame of the bars' roll as one of the model's. */
static size_t model_frame(const RsHarmony *harmony, const RsIngest *fine, size_t frame) {
  const uint32_t tick = rs_given_song_tick(&harmony->song, frame, fine);
  return (size_t)rs_quantise_tick(harmony->song.song, &harmony->settings, tick);
}

static RsStatus find_fill(const RsOptions *options, RsHarmony *harmony, RsError *error) {
  long pair[2];
  RsIngest fine = rs_ingest_defaults();
  RsIngestReport report = {.path = NULL};
  RsRoll roll = {.frames = 0};
  if (!parse_pair(options->given.fill, NUMBER_MAX, pair)) {
    return rs_error(error, RS_ERR_SETTING, "--fill %s: must be bars such as 5-8",
                    options->given.fill);
  }
  fine.frames_per_beat = BAR_FRAMES;
  fine.max_frames = harmony->settings.max_frames * BAR_FRAMES;
  RsStatus status = rs_given_song_roll(&harmony->song, &fine, &roll, &report, error);
  Bars bars = {.roll = &roll};
  if (!status && !find_bars(pair, &bars)) {
    status =
        rs_error(error, RS_ERR_SETTING, "--fill %s: %s has bars %d to %ld", options->given.fill,
                 options->given.harmonise, bars.upbeat ? 0 : 1, bars.last);
  }
  if (!status) {
    harmony->fills = true;
    harmony->from = model_frame(harmony, &fine, bars.from);
    harmony->to = model_frame(harmony, &fine, bars.to);
  }
  rs_roll_clear(&roll);
  rs_ingest_report_clear(&report);
  return status;
}

RsStatus rs_harmony_choose(const RsOptions *options, RsHarmony *harmony, RsError *error) {
  RsGivenSong *song = &harmony->song;
  const bool some = options->given.keep_tracks || options->given.keep_range;
  bool *chosen = rs_alloc(song->notes.count, sizeof *chosen);
  if (!chosen) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  RsStatus status = choose_notes(options, harmony, chosen, error);
  if (!status && options->given.fill) {
    status = find_fill(options, harmony, error);
  }
  for (size_t i = 0; !status && i < song->notes.count; ++i) {
    const size_t frame = rs_given_song_frame(song, i, &harmony->settings);
    const bool outside = harmony->fills && (frame < harmony->from || frame >= harmony->to);
    song->given[i] = outside || (chosen[i] && (some || !harmony->fills));
  }
  free(chosen);
  return status;
}
