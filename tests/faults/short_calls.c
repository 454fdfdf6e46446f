/* SPDX-License-Identifier: ISC */

/* Runs a command of which each read and each write transfers a few bytes at most, as the system may
   do at any time:

       short_calls BYTES COMMAND...

   The files of the system are read as they are: the loader takes a short read for a damaged
   library. Ends with the status of the command, or with 128 and its signal; with 77 on a machine
   whose registers are not known here. */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined __x86_64__

/* Whether a file belongs to the system: libraries, fonts and what the kernel tells of itself. */
static bool is_of_system(pid_t thread, unsigned long long descriptor) {
  static const char *const folders[] = {"/usr/", "/lib", "/etc/", "/proc/", "/sys/", "/var/"};
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/%d/fd/%llu", (int)thread, descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = '\0';
  for (size_t i = 0; i < sizeof folders / sizeof *folders; ++i) {
    if (!strncmp(path, folders[i], strlen(folders[i]))) {
      return true;
    }
  }
  return length < 0;
}

static void shorten(pid_t thread, unsigned long long most) {
  struct user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, thread, NULL, &registers)) {
    return;
  }
  if (registers.rdx > most && !is_of_system(thread, registers.rdi)) {
    registers.rdx = most;
    ptrace(PTRACE_SETREGS, thread, NULL, &registers);
  }
}

/* The signal that a stopped thread is to have; 0: none. */
static int signal_of(int status) {
  return status >> 16 || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
}

static int follow(pid_t command, unsigned long long most) {
  int status = 0;
  for (pid_t thread = 0; (thread = waitpid(-1, &status, __WALL)) > 0;) {
    if (WIFSTOPPED(status)) {
      if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
        shorten(thread, most);
      }
      ptrace(PTRACE_CONT, thread, NULL, signal_of(status));
    } else if (thread == command) {
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
  return 1;
}

/* Stop at each read and each write, and at nothing else. */
static bool stop_at_transfers(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
         !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int begin(char **words) {
  ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  raise(SIGSTOP);
  if (stop_at_transfers()) {
    execvp(words[0], words);
  }
  return 127;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    return 2;
  }
  const pid_t command = fork();
  if (!command) {
    _exit(begin(argv + 2));
  }
  waitpid(command, NULL, 0);
  ptrace(PTRACE_SETOPTIONS, command, NULL,
         PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, command, NULL, 0);
  return follow(command, strtoull(argv[1], NULL, 10));
}

#else

int main(void) {
  return 77;
}

#endif
