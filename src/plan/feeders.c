/* The vessels that a lesion gets its blood through, as far as a catheter follows them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_internal.h"

#include <stdlib.h>

void st_feeders_fini(st_feeders *feeders) {
    free(feeders->first);
    free(feeders->feeder);
    free(feeders->reached);
    *feeders = (st_feeders){0};
}

static int by_share(const void *a, const void *b) {
    const st_feeder *x = a, *y = b;
    if (x->share != y->share)
        return x->share < y->share ? 1 : -1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Down the vessels that reach lesion l. ended[entry]: the way to its blood ends there or above. */
static size_t rank(const st_reach *reach, size_t l, double purity, bool *ended, st_feeder *feeder) {
    const double all = reach->lesion_total[l];
    size_t n = 0;
    for (size_t k = reach->first[l]; k < reach->first[l + 1]; k++) {
        const st_reach_part *part = &reach->part[k];
        const uint32_t above = reach->above[part->entry]; /* reaches the lesion too, and came before */
        const bool above_ended = above != ST_NO_REACH && ended[above];
        const double own = reach->tumour[part->entry] + reach->normal[part->entry];
        const bool pure = part->flow >= purity * own;
        const double share = pure ? part->flow : part->direct;
        ended[part->entry] = above_ended || pure;
        if (!above_ended && share > 0)
            feeder[n++] = (st_feeder){.entry = part->entry, .share = share / all, .through = part->flow / all};
    }
    if (n > 0)
        qsort(feeder, n, sizeof *feeder, by_share);
    return n;
}

st_status st_plan_feeders(const st_reach *reach, const st_parameters *parameters, st_feeders *feeders, st_error *err) {
    const size_t lesions = reach->n_lesions;
    const double purity = st_parameter_value(parameters, ST_P_FEEDER_PURITY);
    bool *ended = st_alloc(reach->n, sizeof *ended, err);
    *feeders = (st_feeders){.n_lesions = lesions,
                            .first = st_alloc(lesions + 1, sizeof *feeders->first, err),
                            .feeder = st_alloc(reach->first[lesions], sizeof *feeders->feeder, err),
                            .reached = st_alloc(lesions, sizeof *feeders->reached, err)};
    if (!ended || !feeders->first || !feeders->feeder || !feeders->reached) {
        free(ended);
        st_feeders_fini(feeders);
        return ST_MEMORY;
    }
    for (size_t l = 0; l < lesions; l++) {
        st_feeder *feeder = feeders->feeder + feeders->first[l];
        const size_t n = rank(reach, l, purity, ended, feeder);
        feeders->first[l + 1] = feeders->first[l] + n;
        for (size_t k = 0; k < n; k++)
            feeders->reached[l] += feeder[k].share;
    }
    free(ended);
    return ST_OK;
}
