/* SPDX-License-Identifier: ISC */

#include "music/file_kind.h"

#include <string.h>
#include <strings.h>

/* A kind of file: the bytes at its beginning, and those further on, if any. */
typedef struct {
  const char *begins;
  size_t size;
  size_t at;
  const char *then;
  const char *kind;
} Kind;

#define BYTES(text) text, sizeof(text) - 1 /* NOLINT(bugprone-macro-parentheses): two values */

static const Kind kinds[] = {
    {BYTES("\x1F\x8B"), 0, NULL, "a gzip file: unpack it first"},
    {BYTES("PK\3\4"), 0, NULL, "a zip archive: unpack it first"},
    {BYTES("PK\5\6"), 0, NULL, "an empty zip archive"},
    {BYTES("BZh"), 0, NULL, "a bzip2 file: unpack it first"},
    {BYTES("\xFD"
           "7zXZ\0"),
     0, NULL, "an xz file: unpack it first"},
    {BYTES("\x28\xB5\x2F\xFD"), 0, NULL, "a zstd file: unpack it first"},
    {BYTES("7z\xBC\xAF\x27\x1C"), 0, NULL, "a 7-Zip archive: unpack it first"},
    {BYTES("Rar!\x1A\x07"), 0, NULL, "a RAR archive: unpack it first"},
    {BYTES("\0\5\x16\7"), 0, NULL,
     "an AppleDouble file: it describes the file of that name without ._ before it"},
    {BYTES("\0\5\x16\0"), 0, NULL, "an AppleSingle file: unpack it first"},
    {BYTES("version https://git-lfs"), 0, NULL,
     "a Git LFS pointer, not the file itself: get that with git lfs pull"},
    {BYTES("/annex/objects/"), 0, NULL,
     "a git-annex pointer, not the file itself: get that with git annex get"},
    {BYTES("RIFF"), 8, "WAVE", "a WAVE file: it holds sound, not notes"},
    {BYTES("RIFF"), 0, NULL, "a RIFF file without a MIDI file in it"},
    {BYTES("FORM"), 8, "AIFF", "an AIFF file: it holds sound, not notes"},
    {BYTES("ID3"), 0, NULL, "an MP3 file: it holds sound, not notes"},
    {BYTES("fLaC"), 0, NULL, "a FLAC file: it holds sound, not notes"},
    {BYTES("OggS"), 0, NULL, "an Ogg file: it holds sound, not notes"},
    {BYTES("%PDF-"), 0, NULL, "a PDF file"},
    {BYTES("\x89PNG"), 0, NULL, "a PNG picture"},
    {BYTES("\xFF\xD8\xFF"), 0, NULL, "a JPEG picture"},
    {BYTES("GIF8"), 0, NULL, "a GIF picture"},
};

static bool holds(const uint8_t *data, size_t size, size_t at, const char *text, size_t length) {
  return at + length <= size && !memcmp(data + at, text, length);
}

bool rs_is_macbinary(const uint8_t *data, size_t size) {
  return size > RS_MACBINARY_HEADER && !data[0] && data[1] >= 1 && data[1] <= 63 && !data[74] &&
         !data[82];
}

/* Whether the first bytes of a file contain a text, compared case-insensitively. */
static bool mentions(const uint8_t *data, size_t size, const char *text) {
  const size_t length = strlen(text), end = size < 1024 ? size : 1024;
  for (size_t at = 0; at + length <= end; ++at) {
    if (!strncasecmp((const char *)data + at, text, length)) {
      return true;
    }
  }
  return false;
}

/* A text of markup, which may begin with a byte order mark and blanks. */
static const char *markup_kind(const uint8_t *data, size_t size) {
  size_t at = holds(data, size, 0, "\xEF\xBB\xBF", 3) ? 3 : 0;
  while (at < size && strchr(" \t\r\n", data[at]) && data[at]) {
    ++at;
  }
  if (at == size || data[at] != '<') {
    return NULL;
  }
  data += at;
  size -= at;
  if (mentions(data, size, "<html") || mentions(data, size, "<!doctype html")) {
    return "an HTML page, such as a server sends in the place of a file";
  }
  if (mentions(data, size, "<score-partwise") || mentions(data, size, "<score-timewise")) {
    return "a MusicXML score: export it as MIDI first";
  }
  return mentions(data, size, "<?xml") ? "an XML file" : NULL;
}

const char *rs_file_kind(const uint8_t *data, size_t size) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i) {
    const Kind *kind = &kinds[i];
    if (holds(data, size, 0, kind->begins, kind->size) &&
        (!kind->then || holds(data, size, kind->at, kind->then, strlen(kind->then)))) {
      return kind->kind;
    }
  }
  return rs_is_macbinary(data, size) ? "a MacBinary file without a MIDI file in it"
                                     : markup_kind(data, size);
}
