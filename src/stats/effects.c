/* Effect sizes and their sampling variances (formulas and sources in meta.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/meta.h>

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

enum { CELLS_MOST = 4 };

typedef struct estimate {
    double y, v;
} estimate;

double st_measure_add(st_measure measure) {
    return measure == ST_MEASURE_PAS || measure == ST_MEASURE_PFT ? 0 : ST_MEASURE_ADD;
}

static bool is_proportion(st_measure measure) {
    return measure <= ST_MEASURE_PFT;
}

static bool is_table(st_measure measure) {
    return measure >= ST_MEASURE_OR && measure <= ST_MEASURE_PETO;
}

bool st_measure_has_arms(st_measure measure) {
    return is_table(measure) || measure == ST_MEASURE_IRR;
}

bool st_measure_has_cells(st_measure measure) {
    return is_proportion(measure) || st_measure_has_arms(measure) || measure == ST_MEASURE_IRLN;
}

/* ---- faults --------------------------------------------------------------- */

static const char *const NEGATIVE = "is negative; 0 or more is wanted";
static const char *const NOT_POSITIVE = "is not above 0";

/* A rule about one column. */
static bool breaks(bool broken, size_t at, size_t *column) {
    if (broken)
        *column = at;
    return broken;
}

static const char *fault_of_means(const double *value, size_t *column) {
    if (breaks(value[1] < 0, 1, column) || breaks(value[4] < 0, 4, column))
        return NEGATIVE;
    return breaks(value[2] <= 0, 2, column) || breaks(value[5] <= 0, 5, column) ? NOT_POSITIVE : NULL;
}

static const char *fault_of_rates(const double *value, size_t arms, size_t *column) {
    for (size_t arm = 0; arm < arms; arm++) {
        if (breaks(value[2 * arm] < 0, 2 * arm, column))
            return NEGATIVE;
        if (breaks(value[2 * arm + 1] <= 0, 2 * arm + 1, column))
            return NOT_POSITIVE;
    }
    return NULL;
}

static const char *fault_of_proportion(const double *value, size_t *column) {
    const char *fault = fault_of_rates(value, 1, column);
    return fault == NULL && breaks(value[0] > value[1], 0, column) ? "is more than ni" : fault;
}

static const char *fault_of_table(const double *value, size_t *column) {
    for (size_t j = 0; j < 4; j++)
        if (breaks(value[j] < 0, j, column))
            return NEGATIVE;
    return NULL;
}

const char *st_measure_fault(st_measure measure, const double *value, size_t *column) {
    if (is_proportion(measure))
        return fault_of_proportion(value, column);
    if (is_table(measure))
        return fault_of_table(value, column);
    switch (measure) {
    case ST_MEASURE_MD:
    case ST_MEASURE_SMD:
    case ST_MEASURE_ROM:
        return fault_of_means(value, column);
    case ST_MEASURE_COR:
    case ST_MEASURE_ZCOR:
        if (breaks(fabs(value[0]) > 1, 0, column))
            return "is no correlation, which lies between -1 and 1";
        return breaks(value[1] <= 0, 1, column) ? NOT_POSITIVE : NULL;
    case ST_MEASURE_IRR:
        return fault_of_rates(value, 2, column);
    case ST_MEASURE_IRLN:
        return fault_of_rates(value, 1, column);
    default:
        return breaks(value[1] <= 0, 1, column) ? NOT_POSITIVE : NULL;
    }
}

/* ---- cells ------------------------------------------------------------------ */

/* What is counted: events and the others, or events alone where they are counted against time. */
static size_t cells_of(st_measure measure, const double *value, double *cell) {
    if (is_proportion(measure)) {
        cell[0] = value[0];
        cell[1] = value[1] - value[0];
        return 2;
    }
    if (is_table(measure)) {
        for (size_t j = 0; j < 4; j++)
            cell[j] = value[j];
        return 4;
    }
    cell[0] = value[0];
    cell[1] = value[2 * (measure == ST_MEASURE_IRR)];
    return measure == ST_MEASURE_IRR ? 2 : 1;
}

static bool has_zero(const double *cell, size_t n) {
    for (size_t j = 0; j < n; j++)
        if (cell[j] <= 0)
            return true;
    return false;
}

/* Without events, or without others, in both arms. */
static bool is_double_zero(const double *cell, size_t n) {
    return n == 4 ? (cell[0] <= 0 && cell[2] <= 0) || (cell[1] <= 0 && cell[3] <= 0) : cell[0] <= 0 && cell[1] <= 0;
}

static bool is_dropped(st_measure measure, const st_effect_options *o, const double *cell, size_t n) {
    return o->drop00 && st_measure_has_arms(measure) && is_double_zero(cell, n);
}

/* ---- estimates ---------------------------------------------------------------- */

static estimate of_proportion(st_measure measure, const double *cell) {
    const double x = cell[0], n = cell[0] + cell[1], p = x / n;
    switch (measure) {
    case ST_MEASURE_PLO:
        return (estimate){log(x / cell[1]), 1 / x + 1 / cell[1]};
    case ST_MEASURE_PR:
        return (estimate){p, p * (1 - p) / n};
    case ST_MEASURE_PLN:
        return (estimate){log(p), 1 / x - 1 / n};
    case ST_MEASURE_PAS:
        return (estimate){asin(sqrt(p)), 1 / (4 * n)};
    default:
        return (estimate){(asin(sqrt(x / (n + 1))) + asin(sqrt((x + 1) / (n + 1)))) / 2, 1 / (4 * n + 2)};
    }
}

static estimate of_table(st_measure measure, const double *cell) {
    const double a = cell[0], b = cell[1], c = cell[2], d = cell[3];
    const double n1 = a + b, n2 = c + d, p1 = a / n1, p2 = c / n2;
    if (measure == ST_MEASURE_OR)
        return (estimate){log(a / b) - log(c / d), 1 / a + 1 / b + 1 / c + 1 / d};
    if (measure == ST_MEASURE_RR)
        return (estimate){log(p1) - log(p2), 1 / a - 1 / n1 + 1 / c - 1 / n2};
    if (measure == ST_MEASURE_RD)
        return (estimate){p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2};
    const double n = n1 + n2, share = n1 / n;
    const double v = (a + c) * (b + d) * share * (n2 / n) / (n - 1);
    return (estimate){(a - (a + c) * share) / v, 1 / v};
}

/* Hedges' correction Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)) for m degrees of freedom; of many by the series of that
 * ratio (Tricomi & Erdelyi, Pacific J Math 1951;1:133), where differences of log gammas lose digits. NaN for m <= 1. */
static double bias_correction(double m) {
    if (!(m > 1))
        return NAN;
    if (m > 1e4)
        return 1 - (3 + (7 + 9 / (4 * m)) / (8 * m)) / (4 * m);
    return exp(gsl_sf_lngamma(m / 2) - log(m / 2) / 2 - gsl_sf_lngamma((m - 1) / 2));
}

static estimate of_means(st_measure measure, const double *value) {
    const double m1 = value[0], s1 = value[1], n1 = value[2], m2 = value[3], s2 = value[4], n2 = value[5];
    if (measure == ST_MEASURE_MD)
        return (estimate){m1 - m2, s1 * s1 / n1 + s2 * s2 / n2};
    if (measure == ST_MEASURE_ROM)
        return (estimate){log(m1 / m2), s1 * s1 / (n1 * m1 * m1) + s2 * s2 / (n2 * m2 * m2)};
    const double m = n1 + n2 - 2;
    const double s = sqrt(((n1 - 1) * s1 * s1 + (n2 - 1) * s2 * s2) / m);
    const double g = bias_correction(m) * (m1 - m2) / s;
    return (estimate){g, 1 / n1 + 1 / n2 + g * g / (2 * (n1 + n2))};
}

static estimate of_correlation(st_measure measure, double r, double n) {
    if (n <= 3)
        return (estimate){NAN, NAN};
    if (measure == ST_MEASURE_ZCOR)
        return (estimate){log((1 + r) / (1 - r)) / 2, 1 / (n - 3)};
    return (estimate){r, (1 - r * r) * (1 - r * r) / (n - 1)};
}

static estimate estimate_of(st_measure measure, const double *value, const double *cell) {
    if (is_proportion(measure))
        return of_proportion(measure, cell);
    if (is_table(measure))
        return of_table(measure, cell);
    switch (measure) {
    case ST_MEASURE_MD:
    case ST_MEASURE_SMD:
    case ST_MEASURE_ROM:
        return of_means(measure, value);
    case ST_MEASURE_COR:
    case ST_MEASURE_ZCOR:
        return of_correlation(measure, value[0], value[1]);
    case ST_MEASURE_IRR:
        return (estimate){log(cell[0] / value[1]) - log(cell[1] / value[3]), 1 / cell[0] + 1 / cell[1]};
    case ST_MEASURE_IRLN:
        return (estimate){log(cell[0] / value[1]), 1 / cell[0]};
    default:
        return (estimate){value[0], value[1]};
    }
}

/* ---- all studies -------------------------------------------------------------- */

static size_t count_columns(st_measure measure) {
    size_t n = 1;
    for (const char *c = st_measure_columns(measure); *c != '\0'; c++)
        n += *c == ',';
    return n;
}

/* The values of a study; false where one is missing. */
static bool gather(const double *const *column, size_t columns, size_t study, double *value) {
    bool whole = true;
    for (size_t j = 0; j < columns; j++) {
        value[j] = column[j][study];
        whole = whole && !isnan(value[j]);
    }
    return whole;
}

/* Whether `to` reaches studies by what any one of them holds. */
static bool any_zero(st_measure measure, const double *const *column, size_t columns, size_t k,
                     const st_effect_options *o) {
    for (size_t i = 0; i < k; i++) {
        double value[ST_MEASURE_COLUMNS_MOST], cell[CELLS_MOST];
        if (!gather(column, columns, i, value))
            continue;
        const size_t n = cells_of(measure, value, cell);
        if (!is_dropped(measure, o, cell, n) && has_zero(cell, n))
            return true;
    }
    return false;
}

static void add_to(double *cell, size_t n, const st_effect_options *o, bool if0all) {
    if (o->to == ST_ADD_ALL || if0all || (o->to == ST_ADD_ONLY0 && has_zero(cell, n)))
        for (size_t j = 0; j < n; j++)
            cell[j] += o->add;
}

st_status st_effects_compute(st_measure measure, const double *const *column, size_t k, const st_effect_options *o,
                             double *yi, double *vi, st_error *err) {
    const size_t columns = count_columns(measure);
    const bool counts = st_measure_has_cells(measure);
    const bool if0all = counts && o->to == ST_ADD_IF0ALL && any_zero(measure, column, columns, k, o);
    for (size_t i = 0; i < k; i++) {
        double value[ST_MEASURE_COLUMNS_MOST], cell[CELLS_MOST] = {0};
        size_t at = 0, n = 0;
        const bool whole = gather(column, columns, i, value);
        const char *fault = st_measure_fault(measure, value, &at);
        if (fault != NULL)
            return st_fail(err, ST_VALUE, "value %zu of study %zu, %g, %s (%s takes %s)", at + 1, i + 1, value[at],
                           fault, st_measure_name(measure), st_measure_columns(measure));
        if (counts)
            n = cells_of(measure, value, cell);
        yi[i] = vi[i] = NAN;
        if (!whole || is_dropped(measure, o, cell, n))
            continue;
        if (counts)
            add_to(cell, n, o, if0all);
        const estimate e = estimate_of(measure, value, cell);
        if (isfinite(e.y) && isfinite(e.v) && e.v > 0) {
            yi[i] = e.y;
            vi[i] = e.v;
        }
    }
    return ST_OK;
}

/* ---- back ----------------------------------------------------------------------- */

static double freeman_tukey(double x, double n) {
    return (asin(sqrt(x / (n + 1))) + asin(sqrt((x + 1) / (n + 1)))) / 2;
}

/* Beyond what 0 or n events give there is no inverse, and the proportion is 0 or 1. */
static double miller_inverse(double t, double n) {
    if (t < freeman_tukey(0, n))
        return 0;
    if (t > freeman_tukey(n, n))
        return 1;
    const double s = sin(2 * t), u = s + (s - 1 / s) / n;
    return (1 - copysign(sqrt(1 - u * u), cos(2 * t))) / 2;
}

double st_measure_back(st_measure measure, double value, double n) {
    switch (measure) {
    case ST_MEASURE_PLO:
        return value >= 0 ? 1 / (1 + exp(-value)) : exp(value) / (1 + exp(value));
    case ST_MEASURE_PAS:
        return value < 0 ? 0 : value > M_PI / 2 ? 1 : sin(value) * sin(value);
    case ST_MEASURE_PFT:
        return miller_inverse(value, n);
    case ST_MEASURE_ZCOR:
        return tanh(value);
    case ST_MEASURE_PLN:
    case ST_MEASURE_OR:
    case ST_MEASURE_RR:
    case ST_MEASURE_PETO:
    case ST_MEASURE_ROM:
    case ST_MEASURE_IRR:
    case ST_MEASURE_IRLN:
        return exp(value);
    default:
        return value;
    }
}
