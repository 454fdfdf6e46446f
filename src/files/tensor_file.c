/* SPDX-License-Identifier: ISC */

#include "files/tensor_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Types and bytes ---- */

static const RsTensorKind kinds[] = {
    [RS_TENSOR_F32] = {"F32", 4},
    [RS_TENSOR_F64] = {"F64", 8},
    [RS_TENSOR_U64] = {"U64", 8},
    [RS_TENSOR_U8] = {"U8", 1},
};

RsTensorKind rs_tensor_kind(RsTensorType type) {
  return kinds[type];
}

bool rs_tensor_type_named(const char *name, RsTensorType *type) {
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
    if (!strcmp(kinds[i].name, name)) {
      *type = (RsTensorType)i;
      return true;
    }
  }
  return false;
}

bool rs_tensor_bytes(const RsTensor *tensor, size_t *bytes) {
  *bytes = kinds[tensor->type].width;
  for (size_t i = 0; i < tensor->rank; ++i) {
    if (!rs_multiply_sizes(*bytes, tensor->shape[i], bytes)) {
      return false;
    }
  }
  return true;
}

static bool is_finite(const RsTensor *tensor, size_t i) {
  return tensor->type == RS_TENSOR_F32 ? isfinite(((const float *)tensor->data)[i])
                                       : isfinite(((const double *)tensor->data)[i]);
}

bool rs_tensor_finite(const RsTensor *tensor) {
  size_t bytes = 0;
  if (tensor->type != RS_TENSOR_F32 && tensor->type != RS_TENSOR_F64) {
    return true;
  }
  rs_tensor_bytes(tensor, &bytes);
  for (size_t i = 0; i < bytes / kinds[tensor->type].width; ++i) {
    if (!is_finite(tensor, i)) {
      return false;
    }
  }
  return true;
}

uint64_t rs_fnv1a(uint64_t hash, const void *bytes, size_t size) {
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ byte[i]) * 0x100000001b3u;
  }
  return hash;
}

void rs_tensor_encode(const void *values, size_t count, size_t width, unsigned char *bytes) {
  for (size_t i = 0; i < count; ++i) {
    uint64_t word = 0;
    uint32_t half = 0;
    if (width == sizeof(word)) {
      memcpy(&word, (const char *)values + i * width, width);
    } else if (width == sizeof(half)) {
      memcpy(&half, (const char *)values + i * width, width);
      word = half;
    } else {
      word = ((const unsigned char *)values)[i];
    }
    for (size_t b = 0; b < width; ++b) {
      bytes[i * width + b] = (unsigned char)(word >> (8 * b));
    }
  }
}

void rs_tensor_decode(const unsigned char *bytes, size_t count, size_t width, void *values) {
  for (size_t i = 0; i < count; ++i) {
    uint64_t word = 0;
    for (size_t b = 0; b < width; ++b) {
      word |= (uint64_t)bytes[i * width + b] << (8 * b);
    }
    const uint32_t half = (uint32_t)word;
    if (width == sizeof(word)) {
      memcpy((char *)values + i * width, &word, width);
    } else if (width == sizeof(half)) {
      memcpy((char *)values + i * width, &half, width);
    } else {
      ((unsigned char *)values)[i] = (unsigned char)word;
    }
  }
}

/* ---- The container ---- */

RsStatus rs_tensor_file_new(RsTensorFile **out) {
  *out = calloc(1, sizeof(**out));
  return *out ? RS_OK : RS_ERR_MEMORY;
}

void rs_tensor_file_free(RsTensorFile *file) {
  if (!file) {
    return;
  }
  for (size_t i = 0; i < file->count; ++i) {
    free((char *)file->tensors[i].name);
    free((void *)file->tensors[i].data);
  }
  free(file->tensors);
  rs_tensor_strings_clear(&file->strings);
  free(file);
}

size_t rs_tensor_file_count(const RsTensorFile *file) {
  return file->count;
}

const RsTensor *rs_tensor_file_at(const RsTensorFile *file, size_t index) {
  return &file->tensors[index];
}

/* Wide types first, so that all are aligned, then by name */
static bool goes_before(const RsTensor *a, const RsTensor *b) {
  const size_t width_a = kinds[a->type].width, width_b = kinds[b->type].width;
  return width_a != width_b ? width_a > width_b : strcmp(a->name, b->name) < 0;
}

/* How many tensors of the file go before one, which need not be there */
static size_t place_of(const RsTensorFile *file, const RsTensor *tensor) {
  size_t low = 0, high = file->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (goes_before(&file->tensors[middle], tensor)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const RsTensor *rs_tensor_file_find(const RsTensorFile *file, const char *name) {
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
    const RsTensor wanted = {.name = name, .type = (RsTensorType)i};
    const size_t place = place_of(file, &wanted);
    if (place < file->count && !strcmp(file->tensors[place].name, name)) {
      return &file->tensors[place];
    }
  }
  return NULL;
}

static bool reserve_one(RsTensorFile *file) {
  if (file->count < file->capacity) {
    return true;
  }
  const size_t capacity = file->capacity ? 2 * file->capacity : 16;
  RsTensor *tensors = realloc(file->tensors, capacity * sizeof(*tensors));
  if (tensors) {
    file->tensors = tensors;
    file->capacity = capacity;
  }
  return tensors != NULL;
}

RsStatus rs_tensor_file_adopt(RsTensorFile *file, const RsTensor *tensor) {
  if (!reserve_one(file)) {
    return RS_ERR_MEMORY;
  }
  const size_t place = place_of(file, tensor);
  memmove(&file->tensors[place + 1], &file->tensors[place],
          (file->count - place) * sizeof(*file->tensors));
  file->tensors[place] = *tensor;
  ++file->count;
  return RS_OK;
}

static RsStatus check_new(const RsTensorFile *file, const RsTensor *tensor, size_t *bytes) {
  if (!tensor->name || !*tensor->name || !strcmp(tensor->name, RS_METADATA) ||
      tensor->rank > RS_TENSOR_RANK || file->count >= RS_TENSORS_MOST ||
      rs_tensor_file_find(file, tensor->name)) {
    return RS_ERR_ARGUMENT;
  }
  if (!rs_tensor_bytes(tensor, bytes)) {
    return RS_ERR_OVERFLOW;
  }
  return rs_tensor_finite(tensor) ? RS_OK : RS_ERR_NONFINITE;
}

RsStatus rs_tensor_file_add(RsTensorFile *file, const RsTensor *tensor) {
  size_t bytes = 0;
  RsStatus status = check_new(file, tensor, &bytes);
  if (status) {
    return status;
  }
  RsTensor copy = *tensor;
  char *name = strdup(tensor->name);
  void *data = rs_alloc(bytes, 1);
  if (name && data) {
    if (bytes) {
      memcpy(data, tensor->data, bytes);
    }
    copy.name = name;
    copy.data = data;
    status = rs_tensor_file_adopt(file, &copy);
  }
  if (!name || !data || status) {
    free(name);
    free(data);
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}

/* ---- Reading of models ---- */

static void describe_shape(size_t rank, const size_t *shape, char *text, size_t size) {
  size_t used = (size_t)snprintf(text, size, "[");
  for (size_t i = 0; i < rank && used < size; ++i) {
    used += (size_t)snprintf(text + used, size - used, "%s%zu", i ? ", " : "", shape[i]);
  }
  if (used < size) {
    snprintf(text + used, size - used, "]");
  }
}

RsStatus rs_tensor_file_expect(const RsTensorFile *file, const char *name, RsTensorType type,
                               size_t rank, const size_t *shape, const void **data,
                               RsError *error) {
  const RsTensor *tensor = rs_tensor_file_find(file, name);
  char expected[96], found[96];
  if (!tensor) {
    return rs_error(error, RS_ERR_FORMAT, "tensor %s is missing", name);
  }
  if (tensor->type != type || tensor->rank != rank ||
      (rank && memcmp(tensor->shape, shape, rank * sizeof(*shape)) != 0)) {
    describe_shape(rank, shape, expected, sizeof(expected));
    describe_shape(tensor->rank, tensor->shape, found, sizeof(found));
    return rs_error(error, RS_ERR_FORMAT, "tensor %s is %s %s, must be %s %s", name,
                    kinds[tensor->type].name, found, kinds[type].name, expected);
  }
  *data = tensor->data;
  return RS_OK;
}
