/* Percentages in whole numbers, and single changes that would give a sum.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <math.h>
#include <string.h>

const char *st_rounding_name(st_rounding rounding) {
    static const char *const name[] = {"half up", "truncation", "ceiling", ""};
    return name[rounding];
}

static uint64_t scale_of(int decimals) {
    uint64_t scale = 100;
    for (int i = 0; i < decimals; i++)
        scale *= 10;
    return scale;
}

uint64_t st_percent_scaled(uint64_t x, uint64_t n, int decimals, st_rounding rounding) {
    const uint64_t product = scale_of(decimals) * x;
    if (rounding == ST_ROUND_DOWN)
        return product / n;
    if (rounding == ST_ROUND_UP)
        return product / n + (product % n > 0);
    return (2 * product + n) / (2 * n);
}

/* The smallest count of n that prints as `scaled` or more; n + 1 when none does. */
static uint64_t first_at_least(uint64_t scaled, uint64_t n, int decimals, st_rounding rounding) {
    uint64_t low = 0, high = n + 1;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (st_percent_scaled(middle, n, decimals, rounding) >= scaled)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool st_percent_feasible(uint64_t scaled, uint64_t n, int decimals, st_rounding rounding, uint64_t *first,
                         uint64_t *last) {
    *first = first_at_least(scaled, n, decimals, rounding);
    const uint64_t beyond = first_at_least(scaled + 1, n, decimals, rounding);
    *last = beyond - (beyond > 0);
    return *first < beyond;
}

int decimals_of(const char *number) {
    const char *point = strchr(number, '.');
    return point != NULL ? (int)strspn(point + 1, "0123456789") : 0;
}

st_rounding rounding_of(double value, double target, int decimals) {
    const double scale = pow(10, decimals), v = value * scale, wanted = round(target * scale);
    const double slack = 1e-9 * fmax(1, fabs(v)); /* a mean that should be a tie or whole */
    const double by[ST_ROUNDINGS] = {floor(v + 0.5 + slack), floor(v + slack), ceil(v - slack)};
    for (int r = 0; r < ST_ROUNDINGS; r++)
        if (fabs(by[r] - wanted) < 0.5)
            return (st_rounding)r;
    return ST_ROUNDINGS;
}

st_rounding rounding_of_count(double x, double n, double target, int decimals) {
    const uint64_t wanted = (uint64_t)llround(target * (double)scale_of(decimals) / 100);
    for (int r = 0; r < ST_ROUNDINGS; r++)
        if (st_percent_scaled((uint64_t)x, (uint64_t)n, decimals, (st_rounding)r) == wanted)
            return (st_rounding)r;
    return ST_ROUNDINGS;
}

st_audit_verdict verdict_of(st_rounding rounding, st_audit_verdict otherwise) {
    return rounding == ST_ROUND_HALF_UP ? ST_AUDIT_REPRODUCES : rounding == ST_ROUNDINGS ? otherwise : ST_AUDIT_ROUNDS;
}

static bool equals(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

size_t st_changes_of_sum(const double *value, size_t k, const st_alternative *alternative, size_t n_alternatives,
                         double target, st_change *change, size_t room) {
    double sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < k; i++)
        sum += value[i];
    for (size_t i = 0; i < k; i++) {
        for (int twice = 0; twice < 2; twice++)
            if (value[i] != 0 && equals(twice ? sum + value[i] : sum - value[i], target) && found++ < room)
                change[found - 1] = (st_change){twice ? ST_CHANGE_TWICE : ST_CHANGE_LEFT_OUT, i, 0};
        for (size_t a = 0; a < n_alternatives; a++) {
            bool seen = alternative[a].item != i || equals(alternative[a].value, value[i]);
            for (size_t b = 0; b < a && !seen; b++)
                seen = alternative[b].item == i && equals(alternative[b].value, alternative[a].value);
            if (!seen && equals(sum - value[i] + alternative[a].value, target) && found++ < room)
                change[found - 1] = (st_change){ST_CHANGE_REPLACED, i, alternative[a].value};
        }
    }
    return found;
}
