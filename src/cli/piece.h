#ifndef RS_CLI_PIECE_H
#define RS_CLI_PIECE_H

/**
   @file piece.h What `play` plays: a song that a model makes, or a file.
*/

#include "cli/compose.h"

#include <rollsmith/player.h>

/** A piece, ready to be played. */
typedef struct {
  RsComposition composition; // If `is_model`
  RsSongs songs;             // Else: the first one is played
  RsRoll shape;              // If `is_model`: meters of all frames that are played, and tempo
  RsGenerator *first;        // If `is_model`: of the first song, until its frames are wanted
  bool is_model;
  RsFrameSource *source;
  RsPlayerSettings settings;
  double frames_per_quarter;
  double quarters_per_bar;
  size_t left_out; // System-exclusive messages of a file, which are not played
} RsPiece;

/** Make a piece of the operand. @return RS_OK, or why not; to be given to rs_piece_clear(). */
RsStatus rs_piece_init(const RsOptions *options, RsPiece *piece, RsError *error);

/** Free what it owns. */
void rs_piece_clear(RsPiece *piece);

#endif /* RS_CLI_PIECE_H */
