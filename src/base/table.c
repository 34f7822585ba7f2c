/* A CSV table, every cell as text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/text.h>

#include "rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t FILE_LIMIT = (size_t)256 << 20;

/* Cells as they come, row after row. */
typedef struct gathered {
    char **cell;
    size_t *line; /* of each row */
    size_t cells, rows, cell_room, row_room;
} gathered;

static st_status make_room(gathered *g, size_t cells, st_error *err) {
    while (g->cells + cells > g->cell_room || g->rows == g->row_room) {
        const size_t cell_room = 2 * (g->cell_room + cells), row_room = 2 * (g->row_room + 1);
        char **cell = realloc(g->cell, cell_room * sizeof *cell);
        if (cell)
            g->cell = cell;
        size_t *line = realloc(g->line, row_room * sizeof *line);
        if (line)
            g->line = line;
        if (!cell || !line)
            return st_fail(err, ST_MEMORY, "no memory for %zu cells", cell_room);
        g->cell_room = cell_room;
        g->row_room = row_room;
    }
    return ST_OK;
}

static st_status gather_row(gathered *g, const rows *source, st_arena *arena, st_error *err) {
    st_status status = make_room(g, source->cells, err);
    for (size_t i = 0; i < source->cells && status == ST_OK; i++) {
        const char *text = rows_cell(source, i);
        char *copy = st_arena_copy(arena, text, strlen(text), err);
        if (copy)
            g->cell[g->cells++] = copy;
        else
            status = ST_MEMORY;
    }
    if (status == ST_OK)
        g->line[g->rows++] = source->line;
    return status;
}

static st_status fill_table(st_table *table, const gathered *g, const char *name, st_error *err) {
    st_arena *arena = &table->arena;
    table->columns = g->cells / g->rows;
    table->rows = g->rows - 1;
    table->name = st_arena_copy(arena, name, strlen(name), err);
    table->header = st_arena_alloc(arena, table->columns * sizeof(char *), err);
    table->cell = st_arena_alloc(arena, table->rows * table->columns * sizeof(char *), err);
    table->line = st_arena_alloc(arena, table->rows * sizeof(size_t), err);
    if (!table->name || !table->header || !table->cell || !table->line)
        return ST_MEMORY;
    memcpy(table->header, g->cell, table->columns * sizeof(char *));
    memcpy(table->cell, g->cell + table->columns, table->rows * table->columns * sizeof(char *));
    memcpy(table->line, g->line + 1, table->rows * sizeof(size_t));
    return ST_OK;
}

st_status st_table_parse(const char *name, const char *bytes, size_t size, st_table *table, st_error *err) {
    rows source;
    gathered g = {0};
    bool more = true;
    st_status status = ST_OK;
    *table = (st_table){0};
    rows_memory(&source, name, bytes, size);
    while (status == ST_OK && (status = rows_next(&source, &more, err)) == ST_OK && more)
        status = gather_row(&g, &source, &table->arena, err);
    if (status == ST_OK && g.rows == 0)
        status = st_fail_at(err, ST_FORMAT, name, 0, 0, "the file is empty; a header row is wanted");
    if (status == ST_OK)
        status = fill_table(table, &g, name, err);
    rows_close(&source);
    free(g.cell);
    free(g.line);
    if (status != ST_OK)
        st_table_fini(table);
    return status;
}

st_status st_table_read(const char *path, st_table *table, st_error *err) {
    char *bytes;
    size_t size;
    *table = (st_table){0};
    st_status status = st_file_read(path, FILE_LIMIT, &bytes, &size, err);
    if (status != ST_OK)
        return status;
    status = st_table_parse(path, bytes, size, table, err);
    free(bytes);
    return status;
}

void st_table_fini(st_table *table) {
    st_arena_fini(&table->arena);
    *table = (st_table){0};
}

size_t st_table_column(const st_table *table, const char *name) {
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(table->header[i], name) == 0)
            return i;
    return ST_NO_COLUMN;
}

st_status st_table_require(const st_table *table, const char *name, size_t *column, st_error *err) {
    *column = st_table_column(table, name);
    if (*column != ST_NO_COLUMN)
        return ST_OK;
    const char *near = st_nearest_name(name, (const char *const *)table->header, table->columns);
    return st_fail_at(err, ST_FORMAT, table->name, 1, 0, "there is no column \"%s\"%s%s%s", name,
                      near ? "; the nearest is \"" : "", near ? near : "", near ? "\"" : "");
}

const char *st_table_cell(const st_table *table, size_t row, size_t column) {
    return table->cell[row * table->columns + column];
}

st_status st_table_number(const st_table *table, size_t row, size_t column, double *value, st_error *err) {
    const char *text = st_table_cell(table, row, column);
    *value = NAN;
    if (text[0] == '\0')
        return ST_OK;
    char *end;
    *value = strtod(text, &end);
    if (*end == '\0' && isfinite(*value))
        return ST_OK;
    const st_status status =
        st_fail_at(err, ST_VALUE, table->name, table->line[row], 0, "\"%s\" is no finite number", text);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", table->header[column]);
    return status;
}

void st_csv_put(FILE *stream, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}
