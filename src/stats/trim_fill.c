/* Trim and fill: studies that a funnel lacks on one side.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/meta_checks.h>

#include <math.h>
#include <stdlib.h>

static const unsigned ROUNDS_MOST = 100;

typedef struct placed {
    double value;
    size_t place;
} placed;

static int ascending(const void *x, const void *y) {
    const placed *a = x, *b = y;
    const int by_value = (a->value > b->value) - (a->value < b->value);
    return by_value != 0 ? by_value : (a->place > b->place) - (a->place < b->place);
}

/* A funnel turned so that studies are missing on its left: yi and vi by ascending y. */
typedef struct funnel {
    size_t k;
    placed *study, *rank; /* [k] y with where it came from; |y - b| with its index in `study` */
    double *yi, *vi;      /* [2 k] with room for those that are filled in */
    const st_meta_options *options;
} funnel;

/* Of the studies' ranks by |y - b|, signed as y - b: the sum of the positive, and how many of the highest are positive.
 */
static void rank_signs(const funnel *f, double b, double *sum, size_t *run) {
    const size_t k = f->k;
    for (size_t i = 0; i < k; i++)
        f->rank[i] = (placed){fabs(f->yi[i] - b), i};
    qsort(f->rank, k, sizeof *f->rank, ascending);
    *sum = 0;
    *run = 0;
    for (size_t r = 0; r < k; r++) {
        const double side = f->yi[f->rank[r].place] - b;
        *sum += side > 0 ? (double)(r + 1) : 0;
        *run = side < 0 ? 0 : *run + 1;
    }
}

/* Number of missing studies before it is rounded, and its standard error (Duval and Tweedie, Biometrics 2000, eqs 2 to
 * 4 and section 3). */
static double count_missing(st_trim_estimator estimator, size_t studies, double sum, size_t run, double *se) {
    const double k = (double)studies;
    if (estimator == ST_TRIM_R0) {
        const double missing = (double)run - 1;
        *se = sqrt(2 * fmax(0, missing) + 2);
        return missing;
    }
    const double m =
        estimator == ST_TRIM_L0 ? (4 * sum - k * (k + 1)) / (2 * k - 1) : k - 0.5 - sqrt(2 * k * k - 4 * sum + 0.25);
    const double variance = (k * (k + 1) * (2 * k + 1) + 10 * m * m * m + 27 * m * m + 17 * m - 18 * k * m * m -
                             18 * k * m + 6 * k * k * m) /
                            24;
    *se = estimator == ST_TRIM_L0 ? 4 * sqrt(variance) / (2 * k - 1)
                                  : 2 * sqrt(variance) / sqrt((k - 0.5) * (k - 0.5) - m * (2 * k - m - 1));
    return m;
}

static st_status pool(const funnel *f, size_t k, double *b, st_error *err) {
    const st_meta_data data = {.k = k, .p = 1, .yi = f->yi, .vi = f->vi};
    st_meta_fit fit;
    const st_status status = st_meta_fit_run(&data, f->options, &fit, err);
    if (status == ST_OK) {
        *b = fit.b[0];
        st_meta_fit_fini(&fit);
    }
    return status;
}

/* Trims and counts until the count stays; *b is the pool of what is left. */
static st_status settle(const funnel *f, st_trim_fill *trim, double *b, st_error *err) {
    for (trim->rounds = 1; trim->rounds <= ROUNDS_MOST; trim->rounds++) {
        const st_status status = pool(f, f->k - trim->k0, b, err);
        if (status != ST_OK)
            return status;
        double sum;
        size_t run;
        rank_signs(f, *b, &sum, &run);
        const double count = rint(count_missing(trim->estimator, f->k, sum, run, &trim->se_k0));
        if (!(count < (double)f->k)) /* nor a number where Q0 has no root */
            return st_fail(err, ST_NUMERIC,
                           "so many studies lie on one side of the pool that trim and fill would trim all %zu; another "
                           "estimator may not",
                           f->k);
        const size_t missing = count > 0 ? (size_t)count : 0;
        if (missing == trim->k0)
            return ST_OK;
        trim->k0 = missing;
    }
    return st_fail(err, ST_NUMERIC,
                   "trim and fill goes round without an end: the number of missing studies did not settle "
                   "within %u rounds; another estimator may",
                   ROUNDS_MOST);
}

/* Mirrors the k0 most extreme studies about b, most extreme last, and pools all. */
static st_status fill(const funnel *f, double b, double turn, st_trim_fill *trim, st_error *err) {
    const size_t k = f->k, k0 = trim->k0;
    trim->mirror = st_alloc(k0, sizeof *trim->mirror, err);
    trim->yi = st_alloc(k0, sizeof *trim->yi, err);
    trim->vi = st_alloc(k0, sizeof *trim->vi, err);
    if (!trim->mirror || !trim->yi || !trim->vi)
        return ST_MEMORY;
    for (size_t i = 0; i < k0; i++) {
        const size_t of = k - k0 + i;
        trim->mirror[i] = f->study[of].place;
        trim->yi[i] = turn * (2 * b - f->yi[of]);
        trim->vi[i] = f->vi[of];
    }
    for (size_t i = 0; i < k; i++)
        f->yi[i] *= turn;
    for (size_t i = 0; i < k0; i++) {
        f->yi[k + i] = trim->yi[i];
        f->vi[k + i] = trim->vi[i];
    }
    const st_meta_data data = {.k = k + k0, .p = 1, .yi = f->yi, .vi = f->vi};
    return st_meta_fit_run(&data, f->options, &trim->fit, err);
}

static st_status find_side(const st_meta_data *data, const st_meta_options *options, st_trim_side *side,
                           st_error *err) {
    st_asymmetry asymmetry;
    if (*side != ST_SIDE_AUTO)
        return ST_OK;
    const st_status status =
        st_meta_asymmetry(data, NULL, options, ST_ASYMMETRY_RMA, ST_ASYMMETRY_SEI, &asymmetry, err);
    if (status == ST_OK)
        *side = asymmetry.slope < 0 ? ST_SIDE_RIGHT : ST_SIDE_LEFT;
    return status;
}

st_status st_meta_trim_fill(const st_meta_data *data, const st_meta_options *options, st_trim_estimator estimator,
                            st_trim_side side, st_trim_fill *trim, st_error *err) {
    const size_t k = data->k;
    *trim = (st_trim_fill){.estimator = estimator, .se_k0 = NAN, .p_k0 = NAN};
    if (data->p > 1)
        return st_fail(err, ST_VALUE, "trim and fill is for a pool without moderators; there are %zu", data->p - 1);
    if (k < 3)
        return st_fail(err, ST_VALUE, "trim and fill needs 3 studies; there are %zu", k);
    st_status status = find_side(data, options, &side, err);
    if (status != ST_OK)
        return status;
    trim->side = side;
    const double turn = side == ST_SIDE_RIGHT ? -1 : 1;
    funnel f = {.k = k, .options = options};
    f.study = st_alloc(k, sizeof *f.study, err);
    f.rank = st_alloc(k, sizeof *f.rank, err);
    f.yi = st_alloc(2 * k, sizeof *f.yi, err);
    f.vi = st_alloc(2 * k, sizeof *f.vi, err);
    status = f.study && f.rank && f.yi && f.vi ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        for (size_t i = 0; i < k; i++)
            f.study[i] = (placed){turn * data->yi[i], i};
        qsort(f.study, k, sizeof *f.study, ascending);
        for (size_t i = 0; i < k; i++) {
            f.yi[i] = f.study[i].value;
            f.vi[i] = data->vi[f.study[i].place];
        }
        double b;
        status = settle(&f, trim, &b, err);
        if (status == ST_OK)
            status = fill(&f, b, turn, trim, err);
    }
    if (status == ST_OK && estimator == ST_TRIM_R0) /* a run longer than k0 of heads, Biometrics 2000, section 3.2 */
        trim->p_k0 = exp2(-(double)trim->k0 - 1);
    free(f.study);
    free(f.rank);
    free(f.yi);
    free(f.vi);
    if (status != ST_OK)
        st_trim_fill_fini(trim);
    return status;
}

void st_trim_fill_fini(st_trim_fill *trim) {
    free(trim->mirror);
    free(trim->yi);
    free(trim->vi);
    st_meta_fit_fini(&trim->fit);
    *trim = (st_trim_fill){0};
}
