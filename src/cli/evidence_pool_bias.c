/* stasis evidence pool --bias: whether small studies say something else than large ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool_bias.h"

#include <math.h>
#include <stasis/text.h>
#include <stdlib.h>

/* ---- the tests ------------------------------------------------------------------------------------- */

/* A check that cannot be made is a gap with its reason, not the end of the run. */
static st_status gap(st_status status, const st_error *why, char *reason, size_t size) {
    if (status != ST_VALUE && status != ST_NUMERIC)
        return status;
    snprintf(reason, size, "%.*s", (int)size - 1, why->what);
    return ST_OK;
}

/* By both models; ni NULL where the predictor needs none. */
static st_status regress(const pool *p, const st_meta_data *data, const double *ni, st_asymmetry_predictor predictor,
                         bias_regression *r, st_error *err) {
    st_status status = ST_OK;
    r->made = true;
    for (size_t model = 0; model < 2 && status == ST_OK; model++) {
        status = st_meta_asymmetry(data, ni, &p->model, (st_asymmetry_model)model, predictor, &r->by[model], err);
        status = gap(status, err, r->reason, sizeof r->reason);
    }
    return status;
}

/* Peters and others, JAMA 2006;295:676: weights by the pooled events of a study, d (n - d) / n, so that they do not
 * hang on its own outcome. A study without events or without anything else has none. */
static st_status peters(const pool *p, const bias_sizes *s, bias_regression *r, st_error *err) {
    double *room = st_alloc(p->k, 3 * sizeof *room, err);
    if (room == NULL)
        return ST_MEMORY;
    double *yi = room, *vi = yi + p->k, *ni = vi + p->k;
    size_t k = 0;
    for (size_t i = 0; i < p->k; i++) {
        const double d = s->events[i], rest = s->ni[i] - d;
        if (d > 0 && rest > 0) {
            yi[k] = p->yi[i];
            vi[k] = 1 / d + 1 / rest;
            ni[k++] = s->ni[i];
        }
    }
    const st_meta_data data = {.k = k, .p = 1, .yi = yi, .vi = vi};
    r->made = true;
    st_status status = st_meta_asymmetry(&data, ni, &p->model, ST_ASYMMETRY_LM, ST_ASYMMETRY_NINV, &r->by[0], err);
    status = gap(status, err, r->reason, sizeof r->reason);
    free(room);
    return status;
}

/* Of arcsines of roots, whose variances hang on the sizes alone (Ruecker and others, Stat Med 2008;27:746). */
static st_status arcsine(const pool *p, const bias_sizes *s, bias_regression *r, st_error *err) {
    double *yi = st_alloc(p->k, 2 * sizeof *yi, err), *vi = yi != NULL ? yi + p->k : NULL;
    if (yi == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < p->k; i++) {
        yi[i] = asin(sqrt(s->x1[i] / s->n1[i]));
        vi[i] = 1 / (4 * s->n1[i]);
        if (s->x2 != NULL) {
            yi[i] -= asin(sqrt(s->x2[i] / s->n2[i]));
            vi[i] += 1 / (4 * s->n2[i]);
        }
    }
    const st_meta_data data = {.k = p->k, .p = 1, .yi = yi, .vi = vi};
    const st_status status = regress(p, &data, NULL, ST_ASYMMETRY_SEI, r, err);
    free(yi);
    return status;
}

static st_status compute_trims(const pool *p, bias *b, st_error *err) {
    st_status status = ST_OK;
    for (size_t e = 0; e < BIAS_TRIMS && status == ST_OK; e++) {
        status = st_meta_trim_fill(&p->data, &p->model, (st_trim_estimator)e, ST_SIDE_AUTO, &b->trim[e], err);
        b->trimmed[e] = status == ST_OK;
        status = gap(status, err, b->trim_reason[e], sizeof b->trim_reason[e]);
    }
    return status;
}

st_status bias_compute(const pool *p, bias *b, st_error *err) {
    *b = (bias){0};
    bias_sizes sizes;
    st_status status = bias_sizes_init(p, &sizes, err);
    if (status == ST_OK)
        status = regress(p, &p->data, NULL, ST_ASYMMETRY_SEI, &b->egger, err);
    if (status == ST_OK)
        status = regress(p, &p->data, NULL, ST_ASYMMETRY_VI, &b->vi, err);
    if (status == ST_OK && sizes.ni != NULL)
        status = regress(p, &p->data, sizes.ni, ST_ASYMMETRY_NI, &b->ni, err);
    if (status == ST_OK && sizes.ni != NULL)
        status = regress(p, &p->data, sizes.ni, ST_ASYMMETRY_NINV, &b->ninv, err);
    if (status == ST_OK && sizes.events != NULL && p->p == 1)
        status = peters(p, &sizes, &b->peters, err);
    if (status == ST_OK && sizes.events != NULL && p->p == 1)
        status = arcsine(p, &sizes, &b->arcsine, err);
    if (status == ST_OK)
        status = st_meta_begg(p->yi, p->vi, p->k, &b->begg, err);
    if (status == ST_OK)
        status = compute_trims(p, b, err);
    bias_sizes_fini(&sizes);
    if (status != ST_OK)
        bias_fini(b);
    return status;
}

void bias_fini(bias *b) {
    for (size_t e = 0; e < BIAS_TRIMS; e++)
        st_trim_fill_fini(&b->trim[e]);
}

/* ---- sizes and events --------------------------------------------------------------------------------- */

/* Arms of a table: a of a + b, c of c + d. */
static void take_tables(const pool *p, bias_sizes *s) {
    for (size_t i = 0; i < p->k; i++) {
        s->x1[i] = p->value[0][i];
        s->n1[i] = p->value[0][i] + p->value[1][i];
        s->x2[i] = p->value[2][i];
        s->n2[i] = p->value[2][i] + p->value[3][i];
        s->events[i] = s->x1[i] + s->x2[i];
        s->ni[i] = s->n1[i] + s->n2[i];
    }
}

static void take_proportions(const pool *p, bias_sizes *s) {
    for (size_t i = 0; i < p->k; i++) {
        s->x1[i] = s->events[i] = p->value[0][i];
        s->n1[i] = s->ni[i] = p->value[1][i];
    }
    s->x2 = s->n2 = NULL;
}

/* The rest has sizes at best. */
static void take_sizes(const pool *p, bias_sizes *s) {
    const bool means = p->measure == ST_MEASURE_MD || p->measure == ST_MEASURE_SMD || p->measure == ST_MEASURE_ROM;
    const bool correlations = p->measure == ST_MEASURE_COR || p->measure == ST_MEASURE_ZCOR;
    for (size_t i = 0; i < p->k && (means || correlations); i++)
        s->ni[i] = means ? p->value[2][i] + p->value[5][i] : p->value[1][i];
    s->events = NULL;
    if (!means && !correlations)
        s->ni = NULL;
}

st_status bias_sizes_init(const pool *p, bias_sizes *s, st_error *err) {
    double *room = st_alloc(p->k, 6 * sizeof *room, err);
    *s = (bias_sizes){.room = room};
    if (room == NULL)
        return ST_MEMORY;
    double **member[] = {&s->ni, &s->events, &s->x1, &s->n1, &s->x2, &s->n2};
    for (size_t j = 0; j < sizeof member / sizeof *member; j++)
        *member[j] = room + j * p->k;
    if (p->measure <= ST_MEASURE_PFT)
        take_proportions(p, s);
    else if (p->measure <= ST_MEASURE_PETO)
        take_tables(p, s);
    else
        take_sizes(p, s);
    return ST_OK;
}

void bias_sizes_fini(bias_sizes *s) {
    free(s->room);
    *s = (bias_sizes){0};
}
