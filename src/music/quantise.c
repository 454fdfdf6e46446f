/* SPDX-License-Identifier: ISC */

#include "music/quantise.h"

#include "base/memory.h"
#include "base/plural.h"
#include "music/describe.h"
#include "music/key.h"
#include "music/meter_map.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Frames of a note in the roll */
typedef struct {
  int64_t on, off; /* frames, on <= off */
  uint8_t place;   /* MIDI number in the range */
  uint8_t pitch;   /* as it was */
  uint8_t velocity;
} Bar;

/* A song that is being quantised. */
typedef struct {
  const RsMidiSong *song;
  const RsIngest *settings;
  RsIngestReport *report;
  RsRepairs *repairs;
  int transpose;
  Bar *bars;
  Bar *spare; /* as many, to sort */
  size_t count;
  RsMeterMap meters; /* empty where frames are of time */
  RsCut *cuts;       /* frames taken out so far */
  size_t cut_count, cut_room;
  bool failed; /* memory ran out */
} Work;

/* ---- Time ------------------------------------------------------------------------------------ */

static double seconds_at(const RsMidiSong *song, uint32_t tick) {
  const RsTempo *tempo = &song->tempos[rs_tempo_at(song, tick)];
  return tempo->seconds + (tick - tempo->tick) * tempo->tick_seconds;
}

/* The small part more keeps halves upwards whatever the rounding. */
int64_t rs_quantise_tick(const RsMidiSong *song, const RsIngest *settings, uint32_t tick) {
  const double frames = settings->frame_ms > 0
                            ? seconds_at(song, tick) * 1000 / settings->frame_ms
                            : tick * settings->frames_per_beat / song->ticks_per_beat;
  return (int64_t)floor(frames + 0.5 + 1e-9 * frames);
}

static int64_t frame_at(const Work *work, uint32_t tick) {
  return rs_quantise_tick(work->song, work->settings, tick);
}

/* The time signatures, each from the frame nearest to it. */
static void map_meters(Work *work) {
  if (work->settings->frame_ms > 0) {
    return;
  }
  work->meters.frames = work->settings->frames_per_beat;
  for (size_t i = 0; i < work->song->tempo_count && !work->failed; ++i) {
    const RsTempo *tempo = &work->song->tempos[i];
    if (tempo->meter_begins) {
      const size_t frame = (size_t)frame_at(work, tempo->tick);
      const RsMeterChange change = {frame, tempo->meter_beats, tempo->meter_unit};
      work->failed = rs_meters_add(&work->meters, change) != RS_OK;
    }
  }
}

/* ---- Choosing -------------------------------------------------------------------------------- */

static bool is_left_out(const RsNote *note, const RsIngest *settings) {
  return note->channel == RS_DRUM_CHANNEL && !settings->drums;
}

/* Semitones to the common key; drums have no pitch. */
static int key_shift(const RsNotes *notes) {
  double durations[12] = {0};
  for (size_t i = 0; i < notes->count; ++i) {
    const RsNote *note = &notes->notes[i];
    if (note->channel != RS_DRUM_CHANNEL) {
      durations[note->pitch % 12] += note->off - note->on;
    }
  }
  return rs_key_to_common(durations);
}

/* Where a note goes; false where it is dropped. */
static bool place_note(Work *work, const RsNote *note, Bar *bar) {
  const RsIngest *s = work->settings;
  const int pitch = note->pitch + work->transpose;
  const int place = rs_note_fit(s->low, s->high, s->outside, pitch);
  if (place < 0 || note->velocity < s->min_velocity) {
    return false;
  }
  *bar = (Bar){frame_at(work, note->on), frame_at(work, note->off), (uint8_t)place, note->pitch,
               note->velocity};
  if (bar->off < bar->on + s->min_frames) {
    bar->off = bar->on + s->min_frames;
  }
  if (bar->off <= bar->on) {
    return false;
  }
  work->report->counts.folded += place != pitch;
  return true;
}

static bool is_refused(const Work *work, const RsNote *note) {
  const int pitch = note->pitch + work->transpose;
  return work->settings->outside == RS_OUTSIDE_REFUSE &&
         (pitch < work->settings->low || pitch > work->settings->high);
}

/* Select the notes of the roll. */
static RsStatus place_notes(Work *work, const RsNotes *notes) {
  RsIngestReport *report = work->report;
  for (size_t i = 0; i < notes->count; ++i) {
    const RsNote *note = &notes->notes[i];
    ++report->notes;
    if (is_left_out(note, work->settings)) {
      ++report->drums;
    } else if (is_refused(work, note)) {
      return rs_error(&report->error, RS_ERR_FORMAT, "note %d is outside the range %d..%d",
                      note->pitch + work->transpose, work->settings->low, work->settings->high);
    } else if (place_note(work, note, &work->bars[work->count])) {
      ++work->count;
      ++report->counts.kept;
    } else {
      ++report->counts.dropped;
    }
  }
  return RS_OK;
}

/* ---- Silence --------------------------------------------------------------------------------- */

static void move(Work *work, int64_t frames) {
  for (size_t i = 0; i < work->count; ++i) {
    work->bars[i].on += frames;
    work->bars[i].off += frames;
  }
}

static int64_t first_on(const Work *work) {
  int64_t first = INT64_MAX;
  for (size_t i = 0; i < work->count; ++i) {
    first = work->bars[i].on < first ? work->bars[i].on : first;
  }
  return first;
}

static int64_t last_off(const Work *work) {
  int64_t last = 0;
  for (size_t i = 0; i < work->count; ++i) {
    last = work->bars[i].off > last ? work->bars[i].off : last;
  }
  return last;
}

/* Note that frames are taken out, for the meter map. */
static void note_cut(Work *work, int64_t first, int64_t frames) {
  RsCut *cuts = rs_grow(work->cuts, &work->cut_room, work->cut_count + 1, sizeof *cuts);
  work->failed = work->failed || !cuts;
  if (cuts) {
    work->cuts = cuts;
    cuts[work->cut_count++] = (RsCut){(size_t)first, (size_t)frames};
  }
}

/* Take the frames that were noted out of the meter map. */
static void cut_meters(Work *work) {
  if (work->meters.count && !work->failed) {
    work->failed = rs_meters_cut(&work->meters, work->cuts, work->cut_count) != RS_OK;
  }
  work->cut_count = 0;
}

static void apply_start(Work *work) {
  const RsStart start = work->settings->start;
  const int64_t frames = start == RS_START_TRIM ? first_on(work) : start == RS_START_DROP_FIRST;
  if (frames > 0 && work->count) {
    move(work, -frames);
    note_cut(work, 0, frames);
    cut_meters(work);
  }
}

/* ---- Comparing ------------------------------------------------------------------------------- */

/* The notes from the first one on, as they are before any ends because of another one. */
static RsHash hash_notes(const Work *work) {
  const int64_t start = work->count ? first_on(work) : 0;
  RsHash sum = {{0, 0}};
  int low = RS_NOTES;
  for (size_t i = 0; i < work->count; ++i) {
    low = work->bars[i].pitch < low ? work->bars[i].pitch : low;
  }
  for (size_t i = 0; i < work->count; ++i) {
    const Bar *bar = &work->bars[i];
    const unsigned velocity = work->settings->velocity ? bar->velocity : 0;
    const RsHash note = rs_note_hash(bar->pitch - low, bar->on - start, bar->off - start, velocity);
    rs_hash_sum(&sum, &note);
  }
  return sum;
}

/* ---- Order ----------------------------------------------------------------------------------- */

/* By time; the louder of two that begin together comes last. */
static bool is_before(const Bar *x, const Bar *y) {
  return x->on != y->on ? x->on < y->on : x->velocity < y->velocity;
}

/* Where the bars from `at` on cease to be in order. */
static size_t end_of_run(const Bar *bars, size_t at, size_t count) {
  while (++at < count && !is_before(&bars[at], &bars[at - 1])) {
  }
  return at < count ? at : count;
}

/* The runs a up to b and b up to the end become one. */
static void merge(const Bar *a, const Bar *b, const Bar *end, Bar *out) {
  const Bar *middle = b;
  while (a < middle || b < end) {
    *out++ = b == end || (a < middle && !is_before(b, a)) ? *a++ : *b++;
  }
}

static void take_spare(Work *work) {
  Bar *bars = work->spare;
  work->spare = work->bars;
  work->bars = bars;
}

/* Tracks are in order, so a few mergers bring all into order. */
static void sort_by_time(Work *work) {
  size_t first;
  while ((first = end_of_run(work->bars, 0, work->count)) < work->count) {
    for (size_t at = 0, middle = first, end; at < work->count; at = end) {
      end = middle < work->count ? end_of_run(work->bars, middle, work->count) : middle;
      merge(work->bars + at, work->bars + middle, work->bars + end, work->spare + at);
      middle = end_of_run(work->bars, end, work->count);
    }
    take_spare(work);
  }
}

/* By place, then by time. */
static void sort_by_place(Work *work) {
  size_t at[RS_NOTES + 1] = {0};
  sort_by_time(work);
  for (size_t i = 0; i < work->count; ++i) {
    ++at[work->bars[i].place + 1];
  }
  for (size_t place = 1; place < RS_NOTES; ++place) {
    at[place] += at[place - 1];
  }
  for (size_t i = 0; i < work->count; ++i) {
    work->spare[at[work->bars[i].place]++] = work->bars[i];
  }
  take_spare(work);
}

/* Where a silence from `first` up to a note is cut: before the bar of the note if that can be, so
   that no bar is cut. */
static int64_t place_cut(const Work *work, int64_t first, int64_t note, int64_t frames) {
  const int64_t bar =
      work->meters.count ? (int64_t)rs_meters_bar_start(&work->meters, (size_t)note) : note;
  return bar - frames >= first ? bar - frames : note - frames;
}

/* Cut silences to max_silence. */
static void cut_silences(Work *work) {
  const int64_t longest = (int64_t)work->settings->max_silence;
  int64_t end = 0, cut = 0;
  sort_by_time(work);
  for (size_t i = 0; i < work->count; ++i) {
    Bar *bar = &work->bars[i];
    const int64_t excess = bar->on - cut - end - longest;
    if (excess > 0) {
      note_cut(work, place_cut(work, end + cut, bar->on, excess), excess);
      cut += excess;
    }
    bar->on -= cut;
    bar->off -= cut;
    end = bar->off > end ? bar->off : end;
  }
  if (cut) {
    cut_meters(work);
    rs_repairs_add(work->repairs, "silences of more than %zu frame%s cut by %lld frame%s",
                   work->settings->max_silence, rs_plural(work->settings->max_silence),
                   (long long)cut, rs_plural((uint64_t)cut));
  }
}

/* ---- Painting -------------------------------------------------------------------------------- */

/* Paint the frames from `on` up to `end` of a bar. */
static void paint(RsRoll *roll, const Bar *bar, int64_t end) {
  const int64_t first = bar->on > 0 ? bar->on : 0;
  for (int64_t t = first; t < end; ++t) {
    rs_frame_set(&roll->on[t], bar->place);
    if (roll->velocity) {
      roll->velocity[t * RS_NOTES + bar->place] = bar->velocity;
    }
  }
  if (roll->onset && bar->off > first) {
    rs_frame_set(&roll->onset[first], bar->place);
  }
}

/* Paint all bars, each up to the next of its place, so that no frame is painted twice: notes that
   lie over each other may be many and long. */
static void paint_all(Work *work, RsRoll *roll) {
  int64_t reach = 0; /* how far the bars so far of this place go */
  sort_by_place(work);
  for (size_t i = 0; i < work->count; ++i) {
    const Bar *bar = &work->bars[i], *before = i ? bar - 1 : NULL;
    const Bar *after = i + 1 < work->count && bar[1].place == bar->place ? bar + 1 : NULL;
    const bool same = before && before->place == bar->place && reach > bar->off;
    reach = same ? reach : bar->off;
    paint(roll, bar, after && after->on < reach ? after->on : reach);
  }
}

static RsStatus make_roll(Work *work, const RsNotes *notes, const char *name, RsRoll *out) {
  const RsIngest *s = work->settings;
  RsError *error = &work->report->error;
  const int64_t frames = last_off(work);
  if (frames <= 0) {
    return rs_error(error, RS_ERR_EMPTY, "no note is left");
  }
  if ((uint64_t)frames > s->max_frames) {
    return rs_error(error, RS_ERR_FORMAT, "has %lld frames, more than the %zu that are read",
                    (long long)frames, s->max_frames);
  }
  const unsigned planes =
      (s->articulation ? RS_PLANE_ONSET : 0u) | (s->velocity ? RS_PLANE_VELOCITY : 0u);
  if (rs_roll_init(out, name, (size_t)frames, planes)) {
    return rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
  }
  if (work->failed || rs_describe(work->song, notes, s, &work->meters, out)) {
    rs_roll_clear(out);
    return rs_error(error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
  }
  paint_all(work, out);
  return RS_OK;
}

RsStatus rs_quantise(const RsMidiSong *song, const RsNotes *notes, const RsIngest *settings,
                     const char *name, RsRoll *out, RsIngestReport *report, RsRepairs *repairs,
                     RsHash *hash) {
  Work work = {.song = song, .settings = settings, .report = report, .repairs = repairs};
  const bool common = settings->transpose == RS_TRANSPOSE_COMMON;
  work.transpose = settings->transpose_semitones + (common ? key_shift(notes) : 0);
  report->transposed = work.transpose;
  work.bars = rs_alloc(notes->count + 1, sizeof *work.bars);
  work.spare = rs_alloc(notes->count + 1, sizeof *work.spare);
  *out = (RsRoll){0};
  if (!work.bars || !work.spare) {
    free(work.bars);
    free(work.spare);
    return rs_error(&report->error, RS_ERR_MEMORY, "%s", rs_status_text(RS_ERR_MEMORY));
  }
  RsStatus status = place_notes(&work, notes);
  if (!status) {
    map_meters(&work);
    apply_start(&work);
    *hash = hash_notes(&work);
    if (settings->max_silence && last_off(&work) > (int64_t)settings->max_silence) {
      cut_silences(&work);
    }
    status = make_roll(&work, notes, name, out);
  }
  free(work.bars);
  free(work.spare);
  free(work.cuts);
  free(work.meters.changes);
  return status;
}
