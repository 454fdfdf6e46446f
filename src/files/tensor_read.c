/* SPDX-License-Identifier: ISC */

#include "files/tensor_internal.h"

#include "base/memory.h"
#include "base/open_file.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A tensor that the header announces */
typedef struct {
  RsTensor tensor; /* Its name belongs to the header */
  size_t begin;    /* Bytes into the data */
  size_t end;
} Entry;

/* A file that is being read and not yet believed */
typedef struct {
  FILE *stream;
  const char *name; /* For messages */
  size_t header_size;
  size_t data_size;
  char *text;   /* The header, zero-terminated */
  json_t *root; /* The same */
  Entry *entries;
  size_t count;
  uint64_t hash; /* Of what was read so far */
  RsError *error;
} Reader;

static RsStatus damaged(const Reader *reader, const char *what) {
  return rs_error(reader->error, RS_ERR_FORMAT, "%s: damaged: %s", reader->name, what);
}

static RsStatus damaged_at(const Reader *reader, const char *name, const char *what) {
  return rs_error(reader->error, RS_ERR_FORMAT, "%s: damaged: tensor %.80s: %s", reader->name, name,
                  what);
}

static RsStatus no_memory(const Reader *reader) {
  return rs_error(reader->error, RS_ERR_MEMORY, "%s: out of memory", reader->name);
}

static RsStatus get(Reader *reader, void *bytes, size_t size) {
  errno = 0;
  if (fread(bytes, 1, size, reader->stream) == size) {
    return RS_OK;
  }
  if (ferror(reader->stream)) {
    return rs_cannot_read(reader->name, errno, reader->error);
  }
  return damaged(reader, "it ends too soon");
}

/* ---- Size and header text ---- */

static RsStatus read_sizes(Reader *reader) {
  unsigned char prefix[8];
  uint64_t length = 0;
  const long long size = fseeko(reader->stream, 0, SEEK_END) ? -1 : ftello(reader->stream);
  if (size < 0 || fseeko(reader->stream, 0, SEEK_SET)) {
    return rs_error(reader->error, RS_ERR_READ, "cannot read %s: not a regular file", reader->name);
  }
  if (size < (long long)sizeof(prefix)) {
    return rs_error(reader->error, RS_ERR_FORMAT, "%s: not a model: %lld bytes are too few",
                    reader->name, size);
  }
  const RsStatus status = get(reader, prefix, sizeof(prefix));
  if (status) {
    return status;
  }
  rs_tensor_decode(prefix, 1, sizeof(length), &length);
  reader->hash = rs_fnv1a(RS_FNV1A_START, prefix, sizeof(prefix));
  if (length < 2 || length > RS_HEADER_LONGEST) {
    return rs_error(reader->error, RS_ERR_FORMAT,
                    "%s: not a model: it does not begin with the length of a header", reader->name);
  }
  if (length > (uint64_t)size - sizeof(prefix)) {
    return damaged(reader, "it ends inside its header");
  }
  reader->header_size = (size_t)length;
  reader->data_size = (size_t)size - sizeof(prefix) - reader->header_size;
  return RS_OK;
}

static RsStatus read_header(Reader *reader) {
  json_error_t detail;
  reader->text = malloc(reader->header_size + 1);
  if (!reader->text) {
    return no_memory(reader);
  }
  const RsStatus status = get(reader, reader->text, reader->header_size);
  if (status) {
    return status;
  }
  reader->text[reader->header_size] = '\0';
  reader->root = json_loadb(reader->text, reader->header_size, JSON_REJECT_DUPLICATES, &detail);
  if (!json_is_object(reader->root)) {
    return rs_error(reader->error, RS_ERR_FORMAT,
                    "%s: not a model: its header is not a JSON object%s%s", reader->name,
                    reader->root ? "" : ": ", reader->root ? "" : detail.text);
  }
  return RS_OK;
}

/* ---- Entries ---- */

static bool whole(const json_t *value, size_t *number) {
  const json_int_t found = json_integer_value(value);
  *number = (size_t)found;
  return json_is_integer(value) && found >= 0 && (uint64_t)found <= SIZE_MAX;
}

static bool read_shape(const json_t *shape, RsTensor *tensor) {
  tensor->rank = json_array_size(shape);
  if (!json_is_array(shape) || tensor->rank > RS_TENSOR_RANK) {
    return false;
  }
  for (size_t i = 0; i < tensor->rank; ++i) {
    if (!whole(json_array_get(shape, i), &tensor->shape[i])) {
      return false;
    }
  }
  return true;
}

static bool read_offsets(const json_t *offsets, Entry *entry) {
  return json_array_size(offsets) == 2 && whole(json_array_get(offsets, 0), &entry->begin) &&
         whole(json_array_get(offsets, 1), &entry->end) && entry->begin <= entry->end;
}

static RsStatus read_entry(const Reader *reader, const char *name, const json_t *json,
                           Entry *entry) {
  const char *type = json_string_value(json_object_get(json, "dtype"));
  size_t bytes = 0;
  entry->tensor.name = name;
  if (!*name) {
    return damaged(reader, "a tensor without a name");
  }
  if (json_object_size(json) != 3 || !type || !rs_tensor_type_named(type, &entry->tensor.type)) {
    return damaged_at(reader, name, "its dtype must be F32, F64, U64 or U8");
  }
  if (!read_shape(json_object_get(json, "shape"), &entry->tensor)) {
    return damaged_at(reader, name, "its shape must be at most four sizes");
  }
  if (!read_offsets(json_object_get(json, "data_offsets"), entry)) {
    return damaged_at(reader, name, "its data_offsets must be two numbers, the lower one first");
  }
  if (entry->end > reader->data_size) {
    return damaged_at(reader, name, "the file ends before its data does");
  }
  if (!rs_tensor_bytes(&entry->tensor, &bytes) || bytes != entry->end - entry->begin) {
    return damaged_at(reader, name, "its shape does not fit its data");
  }
  return RS_OK;
}

static int by_offset(const void *a, const void *b) {
  const Entry *left = a, *right = b;
  if (left->begin != right->begin) {
    return left->begin < right->begin ? -1 : 1;
  }
  return left->end < right->end ? -1 : left->end > right->end;
}

/* Neither gap nor overlap, and nothing behind */
static RsStatus check_cover(const Reader *reader) {
  size_t at = 0;
  for (size_t i = 0; i < reader->count; ++i) {
    const Entry *entry = &reader->entries[i];
    if (entry->begin != at) {
      return damaged_at(reader, entry->tensor.name,
                        entry->begin < at ? "it overlaps the one before" : "there is a gap before");
    }
    at = entry->end;
  }
  return at == reader->data_size ? RS_OK
                                 : damaged(reader, "there are bytes behind the last tensor");
}

static RsStatus read_entries(Reader *reader) {
  const char *name = NULL;
  json_t *json = NULL;
  if (json_object_size(reader->root) > RS_TENSORS_MOST + 1) {
    return damaged(reader, "too many tensors");
  }
  reader->entries = calloc(json_object_size(reader->root) + 1, sizeof(*reader->entries));
  if (!reader->entries) {
    return no_memory(reader);
  }
  json_object_foreach(reader->root, name, json) {
    if (strcmp(name, RS_METADATA) != 0) {
      const RsStatus status = read_entry(reader, name, json, &reader->entries[reader->count++]);
      if (status) {
        return status;
      }
    }
  }
  qsort(reader->entries, reader->count, sizeof(*reader->entries), by_offset);
  return check_cover(reader);
}

/* ---- Strings and checksum ---- */

static RsStatus read_strings(const Reader *reader, RsTensorFile *file) {
  const char *key = NULL;
  json_t *value = NULL;
  json_object_foreach(json_object_get(reader->root, RS_METADATA), key, value) {
    if (!json_is_string(value)) {
      return damaged(reader, "its metadata must be strings");
    }
    if (strcmp(key, RS_CHECKSUM) != 0 &&
        rs_tensor_strings_append(&file->strings, key, json_string_value(value))) {
      return no_memory(reader);
    }
  }
  rs_tensor_strings_sort(&file->strings);
  return RS_OK;
}

/* Take the checksum out of the header's text and go on with the hash over the rest */
static RsStatus read_checksum(Reader *reader, char *digits) {
  const json_t *metadata = json_object_get(reader->root, RS_METADATA);
  const char *value = json_string_value(json_object_get(metadata, RS_CHECKSUM));
  char *mark = strstr(reader->text, RS_CHECKSUM_MARK);
  if (!value || !mark || strlen(value) != RS_CHECKSUM_DIGITS) {
    return damaged(reader, "it has no checksum");
  }
  mark += strlen(RS_CHECKSUM_MARK);
  if (strncmp(mark, value, RS_CHECKSUM_DIGITS) != 0) {
    return damaged(reader, "its checksum is not where it should be");
  }
  memcpy(digits, value, RS_CHECKSUM_DIGITS + 1);
  memset(mark, '0', RS_CHECKSUM_DIGITS);
  reader->hash = rs_fnv1a(reader->hash, reader->text, reader->header_size);
  return RS_OK;
}

static RsStatus compare_checksum(const Reader *reader, const char *digits) {
  char computed[RS_CHECKSUM_DIGITS + 1];
  snprintf(computed, sizeof(computed), "%016" PRIx64, reader->hash);
  return strcmp(computed, digits) ? damaged(reader, "its checksum does not match") : RS_OK;
}

/* ---- Data ---- */

static RsStatus read_values(Reader *reader, const Entry *entry, RsTensorFile *file) {
  RsTensor tensor = entry->tensor;
  const size_t bytes = entry->end - entry->begin, width = rs_tensor_kind(tensor.type).width;
  char *name = strdup(tensor.name);
  unsigned char *data = rs_alloc(bytes, 1);
  RsStatus status = name && data ? get(reader, data, bytes) : no_memory(reader);
  if (!status) {
    reader->hash = rs_fnv1a(reader->hash, data, bytes);
    rs_tensor_decode(data, bytes / width, width, data);
    tensor.name = name;
    tensor.data = data;
    status = rs_tensor_file_adopt(file, &tensor) ? no_memory(reader) : RS_OK;
  }
  if (status) {
    free(name);
    free(data);
  }
  return status;
}

static RsStatus check_finite(const Reader *reader, const RsTensorFile *file) {
  for (size_t i = 0; i < file->count; ++i) {
    if (!rs_tensor_finite(&file->tensors[i])) {
      return damaged_at(reader, file->tensors[i].name, "a value is not a number or infinite");
    }
  }
  return RS_OK;
}

static RsStatus read_data(Reader *reader, RsTensorFile *file) {
  char digits[RS_CHECKSUM_DIGITS + 1];
  RsStatus status = read_checksum(reader, digits);
  for (size_t i = 0; !status && i < reader->count; ++i) {
    status = read_values(reader, &reader->entries[i], file);
  }
  if (!status) {
    status = compare_checksum(reader, digits);
  }
  return status ? status : check_finite(reader, file);
}

static RsStatus read_all(Reader *reader, RsTensorFile *file) {
  RsStatus status = read_sizes(reader);
  if (!status) {
    status = read_header(reader);
  }
  if (!status) {
    status = read_entries(reader);
  }
  if (!status) {
    status = read_strings(reader, file);
  }
  return status ? status : read_data(reader, file);
}

RsStatus rs_tensor_file_read(FILE *stream, const char *name, RsTensorFile **out, RsError *error) {
  Reader reader = {.stream = stream, .name = name, .error = error};
  *out = NULL;
  RsTensorFile *file = NULL;
  RsStatus status = rs_tensor_file_new(&file) ? no_memory(&reader) : read_all(&reader, file);
  json_decref(reader.root);
  free(reader.text);
  free(reader.entries);
  if (status) {
    rs_tensor_file_free(file);
    return status;
  }
  *out = file;
  return RS_OK;
}

RsStatus rs_tensor_file_load(const char *path, RsTensorFile **out, RsError *error) {
  FILE *stream = NULL;
  RsStatus status = rs_open_regular(path, &stream, error);
  *out = NULL;
  if (status) {
    return status;
  }
  status = rs_tensor_file_read(stream, path, out, error);
  fclose(stream);
  return status;
}
