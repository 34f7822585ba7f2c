/* Status, errors, and the nearest known name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/base.h>

#include <stdarg.h>
#include <string.h>

const char *st_status_text(st_status status) {
    switch (status) {
#define ST_STATUS_CASE(name, exit_code, text)                                                                          \
    case name:                                                                                                         \
        return text;
        ST_STATUS_LIST(ST_STATUS_CASE)
#undef ST_STATUS_CASE
    }
    return "unknown status";
}

static st_status fill(st_error *err, st_status status, const char *file, size_t line, size_t column,
                      const char *format, va_list arguments) {
    if (!err)
        return status;
    *err = (st_error){.status = status, .line = line, .column = column};
    if (file)
        snprintf(err->file, sizeof err->file, "%s", file);
    vsnprintf(err->what, sizeof err->what, format, arguments);
    return status;
}

st_status st_fail(st_error *err, st_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fill(err, status, NULL, 0, 0, format, arguments);
    va_end(arguments);
    return status;
}

st_status st_fail_at(st_error *err, st_status status, const char *file, size_t line, size_t column,
                     const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fill(err, status, file, line, column, format, arguments);
    va_end(arguments);
    return status;
}

void st_error_text(const st_error *err, char *buffer, size_t size) {
    char place[400] = "";
    size_t n = 0;
    if (err->file[0])
        n += (size_t)snprintf(place + n, sizeof place - n, "%s:", err->file);
    if (err->line)
        n += (size_t)snprintf(place + n, sizeof place - n, "%zu:", err->line);
    if (err->line && err->column)
        n += (size_t)snprintf(place + n, sizeof place - n, "%zu:", err->column);
    snprintf(buffer, size, "%s%s%s%s%s", place, n ? " " : "", err->field, err->field[0] ? ": " : "",
             err->what[0] ? err->what : st_status_text(err->status));
}

/* Edit distance (Levenshtein), given up beyond what the row buffer holds. */
static size_t edit_distance(const char *a, const char *b) {
    enum { LONGEST = 63 };
    size_t row[LONGEST + 1];
    const size_t n = strlen(b);
    if (n > LONGEST || strlen(a) > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            const size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[n];
}

const char *st_nearest_name(const char *name, const char *const *known, size_t n_known) {
    enum { ENOUGH = 3 }; /* letters, for a name that was cut short to be recognised */
    const char *best = NULL;
    const size_t length = strlen(name);
    size_t least = length / 2 + 1; /* more than half of it wrong is another word */
    for (size_t i = 0; i < n_known; i++) {
        const bool cut = length >= ENOUGH && strncmp(name, known[i], length) == 0;
        const size_t distance = cut ? 0 : edit_distance(name, known[i]); /* cut short is nearer than mistyped */
        if (distance < least) {
            least = distance;
            best = known[i];
        }
    }
    return best;
}
