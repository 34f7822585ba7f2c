/* The arteries of the case: which variant, and through which of them each lesion is reached.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "run_internal.h"

#include <string.h>

st_status run_supply(run *r) {
    const st_case *c = r->c;
    st_result *result = r->result;
    st_variant variant;
    st_status status = ST_OK;
    const bool asked = c->variant[0] != '\0';
    if (asked)
        status = st_variant_choose(c->variant, c->seed, &variant, r->err);
    if (status == ST_OK)
        status = st_supply_init(&result->liver, asked ? &variant : NULL, &c->parameters, &result->supply, r->err);
    if (status == ST_OK && strcmp(c->variant, ST_VARIANT_DRAWN) == 0)
        run_note(r, "The arteries are of the variant %s, drawn by its published frequency, not seen in this patient.",
                 variant.name);
    return status;
}

/* Lesions that get some of their blood through an inlet; less than `least` of it rounds to nothing. */
static size_t lesions_through(const st_result *result, size_t inlet) {
    const double least = 0.005;
    size_t n = 0;
    for (size_t l = 0; l < result->liver.n_lesions; l++)
        n += result->reached_through[l * result->supply.n + inlet] >= least;
    return n;
}

static void note_angiogram(run *r, const st_inlet *inlet, size_t lesions) {
    run_note(r, "%zu of %zu lesion%s: reached through the %s. This needs %s", lesions, r->result->liver.n_lesions,
             r->result->liver.n_lesions == 1 ? "" : "s", inlet->name,
             inlet->origin == ST_FROM_MESENTERIC
                 ? "a superior mesenteric angiogram (Del Prete 2014, Embolization procedures)."
                 : "a left gastric angiogram.");
}

st_status run_reached(run *r) {
    st_result *result = r->result;
    const st_supply *supply = &result->supply;
    const size_t n = result->liver.n_lesions;
    result->reached_through = st_alloc(n * supply->n, sizeof *result->reached_through, r->err);
    if (result->reached_through == NULL)
        return ST_MEMORY;
    const st_status status = st_supply_of_lesions(&result->tree, supply, n, result->reached_through, r->err);
    for (size_t k = 0; k < supply->n && status == ST_OK; k++) {
        const size_t lesions = supply->inlet[k].origin == ST_FROM_COELIAC ? 0 : lesions_through(result, k);
        if (lesions > 0)
            note_angiogram(r, &supply->inlet[k], lesions);
    }
    return status;
}
