/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "live/channel_state.h"

static void assert_message(RsMessage message, int status, int low, int high) {
  assert_int_equal(message.bytes[0], status);
  assert_int_equal(message.bytes[1], low);
  assert_int_equal(message.bytes[2], high);
}

static void what_did_not_arrive_is_sent_again_once_in_an_order_that_works(void **state) {
  RsChannelState channels = {0};
  RsMessage missed[RS_CHANNEL_MESSAGES];
  const RsMessage told[] = {
      {3, {0xb2, 6, 12}},  {3, {0xb2, 101, 0}}, {3, {0xb2, 7, 99}},
      {2, {0xc2, 5, 0}},   {3, {0xb2, 0, 1}},   {3, {0xe2, 0, 65}},
      {3, {0xb2, 7, 100}}, {3, {0xb2, 123, 0}}, {3, {0x92, 60, 9}},
  };
  rs_channel_state_update(&channels, told, sizeof(told) / sizeof(*told), false);
  assert_int_equal(rs_channel_state_restore(&channels, 1, missed), 0);
  assert_int_equal(rs_channel_state_restore(&channels, 2, missed), 6);
  assert_message(missed[0], 0xb2, 0, 1);
  assert_message(missed[1], 0xc2, 5, 0);
  assert_int_equal(missed[1].size, 2);
  assert_message(missed[2], 0xb2, 101, 0);
  assert_message(missed[3], 0xb2, 6, 12);
  assert_message(missed[4], 0xb2, 7, 100);
  assert_message(missed[5], 0xe2, 0, 65);
  assert_int_equal(rs_channel_state_restore(&channels, 2, missed), 0);
}

static void what_arrived_is_sent_again_to_another_receiver_alone(void **state) {
  RsChannelState channels = {0};
  RsMessage missed[RS_CHANNEL_MESSAGES];
  const RsMessage told = {3, {0xb0, 7, 99}};
  rs_channel_state_update(&channels, &told, 1, true);
  assert_int_equal(rs_channel_state_restore(&channels, 0, missed), 0);
  rs_channel_state_invalidate(&channels);
  assert_int_equal(rs_channel_state_restore(&channels, 0, missed), 1);
  assert_message(missed[0], 0xb0, 7, 99);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_did_not_arrive_is_sent_again_once_in_an_order_that_works),
      cmocka_unit_test(what_arrived_is_sent_again_to_another_receiver_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
