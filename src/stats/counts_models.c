/* The order in which the parameters of a mixed model of counts are searched.
 *
 * Likelihoods are even in standard deviations, so that zero is always a stationary point, and a maximum where curvature
 * is negative there. A model is therefore climbed from the maximum without the deviation and the best of a few values
 * of it; where the climb comes back to zero, or gains nothing, zero is the estimate.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "counts_models.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ZERO = 1e-6;  /* a standard deviation that is none, on the scale of logits */
static const double HOPELESS = 1; /* by which a value of the profile is below its best, and no maximum is near it */
static const double GAIN = 1e-10; /* of the log likelihood, below which it says nothing about a deviation */

/* Adds a parameter that moves the arms by c0 and c1; dim is GLMM_NO_DIM but for standard deviations. The studies' own
 * parameter stays the last. */
static void add_parameter(glmm_layout *l, double c0, double c1, int dim) {
    const size_t n = l->shared;
    for (size_t a = 0; a < GLMM_ARMS && l->own; a++)
        l->coefficient[a][n + 1] = l->coefficient[a][n];
    if (l->own)
        l->dim[n + 1] = GLMM_NO_DIM;
    l->coefficient[0][n] = c0;
    l->coefficient[1][n] = c1;
    l->dim[n] = dim;
    l->shared++;
    l->dims += dim != GLMM_NO_DIM;
}

static void add_own(glmm_layout *l, double c0, double c1) {
    l->own = true;
    l->coefficient[0][l->shared] = c0;
    l->coefficient[1][l->shared] = c1;
    l->dim[l->shared] = GLMM_NO_DIM;
}

/* Log odds or log rate of one arm of one study. */
static double crude(const term *t) {
    return log((t->x + 0.5) / (t->family == TERM_POISSON ? 1 : t->n - t->x + 0.5)) - t->offset;
}

static bool fitted(const glmm *m) {
    return m->k > 0;
}

/* Climbs from a deviation of `start`, the other parameters as in `from`; keeps the result where it is better than what
 * *best holds, and than zero. */
static st_status climb_from(const glmm *from, const glmm_layout *l, double start, glmm *best, st_error *err) {
    glmm m;
    const size_t added = l->shared - 1;
    st_status status = glmm_init(&m, l, from->k, from->terms, from->rules, err);
    if (status != ST_OK)
        return status;
    memcpy(m.shared, from->shared, sizeof m.shared);
    memcpy(m.own, from->own, from->k * sizeof *m.own);
    m.shared[added] = start;
    glmm_profile(&m, added);
    status = glmm_maximize(&m, err);
    if (status == ST_OK && fabs(m.shared[added]) >= ZERO && m.loglik >= from->loglik + GAIN &&
        (!fitted(best) || m.loglik > best->loglik)) {
        glmm_fini(best);
        *best = m;
    } else {
        glmm_fini(&m);
    }
    return status;
}

/* A further standard deviation, moving the arms by c0 and c1, on top of the maximum `from`. *with is the new maximum,
 * or empty where the deviation is zero. There may be more than one maximum, zero among them: the climb begins at each
 * that shows in a profile of a few values. */
static st_status add_deviation(const glmm *from, double c0, double c1, glmm *with, st_error *err) {
    static const double tries[] = {0.1, 0.25, 0.5, 1, 2, 4};
    enum { TRIES = sizeof tries / sizeof *tries };
    double profile[TRIES], top = from->loglik;
    glmm_layout l = from->layout;
    glmm scout;
    add_parameter(&l, c0, c1, (int)l.dims);
    *with = (glmm){0};
    st_status status = glmm_init(&scout, &l, from->k, from->terms, from->rules, err);
    if (status != ST_OK)
        return status;
    memcpy(scout.shared, from->shared, sizeof scout.shared);
    memcpy(scout.own, from->own, from->k * sizeof *scout.own);
    for (size_t i = 0; i < TRIES; i++) {
        scout.shared[l.shared - 1] = tries[i];
        profile[i] = glmm_profile(&scout, l.shared - 1);
        top = fmax(top, profile[i]);
    }
    glmm_fini(&scout);
    for (size_t i = 0; status == ST_OK && i < TRIES; i++)
        if (profile[i] > top - HOPELESS && (i == 0 || profile[i] > profile[i - 1]) &&
            (i + 1 == TRIES || profile[i] >= profile[i + 1]))
            status = climb_from(from, &l, tries[i], with, err);
    if (status != ST_OK)
        glmm_fini(with);
    return status;
}

static void replace(counts_model *model, glmm *by) {
    glmm_fini(&model->m);
    model->m = *by;
    *by = (glmm){0};
}

static st_status fit_base(counts_problem *p, glmm *m, st_error *err) {
    glmm_layout l = {.arms = p->arms};
    add_parameter(&l, 1, 0, GLMM_NO_DIM);
    if (p->study == STUDY_RANDOM)
        add_parameter(&l, 1, 1, GLMM_NO_DIM);
    if (p->study == STUDY_FIXED)
        add_own(&l, 1, 1);
    const st_status status = glmm_init(m, &l, p->k, p->terms, &p->rules, err);
    if (status != ST_OK)
        return status;
    m->shared[0] = p->start[0] - (p->study == STUDY_NONE ? 0 : p->start[1]);
    m->shared[1] = p->start[1];
    for (size_t i = 0; p->study == STUDY_FIXED && i < p->k; i++)
        m->own[i].value = crude(&p->terms[i * GLMM_ARMS + 1]);
    return glmm_maximize(m, err);
}

st_status counts_fit_equal(counts_problem *p, counts_model *equal, st_error *err) {
    *equal = (counts_model){0};
    st_status status = fit_base(p, &equal->m, err);
    if (status == ST_OK && p->study == STUDY_RANDOM && p->k > 1) {
        glmm with;
        status = add_deviation(&equal->m, 1, 1, &with, err);
        if (status == ST_OK && fitted(&with)) {
            equal->sigma = with.layout.shared - 1;
            replace(equal, &with);
        }
    }
    if (status != ST_OK)
        glmm_fini(&equal->m);
    return status;
}

/* The layout's coding of the random effect, +-1/2 in two arms, does not change where these are exchanged. */
static st_status add_tau(const counts_problem *p, const glmm *from, glmm *with, st_error *err) {
    return p->arms == 2 ? add_deviation(from, 0.5, -0.5, with, err) : add_deviation(from, 1, 0, with, err);
}

/* Where studies do not differ with a common effect, they may still once the effect varies: both deviations are tried on
 * top of a study effect that is not zero. */
static st_status add_both(const counts_problem *p, const glmm *base, counts_model *random, st_error *err) {
    glmm tau_only, both;
    st_status status = add_tau(p, base, &tau_only, err);
    if (status != ST_OK || !fitted(&tau_only))
        return status;
    random->tau = tau_only.layout.shared - 1;
    replace(random, &tau_only);
    status = add_deviation(&random->m, 1, 1, &both, err);
    if (status == ST_OK && fitted(&both)) {
        random->sigma = both.layout.shared - 1;
        replace(random, &both);
    }
    return status;
}

st_status counts_fit_random(counts_problem *p, const counts_model *equal, counts_model *random, st_error *err) {
    *random = (counts_model){0};
    if (p->k < 2)
        return ST_OK;
    st_status status = ST_OK;
    if (p->study != STUDY_RANDOM || equal->sigma > 0) {
        status = add_tau(p, &equal->m, &random->m, err);
        random->tau = fitted(&random->m) ? random->m.layout.shared - 1 : 0;
        random->sigma = random->tau > 0 ? equal->sigma : 0;
    }
    if (status == ST_OK && p->study == STUDY_RANDOM &&
        (equal->sigma == 0 || (random->tau > 0 && fabs(random->m.shared[random->sigma]) < ZERO))) {
        glmm base;
        status = fit_base(p, &base, err);
        if (status == ST_OK) {
            random->sigma = random->tau = 0;
            glmm_fini(&random->m);
            status = add_both(p, &base, random, err);
        }
        glmm_fini(&base);
    }
    if (status != ST_OK)
        glmm_fini(&random->m);
    return status;
}

/* ---- saturated model -------------------------------------------------------------- */

/* Sum of weighted squares around the weighted mean. */
static double spread_of(const double *y, const double *w, size_t k) {
    double sum = 0, weight = 0, squares = 0;
    for (size_t i = 0; i < k; i++) {
        sum += w[i] > 0 ? w[i] * y[i] : 0;
        weight += w[i];
    }
    for (size_t i = 0; i < k; i++)
        squares += w[i] > 0 ? w[i] * (y[i] - sum / weight) * (y[i] - sum / weight) : 0;
    return squares;
}

/* Each study by itself: its own best effect, whose information is zero where it is infinite. */
static st_status saturated_alone(const counts_problem *p, double *loglik, double *wald, st_error *err) {
    double *y = st_alloc(2 * p->k, sizeof *y, err), *w = y + p->k;
    if (!y)
        return ST_MEMORY;
    *loglik = 0;
    for (size_t i = 0; i < p->k; i++) {
        double eta[GLMM_ARMS], curvature[GLMM_ARMS];
        for (size_t a = 0; a < p->arms; a++)
            *loglik += term_best(&p->terms[i * GLMM_ARMS + a], &eta[a], &curvature[a]);
        y[i] = p->arms == 1 ? eta[0] : eta[0] - eta[1];
        w[i] = p->arms == 1 ? curvature[0] : 1 / (1 / curvature[0] + 1 / curvature[1]);
    }
    *wald = spread_of(y, w, p->k);
    free(y);
    return ST_OK;
}

/* Wald's statistic from the arrow: the information on the own effects, the shared parameters profiled out, is the
 * diagonal D less B A^-1 B' with A their own information; contrasts of effects are tested by generalized least squares
 * around the mean. A is what glmm keeps, plus B' D^-1 B. */
static double arrow_wald(glmm *m) {
    glmm_loglik(m); /* renews the derivatives at the maximum */
    const size_t n = m->layout.shared;
    double v[GLMM_PARAMETERS][GLMM_PARAMETERS], by[GLMM_PARAMETERS] = {0}, b1[GLMM_PARAMETERS] = {0};
    double yy = 0, y1 = 0, one = 0;
    for (size_t i = 0; i < m->k; i++) {
        const glmm_own *o = &m->own[i];
        if (!(o->curvature > GLMM_SILENT))
            continue;
        yy += o->curvature * o->value * o->value;
        y1 += o->curvature * o->value;
        one += o->curvature;
        for (size_t q = 0; q < n; q++) {
            by[q] += o->coupling[q] * o->value;
            b1[q] += o->coupling[q];
            for (size_t r = 0; r < n; r++)
                m->information[q][r] += o->coupling[q] * o->coupling[r] / o->curvature;
        }
    }
    glmm_covariance(m, v);
    for (size_t q = 0; q < n; q++)
        for (size_t r = 0; r < n; r++) {
            yy -= by[q] * v[q][r] * by[r];
            y1 -= by[q] * v[q][r] * b1[r];
            one -= b1[q] * v[q][r] * b1[r];
        }
    return yy - y1 * y1 / one;
}

/* Effects of studies with a random intercept. Where an effect is infinite, arm 1 of the study is explained in full and
 * says nothing more. */
static st_status saturated_random(counts_problem *p, double *loglik, double *wald, st_error *err) {
    term *terms = st_alloc(p->k, GLMM_ARMS * sizeof *terms, err);
    if (!terms)
        return ST_MEMORY;
    memcpy(terms, p->terms, p->k * GLMM_ARMS * sizeof *terms);
    glmm_layout l = {.arms = p->arms};
    add_parameter(&l, 1, 1, GLMM_NO_DIM);
    add_own(&l, 1, 0);
    glmm base, with = {0};
    st_status status = glmm_init(&base, &l, p->k, terms, &p->rules, err);
    if (status != ST_OK)
        goto done;
    base.shared[0] = p->start[1];
    for (size_t i = 0; i < p->k; i++) {
        term *t = &terms[i * GLMM_ARMS];
        if (term_own_side(t) != TERM_INSIDE)
            *t = (term){.family = TERM_NONE};
        else
            base.own[i].value = crude(t) - p->start[1];
    }
    if ((status = glmm_maximize(&base, err)) != ST_OK || (status = add_deviation(&base, 1, 1, &with, err)) != ST_OK)
        goto done;
    glmm *best = fitted(&with) ? &with : &base;
    *loglik = best->loglik;
    for (size_t i = 0; i < p->k; i++) /* their constant is the part of the likelihood that stays */
        if (terms[i * GLMM_ARMS].family == TERM_NONE)
            *loglik += p->terms[i * GLMM_ARMS].constant;
    *wald = arrow_wald(best);
done:
    glmm_fini(&with);
    glmm_fini(&base);
    free(terms);
    return status;
}

st_status counts_fit_saturated(counts_problem *p, double *loglik, double *wald, st_error *err) {
    return p->study == STUDY_RANDOM ? saturated_random(p, loglik, wald, err) : saturated_alone(p, loglik, wald, err);
}
