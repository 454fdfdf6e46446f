/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_REPORT_H
#define RS_MUSIC_REPORT_H

/**
   @file report.h Sums of reports.
*/

#include <rollsmith/ingest.h>

/** sum += counts. */
void rs_counts_add(RsRollCounts *sum, const RsRollCounts *counts);

#endif /* RS_MUSIC_REPORT_H */
