/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_DRAW_H
#define ROLLSMITH_DRAW_H

/**
   @file draw.h Pictures: of rolls, of training logs, of weights.

   A picture is a PNG or an SVG by the ending of its name, and is written whole or not at all. The
   same input gives the same picture.
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>
#include <rollsmith/train_log.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A matrix to be drawn; everything is borrowed. */
typedef struct {
  const char *name;    ///< What it is called
  const float *data;   ///< rows x columns, row-major
  size_t rows;         ///< Height; a vector has 1
  size_t columns;      ///< Width
  int low;             ///< Of rows or columns that are notes, the number of the first
  size_t notes;        ///< How many notes there are, from `low` up; 0: none
  size_t note_rows;    ///< So many rows from the first on are notes: once, twice, ... all of them
  size_t note_columns; ///< The same of columns
} RsMatrix;

/**
   Draw a piano roll: bars for notes, coloured by pitch class and paler where soft, with bar lines
   and the names and numbers of notes; in several systems where it is long.

   @param roll   Borrowed.
   @param title  In UTF-8; NULL: the roll's name.
   @param path   Where; ends in .png or .svg. /dev/stdout takes a .png, /dev/stdout.svg an .svg.
   @param error  Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO, RS_ERR_EMPTY for a roll of no frames, RS_ERR_ARGUMENT
   for another ending or a roll too long for a picture.
*/
RsStatus rs_draw_roll(const RsRoll *roll, const char *title, const char *path, RsError *error);

/**
   Draw a training log as curves over the epochs: cost, likelihood, learning rate and gradient.

   @param history  What rs_train_history_read() gave, borrowed.
   @param title    In UTF-8.
   @param path     Where; ends in .png or .svg. /dev/stdout takes a .png, /dev/stdout.svg an .svg.
   @param error    Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO, RS_ERR_EMPTY for a log without an epoch, RS_ERR_ARGUMENT
   for another ending.
*/
RsStatus rs_draw_history(const RsTrainHistory *history, const char *title, const char *path,
                         RsError *error);

/**
   Draw matrices as images, blue below zero, white at zero, red above, each on its own scale. One
   of far more rows than columns is turned. Where rows or columns are notes, each C has its name and
   number.

   @param matrices  `count` of them, drawn in this order.
   @param count     Number.
   @param title     In UTF-8.
   @param path      Where; ends in .png or .svg. /dev/stdout takes a .png, /dev/stdout.svg an .svg.
   @param error     Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO, RS_ERR_EMPTY without a matrix, RS_ERR_ARGUMENT for
   another ending or for more than a picture can hold.
*/
RsStatus rs_draw_matrices(const RsMatrix *matrices, size_t count, const char *title,
                          const char *path, RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_DRAW_H */
