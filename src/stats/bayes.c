/* Bayesian random-effects meta-analysis: what the posterior of tau makes of everything else.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bayes_internal.h"
#include "scalar.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SETTLED = 1e-8;     /* what a result may still move by when points double */
static const double FLAT = 1e-9;        /* widths, or densities, as good as the same: the lowest interval is taken */
static const double NEGLIGIBLE = 1e-20; /* weight of a normal that no quantile feels */
static const double ALL_OF_IT = 38;     /* standard deviations beyond which a normal has nothing left */
enum { DOUBLINGS = 4, TRIES = 16, STEPS = 200 };

/* How much is worked out: the rest are NaN. */
typedef enum { MOMENTS, QUANTILES, SHORTEST } how_much;

/* ---- mixtures ---- */

double mixture_density(const void *context, double x) {
    const mixture *m = context;
    double sum = 0;
    for (size_t i = 0; i < m->n; i++) {
        const double z = (x - m->mean[i]) / m->sd[i];
        sum += m->weight[i] / m->sd[i] * exp(-z * z / 2);
    }
    return sum / sqrt(2 * M_PI);
}

/* Probability below x, or above; its derivative. */
static double mixture_tail(const mixture *m, double x, bool above, double *density) {
    double sum = 0;
    *density = 0;
    for (size_t i = 0; i < m->n; i++) {
        const double z = (x - m->mean[i]) / m->sd[i];
        if (fabs(z) > ALL_OF_IT) {
            sum += (z > 0) != above ? m->weight[i] : 0;
            continue;
        }
        sum += m->weight[i] * erfc((above ? z : -z) * M_SQRT1_2) / 2;
        *density += m->weight[i] / m->sd[i] * exp(-z * z / 2);
    }
    *density /= (above ? -1 : 1) * sqrt(2 * M_PI);
    return sum;
}

/* Newton's steps, kept between what is known to lie below and above. */
double mixture_quantile(const void *context, double probability) {
    const mixture *m = context;
    const bool above = probability > 0.5;
    const double wanted = above ? 1 - probability : probability;
    double weight = 0, mean = 0, square = 0, low = -INFINITY, high = INFINITY;
    for (size_t i = 0; i < m->n; i++) {
        weight += m->weight[i];
        mean += m->weight[i] * (m->mean[i] - m->mean[0]);
        square += m->weight[i] * fmin(m->sd[i] * m->sd[i], 1e100);
    }
    const double scale = sqrt(square / weight);
    double x = m->mean[0] + mean / weight;
    for (int turn = 0; turn < STEPS; turn++) {
        double slope;
        const double excess = mixture_tail(m, x, above, &slope) - wanted;
        if ((excess > 0) != above)
            high = x;
        else
            low = x;
        double next = x - excess / slope;
        if (excess == 0 || fabs(next - x) <= 4 * DBL_EPSILON * (fabs(x) + scale))
            return x;
        if (!(next > low && next < high)) /* twice as far out while one side is open */
            next = isinf(low)    ? x - scale * ldexp(1, turn)
                   : isinf(high) ? x + scale * ldexp(1, turn)
                                 : low + (high - low) / 2;
        if (fabs(next - x) <= DBL_EPSILON * fabs(x))
            return x;
        x = next;
    }
    return x;
}

/* ---- shortest intervals ---- */

typedef struct interval_search {
    double (*quantile)(const void *, double), (*density)(const void *, double);
    const void *distribution;
    double level;
} interval_search;

/* At the shortest interval the density is the same at both ends. */
static double uneven(void *context, double below, double *slope) {
    const interval_search *s = context;
    (void)slope;
    return s->density(s->distribution, s->quantile(s->distribution, below)) -
           s->density(s->distribution, s->quantile(s->distribution, below + s->level));
}

void shortest_interval(double (*quantile)(const void *, double), double (*density)(const void *, double),
                       const void *distribution, double level, double from, double *lb, double *ub) {
    interval_search s = {quantile, density, distribution, level};
    const double to = (1 - level) * (1 - 1e-9);
    double least = INFINITY;
    int best = 0;
    for (int i = 0; i <= TRIES; i++) {
        const double below = from + (to - from) * i / TRIES;
        const double width = quantile(distribution, below + level) - quantile(distribution, below);
        if (width < least * (1 - FLAT)) {
            least = width;
            best = i;
        }
    }
    const double a = from + (to - from) * (best > 0 ? best - 1 : 0) / TRIES;
    const double b = from + (to - from) * (best < TRIES ? best + 1 : TRIES) / TRIES;
    const double fa = uneven(&s, a, NULL), fb = uneven(&s, b, NULL);
    double below = from + (to - from) * best / TRIES;
    const double flat = FLAT * density(distribution, quantile(distribution, below));
    if (fa < -flat && fb > flat)
        below = scalar_root(uneven, &s, a, fa, b, fb);
    *lb = quantile(distribution, below);
    *ub = quantile(distribution, below + level);
}

/* ---- the fit ---- */

/* Moments of a mixture over all points; quantiles of the points that weigh. `falls`: tau^-falls is how its posterior
 * density falls at the far end; a mean wants more than 2, a variance more than 3. */
static void describe(const tau_grid *grid, mixture *m, double level, how_much detail, double falls, st_posterior *p) {
    const size_t all = grid->panels * GAUSS;
    *p = (st_posterior){.median = NAN, .lb = NAN, .ub = NAN, .shortest_lb = NAN, .shortest_ub = NAN};
    for (size_t i = 0; i < all; i++)
        p->mean += grid->weight[i] * (m->mean[i] - m->mean[0]);
    p->mean += m->mean[0];
    for (size_t i = 0; i < all; i++) {
        const double r = m->mean[i] - p->mean;
        p->sd += grid->weight[i] * (m->sd[i] * m->sd[i] + r * r);
    }
    p->sd = falls > 3 ? sqrt(p->sd) : INFINITY;
    if (!(falls > 2))
        p->mean = NAN;
    if (detail == MOMENTS)
        return;
    m->n = 0;
    for (size_t i = 0; i < all; i++)
        if (grid->weight[i] > NEGLIGIBLE) {
            m->weight[m->n] = grid->weight[i];
            m->mean[m->n] = m->mean[i];
            m->sd[m->n++] = m->sd[i];
        }
    p->median = mixture_quantile(m, 0.5);
    p->lb = mixture_quantile(m, (1 - level) / 2);
    p->ub = mixture_quantile(m, (1 + level) / 2);
    if (detail == SHORTEST)
        shortest_interval(mixture_quantile, mixture_density, m, level, 1e-9 * (1 - level), &p->shortest_lb,
                          &p->shortest_ub);
}

static void describe_tau(const tau_grid *grid, double level, double falls, st_posterior *p) {
    *p = (st_posterior){0};
    for (size_t i = 0; i < grid->panels * GAUSS; i++)
        p->mean += grid->weight[i] * grid->tau[i];
    for (size_t i = 0; i < grid->panels * GAUSS; i++)
        p->sd += grid->weight[i] * (grid->tau[i] - p->mean) * (grid->tau[i] - p->mean);
    p->sd = falls > 3 ? sqrt(p->sd) : INFINITY;
    if (!(falls > 2))
        p->mean = NAN;
    p->median = tau_quantile(grid, 0.5);
    p->lb = tau_quantile(grid, (1 - level) / 2);
    p->ub = tau_quantile(grid, (1 + level) / 2);
    shortest_interval(tau_quantile, tau_density, grid, level, 0, &p->shortest_lb, &p->shortest_ub);
}

/* Roever 2020, section 2: theta of a study lies between its own estimate and mu. */
static void describe_studies(const tau_grid *grid, mixture *m, how_much detail, st_bayes_fit *fit) {
    const size_t n = grid->panels * GAUSS;
    for (size_t s = 0; s < fit->k; s++) {
        const double y = grid->data->yi[s], v = grid->data->vi[s];
        for (size_t i = 0; i < n; i++) {
            const double t2 = grid->tau[i] * grid->tau[i], pull = v / (v + t2);
            m->mean[i] = y + pull * (grid->mean[i] - y);
            m->sd[i] = sqrt(pull * t2 + pull * pull * grid->sd[i] * grid->sd[i]);
        }
        describe(grid, m, fit->level, detail, INFINITY, &fit->theta[s]);
    }
}

static st_status mixture_init(const tau_grid *grid, mixture *m, st_error *err) {
    const size_t n = grid->panels * GAUSS;
    *m = (mixture){.weight = st_alloc(3 * n, sizeof(double), err)};
    if (m->weight == NULL)
        return ST_MEMORY;
    m->mean = m->weight + n;
    m->sd = m->mean + n;
    return ST_OK;
}

static st_status summarize(const tau_grid *grid, st_bayes_fit *fit, st_error *err) {
    const st_meta_data *data = grid->data;
    const size_t n = grid->panels * GAUSS;
    mixture m;
    if (mixture_init(grid, &m, err) != ST_OK)
        return ST_MEMORY;
    /* Of likelihood and Cauchy tail together; a normal tail and an end fall faster than any power. */
    const double falls =
        fit->prior.tau == ST_TAU_HALFCAUCHY ? (double)data->k + (fit->prior.mu_flat ? 1 : 2) : INFINITY;
    memcpy(m.mean, grid->mean, n * sizeof *m.mean);
    memcpy(m.sd, grid->sd, n * sizeof *m.sd);
    describe(grid, &m, fit->level, SHORTEST, fit->prior.mu_flat ? falls : INFINITY, &fit->mu);
    for (size_t i = 0; i < n; i++) {
        m.mean[i] = grid->mean[i];
        m.sd[i] = hypot(grid->sd[i], grid->tau[i]);
    }
    describe(grid, &m, fit->level, SHORTEST, falls, &fit->predict);
    describe_studies(grid, &m, MOMENTS, fit);
    describe_tau(grid, fit->level, falls, &fit->tau);
    fit->tau_mode = grid->mode;
    fit->log_marginal = fit->prior.mu_flat ? NAN : grid->log_total;
    fit->bayes_factor = exp(tau_log_likelihood(data, &fit->prior, 0) - grid->log_total);
    fit->points = n;
    free(m.weight);
    return ST_OK;
}

/* How far b is from a, in units of `scale`; what is not finite in both counts as the same. */
static double apart(double a, double b, double scale) {
    if (!isfinite(a) && !isfinite(b))
        return 0;
    const double distance = fabs(a - b) / scale;
    return isfinite(distance) ? distance : INFINITY;
}

static double posterior_change(const st_posterior *a, const st_posterior *b) {
    const double scale = fmax((b->ub - b->lb) / 4, DBL_MIN); /* about one sd, and finite where that is not */
    const double change[] = {apart(a->mean, b->mean, scale),
                             apart(a->sd, b->sd, scale),
                             apart(a->median, b->median, scale),
                             apart(a->lb, b->lb, scale),
                             apart(a->ub, b->ub, scale),
                             apart(a->shortest_lb, b->shortest_lb, scale),
                             apart(a->shortest_ub, b->shortest_ub, scale)};
    double most = 0;
    for (size_t i = 0; i < sizeof change / sizeof *change; i++)
        most = fmax(most, change[i]);
    return most;
}

static double fit_change(const st_bayes_fit *a, const st_bayes_fit *b) {
    double most = fmax(posterior_change(&a->mu, &b->mu), posterior_change(&a->tau, &b->tau));
    most = fmax(most, posterior_change(&a->predict, &b->predict));
    for (size_t i = 0; i < b->k; i++) /* moments: their quantiles come last */
        most = fmax(most, fmax(apart(a->theta[i].mean, b->theta[i].mean, b->theta[i].sd),
                               apart(a->theta[i].sd, b->theta[i].sd, b->theta[i].sd)));
    return fmax(most, apart(a->bayes_factor, b->bayes_factor, fmax(b->bayes_factor, DBL_MIN)));
}

static st_status check(const st_meta_data *data, const st_bayes_prior *prior, double level, st_error *err) {
    if (data->k == 0 || data->x != NULL)
        return st_fail(err, ST_VALUE, "the Bayesian model has mu alone and at least one study: leave moderators out");
    if (!(level > 0 && level < 1))
        return st_fail(err, ST_VALUE, "a level of %g: between 0 and 1 is wanted", level);
    if (!prior->mu_flat && !(isfinite(prior->mu_mean) && isfinite(prior->mu_sd) && prior->mu_sd > 0))
        return st_fail(err, ST_VALUE, "a prior of mu with mean %g and sd %g: finite numbers, sd above 0, are wanted",
                       prior->mu_mean, prior->mu_sd);
    if ((unsigned)prior->tau >= ST_TAU_PRIORS || !(isfinite(prior->tau_number) && prior->tau_number > 0))
        return st_fail(err, ST_VALUE, "a prior of tau with the number %g: a finite one above 0 is wanted",
                       prior->tau_number);
    for (size_t i = 0; i < data->k; i++)
        if (!isfinite(data->yi[i]) || !(isfinite(data->vi[i]) && data->vi[i] > 0))
            return st_fail(err, ST_VALUE,
                           "estimate %zu: finite numbers and a variance above 0 are wanted, not %g with variance %g",
                           i + 1, data->yi[i], data->vi[i]);
    return ST_OK;
}

st_status st_bayes_fit_init(const st_meta_data *data, const st_bayes_prior *prior, double level, st_bayes_fit *fit,
                            st_error *err) {
    *fit = (st_bayes_fit){0};
    st_status status = check(data, prior, level, err);
    if (status != ST_OK)
        return status;
    tau_grid grid;
    st_bayes_fit coarse = {.prior = *prior, .level = level, .k = data->k}, fine = coarse;
    status = tau_grid_init(data, prior, &grid, err);
    if (status != ST_OK)
        return status;
    coarse.theta = st_alloc(data->k, sizeof *coarse.theta, err);
    fine.theta = st_alloc(data->k, sizeof *fine.theta, err);
    status = coarse.theta != NULL && fine.theta != NULL ? summarize(&grid, &fine, err) : ST_MEMORY;
    fine.change = INFINITY;
    for (int turn = 0; status == ST_OK && fine.change > SETTLED && turn < DOUBLINGS; turn++) {
        const st_bayes_fit before = coarse;
        coarse = fine;
        fine = before;
        status = tau_grid_halve(&grid, err);
        if (status == ST_OK)
            status = summarize(&grid, &fine, err);
        if (status == ST_OK)
            fine.change = fit_change(&coarse, &fine);
    }
    if (status == ST_OK && fine.change > SETTLED)
        status = st_fail(err, ST_NUMERIC,
                         "the integral over tau still moves by %g standard deviations when its %zu points double: give "
                         "variances and priors of less different size",
                         fine.change, fine.points);
    mixture m;
    if (status == ST_OK)
        status = mixture_init(&grid, &m, err);
    if (status == ST_OK) {
        describe_studies(&grid, &m, QUANTILES, &fine);
        free(m.weight);
    }
    tau_grid_fini(&grid);
    free(coarse.theta);
    if (status == ST_OK)
        *fit = fine;
    else
        free(fine.theta);
    return status;
}

void st_bayes_fit_fini(st_bayes_fit *fit) {
    free(fit->theta);
    *fit = (st_bayes_fit){0};
}
