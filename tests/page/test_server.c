/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "page/http.h"
#include "page/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char PAGE[] = "<!DOCTYPE html><title>page</title>";

static RsPageServer *serve(void) {
  RsPageServer *server = NULL;
  RsError error = {RS_OK, ""};
  if (rs_page_server_new("0", PAGE, &server, &error)) {
    fail_msg("%s", error.message);
  }
  return server;
}

/* Send a request. @return The socket. */
static int ask(const RsPageServer *server, const char *request) {
  const struct sockaddr_in at = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)rs_page_server_port(server)),
                                 .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
  assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
  return fd;
}

/* Read on until a text is there, or the end. @return Whether it is. */
static bool read_until(int fd, const char *wanted, char *text, size_t size) {
  size_t used = strlen(text);
  for (ssize_t got = 1; got > 0 && !strstr(text, wanted) && used + 1 < size; used += (size_t)got) {
    got = recv(fd, text + used, size - used - 1, 0);
    got = got < 0 ? 0 : got;
    text[used + (size_t)got] = '\0';
  }
  return strstr(text, wanted);
}

static void the_page_is_served_whole(void **state) {
  RsPageServer *server = serve();
  char text[2048] = "";
  const int fd = ask(server, "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
  read_until(fd, "no such text", text, sizeof(text));
  assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
  assert_string_equal(strstr(text, "\r\n\r\n") + 4, PAGE);
  close(fd);
  rs_page_server_free(server);
}

static void events_are_sent_from_the_first_one_on(void **state) {
  RsPageServer *server = serve();
  char text[2048] = "", all[2048] = "";
  rs_page_server_publish(server, "{\"n\":1}");
  const int early = ask(server, "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  assert_true(read_until(early, "data: {\"n\":1}\n\n", text, sizeof(text)));
  rs_page_server_publish(server, "{\"n\":2}");
  assert_true(read_until(early, "data: {\"n\":2}\n\n", text, sizeof(text)));
  const int late = ask(server, "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  assert_true(read_until(late, "{\"n\":1}", all, sizeof(all)));
  rs_page_server_publish(server, "{\"n\":3}");
  rs_page_server_free(server);
  read_until(late, "no such text", all, sizeof(all));
  assert_string_equal(strstr(all, "\r\n\r\n") + 4,
                      "data: {\"n\":1}\n\ndata: {\"n\":2}\n\ndata: {\"n\":3}\n\n");
  close(early);
  close(late);
}

static void answers_are_those_of_http(void **state) {
  static const struct {
    const char *head;
    RsHttpAnswer answer;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", RS_HTTP_PAGE},
      {"GET /events HTTP/1.1\r\nAccept: a\r\nhOST:localhost\r\n\r\n", RS_HTTP_EVENTS},
      {"GET /events HTTP/1.1\r\nHost: evil.example\r\n\r\n", RS_HTTP_FORBIDDEN},
      {"GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", RS_HTTP_FORBIDDEN},
      {"GET / HTTP/1.1\r\n\r\n", RS_HTTP_FORBIDDEN},
      {"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_HTTP_METHOD},
      {"GET /else HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_HTTP_MISSING},
      {"GET /eventsx HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_HTTP_MISSING},
      {"nonsense\r\n\r\n", RS_HTTP_BAD},
      {"GET /\r\n\r\n", RS_HTTP_BAD},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
    assert_int_equal(rs_http_answer(cases[i].head), cases[i].answer);
  }
}

static void a_port_that_is_taken_is_told(void **state) {
  RsPageServer *server = serve(), *other = NULL;
  char address[32];
  RsError error = {RS_OK, ""};
  snprintf(address, sizeof(address), "localhost:%u", rs_page_server_port(server));
  assert_int_equal(rs_page_server_new(address, PAGE, &other, &error), RS_ERR_IO);
  assert_non_null(strstr(error.message, "another program uses this port"));
  assert_null(other);
  rs_page_server_free(server);
}

static void addresses_beyond_this_machine_are_refused(void **state) {
  static const char *const addresses[] = {"0.0.0.0:8080",
                                          "192.168.1.2:8080",
                                          "example.org:80",
                                          "8080x",
                                          "65536",
                                          "",
                                          "-1",
                                          "127.0.0.1:",
                                          ":80x"};
  for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); ++i) {
    RsPageServer *server = NULL;
    RsError error = {RS_OK, ""};
    assert_int_equal(rs_page_server_new(addresses[i], PAGE, &server, &error), RS_ERR_SETTING);
    assert_non_null(strstr(error.message, "must be a port of this machine alone"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_page_is_served_whole),
      cmocka_unit_test(events_are_sent_from_the_first_one_on),
      cmocka_unit_test(answers_are_those_of_http),
      cmocka_unit_test(a_port_that_is_taken_is_told),
      cmocka_unit_test(addresses_beyond_this_machine_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
