/* Studies drawn again with replacement.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "meta_internal.h"

#include <math.h>
#include <stasis/statistics.h>
#include <stdlib.h>

typedef struct drawing {
    const st_meta_data *data;
    st_method method;
    uint64_t seed;
    double *b, *tau2; /* [n] NaN where there was no memory */
} drawing;

static void pool_draw(const drawing *d, size_t draw, double *y, double *v) {
    const size_t k = d->data->k;
    st_rng rng = st_rng_stream(d->seed, ST_RNG_BOOTSTRAP, draw);
    double mean = 0, se, vb, qm;
    for (size_t i = 0; i < k; i++) {
        const uint32_t from = st_rng_below(&rng, (uint32_t)k);
        y[i] = d->data->yi[from];
        v[i] = d->data->vi[from];
        mean += y[i] / (double)k;
    }
    meta_work work = {.k = k, .p = 1, .yi = y, .vi = v, .scalar = true, .intercept = true, .centre = mean};
    meta_tau2(&work, d->method, &d->tau2[draw], &se);
    meta_coefficients(&work, d->tau2[draw], 1, &d->b[draw], &vb, &qm);
}

static void pool_draws(void *context, size_t begin, size_t end) {
    const drawing *d = context;
    double *y = st_alloc(d->data->k, 2 * sizeof *y, NULL);
    for (size_t i = begin; i < end; i++)
        if (y != NULL)
            pool_draw(d, i, y, y + d->data->k);
        else
            d->b[i] = d->tau2[i] = NAN;
    free(y);
}

static double deviation(const double *value, size_t n) {
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        mean += value[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (value[i] - mean) * (value[i] - mean);
    return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

static st_status summarize(const drawing *d, double level, st_meta_bootstrap *result, st_error *err) {
    const size_t n = result->n;
    const double low = 50 * (1 - level), high = 100 - low;
    for (size_t i = 0; i < n; i++)
        if (isnan(d->b[i]))
            return st_fail(err, ST_MEMORY, "no memory for the studies of a draw");
    result->b_se = deviation(d->b, n);
    st_sort(d->b, n);
    st_sort(d->tau2, n);
    result->b_lb = st_percentile(d->b, n, low);
    result->b_ub = st_percentile(d->b, n, high);
    result->tau2_lb = st_percentile(d->tau2, n, low);
    result->tau2_ub = st_percentile(d->tau2, n, high);
    return ST_OK;
}

st_status st_meta_bootstrap_run(const st_meta_data *data, const st_meta_options *o, size_t n, uint64_t seed,
                                int threads, st_meta_bootstrap *result, st_error *err) {
    meta_work work = {0};
    *result = (st_meta_bootstrap){.n = n, .seed = seed};
    st_status status = meta_check_options(data, o, err);
    if (status == ST_OK)
        status = meta_work_init(data, &work, err);
    const bool scalar = work.scalar;
    meta_work_fini(&work);
    if (status != ST_OK)
        return status;
    if (!scalar || data->k < 2 || data->k > UINT32_MAX || n == 0)
        return st_fail(err, ST_VALUE, "a bootstrap takes one draw or more of two studies or more without moderators");
    drawing d = {.data = data, .method = o->method, .seed = seed};
    d.b = st_alloc(n, 2 * sizeof *d.b, err);
    if (d.b == NULL)
        return ST_MEMORY;
    d.tau2 = d.b + n;
    st_parallel_for(n, threads, pool_draws, &d);
    status = summarize(&d, o->level, result, err);
    free(d.b);
    return status;
}
