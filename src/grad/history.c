#include "grad/history.h"
#include "grad/tangent.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <rollsmith/rng.h>

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  FRAMES = 1024,    /* that the ring is meant to hold */
  MOST_BLOCKS = 64, /* each has a copy of the weights */
  PROBES = 4,
  OLDEST_AGE = 1 << 20, /* a float counts to it without a gap */
};

/* A probe may hide a product 2^10 times as large: that all four do has a chance of 4e-13. */
#define PROBE_MARGIN 1024

/* What cannot be seen beside a number of size 1: a quarter of its rounding. */
#define INVISIBLE (RS_ROUNDING / 8)

/* What cannot be seen beside a sum of many terms, of which the largest has the size 1. */
#define INVISIBLE_IN_SUM (2 * RS_ROUNDING)

struct RsHistory {
  RsRnn *rnn;
  size_t max_frames, streams;
  size_t blocks;     /* of the ring */
  size_t weights;    /* parameters up to the state layer's */
  size_t block_size; /* scalars of a past block */
  rs_scalar *memory; /* head, figures of the streams, ring, tangents and their count */
  RsTangent *tangent;
  RsNetWork *work;       /* y and v lead into the ring, c is scratch */
  unsigned char *starts; /* of the block that is open */
  /* The walk back, a stream after the other: */
  rs_scalar *lambda; /* state_size values each */
  rs_real *floor;    /* what cannot be seen: a bound of what lies further back, equation B13 */
  size_t *depth;     /* frames walked */
  bool *walking;
  size_t left;    /* streams that walk */
  size_t *reach;  /* the longest walk of a probe */
  double *normal; /* of one probe */
};

/* ---- Figures, kept as scalars ---- */

enum { COUNT, NEWEST, HEAD };   /* blocks that are kept; where the newest is */
enum { AGE, REST, USED, EACH }; /* of a stream */

static size_t figure(const rs_scalar *x) {
  return (size_t)creal(*x);
}

static bool within(const rs_scalar *x, size_t least, size_t most) {
  return creal(*x) >= (double)least && creal(*x) <= (double)most;
}

static void set_figure(rs_scalar *x, size_t value) {
  *x = (rs_scalar)(value < OLDEST_AGE ? value : OLDEST_AGE);
}

/* AGE: nothing older than so many frames can be seen in the state. REST: frames until the next
 * probe. USED: whether M holds what is older than the ring. */
static rs_scalar *of_stream(const RsHistory *h, size_t stream, size_t which) {
  return h->memory + HEAD + EACH * stream + which;
}

static size_t count(const RsHistory *h) {
  return figure(h->memory + COUNT);
}

/* Past block `back` blocks before the newest: its frames, then its weights, starts, norms of the
 * tangents, y and v. */
static rs_scalar *past(const RsHistory *h, size_t back) {
  const size_t at = (figure(h->memory + NEWEST) + h->blocks - back) % h->blocks;
  return h->memory + HEAD + EACH * h->streams + at * h->block_size;
}

/* Tangents of the states, streams x state_size, then how many blocks they have gone through. */
static rs_scalar *tangents(const RsHistory *h) {
  return h->memory + HEAD + EACH * h->streams + h->blocks * h->block_size;
}

static rs_scalar *pushed(const RsHistory *h) {
  return tangents(h) + h->streams * h->rnn->state_size;
}

/* Norms of the tangents after the frames of a past block, frames x streams. */
static rs_scalar *sizes(const RsHistory *h, size_t back) {
  return past(h, back) + 1 + h->weights + h->max_frames * h->streams;
}

/* Frames of the newest blocks. */
static size_t frames_of(const RsHistory *h, size_t blocks) {
  size_t frames = 0;
  for (size_t i = 0; i < blocks; ++i) {
    frames += figure(past(h, i));
  }
  return frames;
}

bool rs_history_valid(const RsHistory *h) {
  bool good = within(h->memory + COUNT, 0, h->blocks) &&
              within(h->memory + NEWEST, 0, h->blocks - 1) && within(pushed(h), 0, OLDEST_AGE);
  for (size_t i = 0; good && i < count(h); ++i) {
    good = within(past(h, i), 1, h->max_frames);
  }
  for (size_t s = 0; good && s < h->streams; ++s) {
    good = within(of_stream(h, s, AGE), 0, OLDEST_AGE) &&
           within(of_stream(h, s, REST), 0, OLDEST_AGE) && within(of_stream(h, s, USED), 0, 1);
  }
  return good;
}

/* ---- Making ---- */

static size_t count_weights(const RsRnn *rnn) {
  size_t most = 0;
  for (size_t i = 0; i < rs_net_tensor_count(rnn->net); ++i) {
    const RsNetTensor *t = rs_net_tensor(rnn->net, i);
    const size_t end = t->offset + t->rows * t->columns;
    most = t->layer <= rnn->state_layer && end > most ? end : most;
  }
  return most;
}

/* Scalars of a past block: at most those of the workspace and of the parameters, which exist. */
static size_t block_size(const RsHistory *h) {
  const size_t rows = h->max_frames * h->streams;
  size_t size = 1 + h->weights + 2 * rows;
  for (size_t k = 0; k <= h->rnn->state_layer; ++k) {
    size += (h->work->v[k] == h->work->y[k] ? 1 : 2) * rows * rs_net_layer_size(h->rnn->net, k);
  }
  return size;
}

static size_t choose_blocks(size_t max_frames) {
  const size_t blocks = (FRAMES + max_frames - 1) / max_frames;
  return blocks < 2 ? 2 : blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS;
}

static bool allocate(RsHistory *h) {
  const size_t S = h->streams;
  h->starts = rs_alloc(h->max_frames * S, 1);
  h->lambda = rs_alloc(S * h->rnn->state_size, sizeof *h->lambda);
  h->floor = rs_alloc(S, sizeof *h->floor);
  h->depth = rs_alloc(S, sizeof *h->depth);
  h->walking = rs_alloc(S, sizeof *h->walking);
  h->reach = rs_alloc(S, sizeof *h->reach);
  h->normal = rs_alloc(S * h->rnn->state_size, sizeof *h->normal);
  h->tangent = rs_tangent_new(h->rnn);
  return h->tangent && h->starts && h->lambda && h->floor && h->depth && h->walking && h->reach &&
         h->normal;
}

RsStatus rs_history_new(const RsRnn *rnn, size_t max_frames, size_t streams, RsHistory **out,
                        RsError *error) {
  size_t size = 0;
  RsHistory *h = rs_alloc(1, sizeof *h);
  if (!h) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for past blocks");
  }
  h->rnn = rs_rnn_share(rnn);
  h->max_frames = max_frames;
  h->streams = streams;
  h->blocks = choose_blocks(max_frames);
  h->weights = count_weights(rnn);
  RsStatus status = rs_net_work_new(rnn->net, max_frames * streams, &h->work, error);
  if (!status && !allocate(h)) {
    status = rs_error(error, RS_ERR_MEMORY, "no memory for past blocks");
  }
  h->block_size = status ? 0 : block_size(h);
  if (!status && !rs_multiply_sizes(h->blocks, h->block_size, &size)) {
    status = rs_error(error, RS_ERR_OVERFLOW, "%zu blocks of %zu frames of %zu streams: too many",
                      h->blocks, max_frames, streams);
  }
  if (status) {
    rs_history_free(h);
    return status;
  }
  *out = h;
  return RS_OK;
}

void rs_history_free(RsHistory *h) {
  if (h) {
    rs_rnn_free(h->rnn);
    rs_net_work_free(h->work);
    rs_tangent_free(h->tangent);
    free(h->starts);
    free(h->lambda);
    free(h->floor);
    free(h->depth);
    free(h->walking);
    free(h->reach);
    free(h->normal);
    free(h);
  }
}

size_t rs_history_size(const RsHistory *h) {
  const size_t ring = h->blocks * h->block_size, tangents = h->streams * h->rnn->state_size;
  return HEAD + EACH * h->streams + ring + tangents + 1;
}

void rs_history_place(RsHistory *h, rs_scalar *memory) {
  h->memory = memory;
}

/* ---- Past blocks ---- */

/* The workspace looks at a past block. */
static rs_scalar *look_at(RsHistory *h, rs_scalar *block) {
  const size_t rows = h->max_frames * h->streams;
  rs_scalar *starts = block + 1 + h->weights, *next = starts + 2 * rows;
  for (size_t k = 0; k <= h->rnn->state_layer; ++k) {
    const size_t size = rows * rs_net_layer_size(h->rnn->net, k);
    const bool field = h->work->v[k] != h->work->y[k];
    h->work->y[k] = next;
    next += field ? size : 0;
    h->work->v[k] = next;
    next += size;
  }
  return starts;
}

static RsBlock open_block(RsHistory *h, size_t back) {
  rs_scalar *block = past(h, back);
  const rs_scalar *starts = look_at(h, block);
  const size_t frames = figure(block);
  for (size_t row = 0; row < frames * h->streams; ++row) {
    h->starts[row] = creal(starts[row]) != 0;
  }
  return (RsBlock){h->rnn, h->work, block + 1, frames, h->streams, h->starts};
}

static void copy_rows(const RsBlock *from, const RsNetWork *to) {
  for (size_t k = 0; k <= from->rnn->state_layer; ++k) {
    const size_t size = from->frames * from->streams * rs_net_layer_size(from->rnn->net, k);
    memcpy(to->y[k], from->work->y[k], size * sizeof **to->y);
    if (to->v[k] != to->y[k]) {
      memcpy(to->v[k], from->work->v[k], size * sizeof **to->v);
    }
  }
}

/* ---- The walk back ---- */

static rs_scalar *lambda_of(const RsHistory *h, size_t stream) {
  return h->lambda + stream * h->rnn->state_size;
}

static void end_walk(RsHistory *h, size_t stream) {
  h->walking[stream] = false;
  --h->left;
  memset(lambda_of(h, stream), 0, h->rnn->state_size * sizeof *h->lambda);
}

/* The tangent's norm where a stream of a past block was before frame n; no bound where nothing
 * is kept. */
static rs_real size_before(const RsHistory *h, size_t back, size_t n, size_t stream) {
  if (n) {
    return (rs_real)creal(sizes(h, back)[(n - 1) * h->streams + stream]);
  }
  if (back + 1 >= count(h)) {
    return INFINITY;
  }
  const size_t frames = figure(past(h, back + 1));
  return (rs_real)creal(sizes(h, back + 1)[(frames - 1) * h->streams + stream]);
}

/* Equation B13: a stream ends where all that lies further back cannot be seen. A NaN goes on, to be
 * seen in the gradient, and so does what has no bound. @param size  Of dr/dw there. */
static void end_if_faded(RsHistory *h, size_t stream, rs_real size) {
  const rs_real norm = rs_norm(h->rnn->state_size, lambda_of(h, stream));
  const rs_real bound = norm * (size > 1 ? size : 1);
  if (norm == 0 || (bound <= h->floor[stream] && !isnan(size))) {
    end_walk(h, stream);
  }
}

static void begin_walk(RsHistory *h, size_t stream, rs_real floor) {
  h->floor[stream] = floor;
  h->depth[stream] = 0;
  h->walking[stream] = true;
  ++h->left;
}

/* Where the streams that have ended pass zeros. */
static void put_lambda(const RsHistory *h, const RsBlock *b, size_t n) {
  const size_t row = n * h->streams, k = h->rnn->state_layer;
  const size_t units = rs_net_layer_size(h->rnn->net, k);
  rs_backward_clear(b->work, k, row, h->streams);
  memset(b->work->c[k] + row * units, 0, h->streams * units * sizeof **b->work->c);
  for (size_t s = 0; s < h->streams; ++s) {
    memcpy(rs_block_state_units(b, b->work->c, row + s), lambda_of(h, s),
           h->rnn->state_size * sizeof *h->lambda);
  }
}

static void take_lambda(RsHistory *h, const RsBlock *b, size_t back, size_t n) {
  for (size_t s = 0; s < h->streams; ++s) {
    const size_t row = n * h->streams + s;
    if (!h->walking[s]) {
      continue;
    }
    ++h->depth[s];
    memcpy(lambda_of(h, s), rs_block_state_inputs(b, b->work->c, row),
           h->rnn->state_size * sizeof *h->lambda);
    if (b->starts[row]) {
      end_walk(h, s);
    } else {
      end_if_faded(h, s, size_before(h, back, n, s));
    }
  }
}

/* Through one past block, and what its frames give to the gradient, in one product a layer. */
static void walk_block(RsHistory *h, size_t back, rs_scalar *g) {
  const RsBlock b = open_block(h, back);
  size_t n = b.frames;
  while (n && h->left) {
    --n;
    put_lambda(h, &b, n);
    rs_block_backward_frame(&b, n);
    take_lambda(h, &b, back, n);
  }
  if (g) {
    rs_gradient_layers(b.work, 1, h->rnn->state_layer, n * h->streams, (b.frames - n) * h->streams,
                       g);
    rs_block_start_gradient(&b, n, g);
  }
}

static void walk(RsHistory *h, size_t blocks, rs_scalar *g) {
  for (size_t i = 0; i < blocks && h->left; ++i) {
    walk_block(h, i, g);
  }
}

/* What cannot be seen beside the gradient of a block, of which some frames tell the size. */
static rs_real invisible(const RsBlock *present, size_t stream) {
  enum { LOOKS = 8 };
  rs_real most = 0;
  for (size_t i = 0; i < LOOKS; ++i) {
    const size_t n = i * present->frames / LOOKS;
    const rs_real term = rs_largest_term(present, n * present->streams + stream);
    most = term > most ? term : most;
  }
  return INVISIBLE_IN_SUM * most;
}

/* What arrives at the states before the block; nothing where a series starts there. */
static void begin_gradient(RsHistory *h, const RsBlock *present) {
  h->left = 0;
  for (size_t s = 0; s < h->streams; ++s) {
    memcpy(lambda_of(h, s), rs_block_state_inputs(present, present->work->c, s),
           h->rnn->state_size * sizeof *h->lambda);
    begin_walk(h, s, invisible(present, s));
    if (present->starts[s]) {
      end_walk(h, s);
    } else {
      end_if_faded(h, s, count(h) ? size_before(h, 0, figure(past(h, 0)), s) : INFINITY);
    }
  }
}

void rs_history_gradient(RsHistory *h, const RsBlock *present, const RsSensitivity *s,
                         const rs_scalar *m, rs_scalar *g) {
  begin_gradient(h, present);
  walk(h, count(h), g);
  for (size_t i = 0; m && i < h->streams; ++i) {
    if (h->walking[i] && figure(of_stream(h, i, USED))) {
      rs_sensitivity_gradient(s, lambda_of(h, i), m + i * rs_sensitivity_size(s), g);
    }
  }
}

/* ---- What leaves the ring ---- */

/* One random cotangent a stream, back through the newest blocks. */
static void walk_probe(RsHistory *h, size_t probe, size_t blocks) {
  const size_t R = h->rnn->state_size, all = h->streams * R;
  const RsRng rng = {probe, RS_STREAM_PROBE};
  rs_rng_normal(rng, 0, all, h->normal);
  h->left = 0;
  for (size_t i = 0; i < all; ++i) {
    h->lambda[i] = (rs_scalar)h->normal[i];
  }
  for (size_t s = 0; s < h->streams; ++s) {
    begin_walk(h, s, INVISIBLE / PROBE_MARGIN);
  }
  walk(h, blocks, NULL);
  for (size_t s = 0; s < h->streams; ++s) {
    const size_t depth = h->walking[s] ? OLDEST_AGE : h->depth[s];
    h->reach[s] = depth > h->reach[s] ? depth : h->reach[s];
  }
}

/* How far back the streams remember (equation B10), as far as the newest blocks can tell. */
static void probe(RsHistory *h, size_t blocks) {
  const size_t frames = frames_of(h, blocks);
  memset(h->reach, 0, h->streams * sizeof *h->reach);
  for (size_t i = 0; i < PROBES; ++i) {
    walk_probe(h, i, blocks);
  }
  for (size_t s = 0; s < h->streams; ++s) {
    if (h->reach[s] < figure(of_stream(h, s, AGE))) {
      set_figure(of_stream(h, s, AGE), h->reach[s]);
    }
    set_figure(of_stream(h, s, REST), h->reach[s] > frames ? frames : 0);
  }
}

static bool is_full(const RsHistory *h) {
  return count(h) == h->blocks;
}

static bool remembers(const RsHistory *h, size_t stream, size_t frames) {
  return figure(of_stream(h, stream, AGE)) > frames;
}

bool rs_history_must_fold(RsHistory *h) {
  if (!is_full(h)) {
    return false;
  }
  const size_t blocks = h->blocks - 1, frames = frames_of(h, blocks);
  bool ask = false, must = false;
  for (size_t s = 0; s < h->streams; ++s) {
    ask |= remembers(h, s, frames) && !figure(of_stream(h, s, REST));
  }
  if (ask) {
    probe(h, blocks);
  }
  for (size_t s = 0; s < h->streams; ++s) {
    must |= remembers(h, s, frames);
  }
  return must;
}

/* M of one stream moves over the oldest block. Where it was not in use, nothing older is seen. */
static void fold(const RsHistory *h, const RsBlock *oldest, size_t stream, RsSensitivity *s,
                 rs_scalar *m) {
  if (!figure(of_stream(h, stream, USED))) {
    memset(m, 0, rs_sensitivity_size(s) * sizeof *m);
  }
  rs_block_advance(oldest, stream, sizes(h, h->blocks - 1), s, m);
}

static void drop_oldest(RsHistory *h, RsSensitivity *s, rs_scalar *m) {
  const size_t frames = frames_of(h, h->blocks - 1);
  const RsBlock oldest = open_block(h, h->blocks - 1);
  for (size_t i = 0; i < h->streams; ++i) {
    const bool use = m && remembers(h, i, frames);
    if (use) {
      fold(h, &oldest, i, s, m + i * rs_sensitivity_size(s));
    }
    set_figure(of_stream(h, i, USED), use);
  }
  set_figure(h->memory + COUNT, h->blocks - 1);
}

/* ---- What enters it ---- */

static void grow_older(RsHistory *h, const RsBlock *b, size_t stream) {
  rs_scalar *age = of_stream(h, stream, AGE), *rest = of_stream(h, stream, REST);
  size_t n = b->frames;
  while (n && !b->starts[(n - 1) * b->streams + stream]) {
    --n;
  }
  set_figure(age, n ? b->frames - n + 1 : figure(age) + b->frames);
  set_figure(rest, figure(rest) > b->frames ? figure(rest) - b->frames : 0);
}

void rs_history_push(RsHistory *h, const RsBlock *present, RsSensitivity *s, rs_scalar *m) {
  if (is_full(h)) {
    drop_oldest(h, s, m);
  }
  set_figure(h->memory + NEWEST, (figure(h->memory + NEWEST) + 1) % h->blocks);
  set_figure(h->memory + COUNT, count(h) + 1);
  rs_scalar *block = past(h, 0), *starts = look_at(h, block);
  set_figure(block, present->frames);
  memcpy(block + 1, present->w, h->weights * sizeof *block);
  for (size_t row = 0; row < present->frames * h->streams; ++row) {
    starts[row] = present->starts[row] != 0;
  }
  copy_rows(present, h->work);
  for (size_t i = 0; i < h->streams; ++i) {
    grow_older(h, present, i);
  }
  const RsBlock newest = open_block(h, 0);
  rs_tangent_advance(h->tangent, &newest, present->work, figure(pushed(h)), tangents(h),
                     sizes(h, 0));
  set_figure(pushed(h), (figure(pushed(h)) + 1) % OLDEST_AGE);
}
