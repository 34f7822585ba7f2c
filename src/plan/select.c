/* The set of tips: a search over sets of vessels none of which lies below another.
 *
 * For an exchange rate mu, the set that maximises sum(tumour flow - mu normal flow - cost of a tip) comes from one
 * sweep from the smallest vessels to the root: a vessel is taken when it is worth more than the best sets of its
 * branches together. Raising mu spares normal liver and loses tumour; the highest mu that still covers enough is
 * found by bisection (Everett, Oper Res 1963;11:399: such a set is optimal for the coverage it reaches).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct search {
    const st_reach *reach;
    const double *tumour;
    const selection_rule *rule;
    double *best; /* [n] worth of the best set at or below each vessel */
    bool *taken;  /* [n] the vessel itself is that set */
    double tip_cost, largest;
} search;

static bool allowed(const search *s, size_t i) {
    return s->reach->normal[i] + s->reach->tumour[i] <= s->largest;
}

/* The best set at rate mu into chosen; returns the tumour flow it covers. */
static double best_set(search *s, double mu, bool *chosen) {
    const size_t n = s->reach->n;
    memset(s->best, 0, n * sizeof *s->best);
    for (size_t i = n; i-- > 0;) {
        const double own = s->tumour[i] - mu * s->reach->normal[i] - s->tip_cost * s->rule->total;
        s->taken[i] = allowed(s, i) && own > s->best[i];
        if (s->taken[i])
            s->best[i] = own;
        if (s->reach->above[i] != ST_NO_REACH)
            s->best[s->reach->above[i]] += s->best[i];
    }
    double covered = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t above = s->reach->above[i];
        /* taken[] turns into "taken here or above" on the way down */
        const bool below = above != ST_NO_REACH && s->taken[above];
        chosen[i] = s->taken[i] && !below;
        s->taken[i] = s->taken[i] || below;
        covered += chosen[i] ? s->tumour[i] : 0;
    }
    return covered;
}

/* The highest rate that still covers enough, given that rate 0 does. */
static void bisect(search *s, bool *chosen) {
    enum { STEPS = 60 };
    const double wanted = s->rule->coverage * s->rule->total;
    double low = 0, high = 1;
    while (high < 1e9 && best_set(s, high, chosen) >= wanted)
        high *= 2;
    for (int step = 0; step < STEPS; step++) {
        const double middle = 0.5 * (low + high);
        if (best_set(s, middle, chosen) >= wanted)
            low = middle;
        else
            high = middle;
    }
    best_set(s, low, chosen);
}

/* A set found by an exchange rate may overshoot: drop what is not needed, the least tumour per normal flow first. */
static void prune(const search *s, bool *chosen) {
    double covered = 0;
    for (size_t i = 0; i < s->reach->n; i++)
        covered += chosen[i] ? s->tumour[i] : 0;
    for (;;) {
        size_t worst = SIZE_MAX;
        for (size_t i = 0; i < s->reach->n; i++)
            if (chosen[i] && covered - s->tumour[i] >= s->rule->coverage * s->rule->total &&
                (worst == SIZE_MAX || s->tumour[i] * s->reach->normal[worst] < s->tumour[worst] * s->reach->normal[i]))
                worst = i;
        if (worst == SIZE_MAX)
            return;
        chosen[worst] = false;
        covered -= s->tumour[worst];
    }
}

/* What stands in the way of the coverage gives way step by step: first the cost of a tip, then its size. */
st_status select_tips(const st_reach *reach, const double *tumour, const selection_rule *rule, bool *chosen,
                      st_error *err) {
    search s = {.reach = reach,
                .tumour = tumour,
                .rule = rule,
                .tip_cost = rule->tip_cost,
                .largest = rule->largest,
                .best = st_alloc(reach->n, sizeof *s.best, err),
                .taken = st_alloc(reach->n, sizeof *s.taken, err)};
    const st_status status = s.best && s.taken ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        enum { EASINGS = 8 };
        double covered = best_set(&s, 0, chosen);
        for (int step = 0; step < EASINGS && covered < rule->coverage * rule->total; step++) {
            s.tip_cost = step % 2 == 0 ? 0 : rule->tip_cost;
            s.largest *= step % 2 == 0 ? 1 : 2;
            covered = best_set(&s, 0, chosen);
        }
        if (covered >= rule->coverage * rule->total) {
            bisect(&s, chosen);
            prune(&s, chosen);
        }
    }
    free(s.best);
    free(s.taken);
    return status;
}
