/* From the file of stasis evidence pool to estimates, variances and the model matrix.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the measure with those that stand in, moderators, label, subgroup, order, study. */
enum { WISHES_MOST = 2 * ST_MEASURE_COLUMNS_MOST + POOL_TERMS_MOST + 4 };

static const char FACTOR[] = "factor(";

/* A column that another one can stand in for, as metafor's escalc takes it. */
typedef enum { MINUS_BASE, PLUS_BASE, SQUARED } derivation;
static const struct substitute {
    const char *column, *instead, *base;
    derivation how;
    const char *disagrees;
} substitutes[] = {{"ni", "mi", "xi", PLUS_BASE, "is not ni - xi"},
                   {"bi", "n1i", "ai", MINUS_BASE, "is not ai + bi"},
                   {"di", "n2i", "ci", MINUS_BASE, "is not ci + di"},
                   {"vi", "sei", "yi", SQUARED, ""}};
enum { SUBSTITUTES = sizeof substitutes / sizeof *substitutes };

typedef struct reading {
    pool *pool;
    st_error *err;
    char **header;
    size_t n_header;
    st_frame_wish wish[WISHES_MOST];
    size_t n_wishes;
    const char *name[ST_MEASURE_COLUMNS_MOST];            /* of the measure's columns */
    size_t base[ST_MEASURE_COLUMNS_MOST];                 /* place of the substitute's base */
    const struct substitute *by[ST_MEASURE_COLUMNS_MOST]; /* NULL: none in the file */
    size_t substitute_wish[ST_MEASURE_COLUMNS_MOST];
    double *number[ST_MEASURE_COLUMNS_MOST];
    size_t term_wish;
    size_t label_wish, group_wish, order_wish, cluster_wish; /* SIZE_MAX: none */
    bool *keep;
} reading;

/* ---- which columns -------------------------------------------------------------------------- */

static bool in_header(const reading *r, const char *name) {
    for (size_t i = 0; i < r->n_header; i++)
        if (strcmp(r->header[i], name) == 0)
            return true;
    return false;
}

static size_t wish(reading *r, const char *name, bool text, bool optional) {
    r->wish[r->n_wishes] = (st_frame_wish){.name = name, .text = text, .optional = optional};
    return r->n_wishes++;
}

/* Place of a column among the measure's, SIZE_MAX where it has none of that name. */
static size_t place_of(const reading *r, const char *name) {
    for (size_t j = 0; j < r->pool->n_values; j++)
        if (strcmp(r->name[j], name) == 0)
            return j;
    return SIZE_MAX;
}

static st_status split_columns(reading *r) {
    pool *p = r->pool;
    const char *columns = st_measure_columns(p->measure);
    char *at = st_arena_copy(&p->arena, columns, strlen(columns), r->err);
    for (p->n_values = 0; at != NULL; p->n_values++) {
        r->name[p->n_values] = at;
        char *comma = strchr(at, ',');
        if (comma == NULL) {
            p->n_values++;
            break;
        }
        *comma = '\0';
        at = comma + 1;
    }
    return at != NULL ? ST_OK : ST_MEMORY;
}

static void wish_values(reading *r) {
    pool *p = r->pool;
    for (size_t s = 0; s < SUBSTITUTES; s++) {
        const size_t place = place_of(r, substitutes[s].column), base = place_of(r, substitutes[s].base);
        if (place == SIZE_MAX || base == SIZE_MAX || !in_header(r, substitutes[s].instead))
            continue;
        r->by[place] = &substitutes[s];
        r->base[place] = base;
    }
    for (size_t j = 0; j < p->n_values; j++)
        wish(r, r->name[j], false, r->by[j] != NULL);
    for (size_t j = 0; j < p->n_values; j++)
        if (r->by[j] != NULL)
            r->substitute_wish[j] = wish(r, r->by[j]->instead, false, false);
}

/* "a,factor(b)" */
static st_status wish_terms(reading *r) {
    const char *mods = r->pool->options->mods;
    char *at = mods != NULL ? st_arena_copy(&r->pool->arena, mods, strlen(mods), r->err) : NULL;
    if (mods != NULL && at == NULL)
        return ST_MEMORY;
    r->term_wish = r->n_wishes;
    while (at != NULL) {
        char *comma = strchr(at, ',');
        if (comma != NULL)
            *comma = '\0';
        size_t length = strlen(at);
        const bool factor = strncmp(at, FACTOR, sizeof FACTOR - 1) == 0 && at[length - 1] == ')';
        if (factor) {
            at[length - 1] = '\0';
            at += sizeof FACTOR - 1;
        }
        if (*at == '\0')
            return st_fail(r->err, ST_USAGE, "--mods got \"%.80s\"; it takes columns, or factor(COLUMN), with commas",
                           mods);
        if (r->pool->n_terms == POOL_TERMS_MOST)
            return st_fail(r->err, ST_USAGE, "--mods takes %d columns at most", POOL_TERMS_MOST);
        r->pool->term[r->pool->n_terms++].factor = factor;
        wish(r, at, factor, false);
        at = comma != NULL ? comma + 1 : NULL;
    }
    return ST_OK;
}

static void wish_names(reading *r) {
    const pool_options *o = r->pool->options;
    const char *label = o->label != NULL ? o->label : in_header(r, "label") ? "label" : "study";
    r->label_wish = o->label != NULL || in_header(r, label) ? wish(r, label, true, false) : SIZE_MAX;
    r->group_wish = o->subgroup != NULL ? wish(r, o->subgroup, true, false) : SIZE_MAX;
    r->order_wish = o->cumulative != NULL ? wish(r, o->cumulative, false, false) : SIZE_MAX;
    r->cluster_wish = o->levels != NULL ? wish(r, o->levels, true, false) : SIZE_MAX;
}

/* ---- values ----------------------------------------------------------------------------------- */

/* The place of what st_fail_at refused. */
static st_status in_column(const reading *r, const char *column) {
    snprintf(r->err->field, sizeof r->err->field, "%.120s", column);
    return ST_VALUE;
}

static st_status refuse(const reading *r, size_t row, const char *column, double value, const char *why) {
    st_fail_at(r->err, ST_VALUE, r->pool->frame.name, r->pool->frame.line[row], 0, "%.15g %s", value, why);
    return in_column(r, column);
}

static double derive(const struct substitute *by, double instead, double base) {
    return by->how == MINUS_BASE ? instead - base : by->how == PLUS_BASE ? base + instead : instead * instead;
}

/* Takes a column from its substitute where it lacks a value; where both are there, counts must agree. */
static st_status take_values(reading *r, size_t j) {
    const struct substitute *by = r->by[j];
    const st_frame *f = &r->pool->frame;
    const st_frame_column *own = &f->column[j];
    r->pool->value[j] = r->number[j] = own->number;
    if (by == NULL)
        return ST_OK;
    const double *base = f->column[r->base[j]].number;
    double *instead = f->column[r->substitute_wish[j]].number, *to = own->present ? own->number : instead;
    r->pool->value[j] = r->number[j] = to;
    for (size_t i = 0; i < f->rows; i++) {
        const double other = instead[i], derived = derive(by, other, base[i]);
        if (by->how == SQUARED && other <= 0)
            return refuse(r, i, by->instead, other, "is not above 0");
        if (!own->present || isnan(to[i]))
            to[i] = derived;
        else if (by->how != SQUARED && fabs(derived - to[i]) > 1e-9 * fabs(other))
            return refuse(r, i, by->instead, other, by->disagrees);
    }
    return ST_OK;
}

/* The column of which the row lacks a finite value, NULL where it lacks none. */
static const char *lacking(const reading *r, size_t row, double *found) {
    const pool *p = r->pool;
    for (size_t j = 0; j < p->n_values; j++)
        if (!isfinite(*found = p->value[j][row]))
            return r->name[j];
    for (size_t t = 0; t < p->n_terms; t++) {
        const st_frame_column *c = p->term[t].column;
        if (c->number != NULL && !isfinite(*found = c->number[row]))
            return c->name;
        *found = NAN;
        if (c->level != NULL && c->level[row] == ST_FRAME_MISSING)
            return c->name;
    }
    if (p->order != NULL && !isfinite(*found = p->order->number[row]))
        return p->order->name;
    *found = NAN;
    if (p->cluster != NULL && p->cluster->level[row] == ST_FRAME_MISSING)
        return p->cluster->name;
    return p->group != NULL && p->group->level[row] == ST_FRAME_MISSING ? p->group->name : NULL;
}

static st_status check_row(reading *r, size_t row) {
    pool *p = r->pool;
    double value[ST_MEASURE_COLUMNS_MOST], found;
    size_t at = 0;
    const char *column = lacking(r, row, &found);
    r->keep[row] = column == NULL;
    if (column != NULL && !p->options->skip_missing) {
        st_fail_at(r->err, ST_VALUE, p->frame.name, p->frame.line[row], 0,
                   "a value is %s; --skip-missing leaves such rows out", isnan(found) ? "missing" : "infinite");
        return in_column(r, column);
    }
    if (column != NULL) {
        p->missing++;
        return ST_OK;
    }
    for (size_t j = 0; j < p->n_values; j++)
        value[j] = p->value[j][row];
    const char *fault = st_measure_fault(p->measure, value, &at);
    return fault == NULL ? ST_OK : refuse(r, row, r->name[at], value[at], fault);
}

/* Estimates; rows that give none go. Those of GEN are the file's own columns. */
static st_status estimate(reading *r) {
    pool *p = r->pool;
    const size_t rows = p->frame.rows;
    double *own = NULL;
    if (p->measure == ST_MEASURE_GEN) {
        p->yi = r->number[0];
        p->vi = r->number[1];
    } else if ((own = st_alloc(rows, 2 * sizeof *own, r->err)) == NULL) {
        return ST_MEMORY;
    } else {
        p->estimates = own;
        p->yi = own;
        p->vi = own + rows;
    }
    st_status status = st_effects_compute(p->measure, p->value, rows, &p->effects, p->yi, p->vi, r->err);
    if (status != ST_OK)
        return status;
    size_t to = 0;
    for (size_t i = 0; i < rows; i++) {
        r->keep[i] = !isnan(p->yi[i]);
        p->no_estimate += !r->keep[i];
        if (own != NULL && r->keep[i]) {
            p->yi[to] = p->yi[i];
            p->vi[to++] = p->vi[i];
        }
    }
    st_frame_keep(&p->frame, r->keep);
    return ST_OK;
}

static st_status take_rows(reading *r) {
    pool *p = r->pool;
    st_status status = ST_OK;
    for (size_t j = 0; j < p->n_values && status == ST_OK; j++)
        status = take_values(r, j);
    if (status == ST_OK && (r->keep = st_alloc(p->frame.rows, sizeof *r->keep, r->err)) == NULL)
        status = ST_MEMORY;
    for (size_t row = 0; row < p->frame.rows && status == ST_OK; row++)
        status = check_row(r, row);
    if (status != ST_OK)
        return status;
    st_frame_keep(&p->frame, r->keep);
    if (st_method_is_inverse_variance(p->model.method) && (status = estimate(r)) != ST_OK)
        return status;
    p->k = p->frame.rows;
    if (p->k == 0)
        return st_fail_at(r->err, ST_VALUE, p->frame.name, 0, 0,
                          "no study is left to pool: %zu rows lack a value, %zu give no estimate", p->missing,
                          p->no_estimate);
    return ST_OK;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

st_status pool_read(pool *p, st_error *err) {
    reading r = {.pool = p, .err = err};
    st_status status = st_frame_header(p->options->file, &p->arena, &r.header, &r.n_header, err);
    if (status == ST_OK)
        status = split_columns(&r);
    if (status == ST_OK) {
        wish_values(&r);
        status = wish_terms(&r);
    }
    if (status == ST_OK) {
        wish_names(&r);
        status = st_frame_read(p->options->file, r.wish, r.n_wishes, &p->frame, err);
    }
    if (status == ST_OK) {
        for (size_t t = 0; t < p->n_terms; t++)
            p->term[t].column = &p->frame.column[r.term_wish + t];
        p->label = r.label_wish != SIZE_MAX ? &p->frame.column[r.label_wish] : NULL;
        p->group = r.group_wish != SIZE_MAX ? &p->frame.column[r.group_wish] : NULL;
        p->order = r.order_wish != SIZE_MAX ? &p->frame.column[r.order_wish] : NULL;
        p->cluster = r.cluster_wish != SIZE_MAX ? &p->frame.column[r.cluster_wish] : NULL;
        status = take_rows(&r);
    }
    if (status == ST_OK)
        status = pool_matrix(p, err);
    free(r.keep);
    return status;
}

void pool_fini(pool *p) {
    st_meta_fit_fini(&p->fit);
    st_frame_fini(&p->frame);
    free(p->estimates);
    free(p->x);
    st_arena_fini(&p->arena);
}
