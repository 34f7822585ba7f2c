/* Numbers of pools in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include <math.h>

/* Digits after the point: two that count, and none of what nobody can tell apart. */
static int digits_of(st_measure measure, double shown) {
    if (measure == ST_MEASURE_PLO)
        return shown < 9.95 ? 1 : 0;
    return shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0;
}

static void put_number(st_measure measure, double value, char *text, size_t size) {
    const double shown = measure == ST_MEASURE_PLO ? 100 * value : value;
    if (!isfinite(shown))
        snprintf(text, size, isinf(shown) ? "∞" : "–");
    else
        snprintf(text, size, "%.*f", digits_of(measure, shown), shown);
}

void words_value(st_measure measure, double value, char *text, size_t size) {
    char number[32];
    put_number(measure, value, number, sizeof number);
    snprintf(text, size, "%s%s", number, measure == ST_MEASURE_PLO && isfinite(value) ? " %" : "");
}

void words_interval(st_measure measure, double estimate, double lb, double ub, char *text, size_t size) {
    char value[40], from[32], to[32];
    words_value(measure, estimate, value, sizeof value);
    put_number(measure, lb, from, sizeof from);
    put_number(measure, ub, to, sizeof to);
    if (isnan(lb) || isnan(ub))
        snprintf(text, size, "%s", value);
    else
        snprintf(text, size, "%s (%s to %s)", value, from, to);
}

void words_fit(const st_pooled *p, const st_meta_fit *fit, char *text, size_t size) {
    const double n = p->harmonic_n;
    words_interval(p->measure, st_measure_back(p->measure, fit->b[0], n), st_measure_back(p->measure, fit->ci_lb[0], n),
                   st_measure_back(p->measure, fit->ci_ub[0], n), text, size);
}

void words_p(double p, char *text, size_t size) {
    if (!isfinite(p))
        snprintf(text, size, "p –");
    else if (p < 0.001)
        snprintf(text, size, "p < 0.001");
    else
        snprintf(text, size, "p = %.*f", p < 0.1 ? 3 : 2, p);
}

void words_heterogeneity(const st_pooled *p, char *text, size_t size) {
    char chance[32];
    words_p(p->fit.QEp, chance, sizeof chance);
    snprintf(text, size, "tau² = %.2f, I² = %.0f %% (%.0f to %.0f), Q(%zu) = %.1f, %s", p->fit.tau2, p->fit.I2,
             p->limits.I2_lb, p->limits.I2_ub, p->k - 1, p->fit.QE, chance);
}
