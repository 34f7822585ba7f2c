/* How far the sessions' numbers can be trusted: all of them again, with uncertain numbers drawn anew.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "run_internal.h"

#include <stdlib.h>

static st_status sample_tips(run *r, const st_treatment *treatment) {
    const st_case *c = r->c;
    st_bed_free(r->bed); /* the samples need the memory, and the sessions are done */
    r->bed = NULL;
    st_status status = st_samples_run(&r->result->tree, &c->parameters, treatment, &c->uncertainty, c->samples, c->seed,
                                      r->threads, r->progress, r->stop, &r->result->samples, r->err);
    if (status == ST_OK && r->result->samples.failed > 0)
        run_note(r, "%zu of %u samples could not be computed and are left out of the uncertainty.",
                 r->result->samples.failed, c->samples);
    return status;
}

st_status run_samples(run *r) {
    const st_plan *plan = &r->result->plan;
    size_t n = 0;
    if (r->c->samples == 0 || plan->n_sessions == 0)
        return ST_OK;
    for (size_t s = 0; s < plan->n_sessions; s++)
        n += plan->sessions[s].n_tips;
    uint32_t *tip = st_alloc(n, sizeof *tip, r->err), *session = st_alloc(n, sizeof *session, r->err);
    st_status status = tip != NULL && session != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        size_t i = 0;
        for (size_t s = 0; s < plan->n_sessions; s++)
            for (size_t t = 0; t < plan->sessions[s].n_tips; t++, i++) {
                tip[i] = plan->sessions[s].tips[t].segment;
                session[i] = (uint32_t)s;
            }
        const st_treatment treatment = {
            .regimen = r->c->regimen, .endpoint = r->c->endpoint, .tip = tip, .session = session, .n_tips = n};
        status = sample_tips(r, &treatment);
    }
    free(tip);
    free(session);
    return status;
}
