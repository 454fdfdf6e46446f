/* SPDX-License-Identifier: ISC */

/* A MIDI port of JACK that writes down what arrives, or sends.

     jack-listener NAME FILE            port NAME:in; each line of FILE is `NANOSECONDS STATUS DATA1
                                        DATA2`, the bytes in hexadecimal
     jack-listener NAME FILE FROM       and connects FROM to it
     jack-listener NAME - clock BPM SECONDS
                                        port NAME:out; as soon as it is connected, it sends a clock,
                                        after three beats Start, and after so many seconds Stop

     jack-listener NAME - probe         ends at once; status 0 where there is a server

   SIGTERM ends it. */

#include <jack/jack.h>
#include <jack/midiport.h>
#include <jack/ringbuffer.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  long long frame;
  unsigned char bytes[4];
} Event;

enum { EVENTS = 1 << 14 };

static volatile sig_atomic_t end;
static jack_port_t *port;
static jack_ringbuffer_t *ring;
static long long frames; /* since the beginning */
static double period;    /* of the clock, in frames */
static long tick, last_tick;

static void note(int number) {
  end = 1;
}

static int listen_to(jack_nframes_t count, void *unused) {
  void *buffer = jack_port_get_buffer(port, count);
  for (jack_nframes_t i = 0; i < jack_midi_get_event_count(buffer); ++i) {
    jack_midi_event_t arrived;
    jack_midi_event_get(&arrived, buffer, i);
    Event event = {.frame = frames + arrived.time};
    memcpy(event.bytes, arrived.buffer, arrived.size < 3 ? arrived.size : 3);
    jack_ringbuffer_write(ring, (const char *)&event, sizeof event);
  }
  frames += count;
  return 0;
}

/* 72 clocks go before Start. */
static int send_clock(jack_nframes_t count, void *unused) {
  void *buffer = jack_port_get_buffer(port, count);
  jack_midi_clear_buffer(buffer);
  if (!jack_port_connected(port)) {
    return 0;
  }
  for (; tick <= last_tick && (double)tick * period < (double)(frames + count); ++tick) {
    const jack_nframes_t at = (jack_nframes_t)((double)tick * period - (double)frames);
    const unsigned char bytes[] = {0xfa, 0xf8, 0xfc};
    if (tick == 72) {
      jack_midi_event_write(buffer, at, &bytes[0], 1);
    }
    jack_midi_event_write(buffer, at, &bytes[tick == last_tick ? 2 : 1], 1);
  }
  frames += count;
  return 0;
}

static void write_all(FILE *file, double rate) {
  Event event;
  while (jack_ringbuffer_read(ring, (char *)&event, sizeof event) == sizeof event) {
    fprintf(file, "%.0f %02x %02x %02x\n", (double)event.frame * 1e9 / rate, event.bytes[0],
            event.bytes[1], event.bytes[2]);
  }
  fflush(file);
}

int main(int argc, char **argv) {
  const int clock = argc == 6;
  jack_client_t *client = argc < 3 ? NULL : jack_client_open(argv[1], JackNoStartServer, NULL);
  if (client && argc == 4 && !strcmp(argv[3], "probe")) {
    return jack_client_close(client);
  }
  FILE *file = client && !clock ? fopen(argv[2], "w") : NULL;
  ring = jack_ringbuffer_create(EVENTS * sizeof(Event));
  if (!client || (!file && !clock)) {
    return 1;
  }
  signal(SIGTERM, note);
  const double rate = jack_get_sample_rate(client);
  if (clock) {
    period = rate * 60 / 24 / strtod(argv[4], NULL);
    last_tick = 72 + (long)(strtod(argv[5], NULL) * rate / period);
  }
  port = jack_port_register(client, clock ? "out" : "in", JACK_DEFAULT_MIDI_TYPE,
                            clock ? JackPortIsOutput : JackPortIsInput, 0);
  jack_set_process_callback(client, clock ? send_clock : listen_to, NULL);
  if (!port || jack_activate(client) ||
      (argc == 4 && jack_connect(client, argv[3], jack_port_name(port)))) {
    return 1;
  }
  while (!end && !(clock && tick > last_tick)) {
    usleep(20000);
    if (file) {
      write_all(file, rate);
    }
  }
  usleep(50000); /* the last messages are passed on */
  jack_client_close(client);
  if (file) {
    write_all(file, rate);
    fclose(file);
  }
  return 0;
}
