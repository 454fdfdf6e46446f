#include "live/flight.h"

#include <rollsmith/clock.h>

#define UNDERWAY (30 * RS_MILLISECOND) // From being due to being in the receiver's queue, at most

void rs_flight_sent(RsFlight *flight, int64_t due, size_t count) {
  if (flight->end - flight->first == RS_FLIGHT_BATCHES) { // The newest one takes it along
    flight->batches[(flight->end - 1) % RS_FLIGHT_BATCHES].count += count;
    flight->batches[(flight->end - 1) % RS_FLIGHT_BATCHES].due = due;
  } else {
    flight->batches[flight->end % RS_FLIGHT_BATCHES].count = count;
    flight->batches[flight->end % RS_FLIGHT_BATCHES].due = due;
    ++flight->end;
  }
  flight->messages += count;
}

void rs_flight_seen(RsFlight *flight, int64_t time, size_t room) {
  while (flight->first != flight->end &&
         flight->batches[flight->first % RS_FLIGHT_BATCHES].due < time - UNDERWAY) {
    flight->messages -= flight->batches[flight->first % RS_FLIGHT_BATCHES].count;
    ++flight->first;
  }
  flight->seen_at = time;
  flight->room = room;
  flight->most_room = room > flight->most_room ? room : flight->most_room;
}

bool rs_flight_fits(const RsFlight *flight, size_t count) {
  if (!flight->seen_at || (!flight->messages && flight->room == flight->most_room)) {
    return true;
  }
  return flight->messages + count <= flight->room;
}
