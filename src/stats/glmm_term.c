/* Binomial, Poisson and Fisher's non-central hypergeometric likelihoods of a linear predictor.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "glmm_term.h"

#include <math.h>
#include <stdlib.h>

static const double TABLES_MOST = 1e7; /* with the same margins: 160 MB */

/* log of n over k */
static double log_choose(double n, double k) {
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

term term_binomial(double x, double n, double offset) {
    return (term){.family = TERM_BINOMIAL, .x = x, .n = n, .offset = offset, .constant = log_choose(n, x)};
}

term term_poisson(double x, double time) {
    return (term){.family = TERM_POISSON, .x = x, .n = 1, .offset = log(time), .constant = -lgamma(x + 1)};
}

st_status term_hypergeometric(double a, double n1, double c, double n2, term *t, st_error *err) {
    const double events = a + c, low = fmax(0, events - n2), high = fmin(n1, events);
    if (high - low > TABLES_MOST)
        return st_fail(err, ST_VALUE,
                       "a study of %.0f possible tables is beyond CM.EL, which takes up to %.0f; UM.FS takes any",
                       high - low + 1, TABLES_MOST);
    const size_t n = (size_t)(high - low) + 1;
    *t = (term){.family = TERM_HYPERGEOMETRIC, .x = a, .n = high, .low = low};
    t->log_weight = st_alloc(2 * n, sizeof(double), err);
    if (!t->log_weight)
        return ST_MEMORY;
    t->ratio = t->log_weight + n;
    for (size_t i = 0; i < n; i++) {
        const double u = low + (double)i;
        t->log_weight[i] = log_choose(n1, u) + log_choose(n2, events - u);
        t->ratio[i] = (n1 - u) * (events - u) / ((u + 1) * (n2 - events + u + 1));
    }
    return ST_OK;
}

void term_fini(term *t) {
    free(t->log_weight);
    *t = (term){0};
}

/* Written by e = exp(-|eta|), so that nothing cancels where p is near 0 or 1. */
static jet binomial_jet(const term *t, double eta) {
    const double e = exp(-fabs(eta)), p = e / (1 + e), tail = t->n * log1p(e), w = t->n * p / (1 + e);
    if (eta > 0)
        return (jet){-(t->n - t->x) * eta - tail, t->n * p - (t->n - t->x), w};
    return (jet){t->x * eta - tail, t->x - t->n * p, w};
}

static jet poisson_jet(const term *t, double eta) {
    const double mean = exp(fmin(eta, 700));
    return (jet){t->x * eta - mean, t->x - mean, mean};
}

/* Mean and variance by sums from the mode outwards, where the weights are largest: beyond 1e-18 of them nothing counts
 * (Liao & Rosen, Am Stat 2001;55:366). */
static jet hypergeometric_jet(const term *t, double eta) {
    const size_t last = (size_t)(t->n - t->low);
    const double odds = exp(fmin(fmax(eta, -700), 700));
    size_t mode = 0, above = last; /* the first value after which weights fall */
    while (mode < above) {
        const size_t middle = mode + (above - mode) / 2;
        if (t->ratio[middle] * odds > 1)
            mode = middle + 1;
        else
            above = middle;
    }
    double sum = 1, first = 0, second = 0, weight = 1;
    for (size_t u = mode; u < last; u++) {
        weight *= t->ratio[u] * odds;
        const double d = (double)(u + 1 - mode);
        sum += weight;
        first += weight * d;
        second += weight * d * d;
        if (weight * d * d < 1e-18 * sum)
            break;
    }
    weight = 1;
    for (size_t u = mode; u > 0; u--) {
        weight /= t->ratio[u - 1] * odds;
        const double d = (double)(mode - (u - 1));
        sum += weight;
        first -= weight * d;
        second += weight * d * d;
        if (weight * d * d < 1e-18 * sum)
            break;
    }
    const double shift = first / sum, x = t->x - t->low, at = (double)mode;
    return (jet){t->log_weight[(size_t)x] - t->log_weight[mode] + (x - at) * eta - log(sum), x - at - shift,
                 second / sum - shift * shift};
}

jet term_jet(const term *t, double eta) {
    switch (t->family) {
    case TERM_BINOMIAL:
        return binomial_jet(t, eta + t->offset);
    case TERM_POISSON:
        return poisson_jet(t, eta + t->offset);
    case TERM_HYPERGEOMETRIC:
        return hypergeometric_jet(t, eta + t->offset);
    case TERM_NONE:
        break;
    }
    return (jet){0};
}

term_side term_own_side(const term *t) {
    if (t->x <= t->low)
        return TERM_LOWER;
    return t->family != TERM_POISSON && t->x >= t->n ? TERM_UPPER : TERM_INSIDE;
}

/* The slope falls with eta: Newton's steps, kept between bounds that close in. */
static double hypergeometric_best(const term *t) {
    double low = -700, high = 700, eta = 0;
    for (int i = 0; i < 200; i++) {
        const jet j = hypergeometric_jet(t, eta);
        if (j.slope > 0)
            low = eta;
        else
            high = eta;
        double next = eta + j.slope / j.curvature;
        if (!(next > low && next < high))
            next = (low + high) / 2;
        if (fabs(next - eta) < 1e-14 * (1 + fabs(eta)))
            break;
        eta = next;
    }
    return eta;
}

double term_best(const term *t, double *eta, double *curvature) {
    const term_side side = term_own_side(t);
    if (side != TERM_INSIDE) {
        *eta = side == TERM_LOWER ? -INFINITY : INFINITY;
        *curvature = 0;
        return t->family == TERM_HYPERGEOMETRIC ? 0 : t->constant;
    }
    if (t->family == TERM_BINOMIAL)
        *eta = log(t->x / (t->n - t->x)) - t->offset;
    else if (t->family == TERM_POISSON)
        *eta = log(t->x) - t->offset;
    else
        *eta = hypergeometric_best(t);
    const jet j = term_jet(t, *eta);
    *curvature = j.curvature;
    return j.value + t->constant;
}
