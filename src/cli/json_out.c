/* JSON written as it is made.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "json_out.h"

#include <math.h>

static void put_text(FILE *stream, const char *text) {
    fputc('"', stream);
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(stream, "\\%c", c);
        else if (c < 0x20)
            fprintf(stream, "\\u%04x", c);
        else
            fputc(c, stream);
    }
    fputc('"', stream);
}

static void put_real(FILE *stream, double value) {
    if (isfinite(value))
        fprintf(stream, "%.17g", value);
    else
        fputs("null", stream);
}

static void begin(json_out *out, const char *key) {
    if (out->begun)
        fputc(',', out->stream);
    if (out->depth > 0)
        fprintf(out->stream, "\n%*s", 2 * out->depth, "");
    if (key) {
        put_text(out->stream, key);
        fputs(": ", out->stream);
    }
    out->begun = true;
}

void json_out_open(json_out *out, const char *key, char bracket) {
    begin(out, key);
    fputc(bracket, out->stream);
    out->depth++;
    out->begun = false;
}

void json_out_close(json_out *out, char bracket) {
    out->depth--;
    if (out->begun)
        fprintf(out->stream, "\n%*s", 2 * out->depth, "");
    fputc(bracket, out->stream);
    if (out->depth == 0)
        fputc('\n', out->stream);
    out->begun = true;
}

void json_out_real(json_out *out, const char *key, double value) {
    begin(out, key);
    put_real(out->stream, value);
}

void json_out_count(json_out *out, const char *key, size_t value) {
    begin(out, key);
    fprintf(out->stream, "%zu", value);
}

void json_out_text(json_out *out, const char *key, const char *value) {
    if (value == NULL) {
        json_out_null(out, key);
        return;
    }
    begin(out, key);
    put_text(out->stream, value);
}

void json_out_null(json_out *out, const char *key) {
    begin(out, key);
    fputs("null", out->stream);
}

void json_out_reals(json_out *out, const char *key, const double *value, size_t n) {
    begin(out, key);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "[", out->stream);
        put_real(out->stream, value[i]);
    }
    fputs(n ? "]" : "[]", out->stream);
}

void json_out_counts(json_out *out, const char *key, const double *value, size_t n) {
    begin(out, key);
    for (size_t i = 0; i < n; i++)
        fprintf(out->stream, "%s%.0f", i ? ", " : "[", value[i]);
    fputs(n ? "]" : "[]", out->stream);
}

void json_out_texts(json_out *out, const char *key, const char *const *value, size_t n) {
    begin(out, key);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "[", out->stream);
        put_text(out->stream, value[i]);
    }
    fputs(n ? "]" : "[]", out->stream);
}
