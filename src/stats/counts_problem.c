/* Tables as terms of a likelihood, and whether that has a maximum.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "counts_models.h"

#include <math.h>
#include <stdlib.h>

/* Without an event in either arm, or with nothing else: no word on the effect. */
static bool says_nothing(const st_counts *c, size_t i) {
    const double *const *x = c->column;
    if (c->measure == ST_MEASURE_OR)
        return x[0][i] + x[2][i] <= 0 || x[1][i] + x[3][i] <= 0;
    return c->measure == ST_MEASURE_IRR && x[0][i] + x[2][i] <= 0;
}

static st_status make_terms(const st_counts *c, size_t i, st_counts_model model, term *t, st_error *err) {
    const double x0 = c->column[0][i], x1 = c->column[1][i];
    if (c->measure == ST_MEASURE_PLO || c->measure == ST_MEASURE_IRLN) {
        *t = c->measure == ST_MEASURE_PLO ? term_binomial(x0, x1, 0) : term_poisson(x0, x1);
        return ST_OK;
    }
    const double x2 = c->column[2][i], x3 = c->column[3][i];
    const bool times = c->measure == ST_MEASURE_IRR;
    if (model == ST_COUNTS_UM_FS || model == ST_COUNTS_UM_RS) {
        t[0] = times ? term_poisson(x0, x1) : term_binomial(x0, x0 + x1, 0);
        t[1] = times ? term_poisson(x2, x3) : term_binomial(x2, x2 + x3, 0);
    } else if (times) {
        *t = term_binomial(x0, x0 + x2, log(x1 / x3));
    } else if (model == ST_COUNTS_CM_AL) {
        *t = term_binomial(x0, x0 + x2, log((x0 + x1) / (x2 + x3)));
    } else {
        return term_hypergeometric(x0, x0 + x1, x2, x2 + x3, t, err);
    }
    return ST_OK;
}

static void count_sides(counts_problem *p) {
    for (size_t i = 0; i < p->k; i++) {
        const term *t = &p->terms[i * GLMM_ARMS];
        term_side side[GLMM_ARMS] = {TERM_INSIDE, TERM_INSIDE};
        for (size_t a = 0; a < p->arms; a++)
            p->at[a][side[a] = term_own_side(&t[a])]++;
        const bool lower = side[0] == TERM_LOWER || side[1] == TERM_UPPER;
        const bool upper = side[0] == TERM_UPPER || side[1] == TERM_LOWER;
        p->lower += lower;
        p->upper += upper;
    }
}

/* Half an event more on either side keeps the crude values finite. */
static void set_start(const st_counts *c, counts_problem *p) {
    double sum[4] = {0};
    const bool times = c->measure == ST_MEASURE_IRR || c->measure == ST_MEASURE_IRLN;
    const bool two = c->measure == ST_MEASURE_OR || c->measure == ST_MEASURE_IRR;
    for (size_t i = 0; i < c->k; i++)
        for (size_t j = 0; j < (two ? 4 : 2); j++)
            sum[j] += c->column[j][i];
    if (c->measure == ST_MEASURE_PLO)
        sum[1] -= sum[0];
    for (size_t a = 0; a < (two ? 2 : 1); a++)
        p->start[a] = log((sum[2 * a] + 0.5) / (sum[2 * a + 1] + (times ? 0 : 0.5)));
    if (two && p->arms == 1)
        p->start[0] -= p->start[1];
}

st_status counts_problem_init(const st_counts *c, const st_counts_options *o, counts_problem *p, st_error *err) {
    const bool two = c->measure == ST_MEASURE_OR || c->measure == ST_MEASURE_IRR;
    *p = (counts_problem){.arms = 1, .rules.points = o->points};
    if (two && o->model == ST_COUNTS_UM_FS)
        p->study = STUDY_FIXED;
    if (two && o->model == ST_COUNTS_UM_RS)
        p->study = STUDY_RANDOM;
    if (p->study != STUDY_NONE)
        p->arms = 2;
    p->terms = st_alloc(c->k, GLMM_ARMS * sizeof *p->terms, err);
    st_status status = p->terms ? ST_OK : ST_MEMORY;
    for (size_t i = 0; status == ST_OK && i < c->k; i++) {
        if (says_nothing(c, i)) {
            p->k_left_out++;
            continue;
        }
        status = make_terms(c, i, o->model, &p->terms[p->k * GLMM_ARMS], err);
        p->k += status == ST_OK;
    }
    if (status != ST_OK) {
        counts_problem_fini(p);
        return status;
    }
    count_sides(p);
    set_start(c, p);
    return ST_OK;
}

void counts_problem_fini(counts_problem *p) {
    for (size_t i = 0; p->terms && i < p->k * GLMM_ARMS; i++)
        term_fini(&p->terms[i]);
    free(p->terms);
    *p = (counts_problem){0};
}

/* With an effect of its own each study could be followed as far as its counts go; where all go the same way without
 * end, so does the common effect. Studies with a random intercept support each other: there an arm must be empty in
 * all. */
const char *counts_equal_infinite(const counts_problem *p) {
    if (p->k == 0)
        return "no study is left: each has no event, or nothing else, in all its arms";
    if (p->study == STUDY_RANDOM) {
        for (size_t a = 0; a < GLMM_ARMS; a++)
            if (p->at[a][TERM_LOWER] == p->k || p->at[a][TERM_UPPER] == p->k)
                return "in one arm no study saw an event, or every patient had one: the estimate is infinite";
        return NULL;
    }
    if (p->lower == p->k)
        return p->study == STUDY_NONE ? "no study saw an event (in arm 1): the estimate is minus infinity"
                                      : "in every study arm 1 lacks events or arm 2 non-events: the estimate is minus "
                                        "infinity";
    if (p->upper == p->k)
        return p->study == STUDY_NONE ? "all that could be events (in arm 1) were events: the estimate is infinity"
                                      : "in every study arm 2 lacks events or arm 1 non-events: the estimate is "
                                        "infinity";
    return NULL;
}

double counts_loglik_at_infinity(const counts_problem *p) {
    if (p->at[0][TERM_INSIDE] + p->at[1][TERM_INSIDE] > 0)
        return -INFINITY;
    const double lower = (double)p->lower, upper = (double)p->upper, k = (double)p->k;
    double constant = 0;
    for (size_t i = 0; i < p->k; i++)
        for (size_t a = 0; a < p->arms; a++)
            constant += p->terms[i * GLMM_ARMS + a].constant;
    return constant + (lower > 0 ? lower * log(lower / k) : 0) + (upper > 0 ? upper * log(upper / k) : 0);
}
