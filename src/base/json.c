/* JSON: read by jansson, with every refusal naming its place.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/text.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t FILE_LIMIT = (size_t)64 << 20;

st_status st_json_parse(const char *name, const char *bytes, size_t size, json_t **root, st_error *err) {
    json_error_t found;
    *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &found);
    if (*root)
        return ST_OK;
    return st_fail_at(err, ST_FORMAT, name, found.line > 0 ? (size_t)found.line : 0,
                      found.column > 0 ? (size_t)found.column : 0, "this is not valid JSON: %s", found.text);
}

st_status st_json_read(const char *path, json_t **root, st_error *err) {
    char *bytes;
    size_t size;
    *root = NULL;
    st_status status = st_file_read(path, FILE_LIMIT, &bytes, &size, err);
    if (status != ST_OK)
        return status;
    status = st_json_parse(path, bytes, size, root, err);
    free(bytes);
    return status;
}

/* ---- an object, member by member ------------------------------------------ */

static void full_path(const st_json_place *place, const char *key, char *path, size_t size) {
    snprintf(path, size, "%s%s%s", place->path, place->path[0] ? "." : "", key);
}

/* ST_VALUE at a member: "treatment.agent: ...". */
static st_status refuse(const st_json_place *place, const char *key, st_error *err, const char *what) {
    char path[128];
    full_path(place, key, path, sizeof path);
    const st_status status = st_fail_at(err, ST_VALUE, place->file, 0, 0, "%s", what);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", path);
    return status;
}

static const char *kind_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a truth";
    default:
        return "null";
    }
}

static st_status refuse_kind(const st_json_place *place, const char *key, const json_t *value, const char *wanted,
                             st_error *err) {
    char what[128];
    snprintf(what, sizeof what, "is %s; %s is wanted", kind_of(value), wanted);
    return refuse(place, key, err, what);
}

/* The member, NULL when absent or null. */
static const json_t *member(const st_json_place *place, const char *key) {
    const json_t *value = json_object_get(place->object, key);
    return json_is_null(value) ? NULL : value;
}

st_status st_json_only(const st_json_place *place, const char *const *known, size_t n_known, st_error *err) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)place->object, key, value) {
        bool is_known = false;
        for (size_t i = 0; i < n_known && !is_known; i++)
            is_known = strcmp(key, known[i]) == 0;
        if (is_known)
            continue;
        char what[256];
        const char *near = st_nearest_name(key, known, n_known);
        snprintf(what, sizeof what, "is not a known field%s%s%s", near ? "; did you mean \"" : "", near ? near : "",
                 near ? "\"?" : "");
        return refuse(place, key, err, what);
    }
    return ST_OK;
}

st_status st_json_number(const st_json_place *place, const char *key, double low, double high, double *value,
                         st_error *err) {
    const json_t *found = member(place, key);
    if (!found)
        return ST_OK;
    if (!json_is_number(found))
        return refuse_kind(place, key, found, "a number", err);
    const double number = json_number_value(found);
    if (!(number >= low && number <= high)) {
        char what[160];
        snprintf(what, sizeof what, "%g is out of its range, %g to %g", number, low, high);
        return refuse(place, key, err, what);
    }
    *value = number;
    return ST_OK;
}

st_status st_json_integer(const st_json_place *place, const char *key, int64_t low, int64_t high, int64_t *value,
                          st_error *err) {
    const json_t *found = member(place, key);
    if (!found)
        return ST_OK;
    if (!json_is_number(found))
        return refuse_kind(place, key, found, "a whole number", err);
    const double real = json_number_value(found); /* 6.0 is whole; as far as a double counts exactly */
    if (json_is_real(found) && !(fabs(real) <= 0x1p53 && real == floor(real)))
        return refuse(place, key, err, "is not a whole number");
    const int64_t number = json_is_real(found) ? (int64_t)real : json_integer_value(found);
    if (number < low || number > high) {
        char what[160];
        snprintf(what, sizeof what, "%lld is out of its range, %lld to %lld", (long long)number, (long long)low,
                 (long long)high);
        return refuse(place, key, err, what);
    }
    *value = number;
    return ST_OK;
}

st_status st_json_string(const st_json_place *place, const char *key, const char **value, st_error *err) {
    const json_t *found = member(place, key);
    if (!found)
        return ST_OK;
    if (!json_is_string(found))
        return refuse_kind(place, key, found, "a text", err);
    *value = json_string_value(found);
    return ST_OK;
}

st_status st_json_truth(const st_json_place *place, const char *key, int *value, st_error *err) {
    const json_t *found = member(place, key);
    if (!found)
        return ST_OK;
    if (!json_is_boolean(found))
        return refuse_kind(place, key, found, "true or false", err);
    *value = json_is_true(found);
    return ST_OK;
}

st_status st_json_object(const st_json_place *place, const char *key, char *path, size_t size, st_json_place *inner,
                         bool *found, st_error *err) {
    const json_t *value = member(place, key);
    *found = value != NULL;
    if (!value)
        return ST_OK;
    if (!json_is_object(value))
        return refuse_kind(place, key, value, "an object", err);
    full_path(place, key, path, size);
    *inner = (st_json_place){place->file, path, value};
    return ST_OK;
}

st_status st_json_choice(const st_json_place *place, const char *key, const char *const *choices, size_t n_choices,
                         int *choice, st_error *err) {
    const char *text = NULL;
    const st_status status = st_json_string(place, key, &text, err);
    if (status != ST_OK || !text)
        return status;
    char all[256] = "";
    for (size_t i = 0; i < n_choices; i++) {
        if (strcmp(text, choices[i]) == 0) {
            *choice = (int)i;
            return ST_OK;
        }
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : i + 1 < n_choices ? ", " : " or ", choices[i]);
    }
    const char *near = st_nearest_name(text, choices, n_choices);
    char what[448];
    snprintf(what, sizeof what, "\"%.80s\" is not one of %s%s%s%s", text, all, near ? "; did you mean \"" : "",
             near ? near : "", near ? "\"?" : "");
    return refuse(place, key, err, what);
}

/* ---- writing -------------------------------------------------------------- */

json_t *st_json_real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

st_status st_json_write(const char *path, const json_t *root, st_error *err) {
    st_writer writer;
    const st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    if (json_dumpf(root, writer.stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0 && !ferror(writer.stream)) {
        st_writer_abandon(&writer);
        return st_fail_at(err, ST_MEMORY, path, 0, 0, "no memory to write the document");
    }
    fputc('\n', writer.stream);
    return st_writer_commit(&writer, err);
}
