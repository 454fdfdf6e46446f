/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "frames.h"
#include "kit.h"

#include "live/midi_system.h"
#include "live/note_recorder.h"
#include "live/sequencer.h"
#include "live/active_notes.h"

#include <rollsmith/ports.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- What is missing ---- */

static void what_is_missing_is_said_in_turn(void **state) {
  const bool root = !geteuid(); // Who may open everything
  assert_int_equal(mkdir("asound", 0700), 0);
  assert_string_equal(rs_midi_diagnose("nothing", "seq"),
                      "ALSA is missing: this system has no sound support");
  assert_string_equal(rs_midi_diagnose("asound", "seq"),
                      "ALSA's sequencer is missing: load it with modprobe snd-seq");
  close(open("seq", O_CREAT | O_WRONLY, 0));
  if (!root) {
    assert_string_equal(rs_midi_diagnose("asound", "seq"),
                        "no permission for ALSA's sequencer: add yourself to the group audio");
  }
  chmod("seq", 0600);
  assert_string_equal(
      rs_midi_diagnose("asound", "seq"),
      "no synthesizer is running and no device is plugged in: start one, such as fluidsynth");
  unlink("seq");
  rmdir("asound");
}

static void a_port_that_only_passes_on_is_no_synthesizer(void **state) {
  RsPort through[] = {{0, "Midi Through Port-0", "", true, true, {0, 0}},
                      {1, "Keyboard", "", false, false, {0, 0}},
                      {2, "Synth", "", true, false, {0, 0}}};
  assert_false(rs_midi_only_through(&(RsPorts){NULL, 0}));
  assert_true(rs_midi_only_through(&(RsPorts){through, 2}));
  assert_false(rs_midi_only_through(&(RsPorts){through, 3}));
  assert_false(rs_midi_only_through(&(RsPorts){through + 1, 1}));
}

/* ---- Choosing ---- */

static RsPort list[] = {
    {0, "Midi Through Port-0", "Midi Through", true, true, {0, 0}},
    {1, "Midi Through Port-0", "Midi Through", false, true, {0, 0}},
    {2, "VirMIDI 0-0", "Virtual Raw MIDI 0-0", true, false, {0, 0}},
    {3, "VirMIDI 0-1", "Virtual Raw MIDI 0-1", true, false, {0, 0}},
    {4, "Synth", "One", true, false, {0, 0}},
    {5, "Synth input port (912:0)", "FLUID Synth (912)", true, false, {0, 0}},
    {6, "Keyboard", "Keys", false, false, {0, 0}},
    {7, "Keyboard 2", "Keys", false, false, {0, 0}},
    {8, "SYNTH", "Two", true, false, {0, 0}},
};
static const RsPorts ports = {list, sizeof(list) / sizeof(list[0])};

static int chosen(bool output, const char *pattern) {
  size_t index = 0;
  return rs_ports_choose(&ports, output, pattern, &index, NULL) ? -1 : list[index].number;
}

static void an_exact_name_wins_over_a_prefix(void **state) {
  assert_int_equal(chosen(true, "Synth"), 4);
  assert_int_equal(chosen(true, "SYNTH"), 8);
  assert_int_equal(chosen(true, "synth"), -1); // Which of the two?
  assert_int_equal(chosen(false, "keyboard"), 6);
  assert_int_equal(chosen(true, "Synth in"), 5);
}

static void names_parts_and_numbers_choose(void **state) {
  assert_int_equal(chosen(true, "VirMIDI 0-1"), 3);
  assert_int_equal(chosen(true, "through"), 0);
  assert_int_equal(chosen(false, "through"), 1);
  assert_int_equal(chosen(true, "0-1"), 3);
  assert_int_equal(chosen(true, "2"), 2);
  assert_int_equal(chosen(true, "fluid"), 5);
  assert_int_equal(chosen(true, NULL), 0);
  assert_int_equal(chosen(false, NULL), 1);
}

static void the_default_need_not_be_the_first(void **state) {
  RsPort two[] = {{0, "First", "", true, false, {0, 0}}, {1, "Second", "", true, true, {0, 0}}};
  size_t index = 0;
  assert_ok(rs_ports_choose(&(RsPorts){two, 2}, true, NULL, &index, NULL));
  assert_int_equal(index, 1);
}

static void several_are_listed(void **state) {
  RsError error = {RS_OK, ""};
  size_t index = 0;
  assert_int_equal(rs_ports_choose(&ports, true, "VirMIDI", &index, &error), RS_ERR_PORT);
  assert_string_equal(error.message, "VirMIDI: ambiguous, matches 2 'VirMIDI 0-0', 3 'VirMIDI "
                                     "0-1'; use a longer part of the name, or the number");
}

#define OUTPUTS                                                                                    \
  "0 'Midi Through Port-0', 2 'VirMIDI 0-0', 3 'VirMIDI 0-1', 4 'Synth', 5 'Synth input port "     \
  "(912:0)', 8 'SYNTH'"

static void what_there_is_not_is_said(void **state) {
  RsError error = {RS_OK, ""};
  char none[256];
  snprintf(none, sizeof(none), "there is no MIDI output port: %s",
           rs_midi_diagnose(RS_ALSA_FOLDER, RS_ALSA_SEQUENCER));
  size_t index = 0;
  assert_int_equal(rs_ports_choose(&ports, true, "nothing", &index, &error), RS_ERR_PORT);
  assert_string_equal(error.message, "nothing: no such MIDI output port; available: " OUTPUTS);
  assert_int_equal(rs_ports_choose(&ports, true, "Keyboard", &index, &error), RS_ERR_PORT);
  assert_string_equal(error.message,
                      "Keyboard: 'Keyboard' is not a MIDI output port; available: " OUTPUTS);
  assert_int_equal(rs_ports_choose(&(RsPorts){NULL, 0}, true, NULL, &index, &error), RS_ERR_PORT);
  assert_string_equal(error.message, none);
}

/* ---- Finding again ---- */

static int again(const RsPort *now, size_t count, RsPort former, size_t twin) {
  RsPort copy[4];
  size_t index = 0;
  memcpy(copy, now, count * sizeof(*now));
  return rs_ports_find_returned(&(RsPorts){copy, count}, &former, twin, NULL, &index) ? -1
                                                                                      : (int)index;
}

static void a_port_that_is_gone_is_not_taken_for_another_one(void **state) {
  const RsPort now[] = {{0, "Desk2", "Desk2", true, true, {0, 0}},
                        {1, "Synth input port (99:0)", "FLUID Synth (99)", true, false, {0, 0}},
                        {2, "Keys", "Right", false, false, {0, 0}}};
  assert_int_equal(again(now, 3, (RsPort){7, "Desk", "Desk", true, true, {0, 0}}, 0), -1);
  assert_int_equal(again(now, 3, (RsPort){7, "Desk22", "Desk2", true, true, {0, 0}}, 0), -1);
  assert_int_equal(again(now, 3, (RsPort){7, "Desk2", "Desk2", false, true, {0, 0}}, 0), -1);
  assert_int_equal(again(now, 3, (RsPort){7, "Desk2", "Desk2", true, true, {0, 0}}, 0), 0);
  assert_int_equal(
      again(now, 3, (RsPort){7, "Synth input port (12:0)", "FLUID Synth (12)", true, true, {0, 0}},
            0),
      1);
  assert_int_equal(again(now, 3, (RsPort){7, "Keys", "Left", false, false, {0, 0}}, 0), -1);
  assert_int_equal(again(now, 3, (RsPort){7, "Keys", "", false, false, {0, 0}}, 0), 2);
}

static void twins_are_told_apart_as_long_as_both_are_there(void **state) {
  const RsPort now[] = {{0, "Synth (1)", "S", true, true, {0, 0}},
                        {1, "Synth (2)", "S", true, false, {0, 0}},
                        {2, "Box", "USB Box", true, false, {0, 0}},
                        {3, "Box", "USB Box", true, false, {0, 0}}};
  assert_int_equal(again(now, 4, (RsPort){7, "Box", "USB Box", true, false, {0, 0}}, 1), 3);
  assert_int_equal(again(now, 3, (RsPort){7, "Box", "USB Box", true, false, {0, 0}}, 1), -1);
  assert_int_equal(again(now, 4, (RsPort){7, "Synth (2)", "S", true, false, {0, 0}}, 0), 1);
}

/* Client and port tell those that stayed from those that returned. */
static int again_among(const RsPort *now, size_t count, size_t twin, const RsPort *stayed,
                       size_t stayed_count) {
  RsPort copy[4], others[4];
  const RsPort former = {7, "Box", "USB Box", true, false, {25, 0}};
  RsPorts beside = {others, stayed_count};
  size_t index = 0;
  memcpy(copy, now, count * sizeof(*now));
  for (size_t i = 0; i < stayed_count; ++i) {
    others[i] = stayed[i];
  }
  const RsPorts there = {copy, count};
  return rs_ports_find_returned(&there, &former, twin, &beside, &index) ? -1
                                                                        : now[index].address[0];
}

static void a_twin_that_returns_alone_is_found(void **state) {
  const RsPort box[] = {{0, "Box", "USB Box", true, false, {24, 0}},
                        {1, "Box", "USB Box", true, false, {25, 0}},
                        {2, "Box", "USB Box", true, false, {26, 0}}};
  assert_int_equal(again_among(box, 1, 1, box, 1), -1);  // The other one has stayed
  assert_int_equal(again_among(box, 1, 1, NULL, 0), 24); // Both were gone, one is back
  assert_int_equal(again_among(box, 2, 1, box, 1), 25);  // The other one has stayed
  assert_int_equal(again_among(box, 2, 1, NULL, 0), 25); // Both were gone and are back
  assert_int_equal(again_among(box, 3, 1, box, 1), 25);  // Of two that are back it is the first
  assert_int_equal(again_among(box + 1, 2, 0, box + 2, 1), 25); // One has stayed behind it
  assert_int_equal(again_among(box + 2, 1, 1, box + 2, 1), -1);
}

static void addresses_choose(void **state) {
  RsPort two[] = {{0, "Synth", "Änne's Klavier", true, true, {128, 0}},
                  {1, "Bass", "Other", true, false, {129, 1}}};
  const char *const first[] = {"128:0", "änne's klavier:0", "ÄNNE'S Klavier:synth", "änne"};
  for (size_t i = 0; i < 4; ++i) {
    size_t index = 1;
    assert_ok(rs_ports_choose(&(RsPorts){two, 2}, true, first[i], &index, NULL));
    assert_int_equal(index, 0);
  }
  size_t index = 0;
  assert_ok(rs_ports_choose(&(RsPorts){two, 2}, true, "129:1", &index, NULL));
  assert_int_equal(index, 1);
  assert_int_equal(rs_ports_choose(&(RsPorts){two, 2}, true, "129:0", &index, NULL), RS_ERR_PORT);
}

/* ---- What ALSA tells ---- */

static const char told[] = "Client info\n"
                           "  cur  clients : 4\n"
                           "\n"
                           "Client   0 : \"System\" [Kernel]\n"
                           "  Port   0 : \"Timer\" (Rwe-) [In/Out]\n"
                           "Client  14 : \"Midi Through\" [Kernel]\n"
                           "  Port   0 : \"Midi Through Port-0\" (RWe-) [In/Out]\n"
                           "    Connecting To: 129:0, 128:0[real:0]\n"
                           "Client 128 : \"A (b) \"c\"\" [User UMP MIDI1]\n"
                           "  Port   0 : \"in \"1\" (x)\" (-We-) [Out]\n"
                           "  Output pool :\n"
                           "    Pool size          : 500\n"
                           "    Cells in use       : 7\n"
                           "    Peak cells in use  : 9\n"
                           "    Alloc success      : 99\n"
                           "    Alloc failures     : 0\n"
                           "  Input pool :\n"
                           "    Pool size          : 200\n"
                           "    Cells in use       : 150\n"
                           "    Peak cells in use  : 150\n"
                           "    Alloc success      : 1150\n"
                           "    Alloc failures     : 0\n"
                           "Client 129 : \"Empty\" [User]\n"
                           "  Port   0 : \"in\" (-We-) [Out]\n";

static void ports_are_found_among_the_clients(void **state) {
  RsSeqPort port;
  char name[32];
  assert_true(rs_seq_find(told, "in \"1\" (x)", 0, true, &port));
  assert_int_equal(port.client, 128);
  rs_seq_copy_name(port.client_name, name, sizeof(name));
  assert_string_equal(name, "A (b) \"c\"");
  assert_false(rs_seq_find(told, "in", 1, true, &port));
  assert_false(rs_seq_find(told, "in", 0, false, &port));
  assert_false(rs_seq_find(told, "Timer", 0, true, &port));
}

static void a_name_is_found_again_by_what_stands_before_its_bracket(void **state) {
  RsSeqPort port;
  assert_true(rs_seq_find_again(told, "in \"1\" (77)", true, &port));
  assert_int_equal(port.client, 128);
  assert_false(rs_seq_find_again(told, "out (77)", true, &port));
  assert_false(rs_seq_find_again(told, "in", false, &port));
  assert_false(rs_seq_find_again(told, "i", true, &port)); // Another one, whose name is longer
  assert_true(rs_seq_find_again(told, "in", true, &port));
  assert_int_equal(port.client, 129);
}

static void the_fullest_pool_behind_a_port_counts(void **state) {
  RsSeqPort port;
  assert_true(rs_seq_find(told, "Midi Through Port-0", 0, true, &port));
  RsSeqPool pool = rs_seq_pool(told, &port);
  assert_int_equal(pool.size, 200);
  assert_int_equal(pool.unread, 150);
  assert_int_equal(pool.arrived, 1150);
  assert_true(rs_seq_find(told, "in", 0, true, &port));
  assert_int_equal(rs_seq_pool(told, &port).size, 0);
}

static void of_two_receivers_the_one_with_less_room_counts(void **state) {
  static const char two[] = "Client  14 : \"Midi Through\" [Kernel]\n"
                            "  Port   0 : \"Through\" (RWe-) [In/Out]\n"
                            "    Connecting To: 128:0, 129:0\n"
                            "Client 127 : \"None\" [User]\n"
                            "  Port   0 : \"none\" (-We-) [Out]\n"
                            "Client 128 : \"A\" [User]\n"
                            "  Port   0 : \"a\" (-We-) [Out]\n"
                            "  Input pool :\n"
                            "    Pool size          : 200\n"
                            "    Cells in use       : 60\n"
                            "Client 129 : \"B\" [User]\n"
                            "  Port   0 : \"b\" (-We-) [Out]\n"
                            "  Input pool :\n"
                            "    Pool size          : 100\n"
                            "    Cells in use       : 50\n";
  RsSeqPort port;
  assert_true(rs_seq_find(two, "Through", 0, true, &port));
  assert_int_equal(rs_seq_pool(two, &port).size, 100);
  assert_true(rs_seq_find(two, "none", 0, true, &port));
  assert_int_equal(rs_seq_pool(two, &port).size, 0); // That of the next one is not its own
}

static void only_who_reads_nothing_is_stuck(void **state) {
  RsSeqStall stall = {0, 0};
  int64_t now = RS_SECOND;
  for (int i = 0; i < 100; ++i, now += 20 * RS_MILLISECOND) { // Full, but it is read
    assert_false(rs_seq_stalled(&stall, (RsSeqPool){200, 150, 1000 + i}, now));
  }
  assert_false(rs_seq_stalled(&stall, (RsSeqPool){200, 151, 1100}, now));
  assert_false(rs_seq_stalled(&stall, (RsSeqPool){200, 152, 1101}, now + 40 * RS_MILLISECOND));
  assert_true(rs_seq_stalled(&stall, (RsSeqPool){200, 153, 1102}, now + 80 * RS_MILLISECOND));
  stall = (RsSeqStall){0, 0};
  assert_false(rs_seq_stalled(&stall, (RsSeqPool){200, 20, 120}, now));
  assert_false(rs_seq_stalled(&stall, (RsSeqPool){200, 21, 121}, now + RS_SECOND / 2));
  assert_true(rs_seq_stalled(&stall, (RsSeqPool){200, 22, 122}, now + 2 * RS_SECOND));
}

/* ---- What arrives at a sink ---- */

static void what_did_not_arrive_may_sound_all_the_same(void **state) {
  RsActiveNotes sounding = {{{{0, 0}}}};
  const RsMessage begin = rs_message_note(true, 2, 60, 90), end = rs_message_note(false, 2, 60, 0);
  rs_active_notes_update(&sounding, &begin, 1, false);
  assert_int_equal(rs_active_notes_count(&sounding), 1);
  rs_active_notes_update(&sounding, &end, 1, false);
  assert_int_equal(rs_active_notes_count(&sounding), 1);
  rs_active_notes_update(&sounding, &end, 1, true);
  assert_int_equal(rs_active_notes_count(&sounding), 0);
  const RsMessage silent = rs_message_note(true, 2, 60, 0); // Which is an end
  rs_active_notes_update(&sounding, &begin, 1, true);
  rs_active_notes_update(&sounding, &silent, 1, true);
  assert_int_equal(rs_active_notes_count(&sounding), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(what_is_missing_is_said_in_turn),
      cmocka_unit_test(a_port_that_only_passes_on_is_no_synthesizer),
      cmocka_unit_test(an_exact_name_wins_over_a_prefix),
      cmocka_unit_test(names_parts_and_numbers_choose),
      cmocka_unit_test(the_default_need_not_be_the_first),
      cmocka_unit_test(several_are_listed),
      cmocka_unit_test(what_there_is_not_is_said),
      cmocka_unit_test(a_port_that_is_gone_is_not_taken_for_another_one),
      cmocka_unit_test(twins_are_told_apart_as_long_as_both_are_there),
      cmocka_unit_test(a_twin_that_returns_alone_is_found),
      cmocka_unit_test(addresses_choose),
      cmocka_unit_test(ports_are_found_among_the_clients),
      cmocka_unit_test(a_name_is_found_again_by_what_stands_before_its_bracket),
      cmocka_unit_test(the_fullest_pool_behind_a_port_counts),
      cmocka_unit_test(of_two_receivers_the_one_with_less_room_counts),
      cmocka_unit_test(only_who_reads_nothing_is_stuck),
      cmocka_unit_test(what_did_not_arrive_may_sound_all_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
