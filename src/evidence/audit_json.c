/* The audit as an array of objects.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stasis/evidence.h>

static json_t *ways_json(const st_audit_row *row) {
    json_t *ways = json_array();
    for (size_t i = 0; i < row->n_ways; i++)
        json_array_append_new(
            ways, json_pack("{s:s, s:o}", "text", row->way[i].text, "value", st_json_real(row->way[i].value)));
    return ways;
}

json_t *st_audit_json(const st_audit *audit) {
    json_t *array = json_array();
    for (size_t i = 0; i < audit->n && array != NULL; i++) {
        const st_audit_row *r = &audit->row[i];
        json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "claim", r->claim,
                              "where", r->where, "printed", r->printed, "recomputed", r->recomputed, "verdict",
                              st_audit_verdict_name(r->verdict), "arithmetic", r->arithmetic, "kind",
                              st_audit_kind_name(r->kind), "origin", r->added ? "added" : "listed", "rounding",
                              r->rounding, "ways", ways_json(r), "note", r->note, "topic", r->topic);
        if (o == NULL || json_array_append_new(array, o) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}
