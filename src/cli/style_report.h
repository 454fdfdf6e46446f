#ifndef RS_CLI_STYLE_REPORT_H
#define RS_CLI_STYLE_REPORT_H

/**
   @file style_report.h Songs that a model plays alone beside others: rhythm, form, harmony, copies.
*/

#include "cli/options.h"

#include <rollsmith/model.h>
#include <rollsmith/style.h>

#include <jansson.h>

/**
   Let a model play songs and compare them with others.

   @param model     Borrowed.
   @param settings  The sections generate, evaluate and train.threads are used.
   @param songs     Borrowed.
   @param out       Output.
   @param error     Detail.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE.
*/
RsStatus rs_compare_style(const RsModel *model, const RsSettings *settings, const RsSongs *songs,
                          RsStyleComparison *out, RsError *error);

/** Tell what was found. */
void rs_report_style(const RsOptions *options, const RsStyleComparison *comparison);

/** Add what was found to an object. */
void rs_add_style_json(json_t *object, const RsStyleComparison *comparison);

#endif /* RS_CLI_STYLE_REPORT_H */
