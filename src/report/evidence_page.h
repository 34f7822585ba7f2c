/* The parts of the page on a review.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EVIDENCE_PAGE_H
#define STASIS_EVIDENCE_PAGE_H

#include "html.h"

#include <stasis/evidence_report.h>
#include <stasis/pooled.h>

#define KIND_POOLED "pooled from literature"
#define KIND_READ   "read in the literature"

/* Which part of the page a pool belongs to. */
typedef enum { SECTION_REVIEW, SECTION_SURVIVAL, SECTION_TWO, SECTION_NEWER, SECTIONS } section_id;

/* A pool on the page: a row of data/evidence/report.csv with what came out. */
typedef struct page_pool {
    section_id section;
    const char *heading, *groups, *claim, *beside, *also; /* cells of the row */
    st_pool pool;
    bool by_type, by_modality;
    st_pooled pooled;          /* unless the pool is of medians */
    st_pooled_medians medians; /* if it is */
    st_pooled_groups type, modality;
} page_pool;

typedef struct evidence_page {
    const st_evidence *evidence;
    const st_simulated_case *simulated;
    size_t n_simulated;
    st_audit audit;
    st_table plan; /* data/evidence/report.csv */
    page_pool *item;
    size_t n;
} evidence_page;

/* Whether the tables define a pool of that name: those of a user may have other pools (evidence_report.c). */
bool page_has_pool(const st_evidence *evidence, const char *name);

/* ---- words (evidence_words.c) --------------------------------------------------------- */

/* "52 %" of a proportion, "1.42" of a ratio; "–" where it is not a number. */
void words_value(st_measure measure, double value, char *text, size_t size);
/* "52 % (38 to 66)" */
void words_interval(st_measure measure, double estimate, double lb, double ub, char *text, size_t size);
/* The same of a fit on the scale of the model. */
void words_fit(const st_pooled *p, const st_meta_fit *fit, char *text, size_t size);
/* "p = 0.03", "p < 0.001" */
void words_p(double p, char *text, size_t size);
/* "tau2 = 0.61, I2 = 82 % (64 to 95), Q(11) = 60.3, p < 0.001" */
void words_heterogeneity(const st_pooled *p, char *text, size_t size);

/* ---- parts ------------------------------------------------------------------------------ */

/* evidence_summary.c: the headline table, what the audit found, what the data can carry. */
void page_summary(FILE *out, const evidence_page *page);
void page_claims(FILE *out, const evidence_page *page);
void page_carries(FILE *out, const evidence_page *page);

/* audit_page.c: its look; verdict and counts; every claim, then the tables cell by cell. */
void page_audit_style(FILE *out);
void page_audit_summary(FILE *out, const st_audit *audit);
void page_audit(FILE *out, const st_audit *audit);

/* evidence_pools.c: one pool with its figures and its tables. */
st_status page_one_pool(FILE *out, const evidence_page *page, const page_pool *item, st_error *err);

/* evidence_plots.c: figures of a pool. */
st_status page_forest(FILE *out, const page_pool *item, st_error *err);
st_status page_funnel_baujat(FILE *out, const st_pooled *p, st_error *err);

/* evidence_beside.c: newer studies row by row, simulated cases, tables with provenance, methods. */
void page_newer(FILE *out, const evidence_page *page);
void page_simulated(FILE *out, const evidence_page *page);
void page_provenance_tables(FILE *out, const evidence_page *page);
void page_methods(FILE *out);

#endif
