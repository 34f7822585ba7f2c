/* The rows of a pool out of the studies outside the review.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "pool_internal.h"

#include <math.h>
#include <string.h>

typedef struct newer_row {
    const char *id, *study, *year, *arm, *modality, *unit, *overlaps, *verification, *counts, *note, *percent;
    double x, n;
} newer_row;

static st_status read_row(const st_table *table, const char *outcome, size_t row, newer_row *r, st_error *err) {
    char x[64], n[64], percent[64];
    snprintf(x, sizeof x, "%s_x", outcome);
    snprintf(n, sizeof n, "%s_n", outcome);
    snprintf(percent, sizeof percent, "%s_percent", outcome);
    const field fields[] = {{"row_id", false, offsetof(newer_row, id)},
                            {"study", false, offsetof(newer_row, study)},
                            {"year", false, offsetof(newer_row, year)},
                            {"arm", false, offsetof(newer_row, arm)},
                            {"modality", false, offsetof(newer_row, modality)},
                            {"unit", false, offsetof(newer_row, unit)},
                            {"overlaps", false, offsetof(newer_row, overlaps)},
                            {"verification", false, offsetof(newer_row, verification)},
                            {"counts", false, offsetof(newer_row, counts)},
                            {"note", false, offsetof(newer_row, note)},
                            {percent, false, offsetof(newer_row, percent)},
                            {x, true, offsetof(newer_row, x)},
                            {n, true, offsetof(newer_row, n)}};
    return fields_read(table, fields, sizeof fields / sizeof fields[0], row, r, err);
}

/* A certain overlap is out; one that is only possible is told. */
static bool overlaps_for_sure(const newer_row *r) {
    return r->overlaps[0] != 0 && strstr(r->overlaps, "possible") == NULL;
}

static st_status make_row(const newer_row *r, st_pool *pool, st_error *err) {
    st_pool_row *row = &pool->row[pool->n];
    words label = {0}, note = {0};
    const bool counted = r->n > 0, sure = overlaps_for_sure(r);
    words_add(&label, "%s %s, %s", r->study, r->year, r->arm);
    if (!counted)
        words_add(&note, "%s %% without counts; ", r->percent);
    if (strcmp(r->counts, "derived") == 0 && counted)
        words_add(&note, "counts derived; ");
    if (r->overlaps[0] != 0)
        words_add(&note, "overlaps %s; ", r->overlaps);
    if (r->note[0] != 0)
        words_add(&note, "%s; ", r->note);
    words_add(&note, "read in %s %s", r->verification[0] == 'a' ? "an" : "a", r->verification);
    *row = (st_pool_row){.study = r->study,
                         .arm = r->arm,
                         .modality = r->modality,
                         .type = "unstated",
                         .x = r->x,
                         .n = r->n,
                         .x2 = NAN,
                         .n2 = NAN,
                         .months = NAN,
                         .included = counted && !sure};
    row->unit = strcmp(r->unit, "procedure") == 0 ? "procedures" : "patients";
    row->label = words_keep(&label, &pool->arena, err);
    row->note = words_keep(&note, &pool->arena, err);
    pool->n++;
    return row->label != NULL && row->note != NULL ? ST_OK : ST_MEMORY;
}

st_status pool_newer(const st_evidence *evidence, const pool_rule *rule, st_pool *pool, st_error *err) {
    const st_table *table = &evidence->table[ST_EVIDENCE_NEWER];
    pool->row = st_alloc(table->rows, sizeof *pool->row, err);
    st_status status = pool->row != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK && pool->shape != ST_POOL_ONE)
        status =
            st_fail_at(err, ST_VALUE, rule->at.file, rule->at.line, 0, "newer studies are pooled by one arm alone");
    for (size_t i = 0; i < table->rows && status == ST_OK; i++) {
        newer_row r = {0};
        bool passes;
        status = filter_row(evidence, ST_EVIDENCE_NEWER, i, rule->filter, rule->at, &passes, err);
        if (status == ST_OK && passes)
            status = read_row(table, rule->outcome, i, &r, err);
        if (status == ST_OK && passes && (r.n > 0 || r.percent[0] != 0))
            status = make_row(&r, pool, err);
    }
    return status;
}
