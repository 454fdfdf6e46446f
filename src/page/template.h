/* SPDX-License-Identifier: ISC */

#ifndef RS_PAGE_TEMPLATE_H
#define RS_PAGE_TEMPLATE_H

/**
   @file template.h Pages from templates: {{NAME}} is replaced by a value of this name, or else by
   the file of src/page/web of this name.
*/

#include "base/string_buffer.h"

/** A named text; also a file of src/page/web, of which tools/embed.c makes rs_page_files. */
typedef struct {
  const char *name;
  const char *text;
} RsPageText;

/** The files of src/page/web, ended by one whose name is NULL. */
extern const RsPageText rs_page_files[];

/**
   Fill in a template.

   @param name    A file of rs_page_files.
   @param values  Ended by one whose name is NULL; their text is put in as it is.
   @param out     Output, to be given to free().
   @param size    Output: bytes.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_page_fill(const char *name, const RsPageText *values, char **out, size_t *size);

/** A text as HTML, to be given to free(); NULL where memory is out. */
char *rs_page_escape(const char *text);

#endif /* RS_PAGE_TEMPLATE_H */
