/* JSON written as it is made, for answers of millions of numbers, which a document in memory would not hold.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CLI_JSON_OUT_H
#define STASIS_CLI_JSON_OUT_H

#include <stasis/base.h>

typedef struct json_out {
    FILE *stream;
    int depth;
    bool begun; /* the container has a member */
} json_out;

/* key NULL: an element of an array, or the root. */
void json_out_open(json_out *out, const char *key, char bracket);
void json_out_close(json_out *out, char bracket);
void json_out_real(json_out *out, const char *key, double value); /* null where it is not finite; 17 digits */
void json_out_count(json_out *out, const char *key, size_t value);
void json_out_text(json_out *out, const char *key, const char *value); /* NULL: null */
void json_out_null(json_out *out, const char *key);
/* On one line. */
void json_out_reals(json_out *out, const char *key, const double *value, size_t n);
void json_out_counts(json_out *out, const char *key, const double *value, size_t n); /* whole numbers */
void json_out_texts(json_out *out, const char *key, const char *const *value, size_t n);

#endif
