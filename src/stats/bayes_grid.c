/* The posterior of tau on panels that are halved until they agree.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bayes_internal.h"
#include "scalar.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Gauss and Legendre, 16 points: abscissas in (0, 1) of [-1, 1], and weights. */
static const double X[GAUSS / 2] = {0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863,
                                    0.6178762444026437484, 0.7554044083550030339, 0.8656312023878317439,
                                    0.9445750230732325761, 0.9894009349916499326};
static const double W[GAUSS / 2] = {0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382,
                                    0.1495959888165767321, 0.1246289712555338721, 0.0951585116824927848,
                                    0.0622535239386478929, 0.0271524594117540949};

static const double SETTLED = 1e-14; /* of the whole: halving a panel changes it by less */
static const double TAIL = 50;       /* the tail ends where tau^3 times the density is below exp(-50) of its peak */
static const double FARTHEST = 1e30; /* in scales of the data and of the prior */
enum { DEPTH = 40, PANELS_MOST = 1 << 16 };

static double log_prior(const st_bayes_prior *prior, double tau, double *slope) {
    const double s = prior->tau_number, z = tau / s;
    switch (prior->tau) {
    case ST_TAU_HALFNORMAL:
        *slope = -z / s;
        return log(2 / M_PI) / 2 - log(s) - z * z / 2;
    case ST_TAU_HALFCAUCHY:
        *slope = -2 * z / (1 + z * z) / s;
        return log(2 / M_PI) - log(s) - log1p(z * z);
    default:
        *slope = z > 1 ? -1 / s : 0;
        return z > 1 ? -INFINITY : -log(s);
    }
}

/* Roever 2020, section 2. The normal prior of mu counts as one more study; a flat one leaves a constant open. */
static double log_likelihood(const st_meta_data *data, const st_bayes_prior *prior, double tau, double *mean,
                             double *sd, double *slope) {
    const double own = prior->mu_flat ? 0 : 1 / (prior->mu_sd * prior->mu_sd), at = data->yi[0];
    double sum = own, shift = prior->mu_flat ? 0 : own * (prior->mu_mean - at), log_det = 0;
    for (size_t i = 0; i < data->k; i++) {
        const double variance = data->vi[i] + tau * tau;
        sum += 1 / variance;
        shift += (data->yi[i] - at) / variance;
        log_det += log(variance);
    }
    *mean = at + shift / sum;
    *sd = 1 / sqrt(sum);
    double q = prior->mu_flat ? 0 : own * (*mean - prior->mu_mean) * (*mean - prior->mu_mean), turn = 0;
    for (size_t i = 0; i < data->k; i++) {
        const double w = 1 / (data->vi[i] + tau * tau), r = (data->yi[i] - at) - shift / sum;
        q += w * r * r;
        turn += w * w * r * r - w + w * w / sum;
    }
    *slope = tau * turn; /* d/dtau = 2 tau d/d(tau^2) */
    const double constant = -(double)data->k / 2 * log(2 * M_PI);
    return constant - log_det / 2 - q / 2 - log(sum) / 2 - (prior->mu_flat ? 0 : log(prior->mu_sd));
}

double tau_log_density(const st_meta_data *data, const st_bayes_prior *prior, double tau, double *mean, double *sd,
                       double *slope) {
    double rise, prior_rise;
    const double value = log_likelihood(data, prior, tau, mean, sd, &rise) + log_prior(prior, tau, &prior_rise);
    *slope = rise + prior_rise;
    return value;
}

double tau_log_likelihood(const st_meta_data *data, const st_bayes_prior *prior, double tau) {
    double mean, sd, slope;
    return log_likelihood(data, prior, tau, &mean, &sd, &slope);
}

static double peak_curve(void *context, double tau, double *slope) {
    const tau_grid *grid = context;
    double mean, sd, rise;
    const double value = tau_log_density(grid->data, grid->prior, tau, &mean, &sd, &rise);
    if (slope != NULL)
        *slope = rise;
    return value;
}

/* The i-th of the points of [a, b], i from 0 to GAUSS - 1 in ascending order. */
static double point(double a, double b, int i) {
    const double x = i < GAUSS / 2 ? -X[GAUSS / 2 - 1 - i] : X[i - GAUSS / 2];
    return a + (b - a) * (1 + x) / 2;
}

static double point_weight(double a, double b, int i) {
    return (b - a) / 2 * (i < GAUSS / 2 ? W[GAUSS / 2 - 1 - i] : W[i - GAUSS / 2]);
}

/* The density over that of the peak, integrated over [a, b]. */
static double integrate(const tau_grid *grid, double a, double b) {
    double sum = 0, mean, sd, slope;
    for (int i = 0; i < GAUSS; i++)
        sum += point_weight(a, b, i) *
               exp(tau_log_density(grid->data, grid->prior, point(a, b, i), &mean, &sd, &slope) - grid->peak);
    return sum;
}

static st_status add_edge(tau_grid *grid, double at, st_error *err) {
    if (grid->panels + 1 >= grid->room) {
        const size_t more = 2 * grid->room + 64;
        double *edge = more > PANELS_MOST ? NULL : realloc(grid->edge, more * sizeof *edge);
        if (edge == NULL)
            return st_fail(err, more > PANELS_MOST ? ST_NUMERIC : ST_MEMORY,
                           "the integral over tau wants more than %d panels: give variances and priors of less "
                           "different size",
                           PANELS_MOST / 2);
        grid->edge = edge;
        grid->room = more;
    }
    grid->edge[++grid->panels] = at;
    return ST_OK;
}

/* Halves [a, b] until that changes the integral by no more than a trifle of the whole. */
static st_status divide(tau_grid *grid, double a, double b, double whole, double part, int depth, st_error *err) {
    const double middle = a + (b - a) / 2;
    const double left = integrate(grid, a, middle), right = integrate(grid, middle, b);
    if (depth == 0 || fabs(left + right - part) <= SETTLED * fmax(whole, left + right))
        return add_edge(grid, b, err);
    const st_status status = divide(grid, a, middle, whole, left, depth - 1, err);
    return status == ST_OK ? divide(grid, middle, b, whole, right, depth - 1, err) : status;
}

/* The last tau that matters. tau^3, because second moments are wanted of what falls as slowly as a Cauchy tail. */
static double far_end(const tau_grid *grid, double first) {
    if (grid->prior->tau == ST_TAU_UNIFORM)
        return grid->prior->tau_number;
    const double scale = fmax(fmax(grid->mode, grid->prior->tau_number), first);
    double end = scale;
    while (end < FARTHEST * scale && peak_curve((void *)grid, end, NULL) + 3 * log(end / scale) > grid->peak - TAIL)
        end *= 2;
    return end;
}

/* Edges double from the least scale there is; the mode is one of them, so that no narrow peak falls between points. */
static st_status choose_edges(tau_grid *grid, double first, st_error *err) {
    const double end = far_end(grid, first);
    st_status status = ST_OK;
    double whole = 0;
    for (int pass = 0; pass < 2; pass++) {
        double a = 0;
        for (double next = fmin(first, end); status == ST_OK && a < end; next = fmin(2 * next, end)) {
            const double stop[2] = {a < grid->mode && grid->mode < next ? grid->mode : next, next};
            for (int i = 0; i < 2 && status == ST_OK && a < stop[i]; i++) {
                const double part = integrate(grid, a, stop[i]);
                if (pass == 0)
                    whole += part;
                else
                    status = divide(grid, a, stop[i], whole, part, DEPTH, err);
                a = stop[i];
            }
        }
    }
    return status;
}

static st_status fill(tau_grid *grid, st_error *err) {
    const size_t n = grid->panels * GAUSS;
    free(grid->tau);
    grid->tau = st_alloc(4 * n + grid->panels + 1, sizeof *grid->tau, err);
    if (grid->tau == NULL)
        return ST_MEMORY;
    grid->weight = grid->tau + n;
    grid->mean = grid->weight + n;
    grid->sd = grid->mean + n;
    grid->below = grid->sd + n;
    for (size_t j = 0; j < grid->panels; j++) {
        const double a = grid->edge[j], b = grid->edge[j + 1];
        grid->below[j + 1] = grid->below[j];
        for (int i = 0; i < GAUSS; i++) {
            const size_t at = j * GAUSS + (size_t)i;
            double slope;
            grid->tau[at] = point(a, b, i);
            grid->weight[at] = point_weight(a, b, i) * exp(tau_log_density(grid->data, grid->prior, grid->tau[at],
                                                                           &grid->mean[at], &grid->sd[at], &slope) -
                                                           grid->peak);
            grid->below[j + 1] += grid->weight[at];
        }
    }
    const double total = grid->below[grid->panels];
    if (!(total > 0 && isfinite(total)))
        return st_fail(err, ST_NUMERIC,
                       "the posterior of tau cannot be integrated: give variances and priors of less "
                       "different size");
    grid->log_total = log(total) + grid->peak;
    for (size_t i = 0; i < n; i++)
        grid->weight[i] /= total;
    for (size_t j = 0; j <= grid->panels; j++)
        grid->below[j] /= total;
    return ST_OK;
}

st_status tau_grid_init(const st_meta_data *data, const st_bayes_prior *prior, tau_grid *grid, st_error *err) {
    *grid = (tau_grid){.data = data, .prior = prior, .room = 64};
    double first = prior->tau_number, spread = prior->tau_number;
    for (size_t i = 0; i < data->k; i++) {
        first = fmin(first, sqrt(data->vi[i]));
        spread = fmax(spread, fabs(data->yi[i] - data->yi[0]));
    }
    grid->mode = scalar_peak(peak_curve, grid, first / 100, spread, &grid->peak);
    grid->edge = st_alloc(grid->room, sizeof *grid->edge, err);
    st_status status = grid->edge != NULL ? choose_edges(grid, first, err) : ST_MEMORY;
    if (status == ST_OK)
        status = fill(grid, err);
    if (status != ST_OK)
        tau_grid_fini(grid);
    return status;
}

st_status tau_grid_halve(tau_grid *grid, st_error *err) {
    double *old = grid->edge;
    const size_t panels = grid->panels;
    grid->edge = st_alloc(2 * panels + 1, sizeof *grid->edge, err);
    if (grid->edge == NULL) {
        grid->edge = old;
        return ST_MEMORY;
    }
    for (size_t j = 0; j < panels; j++) {
        grid->edge[2 * j] = old[j];
        grid->edge[2 * j + 1] = old[j] + (old[j + 1] - old[j]) / 2;
    }
    grid->edge[2 * panels] = old[panels];
    free(old);
    grid->panels = 2 * panels;
    grid->room = 2 * panels + 1;
    return fill(grid, err);
}

void tau_grid_fini(tau_grid *grid) {
    free(grid->edge);
    free(grid->tau);
    *grid = (tau_grid){0};
}

double tau_density(const void *context, double tau) {
    const tau_grid *grid = context;
    double mean, sd, slope;
    return exp(tau_log_density(grid->data, grid->prior, tau, &mean, &sd, &slope) - grid->log_total);
}

typedef struct tau_search {
    const tau_grid *grid;
    double from, wanted; /* an edge; the probability between it and the quantile */
} tau_search;

static double missing(void *context, double x, double *slope) {
    const tau_search *s = context;
    (void)slope;
    return integrate(s->grid, s->from, x) * exp(s->grid->peak - s->grid->log_total) - s->wanted;
}

double tau_quantile(const void *context, double probability) {
    const tau_grid *grid = context;
    size_t j = 0;
    while (j + 1 < grid->panels && grid->below[j + 1] < probability)
        j++;
    tau_search s = {grid, grid->edge[j], probability - grid->below[j]};
    const double inside = grid->below[j + 1] - grid->below[j];
    return s.wanted <= 0 ? s.from
                         : scalar_root(missing, &s, s.from, -s.wanted, grid->edge[j + 1], fmax(0, inside - s.wanted));
}
