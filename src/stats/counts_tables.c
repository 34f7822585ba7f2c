/* Mantel and Haenszel's and Peto's weighted sums over tables. The counts enter as they are: a study without events in
 * one arm, or in both, needs no constant added.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "counts.h"

#include <math.h>
#include <stdio.h>

/* One table: events and non-events in arms 1 and 2. */
typedef struct table {
    double a, b, c, d, n1, n2, events, rest, n;
} table;

static table table_of(const st_counts *counts, size_t i) {
    table t = {
        .a = counts->column[0][i], .b = counts->column[1][i], .c = counts->column[2][i], .d = counts->column[3][i]};
    t.n1 = t.a + t.b;
    t.n2 = t.c + t.d;
    t.events = t.a + t.c;
    t.rest = t.b + t.d;
    t.n = t.n1 + t.n2;
    return t;
}

static void no_estimate(st_counts_fit *fit, const char *why) {
    snprintf(fit->note, sizeof fit->note, "%s", why);
}

/* ---- odds ratio ------------------------------------------------------------ */

/* R/S with R = sum ad/N, S = sum bc/N. Variance: Robins, Breslow & Greenland, Biometrics 1986;42:311, eq 4. */
static void odds_ratio(const st_counts *c, st_counts_fit *fit) {
    double R = 0, S = 0, PR = 0, PSQR = 0, QS = 0;
    for (size_t i = 0; i < c->k; i++) {
        const table t = table_of(c, i);
        const double r = t.a / t.n * t.d, s = t.b / t.n * t.c, p = (t.a + t.d) / t.n, q = (t.b + t.c) / t.n;
        R += r;
        S += s;
        PR += p * r;
        PSQR += p * s + q * r;
        QS += q * s;
    }
    if (R > 0 && S > 0)
        counts_set_estimate(fit, log(R / S), sqrt((PR / (R * R) + PSQR / (R * S) + QS / (S * S)) / 2));
    else
        no_estimate(fit, R > 0   ? "no study has non-events in arm 1 and events in arm 2: the odds ratio is infinite"
                         : S > 0 ? "no study has events in arm 1 and non-events in arm 2: the odds ratio is zero"
                                 : "no study has both events and non-events in both arms taken together: there is no "
                                   "odds ratio");
}

/* Mantel & Haenszel, J Natl Cancer Inst 1959;22:719: the sum of a against its hypergeometric mean and variance. */
static st_counts_test association(const st_counts *c, bool continuity) {
    double difference = 0, variance = 0;
    for (size_t i = 0; i < c->k; i++) {
        const table t = table_of(c, i);
        difference += t.a - t.n1 / t.n * t.events;
        variance += t.n1 / t.n * (t.n2 / t.n) * (t.events * (t.rest / (t.n - 1)));
    }
    const double distance = fabs(difference) - (continuity ? 0.5 : 0);
    return variance > 0 ? counts_test(distance * distance / variance, 1) : (st_counts_test){NAN, NAN, NAN};
}

/* Expected a of a table whose margins are kept and whose odds ratio is psi: the root of a (n2 - m + a) = psi (n1 - a)
 * (m - a) between its bounds, written so that psi = 1 is no exception. */
static double expected(const table *t, double psi) {
    const double linear = psi * (t->n1 + t->events) + t->n2 - t->events;
    const double product = psi * t->n1 * t->events;
    return 2 * product / (linear + sqrt(fmax(0, linear * linear - 4 * (psi - 1) * product)));
}

/* Breslow & Day, IARC Sci Publ 1980;32, eq 4.30; Tarone, Biometrika 1985;72:91. */
static void homogeneity(const st_counts *c, st_counts_fit *fit) {
    double chi2 = 0, difference = 0, variance = 0;
    size_t k = 0;
    for (size_t i = 0; i < c->k; i++) {
        const table t = table_of(c, i);
        const double a = expected(&t, exp(fit->pooled.b[0]));
        if (!(a > 0 && t.rest > 0))
            continue;
        const double v = 1 / (1 / a + 1 / (t.n1 - a) + 1 / (t.events - a) + 1 / (t.n2 - t.events + a));
        chi2 += (t.a - a) * (t.a - a) / v;
        difference += t.a - a;
        variance += v;
        k++;
    }
    if (k == 0)
        return;
    fit->breslow_day = counts_test(chi2, (double)k - 1);
    fit->tarone = counts_test(fmax(0, chi2 - difference * difference / variance), (double)k - 1);
}

/* ---- other measures ---------------------------------------------------------- */

/* Greenland & Robins, Biometrics 1985;41:55, eq 4 and 13. */
static void risk_ratio(const st_counts *c, st_counts_fit *fit) {
    double R = 0, S = 0, variance = 0;
    for (size_t i = 0; i < c->k; i++) {
        const table t = table_of(c, i);
        R += t.a * (t.n2 / t.n);
        S += t.c * (t.n1 / t.n);
        variance += t.n1 / t.n * (t.n2 / t.n) * t.events - t.a / t.n * t.c;
    }
    if (R > 0 && S > 0)
        counts_set_estimate(fit, log(R / S), sqrt(variance / (R * S)));
    else
        no_estimate(fit, R > 0   ? "no study has an event in arm 2: the risk ratio is infinite"
                         : S > 0 ? "no study has an event in arm 1: the risk ratio is zero"
                                 : "no study has an event: there is no risk ratio");
}

/* Estimate: Greenland & Robins 1985, eq 6; variance: Sato, Biometrics 1989;45:1323. */
static void risk_difference(const st_counts *c, st_counts_fit *fit) {
    double sum = 0, weight = 0, p = 0, q = 0;
    for (size_t i = 0; i < c->k; i++) {
        const table t = table_of(c, i);
        const double f1 = t.n1 / t.n, f2 = t.n2 / t.n;
        sum += t.a * f2 - t.c * f1;
        weight += t.n1 * f2;
        p += t.c * f1 * f1 - t.a * f2 * f2 + f1 * f2 * (t.n2 - t.n1) / 2;
        q += (t.a * t.d + t.c * t.b) / t.n / 2;
    }
    counts_set_estimate(fit, sum / weight, sqrt(fmax(0, sum / weight * p + q)) / weight);
}

/* Rothman & Greenland, Modern epidemiology, 2nd ed, 1998, ch 15; test of x1 against its binomial mean and variance. */
static void rate_ratio(const st_counts *c, bool continuity, st_counts_fit *fit) {
    double R = 0, S = 0, variance = 0, difference = 0;
    for (size_t i = 0; i < c->k; i++) {
        const double x1 = c->column[0][i], t1 = c->column[1][i], x2 = c->column[2][i], t2 = c->column[3][i];
        const double f1 = t1 / (t1 + t2), f2 = t2 / (t1 + t2);
        R += x1 * f2;
        S += x2 * f1;
        variance += f1 * f2 * (x1 + x2);
        difference += x1 - (x1 + x2) * f1;
    }
    const double distance = fabs(difference) - (continuity ? 0.5 : 0);
    if (variance > 0)
        fit->cmh = counts_test(distance * distance / variance, 1);
    if (R > 0 && S > 0)
        counts_set_estimate(fit, log(R / S), sqrt(variance / (R * S)));
    else
        no_estimate(fit, R > 0   ? "no study has an event in arm 2: the rate ratio is infinite"
                         : S > 0 ? "no study has an event in arm 1: the rate ratio is zero"
                                 : "no study has an event: there is no rate ratio");
}

static double squares_around(const counts_effects *e, double b) {
    double sum = 0;
    for (size_t i = 0; i < e->k; i++)
        sum += (e->yi[i] - b) * (e->yi[i] - b) / e->vi[i];
    return sum;
}

/* Full log likelihood of independent normal estimates with that sum of squares. */
static double normal_loglik(const counts_effects *e, double squares) {
    double sum = squares;
    for (size_t i = 0; i < e->k; i++)
        sum += log(2 * M_PI * e->vi[i]);
    return e->k > 0 ? -sum / 2 : NAN;
}

st_status counts_mantel_haenszel(const st_counts *c, const st_counts_options *o, st_counts_fit *fit, st_error *err) {
    counts_effects e;
    const st_status status = counts_effects_make(c, c->measure, &o->effects, &e, err);
    if (status != ST_OK)
        return status;
    fit->k = c->k;
    fit->pooled.tau2 = 0;
    switch (c->measure) {
    case ST_MEASURE_OR:
        odds_ratio(c, fit);
        fit->cmh = association(c, o->continuity);
        if (isfinite(fit->pooled.b[0]))
            homogeneity(c, fit);
        break;
    case ST_MEASURE_RR:
        risk_ratio(c, fit);
        break;
    case ST_MEASURE_RD:
        risk_difference(c, fit);
        break;
    default:
        rate_ratio(c, o->continuity, fit);
    }
    const double Q = e.k > 1 ? squares_around(&e, fit->pooled.b[0]) : 0;
    counts_set_heterogeneity(fit, Q, (double)e.k - 1);
    fit->pooled.loglik = normal_loglik(&e, Q);
    counts_effects_fini(&e);
    return ST_OK;
}

/* One step from an odds ratio of 1: sum of a - E over the sum of hypergeometric variances (Yusuf and others, Prog
 * Cardiovasc Dis 1985;27:335, appendix). Heterogeneity on the studies whose variance is not zero. */
st_status counts_peto(const st_counts *c, const st_counts_options *o, st_counts_fit *fit, st_error *err) {
    double difference = 0, variance = 0, squares = 0;
    size_t k = 0;
    counts_effects e;
    const st_status status = counts_effects_make(c, ST_MEASURE_PETO, &o->effects, &e, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < c->k; i++) {
        const table t = table_of(c, i);
        const double d = t.a - t.events * t.n1 / t.n;
        const double v = t.events * t.rest * (t.n1 / t.n) * (t.n2 / t.n) / (t.n - 1);
        difference += d;
        variance += v;
        squares += v > 0 ? d * d / v : 0;
        k += v > 0;
    }
    fit->k = c->k;
    fit->pooled.tau2 = 0;
    if (variance > 0) {
        counts_set_estimate(fit, difference / variance, sqrt(1 / variance));
        counts_set_heterogeneity(fit, fmax(0, squares - difference * difference / variance), (double)k - 1);
        fit->pooled.loglik = normal_loglik(&e, squares_around(&e, fit->pooled.b[0]));
    } else {
        no_estimate(fit, "one of the two outcomes occurred in no study: Peto's odds ratio is not defined");
    }
    counts_effects_fini(&e);
    return ST_OK;
}
