/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_TENSOR_FILE_H
#define ROLLSMITH_TENSOR_FILE_H

/**
   @file tensor_file.h Named arrays and strings in one file: safetensors, with a checksum.

   The file is 8 bytes with the length of the header, the header in JSON, and the arrays one after
   the other, all little-endian; any reader of safetensors reads it. What is written depends on the
   content alone: the same tensors and strings give the same bytes. See doc/model-format.md.

   A file that is read is not trusted: lengths, offsets, shapes, names and the checksum are checked,
   and every flipped bit is noticed.
*/

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most dimensions of a tensor. */
#define RS_TENSOR_RANK 4

/** Description of a tensor. */
typedef enum {
  RS_TENSOR_F32, ///< float
  RS_TENSOR_F64, ///< double
  RS_TENSOR_U64, ///< uint64_t
  RS_TENSOR_U8,  ///< uint8_t
} RsTensorType;

/** A named array. */
typedef struct {
  const char *name;             ///< Not empty and not "__metadata__"
  RsTensorType type;            ///< Type of the values
  size_t rank;                  ///< Number of dimensions, 0 (one value) to RS_TENSOR_RANK
  size_t shape[RS_TENSOR_RANK]; ///< Sizes of the dimensions, the last one running fastest
  const void *data;             ///< Values in this machine's byte order, row-major
} RsTensor;

/** Tensors and strings, by their names. */
typedef struct RsTensorFile RsTensorFile;

/**
   An empty file in memory.

   @param out  Output, to be given to rs_tensor_file_free().
   @return RS_OK or RS_ERR_MEMORY.
*/
RsStatus rs_tensor_file_new(RsTensorFile **out);

/** Free it. NULL is allowed. */
void rs_tensor_file_free(RsTensorFile *file);

/**
   Add a tensor; name and values are copied.

   @return RS_OK; RS_ERR_ARGUMENT where the name exists already or is invalid, or the rank is too
   high; RS_ERR_NONFINITE where a value is a NaN or an infinity; RS_ERR_OVERFLOW; RS_ERR_MEMORY.
*/
RsStatus rs_tensor_file_add(RsTensorFile *file, const RsTensor *tensor);

/**
   Add or replace a string.

   @param key    Any but "checksum".
   @param value  UTF-8.
   @return RS_OK; RS_ERR_ARGUMENT where one is not UTF-8 or the key is reserved; RS_ERR_MEMORY.
*/
RsStatus rs_tensor_file_set(RsTensorFile *file, const char *key, const char *value);

/** The string of a key, valid until the file is freed or the string replaced; NULL where there is
 * none. */
const char *rs_tensor_file_get(const RsTensorFile *file, const char *key);

/** Key number `index` of the strings, sorted; NULL behind the last one. Valid as
 * rs_tensor_file_get()'s. */
const char *rs_tensor_file_key(const RsTensorFile *file, size_t index);

/** Number of tensors. */
size_t rs_tensor_file_count(const RsTensorFile *file);

/** Tensor 0 .. count - 1 in the order of the data; valid until one is added. */
const RsTensor *rs_tensor_file_at(const RsTensorFile *file, size_t index);

/** The tensor of a name, or NULL; valid until one is added. */
const RsTensor *rs_tensor_file_find(const RsTensorFile *file, const char *name);

/**
   The values of a tensor that has to be there.

   @param name   Its name.
   @param type   The type it must have.
   @param rank   The rank it must have.
   @param shape  The shape it must have, `rank` sizes.
   @param data   Output, borrowed from the file.
   @return RS_OK, or RS_ERR_FORMAT where it is missing or something else.
*/
RsStatus rs_tensor_file_expect(const RsTensorFile *file, const char *name, RsTensorType type,
                               size_t rank, const size_t *shape, const void **data, RsError *error);

/**
   Write the file, whole or not at all.

   @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY.
*/
RsStatus rs_tensor_file_save(const RsTensorFile *file, const char *path, RsError *error);

/**
   Read a file.

   @param path  Path.
   @param out   Output, to be given to rs_tensor_file_free().
   @return RS_OK; RS_ERR_READ where it cannot be read; RS_ERR_FORMAT, with what is wrong, where it
   is damaged or something else; RS_ERR_MEMORY.
*/
RsStatus rs_tensor_file_load(const char *path, RsTensorFile **out, RsError *error);

/** As rs_tensor_file_load(), from an open stream up to its end; `name` is for messages. */
RsStatus rs_tensor_file_read(FILE *stream, const char *name, RsTensorFile **out, RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_TENSOR_FILE_H */
