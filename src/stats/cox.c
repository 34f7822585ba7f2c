/* The search for the coefficients of a Cox model, and its tests.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cox_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double REDUNDANT = 1.8189894035458565e-12; /* epsilon^0.75 of the information, as in R */
static const double RIDGE = 1e-13;                      /* of a coefficient's information at the beginning */
static const double CONVERGED = 1e-8;                   /* step in scaled columns, relative to 1 + coefficient */
static const double GAIN_SMALL = 1e-8;                  /* of the log-likelihood that another step can bring */
static const double SLOW = 0.05;        /* of the gain before; near a summit it is squared, on an endless slope 1 / e */
static const double RUNNING = 1e-4;     /* square of a step that then is long, in variances at the beginning */
static const double LOST = 1e-10;       /* of a column's information at the beginning */
static const double UNDETERMINED = 1e4; /* variance, in those at the beginning */
enum { ITERATIONS_MOST = 200, HALVINGS_MOST = 40, DOUBLINGS_MOST = 60, POLISH_MOST = 20 };

/* Sums over the event times at some coefficients. */
typedef struct sums {
    size_t p;
    double loglik, *u, *info;
} sums;

static void add_moment(void *context, const cox_moment *moment) {
    sums *s = context;
    s->loglik += moment->loglik;
    for (size_t j = 0; j < s->p; j++) {
        s->u[j] += moment->u[j];
        for (size_t k = 0; k <= j; k++)
            s->info[j * s->p + k] += moment->info[j * s->p + k];
    }
}

static void evaluate(const cox_model *m, const double *beta, sums *s) {
    s->loglik = 0;
    memset(s->u, 0, s->p * sizeof *s->u);
    memset(s->info, 0, s->p * s->p * sizeof *s->info);
    cox_pass(m, beta, add_moment, s);
}

/* A search: where it is, and where it goes next. */
typedef struct search {
    const cox_model *model;
    size_t p;
    sums now, next;
    double *beta, *trial, *step; /* [p] of scaled columns */
    double *factor;              /* [p * p] of now.info */
    double *floor, *ridge;       /* [p] least pivot; what is added to the diagonal */
    double *pivot, *variance;    /* [p] at the beginning */
    bool *used;                  /* [p] has information left */
    st_cox_kind *kind;
    double *work;
} search;

static st_status search_init(search *s, const cox_model *m, st_error *err) {
    const size_t p = m->p;
    *s = (search){.model = m, .p = p};
    s->work = st_alloc(9 * p + 3 * p * p, sizeof *s->work, err);
    s->used = st_alloc(p, sizeof *s->used, err);
    if (s->work == NULL || s->used == NULL)
        return ST_MEMORY;
    double *at = s->work;
    s->now = (sums){p, 0, at, at + p};
    at += p + p * p;
    s->next = (sums){p, 0, at, at + p};
    at += p + p * p;
    s->factor = at;
    at += p * p;
    s->beta = at;
    s->trial = at + p;
    s->step = at + 2 * p;
    s->floor = at + 3 * p;
    s->ridge = at + 4 * p;
    s->variance = at + 5 * p;
    s->pivot = at + 6 * p;
    return ST_OK;
}

static void search_fini(search *s) {
    free(s->work);
    free(s->used);
}

/* The information of the place where the search is, its diagonal raised by `part` of the ridge. */
static void factorize(search *s, double part) {
    memcpy(s->factor, s->now.info, s->p * s->p * sizeof *s->factor);
    for (size_t j = 0; j < s->p; j++)
        s->factor[j * s->p + j] += part * s->ridge[j];
    (void)cholesky(s->factor, s->p, s->floor, s->used);
}

/* Newton's step, and what it promises: u' step is twice the gain where the likelihood is a parabola. The ridge holds
 * back directions of which rounding is all that is left (Levenberg, Q Appl Math 1944;2:164); it does not move the
 * summit. */
static double newton(search *s) {
    double promise = 0;
    factorize(s, 1);
    cholesky_solve(s->factor, s->p, s->used, s->now.u, s->step);
    for (size_t j = 0; j < s->p; j++)
        promise += s->now.u[j] * s->step[j];
    return promise;
}

/* At no effect: which columns say nothing that earlier ones do not, and the score test. */
static void begin(search *s, st_cox *cox) {
    double most = (double)s->model->survival->events;
    evaluate(s->model, s->beta, &s->now);
    for (size_t j = 0; j < s->p; j++)
        most = fmax(most, s->now.info[j * s->p + j]);
    for (size_t j = 0; j < s->p; j++)
        s->floor[j] = REDUNDANT * most;
    cox->score = newton(s);
    cox->loglik_null = s->now.loglik;
    cholesky_inverse(s->factor, s->p, s->used, s->next.info, s->trial);
    for (size_t j = 0; j < s->p; j++) {
        s->kind[j] = s->used[j] ? ST_COX_FINITE : ST_COX_REDUNDANT;
        s->floor[j] = s->used[j] ? 0 : INFINITY;
        s->pivot[j] = s->used[j] ? s->factor[j * s->p + j] * s->factor[j * s->p + j] : 0;
        s->ridge[j] = RIDGE * s->pivot[j];
        s->variance[j] = s->next.info[j * s->p + j];
        cox->df += s->used[j];
    }
}

/* The search goes to where `part` of its step leads if that gains more than `least`. */
static bool advance(search *s, double part, double least) {
    for (size_t j = 0; j < s->p; j++)
        s->trial[j] = s->beta[j] + part * s->step[j];
    evaluate(s->model, s->trial, &s->next);
    if (!(s->next.loglik >= s->now.loglik + least)) /* nor where it is NaN */
        return false;
    double *const swap = s->beta;
    const sums other = s->now;
    s->beta = s->trial;
    s->trial = swap;
    s->now = s->next;
    s->next = other;
    return true;
}

/* A step that does not lose, but for rounding; halved as long as it would. */
static bool advance_carefully(search *s) {
    const double slack = 1e-13 * (1 + fabs(s->now.loglik));
    double part = 1;
    for (int halving = 0; halving < HALVINGS_MOST; halving++, part /= 2)
        if (advance(s, part, -slack))
            return true;
    return false;
}

static bool has_converged(const search *s) {
    for (size_t j = 0; j < s->p; j++)
        if (fabs(s->step[j]) > CONVERGED * (1 + fabs(s->beta[j])))
            return false;
    return true;
}

/* Whether coefficients run on although next to nothing is to be gained, or have left nothing to know about them. */
static bool is_endless(search *s, double promise, double before) {
    bool any = false;
    for (size_t j = 0; j < s->p; j++) {
        const double pivot = s->factor[j * s->p + j] * s->factor[j * s->p + j];
        const bool lost = s->kind[j] == ST_COX_FINITE && (!s->used[j] || pivot < LOST * s->pivot[j]);
        const bool runs = s->kind[j] == ST_COX_FINITE && promise < GAIN_SMALL && promise > SLOW * before &&
                          s->step[j] * s->step[j] > RUNNING * s->variance[j];
        if (lost || runs)
            s->kind[j] = ST_COX_INFINITE;
        any = any || lost || runs;
    }
    return any;
}

/* Endless coefficients go on, each time twice as far, as long as anything is gained; then the others find their place.
 */
static void run_out(search *s) {
    double part = 1;
    for (size_t j = 0; j < s->p; j++)
        if (s->kind[j] != ST_COX_INFINITE)
            s->step[j] = 0;
        else if (!s->used[j])
            s->step[j] = s->beta[j]; /* there is no step to go on by but that from the origin */
    for (int doubling = 0; doubling < DOUBLINGS_MOST && advance(s, part, 1e-12); doubling++)
        part *= 2;
    for (size_t j = 0; j < s->p; j++)
        s->floor[j] = s->kind[j] == ST_COX_INFINITE ? INFINITY : s->floor[j];
    for (int turn = 0; turn < POLISH_MOST; turn++) {
        (void)newton(s);
        if (has_converged(s))
            return;
        if (!advance_carefully(s))
            break;
    }
    for (size_t j = 0; j < s->p; j++)
        if (s->kind[j] == ST_COX_FINITE && s->step[j] * s->step[j] > RUNNING * s->variance[j])
            s->kind[j] = ST_COX_INFINITE;
}

static st_status climb(search *s, size_t *iterations, st_error *err) {
    double before = INFINITY;
    for (*iterations = 1; *iterations <= ITERATIONS_MOST; ++*iterations) {
        const double promise = newton(s);
        if (is_endless(s, promise, before)) {
            run_out(s);
            return ST_OK;
        }
        const bool last = has_converged(s), advanced = advance_carefully(s);
        if (last || (!advanced && promise < GAIN_SMALL))
            return ST_OK;
        if (!advanced)
            break;
        before = promise;
    }
    return st_fail(err, ST_NUMERIC,
                   "the Cox model did not converge in %d iterations; a column may be of huge values or follow from the "
                   "others but for rounding",
                   ITERATIONS_MOST);
}

/* Where a coefficient is infinite, the likelihood at its end may say nothing more of another one. */
static bool mark_undetermined(const search *s, const double *covariance) {
    bool infinite = false;
    for (size_t j = 0; j < s->p; j++)
        infinite = infinite || s->kind[j] == ST_COX_INFINITE;
    for (size_t j = 0; j < s->p; j++)
        if (s->kind[j] == ST_COX_FINITE &&
            (!s->used[j] || (infinite && covariance[j * s->p + j] > UNDETERMINED * s->variance[j]))) {
            s->kind[j] = ST_COX_INFINITE;
            infinite = true;
        }
    return infinite;
}

/* Coefficients of the columns as they came. */
static void conclude(search *s, st_cox *cox, double level) {
    const cox_model *m = s->model;
    const double z = survival_z(level);
    factorize(s, 0);
    cholesky_inverse(s->factor, s->p, s->used, cox->covariance, s->trial);
    const bool infinite = mark_undetermined(s, cox->covariance);
    for (size_t j = 0; j < s->p; j++) {
        for (size_t k = 0; k < s->p; k++)
            cox->covariance[j * s->p + k] /= m->scale[j] * m->scale[k];
        cox->reached[j] = s->beta[j] / m->scale[j];
        cox->coef[j] = cox->reached[j];
        cox->se[j] = sqrt(cox->covariance[j * s->p + j]);
        if (s->kind[j] == ST_COX_REDUNDANT) {
            cox->coef[j] = cox->se[j] = NAN;
        } else if (s->kind[j] == ST_COX_INFINITE) {
            cox->coef[j] = copysign(INFINITY, s->beta[j]);
            cox->se[j] = INFINITY;
        }
        cox->z[j] = cox->coef[j] / cox->se[j]; /* NaN of two infinite ones */
        cox->pval[j] = survival_p_normal(cox->z[j]);
        cox->hazard_ratio[j] = exp(cox->coef[j]);
        cox->lower[j] = exp(cox->coef[j] - z * cox->se[j]);
        cox->upper[j] = exp(cox->coef[j] + z * cox->se[j]);
    }
    cox->loglik = s->now.loglik;
    cox->lrt = 2 * fmax(0, cox->loglik - cox->loglik_null);
    for (size_t j = 0; j < s->p; j++) /* beta' info beta of the scaled columns, whose unused ones are 0 */
        for (size_t k = 0; k < s->p; k++)
            cox->wald += s->beta[j] * s->beta[k] * s->now.info[j > k ? j * s->p + k : k * s->p + j];
    if (infinite)
        cox->wald = NAN;
    cox->score_p = survival_p_chisq(cox->score, cox->df);
    cox->wald_p = survival_p_chisq(cox->wald, cox->df);
    cox->lrt_p = survival_p_chisq(cox->lrt, cox->df);
}

static st_status rank_subjects(const st_survival *s, const st_survival_parts *strata, const st_cox_data *data,
                               st_cox *cox, st_error *err) {
    double *score = st_alloc(s->n, sizeof *score, err);
    if (score == NULL)
        return ST_MEMORY;
    for (size_t j = 0; j < data->p; j++) /* equal covariates give equal scores, to the last digit */
        for (size_t i = 0; i < s->n; i++)
            score[i] += cox->reached[j] * data->x[j][i];
    const st_status status = cox_concordance(s, strata, score, &cox->concordance, &cox->concordance_se, err);
    free(score);
    return status;
}

static st_status cox_alloc(st_cox *cox, st_error *err) {
    double **const array[] = {&cox->coef,  &cox->se,    &cox->z,       &cox->pval,      &cox->hazard_ratio,
                              &cox->lower, &cox->upper, &cox->reached, &cox->covariance};
    const size_t n = sizeof array / sizeof *array;
    cox->kind = st_alloc(cox->p, sizeof *cox->kind, err);
    bool fine = cox->kind != NULL;
    for (size_t i = 0; i < n && fine; i++) {
        *array[i] = st_alloc(i + 1 < n ? cox->p : cox->p * cox->p, sizeof **array[i], err);
        fine = *array[i] != NULL;
    }
    return fine ? ST_OK : ST_MEMORY;
}

static st_status check(const st_survival *s, const st_cox_data *data, st_error *err) {
    for (size_t j = 0; j < data->p; j++)
        for (size_t i = 0; i < s->n; i++)
            if (!isfinite(data->x[j][i]))
                return st_fail(err, ST_VALUE, "covariate %zu of subject %zu is not finite", j + 1, i + 1);
    return ST_OK;
}

st_status st_cox_fit(const st_survival *s, const st_survival_parts *strata, const st_cox_data *data, st_ties ties,
                     double level, st_cox *cox, st_error *err) {
    *cox = (st_cox){.n = s->n, .events = s->events, .p = data->p};
    cox_model model = {0};
    search found = {0};
    st_status status = check(s, data, err);
    if (status == ST_OK)
        status = cox_model_init(s, strata, data, ties, &model, err);
    if (status == ST_OK)
        status = cox_alloc(cox, err);
    if (status == ST_OK)
        status = search_init(&found, &model, err);
    if (status == ST_OK) {
        found.kind = cox->kind;
        begin(&found, cox);
        status = climb(&found, &cox->iterations, err);
    }
    if (status == ST_OK)
        conclude(&found, cox, level);
    search_fini(&found);
    cox_model_fini(&model);
    if (status == ST_OK)
        status = rank_subjects(s, strata, data, cox, err);
    if (status != ST_OK)
        st_cox_fini(cox);
    return status;
}

void st_cox_fini(st_cox *cox) {
    double *const array[] = {cox->coef,  cox->se,    cox->z,       cox->pval,      cox->hazard_ratio,
                             cox->lower, cox->upper, cox->reached, cox->covariance};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++)
        free(array[i]);
    free(cox->kind);
    *cox = (st_cox){0};
}
