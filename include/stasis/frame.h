/* stasis/frame.h - columns of a CSV file by name, as statistics want them: numbers and factors.
 *
 * The file is read row by row (plain or gzip), so that what is kept is what was asked for: 8 bytes a cell, and 8 a row.
 * st_table (text.h) keeps every cell as text; it is for tables that people write by hand.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_FRAME_H
#define STASIS_FRAME_H

#include <stasis/base.h>

/* A column that is wanted. */
typedef struct st_frame_wish {
    const char *name;
    bool text;     /* a factor: any text; else every cell is a number */
    bool optional; /* may be absent */
} st_frame_wish;

#define ST_FRAME_MISSING UINT32_MAX

typedef struct st_frame_column {
    const char *name;
    bool present;
    double *number;  /* [rows], NaN where missing, infinite where the file says so; NULL of a factor */
    uint32_t *level; /* [rows] of a factor: index into levels, ST_FRAME_MISSING where missing */
    char **levels;   /* [n_levels] in order of first appearance */
    uint32_t n_levels;
} st_frame_column;

typedef struct st_frame {
    char *name; /* of the file, for messages */
    size_t rows, columns;
    st_frame_column *column; /* [columns], one for each wish, in that order */
    size_t *line;            /* [rows] line of the file on which a row begins */
    st_arena arena;
} st_frame;

/* Reads the columns of `wish`. An empty cell, NA and NaN are missing; Inf and -Inf are infinite.
 * RFC 4180 with a header, CRLF or LF, quoted line ends, UTF-8 with or without its mark.
 * ST_IO: no such file. ST_FORMAT: not UTF-8, a zero byte, a row of another length than the header, a quote that never
 * closes, a column that is not there (with those that are) or twice, no rows. ST_VALUE: text where a number is due,
 * with line, column and field. ST_MEMORY says what the file would need. */
ST_API ST_MUST_CHECK st_status st_frame_read(const char *path, const st_frame_wish *wish, size_t n, st_frame *frame,
                                             st_error *err);
/* The same from memory; `name` stands in messages. */
ST_API ST_MUST_CHECK st_status st_frame_parse(const char *name, const char *bytes, size_t size,
                                              const st_frame_wish *wish, size_t n, st_frame *frame, st_error *err);
ST_API void st_frame_fini(st_frame *frame);

/* Names of the columns of a file, in its order: header[n] lives in `arena`. Errors as above. */
ST_API ST_MUST_CHECK st_status st_frame_header(const char *path, st_arena *arena, char ***header, size_t *n,
                                               st_error *err);
/* The text of a factor's cell, "" where missing. */
ST_API const char *st_frame_text(const st_frame_column *column, size_t row);
/* Keeps the rows for which keep[row] is true, in their order; levels stay. */
ST_API void st_frame_keep(st_frame *frame, const bool *keep);

#endif
