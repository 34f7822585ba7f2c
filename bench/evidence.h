/* What pooling costs, beside R's metafor on the same studies in the same run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_BENCH_EVIDENCE_H
#define STASIS_BENCH_EVIDENCE_H

#include <stasis/meta.h>

typedef struct evidence_figure {
    double value, reference;
    const char *what; /* the reference is */
} evidence_figure;

/* fit: microseconds of one REML fit of 15 studies. bootstrap: seconds of 10,000 such fits of studies drawn again, on
 * one core. The reference is metafor's rma where Rscript has it (`script` is the file that it is asked by), else Fisher
 * scoring written down plainly. */
ST_MUST_CHECK st_status evidence_times(const char *script, evidence_figure *fit, evidence_figure *bootstrap,
                                       st_error *err);

#endif
