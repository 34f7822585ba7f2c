/* Names of measures and methods.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/meta.h>

#include <string.h>

typedef struct named {
    const char *name, *columns, *text;
} named;

static const named measures[ST_MEASURES] = {
#define MEASURE_ROW(name, columns, text) {#name, columns, text},
    ST_MEASURE_LIST(MEASURE_ROW)
#undef MEASURE_ROW
};
static const named methods[ST_METHODS] = {
#define METHOD_ROW(name, text) {#name, "", text},
    ST_METHOD_LIST(METHOD_ROW)
#undef METHOD_ROW
};

const char *st_measure_name(st_measure measure) {
    return measures[measure].name;
}

const char *st_measure_columns(st_measure measure) {
    return measures[measure].columns;
}

const char *st_measure_text(st_measure measure) {
    return measures[measure].text;
}

const char *st_method_name(st_method method) {
    return methods[method].name;
}

const char *st_method_text(st_method method) {
    return methods[method].text;
}

bool st_method_is_inverse_variance(st_method method) {
    return method < ST_METHOD_MH;
}

/* The index of `name`; n, with every name in `err`, where there is none. */
static size_t find(const named *list, size_t n, const char *kind, const char *name, st_error *err) {
    char known[256];
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].name, name) == 0)
            return i;
        length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", i > 0 ? " " : "", list[i].name);
    }
    st_fail(err, ST_USAGE, "there is no %s \"%.80s\"; known are %s", kind, name, known);
    return n;
}

st_status st_measure_find(const char *name, st_measure *measure, st_error *err) {
    const size_t found = find(measures, ST_MEASURES, "measure", name, err);
    if (found == ST_MEASURES)
        return ST_USAGE;
    *measure = (st_measure)found;
    return ST_OK;
}

st_status st_method_find(const char *name, st_method *method, st_error *err) {
    const size_t found = find(methods, ST_METHODS, "method", name, err);
    if (found == ST_METHODS)
        return ST_USAGE;
    *method = (st_method)found;
    return ST_OK;
}
