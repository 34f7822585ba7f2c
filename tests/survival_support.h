/* Samples of survival times for tests, made on the spot.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_SURVIVAL_SUPPORT_H
#define STASIS_TESTS_SURVIVAL_SUPPORT_H

#include "support.h"

static st_error err;

enum { N = 60 };

/* Subjects without ties: a binary column, a number, two causes. */
typedef struct sample {
    double time[N], start[N], b[N], x[N], noise[N];
    uint32_t status[N], any[N], group[N], stratum[N];
    size_t n;
} sample;

static inline sample make_sample(uint64_t item) {
    sample s = {.n = N};
    st_rng rng = st_rng_stream(20140, ST_RNG_TEST, item);
    for (size_t i = 0; i < s.n; i++) {
        s.group[i] = st_rng_below(&rng, 2);
        s.stratum[i] = st_rng_below(&rng, 3);
        s.b[i] = s.group[i];
        s.x[i] = st_rng_normal(&rng);
        s.noise[i] = st_rng_normal(&rng);
        s.time[i] = -log(1 - st_rng_uniform(&rng)) * 10 * exp(-0.7 * s.b[i] - 0.4 * s.x[i]);
        s.start[i] = s.time[i] - 0.5 - 4 * st_rng_uniform(&rng);
        s.status[i] = st_rng_uniform(&rng) < 0.7 ? 1 + st_rng_below(&rng, 2) : 0;
        s.any[i] = s.status[i] > 0;
    }
    return s;
}

static inline st_survival sorted(size_t n, const double *start, const double *time, const uint32_t *status) {
    const st_survival_data data = {n, start, time, status};
    st_survival s;
    assert_ok(st_survival_init(&data, &s, &err));
    return s;
}

static inline st_survival_parts split(const st_survival *s, const uint32_t *level, uint32_t n) {
    st_survival_parts parts;
    assert_ok(st_survival_split(s, level, n, &parts, &err));
    return parts;
}

static inline st_survival_curve curve(const st_survival *s, st_survival_limits limits) {
    st_survival_parts all = split(s, NULL, 1);
    st_survival_curve c;
    assert_ok(st_survival_curve_fit(s, &all, 0, limits, 0.95, &c, &err));
    st_survival_parts_fini(&all);
    return c;
}

static inline st_cox cox_of(const st_survival *s, const uint32_t *stratum, uint32_t strata, size_t p,
                            const double *const *x, st_ties ties) {
    st_survival_parts parts = split(s, stratum, strata);
    const st_cox_data data = {p, x, NULL};
    st_cox cox;
    assert_ok(st_cox_fit(s, &parts, &data, ties, 0.95, &cox, &err));
    st_survival_parts_fini(&parts);
    return cox;
}

#endif
