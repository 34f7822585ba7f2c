/* stasis/text.h - CSV and JSON as the program reads and writes them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_TEXT_H
#define STASIS_TEXT_H

#include <jansson.h>
#include <stasis/base.h>

/* ---- CSV (RFC 4180, header row, comma, UTF-8, CRLF or LF, optional BOM) --- */

typedef struct st_table {
    char *name;          /* for messages: file it came from */
    size_t rows, columns;
    char **header;       /* [columns] */
    char **cell;         /* [rows * columns], never NULL, "" when empty */
    size_t *line;        /* [rows] line of the row's first character */
    st_arena arena;
} st_table;

ST_API ST_MUST_CHECK st_status st_table_read(const char *path, st_table *table, st_error *err);
/* The same from memory; `name` stands in messages. */
ST_API ST_MUST_CHECK st_status st_table_parse(const char *name, const char *bytes, size_t size, st_table *table,
                                              st_error *err);
ST_API void st_table_fini(st_table *table);

#define ST_NO_COLUMN SIZE_MAX
/* Index of a column, ST_NO_COLUMN when absent. */
ST_API size_t st_table_column(const st_table *table, const char *name);
/* Index of a column that must be there: else ST_FORMAT naming it and the nearest one that is. */
ST_API ST_MUST_CHECK st_status st_table_require(const st_table *table, const char *name, size_t *column, st_error *err);
ST_API const char *st_table_cell(const st_table *table, size_t row, size_t column);
/* A number; an empty cell is NaN; anything else that is no finite number is
 * ST_VALUE with line and column name. */
ST_API ST_MUST_CHECK st_status st_table_number(const st_table *table, size_t row, size_t column, double *value,
                                               st_error *err);

/* Write one cell, quoted where RFC 4180 asks for it (no separator). */
ST_API void st_csv_put(FILE *stream, const char *text);

/* ---- JSON ---------------------------------------------------------------- */

/* Parse a file (jansson); malformed text is ST_FORMAT with line and column;
 * duplicate keys are refused. The caller owns *root (json_decref). */
ST_API ST_MUST_CHECK st_status st_json_read(const char *path, json_t **root, st_error *err);
ST_API ST_MUST_CHECK st_status st_json_parse(const char *name, const char *bytes, size_t size, json_t **root,
                                             st_error *err);

/* An object being read, with the place it stands at ("treatment" in case.json). */
typedef struct st_json_place {
    const char *file;
    const char *path; /* dotted, "" at the root */
    const json_t *object;
} st_json_place;

/* Refuses keys that are not in `known`, naming the nearest known one (ST_VALUE). */
ST_API ST_MUST_CHECK st_status st_json_only(const st_json_place *place, const char *const *known, size_t n_known,
                                            st_error *err);

/* Optional members: absent or null leaves *value as it is. Wrong type or a value
 * out of [low, high] is ST_VALUE with file, path and range. Strings are borrowed
 * from the document. */
ST_API ST_MUST_CHECK st_status st_json_number(const st_json_place *place, const char *key, double low, double high,
                                              double *value, st_error *err);
ST_API ST_MUST_CHECK st_status st_json_integer(const st_json_place *place, const char *key, int64_t low, int64_t high,
                                               int64_t *value, st_error *err);
ST_API ST_MUST_CHECK st_status st_json_string(const st_json_place *place, const char *key, const char **value,
                                              st_error *err);
/* *value: -1 unknown, 0 false, 1 true */
ST_API ST_MUST_CHECK st_status st_json_truth(const st_json_place *place, const char *key, int *value, st_error *err);
/* A member that must be an object when present; *found false when it is absent or
 * null. `path` (size bytes) receives the dotted path that inner->path points to. */
ST_API ST_MUST_CHECK st_status st_json_object(const st_json_place *place, const char *key, char *path, size_t size,
                                              st_json_place *inner, bool *found, st_error *err);
/* Index of a string member among `choices`; an unknown one is refused with the nearest. */
ST_API ST_MUST_CHECK st_status st_json_choice(const st_json_place *place, const char *key, const char *const *choices,
                                              size_t n_choices, int *choice, st_error *err);

/* json_real for a finite number, null for NaN and infinity. */
ST_API json_t *st_json_real(double value);
/* Written atomically, two-space indent, 17 significant digits, keys in insertion order. */
ST_API ST_MUST_CHECK st_status st_json_write(const char *path, const json_t *root, st_error *err);

#endif
