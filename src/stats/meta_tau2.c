/* tau2: closed forms, and two equations in one unknown (sources in meta.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "meta_internal.h"

#include <float.h>
#include <math.h>

/* Newton's steps double the digits: after one of this relative length nothing is left to gain. */
static const double LAST_STEP = 1e-9;
enum { STEPS_MOST = 2000, STEPS_FREE = 50, STEPS_TO_ZERO = 3 };

/* Steps shorter than this are rounding of the sums. */
static double noise(const meta_moments *m) {
    return 2 * DBL_EPSILON * m->s1 / m->s2;
}

/* 1 / y'Py rises with t and is concave (by Cauchy and Schwarz, (y'PPy)^2 <= y'Py y'PPPy), so that Newton's steps on it
 * come from the left and never pass the root; with equal variances the first one meets it. */
double meta_tau2_of_q(meta_work *work, double target) {
    double t = 0;
    for (int i = 0; i < STEPS_MOST; i++) {
        meta_moments m;
        meta_moments_at(work, t, &m);
        const double step = m.q * (m.q / target - 1) / m.pp;
        if (!(step > 0))
            return t;
        t += step;
        if (step <= LAST_STEP * t || step <= noise(&m))
            return t;
    }
    return t;
}

/* Twice the score of tau2, its expected fall and its own slope. */
static double score(const meta_moments *m, st_method method, double *information, double *slope) {
    *information = method == ST_METHOD_ML ? m->s2 : m->trpp;
    *slope = *information - 2 * m->ppp;
    return m->pp - (method == ST_METHOD_ML ? m->s1 : m->trp);
}

static double log_likelihood(meta_work *work, st_method method, double t) {
    double sum_log, log_det;
    meta_moments m;
    meta_moments_at(work, t, &m);
    meta_log_terms(work, t, &sum_log, &log_det);
    return -0.5 * (sum_log + m.q + (method == ST_METHOD_ML ? 0 : log_det));
}

/* A root of the score where it falls, from `t`. Every step goes where the score points and stays between the points at
 * which the score was last seen to rise and to fall; steps that do not settle give way to halving. */
static double ascend(meta_work *work, st_method method, double t) {
    double low = 0, high = INFINITY; /* score > 0 at low (or low is 0), < 0 at high */
    int to_zero = 0;
    for (int i = 0; i < STEPS_MOST; i++) {
        meta_moments m;
        double information, slope;
        meta_moments_at(work, t, &m);
        const double g = score(&m, method, &information, &slope);
        if (!(g < 0) && !(g > 0)) /* at the root, or not a number */
            return t;
        if (g > 0)
            low = t;
        else if (t > 0)
            high = t;
        else
            return 0;
        double step = g / information;
        if (slope < 0 && fabs(step) < 0.1 * (t + m.s1 / m.s2))
            step = -g / slope;
        if (fabs(step) <= noise(&m) || (fabs(step) <= LAST_STEP * t && slope < 0))
            return fmax(0, t + step);
        double next = t + step;
        if (next <= low && g < 0) {
            if (low <= 0 && ++to_zero == STEPS_TO_ZERO) {
                meta_moments_at(work, 0, &m);
                if (score(&m, method, &information, &slope) <= 0)
                    return 0;
            }
            next = low + (t - low) / 2;
        } else if (next >= high || (i >= STEPS_FREE && isfinite(high))) {
            next = low + (high - low) / 2;
        }
        if (!(next < t) && !(next > t))
            return t;
        t = next;
    }
    return t;
}

static double by_likelihood(meta_work *work, st_method method, double start) {
    const double t = ascend(work, method, start);
    if (!(t > 0))
        return 0;
    meta_moments m;
    double information, slope;
    meta_moments_at(work, 0, &m);
    if (score(&m, method, &information, &slope) > 0) /* 0 is no maximum */
        return t;
    return log_likelihood(work, method, 0) > log_likelihood(work, method, t) ? 0 : t;
}

static double mean_square(const meta_work *work) {
    double sum = 0, mean = 0;
    for (size_t i = 0; i < work->k; i++)
        mean += (work->yi[i] - work->centre) / (double)work->k;
    for (size_t i = 0; i < work->k; i++) {
        const double r = work->yi[i] - work->centre - mean;
        sum += r * r;
    }
    return sum / (double)work->k;
}

/* Variance of a quadratic form with y ~ N(Xb, V + tau2 I), P at weights 1 / (V + t0):
 * 2 tr (P (V + tau2 I))^2 with V + tau2 I = W^-1 + d I. */
static double form_variance(const meta_moments *m, double df, double d) {
    return 2 * (df + 2 * d * m->trp + d * d * m->trpp);
}

void meta_tau2(meta_work *work, st_method method, double *tau2, double *se) {
    const double k = (double)work->k, df = (double)(work->k - work->p);
    meta_moments m;
    double rss, trpv, trpvpv, t0;
    *tau2 = 0;
    *se = NAN;
    if (method == ST_METHOD_FE || work->k == 1)
        return;
    switch (method) {
    case ST_METHOD_DL:
        meta_moments_at(work, 0, &m);
        *tau2 = fmax(0, (m.q - df) / m.trp);
        *se = sqrt(form_variance(&m, df, *tau2)) / m.trp;
        break;
    case ST_METHOD_HS:
        meta_moments_at(work, 0, &m);
        *tau2 = fmax(0, (m.q - k) / m.s1);
        *se = sqrt(form_variance(&m, df, *tau2)) / m.s1;
        break;
    case ST_METHOD_SJ:
        t0 = mean_square(work);
        meta_moments_at(work, t0, &m);
        *tau2 = t0 * m.q / df;
        *se = t0 / df * sqrt(form_variance(&m, df, *tau2 - t0));
        break;
    case ST_METHOD_PM:
    case ST_METHOD_EB:
        *tau2 = meta_tau2_of_q(work, df);
        meta_moments_at(work, *tau2, &m);
        *se = sqrt(2 * k * k / df) / m.s1;
        break;
    default: /* HE, from which ML and REML begin */
        meta_moments_plain(work, &rss, &trpv, &trpvpv);
        *tau2 = fmax(0, (rss - trpv) / df);
        *se = sqrt(2 * trpvpv + 4 * *tau2 * trpv + 2 * *tau2 * *tau2 * df) / df;
        if (method == ST_METHOD_HE)
            break;
        *tau2 = by_likelihood(work, method, *tau2);
        meta_moments_at(work, *tau2, &m);
        *se = sqrt(2 / (method == ST_METHOD_ML ? m.s2 : m.trpp));
    }
}
