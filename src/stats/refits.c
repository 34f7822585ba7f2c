/* Pools without a study, and study by study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/meta_checks.h>

#include <math.h>
#include <stdlib.h>

#include "refits.h"

const st_meta_line refits_none = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

st_meta_line refits_line(const st_meta_fit *fit) {
    return (st_meta_line){fit->b[0], fit->se[0], fit->zval[0], fit->pval[0], fit->ci_lb[0], fit->ci_ub[0],
                          fit->QE,   fit->QEp,   fit->tau2,    fit->I2,      fit->H2};
}

st_status st_meta_model_refit(const void *context, const size_t *which, size_t n, st_meta_fit *fit, st_error *err) {
    const st_meta_model *model = context;
    const st_meta_data *all = model->data;
    const size_t p = all->x ? all->p : 0;
    *fit = (st_meta_fit){0};
    double *yi = st_alloc(n * (p + 2), sizeof *yi, err);
    if (yi == NULL)
        return ST_MEMORY;
    double *vi = yi + n, *x = vi + n;
    for (size_t i = 0; i < n; i++) {
        yi[i] = all->yi[which[i]];
        vi[i] = all->vi[which[i]];
        for (size_t j = 0; j < p; j++)
            x[i * p + j] = all->x[which[i] * p + j];
    }
    const st_meta_data data = {.k = n, .p = all->p, .yi = yi, .vi = vi, .x = all->x ? x : NULL};
    const st_status status = st_meta_fit_run(&data, model->options, fit, err);
    free(yi);
    return status;
}

/* A fit that cannot be made is a line without numbers. */
static st_status refit_line(st_meta_refit refit, const void *context, const size_t *which, size_t n, st_meta_line *line,
                            st_error *err) {
    st_meta_fit fit;
    *line = refits_none;
    const st_status status = refit(context, which, n, &fit, err);
    if (status == ST_OK) {
        *line = refits_line(&fit);
        st_meta_fit_fini(&fit);
    }
    return refits_tolerable(status) ? ST_OK : status;
}

st_status st_meta_leave_one_out(st_meta_refit refit, const void *context, size_t k, st_meta_line *line, st_error *err) {
    size_t *which = st_alloc(k, sizeof *which, err);
    st_status status = which ? ST_OK : ST_MEMORY;
    for (size_t i = 0; status == ST_OK && i + 1 < k; i++)
        which[i] = i + 1;
    for (size_t i = 0; status == ST_OK && i < k; i++) {
        line[i] = refits_none;
        if (k > 1)
            status = refit_line(refit, context, which, k - 1, &line[i], err);
        which[i] = i; /* the last round writes where none looks */
    }
    free(which);
    return status;
}

typedef struct placed {
    double order;
    size_t place;
} placed;

static int ascending(const void *x, const void *y) {
    const placed *a = x, *b = y;
    const int by_order = (a->order > b->order) - (a->order < b->order);
    return by_order != 0 ? by_order : (a->place > b->place) - (a->place < b->place);
}

st_status st_meta_cumulative(st_meta_refit refit, const void *context, size_t k, const double *order, size_t *place,
                             st_meta_line *line, st_error *err) {
    placed *study = st_alloc(k, sizeof *study, err);
    if (study == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < k; i++)
        study[i] = (placed){order ? order[i] : 0, i};
    qsort(study, k, sizeof *study, ascending);
    st_status status = ST_OK;
    for (size_t i = 0; status == ST_OK && i < k; i++) {
        place[i] = study[i].place;
        if (isnan(study[i].order))
            status = st_fail(err, ST_VALUE,
                             "study %zu has no place in the order of the cumulative pool: its value is "
                             "missing",
                             place[i] + 1);
        else
            status = refit_line(refit, context, place, i + 1, &line[i], err);
    }
    free(study);
    return status;
}
