/* Estimates of single studies from their counts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "counts.h"

#include <math.h>
#include <stdlib.h>

static bool has_zero(const st_counts *c, size_t i) {
    const double *const *x = c->column;
    switch (c->measure) {
    case ST_MEASURE_PLO:
        return x[0][i] <= 0 || x[0][i] >= x[1][i];
    case ST_MEASURE_IRLN:
        return x[0][i] <= 0;
    case ST_MEASURE_IRR:
        return x[0][i] <= 0 || x[2][i] <= 0;
    default:
        return x[0][i] <= 0 || x[1][i] <= 0 || x[2][i] <= 0 || x[3][i] <= 0;
    }
}

static bool says_nothing(const st_counts *c, size_t i) {
    const double *const *x = c->column;
    if (c->measure == ST_MEASURE_PLO || c->measure == ST_MEASURE_IRLN)
        return false;
    if (c->measure == ST_MEASURE_IRR)
        return x[0][i] + x[2][i] <= 0;
    return x[0][i] + x[2][i] <= 0 || x[1][i] + x[3][i] <= 0;
}

static void estimate(const st_counts *c, size_t i, double add, double *y, double *v) {
    const double a = c->column[0][i] + add, second = c->column[1][i];
    if (c->measure == ST_MEASURE_PLO) {
        const double b = second - c->column[0][i] + add;
        *y = log(a / b);
        *v = 1 / a + 1 / b;
        return;
    }
    if (c->measure == ST_MEASURE_IRLN) {
        *y = log(a / second);
        *v = 1 / a;
        return;
    }
    const double b = second + add, x3 = c->column[2][i] + add, d = c->column[3][i] + add;
    const double n1 = a + b, n2 = x3 + d, n = n1 + n2;
    switch (c->measure) {
    case ST_MEASURE_IRR:
        *y = log(a / second) - log(x3 / c->column[3][i]);
        *v = 1 / a + 1 / x3;
        break;
    case ST_MEASURE_RR:
        *y = log(a / n1) - log(x3 / n2);
        *v = 1 / a - 1 / n1 + 1 / x3 - 1 / n2;
        break;
    case ST_MEASURE_RD:
        *y = a / n1 - x3 / n2;
        *v = a * b / (n1 * n1 * n1) + x3 * d / (n2 * n2 * n2);
        break;
    case ST_MEASURE_PETO:
        *v = 1 / ((a + x3) * (b + d) * (n1 / n) * (n2 / n) / (n - 1));
        *y = (a - (a + x3) * n1 / n) * *v;
        break;
    default:
        *y = log(a * d / (b * x3));
        *v = 1 / a + 1 / b + 1 / x3 + 1 / d;
    }
}

st_status counts_effects_make(const st_counts *c, const st_effect_options *o, counts_effects *e, st_error *err) {
    *e = (counts_effects){.yi = st_alloc(2 * c->k, sizeof(double), err)};
    if (!e->yi)
        return ST_MEMORY;
    e->vi = e->yi + c->k;
    bool any = false;
    for (size_t i = 0; i < c->k; i++)
        any |= has_zero(c, i) && !(o->drop00 && says_nothing(c, i));
    for (size_t i = 0; i < c->k; i++) {
        if (o->drop00 && says_nothing(c, i))
            continue;
        const bool adds = o->to == ST_ADD_ALL || (o->to == ST_ADD_ONLY0 && has_zero(c, i)) ||
                          (o->to == ST_ADD_IF0ALL && any);
        estimate(c, i, adds ? o->add : 0, &e->yi[e->k], &e->vi[e->k]);
        e->k += isfinite(e->yi[e->k]) && isfinite(e->vi[e->k]) && e->vi[e->k] > 0;
    }
    return ST_OK;
}

void counts_effects_fini(counts_effects *e) {
    free(e->yi);
    *e = (counts_effects){0};
}
