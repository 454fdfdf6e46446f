#ifndef ROLLSMITH_H
#define ROLLSMITH_H

/**
   @file rollsmith.h All of rollsmith's public interface, from the bottom layer up.
*/

#include <rollsmith/status.h>
#include <rollsmith/scalar.h>
#include <rollsmith/rng.h>
#include <rollsmith/roll.h>
#include <rollsmith/settings.h>

#endif /* ROLLSMITH_H */
