/* SPDX-License-Identifier: ISC */

/* Runs a command to which a signal does what it does by default: a shell lets what it runs in the
   background ignore SIGINT and SIGQUIT.

     default_signals COMMAND... */

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fputs("default_signals: no command\n", stderr);
    return 2;
  }
  signal(SIGINT, SIG_DFL);
  signal(SIGQUIT, SIG_DFL);
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
