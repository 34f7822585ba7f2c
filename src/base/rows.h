/* Rows of a CSV file, one at a time, from a file (plain or gzip) or from memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_ROWS_H
#define STASIS_ROWS_H

#include <stasis/base.h>

typedef struct rows {
    const char *name;
    void *file;   /* gzFile; NULL: all of it is in memory */
    char *buffer; /* of a file, owned */
    const char *at, *end;
    bool ended; /* the file has no more */
    size_t next_line;
    size_t offset; /* bytes of the line before `at` */
    /* the row that was read */
    size_t line, cells, header_cells;
    char *text; /* cells one after the other, each with its zero */
    size_t used, capacity;
    size_t *begin, *column; /* [cells] offset in text; where the cell begins in its line, from 1 */
    size_t room;
} rows;

ST_MUST_CHECK st_status rows_open(rows *r, const char *path, st_error *err);
void rows_memory(rows *r, const char *name, const char *bytes, size_t size);
/* The next row; *more false at the end. Empty lines are passed over. All rows have as many cells as the first. */
ST_MUST_CHECK st_status rows_next(rows *r, bool *more, st_error *err);
void rows_close(rows *r);

static inline const char *rows_cell(const rows *r, size_t i) {
    return r->text + r->begin[i];
}
static inline size_t rows_cell_column(const rows *r, size_t i) {
    return r->column[i];
}

#endif
