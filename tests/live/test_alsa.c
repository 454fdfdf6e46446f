/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/midi_driver.h"

#include <rollsmith/ports.h>

#include <alsa/asoundlib.h>

#include <string.h>

/* ALSA's sequencer, in place of the system's: its ports, what is sent and what arrives. */

enum { OURS = 200, MOST = 4096, READ = 0x21, WRITE = 0x42 };

typedef struct {
  int client, port;
  const char *client_name, *name;
  unsigned ways;
} FakePort;

static struct {
  FakePort ports[16];
  int count;
  bool missing;     // There is no sequencer
  int full;         // So many times it has no room for events
  int64_t time;     // Of the queue
  int own;          // Number of the next port of ours
  int connected[8]; // Client that a port of ours is connected to
  int drops;
  snd_seq_event_t sent[MOST];
  size_t sent_count;
  snd_seq_event_t arriving[64];
  int arriving_count, arrived;
  int overflow; // Before this event
} seq;

static void add_port(int client, int port, const char *client_name, const char *name,
                     unsigned ways) {
  seq.ports[seq.count++] = (FakePort){client, port, client_name, name, ways};
}

static void remove_client(int client) {
  int kept = 0;
  for (int i = 0; i < seq.count; ++i) {
    if (seq.ports[i].client != client) {
      seq.ports[kept++] = seq.ports[i];
    }
  }
  seq.count = kept;
}

int snd_seq_open(snd_seq_t **out, const char *name, int streams, int mode) {
  *out = (snd_seq_t *)&seq;
  return seq.missing ? -ENOENT : 0;
}

int snd_seq_close(snd_seq_t *handle) {
  return 0;
}

int snd_seq_client_id(snd_seq_t *handle) {
  return OURS;
}

int snd_seq_set_client_name(snd_seq_t *handle, const char *name) {
  return 0;
}

int snd_seq_set_client_pool_output(snd_seq_t *handle, size_t size) {
  return 0;
}

int snd_seq_set_client_pool_input(snd_seq_t *handle, size_t size) {
  return 0;
}

int snd_seq_alloc_named_queue(snd_seq_t *handle, const char *name) {
  return 3;
}

int snd_seq_control_queue(snd_seq_t *handle, int queue, int type, int value,
                          snd_seq_event_t *event) {
  return 0;
}

int snd_seq_create_port(snd_seq_t *handle, snd_seq_port_info_t *info) {
  snd_seq_port_info_set_port(info, seq.own);
  return seq.own++;
}

int snd_seq_connect_to(snd_seq_t *handle, int own, int client, int port) {
  seq.connected[own] = client;
  return 0;
}

int snd_seq_connect_from(snd_seq_t *handle, int own, int client, int port) {
  seq.connected[own] = client;
  return 0;
}

static void tell(const FakePort *port, snd_seq_port_info_t *info) {
  snd_seq_port_info_set_client(info, port->client);
  snd_seq_port_info_set_port(info, port->port);
  snd_seq_port_info_set_name(info, port->name);
  snd_seq_port_info_set_capability(info, port->ways);
}

int snd_seq_get_any_port_info(snd_seq_t *handle, int client, int port, snd_seq_port_info_t *info) {
  for (int i = 0; i < seq.count; ++i) {
    if (seq.ports[i].client == client && seq.ports[i].port == port) {
      tell(&seq.ports[i], info);
      return 0;
    }
  }
  return -ENOENT;
}

int snd_seq_get_any_client_info(snd_seq_t *handle, int client, snd_seq_client_info_t *info) {
  for (int i = 0; i < seq.count; ++i) {
    if (seq.ports[i].client == client) {
      snd_seq_client_info_set_client(info, client);
      snd_seq_client_info_set_name(info, seq.ports[i].client_name);
      return 0;
    }
  }
  return -ENOENT;
}

int snd_seq_query_next_client(snd_seq_t *handle, snd_seq_client_info_t *info) {
  int next = 256;
  for (int i = 0; i < seq.count; ++i) {
    const int client = seq.ports[i].client;
    next = client > snd_seq_client_info_get_client(info) && client < next ? client : next;
  }
  return next == 256 ? -ENOENT : snd_seq_get_any_client_info(handle, next, info);
}

int snd_seq_query_next_port(snd_seq_t *handle, snd_seq_port_info_t *info) {
  const int client = snd_seq_port_info_get_client(info);
  for (int port = (uint8_t)(snd_seq_port_info_get_port(info) + 1); port < 8; ++port) {
    if (!snd_seq_get_any_port_info(handle, client, port, info)) {
      return 0;
    }
  }
  return -ENOENT;
}

int snd_seq_get_queue_status(snd_seq_t *handle, int queue, snd_seq_queue_status_t *status) {
  return 0;
}

const snd_seq_real_time_t *
snd_seq_queue_status_get_real_time(const snd_seq_queue_status_t *status) {
  static snd_seq_real_time_t time;
  time.tv_sec = (unsigned)(seq.time / RS_SECOND);
  time.tv_nsec = (unsigned)(seq.time % RS_SECOND);
  return &time;
}

int snd_seq_event_output_buffer(snd_seq_t *handle, snd_seq_event_t *event) {
  if (seq.full > 0) {
    --seq.full;
    return -EAGAIN;
  }
  assert_true(seq.sent_count < MOST);
  seq.sent[seq.sent_count++] = *event;
  return 0;
}

int snd_seq_drain_output(snd_seq_t *handle) {
  return 0;
}

int snd_seq_drop_output(snd_seq_t *handle) {
  ++seq.drops;
  return 0;
}

int snd_seq_event_input(snd_seq_t *handle, snd_seq_event_t **event) {
  if (seq.overflow) {
    seq.overflow = 0;
    return -ENOSPC;
  }
  if (seq.arrived == seq.arriving_count) {
    return -EAGAIN;
  }
  *event = &seq.arriving[seq.arrived++];
  return 1;
}

static snd_seq_event_t *arrives(int type, int own) {
  snd_seq_event_t *event = &seq.arriving[seq.arriving_count++];
  snd_seq_ev_clear(event);
  event->type = (snd_seq_event_type_t)type;
  event->dest = (snd_seq_addr_t){OURS, (unsigned char)own};
  return event;
}

/* ---- The sink ---- */

static RsSimulatedClock simulated;
static RsSink *sink;

enum { ANNOUNCE, OUT, IN }; // Ports of ours, as they are created

static const int64_t start = 50 * RS_SECOND, queue_start = 7 * RS_SECOND;

static void set_up(void) {
  memset(&seq, 0, sizeof(seq));
  rs_clock_simulate(&simulated, start);
  seq.time = queue_start;
  add_port(0, 1, "System", "Announce", READ);
  add_port(14, 0, "Midi Through", "Midi Through Port-0", READ | WRITE);
  add_port(128, 0, "Synth", "Synth input", WRITE);
  add_port(129, 0, "Keys", "Keyboard", READ);
}

static RsStatus open_sink(const RsPortChoice *choice, RsError *error) {
  sink = NULL;
  return rs_midi_driver_find("alsa")->open(choice, &simulated.clock, &sink, error);
}

static void open_usual(void) {
  const RsPortChoice choice = {.output = "Synth", .inputs = {[RS_INPUT_LISTEN] = "Keyboard"}};
  set_up();
  assert_ok(open_sink(&choice, NULL));
}

static void leave(void) {
  rs_sink_free(sink);
  sink = NULL;
}

static size_t receive(RsReceivedMessage *messages) {
  return sink->receive(sink, messages, 8);
}

static const RsMessage note_on = {3, {0x91, 60, 90}}, note_off = {3, {0x81, 60, 0}};

static int64_t time_of(const snd_seq_event_t *event) {
  return event->time.time.tv_sec * RS_SECOND + event->time.time.tv_nsec;
}

static void ports_are_listed_with_clients_and_addresses(void **state) {
  RsPorts ports;
  set_up();
  assert_ok(rs_midi_driver_find("alsa")->list(&ports, NULL));
  assert_int_equal(ports.count, 4);
  assert_string_equal(ports.ports[0].name, "Midi Through Port-0");
  assert_true(ports.ports[0].output && !ports.ports[1].output);
  assert_string_equal(ports.ports[2].client, "Synth");
  assert_int_equal(ports.ports[2].address[0], 128);
  assert_int_equal(ports.ports[3].number, 3);
  assert_true(ports.ports[2].is_default); // Midi Through is heard by no one
  assert_false(ports.ports[0].is_default);
  rs_ports_clear(&ports);
  remove_client(128);
  assert_ok(rs_midi_driver_find("alsa")->list(&ports, NULL));
  assert_true(ports.ports[0].is_default);
  rs_ports_clear(&ports);
}

static void without_a_sequencer_there_are_no_ports(void **state) {
  RsPorts ports;
  RsError error = {RS_OK, ""};
  set_up();
  seq.missing = true;
  assert_ok(rs_midi_driver_find("alsa")->list(&ports, NULL));
  assert_int_equal(ports.count, 0);
  assert_int_equal(open_sink(&(RsPortChoice){.output = NULL}, &error), RS_ERR_PORT);
  assert_non_null(strstr(error.message, "there is no MIDI output port"));
  assert_int_equal(open_sink(&(RsPortChoice){.virtual_name = "Stage"}, &error), RS_ERR_PORT);
  assert_non_null(strstr(error.message, "--virtual"));
}

static void messages_are_scheduled_by_the_time_of_the_queue(void **state) {
  open_usual();
  assert_int_equal(seq.connected[OUT], 128);
  assert_int_equal(sink->lookahead, 100 * RS_MILLISECOND);
  assert_ok(sink->send(sink, start + 123456789, &note_on, 1));
  simulated.time += 40 * RS_MILLISECOND;
  seq.time += 10 * RS_MILLISECOND; // It lags
  assert_ok(sink->send(sink, start + 223456789, &note_off, 1));
  assert_int_equal(sink->delivered, start + 223456789);
  assert_int_equal(seq.sent_count, 2);
  assert_int_equal(time_of(&seq.sent[0]), queue_start + 123456789);
  assert_int_equal(time_of(&seq.sent[1]), // It may be slower by 1/40
                   queue_start + 223456789 - RS_MILLISECOND);
  assert_int_equal(seq.sent[0].type, SND_SEQ_EVENT_NOTEON);
  assert_int_equal(seq.sent[0].data.note.channel, 1);
  assert_int_equal(seq.sent[0].queue, 3);
  assert_int_equal(seq.sent[0].source.port, OUT);
  assert_int_equal(seq.sent[0].dest.client, SND_SEQ_ADDRESS_SUBSCRIBERS);
  leave();
}

static void no_message_overtakes_another_one_until_they_are_recalled(void **state) {
  open_usual();
  assert_ok(sink->send(sink, start + 100, &note_on, 1));
  assert_ok(sink->send(sink, start + 50, &note_off, 1));
  assert_int_equal(time_of(&seq.sent[1]), time_of(&seq.sent[0]));
  assert_ok(sink->recall(sink));
  assert_int_equal(seq.drops, 1);
  assert_ok(sink->send(sink, start + 50, &note_off, 1));
  assert_int_equal(time_of(&seq.sent[2]), queue_start + 50);
  leave();
}

static void with_a_clock_to_follow_nothing_is_queued(void **state) {
  set_up();
  const RsPortChoice choice = {.output = "Synth", .inputs = {[RS_INPUT_SYNC] = "Keyboard"}};
  assert_ok(open_sink(&choice, NULL));
  assert_int_equal(sink->lookahead, 0);
  assert_ok(sink->send(sink, start, &note_on, 1));
  assert_int_equal(time_of(&seq.sent[0]), 0); // The kernel delivers it at once
  leave();
}

static void a_full_queue_is_waited_for(void **state) {
  open_usual();
  seq.full = 1;
  assert_ok(sink->send(sink, start, &note_on, 1));
  assert_int_equal(seq.sent_count, 1);
  seq.full = 2;
  assert_int_equal(sink->send(sink, start, &note_on, 1), RS_ERR_PORT);
  leave();
}

static void what_is_played_arrives_with_its_time(void **state) {
  RsReceivedMessage messages[8];
  open_usual();
  simulated.time += 30 * RS_MILLISECOND;
  seq.time += 30 * RS_MILLISECOND;
  snd_seq_event_t *event = arrives(SND_SEQ_EVENT_NOTEON, IN);
  event->data.note = (snd_seq_ev_note_t){.channel = 2, .note = 64, .velocity = 70};
  event->time.time = (snd_seq_real_time_t){7, 20 * RS_MILLISECOND};
  arrives(SND_SEQ_EVENT_CLOCK, IN); // Is for another input
  arrives(SND_SEQ_EVENT_SENSING, IN);
  assert_int_equal(receive(messages), 1);
  assert_int_equal(messages[0].input, RS_INPUT_LISTEN);
  assert_int_equal(messages[0].time, start + 20 * RS_MILLISECOND);
  assert_int_equal(messages[0].message.size, 3);
  assert_memory_equal(messages[0].message.bytes, ((uint8_t[]){0x92, 64, 70}), 3);
  leave();
}

static void announce(int type, int client, int port) {
  arrives(type, ANNOUNCE)->data.addr = (snd_seq_addr_t){(unsigned char)client, (unsigned char)port};
}

static void a_port_that_goes_is_noticed_and_found_again_by_announcements(void **state) {
  RsReceivedMessage messages[8];
  RsPortWatch *output = NULL, *input = NULL;
  open_usual();
  assert_ok(rs_midi_driver_find("alsa")->watch(sink, -1, &output));
  assert_ok(rs_midi_driver_find("alsa")->watch(sink, RS_INPUT_LISTEN, &input));
  remove_client(128);
  announce(SND_SEQ_EVENT_CLIENT_EXIT, 128, 0);
  assert_int_equal(receive(messages), 0);
  assert_int_equal(sink->send(sink, start, &note_on, 1), RS_ERR_PORT);
  assert_int_equal(rs_port_watch_poll(output, start), RS_RECEIVER_MISSING);
  assert_int_equal(rs_port_watch_poll(input, start), RS_RECEIVER_READY);
  add_port(131, 0, "Other", "Other", WRITE);
  announce(SND_SEQ_EVENT_PORT_START, 131, 0);
  receive(messages);
  assert_int_equal(sink->reopen(sink), RS_ERR_PORT);
  add_port(132, 0, "Synth", "Synth input", WRITE);
  announce(SND_SEQ_EVENT_PORT_START, 132, 0);
  receive(messages);
  assert_ok(sink->reopen(sink));
  assert_int_equal(seq.connected[OUT], 132);
  assert_ok(sink->send(sink, start, &note_on, 1));
  assert_true(rs_port_watch_returned(output));
  announce(SND_SEQ_EVENT_PORT_EXIT, 129, 0);
  receive(messages);
  assert_false(rs_port_watch_returned(input));
  assert_ok(sink->send(sink, start, &note_on, 1));
  rs_port_watch_free(output);
  rs_port_watch_free(input);
  leave();
}

static void where_announcements_were_lost_all_ports_are_looked_at(void **state) {
  RsReceivedMessage messages[8];
  open_usual();
  remove_client(128);
  seq.overflow = 1;
  receive(messages);
  assert_int_equal(sink->reopen(sink), RS_ERR_PORT);
  add_port(140, 2, "Synth", "Synth input", WRITE);
  seq.overflow = 1;
  receive(messages);
  assert_ok(sink->reopen(sink));
  assert_int_equal(seq.connected[OUT], 140);
  leave();
}

static void connection(int type, int client) {
  arrives(type, ANNOUNCE)->data.connect =
      (snd_seq_connect_t){{OURS, OUT}, {(unsigned char)client, 0}};
}

static size_t note_offs(int note) {
  size_t offs = 0;
  for (size_t i = 0; i < seq.sent_count; ++i) {
    offs += seq.sent[i].type == SND_SEQ_EVENT_NOTEOFF && seq.sent[i].data.note.note == note;
  }
  return offs;
}

static void who_is_disconnected_is_silenced(void **state) {
  RsReceivedMessage messages[8];
  open_usual();
  sink->send(sink, start, &note_on, 1);
  seq.sent_count = 0;
  connection(SND_SEQ_EVENT_PORT_UNSUBSCRIBED, 128);
  receive(messages);
  assert_int_equal(seq.sent_count, 1 + 3 * 16);
  for (size_t i = 0; i < seq.sent_count; ++i) {
    assert_int_equal(seq.sent[i].dest.client, 128);
    assert_int_equal(seq.sent[i].queue, SND_SEQ_QUEUE_DIRECT);
  }
  assert_int_equal(note_offs(60), 1);
  assert_ok(sink->send(sink, start, &note_off, 1)); // To whoever else is connected
  connection(SND_SEQ_EVENT_PORT_UNSUBSCRIBED, 150); // That is gone
  seq.sent_count = 0;
  receive(messages);
  assert_int_equal(seq.sent_count, 0);
  assert_false(sink->joined);
  connection(SND_SEQ_EVENT_PORT_SUBSCRIBED, 128);
  receive(messages);
  assert_true(sink->joined);
  leave();
}

static void a_note_whose_end_was_queued_is_ended_where_it_was_disconnected(void **state) {
  RsReceivedMessage messages[8];
  open_usual();
  sink->send(sink, start, &note_on, 1);
  sink->send(sink, start + RS_SECOND / 10, &note_off, 1);
  seq.sent_count = 0;
  connection(SND_SEQ_EVENT_PORT_UNSUBSCRIBED, 128);
  receive(messages);
  assert_int_equal(note_offs(60), 1);
  leave();
}

static void what_midi_through_returns_is_not_listened_to(void **state) {
  RsError error = {RS_OK, ""};
  RsPortChoice choice = {.output = "Through", .inputs = {[RS_INPUT_LISTEN] = "Through"}};
  set_up();
  assert_int_equal(open_sink(&choice, &error), RS_ERR_SETTING);
  assert_non_null(strstr(error.message, "--listen: 'Midi Through Port-0' sends what is played"));
  choice.output = "Synth";
  assert_ok(open_sink(&choice, NULL));
  leave();
}

static void a_virtual_port_needs_no_receiver(void **state) {
  RsPortWatch *watch = NULL;
  set_up();
  assert_ok(open_sink(&(RsPortChoice){.virtual_name = "Stage"}, NULL));
  assert_string_equal(rs_midi_driver_find("alsa")->port_name(sink), "Stage");
  assert_int_equal(seq.connected[OUT], 0);
  assert_ok(sink->send(sink, start, &note_on, 1));
  assert_ok(rs_midi_driver_find("alsa")->watch(sink, -1, &watch));
  assert_int_equal(rs_port_watch_poll(watch, start), RS_RECEIVER_READY);
  rs_port_watch_free(watch);
  leave();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ports_are_listed_with_clients_and_addresses),
      cmocka_unit_test(without_a_sequencer_there_are_no_ports),
      cmocka_unit_test(messages_are_scheduled_by_the_time_of_the_queue),
      cmocka_unit_test(no_message_overtakes_another_one_until_they_are_recalled),
      cmocka_unit_test(with_a_clock_to_follow_nothing_is_queued),
      cmocka_unit_test(a_full_queue_is_waited_for),
      cmocka_unit_test(what_is_played_arrives_with_its_time),
      cmocka_unit_test(a_port_that_goes_is_noticed_and_found_again_by_announcements),
      cmocka_unit_test(where_announcements_were_lost_all_ports_are_looked_at),
      cmocka_unit_test(who_is_disconnected_is_silenced),
      cmocka_unit_test(a_note_whose_end_was_queued_is_ended_where_it_was_disconnected),
      cmocka_unit_test(what_midi_through_returns_is_not_listened_to),
      cmocka_unit_test(a_virtual_port_needs_no_receiver),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
