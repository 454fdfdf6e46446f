/* SPDX-License-Identifier: ISC */

#include "train/rolls_gather.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A roll without what its pointers point to. */
typedef struct {
  RsRoll roll;
  unsigned planes;
  size_t name_size; /* with the zero at its end; 0: no name */
  RsStatus status;
} Head;

/* An array of a roll, or room for it. */
typedef struct {
  void *data;
  size_t size; /* bytes */
} Array;

enum { ARRAYS = 5 };

/* What the pointers of a roll point to. */
static void arrays_of(const Head *head, const RsRoll *roll, Array arrays[ARRAYS]) {
  const size_t frames = head->roll.frames;
  const bool onset = head->planes & RS_PLANE_ONSET, velocity = head->planes & RS_PLANE_VELOCITY;
  arrays[0] = (Array){roll->on, frames * sizeof *roll->on};
  arrays[1] = (Array){roll->onset, onset ? frames * sizeof *roll->onset : 0};
  arrays[2] = (Array){roll->velocity, velocity ? frames * RS_NOTES : 0};
  arrays[3] = (Array){roll->meters, head->roll.meter_count * sizeof *roll->meters};
  arrays[4] = (Array){roll->name, head->name_size};
}

static size_t size_of(const Head *head) {
  Array arrays[ARRAYS];
  size_t size = 0;
  arrays_of(head, &head->roll, arrays);
  for (size_t i = 0; !head->status && i < ARRAYS; ++i) {
    size += arrays[i].size;
  }
  return size;
}

static Head head_of(const RsRoll *roll, RsStatus status) {
  const Head failed = {.status = status};
  return status ? failed
                : (Head){.roll = *roll,
                         .planes = rs_roll_planes(roll),
                         .name_size = roll->name ? strlen(roll->name) + 1 : 0};
}

static void pack(const Head *head, const RsRoll *roll, unsigned char *to) {
  Array arrays[ARRAYS];
  arrays_of(head, roll, arrays);
  for (size_t i = 0; !head->status && i < ARRAYS; to += arrays[i++].size) {
    if (arrays[i].data && arrays[i].size) {
      memcpy(to, arrays[i].data, arrays[i].size);
    }
  }
}

/* A roll with arrays as large as those of another process. */
static RsStatus make_room(const Head *head, const char *name, RsRoll *roll) {
  RsStatus status = rs_roll_init(roll, name, head->roll.frames, head->planes);
  for (size_t i = 0; !status && i < head->roll.meter_count; ++i) {
    status = rs_roll_add_meter(roll, i, 1, 1);
  }
  return status;
}

static RsStatus unpack(const Head *head, const unsigned char *from, RsRoll *roll) {
  const size_t name_at = size_of(head) - head->name_size;
  const char *name = head->name_size ? (const char *)from + name_at : NULL;
  const RsStatus status = make_room(head, name, roll);
  if (status) {
    return status;
  }
  Array arrays[ARRAYS];
  const RsRoll own = *roll;
  *roll = head->roll;
  roll->name = own.name;
  roll->on = own.on;
  roll->onset = own.onset;
  roll->velocity = own.velocity;
  roll->meters = own.meters;
  arrays_of(head, roll, arrays);
  for (size_t i = 0; i < ARRAYS; from += arrays[i++].size) {
    if (arrays[i].data && arrays[i].size) {
      memcpy(arrays[i].data, from, arrays[i].size);
    }
  }
  return RS_OK;
}

/* Where the bytes of each process's rolls stand. @return How many there are. */
static size_t place(const RsTransport *transport, const RsPiece *shares, const Head *heads,
                    RsPiece pieces[RS_RANKS_MAX]) {
  size_t total = 0;
  for (size_t rank = 0; rank < transport->size; ++rank) {
    const RsPiece share = shares[rank];
    pieces[rank] = (RsPiece){.offset = total};
    for (size_t i = share.offset; i < share.offset + share.size; ++i) {
      total += size_of(heads + i);
    }
    pieces[rank].size = total - pieces[rank].offset;
  }
  return total;
}

static void pack_own(const Head *heads, const RsRoll *rolls, RsPiece own, unsigned char *bytes) {
  for (size_t i = own.offset; i < own.offset + own.size; bytes += size_of(heads + i++)) {
    pack(heads + i, rolls + i, bytes);
  }
}

static RsStatus unpack_others(const Head *heads, size_t count, RsPiece own,
                              const unsigned char *bytes, RsRoll *rolls, RsStatus *statuses) {
  RsStatus status = RS_OK;
  for (size_t i = 0; i < count; bytes += size_of(heads + i++)) {
    if (i < own.offset || i >= own.offset + own.size) {
      statuses[i] = heads[i].status;
      rolls[i] = (RsRoll){0};
      if (!status && !heads[i].status) {
        status = unpack(heads + i, bytes, rolls + i);
      }
    }
  }
  return status;
}

/* Give the rolls that are described by heads. */
static RsStatus gather(const RsTransport *transport, const RsPiece *shares, const Head *heads,
                       size_t count, RsRoll *rolls, RsStatus *statuses) {
  const RsPiece own = shares[transport->rank];
  RsPiece pieces[RS_RANKS_MAX];
  unsigned char *bytes = rs_alloc(place(transport, shares, heads, pieces), 1);
  RsStatus status = rs_agree(transport, bytes ? RS_OK : RS_ERR_MEMORY, NULL);
  if (!status && bytes) {
    pack_own(heads, rolls, own, bytes + pieces[transport->rank].offset);
    status = transport->gather(transport->context, bytes, pieces);
  }
  if (!status && bytes) {
    status = unpack_others(heads, count, own, bytes, rolls, statuses);
    status = rs_agree(transport, status, NULL);
  }
  free(bytes);
  return status;
}

/* Each process gives its heads to all others. */
static RsStatus gather_heads(const RsTransport *transport, const RsPiece *shares, Head *heads) {
  RsPiece pieces[RS_RANKS_MAX];
  for (size_t rank = 0; rank < transport->size; ++rank) {
    pieces[rank] =
        (RsPiece){shares[rank].offset * sizeof *heads, shares[rank].size * sizeof *heads};
  }
  return transport->gather(transport->context, heads, pieces);
}

RsStatus rs_rolls_gather_from(const RsTransport *transport, const RsPiece *shares, RsRoll *rolls,
                              RsStatus *status, size_t count) {
  if (rs_is_alone(transport)) {
    return RS_OK;
  }
  const RsPiece own = shares[transport->rank];
  Head *heads = rs_alloc(count, sizeof *heads);
  for (size_t i = own.offset; heads && i < own.offset + own.size; ++i) {
    heads[i] = head_of(rolls + i, status[i]);
  }
  RsStatus sent = rs_agree(transport, heads ? RS_OK : RS_ERR_MEMORY, NULL);
  if (sent || !heads) {
    free(heads);
    return sent;
  }
  sent = gather_heads(transport, shares, heads);
  sent = sent ? sent : gather(transport, shares, heads, count, rolls, status);
  free(heads);
  return sent;
}

RsStatus rs_rolls_gather(const RsTransport *transport, RsRoll *rolls, RsStatus *status,
                         size_t count) {
  RsPiece shares[RS_RANKS_MAX];
  for (size_t rank = 0; rank < transport->size; ++rank) {
    shares[rank] = rs_share_of(transport, rank, count);
  }
  return rs_rolls_gather_from(transport, shares, rolls, status, count);
}
