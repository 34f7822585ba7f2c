/* Members of JSON objects.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CASE_PUT_H
#define STASIS_CASE_PUT_H

#include <stasis/case.h>
#include <stasis/text.h>

static inline void put(json_t *object, const char *key, double value) {
    json_object_set_new(object, key, st_json_real(value));
}

static inline void put_count(json_t *object, const char *key, uint64_t value) {
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static inline void put_text(json_t *object, const char *key, const char *value) {
    json_object_set_new(object, key, json_string(value));
}

#endif
