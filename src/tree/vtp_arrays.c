/* The values of a VTK DataArray: ascii, base64 or raw, plain or zlib, any number type.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "vtp.h"

const vtp_array *vtp_find(const vtp_file *file, const char *section, const char *name) {
    for (size_t i = 0; i < file->n_arrays; i++)
        if (strcmp(file->array[i].section, section) == 0 && (!name || strcmp(file->array[i].name, name) == 0))
            return &file->array[i];
    return NULL;
}

static st_status refuse(const vtp_file *file, const vtp_array *array, st_error *err, const char *what) {
    return st_fail_at(err, ST_FORMAT, file->name, array->line, 0, "array \"%s\": %s", array->name, what);
}

/* ---- number types ----------------------------------------------------------- */

typedef enum { SIGNED, UNSIGNED, FLOATING } number_kind;

static bool type_of(const char *type, number_kind *kind, size_t *bytes) {
    static const struct {
        const char *name;
        number_kind kind;
        size_t bytes;
    } types[] = {{"Float32", FLOATING, 4}, {"Float64", FLOATING, 8}, {"Int8", SIGNED, 1},    {"Int16", SIGNED, 2},
                 {"Int32", SIGNED, 4},     {"Int64", SIGNED, 8},     {"UInt8", UNSIGNED, 1}, {"UInt16", UNSIGNED, 2},
                 {"UInt32", UNSIGNED, 4},  {"UInt64", UNSIGNED, 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, type) == 0) {
            *kind = types[i].kind;
            *bytes = types[i].bytes;
            return true;
        }
    return false;
}

static uint64_t whole(const unsigned char *at, size_t bytes, bool big_endian) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)at[big_endian ? bytes - 1 - i : i] << (8 * i);
    return value;
}

static double value_at(const unsigned char *at, number_kind kind, size_t bytes, bool big_endian) {
    const uint64_t bits = whole(at, bytes, big_endian);
    if (kind == UNSIGNED)
        return (double)bits;
    if (kind == SIGNED) {
        const uint64_t sign = (uint64_t)1 << (8 * bytes - 1);
        return bits & sign ? -(double)((~bits & (sign - 1)) + 1) : (double)bits;
    }
    if (bytes == 4) {
        const uint32_t half = (uint32_t)bits;
        float value;
        memcpy(&value, &half, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- encodings ---------------------------------------------------------------- */

/* A stream of bytes, base64 or raw. Base64 runs that are padded end on their own. */
typedef struct source {
    const char *at, *end;
    bool base64;
} source;

static int digit_of(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Four characters to at most three bytes; false at the end or at what is no base64. */
static bool base64_group(source *s, unsigned char out[3], size_t *n) {
    int digit[4] = {0};
    size_t have = 0, padding = 0;
    while (s->at < s->end && have + padding < 4) {
        const char c = *s->at++;
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        if (c == '=')
            padding++;
        else if (padding > 0 || (digit[have++] = digit_of(c)) < 0)
            return false;
    }
    if (have < 2 || have + padding != 4)
        return false;
    out[0] = (unsigned char)(digit[0] << 2 | digit[1] >> 4);
    out[1] = (unsigned char)((digit[1] & 15) << 4 | digit[2] >> 2);
    out[2] = (unsigned char)((digit[2] & 3) << 6 | digit[3]);
    *n = have - 1;
    return true;
}

/* Exactly n bytes; a base64 run is read to its last group. */
static bool take(source *s, unsigned char *out, size_t n) {
    if (!s->base64) {
        if ((size_t)(s->end - s->at) < n)
            return false;
        memcpy(out, s->at, n);
        s->at += n;
        return true;
    }
    for (size_t done = 0; done < n;) {
        unsigned char group[3];
        size_t got;
        if (!base64_group(s, group, &got))
            return false;
        for (size_t i = 0; i < got && done < n; i++)
            out[done++] = group[i];
    }
    return true;
}

static size_t bytes_left(const source *s) {
    const size_t n = (size_t)(s->end - s->at);
    return s->base64 ? n / 4 * 3 : n;
}

static st_status no_memory(const vtp_file *file, st_error *err) {
    return st_fail_at(err, ST_MEMORY, file->name, 0, 0, "no memory for its arrays");
}

/* ---- plain and compressed blocks ------------------------------------------------ */

/* A header with the number of bytes stands before them, in the same base64 run. */
static st_status read_plain(const vtp_file *file, const vtp_array *array, source *s, unsigned char *out, size_t size,
                            st_error *err) {
    const size_t head = file->header64 ? 8 : 4;
    if (bytes_left(s) < head || bytes_left(s) - head < size)
        return refuse(file, array, err, "the data is shorter than its size");
    unsigned char *all = malloc(head + size);
    if (!all)
        return no_memory(file, err);
    const bool read = take(s, all, head + size);
    const bool right = read && whole(all, head, file->big_endian) == size;
    if (right)
        memcpy(out, all + head, size);
    free(all);
    return right ? ST_OK : refuse(file, array, err, "the data does not have the size that the piece asks for");
}

typedef struct block_sizes {
    uint64_t n, size, last;
} block_sizes;

static uint64_t block_size(const block_sizes *b, uint64_t i) {
    return i + 1 == b->n && b->last > 0 ? b->last : b->size;
}

/* Three numbers, then the packed size of each block. In base64 they are a run of their own. */
static st_status read_block_header(const vtp_file *file, const vtp_array *array, source *s, block_sizes *b,
                                   uint64_t **packed, st_error *err) {
    const size_t word = file->header64 ? 8 : 4;
    source ahead = *s; /* the three numbers tell how long the run is */
    unsigned char first[24];
    *packed = NULL;
    if (bytes_left(s) < 3 * word || !take(&ahead, first, 3 * word))
        return refuse(file, array, err, "the header of its blocks is cut");
    *b = (block_sizes){whole(first, word, file->big_endian), whole(first + word, word, file->big_endian),
                       whole(first + 2 * word, word, file->big_endian)};
    if (b->n > bytes_left(s) / word) /* the size of a block may exceed that of the only one, which is not full */
        return refuse(file, array, err, "the number of its blocks cannot be right");
    const size_t n = (size_t)b->n;
    unsigned char *words = malloc((3 + n) * word);
    *packed = malloc((n + 1) * sizeof **packed);
    const bool read = words && *packed && take(s, words, (3 + n) * word);
    for (size_t i = 0; read && i < n; i++)
        (*packed)[i] = whole(words + (3 + i) * word, word, file->big_endian);
    const bool memory = words && *packed;
    free(words);
    if (read)
        return ST_OK;
    free(*packed);
    *packed = NULL;
    return memory ? refuse(file, array, err, "the header of its blocks is cut") : no_memory(file, err);
}

static st_status inflate_blocks(const vtp_file *file, const vtp_array *array, const block_sizes *b,
                                const uint64_t *packed, const unsigned char *from, unsigned char *out, size_t size,
                                st_error *err) {
    size_t done = 0;
    for (uint64_t i = 0; i < b->n; i++) {
        const uint64_t wanted = block_size(b, i);
        uLongf got = (uLongf)wanted;
        if (wanted > size - done || uncompress(out + done, &got, from, (uLong)packed[i]) != Z_OK || got != wanted)
            return refuse(file, array, err, "a compressed block is corrupt");
        from += packed[i];
        done += (size_t)wanted;
    }
    return done == size ? ST_OK : refuse(file, array, err, "its blocks hold fewer values than the piece asks for");
}

static st_status read_compressed(const vtp_file *file, const vtp_array *array, source *s, unsigned char *out,
                                 size_t size, st_error *err) {
    block_sizes b = {0};
    uint64_t *packed, total = 0;
    st_status status = read_block_header(file, array, s, &b, &packed, err);
    if (status != ST_OK)
        return status;
    for (uint64_t i = 0; i < b.n && total <= bytes_left(s); i++)
        total = packed[i] > bytes_left(s) ? UINT64_MAX : total + packed[i];
    unsigned char *all = total <= bytes_left(s) ? malloc((size_t)total + 1) : NULL;
    if (total > bytes_left(s))
        status = refuse(file, array, err, "its compressed blocks are cut");
    else if (!all)
        status = no_memory(file, err);
    else if (!take(s, all, (size_t)total))
        status = refuse(file, array, err, "its compressed blocks are cut");
    else
        status = inflate_blocks(file, array, &b, packed, all, out, size, err);
    free(all);
    free(packed);
    return status;
}

static st_status open_source(const vtp_file *file, const vtp_array *array, source *s, st_error *err) {
    if (strcmp(array->format, "binary") == 0) {
        *s = (source){array->text ? array->text : "", array->text ? array->text + array->text_size : NULL, true};
        if (!array->text)
            s->end = s->at;
        return ST_OK;
    }
    if (strcmp(array->format, "appended") != 0)
        return refuse(file, array, err, "its format is none of ascii, binary, appended");
    if (!file->appended || !array->has_offset || array->offset > file->appended_size)
        return refuse(file, array, err, "its offset points beyond the appended data");
    *s = (source){file->appended + array->offset, file->appended + file->appended_size, file->appended_base64};
    return ST_OK;
}

/* ---- all together ------------------------------------------------------------------ */

static st_status read_ascii(const vtp_file *file, const vtp_array *array, uint64_t n, double *value, st_error *err) {
    const char *at = array->text ? array->text : "";
    for (uint64_t i = 0; i < n; i++) {
        char *end;
        value[i] = strtod(at, &end);
        if (end == at)
            return refuse(file, array, err, "it holds fewer numbers than the piece asks for");
        at = end;
    }
    return ST_OK;
}

static st_status read_binary(const vtp_file *file, const vtp_array *array, uint64_t n, double *value, st_error *err) {
    number_kind kind;
    size_t bytes;
    source s;
    if (!type_of(array->type, &kind, &bytes))
        return refuse(file, array, err, "its number type is not known");
    st_status status = open_source(file, array, &s, err);
    if (status != ST_OK || n == 0)
        return status;
    unsigned char *raw = malloc((size_t)n * bytes);
    if (!raw)
        return no_memory(file, err);
    status = file->zlib ? read_compressed(file, array, &s, raw, (size_t)n * bytes, err)
                        : read_plain(file, array, &s, raw, (size_t)n * bytes, err);
    for (uint64_t i = 0; i < n && status == ST_OK; i++)
        value[i] = value_at(raw + i * bytes, kind, bytes, file->big_endian);
    free(raw);
    return status;
}

st_status vtp_values(const vtp_file *file, const vtp_array *array, uint64_t n, double **value, st_error *err) {
    const uint64_t text_most = array->text_size + 1, appended_most = (uint64_t)file->appended_size * 1032;
    *value = NULL;
    /* a count that no file of this size can hold; deflate packs at most 1032 to 1 */
    if (n > (strcmp(array->format, "appended") == 0 ? appended_most : text_most * 1032) || n > SIZE_MAX / 8)
        return refuse(file, array, err, "it is shorter than the piece says");
    *value = st_alloc((size_t)n, sizeof **value, err);
    if (!*value)
        return ST_MEMORY;
    st_status status = strcmp(array->format, "ascii") == 0 ? read_ascii(file, array, n, *value, err)
                                                           : read_binary(file, array, n, *value, err);
    for (uint64_t i = 0; i < n && status == ST_OK; i++)
        if (!isfinite((*value)[i]))
            status = refuse(file, array, err, "it holds a value that is not finite");
    if (status != ST_OK) {
        free(*value);
        *value = NULL;
    }
    return status;
}
