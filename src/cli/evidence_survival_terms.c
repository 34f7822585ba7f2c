/* Levels in order, and the columns of a Cox model's terms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_survival.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TERMS_MOST = 200, LEVELS_MOST = 1000 };

/* ---- levels ------------------------------------------------------------------------------------- */

typedef struct named {
    const char *name;
    double number;
    uint32_t level; /* of the frame */
} named;

static int by_number(const void *x, const void *y) {
    const named *a = x, *b = y;
    return a->number < b->number ? -1 : a->number > b->number ? 1 : strcmp(a->name, b->name);
}

static int by_name(const void *x, const void *y) {
    return strcmp(((const named *)x)->name, ((const named *)y)->name);
}

/* Those of the frame's levels that occur; *numbers whether all are finite numbers. */
static uint32_t occurring(const st_frame *frame, const st_frame_column *column, named *list, uint32_t *place,
                          bool *numbers) {
    uint32_t n = 0;
    *numbers = true;
    for (size_t row = 0; row < frame->rows; row++)
        place[column->level[row]] = 1;
    for (uint32_t k = 0; k < column->n_levels; k++) {
        if (place[k] == 0)
            continue;
        char *end;
        list[n] = (named){column->levels[k], strtod(column->levels[k], &end), k};
        *numbers = *numbers && *end == '\0' && isfinite(list[n].number);
        n++;
    }
    return n;
}

st_status survival_levels_init(const st_frame *frame, const st_frame_column *column, survival_levels *levels,
                               st_arena *arena, st_error *err) {
    named *list = st_alloc(column->n_levels, sizeof *list, err);
    uint32_t *place = st_alloc(column->n_levels, sizeof *place, err);
    levels->name = st_alloc(column->n_levels, sizeof *levels->name, err);
    levels->level = st_alloc(frame->rows, sizeof *levels->level, err);
    st_status status = list && place && levels->name && levels->level ? ST_OK : ST_MEMORY;
    bool numbers;
    const uint32_t n = status == ST_OK ? occurring(frame, column, list, place, &numbers) : 0;
    if (status == ST_OK)
        qsort(list, n, sizeof *list, numbers ? by_number : by_name);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        if (i == 0 || !numbers || list[i].number > list[i - 1].number) { /* 1 and 1.0 are one level */
            const char *name = st_arena_copy(arena, list[i].name, strlen(list[i].name), err);
            levels->name[levels->n++] = name;
            status = name ? ST_OK : ST_MEMORY;
        }
        place[list[i].level] = levels->n - 1;
    }
    for (size_t row = 0; row < frame->rows && status == ST_OK; row++)
        levels->level[row] = place[column->level[row]];
    free(list);
    free(place);
    return status;
}

void survival_levels_fini(survival_levels *levels) {
    free(levels->name);
    free(levels->level);
    *levels = (survival_levels){0};
}

/* ---- terms ---------------------------------------------------------------------------------------- */

/* One term of `length` characters. */
static st_status parse_term(const char *text, size_t length, survival_input *in, st_error *err) {
    static const char FACTOR[] = "factor(";
    const size_t open = sizeof FACTOR - 1;
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (length == 0)
        return st_fail(err, ST_USAGE,
                       "--cox has an empty term; it takes columns or factor(COLUMN), separated by commas");
    if (in->terms == TERMS_MOST)
        return st_fail(err, ST_USAGE, "--cox has more than %d terms", TERMS_MOST);
    survival_term *term = &in->term[in->terms++];
    term->factor = length > open + 1 && strncmp(text, FACTOR, open) == 0 && text[length - 1] == ')';
    term->name = st_arena_copy(&in->arena, text, length, err);
    term->column = term->factor ? st_arena_copy(&in->arena, text + open, length - open - 1, err) : term->name;
    if (!term->name || !term->column)
        return ST_MEMORY;
    for (size_t i = 0; i + 1 < in->terms; i++)
        if (strcmp(in->term[i].name, term->name) == 0)
            return st_fail(err, ST_USAGE, "--cox names %.80s twice", term->name);
    return ST_OK;
}

st_status survival_terms_parse(const char *text, survival_input *in, st_error *err) {
    in->term = st_arena_alloc(&in->arena, TERMS_MOST * sizeof *in->term, err);
    st_status status = in->term ? ST_OK : ST_MEMORY;
    while (status == ST_OK) {
        const size_t length = strcspn(text, ",");
        status = parse_term(text, length, in, err);
        if (text[length] == '\0')
            break;
        text += length + 1;
    }
    if (status != ST_OK)
        survival_input_fini(in);
    return status;
}

/* "factor(site)2" */
static char *level_name(survival_input *in, const survival_term *term, const char *level, st_error *err) {
    const size_t length = strlen(term->name) + strlen(level);
    char *name = st_arena_alloc(&in->arena, length + 1, err);
    if (name)
        snprintf(name, length + 1, "%s%s", term->name, level);
    return name;
}

/* The columns of one term: that of the file, or one for each level but the lowest. */
static st_status expand(survival_input *in, size_t t, const st_frame_column *column, st_error *err) {
    survival_term *term = &in->term[t];
    term->first = in->p;
    for (size_t i = 0; i < term->n; i++) {
        const size_t j = in->p++;
        in->x_term[j] = t;
        if (!term->factor) {
            in->x[j] = column->number;
            in->x_name[j] = term->name;
            continue;
        }
        in->made[j] = st_alloc(in->frame.rows, sizeof **in->made, err);
        in->x_name[j] = level_name(in, term, term->levels.name[i + 1], err);
        if (!in->made[j] || !in->x_name[j])
            return ST_MEMORY;
        for (size_t row = 0; row < in->frame.rows; row++)
            in->made[j][row] = term->levels.level[row] == i + 1;
        in->x[j] = in->made[j];
    }
    return ST_OK;
}

static st_status count_columns(survival_input *in, size_t t, const st_frame_column *column, st_error *err) {
    survival_term *term = &in->term[t];
    term->n = 1;
    if (!term->factor)
        return ST_OK;
    const st_status status = survival_levels_init(&in->frame, column, &term->levels, &in->arena, err);
    if (status != ST_OK)
        return status;
    const uint32_t n = term->levels.n;
    if (n > LEVELS_MOST)
        return st_fail_at(err, ST_VALUE, in->frame.name, 0, 0,
                          "%.80s has %lu levels, and %d can be estimated; is it a number, or the strata?", term->name,
                          (unsigned long)n, LEVELS_MOST);
    if (n < 2)
        return st_fail_at(err, ST_VALUE, in->frame.name, 0, 0, "%.80s has one level alone; there is nothing to compare",
                          term->name);
    term->n = n - 1;
    return ST_OK;
}

st_status survival_terms_expand(survival_input *in, const st_frame_column *column, st_error *err) {
    st_status status = ST_OK;
    size_t p = 0;
    for (size_t t = 0; t < in->terms && status == ST_OK; t++) {
        status = count_columns(in, t, &column[t], err);
        p += in->term[t].n;
    }
    if (status != ST_OK)
        return status;
    in->x = st_alloc(p, sizeof *in->x, err);
    in->x_name = st_alloc(p, sizeof *in->x_name, err);
    in->x_term = st_alloc(p, sizeof *in->x_term, err);
    in->made = st_alloc(p, sizeof *in->made, err);
    if (!in->x || !in->x_name || !in->x_term || !in->made)
        return ST_MEMORY;
    for (size_t t = 0; t < in->terms && status == ST_OK; t++)
        status = expand(in, t, &column[t], err);
    return status;
}
