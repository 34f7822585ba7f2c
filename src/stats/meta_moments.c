/* Quadratic forms of P = W - W X (X'WX)^-1 X'W: in closed form for an intercept alone; by an orthonormal basis U of
 * sqrt(W) X else, P = sqrt(W) (I - UU') sqrt(W), which stays exact where columns are long or weights far apart.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "meta_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column of which less than this is left by those before it depends on them. */
static const double DEPENDENT = 1e-10;

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* U and R of sqrt(W) X, W = 1 / (v + t), or of X where t < 0, moderators from their means, by modified Gram and
 * Schmidt, backward stable when z is projected the same way (Bjorck, BIT 1967;7:1). The first column that depends on
 * those before it, or p. */
static size_t orthonormalize(meta_work *work, double t) {
    const size_t k = work->k, p = work->p;
    size_t dependent = p;
    memset(work->r, 0, p * p * sizeof *work->r);
    for (size_t j = 0; j < p; j++) {
        double *column = work->u + j * k;
        for (size_t i = 0; i < k; i++)
            column[i] = (work->x[i * p + j] - work->mean[j]) * (t < 0 ? 1 : sqrt(1 / (work->vi[i] + t)));
        const double length = sqrt(dot(column, column, k));
        for (size_t l = 0; l < j; l++) {
            const double *before = work->u + l * k;
            const double along = dot(before, column, k);
            work->r[l * p + j] = along;
            for (size_t i = 0; i < k; i++)
                column[i] -= along * before[i];
        }
        const double left = sqrt(dot(column, column, k));
        if (!(left > DEPENDENT * length) && dependent == p)
            dependent = j;
        work->r[j * p + j] = left;
        for (size_t i = 0; i < k; i++)
            column[i] /= left;
    }
    return dependent;
}

static void project(meta_work *work, double t) {
    const size_t k = work->k;
    for (size_t i = 0; i < k; i++)
        work->residual[i] = (work->yi[i] - work->centre) * (t < 0 ? 1 : sqrt(1 / (work->vi[i] + t)));
    for (size_t j = 0; j < work->p; j++) {
        const double *column = work->u + j * k;
        work->uz[j] = dot(column, work->residual, k);
        for (size_t i = 0; i < k; i++)
            work->residual[i] -= work->uz[j] * column[i];
    }
}

static st_status check(const st_meta_data *data, st_error *err) {
    if (data->k == 0)
        return st_fail(err, ST_VALUE, "there is no study to pool; at least one is wanted");
    for (size_t i = 0; i < data->k; i++) {
        if (!isfinite(data->yi[i]))
            return st_fail(err, ST_VALUE, "the estimate of study %zu is %g; a finite number is wanted", i + 1,
                           data->yi[i]);
        if (!(data->vi[i] > 0) || !isfinite(data->vi[i]))
            return st_fail(err, ST_VALUE, "the variance of study %zu is %g; a positive number is wanted", i + 1,
                           data->vi[i]);
    }
    for (size_t i = 0; data->x != NULL && i < data->k * data->p; i++)
        if (!isfinite(data->x[i]))
            return st_fail(err, ST_VALUE, "a moderator of study %zu is %g; a finite number is wanted", i / data->p + 1,
                           data->x[i]);
    return ST_OK;
}

/* The first column is 1 for every study; so it is where there is no matrix. */
static bool has_intercept(const st_meta_data *data) {
    for (size_t i = 0; data->x != NULL && i < data->k; i++)
        if (data->x[i * data->p] > 1 || data->x[i * data->p] < 1)
            return false;
    return true;
}

/* Of n values, `apart` places from one to the next. */
static double mean(const double *value, size_t n, size_t apart) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (value[i * apart] - value[0]) / (double)n;
    return value[0] + sum;
}

st_status meta_work_init(const st_meta_data *data, meta_work *work, st_error *err) {
    const size_t k = data->k, p = data->p;
    *work = (meta_work){.k = k, .p = p, .yi = data->yi, .vi = data->vi, .x = data->x};
    if (p == 0 || (data->x == NULL && p != 1) || p > k)
        return k == 0 ? check(data, err)
                      : st_fail(err, ST_VALUE, "%zu coefficients cannot be estimated from %zu studies", p, k);
    const st_status status = check(data, err);
    if (status != ST_OK)
        return status;
    work->intercept = has_intercept(data);
    work->scalar = p == 1 && work->intercept;
    work->centre = work->intercept ? mean(data->yi, k, 1) : 0;
    if (work->scalar)
        return ST_OK;
    if (p >= SIZE_MAX / sizeof(double) / k - 1) /* k (p + 1) fits; so do p (p + 1), as p <= k */
        return st_fail(err, ST_MEMORY, "%zu coefficients of %zu studies are too many for memory", p, k);
    work->u = st_alloc(k * (p + 1), sizeof *work->u, err);
    work->r = work->u != NULL ? st_alloc(2 * p * p + 2 * p, sizeof *work->r, err) : NULL;
    if (work->r == NULL)
        return ST_MEMORY;
    work->residual = work->u + k * p;
    work->gram = work->r + p * p;
    work->uz = work->gram + p * p;
    work->mean = work->uz + p;
    for (size_t j = 1; j < p && work->intercept; j++)
        work->mean[j] = mean(data->x + j, k, p);
    const size_t dependent = orthonormalize(work, -1);
    if (dependent < p)
        return st_fail(err, ST_VALUE,
                       "coefficient %zu of the model follows from those before it; leave it out, or one of them",
                       dependent + 1);
    return ST_OK;
}

void meta_work_fini(meta_work *work) {
    free(work->u);
    free(work->r);
    *work = (meta_work){0};
}

static void scalar_moments(const meta_work *work, double t, meta_moments *m) {
    const double *y = work->yi, *v = work->vi, c = work->centre;
    const size_t k = work->k;
    double s1 = 0, s2 = 0, s3 = 0, sy = 0;
    for (size_t i = 0; i < k; i++) {
        const double w = 1 / (v[i] + t), w2 = w * w;
        s1 += w;
        s2 += w2;
        s3 += w2 * w;
        sy += w * (y[i] - c);
    }
    const double mu = sy / s1;
    double q = 0, pp = 0, ppp = 0, turn = 0;
    for (size_t i = 0; i < k; i++) {
        const double w = 1 / (v[i] + t), r = y[i] - c - mu, e = w * r;
        q += e * r;
        pp += e * e;
        ppp += e * e * w;
        turn += e * w;
    }
    *m = (meta_moments){.q = q,
                        .pp = pp,
                        .ppp = ppp - turn * turn / s1,
                        .s1 = s1,
                        .s2 = s2,
                        .trp = s1 - s2 / s1,
                        .trpp = s2 - 2 * s3 / s1 + s2 / s1 * (s2 / s1)};
}

/* With e = W (y - X b) = Py: y'PPy = e'e, y'PPPy = e'Pe; tr P and tr PP by leverages and U'WU. */
static void matrix_moments(meta_work *work, double t, meta_moments *m) {
    const size_t k = work->k, p = work->p;
    orthonormalize(work, t);
    project(work, t);
    *m = (meta_moments){0};
    memset(work->gram, 0, p * p * sizeof *work->gram);
    for (size_t i = 0; i < k; i++) {
        const double w = 1 / (work->vi[i] + t), z = work->residual[i];
        double leverage = 0;
        for (size_t j = 0; j < p; j++) {
            const double uj = work->u[j * k + i];
            leverage += uj * uj;
            for (size_t l = 0; l <= j; l++)
                work->gram[j * p + l] += uj * w * work->u[l * k + i];
        }
        m->q += z * z;
        m->pp += w * z * z;
        m->ppp += w * w * z * z; /* e'We; e'W X (X'WX)^-1 X'W e comes off below */
        m->s1 += w;
        m->s2 += w * w;
        m->trp += w * (1 - leverage);
        m->trpp += w * w * (1 - 2 * leverage);
    }
    for (size_t j = 0; j < p; j++) {
        double turn = 0;
        for (size_t i = 0; i < k; i++)
            turn += work->u[j * k + i] * work->residual[i] / (work->vi[i] + t);
        m->ppp -= turn * turn;
        for (size_t l = 0; l <= j; l++)
            m->trpp += (l < j ? 2 : 1) * work->gram[j * p + l] * work->gram[j * p + l];
    }
}

void meta_moments_at(meta_work *work, double t, meta_moments *m) {
    if (work->scalar)
        scalar_moments(work, t, m);
    else
        matrix_moments(work, t, m);
}

static void scalar_plain(const meta_work *work, double *rss, double *trpv, double *trpvpv) {
    const double k = (double)work->k;
    double s = 0, v1 = 0, v2 = 0;
    for (size_t i = 0; i < work->k; i++) {
        const double r = work->yi[i] - work->centre;
        s += r * r;
        v1 += work->vi[i];
        v2 += work->vi[i] * work->vi[i];
    }
    *rss = s;
    *trpv = v1 * (1 - 1 / k);
    *trpvpv = v2 * (1 - 2 / k) + v1 / k * (v1 / k);
}

static void matrix_plain(meta_work *work, double *rss, double *trpv, double *trpvpv) {
    const size_t k = work->k, p = work->p;
    orthonormalize(work, -1);
    project(work, -1);
    *rss = dot(work->residual, work->residual, k);
    *trpv = *trpvpv = 0;
    memset(work->gram, 0, p * p * sizeof *work->gram);
    for (size_t i = 0; i < k; i++) {
        const double v = work->vi[i];
        double leverage = 0;
        for (size_t j = 0; j < p; j++) {
            const double uj = work->u[j * k + i];
            leverage += uj * uj;
            for (size_t l = 0; l < p; l++)
                work->gram[j * p + l] += uj * v * work->u[l * k + i];
        }
        *trpv += v * (1 - leverage);
        *trpvpv += v * v * (1 - 2 * leverage);
    }
    *trpvpv += dot(work->gram, work->gram, p * p);
}

void meta_moments_plain(meta_work *work, double *rss, double *trpv, double *trpvpv) {
    if (work->scalar)
        scalar_plain(work, rss, trpv, trpvpv);
    else
        matrix_plain(work, rss, trpv, trpvpv);
}

static double log_det_of_r(const meta_work *work) {
    double sum = 0;
    for (size_t j = 0; j < work->p; j++)
        sum += 2 * log(work->r[j * work->p + j]);
    return sum;
}

void meta_log_terms(meta_work *work, double t, double *sum_log, double *log_det) {
    double sum = 0, s1 = 0;
    for (size_t i = 0; i < work->k; i++) {
        sum += log(work->vi[i] + t);
        s1 += 1 / (work->vi[i] + t);
    }
    *sum_log = sum;
    if (work->scalar) {
        *log_det = log(s1);
        return;
    }
    orthonormalize(work, t);
    *log_det = log_det_of_r(work);
}

double meta_log_det_plain(meta_work *work) {
    if (work->scalar)
        return log((double)work->k);
    orthonormalize(work, -1);
    return log_det_of_r(work);
}

/* R b = U'z from below, and the covariance R^-1 R^-T. */
static void back_substitute(const meta_work *work, double *b, double *vb) {
    const size_t p = work->p;
    const double *r = work->r;
    double *inverse = work->gram;
    memset(inverse, 0, p * p * sizeof *inverse);
    for (size_t c = 0; c < p; c++)
        for (size_t j = c + 1; j-- > 0;) {
            double sum = j == c ? 1 : 0;
            for (size_t l = j + 1; l <= c; l++)
                sum -= r[j * p + l] * inverse[l * p + c];
            inverse[j * p + c] = sum / r[j * p + j];
        }
    for (size_t j = 0; j < p; j++) {
        b[j] = dot(inverse + j * p + j, work->uz + j, p - j);
        for (size_t l = 0; l < p; l++)
            vb[j * p + l] = dot(inverse + j * p, inverse + l * p, p);
    }
}

/* The intercept where moderators are 0 rather than at their means: b and vb by T = (1, -mean; 0, I), T vb T'. */
static void move_intercept(const meta_work *work, double *b, double *vb) {
    const size_t p = work->p;
    b[0] += work->centre;
    for (size_t j = 1; j < p; j++)
        b[0] -= work->mean[j] * b[j];
    for (size_t l = 0; l < p; l++)
        for (size_t j = 1; j < p; j++)
            vb[l] -= work->mean[j] * vb[j * p + l];
    for (size_t l = 0; l < p; l++)
        for (size_t j = 1; j < p; j++)
            vb[l * p] -= work->mean[j] * vb[l * p + j];
}

void meta_coefficients(meta_work *work, double t, size_t tested, double *b, double *vb, double *qm) {
    if (work->scalar) {
        double s1 = 0, sy = 0;
        for (size_t i = 0; i < work->k; i++) {
            const double w = 1 / (work->vi[i] + t);
            s1 += w;
            sy += w * (work->yi[i] - work->centre);
        }
        b[0] = work->centre + sy / s1;
        vb[0] = 1 / s1;
        *qm = b[0] * b[0] * s1;
        return;
    }
    orthonormalize(work, t);
    project(work, t);
    back_substitute(work, b, vb);
    move_intercept(work, b, vb);
    *qm = 0;
    for (size_t j = work->p - tested; j < work->p; j++)
        *qm += work->uz[j] * work->uz[j];
}
