/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/active_notes.h"
#include "live/sink_jack.h"

#include <jack/midiport.h>

#include <string.h>

/* A server in place of JACK's: cycles of 256 frames, and the buffers of two ports. */

enum { FRAMES = 256, CYCLE = 5333, MOST = 64 }; // CYCLE: microseconds, at 48 kHz

typedef struct {
  jack_nframes_t frame;
  uint8_t bytes[3];
  size_t size;
} Event;

static struct {
  int64_t begin; // Of the cycle
  bool unknown;  // The times of the cycle are
  Event written[MOST];
  size_t count, room;
  Event arriving[8];
  uint32_t arrivals;
} server;

static jack_port_t *const out = (jack_port_t *)&server.written, *const in =
                                                                    (jack_port_t *)&server.arriving;

int jack_get_cycle_times(const jack_client_t *client, jack_nframes_t *frame, jack_time_t *begin,
                         jack_time_t *end, float *period) {
  *frame = 0;
  *begin = (jack_time_t)server.begin;
  *end = (jack_time_t)server.begin + CYCLE;
  *period = CYCLE;
  return server.unknown;
}

void *jack_port_get_buffer(jack_port_t *port, jack_nframes_t frames) {
  return port;
}

void jack_midi_clear_buffer(void *buffer) {
  assert_ptr_equal(buffer, out);
  server.count = 0;
}

int jack_midi_event_write(void *buffer, jack_nframes_t time, const jack_midi_data_t *data,
                          size_t size) {
  assert_ptr_equal(buffer, out);
  if (server.count == server.room) {
    return -1;
  }
  Event *event = &server.written[server.count++];
  *event = (Event){.frame = time, .size = size};
  memcpy(event->bytes, data, size);
  return 0;
}

uint32_t jack_midi_get_event_count(void *buffer) {
  return server.arrivals;
}

int jack_midi_event_get(jack_midi_event_t *event, void *buffer, uint32_t index) {
  Event *arriving = &server.arriving[index];
  *event = (jack_midi_event_t){arriving->frame, arriving->size, arriving->bytes};
  return 0;
}

static RsJackSink sink;

static void enter(int64_t lookahead) {
  memset(&server, 0, sizeof(server));
  memset(&sink, 0, sizeof(sink));
  server.begin = 1000000;
  server.room = MOST;
  sink.sink.lookahead = lookahead;
  sink.output.own = out;
  sink.inputs[RS_INPUT_LISTEN].own = in;
  assert_ok(rs_ring_init(&sink.exchange.outgoing, 256, sizeof(RsJackMessage)));
  assert_ok(rs_ring_init(&sink.exchange.incoming, 4, sizeof(RsReceivedMessage)));
}

static void leave(void) {
  rs_ring_clear(&sink.exchange.outgoing);
  rs_ring_clear(&sink.exchange.incoming);
}

/* Queue a note, due so many microseconds after the beginning of the cycle. */
static void queue(int note, int64_t due) {
  const RsJackMessage message = {.due = server.begin + due,
                                 .generation = atomic_load(&sink.exchange.generation),
                                 .message = rs_message_note(true, 0, note, 90)};
  assert_true(rs_ring_push(&sink.exchange.outgoing, &message));
}

static void cycle(void) {
  assert_int_equal(rs_jack_process(FRAMES, &sink), 0);
  server.begin += CYCLE;
}

/* Notes of the last cycle with their frames, as text. */
static const char *written(void) {
  static char text[1024];
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < server.count; ++i) {
    used += (size_t)snprintf(text + used, sizeof(text) - used, "%d@%u ", server.written[i].bytes[1],
                             server.written[i].frame);
  }
  return text;
}

static void the_frame_is_that_of_the_time(void **state) {
  assert_int_equal(rs_jack_frame(1000, 1000, 2000, 100), 0);
  assert_int_equal(rs_jack_frame(-5, 1000, 2000, 100), 0); // Late
  assert_int_equal(rs_jack_frame(1009, 1000, 2000, 100), 0);
  assert_int_equal(rs_jack_frame(1010, 1000, 2000, 100), 1);
  assert_int_equal(rs_jack_frame(1999, 1000, 2000, 100), 99);
  assert_int_equal(rs_jack_frame(2000, 1000, 2000, 100), 100); // In a later cycle
  assert_int_equal(rs_jack_frame(INT64_C(1) << 40, 1000, 2000, 100), 100);
  assert_int_equal(rs_jack_frame(1500, 0, 0, 100), 0); // The cycle is not known
}

static void each_message_is_sent_in_its_cycle_at_its_frame(void **state) {
  enter(1);
  queue(60, -20000); // Late
  queue(61, 0);
  queue(62, CYCLE / 2);
  queue(63, CYCLE / 4); // Is due before the one before, and does not overtake it
  queue(64, CYCLE + CYCLE / 4);
  queue(65, 3 * CYCLE);
  cycle();
  assert_string_equal(written(), "60@0 61@0 62@127 63@127 ");
  cycle();
  assert_string_equal(written(), "64@63 ");
  cycle();
  assert_string_equal(written(), "");
  cycle();
  assert_string_equal(written(), "65@0 ");
  assert_int_equal(atomic_load(&sink.exchange.cycle), 4);
  leave();
}

static void without_lookahead_all_are_one_cycle_late(void **state) {
  enter(0);
  queue(60, -CYCLE / 2);
  queue(61, CYCLE / 2);
  cycle();
  assert_string_equal(written(), "60@128 ");
  cycle();
  assert_string_equal(written(), "61@127 ");
  leave();
}

static void where_the_cycle_is_not_known_all_are_sent_at_once(void **state) {
  enter(1);
  server.unknown = true;
  queue(60, 10 * CYCLE);
  cycle();
  assert_string_equal(written(), "60@0 ");
  leave();
}

static void what_does_not_fit_into_a_cycle_comes_in_the_next(void **state) {
  enter(1);
  server.room = 2;
  for (int i = 0; i < 5; ++i) {
    queue(60 + i, i);
  }
  cycle();
  assert_string_equal(written(), "60@0 61@0 ");
  cycle();
  assert_string_equal(written(), "62@0 63@0 ");
  cycle();
  assert_string_equal(written(), "64@0 ");
  leave();
}

static void recalled_messages_are_not_sent_but_those_after_them_are(void **state) {
  enter(1);
  queue(60, 0);
  queue(61, CYCLE); // Is held by the callback
  queue(62, 2 * CYCLE);
  cycle();
  assert_string_equal(written(), "60@0 ");
  atomic_fetch_add(&sink.exchange.generation, 1);
  queue(70, -CYCLE);
  queue(71, 0);
  cycle();
  assert_string_equal(written(), "70@0 71@0 ");
  atomic_fetch_add(&sink.exchange.generation, 1);
  queue(72, 0);
  atomic_fetch_sub(&sink.exchange.generation, 1); // Read before the recall
  cycle();
  assert_string_equal(written(), "72@0 ");
  leave();
}

static void queue_off(int note, int64_t due) {
  const RsJackMessage message = {.due = server.begin + due,
                                 .message = rs_message_note(false, 0, note, 0)};
  assert_true(rs_ring_push(&sink.exchange.outgoing, &message));
}

static void after_a_lost_cycle_notes_are_ended_again(void **state) {
  enter(1);
  for (int note = 60; note < 64; ++note) {
    queue(note, 0);
  }
  for (int note = 60; note < 63; ++note) {
    queue_off(note, 1);
  }
  queue(61, 2); // Begins again
  cycle();
  assert_int_equal(server.count, 8);
  atomic_fetch_add(&sink.exchange.xruns, 1);
  queue(70, 0);
  server.room = 2;
  cycle();
  assert_string_equal(written(), "60@0 62@0 ");
  assert_int_equal(server.written[1].bytes[0], 0x80);
  server.room = MOST;
  cycle();
  assert_string_equal(written(), "70@0 ");
  queue_off(70, 0);
  cycle();
  assert_string_equal(written(), "70@0 "); // Once
  cycle();
  assert_string_equal(written(), "");
  leave();
}

static void what_arrives_has_the_time_of_the_cycle_before(void **state) {
  RsReceivedMessage received;
  enter(1);
  server.arriving[0] = (Event){.frame = 128, .bytes = {0x90, 60, 90}, .size = 3};
  server.arriving[1] = (Event){.frame = 200, .bytes = {0xf8}, .size = 1}; // Is for --sync
  server.arriving[2] = (Event){.frame = 200, .bytes = {0xf0, 1, 2}, .size = 40};
  server.arriving[3] = (Event){.frame = 255, .bytes = {0xb0, 20, 1}, .size = 3};
  server.arrivals = 4;
  cycle();
  server.arrivals = 0;
  assert_true(rs_ring_pop(&sink.exchange.incoming, &received));
  assert_int_equal(received.time, 1000000 - CYCLE + CYCLE / 2);
  assert_int_equal(received.input, RS_INPUT_LISTEN);
  assert_int_equal(received.message.size, 3);
  assert_int_equal(received.message.bytes[1], 60);
  assert_true(rs_ring_pop(&sink.exchange.incoming, &received));
  assert_int_equal(received.message.bytes[0], 0xb0);
  assert_false(rs_ring_pop(&sink.exchange.incoming, &received));
  leave();
}

static void a_flood_is_discarded(void **state) {
  enter(1);
  for (int i = 0; i < 8; ++i) {
    server.arriving[i] = (Event){.bytes = {0x90, 60, 90}, .size = 3};
  }
  server.arrivals = 8;
  cycle();
  assert_int_equal(rs_ring_count(&sink.exchange.incoming), 4);
  leave();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_frame_is_that_of_the_time),
      cmocka_unit_test(each_message_is_sent_in_its_cycle_at_its_frame),
      cmocka_unit_test(without_lookahead_all_are_one_cycle_late),
      cmocka_unit_test(where_the_cycle_is_not_known_all_are_sent_at_once),
      cmocka_unit_test(what_does_not_fit_into_a_cycle_comes_in_the_next),
      cmocka_unit_test(recalled_messages_are_not_sent_but_those_after_them_are),
      cmocka_unit_test(after_a_lost_cycle_notes_are_ended_again),
      cmocka_unit_test(what_arrives_has_the_time_of_the_cycle_before),
      cmocka_unit_test(a_flood_is_discarded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
