/* Writing NIfTI on the geometry of the input. The bytes go out through zlib, so
 * that every write is checked and the gzip header carries no time or name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_internal.h"

#include <errno.h>
#include <nifti2_io.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fill_header(const st_geometry *geometry, int datatype, int bits, const char *description,
                        nifti_2_header *h) {
    const st_nifti_orientation *o = &geometry->nifti;
    *h = (nifti_2_header){.sizeof_hdr = 540,
                          .datatype = (int16_t)datatype,
                          .bitpix = (int16_t)bits,
                          .vox_offset = o->version == 2 ? 544 : 352,
                          .scl_slope = 1,
                          .qform_code = o->qform_code,
                          .sform_code = o->sform_code,
                          .quatern_b = o->quatern[0],
                          .quatern_c = o->quatern[1],
                          .quatern_d = o->quatern[2],
                          .qoffset_x = o->qoffset[0],
                          .qoffset_y = o->qoffset[1],
                          .qoffset_z = o->qoffset[2],
                          .xyzt_units = NIFTI_UNITS_MM};
    memcpy(h->magic, "n+2\0\r\n\032\n", 8);
    h->dim[0] = 3;
    for (int i = 0; i < 8; i++) {
        if (i > 0)
            h->dim[i] = i <= 3 ? geometry->n[i - 1] : 1;
        h->pixdim[i] = i <= 3 ? o->pixdim[i] : 0;
    }
    memcpy(h->srow_x, o->srow[0], sizeof h->srow_x);
    memcpy(h->srow_y, o->srow[1], sizeof h->srow_y);
    memcpy(h->srow_z, o->srow[2], sizeof h->srow_z);
    snprintf(h->descrip, sizeof h->descrip, "%s", description ? description : "");
}

static nifti_1_header narrow(const nifti_2_header *h) {
    nifti_1_header v1 = {.sizeof_hdr = 348,
                         .regular = 'r',
                         .datatype = h->datatype,
                         .bitpix = h->bitpix,
                         .vox_offset = (float)h->vox_offset,
                         .scl_slope = (float)h->scl_slope,
                         .qform_code = (short)h->qform_code,
                         .sform_code = (short)h->sform_code,
                         .quatern_b = (float)h->quatern_b,
                         .quatern_c = (float)h->quatern_c,
                         .quatern_d = (float)h->quatern_d,
                         .qoffset_x = (float)h->qoffset_x,
                         .qoffset_y = (float)h->qoffset_y,
                         .qoffset_z = (float)h->qoffset_z,
                         .xyzt_units = (char)h->xyzt_units,
                         .magic = "n+1"};
    for (int i = 0; i < 8; i++) {
        v1.dim[i] = (short)h->dim[i];
        v1.pixdim[i] = (float)h->pixdim[i];
    }
    for (int i = 0; i < 4; i++) {
        v1.srow_x[i] = (float)h->srow_x[i];
        v1.srow_y[i] = (float)h->srow_y[i];
        v1.srow_z[i] = (float)h->srow_z[i];
    }
    memcpy(v1.descrip, h->descrip, sizeof v1.descrip);
    return v1;
}

static bool put(gzFile file, const void *bytes, size_t size) {
    const unsigned char *from = bytes;
    while (size > 0) {
        const unsigned piece = size > (1u << 30) ? 1u << 30 : (unsigned)size;
        if (gzwrite(file, from, piece) != (int)piece)
            return false;
        from += piece;
        size -= piece;
    }
    return true;
}

static bool put_header(gzFile file, const st_geometry *geometry, int datatype, int bits, const char *description) {
    static const char no_extension[4] = {0};
    nifti_2_header v2;
    fill_header(geometry, datatype, bits, description, &v2);
    const nifti_1_header v1 = narrow(&v2);
    const bool written = geometry->nifti.version == 2 ? put(file, &v2, sizeof v2) : put(file, &v1, sizeof v1);
    return written && put(file, no_extension, sizeof no_extension);
}

static bool ends_in(const char *path, const char *suffix) {
    const size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

static st_status write_volume(const char *path, const st_geometry *geometry, int datatype, int bits, const void *value,
                              const char *description, st_error *err) {
    const bool packed = ends_in(path, ".nii.gz");
    if (!packed && !ends_in(path, ".nii"))
        return st_fail_at(err, ST_VALUE, path, 0, 0, "a NIfTI file is written under a name that ends in .nii or .nii.gz");
    char *temporary = NULL;
    st_status status = st_temporary_name(path, &temporary, err);
    if (status != ST_OK)
        return status;
    errno = 0;
    gzFile file = gzopen(temporary, packed ? "wb" : "wbT");
    bool written = false;
    if (file) {
        written = put_header(file, geometry, datatype, bits, description) &&
                  put(file, value, st_geometry_voxels(geometry) * (size_t)bits / 8);
        written = gzclose(file) == Z_OK && written;
    }
    if (written)
        status = st_replace_file(temporary, path, err);
    else
        status = st_fail_at(err, ST_IO, path, 0, 0, "cannot be written: %s", errno ? strerror(errno) : "zlib failed");
    if (status != ST_OK)
        unlink(temporary);
    free(temporary);
    return status;
}

st_status st_labels_write(const char *path, const st_labels *labels, st_error *err) {
    const size_t voxels = st_geometry_voxels(&labels->geometry);
    uint16_t largest = 0;
    for (size_t i = 0; i < voxels; i++)
        if (labels->label[i] > largest)
            largest = labels->label[i];
    if (largest > UINT8_MAX)
        return write_volume(path, &labels->geometry, DT_UINT16, 16, labels->label, labels->description, err);
    uint8_t *narrowed = st_alloc(voxels, 1, err);
    if (!narrowed)
        return ST_MEMORY;
    for (size_t i = 0; i < voxels; i++)
        narrowed[i] = (uint8_t)labels->label[i];
    const st_status status =
        write_volume(path, &labels->geometry, DT_UINT8, 8, narrowed, labels->description, err);
    free(narrowed);
    return status;
}

st_status st_map_write(const char *path, const st_geometry *geometry, const float *value, const char *description,
                       st_error *err) {
    return write_volume(path, geometry, DT_FLOAT32, 32, value, description, err);
}
