/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "kit.h"

#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void assert_holds(const char *path, const char *text) {
  char buffer[64] = "";
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t n = fread(buffer, 1, sizeof buffer - 1, file);
  fclose(file);
  assert_int_equal(n, strlen(text));
  assert_string_equal(buffer, text);
}

static RsStatus put(const char *path, const char *text, RsError *error) {
  return rs_write_file_atomically(path, text, strlen(text), error);
}

static void a_file_is_written_and_written_over(void **state) {
  assert_ok(put("a", "first", NULL));
  assert_holds("a", "first");
  assert_ok(put("a", "2nd", NULL));
  assert_holds("a", "2nd");
  assert_ok(put("a", "", NULL));
  assert_holds("a", "");
  assert_int_equal(files_here(), 1);
  unlink("a");
}

static void a_new_file_has_the_permissions_of_the_umask_or_of_the_old_one(void **state) {
  struct stat a;
  const mode_t old = umask(022);
  assert_ok(put("a", "x", NULL));
  assert_int_equal(stat("a", &a), 0);
  assert_int_equal(a.st_mode & 0777, 0644);
  assert_int_equal(chmod("a", 0600), 0);
  assert_ok(put("a", "y", NULL));
  assert_int_equal(stat("a", &a), 0);
  assert_int_equal(a.st_mode & 0777, 0600);
  umask(old);
  unlink("a");
}

static void what_is_taken_back_leaves_the_old_file(void **state) {
  RsAtomicFile *file = NULL;
  RsError error = {RS_OK, ""};
  assert_ok(put("a", "old", NULL));
  assert_ok(rs_atomic_begin("a", &file, NULL));
  assert_true(fputs("half", rs_atomic_stream(file)) >= 0);
  assert_int_equal(rs_atomic_end(file, RS_ERR_STOPPED, &error), RS_ERR_STOPPED);
  assert_int_equal(error.status, RS_OK);
  assert_holds("a", "old");
  assert_int_equal(files_here(), 1);
  unlink("a");
}

static void two_outputs_of_one_name_do_not_mix(void **state) {
  RsAtomicFile *one = NULL, *two = NULL;
  assert_ok(rs_atomic_begin("a", &one, NULL));
  assert_ok(rs_atomic_begin("a", &two, NULL));
  assert_true(fputs("one", rs_atomic_stream(one)) >= 0);
  assert_true(fputs("two", rs_atomic_stream(two)) >= 0);
  assert_ok(rs_atomic_end(one, RS_OK, NULL));
  assert_holds("a", "one");
  assert_ok(rs_atomic_end(two, RS_OK, NULL));
  assert_holds("a", "two");
  assert_int_equal(files_here(), 1);
  unlink("a");
}

static void what_is_written_goes_to_the_system_in_large_blocks(void **state) {
  RsAtomicFile *file = NULL;
  assert_ok(rs_atomic_begin("a", &file, NULL));
  assert_true(fputs("x", rs_atomic_stream(file)) >= 0);
  assert_int_equal(__fbufsize(rs_atomic_stream(file)), 65536);
  assert_ok(rs_atomic_end(file, RS_OK, NULL));
  assert_holds("a", "x");
  unlink("a");
}

static void a_name_as_long_as_names_can_be_is_written(void **state) {
  char name[256];
  memset(name, 'n', 255);
  name[255] = 0;
  assert_ok(put(name, "long", NULL));
  assert_holds(name, "long");
  unlink(name);
}

static void a_symbolic_link_stays_one(void **state) {
  struct stat link;
  assert_ok(put("target", "old", NULL));
  assert_int_equal(symlink("target", "link"), 0);
  assert_ok(put("link", "new", NULL));
  assert_holds("target", "new");
  assert_int_equal(lstat("link", &link), 0);
  assert_true(S_ISLNK(link.st_mode));
  unlink("link");
  unlink("target");
}

static void a_symbolic_link_to_nothing_is_followed(void **state) {
  struct stat link;
  assert_int_equal(mkdir("folder", 0700), 0);
  assert_int_equal(symlink("folder/further", "link"), 0);
  assert_int_equal(symlink("target", "folder/further"), 0);
  assert_ok(put("link", "new", NULL));
  assert_holds("folder/target", "new");
  assert_int_equal(lstat("link", &link), 0);
  assert_true(S_ISLNK(link.st_mode));
  unlink("folder/target");
  unlink("folder/further");
  rmdir("folder");
  unlink("link");
}

static void a_circle_of_symbolic_links_is_refused(void **state) {
  RsError error = {RS_OK, ""};
  assert_int_equal(symlink("b", "a"), 0);
  assert_int_equal(symlink("a", "b"), 0);
  assert_int_equal(put("a", "x", &error), RS_ERR_IO);
  assert_string_equal(error.message, "cannot write a: Too many levels of symbolic links");
  assert_int_equal(files_here(), 2);
  unlink("a");
  unlink("b");
}

static void rights_of_a_program_are_not_passed_on(void **state) {
  struct stat a;
  assert_ok(put("a", "old", NULL));
  assert_int_equal(chmod("a", 06755), 0);
  assert_ok(put("a", "new", NULL));
  assert_int_equal(stat("a", &a), 0);
  assert_int_equal(a.st_mode & 07777, 0755);
  unlink("a");
}

/* Files and folders of all the names that a temporary file could be given in a row. */
static void names_that_are_taken_do_not_block_writing(void **state) {
  char name[64];
  for (int n = 0; n < 1000; ++n) {
    snprintf(name, sizeof name, ".rollsmith-%ld-%d.tmp", (long)getpid(), n);
    assert_int_equal(mkdir(name, 0700), 0);
  }
  assert_ok(put("a", "old", NULL));
  assert_ok(put("a", "new", NULL));
  assert_holds("a", "new");
  for (int n = 0; n < 1000; ++n) {
    snprintf(name, sizeof name, ".rollsmith-%ld-%d.tmp", (long)getpid(), n);
    rmdir(name);
  }
  assert_int_equal(files_here(), 1);
  unlink("a");
}

static void a_folder_is_refused(void **state) {
  RsError error = {RS_OK, ""};
  assert_int_equal(put(".", "x", &error), RS_ERR_IO);
  assert_string_equal(error.message, "cannot write .: it is a folder, name a file in it");
}

static void a_missing_folder_is_named(void **state) {
  RsError error = {RS_OK, ""};
  assert_int_equal(put("no/where/a", "x", &error), RS_ERR_IO);
  assert_string_equal(error.message,
                      "cannot write no/where/a: there is no folder no/where, make it first");
}

static void a_protected_folder_or_file_is_refused(void **state) {
  if (!geteuid()) {
    print_message("skipped: root may write everywhere\n");
    skip();
  }
  RsError error = {RS_OK, ""};
  assert_ok(put("a", "old", NULL));
  assert_int_equal(chmod("a", 0444), 0);
  assert_int_equal(put("a", "new", &error), RS_ERR_IO);
  assert_string_equal(error.message, "cannot write a: the file is write-protected");
  assert_int_equal(chmod(".", 0555), 0);
  assert_int_equal(put("b", "new", &error), RS_ERR_IO);
  assert_string_equal(error.message, "cannot write b: the folder . is write-protected");
  assert_int_equal(chmod(".", 0755), 0);
  assert_holds("a", "old");
  unlink("a");
}

static void a_pipe_is_written_to_and_not_replaced(void **state) {
  struct stat pipe;
  char buffer[8] = "";
  assert_int_equal(mkfifo("pipe", 0600), 0);
  const int reader = open("pipe", O_RDONLY | O_NONBLOCK);
  assert_ok(put("pipe", "x", NULL));
  assert_int_equal(read(reader, buffer, sizeof buffer), 1);
  assert_string_equal(buffer, "x");
  close(reader);
  assert_int_equal(lstat("pipe", &pipe), 0);
  assert_true(S_ISFIFO(pipe.st_mode));
  unlink("pipe");
}

/* Root gets a full device of its own: a mistake in the code must not replace the machine's. */
static void a_full_device_is_an_error(void **state) {
  RsError error = {RS_OK, ""};
  const bool root = !geteuid();
  const char *full = root ? "full" : "/dev/full";
  char message[128];
  if (root && mknod(full, S_IFCHR | 0600, makedev(1, 7))) {
    print_message("skipped: no device can be made here\n");
    skip();
  }
  const RsStatus status = put(full, "x", &error);
  unlink("full");
  assert_int_equal(status, RS_ERR_IO);
  snprintf(message, sizeof message, "cannot write %s: %s", full, strerror(ENOSPC));
  assert_string_equal(error.message, message);
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_leaves_the_old_file(void **state) {
  struct rlimit old;
  RsError error = {RS_OK, ""};
  char message[128];
  char *much = calloc(1, 100000);
  assert_ok(put("a", "old", NULL));
  getrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){50000, old.rlim_max});
  const RsStatus status = rs_write_file_atomically("a", much, 100000, &error);
  setrlimit(RLIMIT_FSIZE, &old);
  free(much);
  assert_int_equal(status, RS_ERR_IO);
  snprintf(message, sizeof message, "cannot write a: %s", strerror(EFBIG));
  assert_string_equal(error.message, message);
  assert_holds("a", "old");
  assert_int_equal(files_here(), 1);
  unlink("a");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(a_file_is_written_and_written_over),
      in_folder(a_new_file_has_the_permissions_of_the_umask_or_of_the_old_one),
      in_folder(what_is_taken_back_leaves_the_old_file),
      in_folder(two_outputs_of_one_name_do_not_mix),
      in_folder(what_is_written_goes_to_the_system_in_large_blocks),
      in_folder(a_name_as_long_as_names_can_be_is_written),
      in_folder(a_symbolic_link_stays_one),
      in_folder(a_symbolic_link_to_nothing_is_followed),
      in_folder(a_circle_of_symbolic_links_is_refused),
      in_folder(rights_of_a_program_are_not_passed_on),
      in_folder(names_that_are_taken_do_not_block_writing),
      in_folder(a_folder_is_refused),
      in_folder(a_missing_folder_is_named),
      in_folder(a_protected_folder_or_file_is_refused),
      in_folder(a_pipe_is_written_to_and_not_replaced),
      in_folder(a_full_device_is_an_error),
      in_folder(a_full_disk_leaves_the_old_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
