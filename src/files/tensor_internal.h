/* SPDX-License-Identifier: ISC */

#ifndef RS_FILES_TENSOR_INTERNAL_H
#define RS_FILES_TENSOR_INTERNAL_H

/**
   @file tensor_internal.h What reader and writer of tensor files share.
*/

#include <rollsmith/tensor_file.h>

#include <stdbool.h>
#include <stdint.h>

/** Member of the header that holds strings. */
#define RS_METADATA "__metadata__"

/** The string that holds the checksum. */
#define RS_CHECKSUM "checksum"

/** Where the digits of the checksum begin in the header: right after these bytes. */
#define RS_CHECKSUM_MARK "\"" RS_CHECKSUM "\":\""

/** Hexadecimal digits of a checksum, lower case; all are 0 while it is computed. */
#define RS_CHECKSUM_DIGITS 16

/** Longest header that is read or written. */
#define RS_HEADER_LONGEST (4 * 1024 * 1024)

/** Most tensors of a file. */
#define RS_TENSORS_MOST 4096

/** A string and its key. */
typedef struct {
  char *key;
  char *value;
} RsTensorString;

/** Strings in the order of their keys; all owned. */
typedef struct {
  RsTensorString *at;
  size_t count;
  size_t capacity;
} RsTensorStrings;

struct RsTensorFile {
  RsTensor *tensors; // Names and data are owned
  size_t count;
  size_t capacity;
  RsTensorStrings strings; // Without the checksum
};

/** How a type is written in the header, and how many bytes a value has. */
typedef struct {
  const char *name;
  size_t width;
} RsTensorKind;

RsTensorKind rs_tensor_kind(RsTensorType type);

/** The type of a name in the header. @return Whether there is one. */
bool rs_tensor_type_named(const char *name, RsTensorType *type);

/** Bytes of a tensor's values. @return False where they are too many to count. */
bool rs_tensor_bytes(const RsTensor *tensor, size_t *bytes);

/** Whether no value is a NaN or an infinity. */
bool rs_tensor_finite(const RsTensor *tensor);

/** Take a tensor with its name and data over into the file; the caller keeps them on failure. */
RsStatus rs_tensor_file_adopt(RsTensorFile *file, const RsTensor *tensor);

/** The string of a key, or NULL. */
RsTensorString *rs_tensor_strings_find(const RsTensorStrings *strings, const char *key);

/**
   Add a string, copied, behind all others: before the next search, rs_tensor_strings_sort() has to
   put them in order.

   @param key  One that is not there.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_tensor_strings_append(RsTensorStrings *strings, const char *key, const char *value);

/** Put the strings in the order of their keys. */
void rs_tensor_strings_sort(RsTensorStrings *strings);

/** Free all strings. */
void rs_tensor_strings_clear(RsTensorStrings *strings);

/** FNV-1a, 64 bits: the hash of `size` bytes that follow those of `hash`. */
uint64_t rs_fnv1a(uint64_t hash, const void *bytes, size_t size);

/** The hash of no bytes. */
#define RS_FNV1A_START 0xcbf29ce484222325u

/** Values to little-endian bytes; `bytes` may be where the values are. */
void rs_tensor_encode(const void *values, size_t count, size_t width, unsigned char *bytes);

/** The other way. */
void rs_tensor_decode(const unsigned char *bytes, size_t count, size_t width, void *values);

#endif /* RS_FILES_TENSOR_INTERNAL_H */
