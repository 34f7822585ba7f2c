/* What a model says of each study, and does without it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "refits.h"
#include "tails.h"

#include <math.h>
#include <stdlib.h>

/* A model, the data with a model matrix, and what is left of them without one study. */
typedef struct leaving {
    size_t k, p;
    const st_meta_options *options;
    st_meta_data all, less; /* less: k - 1 rows; that of study i is missing in round i */
    double *yi, *vi, *x;    /* less's */
    const st_meta_fit *fit; /* of all */
    double dispersion;      /* by which its covariance is larger than (X'WX)^-1 */
    double *information;    /* [p * p] X'WX / dispersion, the inverse of its covariance */
    double log_det;         /* of its covariance */
    double *shift, *room;   /* [p], [p * p] */
} leaving;

static double product(const double *a, const double *b, size_t p) {
    double sum = 0;
    for (size_t j = 0; j < p; j++)
        sum += a[j] * b[j];
    return sum;
}

static double quadratic(const double *x, const double *a, size_t p) {
    double sum = 0;
    for (size_t j = 0; j < p; j++)
        sum += x[j] * product(a + j * p, x, p);
    return sum;
}

/* Of a positive definite a [p * p], by Cholesky's factor in `room`; NaN where it is not. */
static double log_determinant(const double *a, size_t p, double *room) {
    double sum = 0;
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double rest = a[i * p + j] - product(room + i * p, room + j * p, j);
            room[i * p + j] = j < i ? rest / room[j * p + j] : sqrt(rest);
        }
        sum += 2 * log(room[i * p + i]);
    }
    return sum;
}

/* Mean square of the weighted residuals, the factor of Knapp and Hartung's covariance; 1 for z. */
static double dispersion_of(const st_meta_data *data, const st_meta_fit *fit) {
    if (fit->test == ST_TEST_Z)
        return 1;
    double sum = 0;
    for (size_t i = 0; i < data->k; i++) {
        const double residual = data->yi[i] - product(data->x + i * data->p, fit->b, data->p);
        sum += residual * residual / (data->vi[i] + fit->tau2);
    }
    return sum / (double)(data->k - data->p);
}

static st_status prepare(const st_meta_data *data, leaving *l, st_error *err) {
    const size_t k = data->k, p = l->p;
    l->yi = st_alloc(k, sizeof *l->yi, err);
    l->vi = st_alloc(k, sizeof *l->vi, err);
    l->x = st_alloc(2 * k * p, sizeof *l->x, err);
    l->shift = st_alloc(p, sizeof *l->shift, err);
    l->information = st_alloc(2 * p * p, sizeof *l->information, err);
    if (!l->yi || !l->vi || !l->x || !l->shift || !l->information)
        return ST_MEMORY;
    l->room = l->information + p * p;
    double *x = l->x + k * p;
    for (size_t i = 0; i < k * p; i++)
        x[i] = data->x ? data->x[i] : 1;
    l->all = (st_meta_data){.k = k, .p = p, .yi = data->yi, .vi = data->vi, .x = x};
    l->less = (st_meta_data){.k = k - 1, .p = p, .yi = l->yi, .vi = l->vi, .x = l->x};
    return ST_OK;
}

/* Study `from` takes row `row` of those that stay. */
static void put_row(leaving *l, size_t row, size_t from) {
    l->yi[row] = l->all.yi[from];
    l->vi[row] = l->all.vi[from];
    for (size_t j = 0; j < l->p; j++)
        l->x[row * l->p + j] = l->all.x[from * l->p + j];
}

static void describe_all(leaving *l, st_influence *influence) {
    const size_t p = l->p;
    double weights = 0;
    l->dispersion = dispersion_of(&l->all, l->fit);
    for (size_t i = 0; i < l->k; i++) {
        const double *x = l->all.x + i * p, w = 1 / (l->all.vi[i] + l->fit->tau2);
        st_influence_row *row = &influence->row[i];
        const double residual = l->all.yi[i] - product(x, l->fit->b, p);
        row->baujat_x = residual * residual * w;
        row->hat = w * quadratic(x, l->fit->vb, p) / l->dispersion;
        row->weight = w;
        weights += w;
        for (size_t j = 0; j < p; j++)
            for (size_t m = 0; m < p; m++)
                l->information[j * p + m] += x[j] * x[m] * w / l->dispersion;
    }
    for (size_t i = 0; i < l->k; i++)
        influence->row[i].weight *= 100 / weights;
    l->log_det = log_determinant(l->fit->vb, p, l->room);
}

/* Shifts of the coefficients in units of their standard errors: those of all studies with the heterogeneity of the fit
 * without study i. (X'WX)^-1 of all is that without it, less what one row takes off (Sherman and Morrison). */
static void standardize_shift(const leaving *l, const double *x, double w, const st_meta_fit *fit, double dispersion,
                              double *dfbs) {
    const size_t p = l->p;
    const double reach = w * quadratic(x, fit->vb, p) / dispersion;
    for (size_t j = 0; j < p; j++) {
        const double along = product(fit->vb + j * p, x, p) / dispersion;
        const double variance = fit->vb[j * p + j] / dispersion - along * along * w / (1 + reach);
        dfbs[j] = l->shift[j] / sqrt(dispersion * variance);
    }
}

static bool is_influential(const leaving *l, const st_influence_row *row, const double *dfbs) {
    const double k = (double)l->k, p = (double)l->p;
    bool influential =
        fabs(row->dffits) > 3 * sqrt(p / (k - p)) || row->hat > 3 * p / k || tail_chisq(row->cook_d, p) < 0.5;
    for (size_t j = 0; j < l->p; j++)
        influential = influential || fabs(dfbs[j]) > 1;
    return influential;
}

/* Without study i. */
static void describe_left_out(leaving *l, size_t i, const st_meta_fit *fit, st_influence_row *row, double *dfbs) {
    const size_t p = l->p;
    const double *x = l->all.x + i * p, variance = l->all.vi[i] + fit->tau2;
    const double dispersion = dispersion_of(&l->less, fit), reach = quadratic(x, fit->vb, p);
    for (size_t j = 0; j < p; j++)
        l->shift[j] = l->fit->b[j] - fit->b[j];
    const double shift = product(x, l->shift, p);
    row->rstudent = (l->all.yi[i] - product(x, fit->b, p)) / sqrt(dispersion * variance + reach);
    row->dffits = shift / sqrt(dispersion * row->hat * variance);
    row->cook_d = quadratic(l->shift, l->information, p);
    row->cov_r = exp(log_determinant(fit->vb, p, l->room) - l->log_det);
    row->tau2_del = fit->tau2;
    row->QE_del = fit->QE;
    row->baujat_y = shift * shift / reach;
    row->left_out = refits_line(fit);
    standardize_shift(l, x, 1 / variance, fit, dispersion, dfbs);
    row->influential = is_influential(l, row, dfbs);
}

static st_status leave_each(leaving *l, st_influence *influence, st_error *err) {
    for (size_t i = 0; i + 1 < l->k; i++)
        put_row(l, i, i + 1);
    for (size_t i = 0; i < l->k; i++) {
        st_influence_row *row = &influence->row[i];
        double *dfbs = influence->dfbs + i * l->p;
        row->rstudent = row->dffits = row->cook_d = row->cov_r = row->tau2_del = row->QE_del = row->baujat_y = NAN;
        row->left_out = refits_none;
        for (size_t j = 0; j < l->p; j++)
            dfbs[j] = NAN;
        st_meta_fit fit;
        const st_status status = l->k > 1 ? st_meta_fit_run(&l->less, l->options, &fit, err) : ST_VALUE;
        if (status == ST_OK) {
            describe_left_out(l, i, &fit, row, dfbs);
            st_meta_fit_fini(&fit);
        } else if (!refits_tolerable(status)) {
            return status;
        }
        if (i + 1 < l->k)
            put_row(l, i, i);
    }
    return ST_OK;
}

st_status st_meta_influence(const st_meta_data *data, const st_meta_options *options, st_influence *influence,
                            st_error *err) {
    const size_t p = data->x ? data->p : 1;
    st_meta_fit fit;
    *influence = (st_influence){.k = data->k, .p = p};
    st_status status = st_meta_fit_run(data, options, &fit, err);
    if (status != ST_OK)
        return status;
    leaving l = {.k = data->k, .p = p, .options = options, .fit = &fit};
    influence->row = st_alloc(data->k, sizeof *influence->row, err);
    influence->dfbs = st_alloc(data->k * p, sizeof *influence->dfbs, err);
    status = influence->row && influence->dfbs ? prepare(data, &l, err) : ST_MEMORY;
    if (status == ST_OK) {
        describe_all(&l, influence);
        status = leave_each(&l, influence, err);
    }
    free(l.yi);
    free(l.vi);
    free(l.x);
    free(l.shift);
    free(l.information);
    st_meta_fit_fini(&fit);
    if (status != ST_OK)
        st_influence_fini(influence);
    return status;
}

void st_influence_fini(st_influence *influence) {
    free(influence->row);
    free(influence->dfbs);
    *influence = (st_influence){0};
}
