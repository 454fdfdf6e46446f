/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/osc.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Open Sound Control over the loopback: datagrams in bytes, and what comes of them. */

static RsOsc *osc;
static int sender; /* a socket that is connected to it */

static int open_socket(unsigned *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof(address);
  const int opened = socket(AF_INET, SOCK_DGRAM, 0);
  assert_true(opened >= 0);
  assert_int_equal(bind(opened, (struct sockaddr *)&address, size), 0);
  assert_int_equal(getsockname(opened, (struct sockaddr *)&address, &size), 0);
  *port = ntohs(address.sin_port);
  return opened;
}

/* At a port that was free a moment ago. */
static int begin(void **state) {
  unsigned port = 0, own = 0;
  char text[16];
  close(open_socket(&port));
  snprintf(text, sizeof(text), "%u", port);
  if (!rs_osc_available()) {
    return 0;
  }
  assert_ok(rs_osc_new(text, &osc, NULL));
  sender = open_socket(&own);
  const struct sockaddr_in to = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return connect(sender, (const struct sockaddr *)&to, sizeof(to));
}

static int end(void **state) {
  if (osc) {
    close(sender);
  }
  rs_osc_free(osc);
  osc = NULL;
  return 0;
}

#define NEEDS_LIBLO                                                                                \
  if (!osc) {                                                                                      \
    skip();                                                                                        \
  }
#define SEND(bytes) send(sender, bytes, sizeof(bytes) - 1, 0)

/* The loopback delivers at once. */
static bool receive(RsOscMessage *message) {
  return rs_osc_receive(osc, message);
}

#define TEMPO "/t\0\0,f\0\0\x42\xf0\0\0" /* 120 */
#define TWO "/two\0\0\0\0,iT\0\0\0\0\7"

static void a_message_comes_with_its_numbers(void **state) {
  RsOscMessage message;
  NEEDS_LIBLO
  assert_false(receive(&message));
  SEND(TEMPO);
  SEND(TWO);
  assert_true(receive(&message));
  assert_string_equal(message.path, "/t");
  assert_int_equal(message.count, 1);
  assert_close(message.values[0], 120, 0);
  assert_true(receive(&message));
  assert_string_equal(message.path, "/two");
  assert_int_equal(message.count, 2);
  assert_close(message.values[0], 7, 0);
  assert_close(message.values[1], 1, 0);
  assert_false(receive(&message));
}

#define BUNDLE "#bundle\0\0\0\0\0\0\0\0\1"

static void the_messages_of_a_bundle_come_one_by_one(void **state) {
  RsOscMessage message;
  NEEDS_LIBLO
  SEND(BUNDLE "\0\0\0\x0c" TEMPO "\0\0\0\x30" BUNDLE "\0\0\0\x0c" TEMPO "\0\0\0\x0c" TEMPO);
  for (int i = 0; i < 3; ++i) {
    assert_true(receive(&message));
    assert_string_equal(message.path, "/t");
  }
  assert_false(receive(&message));
  assert_int_equal(rs_osc_stats(osc).malformed, 0);
}

static void what_is_no_message_is_counted(void **state) {
  static const struct {
    const char *bytes;
    size_t size;
  } cases[] = {
#define CASE(bytes) {bytes, sizeof(bytes) - 1}
      CASE(""),
      CASE("x"),
      CASE("/t\0\0,f\0\0"),                  /* no argument */
      CASE("/t\0\0,f\0\0\x42\xf0\0"),        /* a cut one */
      CASE("/t\0\0,f\0\0\x7f\x80\0\0"),      /* infinity */
      CASE("/t\0\0,f\0\0\x7f\xc0\0\0"),      /* NaN */
      CASE("/t\0\0,s\0\0abc\0"),             /* text */
      CASE("/t\0\0,?\0\0\0\0\0\0"),          /* an unknown type */
      CASE("/ttttttt,f\0\0"),                /* an address without an end */
      CASE("tttt,f\0\0\0\0\0\0"),            /* which does not begin as one */
      CASE(BUNDLE "\0\0\0\xff" TEMPO),       /* a bundle shorter than its message */
      CASE(BUNDLE "\xff\xff\xff\xfc" TEMPO), /* far shorter */
      CASE(BUNDLE "\0\0"),                   /* without a size */
      CASE(BUNDLE "\0\0\0\0"),
      CASE("/t\0\0,iiiiiiiiiiiii\0\0"
           "1111222233334444111122223333444411112222333344441111"), /* 13 arguments */
  };
  RsOscMessage message;
  NEEDS_LIBLO
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    assert_int_equal(send(sender, cases[i].bytes, cases[i].size, 0), (ssize_t)cases[i].size);
    assert_false(receive(&message));
    assert_int_equal(rs_osc_stats(osc).malformed, i + 1);
  }
  assert_int_equal(rs_osc_stats(osc).received, 0);
}

static void a_long_datagram_and_a_deep_bundle_are_malformed(void **state) {
  static char bytes[9000];
  RsOscMessage message;
  NEEDS_LIBLO
  memcpy(bytes, TEMPO, sizeof(TEMPO));
  send(sender, bytes, sizeof(bytes), 0);
  assert_false(receive(&message));
  assert_int_equal(rs_osc_stats(osc).malformed, 1);
  size_t size = 8000;
  for (size_t at = 0; at + 40 < size; at += 20) { /* each holds the next */
    const size_t rest = size - at - 20;
    memcpy(bytes + at, BUNDLE, 16);
    memcpy(bytes + at + 16, (const char[]){0, 0, (char)(rest >> 8), (char)rest}, 4);
  }
  send(sender, bytes, size, 0);
  assert_false(receive(&message));
  assert_int_equal(rs_osc_stats(osc).malformed, 2);
}

/* Damage at random: never a crash, and each datagram is counted one way or the other. */
static void damaged_datagrams_are_counted(void **state) {
  static const char whole[] = BUNDLE "\0\0\0\x0c" TEMPO "\0\0\0\x10" TWO;
  RsOscMessage message;
  uint32_t random = 1;
  NEEDS_LIBLO
  for (int i = 0; i < 5000; ++i) {
    char bytes[sizeof(whole)];
    memcpy(bytes, whole, sizeof(whole));
    for (int k = 0; k < 3; ++k) {
      random = random * 1664525u + 1013904223u;
      bytes[(random >> 16) % (sizeof(whole) - 1)] = (char)(random >> 8);
    }
    const RsOscStats before = rs_osc_stats(osc);
    const size_t size = random % sizeof(whole);
    send(sender, bytes, size, 0);
    while (receive(&message)) {
      assert_true(message.count <= RS_OSC_ARGUMENTS);
    }
    const RsOscStats after = rs_osc_stats(osc);
    const bool empty = size == 16; /* a bundle without a message is well formed */
    assert_true(empty || after.received + after.malformed > before.received + before.malformed);
  }
}

static void a_flood_is_dropped_and_counted(void **state) {
  RsOscMessage message;
  NEEDS_LIBLO
  for (int i = 0; i < 100; ++i) {
    SEND(TEMPO);
  }
  assert_true(receive(&message));
  rs_osc_drop_flood(osc);
  assert_int_equal(rs_osc_stats(osc).dropped, 99);
  assert_false(receive(&message));
}

static void a_flood_of_what_is_no_message_does_not_hold_up_the_caller(void **state) {
  RsOscMessage message;
  NEEDS_LIBLO
  for (int i = 0; i < 100; ++i) {
    SEND("abc");
  }
  assert_false(receive(&message));
  assert_int_equal(rs_osc_stats(osc).malformed, 63);
  assert_int_equal(rs_osc_stats(osc).dropped, 37);
  SEND(TEMPO);
  assert_true(receive(&message));
}

static void subscribers_get_messages_until_they_do_not_want_them(void **state) {
  const int values[] = {1, 60, 100};
  char bytes[64];
  RsOscMessage message;
  NEEDS_LIBLO
  rs_osc_send(osc, "/note", 3, values); /* to nobody */
  SEND(TEMPO);
  assert_true(receive(&message));
  assert_true(rs_osc_subscribe(osc, 0));
  assert_true(rs_osc_subscribe(osc, 0)); /* once is enough */
  rs_osc_send(osc, "/note", 3, values);
  assert_int_equal(recv(sender, bytes, sizeof(bytes), 0), 28);
  assert_memory_equal(bytes, "/note\0\0\0,iii\0\0\0\0\0\0\0\1\0\0\0\x3c\0\0\0\x64", 28);
  assert_int_equal(recv(sender, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
  assert_true(rs_osc_unsubscribe(osc, 0));
  assert_false(rs_osc_unsubscribe(osc, 0));
  rs_osc_send(osc, "/note", 3, values);
  assert_int_equal(recv(sender, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
  assert_int_equal(rs_osc_stats(osc).sent, 1);
  assert_false(rs_osc_subscribe(osc, -1));
  assert_false(rs_osc_subscribe(osc, 65536));
}

static void there_are_eight_subscribers(void **state) {
  RsOscMessage message;
  NEEDS_LIBLO
  SEND(TEMPO);
  assert_true(receive(&message));
  for (int i = 1; i <= 8; ++i) {
    assert_true(rs_osc_subscribe(osc, i));
  }
  assert_false(rs_osc_subscribe(osc, 9));
}

static void an_address_that_is_none_or_taken_is_refused(void **state) {
  static const char *const none[] = {
      "", "0", "65536", "x", "90x", "localhost:9000", ":9000", "1.2.3:9000", "127.0.0.1:", "-1"};
  unsigned port = 0;
  char text[32];
  RsOsc *other = NULL;
  RsError error = {RS_OK, ""};
  NEEDS_LIBLO
  for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); ++i) {
    assert_int_equal(rs_osc_new(none[i], &other, &error), RS_ERR_SETTING);
  }
  const int taken = open_socket(&port);
  snprintf(text, sizeof(text), "127.0.0.1:%u", port);
  assert_int_equal(rs_osc_new(text, &other, &error), RS_ERR_IO);
  assert_non_null(strstr(error.message, "Address already in use; use another port"));
  close(taken);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define OSC_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
      OSC_TEST(a_message_comes_with_its_numbers),
      OSC_TEST(the_messages_of_a_bundle_come_one_by_one),
      OSC_TEST(what_is_no_message_is_counted),
      OSC_TEST(a_long_datagram_and_a_deep_bundle_are_malformed),
      OSC_TEST(damaged_datagrams_are_counted),
      OSC_TEST(a_flood_is_dropped_and_counted),
      OSC_TEST(a_flood_of_what_is_no_message_does_not_hold_up_the_caller),
      OSC_TEST(subscribers_get_messages_until_they_do_not_want_them),
      OSC_TEST(there_are_eight_subscribers),
      OSC_TEST(an_address_that_is_none_or_taken_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
