/* Log medians pooled by maximum likelihood; medians that were not reached are bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "medians_internal.h"
#include "scalar.h"
#include "tails.h"

#include <math.h>

static const double FAR = 1e8; /* times the range of the search: a limit beyond is infinite */

typedef struct pool {
    const st_median_arm *arm;
    size_t k;
    const st_medians_options *options;
    double mu, tau2;
    double lo, hi; /* range of tau2 */
    double level;  /* taken off the value: a root is where the profile crosses it */
} pool;

/* First and second derivatives of the log likelihood. */
typedef struct pool_slopes {
    double mu, tau2, mu_mu, mu_tau2, tau2_tau2;
} pool_slopes;

/* log of the normal distribution function; beyond -30 by its asymptotic series. */
static double log_below(double z) {
    const double i = 1 / (z * z);
    if (z > -30)
        return log(erfc(-z * M_SQRT1_2) / 2);
    return -z * z / 2 - log(-z) - log(2 * M_PI) / 2 + log1p(-i * (1 - 3 * i * (1 - 5 * i * (1 - 7 * i))));
}

static double variance(const st_median_arm *arm, const st_medians_options *o) {
    const double deaths = isnan(arm->events) ? o->fraction * arm->n : arm->events;
    return 1 / (o->shape * o->shape * deaths);
}

static double likelihood(const pool *f, double mu, double tau2, pool_slopes *d) {
    double value = 0;
    *d = (pool_slopes){0};
    for (size_t i = 0; i < f->k; i++) {
        const double a = variance(&f->arm[i], f->options) + tau2, r = log(f->arm[i].median) - mu;
        if (f->arm[i].not_reached) {
            const double z = -r / sqrt(a), h = exp(-z * z / 2 - log(2 * M_PI) / 2 - log_below(z)), dh = -h * (z + h);
            value += log_below(z);
            d->mu += h / sqrt(a);
            d->tau2 -= h * z / (2 * a);
            d->mu_mu += dh / a;
            d->mu_tau2 -= (dh * z + h) / (2 * a * sqrt(a));
            d->tau2_tau2 += (dh * z * z + 3 * h * z) / (4 * a * a);
        } else {
            value -= (log(2 * M_PI * a) + r * r / a) / 2;
            d->mu += r / a;
            d->tau2 += (r * r / a - 1) / (2 * a);
            d->mu_mu -= 1 / a;
            d->mu_tau2 -= r / (a * a);
            d->tau2_tau2 += (0.5 - r * r / a) / (a * a);
        }
    }
    return value;
}

double st_medians_loglik(const st_median_arm *arm, size_t k, const st_medians_options *options, double mu,
                         double tau2) {
    const pool f = {.arm = arm, .k = k, .options = options};
    pool_slopes d;
    return likelihood(&f, mu, tau2, &d);
}

static double slope_of_mu(void *context, double mu, double *slope) {
    const pool *f = context;
    pool_slopes d;
    (void)slope;
    likelihood(f, mu, f->tau2, &d);
    return d.mu;
}

/* The likelihood is concave in mu: from the least reached median, where it rises, to where it falls. */
static double best_mu(pool *f) {
    double a = INFINITY, step = sqrt(f->tau2 + f->lo) + 0.1;
    for (size_t i = 0; i < f->k; i++)
        if (!f->arm[i].not_reached)
            a = fmin(a, log(f->arm[i].median));
    double fa = slope_of_mu(f, a, NULL);
    if (fa <= 0)
        return a;
    double b = a + step, fb = slope_of_mu(f, b, NULL);
    while (fb > 0) {
        a = b;
        fa = fb;
        step *= 2;
        b += step;
        fb = slope_of_mu(f, b, NULL);
    }
    return scalar_root(slope_of_mu, f, a, fa, b, fb);
}

static double along_tau2(void *context, double tau2, double *slope) {
    pool *f = context;
    pool_slopes d;
    f->tau2 = tau2;
    const double value = likelihood(f, f->mu, tau2, &d);
    if (slope != NULL)
        *slope = d.tau2;
    return value - f->level;
}

/* Along tau2 with mu at its best. */
static double profile_tau2(void *context, double tau2, double *slope) {
    pool *f = context;
    f->tau2 = tau2;
    f->mu = best_mu(f);
    return along_tau2(f, tau2, slope);
}

/* Along mu with tau2 at its best. */
static double profile_mu(void *context, double mu, double *slope) {
    pool *f = context;
    double highest;
    (void)slope;
    f->mu = mu;
    scalar_peak(along_tau2, f, f->lo, f->hi, &highest);
    return highest;
}

/* Where the profile of mu has fallen to the level, on the side of `step`; infinite where it does not. */
static double limit_of_mu(pool *f, double mu, double top, double step) {
    double a = mu, fa = top;
    for (int i = 0; i < 60; i++, step *= 2) {
        const double b = a + step, fb = profile_mu(f, b, NULL);
        if (fb < 0)
            return scalar_root(profile_mu, f, a, fa, b, fb);
        a = b;
        fa = fb;
    }
    return step > 0 ? INFINITY : -INFINITY;
}

static void limits(pool *f, st_medians_fit *fit) {
    f->level = fit->loglik - quantile_chisq(1 - fit->options.level, 1) / 2;
    const double top = fit->loglik - f->level;
    fit->lb = exp(limit_of_mu(f, fit->mu, top, -fit->se));
    fit->ub = exp(limit_of_mu(f, fit->mu, top, fit->se));
    const double at_zero = profile_tau2(f, 0, NULL);
    fit->tau2_lb = at_zero >= 0 || fit->tau2 <= 0 ? 0 : scalar_root(profile_tau2, f, 0, at_zero, fit->tau2, top);
    double a = fit->tau2, fa = top, b = fmax(2 * a, f->lo), fb = profile_tau2(f, b, NULL);
    while (fb >= 0 && b < FAR * f->hi) {
        a = b;
        fa = fb;
        b *= 4;
        fb = profile_tau2(f, b, NULL);
    }
    fit->tau2_ub = fb >= 0 ? INFINITY : scalar_root(profile_tau2, f, a, fa, b, fb);
}

st_status medians_check(const st_median_arm *arm, size_t k, double level, st_error *err) {
    if (!(level > 0 && level < 1))
        return st_fail(err, ST_VALUE, "a level of %g: between 0 and 1 is wanted", level);
    size_t reached = 0;
    for (size_t i = 0; i < k; i++) {
        if (!(arm[i].median > 0 && isfinite(arm[i].median)))
            return st_fail(err, ST_VALUE, "arm %zu: a median of %g: a finite time above 0 is wanted", i + 1,
                           arm[i].median);
        if (!(arm[i].n >= 1 && isfinite(arm[i].n)) || floor(arm[i].n) < arm[i].n)
            return st_fail(err, ST_VALUE, "arm %zu: %g patients: a whole number above 0 is wanted", i + 1, arm[i].n);
        if (!isnan(arm[i].events) && !(arm[i].events > 0 && arm[i].events <= arm[i].n))
            return st_fail(err, ST_VALUE, "arm %zu: %g deaths of %g patients: above 0 and at most all are wanted",
                           i + 1, arm[i].events, arm[i].n);
        reached += !arm[i].not_reached;
    }
    if (reached == 0)
        return st_fail(err, ST_VALUE, "no arm reached its median: at least one that did is wanted");
    return ST_OK;
}

st_status st_medians_pool(const st_median_arm *arm, size_t k, const st_medians_options *options, st_medians_fit *fit,
                          st_error *err) {
    *fit = (st_medians_fit){.options = *options, .k = k};
    const st_status status = medians_check(arm, k, options->level, err);
    if (status != ST_OK)
        return status;
    if (!(options->shape > 0 && isfinite(options->shape)) || !(options->fraction > 0 && options->fraction <= 1))
        return st_fail(err, ST_VALUE,
                       "shape %g, fraction %g: a shape above 0 and a fraction above 0, at most 1, are wanted",
                       options->shape, options->fraction);
    pool f = {.arm = arm, .k = k, .options = options};
    double least = INFINITY, most = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < k; i++) {
        least = fmin(least, variance(&arm[i], options));
        most = fmax(most, variance(&arm[i], options));
        low = fmin(low, log(arm[i].median));
        high = fmax(high, log(arm[i].median));
        fit->not_reached += arm[i].not_reached;
    }
    f.lo = least / 100;
    f.hi = fmax(most, (high - low) * (high - low));
    fit->tau2 = scalar_peak(profile_tau2, &f, f.lo, f.hi, &fit->loglik);
    fit->loglik = profile_tau2(&f, fit->tau2, NULL);
    fit->mu = f.mu;
    pool_slopes d;
    likelihood(&f, fit->mu, fit->tau2, &d);
    const double shared = fit->tau2 > 0 && d.tau2_tau2 < 0 ? d.mu_tau2 * d.mu_tau2 / d.tau2_tau2 : 0;
    fit->se = 1 / sqrt(shared - d.mu_mu);
    const double width = quantile_normal((1 - options->level) / 2) * sqrt(fit->se * fit->se + fit->tau2);
    fit->median = exp(fit->mu);
    fit->pi_lb = exp(fit->mu - width);
    fit->pi_ub = exp(fit->mu + width);
    limits(&f, fit);
    return ST_OK;
}
