/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "frames.h"
#include "kit.h"
#include "pictures.h"

#include "view/canvas.h"
#include "view/svg_names.h"

#include <rollsmith/draw.h>

#include <stdbool.h>

/* Width and height of a PNG, by its header. */
static void assert_png(const char *path, unsigned width, unsigned height) {
  size_t size = 0;
  char *text = read_whole(path, &size);
  const unsigned char *bytes = (const unsigned char *)text;
  assert_true(size > 32);
  assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
  assert_int_equal(bytes[16] << 24 | bytes[17] << 16 | bytes[18] << 8 | bytes[19], width);
  assert_int_equal(bytes[20] << 24 | bytes[21] << 16 | bytes[22] << 8 | bytes[23], height);
  g_free(text);
}

static void small_roll(RsRoll *roll, size_t frames) {
  assert_ok(rs_roll_init(roll, "small", frames, RS_PLANE_NONE));
  roll->on[0] = FRAME(60, 64);
  roll->on[1] = FRAME(60);
}

static void a_canvas_becomes_what_its_name_says(void **state) {
  RsCanvas *canvas = NULL;
  size_t size = 0;
  assert_ok(rs_canvas_new("a.PNG", 100, 50, &canvas, NULL));
  assert_ok(rs_canvas_end(canvas, RS_OK, NULL));
  assert_png("a.PNG", 200, 100);
  assert_ok(rs_canvas_new("a.svg", 100, 50, &canvas, NULL));
  assert_ok(rs_canvas_end(canvas, RS_OK, NULL));
  char *text = read_whole("a.svg", &size);
  assert_non_null(strstr(text, "<svg"));
  assert_string_equal(text + size - 7, "</svg>\n");
  g_free(text);
  unlink("a.PNG");
  unlink("a.svg");
}

static void another_name_is_refused(void **state) {
  RsError error = {RS_OK, ""};
  RsRoll roll;
  small_roll(&roll, 4);
  assert_int_equal(rs_draw_roll(&roll, NULL, "a.jpg", &error), RS_ERR_ARGUMENT);
  assert_string_equal(error.message, "cannot draw a.jpg: a picture's name ends in .png or .svg");
  assert_int_equal(rs_draw_roll(&roll, NULL, "svg", &error), RS_ERR_ARGUMENT);
  assert_int_equal(files_here(), 0);
  rs_roll_clear(&roll);
}

static void a_page_given_up_leaves_no_file(void **state) {
  RsCanvas *canvas = NULL;
  assert_ok(rs_canvas_new("a.png", 100, 50, &canvas, NULL));
  assert_int_equal(rs_canvas_end(canvas, RS_ERR_STOPPED, NULL), RS_ERR_STOPPED);
  assert_int_equal(rs_canvas_end(NULL, RS_ERR_IO, NULL), RS_ERR_IO);
  assert_int_equal(files_here(), 0);
}

static void a_large_page_has_fewer_pixels_a_unit(void **state) {
  RsCanvas *canvas = NULL;
  assert_ok(rs_canvas_new("a.png", 16, 32767, &canvas, NULL));
  assert_ok(rs_canvas_end(canvas, RS_OK, NULL));
  assert_png("a.png", 16, 32767);
  assert_int_equal(rs_canvas_new("a.png", 16, 32768, &canvas, NULL), RS_ERR_ARGUMENT);
  assert_int_equal(rs_canvas_new("a.png", NAN, 10, &canvas, NULL), RS_ERR_ARGUMENT);
  unlink("a.png");
}

/* A file name may hold any bytes: they must not spoil the page. */
static void text_that_is_no_utf_8_is_drawn_all_the_same(void **state) {
  RsRoll roll;
  small_roll(&roll, 4);
  assert_ok(rs_draw_roll(&roll, "caf\xe9 \xff\xfe", "a.svg", NULL));
  unlink("a.svg");
  rs_roll_clear(&roll);
}

/* Characters of the one text that is in an SVG. */
static size_t letters_within(double width) {
  RsCanvas *canvas = NULL;
  assert_ok(rs_canvas_new("a.svg", 400, 50, &canvas, NULL));
  rs_canvas_text_within(canvas, 0, 20, width, 10, RS_WEIGHT_NORMAL, 0x000000ff,
                        "abcdefghijklmnopqrst");
  assert_ok(rs_canvas_end(canvas, RS_OK, NULL));
  size_t size = 0;
  char *whole = read_whole("a.svg", &size);
  char **parts = g_strsplit(whole, "<text ", 0);
  assert_int_equal(g_strv_length(parts), 2);
  const char *begin = strchr(parts[1], '>') + 1;
  const long letters = g_utf8_strlen(begin, (gssize)strcspn(begin, "<"));
  g_strfreev(parts);
  g_free(whole);
  unlink("a.svg");
  return (size_t)letters;
}

static void a_text_too_wide_is_cut(void **state) {
  assert_int_equal(letters_within(400), 20);
  assert_in_range(letters_within(60), 5, 15);
  assert_int_equal(letters_within(1), 1);
}

static void texts_of_an_svg_are_texts_and_it_has_a_title(void **state) {
  RsCanvas *canvas = NULL;
  assert_ok(rs_canvas_new("a.svg", 100, 50, &canvas, NULL));
  rs_canvas_title(canvas, "Tom & <Jerry> #image7");
  rs_canvas_text(canvas, 9, 8, 7, RS_ALIGN_RIGHT, RS_WEIGHT_BOLD, 0x336699ff, "A \"b\" & c");
  assert_ok(rs_canvas_end(canvas, RS_OK, NULL));
  assert_int_equal(count_in("a.svg", "<title>Tom &amp; &lt;Jerry&gt; #image7</title>"), 1);
  assert_int_equal(count_in("a.svg", "<text x=\"9.00\" y=\"8.00\" font-family=\"sans-serif\" "
                                     "font-size=\"7\" font-weight=\"bold\" text-anchor=\"end\" "
                                     "fill=\"#336699\">A &quot;b&quot; &amp; c</text>"),
                   1);
  unlink("a.svg");
}

static void a_curve_passes_over_what_is_no_number(void **state) {
  const double xy[] = {1, NAN, 3, 4, 5, NAN, 7, 8};
  RsCanvas *canvas = NULL;
  assert_ok(rs_canvas_new("a.svg", 100, 50, &canvas, NULL));
  rs_canvas_text(canvas, 9, 9, 9, RS_ALIGN_LEFT, RS_WEIGHT_NORMAL, 0x000000ff, "before");
  rs_canvas_curve(canvas, xy, 4, 1, 0x000000ff);
  assert_ok(rs_canvas_end(canvas, RS_OK, NULL));
  assert_int_equal(count_in("a.svg", "d=\"M 3 4 L 7 8 \""), 1);
  unlink("a.svg");
}

static void parts_of_an_svg_are_named_by_their_order(void **state) {
  const char svg[] = "<g id=\"surface12\"><image id=\"image17\"/><image id=\"image7\"/>"
                     "<use href=\"#image7\"/><use href=\"#image17\"/> image9 \"imagex\" \"image";
  char *named = rs_svg_number_names(svg, sizeof svg - 1);
  assert_string_equal(named,
                      "<g id=\"surface0\"><image id=\"image1\"/><image id=\"image2\"/>"
                      "<use href=\"#image2\"/><use href=\"#image1\"/> image9 \"imagex\" \"image");
  g_free(named);
}

static void colours_mix_and_keep_their_lightness(void **state) {
  assert_int_equal(rs_colour(1, 0, 0), 0xffffffff);
  assert_int_equal(rs_colour(0, 0, 0), 0x000000ff);
  assert_int_equal(rs_colour(0.62796, 0.25768, 29.234), 0xff0000ff); /* red, by its definition */
  assert_int_equal(rs_colour(0.499314, 0.098664, 250.433054), 0x336699ff);
  assert_int_equal(rs_colour(0.653354, 0.112528, 63.477412), 0xc08040ff);
  assert_int_equal(rs_colour_mix(0x000000ff, 0xffffff00, 0.2), 0x333333cc);
}

/* Each note is two bars, one within the other: filled paths, which glyphs are not. */
static size_t count_notes(const RsRoll *roll) {
  assert_ok(rs_draw_roll(roll, NULL, "a.svg", NULL));
  const size_t bars = count_in("a.svg", "<path style=\" stroke:none;fill-rule");
  unlink("a.svg");
  return bars / 2;
}

static void a_roll_shows_its_notes(void **state) {
  RsRoll roll;
  small_roll(&roll, 4);
  const size_t two = count_notes(&roll);
  rs_frame_set(&roll.on[3], 60);
  assert_int_equal(count_notes(&roll), two + 1);
  rs_frame_set(&roll.on[2], 60); /* joins them again */
  assert_int_equal(count_notes(&roll), two);
  roll.onset = calloc(4, sizeof *roll.onset);
  roll.onset[0] = roll.on[0];
  assert_int_equal(count_notes(&roll), two);
  roll.onset[2] = FRAME(60);
  assert_int_equal(count_notes(&roll), two + 1);
  rs_roll_clear(&roll);
}

/* Whether every bar of one picture stands in another, in the same place and colour. */
static bool bars_are_in(const RsRoll *some, const RsRoll *all) {
  size_t m = 0, n = 0;
  bool found = true;
  assert_ok(rs_draw_roll(some, NULL, "some.svg", NULL));
  assert_ok(rs_draw_roll(all, NULL, "all.svg", NULL));
  char *a = read_whole("some.svg", &m), *b = read_whole("all.svg", &n);
  for (char *line = strtok(a, "\n"); line; line = strtok(NULL, "\n")) {
    const bool bar =
        !strncmp(line, "<path style=\" stroke:none;fill-rule", 34) && strchr(line, 'C');
    found = found && (!bar || strstr(b, line));
  }
  g_free(a);
  g_free(b);
  unlink("some.svg");
  unlink("all.svg");
  return found;
}

static void a_note_ends_where_it_begins_again(void **state) {
  RsRoll two, again;
  small_roll(&two, 4);
  small_roll(&again, 4);
  again.on[2] = again.on[3] = FRAME(60);
  assert_false(bars_are_in(&two, &again));
  again.onset = calloc(4, sizeof *again.onset);
  again.onset[2] = FRAME(60);
  assert_true(bars_are_in(&two, &again));
  rs_roll_clear(&two);
  rs_roll_clear(&again);
}

static void a_note_is_as_long_as_it_is_held(void **state) {
  RsRoll roll;
  size_t m = 0, n = 0;
  small_roll(&roll, 8);
  assert_ok(rs_draw_roll(&roll, NULL, "short.svg", NULL));
  rs_frame_set(&roll.on[2], 60);
  assert_ok(rs_draw_roll(&roll, NULL, "long.svg", NULL));
  char *shorter = read_whole("short.svg", &m), *longer = read_whole("long.svg", &n);
  assert_string_not_equal(shorter, longer);
  g_free(shorter);
  g_free(longer);
  unlink("short.svg");
  unlink("long.svg");
  rs_roll_clear(&roll);
}

static void the_same_roll_is_the_same_picture(void **state) {
  RsRoll roll;
  small_roll(&roll, 100);
  for (int i = 0; i < 2; ++i) {
    assert_ok(rs_draw_roll(&roll, "t", i ? "b.svg" : "a.svg", NULL));
    assert_ok(rs_draw_roll(&roll, "t", i ? "b.png" : "a.png", NULL));
  }
  assert_same_file("a.svg", "b.svg");
  assert_same_file("a.png", "b.png");
  rs_roll_clear(&roll);
}

/* From one frame to 20,000, in any meter, at the ends of the range, silent: always a picture. */
static void rolls_of_any_kind_are_drawn(void **state) {
  const size_t frames[] = {1, 3, 16, 17, 1000, 20000};
  for (size_t i = 0; i < sizeof frames / sizeof *frames; ++i) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, frames[i], i % 2 ? RS_PLANE_VELOCITY : RS_PLANE_ONSET));
    roll.meter_beats = (unsigned)(3 + i);
    roll.meter_unit = i % 2 ? 8 : 4;
    roll.frames_per_beat = i == 3 ? 0 : (unsigned)(1 + i);
    roll.frame_ms = 33;
    for (size_t f = 0; f < frames[i] && i != 2; f += 3) {
      roll.on[f] = FRAME(0, 127);
    }
    assert_ok(rs_draw_roll(&roll, NULL, i % 2 ? "a.svg" : "a.png", NULL));
    unlink(i % 2 ? "a.svg" : "a.png");
    rs_roll_clear(&roll);
  }
}

/* 200 bars of 4/4, and ten times as many. */
static void a_long_song_is_a_page_of_a_sensible_height(void **state) {
  for (size_t bars = 200; bars <= 2000; bars *= 10) {
    RsRoll roll;
    size_t size = 0;
    assert_ok(rs_roll_init(&roll, "long", 16 * bars, RS_PLANE_NONE));
    roll.on[0] = FRAME(60);
    roll.on[16 * bars - 1] = FRAME(72);
    assert_ok(rs_draw_roll(&roll, NULL, "a.png", NULL));
    char *text = read_whole("a.png", &size);
    const unsigned char *bytes = (const unsigned char *)text;
    assert_in_range(bytes[20] << 24 | bytes[21] << 16 | bytes[22] << 8 | bytes[23], 4000, 6000);
    g_free(text);
    unlink("a.png");
    rs_roll_clear(&roll);
  }
}

static void a_roll_without_frames_is_refused(void **state) {
  RsError error = {RS_OK, ""};
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 0, RS_PLANE_NONE));
  assert_int_equal(rs_draw_roll(&roll, NULL, "a.png", &error), RS_ERR_EMPTY);
  assert_string_equal(error.message, "cannot draw a.png: the song has no frames");
  assert_int_equal(files_here(), 0);
  rs_roll_clear(&roll);
}

static void a_history_is_drawn_whatever_its_numbers(void **state) {
  const double values[] = {1, 0, NAN, INFINITY, -1e300, 1e-300};
  RsEpochReport epochs[6];
  RsTrainHistory history = {.epochs = epochs, .reason = "signal"};
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_draw_history(&history, "log", "a.svg", &error), RS_ERR_EMPTY);
  assert_string_equal(error.message, "cannot draw a.svg: the log has no epoch yet");
  for (size_t i = 0; i < 6; ++i) {
    epochs[i] = (RsEpochReport){.epoch = i + 1, .best = i < 2, .learning_rate = values[i]};
    epochs[i].train_cost = epochs[i].valid_ll = epochs[i].gradient_norm = values[i];
    history.count = i + 1;
    assert_ok(rs_draw_history(&history, "log", "a.svg", NULL));
    assert_ok(rs_draw_history(&history, "log", "b.svg", NULL));
    assert_int_equal(count_in("a.svg", "nan"), 0);
    assert_same_file("a.svg", "b.svg");
  }
}

static void an_unknown_likelihood_is_never_the_best(void **state) {
  RsEpochReport epochs[] = {{.epoch = 1, .valid_ll = -7}, {.epoch = 2, .valid_ll = NAN}};
  const RsTrainHistory history = {.epochs = epochs, .count = 2};
  assert_ok(rs_draw_history(&history, "log", "a.svg", NULL));
  epochs[1].best = true;
  assert_ok(rs_draw_history(&history, "log", "b.svg", NULL));
  assert_same_file("a.svg", "b.svg");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(a_canvas_becomes_what_its_name_says),
      in_folder(another_name_is_refused),
      in_folder(a_page_given_up_leaves_no_file),
      in_folder(a_large_page_has_fewer_pixels_a_unit),
      in_folder(text_that_is_no_utf_8_is_drawn_all_the_same),
      in_folder(a_text_too_wide_is_cut),
      in_folder(texts_of_an_svg_are_texts_and_it_has_a_title),
      in_folder(a_curve_passes_over_what_is_no_number),
      in_folder(parts_of_an_svg_are_named_by_their_order),
      in_folder(colours_mix_and_keep_their_lightness),
      in_folder(a_roll_shows_its_notes),
      in_folder(a_note_ends_where_it_begins_again),
      in_folder(a_note_is_as_long_as_it_is_held),
      in_folder(the_same_roll_is_the_same_picture),
      in_folder(rolls_of_any_kind_are_drawn),
      in_folder(a_long_song_is_a_page_of_a_sensible_height),
      in_folder(a_roll_without_frames_is_refused),
      in_folder(a_history_is_drawn_whatever_its_numbers),
      in_folder(an_unknown_likelihood_is_never_the_best),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
