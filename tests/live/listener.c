/* SPDX-License-Identifier: ISC */

/* A MIDI port that writes down what arrives, with the time at which ALSA's sequencer delivered it.

     listener NAME FILE [slow EVENTS]
     listener NAME - clock BPM SECONDS
     listener NAME SCRIPT send

   Each line is `NANOSECONDS STATUS DATA1 DATA2`, the bytes in hexadecimal; the first one tells by
   `0 start UPTIME` when, in nanoseconds, their time begins. SIGTERM ends it, SIGUSR1 takes its port
   away. With `slow` it reads no more than so many events a second. With `clock` it is a port that,
   as soon as someone listens, sends a clock, then Start, a clock for so many seconds, and Stop, and
   writes nothing. With
   `send` it is one that sends what stands in lines `MILLISECONDS STATUS DATA1 DATA2`, each so long
   after the one before and the first after SIGUSR1, and stays there until SIGTERM. */

#include <alsa/asoundlib.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t end, hide;

static void note(int number) {
  if (number == SIGUSR1) {
    hide = 1;
  } else {
    end = 1;
  }
}

static void catch_signals(void) {
  struct sigaction action = {.sa_handler = note}; /* without SA_RESTART: poll() comes back */
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
}

static int make_port(snd_seq_t *seq, const char *name, unsigned ways, int queue) {
  snd_seq_port_info_t *info;
  snd_seq_port_info_alloca(&info);
  snd_seq_port_info_set_name(info, name);
  snd_seq_port_info_set_capability(info, ways);
  snd_seq_port_info_set_type(info, SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION);
  snd_seq_port_info_set_timestamping(info, 1);
  snd_seq_port_info_set_timestamp_real(info, 1);
  snd_seq_port_info_set_timestamp_queue(info, queue);
  return snd_seq_create_port(seq, info) < 0 ? -1 : snd_seq_port_info_get_port(info);
}

/* ---- Listening ---- */

static void write_down(FILE *file, snd_midi_event_t *parser, const snd_seq_event_t *event) {
  unsigned char bytes[16] = {0};
  if (snd_midi_event_decode(parser, bytes, sizeof bytes, event) > 0) {
    fprintf(file, "%llu %02x %02x %02x\n",
            event->time.time.tv_sec * 1000000000ull + event->time.time.tv_nsec, bytes[0], bytes[1],
            bytes[2]);
  }
}

static void read_all(snd_seq_t *seq, snd_midi_event_t *parser, FILE *file, unsigned pause) {
  snd_seq_event_t *event = NULL;
  int got = 0;
  while ((got = snd_seq_event_input(seq, &event)) >= 0 || got == -ENOSPC) {
    if (got == -ENOSPC) {
      fprintf(file, "0 overflow\n");
    } else {
      write_down(file, parser, event);
    }
    if (pause) {
      usleep(pause);
    }
  }
  fflush(file);
}

static void write_start(FILE *file) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  fprintf(file, "0 start %lld\n", time.tv_sec * 1000000000ll + time.tv_nsec);
}

static int listen_on(snd_seq_t *seq, const char *name, const char *path, unsigned pause) {
  const int queue = snd_seq_alloc_queue(seq);
  int port = make_port(seq, name, SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE, queue);
  snd_midi_event_t *parser = NULL;
  FILE *file = fopen(path, "w");
  struct pollfd wait;
  if (port < 0 || !file || snd_midi_event_new(16, &parser)) {
    return 1;
  }
  snd_midi_event_no_status(parser, 1);
  snd_seq_start_queue(seq, queue, NULL);
  snd_seq_drain_output(seq);
  write_start(file);
  if (pause) { /* Read one at a time, not as many as fit into the library's buffer */
    snd_seq_set_input_buffer_size(seq, sizeof(snd_seq_event_t));
  }
  snd_seq_nonblock(seq, 1);
  snd_seq_poll_descriptors(seq, &wait, 1, POLLIN);
  while (!end) {
    if (hide && port >= 0) {
      snd_seq_delete_port(seq, port);
      port = -1;
    }
    poll(&wait, 1, 100);
    read_all(seq, parser, file, pause);
  }
  snd_midi_event_free(parser);
  return fclose(file);
}

/* ---- A clock ---- */

static void send_one(snd_seq_t *seq, int port, int type) {
  snd_seq_event_t event;
  snd_seq_ev_clear(&event);
  event.type = (snd_seq_event_type_t)type;
  snd_seq_ev_set_source(&event, port);
  snd_seq_ev_set_subs(&event);
  snd_seq_ev_set_direct(&event);
  snd_seq_event_output_direct(seq, &event);
}

static void wait_for_listener(snd_seq_t *seq, int port) {
  snd_seq_port_info_t *info;
  snd_seq_port_info_alloca(&info);
  while (!end && !snd_seq_get_port_info(seq, port, info) && !snd_seq_port_info_get_read_use(info)) {
    poll(NULL, 0, 20);
  }
}

static int tick(snd_seq_t *seq, const char *name, double bpm, double seconds) {
  const int port = make_port(seq, name, SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ, 0);
  const double period = 60e9 / bpm / 24;
  struct timespec start, when;
  wait_for_listener(seq, port);
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long n = 0; port >= 0 && !end; ++n) {
    const long long due = start.tv_nsec + (long long)((double)n * period);
    when = (struct timespec){start.tv_sec + due / 1000000000, due % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
    if (n == 72) { /* so long they may get used to it */
      send_one(seq, port, SND_SEQ_EVENT_START);
    }
    send_one(seq, port, SND_SEQ_EVENT_CLOCK);
    if ((double)(n - 72) * period > seconds * 1e9) {
      break;
    }
  }
  send_one(seq, port, SND_SEQ_EVENT_STOP);
  return port < 0;
}

/* ---- What stands in a script ---- */

static void send_bytes(snd_seq_t *seq, int port, snd_midi_event_t *parser, const unsigned *words) {
  snd_seq_event_t event;
  snd_seq_ev_clear(&event);
  const unsigned char bytes[3] = {(unsigned char)words[0], (unsigned char)words[1],
                                  (unsigned char)words[2]};
  if (snd_midi_event_encode(parser, bytes, sizeof bytes, &event) > 0) {
    snd_seq_ev_set_source(&event, port);
    snd_seq_ev_set_subs(&event);
    snd_seq_ev_set_direct(&event);
    snd_seq_event_output_direct(seq, &event);
  }
}

static int send_all(snd_seq_t *seq, const char *name, const char *path) {
  const int port = make_port(seq, name, SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ, 0);
  FILE *file = fopen(path, "r");
  snd_midi_event_t *parser = NULL;
  unsigned words[3], pause = 0;
  if (port < 0 || !file || snd_midi_event_new(16, &parser)) {
    return 1;
  }
  while (!end && !hide) {
    poll(NULL, 0, 20);
  }
  while (!end && fscanf(file, "%u %x %x %x", &pause, &words[0], &words[1], &words[2]) == 4) {
    usleep(pause * 1000);
    send_bytes(seq, port, parser, words);
  }
  while (!end) {
    poll(NULL, 0, 100);
  }
  snd_midi_event_free(parser);
  return fclose(file);
}

int main(int argc, char **argv) {
  snd_seq_t *seq = NULL;
  if (argc < 3 || snd_seq_open(&seq, "default", SND_SEQ_OPEN_DUPLEX, 0) < 0) {
    return 1;
  }
  catch_signals();
  snd_seq_set_client_name(seq, argv[1]);
  const double number = argc > 4 ? strtod(argv[4], NULL) : 0;
  const int failed =
      argc == 6   ? tick(seq, argv[1], number, strtod(argv[5], NULL))
      : argc == 4 ? send_all(seq, argv[1], argv[2])
                  : listen_on(seq, argv[1], argv[2], number > 0 ? (unsigned)(1e6 / number) : 0);
  snd_seq_close(seq);
  return failed;
}
