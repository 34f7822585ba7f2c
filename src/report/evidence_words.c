/* Numbers of pools in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include <math.h>

static bool is_percent(st_measure measure) {
    return measure == ST_MEASURE_PLO;
}

void words_value(st_measure measure, double value, char *text, size_t size) {
    const double shown = is_percent(measure) ? 100 * value : value;
    if (!isfinite(shown))
        snprintf(text, size, isinf(shown) ? "∞" : "–");
    else if (is_percent(measure))
        snprintf(text, size, "%.*f %%", shown < 9.95 ? 1 : 0, shown);
    else
        snprintf(text, size, "%.*f", shown < 9.995 ? 2 : 1, shown);
}

void words_interval(st_measure measure, double estimate, double lb, double ub, char *text, size_t size) {
    const double unit = is_percent(measure) ? 100 : 1;
    const int digits = is_percent(measure) ? (unit * lb < 9.95 ? 1 : 0) : 2;
    char value[32];
    words_value(measure, estimate, value, sizeof value);
    if (isfinite(lb) && isfinite(ub))
        snprintf(text, size, "%s (%.*f to %.*f)", value, digits, unit * lb,
                 is_percent(measure) && unit * ub >= 9.95 ? 0 : digits, unit * ub);
    else
        snprintf(text, size, "%s", value);
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
