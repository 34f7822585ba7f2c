/* The likelihood of a three-level meta-analysis, study by study in closed form.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "levels_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DEPENDENT = 1e-10; /* what others leave of a column, as a part: less, and it depends on them */

bool levels_cholesky(double *a, size_t n) {
    for (size_t j = 0; j < n; j++) {
        double pivot = a[j * n + j];
        for (size_t c = 0; c < j; c++)
            pivot -= a[j * n + c] * a[j * n + c];
        if (!(pivot > 0))
            return false;
        a[j * n + j] = sqrt(pivot);
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t c = 0; c < j; c++)
                sum -= a[i * n + c] * a[j * n + c];
            a[i * n + j] = sum / a[j * n + j];
        }
    }
    return true;
}

void levels_invert(const double *factor, size_t n, double *inverse) {
    for (size_t column = 0; column < n; column++) {
        for (size_t i = 0; i < n; i++) {
            double sum = i == column;
            for (size_t c = 0; c < i; c++)
                sum -= factor[i * n + c] * inverse[c * n + column];
            inverse[i * n + column] = sum / factor[i * n + i];
        }
        for (size_t i = n; i-- > 0;) {
            double sum = inverse[i * n + column];
            for (size_t c = i + 1; c < n; c++)
                sum -= factor[c * n + i] * inverse[c * n + column];
            inverse[i * n + column] = sum / factor[i * n + i];
        }
    }
}

static double log_determinant(const double *factor, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += 2 * log(factor[i * n + i]);
    return sum;
}

/* sum over i, j of a_ij b_ij */
static double trace_of_product(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n * n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* to += scale * a b' */
static void add_outer(double *to, double scale, const double *a, const double *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            to[i * n + j] += scale * a[i] * b[j];
}

/* Study j: V = A + sigma2[0] 11' with A = D + rho uu', D = diag((1 - rho) v + sigma2[1]), u the roots of v. With z less
 * its mean m = 1'A^-1 z / g, g = 1'A^-1 1, both parts of Z'V^-1 Z = Zc'A^-1 Zc + m m' g / (1 + sigma2[0] g) are
 * positive, so that nothing cancels whatever the variances. Adds to *log_det and to trace[2] of V^-1 dV. */
static void solve_study(levels *l, size_t j, const double sigma2[2], double *log_det, double trace[2]) {
    const size_t begin = l->begin[j], end = l->begin[j + 1], q = l->q, p = l->p;
    double *mean = &l->mean[j * q], *skew = l->product;
    double uu = 0, u1 = 0, g = 0;
    for (size_t i = begin; i < end; i++) {
        const double d = (1 - l->rho) * l->v[i] + sigma2[1];
        *log_det += log(d);
        uu += l->v[i] / d;
        u1 += l->root[i] / d;
    }
    const double bend = l->rho / (1 + l->rho * uu); /* A^-1 = D^-1 - bend D^-1 u u' D^-1 */
    for (size_t i = begin; i < end; i++) {
        const double d = (1 - l->rho) * l->v[i] + sigma2[1];
        l->one[i] = 1 / d - bend * l->root[i] / d * u1;
        g += l->one[i];
    }
    const double shrink = 1 / (1 + sigma2[0] * g);
    memset(mean, 0, q * sizeof *mean);
    memset(skew, 0, q * sizeof *skew);
    for (size_t i = begin; i < end; i++)
        for (size_t c = 0; c < q; c++)
            mean[c] += l->one[i] / g * l->z[i * q + c];
    for (size_t i = begin; i < end; i++) {
        const double u = l->root[i] / ((1 - l->rho) * l->v[i] + sigma2[1]);
        for (size_t c = 0; c < q; c++) {
            l->centred[i * q + c] = l->z[i * q + c] - mean[c];
            skew[c] += u * l->centred[i * q + c];
        }
    }
    for (size_t i = begin; i < end; i++) {
        const double d = (1 - l->rho) * l->v[i] + sigma2[1], u = l->root[i] / d;
        double *solved = &l->solved[i * q];
        for (size_t c = 0; c < q; c++)
            solved[c] = l->centred[i * q + c] / d - bend * u * skew[c];
        add_outer(l->cross, 1, &l->centred[i * q], solved, q);
        for (size_t c = 0; c < q; c++)
            solved[c] += l->one[i] * shrink * mean[c];
        add_outer(l->cross_arm, 1, solved, solved, p);
        const double diagonal = 1 / d - bend * u * u;
        trace[1] += diagonal - l->one[i] * (l->one[i] / g) + shrink * l->one[i] * (l->one[i] / g);
    }
    l->gain[j] = g * shrink;
    trace[0] += l->gain[j];
    *log_det += log1p(l->rho * uu) + log1p(sigma2[0] * g);
    add_outer(l->cross, l->gain[j], mean, mean, q);
    add_outer(l->cross_study, l->gain[j] * l->gain[j], mean, mean, p);
}

/* b = (X'V^-1 X)^-1 X'V^-1 y; false where X'V^-1 X cannot be inverted. */
static bool solve_coefficients(levels *l) {
    const size_t p = l->p, q = l->q;
    for (size_t i = 0; i < p; i++)
        memcpy(&l->factor[i * p], &l->cross[i * q], p * sizeof *l->factor);
    if (!levels_cholesky(l->factor, p))
        return false;
    levels_invert(l->factor, p, l->vb);
    for (size_t i = 0; i < p; i++) {
        l->b[i] = 0;
        for (size_t j = 0; j < p; j++)
            l->b[i] += l->vb[i * p + j] * l->cross[j * q + p];
    }
    return true;
}

static double residual(const levels *l, const double *row) {
    double r = row[l->p];
    for (size_t c = 0; c < l->p; c++)
        r -= row[c] * l->b[c];
    return r;
}

double levels_evaluate(levels *l, const double sigma2[2], double slope[2]) {
    const size_t p = l->p, q = l->q;
    double log_det = 0, trace[2] = {0, 0}, squares[2] = {0, 0};
    memset(l->cross, 0, q * q * sizeof *l->cross);
    memset(l->cross_arm, 0, p * p * sizeof *l->cross_arm);
    memset(l->cross_study, 0, p * p * sizeof *l->cross_study);
    for (size_t j = 0; j < l->m; j++)
        solve_study(l, j, sigma2, &log_det, trace);
    if (!solve_coefficients(l)) {
        slope[0] = slope[1] = 0;
        return -INFINITY;
    }
    l->rss = 0;
    for (size_t j = 0; j < l->m; j++) {
        for (size_t i = l->begin[j]; i < l->begin[j + 1]; i++) {
            const double e = residual(l, &l->solved[i * q]);
            l->rss += residual(l, &l->z[i * q]) * e;
            squares[1] += e * e;
        }
        const double e = l->gain[j] * residual(l, &l->mean[j * q]);
        squares[0] += e * e;
    }
    l->trace_p = trace[1] - trace_of_product(l->vb, l->cross_arm, p);
    double value = -log_det - l->rss - (double)(l->reml ? l->k - p : l->k) * log(2 * M_PI);
    if (l->reml) {
        trace[0] -= trace_of_product(l->vb, l->cross_study, p);
        trace[1] = l->trace_p;
        value -= log_determinant(l->factor, p); /* log det X'X of orthonormal columns is 0 */
    }
    for (int a = 0; a < 2; a++)
        slope[a] = (squares[a] - trace[a]) / 2;
    return value / 2;
}

typedef struct arm_order {
    uint32_t study;
    size_t arm;
} arm_order;

static int by_study(const void *a, const void *b) {
    const arm_order *x = a, *y = b;
    if (x->study != y->study)
        return x->study < y->study ? -1 : 1;
    return (x->arm > y->arm) - (x->arm < y->arm);
}

static st_status check(const st_meta_data *data, const st_levels_options *options, st_error *err) {
    if (options->method != ST_METHOD_REML && options->method != ST_METHOD_ML)
        return st_fail(err, ST_VALUE, "a model of three levels is fitted by REML or ML");
    if (!(options->level > 0 && options->level < 1))
        return st_fail(err, ST_VALUE, "a level of %g: between 0 and 1 is wanted", options->level);
    if (!(options->rho >= 0 && options->rho < 1))
        return st_fail(err, ST_VALUE, "a correlation of %g within a study: 0 to below 1 is wanted", options->rho);
    if (data->p == 0 || data->k <= data->p)
        return st_fail(err, ST_VALUE, "%zu estimates for %zu coefficients: more estimates than coefficients are wanted",
                       data->k, data->p);
    if (data->x == NULL && data->p != 1)
        return st_fail(err, ST_VALUE, "%zu coefficients without a model matrix: 1 is the intercept", data->p);
    for (size_t i = 0; i < data->k; i++) {
        bool finite = isfinite(data->yi[i]) && isfinite(data->vi[i]);
        for (size_t c = 0; data->x != NULL && c < data->p; c++)
            finite = finite && isfinite(data->x[i * data->p + c]);
        if (!finite || !(data->vi[i] > 0))
            return st_fail(err, ST_VALUE,
                           "estimate %zu: finite numbers and a variance above 0 are wanted, not %g with variance %g",
                           i + 1, data->yi[i], data->vi[i]);
    }
    return ST_OK;
}

static st_status reserve(levels *l, st_error *err) {
    const size_t k = l->k, p = l->p, q = l->q;
    double **const place[] = {&l->z,      &l->centred, &l->solved,    &l->mean,        &l->v,       &l->root,
                              &l->one,    &l->gain,    &l->ols,       &l->b,           &l->product, &l->vb,
                              &l->factor, &l->cross,   &l->cross_arm, &l->cross_study, &l->back};
    const size_t size[] = {k * q, k * q, k * q, k * q, k, k, k, k, p, p, q, p * p, p * p, q * q, p * p, p * p, p * p};
    size_t all = 0;
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        all += size[i];
    l->memory = st_alloc(all, sizeof *l->memory, err);
    l->begin = st_alloc(k + 1, sizeof *l->begin, err);
    if (l->memory == NULL || l->begin == NULL)
        return ST_MEMORY;
    double *at = l->memory;
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        *place[i] = at;
        at += size[i];
    }
    return ST_OK;
}

/* Columns of x orthonormal, by Gram and Schmidt, twice (Giraud & Langou, Comput Math Appl 2005;50:1069). */
static st_status make_orthonormal(levels *l, st_error *err) {
    const size_t k = l->k, p = l->p, q = l->q;
    double *r = l->factor; /* upper triangle with X = Q R */
    for (size_t c = 0; c < p; c++) {
        double before = 0, after = 0;
        for (size_t i = 0; i < k; i++)
            before += l->z[i * q + c] * l->z[i * q + c];
        for (int turn = 0; turn < 2; turn++)
            for (size_t a = 0; a < c; a++) {
                double along = 0;
                for (size_t i = 0; i < k; i++)
                    along += l->z[i * q + a] * l->z[i * q + c];
                r[a * p + c] += along;
                for (size_t i = 0; i < k; i++)
                    l->z[i * q + c] -= along * l->z[i * q + a];
            }
        for (size_t i = 0; i < k; i++)
            after += l->z[i * q + c] * l->z[i * q + c];
        if (!(sqrt(after) > DEPENDENT * sqrt(before)))
            return st_fail(err, ST_VALUE,
                           "the columns of the model matrix depend on each other: leave one of them out");
        r[c * p + c] = sqrt(after);
        for (size_t i = 0; i < k; i++)
            l->z[i * q + c] /= r[c * p + c];
    }
    for (size_t c = 0; c < p; c++) /* back = R^-1, column by column */
        for (size_t i = c + 1; i-- > 0;) {
            double sum = i == c;
            for (size_t a = i + 1; a <= c; a++)
                sum -= r[i * p + a] * l->back[a * p + c];
            l->back[i * p + c] = sum / r[i * p + i];
        }
    return ST_OK;
}

/* y becomes what least squares leaves of it; how much X leaves of the studies' own means. */
static st_status take_least_squares(levels *l, st_error *err) {
    const size_t p = l->p, q = l->q;
    const st_status status = make_orthonormal(l, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < l->k; i++)
        for (size_t c = 0; c < p; c++)
            l->ols[c] += l->z[i * q + c] * l->z[i * q + p];
    memcpy(l->b, l->ols, p * sizeof *l->b);
    for (size_t i = 0; i < l->k; i++)
        l->z[i * q + p] = residual(l, &l->z[i * q]);
    for (size_t j = 0; j < l->m; j++) {
        memset(l->product, 0, q * sizeof *l->product);
        for (size_t i = l->begin[j]; i < l->begin[j + 1]; i++)
            for (size_t c = 0; c < p; c++)
                l->product[c] += l->z[i * q + c];
        double part = (double)(l->begin[j + 1] - l->begin[j]);
        for (size_t c = 0; c < p; c++)
            part -= l->product[c] * l->product[c];
        l->spread += part;
    }
    return ST_OK;
}

st_status levels_init(const st_meta_data *data, const uint32_t *study, const st_levels_options *options, levels *l,
                      st_error *err) {
    *l = (levels){.k = data->k, .p = data->p, .q = data->p + 1};
    st_status status = check(data, options, err);
    if (status != ST_OK)
        return status;
    l->reml = options->method == ST_METHOD_REML;
    l->rho = options->rho;
    arm_order *order = st_alloc(l->k, sizeof *order, err);
    status = order != NULL ? reserve(l, err) : ST_MEMORY;
    if (status == ST_OK) {
        for (size_t i = 0; i < l->k; i++)
            order[i] = (arm_order){study[i], i};
        qsort(order, l->k, sizeof *order, by_study);
        for (size_t i = 0; i < l->k; i++) {
            const size_t arm = order[i].arm;
            if (i == 0 || order[i].study != order[i - 1].study)
                l->begin[l->m++] = i;
            for (size_t c = 0; c < l->p; c++)
                l->z[i * l->q + c] = data->x != NULL ? data->x[arm * l->p + c] : 1;
            l->z[i * l->q + l->p] = data->yi[arm];
            l->v[i] = data->vi[arm];
            l->root[i] = sqrt(data->vi[arm]);
        }
        l->begin[l->m] = l->k;
        for (size_t j = 0; j < l->m; j++)
            if (l->begin[j + 1] - l->begin[j] > l->widest)
                l->widest = l->begin[j + 1] - l->begin[j];
        status = take_least_squares(l, err);
    }
    free(order);
    return status;
}

void levels_fini(levels *l) {
    free(l->memory);
    free(l->begin);
    *l = (levels){0};
}
