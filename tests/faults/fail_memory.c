/* SPDX-License-Identifier: ISC */

/* Preloaded: the allocation number $FAIL_AT fails. With $LIST_INTO instead, a file, each allocation
   is a line there: a number for the place in the program, with all that called it. Those that the
   loader, GLib, libsmf, OpenBLAS, fontconfig, cairo and pixman make do not count: the first cannot
   go on without, fontconfig takes another font, and the others end the program or crash where
   memory is out (cairo 1.16 does not check what pixman_image_create_bits() returns). */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum { MOST_CALLERS = 20, LONGEST = 300 };

#define FNV_START 0xcbf29ce484222325u
#define FNV_FACTOR 0x100000001b3u

static atomic_long calls;
static long fail_at;
static int list = -1;

__attribute__((constructor)) static void begin(void) {
  const char *number = getenv("FAIL_AT"), *path = getenv("LIST_INTO");
  alarm(LONGEST); /* a command that waits for ever is ended */
  fail_at = number ? strtol(number, NULL, 10) : 0;
  list = path && *path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
}

static bool is_one_of(const char *library, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (strstr(library, names[i])) {
      return true;
    }
  }
  return false;
}

/* Whether a library counts; the C library and this one stand for whoever called them. */
typedef enum { COUNTS, ON_BEHALF, DOES_NOT_COUNT } Standing;

static Standing standing_of(const Dl_info *about) {
  static const char *const on_behalf[] = {"libc.so", "fail_memory"};
  static const char *const others[] = {"libglib",       "libsmf",   "libopenblas", "ld-linux",
                                       "libfontconfig", "libcairo", "libpixman"};
  return is_one_of(about->dli_fname, on_behalf, 2) ? ON_BEHALF
         : is_one_of(about->dli_fname, others, 7)  ? DOES_NOT_COUNT
                                                   : COUNTS;
}

/* Whether an allocation by these counts, and in *place a number that is the same wherever libraries
   are loaded to. */
static bool look_at(void *const *callers, int count, uint64_t *place) {
  Standing standing = ON_BEHALF;
  *place = FNV_START;
  for (int i = 0; i < count && standing != DOES_NOT_COUNT; ++i) {
    Dl_info about;
    if (dladdr(callers[i], &about)) {
      const size_t offset = (size_t)((char *)callers[i] - (char *)about.dli_fbase);
      *place = (*place ^ offset) * FNV_FACTOR;
      standing = standing == ON_BEHALF ? standing_of(&about) : standing;
    }
  }
  return standing == COUNTS;
}

static void list_place(uint64_t place) {
  char line[32];
  const int length = snprintf(line, sizeof line, "%016llx\n", (unsigned long long)place);
  (void)!write(list, line, (size_t)length);
}

/* Whether this one counts. */
static bool counts(void) {
  static _Thread_local bool inside; /* what is called here may allocate */
  void *callers[MOST_CALLERS];
  uint64_t place = 0;
  if (inside) {
    return false;
  }
  inside = true;
  const bool one = look_at(callers, backtrace(callers, MOST_CALLERS), &place);
  if (one && list >= 0) {
    list_place(place);
  }
  inside = false;
  return one;
}

/* Whether this one fails; those behind it do not, and are not looked at. */
static bool fails(void) {
  const bool over = fail_at > 0 ? atomic_load(&calls) >= fail_at : list < 0;
  if (over || !counts() || atomic_fetch_add(&calls, 1) + 1 != fail_at) {
    return false;
  }
  errno = ENOMEM;
  return true;
}

void *malloc(size_t size) {
  return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : __libc_memalign(alignment, size);
}
