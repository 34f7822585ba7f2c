/* Reference numbers of the tables against those of the text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct reference {
    const char *study, *ref, *ref_text, *ref_order, *where, *confidence, *reason;
} reference;

/* Named in the text: a mismatch contradicts. By the order of a list alone: a number that the list does not hold
 * contradicts, one that it holds for another study does not reproduce. */
static st_audit_verdict verdict(const reference *r, bool in_list) {
    const char *text = r->ref_text[0] != 0 ? r->ref_text : r->ref_order;
    if (text[0] == 0)
        return ST_AUDIT_NOT_RECOMPUTABLE;
    if (strcmp(text, r->ref) == 0)
        return ST_AUDIT_REPRODUCES;
    return r->ref_text[0] != 0 || !in_list ? ST_AUDIT_CONTRADICTS_TABLE : ST_AUDIT_DOES_NOT_REPRODUCE;
}

static st_status add_reference(const reference *r, bool in_list, st_audit *audit, st_error *err) {
    const char *text = r->ref_text[0] != 0 ? r->ref_text : r->ref_order;
    finding f = {.arena = &audit->arena, .verdict = verdict(r, in_list)};
    st_audit_row *row = &audit->row[audit->n++];
    words name = {0}, printed = {0};
    words_add(&name, "Reference of %s: [%s] in the tables", r->study, r->ref);
    words_add(&printed, "[%s]", r->ref);
    if (text[0] != 0) {
        words_add(&f.recomputed, "[%s]", text);
        words_add(&f.arithmetic, "%s - %s = %ld", text, r->ref, strtol(text, NULL, 10) - strtol(r->ref, NULL, 10));
    }
    finding_note(&f, "%s (%s)", r->reason, r->confidence);
    if (strcmp(text, r->ref) != 0)
        finding_note(&f, in_list ? "the list of the text holds %s, for another study" : "the list of the text lacks %s",
                     r->ref);
    row->kind = ST_AUDIT_REFERENCE;
    row->topic = "references";
    row->where = r->where;
    row->claim = words_keep(&name, &audit->arena, err);
    row->printed = words_keep(&printed, &audit->arena, err);
    const st_status status = finding_keep(&f, row, err);
    return row->claim != NULL && row->printed != NULL ? status : ST_MEMORY;
}

st_status audit_references(const st_evidence *evidence, st_audit *audit, st_error *err) {
    static const field fields[] = {
        {"study_id", false, offsetof(reference, study)},    {"ref", false, offsetof(reference, ref)},
        {"ref_text", false, offsetof(reference, ref_text)}, {"ref_order", false, offsetof(reference, ref_order)},
        {"where", false, offsetof(reference, where)},       {"confidence", false, offsetof(reference, confidence)},
        {"reason", false, offsetof(reference, reason)}};
    const st_table *table = &evidence->table[ST_EVIDENCE_REFERENCES];
    const size_t column = st_table_column(table, "ref_order");
    st_status status = ST_OK;
    for (size_t i = 0; i < table->rows && status == ST_OK; i++) {
        reference r;
        bool in_list = false;
        status = fields_read(table, fields, sizeof fields / sizeof fields[0], i, &r, err);
        for (size_t k = 0; k < table->rows && status == ST_OK && column != ST_NO_COLUMN; k++)
            in_list = in_list || strcmp(st_table_cell(table, k, column), r.ref) == 0;
        if (status == ST_OK)
            status = add_reference(&r, in_list, audit, err);
    }
    return status;
}
