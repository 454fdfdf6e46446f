#include "base/parallel.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct RsTeam {
  pthread_mutex_t mutex;
  pthread_cond_t work; /* a loop has begun, or the team ends */
  pthread_cond_t done; /* the last helper has left the loop */
  pthread_t *helpers;  /* the threads beside the caller's */
  size_t helper_count;
  bool ending;
  size_t round;  /* number of the loop, so that a helper enters each one once */
  size_t inside; /* helpers still in the loop */
  size_t turns;
  size_t next; /* first turn that nobody has taken */
  RsTurn turn;
  void *context;
};

/* Take turns until none is left. */
static void take_turns(RsTeam *team) {
  for (;;) {
    const size_t mine = __atomic_fetch_add(&team->next, 1, __ATOMIC_RELAXED);
    if (mine >= team->turns) {
      return;
    }
    team->turn(team->context, mine);
  }
}

static void *help(void *argument) {
  RsTeam *team = argument;
  size_t seen = 0;
  pthread_mutex_lock(&team->mutex);
  while (!team->ending) {
    if (team->round == seen) {
      pthread_cond_wait(&team->work, &team->mutex);
      continue;
    }
    seen = team->round;
    pthread_mutex_unlock(&team->mutex);
    take_turns(team);
    pthread_mutex_lock(&team->mutex);
    if (--team->inside == 0) {
      pthread_cond_signal(&team->done);
    }
  }
  pthread_mutex_unlock(&team->mutex);
  return NULL;
}

static size_t processors(void) {
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (size_t)n : 1;
}

RsStatus rs_team_new(size_t threads, RsTeam **out) {
  threads = threads ? threads : processors();
  RsTeam *team = rs_alloc(1, sizeof *team);
  if (!team) {
    return RS_ERR_MEMORY;
  }
  pthread_mutex_init(&team->mutex, NULL);
  pthread_cond_init(&team->work, NULL);
  pthread_cond_init(&team->done, NULL);
  team->helpers = rs_alloc(threads, sizeof *team->helpers);
  while (team->helpers && team->helper_count + 1 < threads) {
    if (pthread_create(&team->helpers[team->helper_count], NULL, help, team)) {
      break;
    }
    ++team->helper_count;
  }
  if (team->helper_count + 1 < threads) {
    rs_team_free(team);
    return RS_ERR_MEMORY;
  }
  *out = team;
  return RS_OK;
}

void rs_team_free(RsTeam *team) {
  if (!team) {
    return;
  }
  pthread_mutex_lock(&team->mutex);
  team->ending = true;
  pthread_cond_broadcast(&team->work);
  pthread_mutex_unlock(&team->mutex);
  for (size_t i = 0; i < team->helper_count; ++i) {
    pthread_join(team->helpers[i], NULL);
  }
  pthread_cond_destroy(&team->done);
  pthread_cond_destroy(&team->work);
  pthread_mutex_destroy(&team->mutex);
  free(team->helpers);
  free(team);
}

size_t rs_team_size(const RsTeam *team) {
  return team ? team->helper_count + 1 : 1;
}

void rs_team_run(RsTeam *team, size_t turns, RsTurn turn, void *context) {
  if (!team || !team->helper_count || turns < 2) {
    for (size_t i = 0; i < turns; ++i) {
      turn(context, i);
    }
    return;
  }
  pthread_mutex_lock(&team->mutex);
  team->turns = turns;
  team->next = 0;
  team->turn = turn;
  team->context = context;
  team->inside = team->helper_count;
  ++team->round;
  pthread_cond_broadcast(&team->work);
  pthread_mutex_unlock(&team->mutex);
  take_turns(team);
  pthread_mutex_lock(&team->mutex);
  while (team->inside) {
    pthread_cond_wait(&team->done, &team->mutex);
  }
  pthread_mutex_unlock(&team->mutex);
}
