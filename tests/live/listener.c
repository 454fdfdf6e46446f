/* A MIDI port that writes down what arrives, with the time at which ALSA's sequencer delivered it.

     listener NAME FILE [clock BPM SECONDS]

   Each line is `NANOSECONDS STATUS DATA1 DATA2`, the bytes in hexadecimal. SIGTERM ends it, SIGUSR1
   takes its port away. With `clock` it is a port that sends Start, a MIDI clock for some seconds,
   and Stop to whoever listens, and writes nothing. */

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

static void read_all(snd_seq_t *seq, snd_midi_event_t *parser, FILE *file) {
  snd_seq_event_t *event = NULL;
  int got = 0;
  while ((got = snd_seq_event_input(seq, &event)) >= 0 || got == -ENOSPC) {
    if (got == -ENOSPC) {
      fprintf(file, "0 overflow\n");
    } else {
      write_down(file, parser, event);
    }
  }
  fflush(file);
}

static int listen_on(snd_seq_t *seq, const char *name, const char *path) {
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
  snd_seq_nonblock(seq, 1);
  snd_seq_poll_descriptors(seq, &wait, 1, POLLIN);
  while (!end) {
    if (hide && port >= 0) {
      snd_seq_delete_port(seq, port);
      port = -1;
    }
    poll(&wait, 1, 100);
    read_all(seq, parser, file);
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

static int tick(snd_seq_t *seq, const char *name, double bpm, double seconds) {
  const int port = make_port(seq, name, SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ, 0);
  const double period = 60e9 / bpm / 24;
  struct timespec start, when;
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

int main(int argc, char **argv) {
  snd_seq_t *seq = NULL;
  if (argc < 3 || snd_seq_open(&seq, "default", SND_SEQ_OPEN_DUPLEX, 0) < 0) {
    return 1;
  }
  catch_signals();
  snd_seq_set_client_name(seq, argv[1]);
  const int failed = argc == 6 ? tick(seq, argv[1], strtod(argv[4], NULL), strtod(argv[5], NULL))
                               : listen_on(seq, argv[1], argv[2]);
  snd_seq_close(seq);
  return failed;
}
