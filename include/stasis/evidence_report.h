/* stasis/evidence_report.h - pages on a review: its figures audited; its tables pooled again, newer studies and
 * simulated cases beside them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EVIDENCE_REPORT_H
#define STASIS_EVIDENCE_REPORT_H

#include <stasis/evidence.h>

/* The audit as one HTML file that needs nothing else: headline claims, then the tables cell by cell. Atomic; ST_IO. */
ST_API ST_MUST_CHECK st_status st_audit_page_write(const char *path, const st_evidence *evidence, const st_audit *audit,
                                                   st_error *err);

/* A simulated case, as result.json of `stasis run` tells of it. */
typedef struct st_simulated_case {
    char id[96];
    double week;                           /* of the last visit */
    char recist[24], mrecist[24], who[24]; /* of the last visit; "" where none */
    char biochemical[24];
    double tumour_necrosis, normal_necrosis; /* 0 to 1, NaN where not computed */
} st_simulated_case;

/* Reads a result.json. ST_IO, ST_FORMAT, ST_VALUE: no such file, no JSON, no result of a run. */
ST_API ST_MUST_CHECK st_status st_simulated_case_read(const char *path, st_simulated_case *simulated, st_error *err);

/* Writes the page to `path`, atomically: one file, readable without a network. simulated[n] may be NULL with n = 0.
 * Errors as those of the audit and the pools. */
ST_API ST_MUST_CHECK st_status st_evidence_report_write(const char *path, const st_evidence *evidence,
                                                        const st_simulated_case *simulated, size_t n,
                                                        const st_progress *progress, st_error *err);

#endif
