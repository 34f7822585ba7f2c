/* The audit: its rows, made one after the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WAYS_MOST 12

static const struct {
    const char *name, *text;
} verdicts[] = {
#define VERDICT_ROW(id, name, text) {name, text},
    ST_VERDICT_LIST(VERDICT_ROW)
#undef VERDICT_ROW
};

const char *st_audit_verdict_name(st_audit_verdict verdict) {
    return verdicts[verdict].name;
}

const char *st_audit_verdict_text(st_audit_verdict verdict) {
    return verdicts[verdict].text;
}

const char *st_audit_kind_name(st_audit_kind kind) {
    static const char *const name[] = {"claim", "percentage", "categories", "reference"};
    return name[kind];
}

/* ---- a finding --------------------------------------------------------------------- */

void finding_way(finding *f, double value, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (f->n_ways == WAYS_MOST)
        return;
    if (f->way == NULL)
        f->way = st_arena_alloc(f->arena, WAYS_MOST * sizeof *f->way, NULL);
    const char *kept = st_arena_copy(f->arena, text, strlen(text), NULL);
    if (f->way == NULL || kept == NULL)
        f->failed = true;
    else
        f->way[f->n_ways++] = (st_audit_way){kept, value};
}

void finding_note(finding *f, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (text[0] != 0)
        words_add(&f->note, "%s%s", f->note.length > 0 ? "; " : "", text);
}

st_status finding_keep(finding *f, st_audit_row *row, st_error *err) {
    row->verdict = f->verdict;
    row->rounding = f->rounding != NULL ? f->rounding : "";
    row->way = f->way;
    row->n_ways = f->n_ways;
    row->recomputed = words_keep(&f->recomputed, f->arena, err);
    row->arithmetic = words_keep(&f->arithmetic, f->arena, err);
    row->note = words_keep(&f->note, f->arena, err);
    if (f->failed)
        return st_fail(err, ST_MEMORY, "no memory for the audit");
    return row->recomputed != NULL && row->arithmetic != NULL && row->note != NULL ? ST_OK : ST_MEMORY;
}

/* ---- claims -------------------------------------------------------------------------- */

#define CLAIM(name, number, member)                                                                                    \
    { name, number, offsetof(claim, member) }
static const field claim_fields[] = {CLAIM("claim", false, claim),
                                     CLAIM("where", false, where),
                                     CLAIM("printed", false, printed),
                                     CLAIM("origin", false, origin),
                                     CLAIM("topic", false, topic),
                                     CLAIM("operation", false, operation),
                                     CLAIM("series", false, series_text),
                                     CLAIM("series2", false, series2_text),
                                     CLAIM("basis", false, basis),
                                     CLAIM("low", false, low_text),
                                     CLAIM("high", false, high_text),
                                     CLAIM("note", false, note),
                                     CLAIM("low", true, low),
                                     CLAIM("high", true, high),
                                     CLAIM("slack", true, slack)};

static st_status add_claim(const st_evidence *evidence, size_t i, st_audit *audit, st_error *err) {
    const st_table *table = &evidence->table[ST_EVIDENCE_CLAIMS];
    claim c = {.row = i};
    finding f = {.arena = &audit->arena, .verdict = ST_AUDIT_NOT_RECOMPUTABLE};
    st_audit_row row = {.kind = ST_AUDIT_CLAIM};
    st_status status = fields_read(table, claim_fields, sizeof claim_fields / sizeof claim_fields[0], i, &c, err);
    if (status != ST_OK)
        return status;
    row.added = strcmp(c.origin, "added") == 0;
    row.topic = c.topic;
    row.claim = c.claim;
    row.where = c.where;
    row.printed = c.printed;
    status = audit_claim(evidence, &c, (place){table->name, table->line[i]}, &f, err);
    finding_note(&f, "%s", c.note);
    const st_status kept = finding_keep(&f, &row, err); /* frees what the finding holds, whatever came before */
    audit->row[audit->n++] = row;
    return status != ST_OK ? status : kept;
}

st_status st_audit_init(const st_evidence *evidence, st_audit *audit, st_error *err) {
    *audit = (st_audit){0};
    const size_t claims = evidence->table[ST_EVIDENCE_CLAIMS].rows;
    const size_t most = claims + audit_cells_most(evidence) + evidence->table[ST_EVIDENCE_REFERENCES].rows;
    audit->row = st_alloc(most, sizeof *audit->row, err);
    st_status status = audit->row != NULL ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < claims && status == ST_OK; i++)
        status = add_claim(evidence, i, audit, err);
    if (status == ST_OK)
        status = audit_cells(evidence, audit, err);
    if (status == ST_OK)
        status = audit_references(evidence, audit, err);
    for (size_t i = 0; i < audit->n && status == ST_OK; i++)
        audit->count[audit->row[i].kind][audit->row[i].verdict]++;
    if (status != ST_OK)
        st_audit_fini(audit);
    return status;
}

void st_audit_fini(st_audit *audit) {
    free(audit->row);
    st_arena_fini(&audit->arena);
    *audit = (st_audit){0};
}
