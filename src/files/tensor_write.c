/* SPDX-License-Identifier: ISC */

#include "files/tensor_internal.h"

#include "base/atomic_file.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Where bytes go: into the checksum, or to the disk */
typedef struct {
  FILE *stream; /* NULL: into the checksum */
  uint64_t hash;
} Sink;

static bool put(Sink *sink, const void *bytes, size_t size) {
  if (sink->stream) {
    return fwrite(bytes, 1, size, sink->stream) == size;
  }
  sink->hash = rs_fnv1a(sink->hash, bytes, size);
  return true;
}

/* ---- Header ---- */

static json_t *describe(const RsTensor *tensor, size_t begin, size_t end) {
  json_t *shape = json_array();
  for (size_t i = 0; i < tensor->rank; ++i) {
    json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i]));
  }
  return json_pack("{s:s, s:o, s:[I, I]}", "dtype", rs_tensor_kind(tensor->type).name, "shape",
                   shape, "data_offsets", (json_int_t)begin, (json_int_t)end);
}

/* @return NULL where memory is out */
static json_t *describe_strings(const RsTensorFile *file) {
  char zeros[RS_CHECKSUM_DIGITS + 1];
  json_t *strings = json_object();
  memset(zeros, '0', RS_CHECKSUM_DIGITS);
  zeros[RS_CHECKSUM_DIGITS] = '\0';
  int failed = json_object_set_new(strings, RS_CHECKSUM, json_string(zeros));
  for (size_t i = 0; i < file->strings.count; ++i) {
    const RsTensorString *string = &file->strings.at[i];
    failed |= json_object_set_new(strings, string->key, json_string(string->value));
  }
  if (failed) {
    json_decref(strings);
    return NULL;
  }
  return strings;
}

/* The header as JSON; jansson passes a NULL on, so that one check at the end is enough */
static json_t *describe_all(const RsTensorFile *file) {
  json_t *root = json_object();
  size_t begin = 0, bytes = 0;
  int failed = json_object_set_new(root, RS_METADATA, describe_strings(file));
  for (size_t i = 0; i < file->count; ++i, begin += bytes) {
    const RsTensor *tensor = &file->tensors[i];
    rs_tensor_bytes(tensor, &bytes);
    failed |= json_object_set_new(root, tensor->name, describe(tensor, begin, begin + bytes));
  }
  if (failed) {
    json_decref(root);
    return NULL;
  }
  return root;
}

/* The header as text, padded with spaces so that the data begins at a multiple of 8 bytes */
static char *header_text(const RsTensorFile *file) {
  json_t *root = describe_all(file);
  char *text = root ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  json_decref(root);
  const size_t length = text ? strlen(text) : 0, padded = (length + 7) / 8 * 8;
  char *grown = text ? realloc(text, padded + 1) : NULL;
  if (!grown) {
    free(text);
    return NULL;
  }
  memset(grown + length, ' ', padded - length);
  grown[padded] = '\0';
  return grown;
}

/* ---- The whole file ---- */

static bool put_values(Sink *sink, const RsTensor *tensor) {
  unsigned char chunk[8192];
  size_t bytes = 0;
  const size_t width = rs_tensor_kind(tensor->type).width;
  rs_tensor_bytes(tensor, &bytes);
  for (size_t done = 0; done < bytes;) {
    const size_t size = bytes - done < sizeof(chunk) ? bytes - done : sizeof(chunk);
    rs_tensor_encode((const char *)tensor->data + done, size / width, width, chunk);
    if (!put(sink, chunk, size)) {
      return false;
    }
    done += size;
  }
  return true;
}

static bool put_all(Sink *sink, const RsTensorFile *file, const char *header) {
  unsigned char prefix[8];
  const uint64_t length = strlen(header);
  rs_tensor_encode(&length, 1, sizeof(length), prefix);
  bool good = put(sink, prefix, sizeof(prefix)) && put(sink, header, length);
  for (size_t i = 0; good && i < file->count; ++i) {
    good = put_values(sink, &file->tensors[i]);
  }
  return good;
}

static void fill_in_checksum(const RsTensorFile *file, char *header) {
  char digits[RS_CHECKSUM_DIGITS + 1];
  Sink sink = {.stream = NULL, .hash = RS_FNV1A_START};
  put_all(&sink, file, header);
  snprintf(digits, sizeof(digits), "%016" PRIx64, sink.hash);
  memcpy(strstr(header, RS_CHECKSUM_MARK) + strlen(RS_CHECKSUM_MARK), digits, RS_CHECKSUM_DIGITS);
}

static RsStatus write_stream(const RsTensorFile *file, const char *header, FILE *stream,
                             const char *name, RsError *error) {
  Sink sink = {.stream = stream, .hash = 0};
  return put_all(&sink, file, header)
             ? RS_OK
             : rs_error(error, RS_ERR_IO, "cannot write %s: %s", name, strerror(errno));
}

RsStatus rs_tensor_file_save(const RsTensorFile *file, const char *path, RsError *error) {
  RsAtomicFile *output = NULL;
  char *header = header_text(file);
  if (!header || strlen(header) > RS_HEADER_LONGEST) {
    free(header);
    return rs_error(error, header ? RS_ERR_OVERFLOW : RS_ERR_MEMORY, "%s: %s", path,
                    header ? "the header is too long" : "out of memory");
  }
  fill_in_checksum(file, header);
  RsStatus status = rs_atomic_begin(path, &output, error);
  if (!status) {
    status = write_stream(file, header, rs_atomic_stream(output), path, error);
    status = rs_atomic_end(output, status, error);
  }
  free(header);
  return status;
}
