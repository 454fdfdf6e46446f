/* SPDX-License-Identifier: ISC */

#include "page/template.h"

#include <stdlib.h>
#include <string.h>

static const char *find(const RsPageText *texts, const char *name, size_t length) {
  for (; texts->name; ++texts) {
    if (strlen(texts->name) == length && !strncmp(texts->name, name, length)) {
      return texts->text;
    }
  }
  return NULL;
}

RsStatus rs_page_fill(const char *name, const RsPageText *values, char **out, size_t *size) {
  RsStringBuffer page = {.data = NULL};
  const char *at = find(rs_page_files, name, strlen(name));
  for (const char *mark; (mark = strstr(at, "{{")); at = strstr(mark, "}}") + 2) {
    const size_t length = (size_t)(strstr(mark, "}}") - mark) - 2;
    const char *value = find(values, mark + 2, length);
    value = value ? value : find(rs_page_files, mark + 2, length);
    rs_string_buffer_append(&page, "%.*s", (int)(mark - at), at);
    rs_string_buffer_append(&page, "%s", value);
  }
  rs_string_buffer_append(&page, "%s", at);
  return rs_string_buffer_take(&page, out, size);
}

char *rs_page_escape(const char *text) {
  RsStringBuffer escaped = {.data = NULL};
  char *out = NULL;
  for (; *text; ++text) {
    const char *entity = *text == '<'   ? "&lt;"
                         : *text == '&' ? "&amp;"
                         : *text == '"' ? "&quot;"
                                        : NULL;
    rs_string_buffer_append(&escaped, entity ? "%s" : "%.1s", entity ? entity : text);
  }
  rs_string_buffer_append(&escaped, "%s", "");
  return rs_string_buffer_take(&escaped, &out, NULL) ? NULL : out;
}
