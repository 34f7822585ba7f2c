/* INRIMAGE-4: a text header in blocks of 256 bytes, then the voxels (INRIA's
 * format; what the keys mean is in docs/formats.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, BLOCKS_MOST = 64 };

typedef struct inr_header {
    int64_t dim[3], values; /* VDIM */
    double spacing[3];
    int bits;
    bool big_endian;
} inr_header;

/* Reads blocks up to the one that ends in "##}" and a line feed. */
static st_status read_text(image_source *source, char text[BLOCK * BLOCKS_MOST + 1], st_error *err) {
    for (size_t n = 0; n < BLOCK * BLOCKS_MOST; n += BLOCK) {
        const st_status status = image_source_read(source, text + n, BLOCK, err);
        if (status != ST_OK)
            return status;
        if (n == 0 && memcmp(text, "#INRIMAGE-4#{", 13) != 0)
            return st_fail_at(err, ST_FORMAT, source->path, 0, 0, "is not INRIMAGE: it does not begin with #INRIMAGE-4#{");
        if (memcmp(text + n + BLOCK - 4, "##}\n", 4) == 0) {
            text[n + BLOCK - 4] = '\0';
            return strlen(text) == n + BLOCK - 4
                       ? ST_OK
                       : st_fail_at(err, ST_FORMAT, source->path, 0, 0, "the INRIMAGE header holds a zero byte");
        }
    }
    return st_fail_at(err, ST_FORMAT, source->path, 0, 0, "the INRIMAGE header has no end (##}) within %d bytes",
                      BLOCK * BLOCKS_MOST);
}

static bool number_of(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

static bool one_of(const char *text, const char *const *words) {
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

/* One KEY=value line into the header; false when the value is not one that is read. Other keys carry nothing needed. */
static bool take_key(inr_header *h, const char *key, const char *value) {
    static const char *const dims[] = {"XDIM", "YDIM", "ZDIM"}, *const sizes[] = {"VX", "VY", "VZ"};
    static const char *const little[] = {"decm", "alpha", "pc", NULL}, *const big[] = {"sun", "sgi", NULL};
    double number = 0;
    for (int i = 0; i < 3; i++) {
        if (strcmp(key, dims[i]) == 0) {
            const bool good = number_of(value, &number) && number >= 1 && number <= 1e9 && floor(number) == number;
            h->dim[i] = good ? (int64_t)number : 0;
            return good;
        }
        if (strcmp(key, sizes[i]) == 0)
            return number_of(value, &h->spacing[i]) && h->spacing[i] > 0 && h->spacing[i] < 1e6;
    }
    if (strcmp(key, "VDIM") == 0)
        return strcmp(value, "1") == 0;
    if (strcmp(key, "TYPE") == 0)
        return strcmp(value, "unsigned fixed") == 0;
    if (strcmp(key, "SCALE") == 0)
        return strcmp(value, "2**0") == 0;
    if (strcmp(key, "PIXSIZE") == 0) {
        h->bits = strcmp(value, "8 bits") == 0 ? 8 : strcmp(value, "16 bits") == 0 ? 16 : 0;
        return h->bits != 0;
    }
    if (strcmp(key, "CPU") == 0) {
        h->big_endian = one_of(value, big);
        return h->big_endian || one_of(value, little);
    }
    return true;
}

static st_status parse(const char *path, char *text, inr_header *h, st_error *err) {
    *h = (inr_header){.spacing = {1, 1, 1}};
    size_t number = 1;
    char *next;
    for (char *line = text; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        char *equals = strchr(line, '=');
        if (line[0] == '#' || !equals)
            continue;
        *equals = '\0';
        if (!take_key(h, line, equals + 1))
            return st_fail_at(err, ST_FORMAT, path, number, 0,
                              "%s=%.40s is not read; wanted are sizes of 1 or more, VDIM=1, TYPE=unsigned fixed, "
                              "PIXSIZE=8 or 16 bits, SCALE=2**0, CPU=decm, alpha, pc, sun or sgi, lengths above 0",
                              line, equals + 1);
    }
    if (h->bits == 0)
        return st_fail_at(err, ST_FORMAT, path, 0, 0, "the INRIMAGE header has no PIXSIZE");
    return image_size_check(path, h->dim, err);
}

/* Columns of the voxel-to-LPS matrix from three letters. */
static st_status orient(const char *axes, const double spacing[3], double to_lps[3][4], st_error *err) {
    double way[3][3];
    const st_status status = st_axes_to_lps(axes, way, err);
    for (int row = 0; row < 3 && status == ST_OK; row++)
        for (int i = 0; i < 4; i++)
            to_lps[row][i] = i < 3 ? spacing[i] * way[row][i] : 0;
    return status;
}

static st_status read_voxels(image_source *source, const inr_header *h, st_labels *labels, st_error *err) {
    const size_t voxels = st_geometry_voxels(&labels->geometry);
    unsigned char *byte = (unsigned char *)labels->label; /* read into the front half, or in place, and spread */
    const st_status status = image_source_read(source, byte, voxels * (size_t)h->bits / 8, err);
    if (status != ST_OK)
        return status;
    for (size_t i = voxels; i-- > 0;)
        labels->label[i] = h->bits == 8     ? byte[i]
                           : h->big_endian ? (uint16_t)(byte[2 * i] << 8 | byte[2 * i + 1])
                                           : (uint16_t)(byte[2 * i + 1] << 8 | byte[2 * i]);
    return image_source_finish(source, err);
}

st_status st_inrimage_read(const char *path, const char *axes, st_labels *labels, st_error *err) {
    image_source source = {0};
    inr_header h;
    char text[BLOCK * BLOCKS_MOST + 1];
    double to_lps[3][4];
    *labels = (st_labels){0};
    st_status status = image_source_open(&source, path, err);
    if (status == ST_OK)
        status = read_text(&source, text, err);
    if (status == ST_OK)
        status = parse(path, text, &h, err);
    if (status == ST_OK)
        status = orient(axes, h.spacing, to_lps, err);
    if (status != ST_OK)
        goto done;
    const uint32_t n[3] = {(uint32_t)h.dim[0], (uint32_t)h.dim[1], (uint32_t)h.dim[2]};
    status = st_geometry_init(&labels->geometry, n, (const double(*)[4])to_lps, err);
    if (status != ST_OK)
        goto done;
    const size_t voxels = st_geometry_voxels(&labels->geometry);
    status = image_source_holds(&source, BLOCK, (uint64_t)voxels * (uint64_t)h.bits / 8, err);
    if (status != ST_OK)
        goto done;
    labels->label = st_alloc(voxels, sizeof *labels->label, err);
    status = labels->label ? read_voxels(&source, &h, labels, err) : ST_MEMORY;
done:
    image_source_close(&source);
    if (status != ST_OK)
        st_labels_fini(labels);
    return status;
}
