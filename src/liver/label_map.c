/* What label values mean: the presets of data/labels/ and maps of one's own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/liver.h>
#include <stasis/text.h>

#include <stdlib.h>
#include <string.h>

#include "embedded.h"

enum { PRESETS_MOST = 64 };
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
    const char *key;
    st_role role;
} ROLES[] = {{"liver", ST_ROLE_LIVER},
             {"tumour", ST_ROLE_TUMOUR},
             {"artery", ST_ROLE_ARTERY},
             {"portal_vein", ST_ROLE_PORTAL_VEIN},
             {"hepatic_vein", ST_ROLE_HEPATIC_VEIN},
             {"gallbladder", ST_ROLE_GALLBLADDER}};

static st_status refuse(const st_json_place *place, const char *key, st_error *err, const char *what) {
    const st_status status = st_fail_at(err, ST_VALUE, place->file, 0, 0, "%s", what);
    if (err)
        snprintf(err->field, sizeof err->field, "%s%s%s", place->path, place->path[0] ? "." : "", key);
    return status;
}

static st_status add(const st_json_place *place, const char *key, const json_t *value, st_role role, uint8_t segment,
                     st_label_map *map, st_error *err) {
    if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > UINT16_MAX)
        return refuse(place, key, err, "a label is a whole number from 1 to 65535, or a list of such");
    const uint16_t label = (uint16_t)json_integer_value(value);
    for (size_t i = 0; i < map->n; i++)
        if (map->entry[i].label == label) {
            char what[96];
            snprintf(what, sizeof what, "label %u has a meaning already; a label means one thing", label);
            return refuse(place, key, err, what);
        }
    if (map->n == COUNT(map->entry))
        return refuse(place, key, err, "more than 256 labels have a meaning");
    map->entry[map->n++] = (struct st_label_role){label, role, segment};
    return ST_OK;
}

/* A label, a list of labels, or nothing. */
static st_status add_member(const st_json_place *place, const char *key, st_role role, uint8_t segment,
                            st_label_map *map, st_error *err) {
    const json_t *value = json_object_get(place->object, key);
    st_status status = ST_OK;
    if (value == NULL || json_is_null(value))
        return ST_OK;
    if (!json_is_array(value))
        return add(place, key, value, role, segment, map, err);
    for (size_t i = 0; i < json_array_size(value) && status == ST_OK; i++)
        status = add(place, key, json_array_get(value, i), role, segment, map, err);
    return status;
}

static st_status add_segments(const st_json_place *place, st_label_map *map, st_error *err) {
    static const char *const number[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    char path[64];
    st_json_place inner;
    bool found;
    st_status status = st_json_object(place, "couinaud", path, sizeof path, &inner, &found, err);
    if (status != ST_OK || !found)
        return status;
    status = st_json_only(&inner, number, COUNT(number), err);
    for (uint8_t i = 0; i < COUNT(number) && status == ST_OK; i++)
        status = add_member(&inner, number[i], ST_ROLE_COUINAUD, (uint8_t)(i + 1), map, err);
    return status;
}

st_status st_label_map_custom(const json_t *object, const char *file, st_label_map *map, st_error *err) {
    static const char *const known[] = {"liver",       "tumour",   "artery",      "portal_vein", "hepatic_vein",
                                        "gallbladder", "couinaud", "description", "source"};
    const st_json_place place = {file, "", object};
    *map = (st_label_map){.name = "custom"};
    if (!json_is_object(object))
        return st_fail_at(err, ST_VALUE, file, 0, 0, "a label map is an object such as {\"liver\": 1, \"tumour\": 2}");
    st_status status = st_json_only(&place, known, COUNT(known), err);
    for (size_t i = 0; i < COUNT(ROLES) && status == ST_OK; i++)
        status = add_member(&place, ROLES[i].key, ROLES[i].role, 0, map, err);
    if (status == ST_OK)
        status = add_segments(&place, map, err);
    if (status == ST_OK && map->n == 0)
        status = st_fail_at(err, ST_VALUE, file, 0, 0, "the label map gives no label a meaning");
    return status;
}

static int by_name(const void *x, const void *y) {
    return strcmp(x, y);
}

/* Names of the presets in order; how many there are is returned. */
static size_t preset_names(char name[PRESETS_MOST][64], const char *known[PRESETS_MOST]) {
    static const char folder[] = "labels/", suffix[] = ".json";
    size_t n = 0;
    for (size_t i = 0; i < st_embedded_count && n < PRESETS_MOST; i++) {
        const char *file = st_embedded[i].name;
        const size_t length = strlen(file), around = strlen(folder) + strlen(suffix);
        if (strncmp(file, folder, strlen(folder)) != 0 || length < around)
            continue;
        snprintf(name[n], sizeof name[n], "%.*s", (int)(length - around), file + strlen(folder));
        n++;
    }
    qsort(name, n, sizeof *name, by_name);
    for (size_t i = 0; i < n; i++)
        known[i] = name[i];
    return n;
}

static st_status refuse_preset(const char *preset, st_error *err) {
    char name[PRESETS_MOST][64], all[320] = "";
    const char *known[PRESETS_MOST] = {NULL};
    const size_t n = preset_names(name, known);
    const char *near = st_nearest_name(preset, known, n);
    for (size_t i = 0; i < n; i++) {
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    return st_fail(err, ST_VALUE, "no preset of labels is called \"%.40s\"%s%s%s; there are %s", preset,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "", all);
}

st_status st_label_map_preset(const char *name, st_label_map *map, st_error *err) {
    char file[96];
    size_t size;
    *map = (st_label_map){0};
    snprintf(file, sizeof file, "labels/%.64s.json", name);
    const char *bytes = st_data_find(file, &size);
    if (!bytes)
        return refuse_preset(name, err);
    json_t *object = NULL;
    st_status status = st_json_parse(file, bytes, size, &object, err);
    if (status == ST_OK)
        status = st_label_map_custom(object, file, map, err);
    json_decref(object);
    if (status == ST_OK)
        snprintf(map->name, sizeof map->name, "%s", name);
    return status;
}
