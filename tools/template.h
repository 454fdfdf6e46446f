/* SPDX-License-Identifier: ISC */

#ifndef TOOLS_TEMPLATE_H
#define TOOLS_TEMPLATE_H

/**
   @file template.h Templates of the build tools: lines that begin with `@` are directives, all
   others are copied.
*/

/**
   Copy a template to standard output.

   @param path    File.
   @param direct  Writes what stands for a directive, which is given with its `@` and its line feed;
                  returns 0, or 1 where there is no such directive.
   @return 0, or 1 where the file cannot be read, a directive is unknown or output fails.
*/
int template_copy(const char *path, int (*direct)(const char *line));

#endif /* TOOLS_TEMPLATE_H */
