/* What the files of a run share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CASE_RUN_INTERNAL_H
#define STASIS_CASE_RUN_INTERNAL_H

#include <stasis/case.h>

/* What the stages share. The bed outlives the sessions: a vessel closed in one is closed in the next. */
typedef struct run {
    const st_case *c;
    int threads;
    const st_progress *progress;
    const volatile int *stop;
    st_result *result;
    st_bed *bed;
    size_t tips_done, notes_left_out;
    st_error *err;
} run;

/* Adds a note to the result; the last place tells how many had none. */
ST_PRINTF(2, 3) void run_note(run *r, const char *format, ...);

/* A piece of a stage: what a room reports of itself becomes this part of the stage's bar. */
typedef struct span {
    const st_progress *outer;
    const char *stage;
    double from, to;
} span;
void run_report_span(void *context, const char *stage, double fraction);

/* The arteries that the case asks for, in the liver of the result. */
st_status run_supply(run *r);
/* Through which artery each lesion of the grown tree is reached; notes on those that need an angiogram of their own. */
st_status run_reached(run *r);

/* All sessions of the plan, one after the other. */
st_status run_sessions(run *r);

/* All of them again and again, if the case asks for samples. */
st_status run_samples(run *r);

#endif
