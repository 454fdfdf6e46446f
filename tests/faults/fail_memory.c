/* Preloaded: the allocation number $FAIL_AT fails. Those that the loader, GLib, libsmf and OpenBLAS
   make do not count: the first cannot go on without, and the others end the program where memory is
   out. */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum { MOST_CALLERS = 12 };

static atomic_long calls;
static long fail_at;

__attribute__((constructor)) static void begin(void) {
  const char *number = getenv("FAIL_AT");
  fail_at = number ? strtol(number, NULL, 10) : 0;
}

/* Which library an address is in; NULL where that is not known. */
static const char *library_of(const void *address) {
  Dl_info about;
  return dladdr(address, &about) ? about.dli_fname : NULL;
}

static bool is_one_of(const char *library, const char *const *names, size_t count) {
  for (size_t i = 0; library && i < count; ++i) {
    if (strstr(library, names[i])) {
      return true;
    }
  }
  return false;
}

/* Whoever called, be it by way of the C library. */
static bool counts(void) {
  static const char *const on_behalf[] = {"libc.so", "fail_memory"};
  static const char *const others[] = {"libglib", "libsmf", "libopenblas", "ld-linux",
                                       "libfontconfig"};
  static _Thread_local bool inside; /* what is called here may allocate */
  void *callers[MOST_CALLERS];
  const char *library = NULL;
  if (inside) {
    return false;
  }
  inside = true;
  const int count = backtrace(callers, MOST_CALLERS);
  for (int i = 0; i < count && !library; ++i) {
    library = library_of(callers[i]);
    library = is_one_of(library, on_behalf, 2) ? NULL : library;
  }
  inside = false;
  return library && !is_one_of(library, others, 5);
}

/* Whether this one fails. */
static bool fails(void) {
  if (fail_at <= 0 || !counts() || atomic_fetch_add(&calls, 1) + 1 != fail_at) {
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
