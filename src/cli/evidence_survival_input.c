/* Columns of a file as times, events, groups and covariates.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_survival.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CAUSES_MOST = 100 };

/* Places of the columns in the frame; those of the terms follow. */
typedef struct places {
    size_t time, status, start, group, strata, term;
} places;

static st_status refuse(const survival_input *in, size_t column, size_t row, st_error *err, const char *what,
                        double value) {
    const st_status status = st_fail_at(err, ST_VALUE, in->frame.name, in->frame.line[row], 0, what, value);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", in->frame.column[column].name);
    return status;
}

static bool is_missing(const st_frame_column *c, size_t row) {
    return c->number ? isnan(c->number[row]) : c->level[row] == ST_FRAME_MISSING;
}

/* The cells of a row that hold a value. */
static st_status check_row(const survival_question *q, const survival_input *in, const places *at, size_t row,
                           st_error *err) {
    const st_frame_column *column = in->frame.column;
    const double time = column[at->time].number[row], status = column[at->status].number[row];
    for (size_t i = 0; i < in->frame.columns; i++)
        if (column[i].number && isinf(column[i].number[row]))
            return refuse(in, i, row, err, "%g is not finite; a finite number is wanted", column[i].number[row]);
    if (time < 0)
        return refuse(in, at->time, row, err, "the time is %g; it must be 0 or more", time);
    if (!q->competing && (status < 0 || status > 1 || status != floor(status)))
        return refuse(in, at->status, row, err,
                      "the status is %g; 0 (censored) or 1 (event) is wanted, or codes of causes with --competing",
                      status);
    if (status < 0 || status != floor(status) || status > UINT32_MAX)
        return refuse(in, at->status, row, err,
                      "the status is %g; 0 (censored) or a whole number that codes a cause is wanted", status);
    if (q->start && !(column[at->start].number[row] < time))
        return refuse(in, at->start, row, err, "the entry at %g is not before the end of the observation",
                      column[at->start].number[row]);
    return ST_OK;
}

static st_status check_rows(const survival_question *q, survival_input *in, const places *at, st_error *err) {
    const size_t rows = in->frame.rows;
    bool *keep = st_alloc(rows, sizeof *keep, err);
    st_status status = keep ? ST_OK : ST_MEMORY;
    for (size_t row = 0; row < rows && status == ST_OK; row++) {
        size_t missing = in->frame.columns;
        for (size_t i = in->frame.columns; i-- > 0;)
            if (is_missing(&in->frame.column[i], row))
                missing = i;
        keep[row] = missing == in->frame.columns;
        in->skipped += !keep[row];
        if (keep[row])
            status = check_row(q, in, at, row, err);
        else if (!q->skip_missing)
            status = refuse(in, missing, row, err,
                            "the cell is empty; give a value, or skip such rows by --skip-missing", 0);
    }
    if (status == ST_OK && in->skipped == rows)
        status = st_fail_at(err, ST_VALUE, in->frame.name, 0, 0, "none of the %zu rows has all of the values", rows);
    if (status == ST_OK && in->skipped > 0)
        st_frame_keep(&in->frame, keep);
    free(keep);
    return status;
}

/* Codes of causes in ascending order, and the status of each row as its place among them. */
static st_status number_causes(const survival_question *q, survival_input *in, const double *code, st_error *err) {
    const size_t rows = in->frame.rows;
    in->status = st_alloc(rows, sizeof *in->status, err);
    in->code = st_alloc(CAUSES_MOST + 1, sizeof *in->code, err);
    if (!in->status || !in->code)
        return ST_MEMORY;
    for (size_t row = 0; row < rows; row++) {
        const uint32_t value = (uint32_t)code[row];
        uint32_t place = in->causes;
        while (place > 0 && in->code[place - 1] >= value)
            place--;
        if (value == 0 || (place < in->causes && in->code[place] == value))
            continue;
        if (in->causes == CAUSES_MOST)
            return st_fail_at(err, ST_VALUE, in->frame.name, in->frame.line[row], 0,
                              "more than %d causes in the column \"%.60s\"; is it the status?", CAUSES_MOST, q->status);
        memmove(in->code + place + 1, in->code + place, (in->causes - place) * sizeof *in->code);
        in->code[place] = value;
        in->causes++;
    }
    for (size_t row = 0; row < rows; row++)
        for (uint32_t k = 0; k < in->causes && code[row] > 0; k++)
            if (in->code[k] == (uint32_t)code[row])
                in->status[row] = k + 1;
    return ST_OK;
}

/* The wish for a column; returns its place. */
static size_t want(st_frame_wish *wish, size_t *n, const char *name, bool text) {
    wish[*n] = (st_frame_wish){.name = name, .text = text};
    return (*n)++;
}

static st_status read_columns(const survival_question *q, survival_input *in, places *at, st_error *err) {
    st_frame_wish *wish = st_alloc(5 + in->terms, sizeof *wish, err);
    size_t n = 0;
    if (wish == NULL)
        return ST_MEMORY;
    at->time = want(wish, &n, q->time, false);
    at->status = want(wish, &n, q->status, false);
    if (q->start)
        at->start = want(wish, &n, q->start, false);
    if (q->group)
        at->group = want(wish, &n, q->group, true);
    if (q->strata)
        at->strata = want(wish, &n, q->strata, true);
    at->term = n;
    for (size_t i = 0; i < in->terms; i++)
        (void)want(wish, &n, in->term[i].column, in->term[i].factor);
    const st_status status = st_frame_read(q->file, wish, n, &in->frame, err);
    free(wish);
    return status;
}

st_status survival_input_read(const survival_question *q, survival_input *in, st_error *err) {
    places at = {0};
    *in = (survival_input){0};
    st_status status = q->cox ? survival_terms_parse(q->cox, in, err) : ST_OK;
    if (status == ST_OK)
        status = read_columns(q, in, &at, err);
    if (status == ST_OK)
        status = check_rows(q, in, &at, err);
    const st_frame_column *column = in->frame.column;
    if (status == ST_OK)
        status = number_causes(q, in, column[at.status].number, err);
    if (status == ST_OK && q->group)
        status = survival_levels_init(&in->frame, &column[at.group], &in->group, &in->arena, err);
    if (status == ST_OK && q->strata)
        status = survival_levels_init(&in->frame, &column[at.strata], &in->strata, &in->arena, err);
    if (status == ST_OK && in->terms > 0)
        status = survival_terms_expand(in, column + at.term, err);
    if (status == ST_OK)
        in->data = (st_survival_data){.n = in->frame.rows,
                                      .start = q->start ? column[at.start].number : NULL,
                                      .time = column[at.time].number,
                                      .status = in->status};
    else
        survival_input_fini(in);
    return status;
}

void survival_input_fini(survival_input *in) {
    for (size_t i = 0; i < in->terms; i++)
        survival_levels_fini(&in->term[i].levels);
    for (size_t j = 0; in->made && j < in->p; j++)
        free(in->made[j]);
    survival_levels_fini(&in->group);
    survival_levels_fini(&in->strata);
    free(in->status);
    free(in->code);
    free(in->x);
    free(in->x_name);
    free(in->x_term);
    free(in->made);
    st_arena_fini(&in->arena);
    st_frame_fini(&in->frame);
    *in = (survival_input){0};
}
