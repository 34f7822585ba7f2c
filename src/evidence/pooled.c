/* A pool, pooled: the headline, other ways beside it, what it rests on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/pooled.h>

#include "pooled_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ---------------------------------------------------------------------------------- */

static size_t distinct_studies(const st_pooled *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->k; i++) {
        size_t j = 0;
        while (j < i && strcmp(p->pool->row[p->row[i]].study, p->pool->row[p->row[j]].study) != 0)
            j++;
        n += j == i;
    }
    return n;
}

static void take_row(st_pooled *p, size_t index) {
    const st_pool_row *row = &p->pool->row[index];
    const bool two = p->pool->shape == ST_POOL_TWO;
    const double counts[4] = {row->x, two ? row->n - row->x : row->n, row->x2, row->n2 - row->x2};
    for (int j = 0; j < 4; j++)
        p->column[j][p->k] = counts[j];
    p->row[p->k++] = index;
    p->events += row->x;
    p->n += row->n;
    p->harmonic_n += 1 / row->n;
}

static st_status take_rows(st_pooled *p, st_error *err) {
    const size_t n = p->pool->n;
    p->row = st_alloc(n, sizeof *p->row, err);
    p->yi = st_alloc(n, sizeof *p->yi, err);
    p->vi = st_alloc(n, sizeof *p->vi, err);
    for (int j = 0; j < 4; j++)
        p->column[j] = st_alloc(n, sizeof *p->column[j], err);
    if (!p->row || !p->yi || !p->vi || !p->column[0] || !p->column[1] || !p->column[2] || !p->column[3])
        return ST_MEMORY;
    for (size_t i = 0; i < n; i++)
        if (p->pool->row[i].included)
            take_row(p, i);
    p->harmonic_n = p->k > 0 ? (double)p->k / p->harmonic_n : NAN;
    p->studies = distinct_studies(p);
    const st_effect_options options = {.add = ST_MEASURE_ADD, .to = ST_ADD_ONLY0};
    return p->k > 0
               ? st_effects_compute(p->measure, (const double *const *)p->column, p->k, &options, p->yi, p->vi, err)
               : ST_OK;
}

/* ---- what it rests on ------------------------------------------------------------------------ */

static st_status leave_out(st_pooled *p, const st_meta_data *data, const st_meta_options *options, st_error *err) {
    const st_meta_model model = {data, options};
    st_meta_line *line = st_alloc(p->k, sizeof *line, err);
    if (!line)
        return ST_MEMORY;
    const st_status status = st_meta_leave_one_out(st_meta_model_refit, &model, p->k, line, err);
    p->without_lowest = p->without_highest = NAN;
    for (size_t i = 0; i < p->k && status == ST_OK; i++) {
        if (!(line[i].b >= p->without_lowest)) {
            p->without_lowest = line[i].b;
            p->lowest = i;
        }
        if (!(line[i].b <= p->without_highest)) {
            p->without_highest = line[i].b;
            p->highest = i;
        }
    }
    p->without_lowest = st_measure_back(p->measure, p->without_lowest, p->harmonic_n);
    p->without_highest = st_measure_back(p->measure, p->without_highest, p->harmonic_n);
    free(line);
    return status;
}

static st_status nest_arms(st_pooled *p, const st_meta_data *data, st_error *err) {
    uint32_t *study = st_alloc(p->k, sizeof *study, err);
    if (!study)
        return ST_MEMORY;
    for (size_t i = 0; i < p->k; i++)
        while (strcmp(p->pool->row[p->row[i]].study, p->pool->row[p->row[study[i]]].study) != 0)
            study[i]++;
    const st_levels_options options = {.method = ST_METHOD_REML, .t_test = true, .level = POOLED_LEVEL};
    const st_status status = st_levels_fit_init(data, study, &options, &p->levels, err);
    free(study);
    return status;
}

static st_status rest_on(st_pooled *p, const st_meta_data *data, const st_meta_options *options, st_error *err) {
    st_status status = st_meta_limits_compute(data, &p->fit, &p->limits, err);
    p->egger.p = NAN;
    if (status == ST_OK)
        status = leave_out(p, data, options, err);
    if (status == ST_OK && p->k >= ST_ASYMMETRY_STUDIES_LEAST)
        status = st_meta_asymmetry(data, NULL, options, ST_ASYMMETRY_RMA, ST_ASYMMETRY_SEI, &p->egger, err);
    if (status == ST_OK && p->studies < p->k && p->studies > 1)
        status = nest_arms(p, data, err);
    return status;
}

st_status st_pooled_init(const st_pool *pool, st_pooled *pooled, st_error *err) {
    *pooled = (st_pooled){.pool = pool};
    st_status status =
        pool->shape == ST_POOL_MEDIAN
            ? st_fail(err, ST_VALUE, "the pool \"%s\" is of medians, which st_pooled_medians_init pools", pool->name)
            : st_measure_find(pool->measure, &pooled->measure, err);
    if (status == ST_OK && pooled->measure != ST_MEASURE_PLO && pooled->measure != ST_MEASURE_OR)
        status = st_fail(err, ST_VALUE, "pools of PLO and OR are pooled in every way, and \"%s\" is of %s", pool->name,
                         pool->measure);
    if (status == ST_OK)
        status = take_rows(pooled, err);
    const st_meta_data data = {pooled->k, 1, pooled->yi, pooled->vi, NULL};
    const st_meta_options options = {ST_METHOD_REML, ST_TEST_KNHA, POOLED_LEVEL};
    if (status == ST_OK && pooled->k > 0) {
        status = st_meta_fit_run(&data, &options, &pooled->fit, err);
        if (status == ST_OK)
            status = pooled_ways(pooled, &data, err);
        if (status == ST_OK && pooled->k > 1)
            status = rest_on(pooled, &data, &options, err);
    }
    if (status != ST_OK)
        st_pooled_fini(pooled);
    return status;
}

void st_pooled_fini(st_pooled *pooled) {
    free(pooled->row);
    free(pooled->yi);
    free(pooled->vi);
    for (int j = 0; j < 4; j++)
        free(pooled->column[j]);
    st_meta_fit_fini(&pooled->fit);
    st_levels_fit_fini(&pooled->levels);
    *pooled = (st_pooled){0};
}

/* ---- groups ---------------------------------------------------------------------------------- */

static const char *key_of(const st_pool_row *row, st_pooled_key key) {
    return key == ST_BY_TYPE ? row->type : row->modality;
}

static st_status find_groups(const st_pooled *p, st_pooled_key key, st_pooled_groups *groups, st_error *err) {
    groups->of = st_alloc(p->k, sizeof *groups->of, err);
    if (!groups->of)
        return ST_MEMORY;
    for (size_t i = 0; i < p->k; i++) {
        const char *name = key_of(&p->pool->row[p->row[i]], key);
        uint32_t g = 0;
        while (g < groups->n && strcmp(groups->group[g].name, name) != 0)
            g++;
        if (g == ST_POOLED_GROUPS_MOST)
            return st_fail(err, ST_VALUE, "the pool \"%s\" has more than %d groups", p->pool->name,
                           ST_POOLED_GROUPS_MOST);
        if (g == groups->n)
            groups->group[groups->n++].name = name;
        groups->of[i] = g;
        groups->group[g].k++;
    }
    return ST_OK;
}

/* The rows of one group, pooled. */
static st_status fit_group(const st_pooled *p, st_pooled_groups *groups, uint32_t g, st_error *err) {
    st_pooled_group *group = &groups->group[g];
    double *yi = st_alloc(2 * group->k, sizeof *yi, err);
    if (!yi)
        return ST_MEMORY;
    double *vi = yi + group->k;
    size_t n = 0;
    for (size_t i = 0; i < p->k; i++)
        if (groups->of[i] == g) {
            yi[n] = p->yi[i];
            vi[n++] = p->vi[i];
        }
    const st_meta_data data = {n, 1, yi, vi, NULL};
    const st_meta_options options = {ST_METHOD_REML, ST_TEST_KNHA, POOLED_LEVEL};
    const st_status status = st_meta_fit_run(&data, &options, &group->fit, err);
    free(yi);
    return status;
}

st_status st_pooled_groups_init(const st_pooled *pooled, st_pooled_key key, st_pooled_groups *groups, st_error *err) {
    *groups = (st_pooled_groups){.Q = NAN, .p = NAN};
    double b[ST_POOLED_GROUPS_MOST] = {0}, v[ST_POOLED_GROUPS_MOST] = {0};
    st_status status = find_groups(pooled, key, groups, err);
    for (uint32_t g = 0; g < groups->n && status == ST_OK; g++) {
        status = fit_group(pooled, groups, g, err);
        if (status == ST_OK) {
            b[g] = groups->group[g].fit.b[0];
            v[g] = groups->group[g].fit.vb[0];
        }
    }
    if (status == ST_OK && groups->n > 1) {
        const st_meta_data data = {groups->n, 1, b, v, NULL};
        const st_meta_options options = {ST_METHOD_FE, ST_TEST_Z, POOLED_LEVEL};
        st_meta_fit between = {0};
        status = st_meta_fit_run(&data, &options, &between, err);
        groups->Q = between.QE;
        groups->p = between.QEp;
        st_meta_fit_fini(&between);
    }
    if (status != ST_OK)
        st_pooled_groups_fini(groups);
    return status;
}

void st_pooled_groups_fini(st_pooled_groups *groups) {
    for (size_t g = 0; g < groups->n; g++)
        st_meta_fit_fini(&groups->group[g].fit);
    free(groups->of);
    *groups = (st_pooled_groups){0};
}
