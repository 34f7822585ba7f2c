/* Levels of factors, and the model matrix of stasis evidence pool --mods.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More are a mistake: a column of names of studies. */
static const uint32_t LEVELS_MOST = 1000;

static int by_bytes(const void *x, const void *y) {
    return strcmp(((const pool_level *)x)->name, ((const pool_level *)y)->name);
}

static int by_number(const void *x, const void *y) {
    const double a = strtod(((const pool_level *)x)->name, NULL), b = strtod(((const pool_level *)y)->name, NULL);
    return a < b ? -1 : a > b ? 1 : by_bytes(x, y);
}

static bool is_number(const char *text) {
    char *end;
    const double value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(value);
}

st_status pool_levels(const pool *p, const st_frame_column *column, pool_level **levels, size_t *n, st_error *err) {
    if (column->n_levels > LEVELS_MOST)
        return st_fail_at(err, ST_VALUE, p->frame.name, 0, 0,
                          "\"%.60s\" has %u levels; %u is the most that are compared", column->name, column->n_levels,
                          LEVELS_MOST);
    bool numbers = true, *occurs = st_alloc(column->n_levels, sizeof *occurs, err);
    *n = 0;
    *levels = occurs != NULL ? st_alloc(column->n_levels, sizeof **levels, err) : NULL;
    if (*levels == NULL) {
        free(occurs);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < p->k; i++)
        occurs[column->level[i]] = true;
    for (uint32_t l = 0; l < column->n_levels; l++) {
        if (!occurs[l])
            continue;
        (*levels)[(*n)++] = (pool_level){column->levels[l], l};
        numbers = numbers && is_number(column->levels[l]);
    }
    qsort(*levels, *n, sizeof **levels, numbers ? by_number : by_bytes);
    free(occurs);
    return ST_OK;
}

/* The levels of each factor; coefficients in all. */
static st_status count_coefficients(pool *p, pool_level **levels, size_t *n_levels, st_error *err) {
    p->p = 1;
    for (size_t t = 0; t < p->n_terms; t++) {
        const st_frame_column *c = p->term[t].column;
        if (!p->term[t].factor) {
            p->p++;
            continue;
        }
        const st_status status = pool_levels(p, c, &levels[t], &n_levels[t], err);
        if (status != ST_OK)
            return status;
        if (n_levels[t] < 2) {
            return st_fail_at(err, ST_VALUE, p->frame.name, 0, 0,
                              "factor(%.60s) has one level among these studies, \"%.60s\"; two are wanted", c->name,
                              levels[t][0].name);
        }
        p->p += n_levels[t] - 1;
    }
    if (p->p > p->k)
        return st_fail(err, ST_VALUE, "%zu coefficients cannot be estimated from %zu studies", p->p, p->k);
    return ST_OK;
}

static st_status name_coefficient(pool *p, size_t j, const char *column, const char *level, st_error *err) {
    char name[256];
    snprintf(name, sizeof name, level != NULL ? "factor(%.100s)%.100s" : "%.200s", column, level);
    p->coefficient[j] = st_arena_copy(&p->arena, name, strlen(name), err);
    return p->coefficient[j] != NULL ? ST_OK : ST_MEMORY;
}

/* One column of numbers, or one for each level but the first. */
static st_status fill_term(pool *p, size_t t, const pool_level *levels, size_t n_levels, size_t *j, st_error *err) {
    const st_frame_column *c = p->term[t].column;
    st_status status = ST_OK;
    for (size_t l = 1; l < (p->term[t].factor ? n_levels : 2) && status == ST_OK; l++, ++*j) {
        for (size_t i = 0; i < p->k; i++)
            p->x[i * p->p + *j] = p->term[t].factor ? (double)(c->level[i] == levels[l].index) : c->number[i];
        status = name_coefficient(p, *j, c->name, p->term[t].factor ? levels[l].name : NULL, err);
    }
    return status;
}

static st_status fill_matrix(pool *p, pool_level *const *levels, const size_t *n_levels, st_error *err) {
    if (p->n_terms == 0)
        return ST_OK;
    if ((p->x = st_alloc(p->k, p->p * sizeof *p->x, err)) == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < p->k; i++)
        p->x[i * p->p] = 1;
    size_t j = 1;
    st_status status = ST_OK;
    for (size_t t = 0; t < p->n_terms && status == ST_OK; t++)
        status = fill_term(p, t, levels[t], n_levels[t], &j, err);
    return status;
}

st_status pool_matrix(pool *p, st_error *err) {
    pool_level *levels[POOL_TERMS_MOST] = {0};
    size_t n_levels[POOL_TERMS_MOST] = {0};
    st_status status = count_coefficients(p, levels, n_levels, err);
    if (status == ST_OK && (p->coefficient = st_arena_alloc(&p->arena, p->p * sizeof *p->coefficient, err)) == NULL)
        status = ST_MEMORY;
    if (status == ST_OK) {
        p->coefficient[0] = "intrcpt";
        status = fill_matrix(p, levels, n_levels, err);
    }
    for (size_t t = 0; t < p->n_terms; t++)
        free(levels[t]);
    return status;
}
