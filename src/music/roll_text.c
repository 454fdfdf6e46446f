/* SPDX-License-Identifier: ISC */

#include <rollsmith/roll.h>

#include "base/atomic_file.h"
#include "base/bom.h"
#include "base/memory.h"
#include "base/open_file.h"
#include "base/string_buffer.h"
#include "music/file.h"
#include "music/roll_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading ------------------------------------------------------------------------------- */

static const char ingested[] = RS_ROLL_INGESTED;

/* A piece of text. */
typedef struct {
  const char *at, *end;
} Span;

typedef struct {
  Span text;        /* rest of the text */
  const char *file; /* for messages */
  size_t line;      /* number of the line that was taken last */
  RsFrame *frames;  /* of the song that is being read */
  size_t count, capacity;
  char *name;    /* of that song, or NULL */
  RsSongs songs; /* that are complete */
  RsError *error;
} Reader;

static RsStatus no_frame(const Reader *reader) {
  return rs_error(
      reader->error, RS_ERR_FORMAT,
      "%s, line %zu: not a frame; write MIDI numbers from 0 to 127 separated by spaces, "
      "or - for silence",
      reader->file, reader->line);
}

static RsStatus no_memory(const Reader *reader) {
  return rs_error(reader->error, RS_ERR_MEMORY, "%s: %s", reader->file,
                  rs_status_text(RS_ERR_MEMORY));
}

static bool take_line(Reader *reader, Span *line) {
  Span *text = &reader->text;
  if (text->at == text->end) {
    return false;
  }
  const char *lf = memchr(text->at, '\n', (size_t)(text->end - text->at));
  *line = (Span){text->at, lf ? lf : text->end};
  text->at = lf ? lf + 1 : text->end;
  if (line->end > line->at && line->end[-1] == '\r') {
    --line->end;
  }
  ++reader->line;
  return true;
}

static bool is_space(char c) {
  return c == ' ' || c == '\t';
}

/* Take one word off a line. */
static bool take_word(Span *line, Span *word) {
  while (line->at < line->end && is_space(*line->at)) {
    ++line->at;
  }
  word->at = line->at;
  while (line->at < line->end && !is_space(*line->at)) {
    ++line->at;
  }
  word->end = line->at;
  return word->at < word->end;
}

/* The MIDI number of a word; -1 where the word is not one. */
static int read_note(Span word) {
  int note = 0;
  for (; word.at < word.end; ++word.at) {
    note = 10 * note + (*word.at - '0');
    if (*word.at < '0' || *word.at > '9' || note >= RS_NOTES) {
      return -1;
    }
  }
  return note;
}

static bool read_frame(Span line, RsFrame *frame) {
  Span word;
  *frame = (RsFrame){{0, 0}};
  if (!take_word(&line, &word)) {
    return false;
  }
  if (*word.at == '-' && word.end == word.at + 1) {
    return !take_word(&line, &word);
  }
  do {
    const int note = read_note(word);
    if (note < 0) {
      return false;
    }
    rs_frame_set(frame, note);
  } while (take_word(&line, &word));
  return true;
}

static RsStatus add_frame(Reader *reader, RsFrame frame) {
  RsFrame *frames = rs_grow(reader->frames, &reader->capacity, reader->count + 1, sizeof frame);
  if (!frames) {
    return no_memory(reader);
  }
  reader->frames = frames;
  reader->frames[reader->count++] = frame;
  return RS_OK;
}

/* Complete the song that is being read, if it has any frames. */
static RsStatus end_song(Reader *reader) {
  RsStatus status = RS_OK;
  if (reader->count) {
    RsRoll roll;
    status = rs_roll_init(&roll, reader->name, reader->count, RS_PLANE_NONE);
    if (!status) {
      memcpy(roll.on, reader->frames, reader->count * sizeof *roll.on);
      status = rs_songs_add(&reader->songs, &roll);
      rs_roll_clear(&roll);
    }
  }
  free(reader->name);
  reader->name = NULL;
  reader->count = 0;
  return status ? no_memory(reader) : RS_OK;
}

static bool begins_with(Span line, const char *words) {
  const size_t length = strlen(words);
  return (size_t)(line.end - line.at) >= length && !memcmp(line.at, words, length);
}

/* The line after '#': the name of a new song. */
static RsStatus begin_song(Reader *reader, Span line) {
  const RsStatus status = end_song(reader);
  if (status) {
    return status;
  }
  for (++line.at; line.at < line.end && is_space(*line.at);) {
    ++line.at;
  }
  while (line.at < line.end && is_space(line.end[-1])) {
    --line.end;
  }
  if (reader->line == 1 && begins_with(line, ingested)) {
    line.at += strlen(ingested);
    line.at += line.at < line.end; // The space before a name
  }
  if (line.at < line.end && !(reader->name = strndup(line.at, (size_t)(line.end - line.at)))) {
    return no_memory(reader);
  }
  return RS_OK;
}

/* Whether nothing but line ends and space is left: allowed at the end of a file. */
static bool only_space_left(Span line, Span text) {
  for (line.end = text.end; line.at < line.end; ++line.at) {
    if (!is_space(*line.at) && *line.at != '\n' && *line.at != '\r') {
      return false;
    }
  }
  return true;
}

static RsStatus read_songs(Reader *reader) {
  Span line;
  RsFrame frame;
  RsStatus status = RS_OK;
  while (!status && take_line(reader, &line)) {
    if (line.at < line.end && *line.at == '#') {
      status = begin_song(reader, line);
    } else if (read_frame(line, &frame)) {
      status = add_frame(reader, frame);
    } else {
      return only_space_left(line, reader->text) ? end_song(reader) : no_frame(reader);
    }
  }
  return status ? status : end_song(reader);
}

RsStatus rs_songs_parse(const char *text, size_t length, const char *file, RsSongs *songs,
                        RsError *error) {
  Reader reader = {
      .text = {text + rs_bom_size(text, length), text + length}, .file = file, .error = error};
  RsStatus status = read_songs(&reader);
  if (!status) {
    status = rs_songs_move(&reader.songs, songs) ? no_memory(&reader) : RS_OK;
  }
  free(reader.frames);
  free(reader.name);
  rs_songs_clear(&reader.songs);
  return status;
}

RsStatus rs_songs_read(const char *path, RsSongs *songs, RsError *error) {
  RsBytes bytes;
  RsStatus status = rs_read_file(path, RS_ROLL_SIZE_MAX, &bytes, error);
  if (!status) {
    status = rs_songs_parse((const char *)bytes.data, bytes.size, path, songs, error);
    free(bytes.data);
  }
  return status;
}

bool rs_roll_is_ingested(const char *path) {
  char start[sizeof "\357\273\277# " + sizeof ingested];
  FILE *file = NULL;
  if (rs_open_regular(path, &file, NULL)) {
    return false;
  }
  const size_t size = fread(start, 1, sizeof start, file), mark = rs_bom_size(start, size);
  fclose(file);
  const Span line = {start + mark, start + size};
  return begins_with(line, "# ") && begins_with((Span){line.at + 2, line.end}, ingested);
}

/* ---- Writing ------------------------------------------------------------------------------- */

static void write_frame(RsStringBuffer *out, const RsFrame *frame) {
  int note = rs_frame_next(frame, 0);
  if (note == RS_NOTES) {
    rs_string_buffer_append(out, "-\n");
    return;
  }
  for (; note < RS_NOTES;) {
    const int next = rs_frame_next(frame, note + 1);
    rs_string_buffer_append(out, "%d%c", note, next < RS_NOTES ? ' ' : '\n');
    note = next;
  }
}

/* A name in one line. */
static void write_name(RsStringBuffer *out, const char *name) {
  rs_string_buffer_append(out, name && *name ? "# " : "#");
  for (; name && *name; ++name) {
    rs_string_buffer_append(out, "%c", *name == '\n' || *name == '\r' ? ' ' : *name);
  }
  rs_string_buffer_append(out, "\n");
}

RsStatus rs_songs_format(const RsSongs *songs, char **text, size_t *length) {
  RsStringBuffer out = {.data = NULL};
  for (size_t i = 0; i < songs->count; ++i) {
    write_name(&out, songs->rolls[i].name);
    for (size_t t = 0; t < songs->rolls[i].frames; ++t) {
      write_frame(&out, &songs->rolls[i].on[t]);
    }
  }
  return rs_string_buffer_take(&out, text, length);
}

RsStatus rs_songs_write(const RsSongs *songs, const char *path, RsError *error) {
  char *text = NULL;
  size_t length = 0;
  RsStatus status = rs_songs_format(songs, &text, &length);
  if (status) {
    return rs_error(error, status, "%s: %s", path, rs_status_text(status));
  }
  status = rs_write_file_atomically(path, text, length, error);
  free(text);
  return status;
}
