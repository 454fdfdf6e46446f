/* SPDX-License-Identifier: ISC */

/* Runs a program in a terminal of its own and types at it.

     keys SCRIPT PROGRAM...

   Each line of the script is `MILLISECONDS KEYS`: so long after the line before, these are typed;
   time begins when the terminal first shows something that ends in no line break.
   What the terminal shows goes to standard output; the exit status is the program's. */

#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000ll + time.tv_nsec / 1000000;
}

/* Show what the terminal shows, for some milliseconds or until it closes, or a line stays open. */
static int show(int terminal, long long milliseconds, int until_open) {
  const long long end = now() + milliseconds;
  struct pollfd wait = {.fd = terminal, .events = POLLIN};
  char text[512];
  for (long long left = milliseconds; left > 0; left = end - now()) {
    if (poll(&wait, 1, (int)left) > 0) {
      const ssize_t count = read(terminal, text, sizeof text);
      if (count <= 0) {
        return 0;
      }
      fwrite(text, 1, (size_t)count, stdout);
      if (until_open && text[count - 1] != '\n') {
        break;
      }
    }
  }
  return 1;
}

static void type_all(int terminal, FILE *script) {
  char line[256], *keys = NULL;
  show(terminal, 20000, 1);
  while (fgets(line, sizeof line, script)) {
    const long pause = strtol(line, &keys, 10);
    line[strcspn(line, "\n")] = '\0';
    keys += *keys == ' ';
    if (!show(terminal, pause, 0) || write(terminal, keys, strlen(keys)) < 0) {
      return;
    }
  }
}

int main(int argc, char **argv) {
  FILE *script = argc > 2 ? fopen(argv[1], "r") : NULL;
  int terminal = -1, status = 0;
  if (!script) {
    return 125;
  }
  setvbuf(stdout, NULL, _IONBF, 0);
  const pid_t program = forkpty(&terminal, NULL, NULL, NULL);
  if (program == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  type_all(terminal, script);
  show(terminal, 10000, 0);
  waitpid(program, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
