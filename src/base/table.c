/* CSV after RFC 4180.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/text.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t FILE_LIMIT = (size_t)256 << 20;

/* A scan over the text; cells are unquoted in place into the arena. */
typedef struct scan {
    const char *name, *at, *end;
    size_t line;
    st_arena *arena;
    char **cell;
    size_t *cell_line;
    size_t n, capacity;
    st_error *err;
} scan;

static st_status keep(scan *s, char *text, size_t line) {
    if (s->n == s->capacity) {
        const size_t more = s->capacity ? 2 * s->capacity : 256;
        char **cell = realloc(s->cell, more * sizeof *cell);
        if (cell)
            s->cell = cell;
        size_t *lines = realloc(s->cell_line, more * sizeof *lines);
        if (lines)
            s->cell_line = lines;
        if (!cell || !lines)
            return st_fail(s->err, ST_MEMORY, "no memory for %zu cells", more);
        s->capacity = more;
    }
    s->cell[s->n] = text;
    s->cell_line[s->n++] = line;
    return ST_OK;
}

static st_status quoted_cell(scan *s) {
    const size_t line = s->line;
    const char *begin = ++s->at;
    size_t length = 0;
    while (s->at < s->end && !(*s->at == '"' && !(s->at + 1 < s->end && s->at[1] == '"'))) {
        s->line += *s->at == '\n';
        s->at += *s->at == '"' ? 2 : 1;
        length++;
    }
    if (s->at == s->end)
        return st_fail_at(s->err, ST_FORMAT, s->name, line, 0, "a quoted cell that begins here is never closed");
    char *text = st_arena_alloc(s->arena, length + 1, s->err);
    if (!text)
        return ST_MEMORY;
    for (size_t i = 0; i < length; i++, begin++) {
        text[i] = *begin;
        begin += *begin == '"';
    }
    s->at++;
    if (s->at < s->end && *s->at != ',' && *s->at != '\n' && *s->at != '\r')
        return st_fail_at(s->err, ST_FORMAT, s->name, s->line, 0,
                          "text follows the closing quote of a cell; a comma or the end of the line should");
    return keep(s, text, line);
}

static st_status plain_cell(scan *s) {
    const char *begin = s->at;
    while (s->at < s->end && *s->at != ',' && *s->at != '\n' && *s->at != '\r')
        s->at++;
    char *text = st_arena_copy(s->arena, begin, (size_t)(s->at - begin), s->err);
    return text ? keep(s, text, s->line) : ST_MEMORY;
}

/* One row: its cells are appended; the line end is passed. */
static st_status scan_row(scan *s, size_t *cells) {
    const size_t before = s->n;
    for (;;) {
        const st_status status = s->at < s->end && *s->at == '"' ? quoted_cell(s) : plain_cell(s);
        if (status != ST_OK)
            return status;
        if (s->at == s->end || *s->at != ',')
            break;
        s->at++;
    }
    if (s->at < s->end && *s->at == '\r')
        s->at++;
    if (s->at < s->end && *s->at == '\n')
        s->at++;
    s->line++;
    *cells = s->n - before;
    return ST_OK;
}

static st_status scan_rows(scan *s, st_table *table) {
    st_status status = scan_row(s, &table->columns);
    while (status == ST_OK && s->at < s->end) {
        const size_t line = s->line;
        size_t cells;
        status = scan_row(s, &cells);
        if (status == ST_OK && cells == 1 && s->cell[s->n - 1][0] == '\0' && table->columns > 1)
            s->n--; /* an empty line is no row */
        else if (status == ST_OK && cells != table->columns)
            status = st_fail_at(s->err, ST_FORMAT, s->name, line, 0, "%zu cells, but the header has %zu columns", cells,
                                table->columns);
    }
    return status;
}

st_status st_table_parse(const char *name, const char *bytes, size_t size, st_table *table, st_error *err) {
    *table = (st_table){0};
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    const char *zero = memchr(bytes, 0, size);
    if (zero)
        return st_fail_at(err, ST_FORMAT, name, 0, 0, "byte %zu is zero: this is no text file", (size_t)(zero - bytes));
    scan s = {.name = name, .at = bytes, .end = bytes + size, .line = 1, .arena = &table->arena, .err = err};
    st_status status = size > 0 ? scan_rows(&s, table)
                                : st_fail_at(err, ST_FORMAT, name, 0, 0, "the file is empty; a header row is wanted");
    if (status == ST_OK) {
        table->name = st_arena_copy(&table->arena, name, strlen(name), err);
        table->rows = s.n / table->columns - 1;
        table->header = st_arena_alloc(&table->arena, table->columns * sizeof(char *), err);
        table->cell = st_arena_alloc(&table->arena, table->rows * table->columns * sizeof(char *), err);
        table->line = st_arena_alloc(&table->arena, table->rows * sizeof(size_t), err);
        status = table->name && table->header && table->cell && table->line ? ST_OK : ST_MEMORY;
    }
    if (status == ST_OK) {
        memcpy(table->header, s.cell, table->columns * sizeof(char *));
        memcpy(table->cell, s.cell + table->columns, table->rows * table->columns * sizeof(char *));
        for (size_t row = 0; row < table->rows; row++)
            table->line[row] = s.cell_line[(row + 1) * table->columns];
    } else {
        st_table_fini(table);
    }
    free(s.cell);
    free(s.cell_line);
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
