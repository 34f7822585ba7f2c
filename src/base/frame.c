/* Columns of a CSV file, row by row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/frame.h>

#include "rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double PER_MB = 1 << 20;

/* ---- levels of a factor: a table of hashes, open addressing -------------------------------- */

typedef struct dictionary {
    uint32_t *slot; /* level + 1, 0 where free */
    uint32_t mask;
    size_t capacity; /* of the column's levels */
} dictionary;

/* FNV-1a (Fowler, Noll, Vo). */
static uint32_t hash_of(const char *text) {
    uint32_t hash = UINT32_C(2166136261);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
    return hash;
}

static uint32_t slot_of(const dictionary *d, const st_frame_column *c, const char *text) {
    uint32_t at = hash_of(text) & d->mask;
    while (d->slot[at] != 0 && strcmp(c->levels[d->slot[at] - 1], text) != 0)
        at = (at + 1) & d->mask;
    return at;
}

static st_status grow_dictionary(dictionary *d, st_frame_column *c, st_error *err) {
    const size_t capacity = d->capacity ? 2 * d->capacity : 32, most = (size_t)1 << 29; /* 4 * capacity fits 32 bits */
    char **levels = capacity > most ? NULL : realloc(c->levels, capacity * sizeof *levels);
    if (levels)
        c->levels = levels;
    uint32_t *slot = levels ? st_alloc(4 * capacity, sizeof *slot, err) : NULL;
    if (!slot)
        return st_fail(err, ST_MEMORY, "no memory for %zu levels of the column \"%.60s\"", capacity, c->name);
    free(d->slot);
    *d = (dictionary){slot, (uint32_t)(4 * capacity - 1), capacity};
    for (uint32_t i = 0; i < c->n_levels; i++)
        slot[slot_of(d, c, c->levels[i])] = i + 1;
    return ST_OK;
}

static st_status level_of(dictionary *d, st_frame_column *c, const char *text, st_arena *arena, uint32_t *level,
                          st_error *err) {
    uint32_t at = d->capacity ? slot_of(d, c, text) : 0;
    if (d->capacity == 0 || (d->slot[at] == 0 && c->n_levels == d->capacity)) {
        const st_status status = grow_dictionary(d, c, err);
        if (status != ST_OK)
            return status;
        at = slot_of(d, c, text);
    }
    if (d->slot[at] == 0) {
        char *copy = st_arena_copy(arena, text, strlen(text), err);
        if (!copy)
            return ST_MEMORY;
        c->levels[c->n_levels] = copy;
        d->slot[at] = ++c->n_levels;
    }
    *level = d->slot[at] - 1;
    return ST_OK;
}

/* ---- a cell -------------------------------------------------------------------------------- */

static bool is_missing(const char *text) {
    return text[0] == '\0' || strcmp(text, "NA") == 0 || strcmp(text, "NaN") == 0;
}

static bool parse_number(const char *text, double *value) {
    static const char *const infinite[] = {"Inf", "+Inf", "-Inf", "inf", "-inf"};
    for (size_t i = 0; i < sizeof infinite / sizeof *infinite; i++)
        if (strcmp(text, infinite[i]) == 0) {
            *value = text[0] == '-' ? -INFINITY : INFINITY;
            return true;
        }
    char *end;
    if (text[strspn(text, "0123456789+-.eE \t")] != '\0') /* strtod reads hexadecimals and words too */
        return false;
    *value = strtod(text, &end);
    const bool any = end != text;
    end += strspn(end, " \t");
    return any && *end == '\0' && isfinite(*value);
}

/* ---- the reading --------------------------------------------------------------------------- */

typedef struct reading {
    rows *rows;
    st_frame *frame;
    const st_frame_wish *wish;
    size_t *place;            /* [columns] of the wish in the file, SIZE_MAX where absent */
    dictionary *dictionaries; /* [columns] */
    size_t capacity;          /* rows */
    st_error *err;
} reading;

static st_status refuse_column(const reading *r, const char *name, const char *what) {
    char present[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < r->rows->cells && used < sizeof present; i++)
        used += (size_t)snprintf(present + used, sizeof present - used, "%s%s", i ? ", " : "", rows_cell(r->rows, i));
    if (used >= sizeof present)
        strcpy(present + sizeof present - 4, "...");
    const bool semicolons = r->rows->cells == 1 && strchr(rows_cell(r->rows, 0), ';') != NULL;
    return st_fail_at(r->err, ST_FORMAT, r->frame->name, 1, 0, "%s \"%.60s\"; the header has: %s%s", what, name,
                      present, semicolons ? " (commas are wanted between columns, not semicolons)" : "");
}

/* The first row names the columns. */
static st_status take_header(reading *r) {
    for (size_t i = 0; i < r->frame->columns; i++) {
        r->place[i] = SIZE_MAX;
        for (size_t j = 0; j < r->rows->cells; j++) {
            if (strcmp(rows_cell(r->rows, j), r->wish[i].name) != 0)
                continue;
            if (r->place[i] != SIZE_MAX)
                return refuse_column(r, r->wish[i].name, "there is more than one column");
            r->place[i] = j;
        }
        if (r->place[i] == SIZE_MAX && !r->wish[i].optional)
            return refuse_column(r, r->wish[i].name, "there is no column");
        r->frame->column[i].name = r->wish[i].name;
        r->frame->column[i].present = r->place[i] != SIZE_MAX;
    }
    return ST_OK;
}

static bool enlarge(void **array, size_t n, size_t size) {
    void *more = n <= SIZE_MAX / size ? realloc(*array, n * size) : NULL;
    if (more)
        *array = more;
    return more != NULL;
}

static st_status make_room(reading *r) {
    const size_t capacity = r->capacity ? r->capacity + r->capacity / 2 : 256;
    st_frame *f = r->frame;
    bool good = enlarge((void **)&f->line, capacity, sizeof *f->line);
    for (size_t i = 0; i < f->columns && good; i++) {
        st_frame_column *c = &f->column[i];
        if (!c->present)
            continue;
        good = r->wish[i].text ? enlarge((void **)&c->level, capacity, sizeof *c->level)
                               : enlarge((void **)&c->number, capacity, sizeof *c->number);
    }
    if (!good)
        return st_fail_at(r->err, ST_MEMORY, f->name, 0, 0, "%zu rows of %zu columns need %.0f MB, which is not there",
                          capacity, f->columns, (double)capacity * 8 * (double)(f->columns + 1) / PER_MB);
    r->capacity = capacity;
    return ST_OK;
}

static st_status refuse_number(const reading *r, size_t i, const char *text) {
    const st_status status = st_fail_at(r->err, ST_VALUE, r->frame->name, r->rows->line,
                                        rows_cell_column(r->rows, r->place[i]), "\"%.60s\" is no number", text);
    if (r->err)
        snprintf(r->err->field, sizeof r->err->field, "%s", r->wish[i].name);
    return status;
}

static st_status take_row(reading *r) {
    st_frame *f = r->frame;
    if (f->rows == r->capacity) {
        const st_status status = make_room(r);
        if (status != ST_OK)
            return status;
    }
    for (size_t i = 0; i < f->columns; i++) {
        st_frame_column *c = &f->column[i];
        if (!c->present)
            continue;
        const char *text = rows_cell(r->rows, r->place[i]);
        st_status status = ST_OK;
        if (!r->wish[i].text) {
            if (is_missing(text))
                c->number[f->rows] = NAN;
            else if (!parse_number(text, &c->number[f->rows]))
                status = refuse_number(r, i, text);
        } else if (is_missing(text)) {
            c->level[f->rows] = ST_FRAME_MISSING;
        } else {
            status = level_of(&r->dictionaries[i], c, text, &f->arena, &c->level[f->rows], r->err);
        }
        if (status != ST_OK)
            return status;
    }
    f->line[f->rows++] = r->rows->line;
    return ST_OK;
}

static st_status take_rows(reading *r) {
    bool more;
    st_status status = rows_next(r->rows, &more, r->err);
    if (status == ST_OK && !more)
        status = st_fail_at(r->err, ST_FORMAT, r->frame->name, 0, 0, "the file is empty; a header row is wanted");
    if (status == ST_OK)
        status = take_header(r);
    while (status == ST_OK && (status = rows_next(r->rows, &more, r->err)) == ST_OK && more)
        status = take_row(r);
    if (status == ST_OK && r->frame->rows == 0)
        status = st_fail_at(r->err, ST_FORMAT, r->frame->name, 0, 0, "there are no rows below the header");
    return status;
}

/* Takes `rows`, also when it fails. */
static st_status read_frame(rows *source, const st_frame_wish *wish, size_t n, st_frame *frame, st_error *err) {
    reading r = {.rows = source, .frame = frame, .wish = wish, .err = err};
    frame->columns = n;
    frame->name = st_arena_copy(&frame->arena, source->name, strlen(source->name), err);
    frame->column = st_arena_alloc(&frame->arena, n * sizeof *frame->column, err);
    r.place = st_alloc(n, sizeof *r.place, err);
    r.dictionaries = st_alloc(n, sizeof *r.dictionaries, err);
    const bool room = frame->name && frame->column && r.place && r.dictionaries;
    const st_status status = room ? take_rows(&r) : ST_MEMORY;
    for (size_t i = 0; r.dictionaries && i < n; i++)
        free(r.dictionaries[i].slot);
    free(r.dictionaries);
    free(r.place);
    rows_close(source);
    if (status != ST_OK)
        st_frame_fini(frame);
    return status;
}

st_status st_frame_read(const char *path, const st_frame_wish *wish, size_t n, st_frame *frame, st_error *err) {
    rows source;
    *frame = (st_frame){0};
    const st_status status = rows_open(&source, path, err);
    return status == ST_OK ? read_frame(&source, wish, n, frame, err) : status;
}

st_status st_frame_parse(const char *name, const char *bytes, size_t size, const st_frame_wish *wish, size_t n,
                         st_frame *frame, st_error *err) {
    rows source;
    *frame = (st_frame){0};
    rows_memory(&source, name, bytes, size);
    return read_frame(&source, wish, n, frame, err);
}

st_status st_frame_header(const char *path, st_arena *arena, char ***header, size_t *n, st_error *err) {
    rows source;
    bool more = false;
    st_status status = rows_open(&source, path, err);
    if (status != ST_OK)
        return status;
    status = rows_next(&source, &more, err);
    if (status == ST_OK && !more)
        status = st_fail_at(err, ST_FORMAT, path, 0, 0, "the file is empty; a header row is wanted");
    if (status == ST_OK) {
        *n = source.cells;
        *header = st_arena_alloc(arena, *n * sizeof **header, err);
        status = *header ? ST_OK : ST_MEMORY;
        for (size_t i = 0; i < *n && status == ST_OK; i++) {
            (*header)[i] = st_arena_copy(arena, rows_cell(&source, i), strlen(rows_cell(&source, i)), err);
            status = (*header)[i] ? ST_OK : ST_MEMORY;
        }
    }
    rows_close(&source);
    return status;
}

/* ---- what is there ------------------------------------------------------------------------- */

void st_frame_fini(st_frame *frame) {
    for (size_t i = 0; frame->column && i < frame->columns; i++) {
        free(frame->column[i].number);
        free(frame->column[i].level);
        free(frame->column[i].levels);
    }
    free(frame->line);
    st_arena_fini(&frame->arena);
    *frame = (st_frame){0};
}

const char *st_frame_text(const st_frame_column *column, size_t row) {
    const uint32_t level = column->level[row];
    return level == ST_FRAME_MISSING ? "" : column->levels[level];
}

void st_frame_keep(st_frame *frame, const bool *keep) {
    size_t to = 0;
    for (size_t row = 0; row < frame->rows; row++) {
        if (!keep[row])
            continue;
        frame->line[to] = frame->line[row];
        for (size_t i = 0; i < frame->columns; i++) {
            st_frame_column *c = &frame->column[i];
            if (c->number)
                c->number[to] = c->number[row];
            if (c->level)
                c->level[to] = c->level[row];
        }
        to++;
    }
    frame->rows = to;
}
