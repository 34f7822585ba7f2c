/* Reading NIfTI-1 and -2. The headers' structures, byte swapping and quaternions
 * are libnifti2's; its reader is not used, because it believes sizes, prints, and
 * turns NaN into 0 without a word.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_internal.h"

#include <math.h>
#include <nifti2_io.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 65536 }; /* voxels read at a time */
static const double INTEGER_TOLERANCE = 1e-4;
static const int64_t OFFSET_LIMIT = 256 << 20; /* bytes of header extensions */

typedef struct nifti_file {
    image_source source;
    nifti_2_header header; /* NIfTI-1 is widened into it */
    int version;
    bool swapped;
} nifti_file;

static void widen(const nifti_1_header *from, nifti_2_header *to) {
    memset(to, 0, sizeof *to);
    memcpy(to->magic, from->magic, sizeof from->magic);
    memcpy(to->descrip, from->descrip, sizeof to->descrip);
    to->datatype = from->datatype;
    to->bitpix = from->bitpix;
    for (int i = 0; i < 8; i++) {
        to->dim[i] = from->dim[i];
        to->pixdim[i] = (double)from->pixdim[i];
    }
    const double offset = (double)from->vox_offset;
    to->vox_offset = offset >= 0 && offset <= (double)OFFSET_LIMIT && floor(offset) == offset ? (int64_t)offset : -1;
    to->scl_slope = (double)from->scl_slope;
    to->scl_inter = (double)from->scl_inter;
    to->qform_code = from->qform_code;
    to->sform_code = from->sform_code;
    to->quatern_b = (double)from->quatern_b;
    to->quatern_c = (double)from->quatern_c;
    to->quatern_d = (double)from->quatern_d;
    to->qoffset_x = (double)from->qoffset_x;
    to->qoffset_y = (double)from->qoffset_y;
    to->qoffset_z = (double)from->qoffset_z;
    for (int i = 0; i < 4; i++) {
        to->srow_x[i] = (double)from->srow_x[i];
        to->srow_y[i] = (double)from->srow_y[i];
        to->srow_z[i] = (double)from->srow_z[i];
    }
    to->xyzt_units = from->xyzt_units;
}

static st_status read_header(nifti_file *file, st_error *err) {
    union {
        int32_t size;
        nifti_1_header v1;
        nifti_2_header v2;
    } raw = {0};
    image_source *source = &file->source;
    st_status status = image_source_read(source, &raw.size, sizeof raw.size, err);
    if (status != ST_OK)
        return status;
    int32_t size = raw.size;
    file->swapped = size != 348 && size != 540;
    if (file->swapped)
        nifti_swap_4bytes(1, &size);
    if (size != 348 && size != 540)
        return st_fail_at(err, ST_FORMAT, source->path, 0, 0,
                          "is not NIfTI: it begins with %ld, where a header has 348 (NIfTI-1) or 540 (NIfTI-2)",
                          (long)raw.size);
    file->version = size == 348 ? 1 : 2;
    status = image_source_read(source, (char *)&raw + sizeof raw.size, (size_t)size - sizeof raw.size, err);
    if (status != ST_OK)
        return status;
    if (file->swapped)
        swap_nifti_header(&raw, file->version);
    if (file->version == 1)
        widen(&raw.v1, &file->header);
    else
        file->header = raw.v2;
    return ST_OK;
}

static st_status refuse(const nifti_file *file, st_error *err, const char *what, double got, const char *wanted) {
    return st_fail_at(err, ST_FORMAT, file->source.path, 0, 0, "the header gives %s %.9g; %s", what, got, wanted);
}

/* Bits of the datatypes that can hold labels, 0 for the others. */
static int bits_of(int datatype) {
    switch (datatype) {
    case DT_UINT8:
    case DT_INT8:
        return 8;
    case DT_INT16:
    case DT_UINT16:
        return 16;
    case DT_INT32:
    case DT_UINT32:
    case DT_FLOAT32:
        return 32;
    case DT_INT64:
    case DT_UINT64:
    case DT_FLOAT64:
        return 64;
    default:
        return 0;
    }
}

static st_status check_layout(const nifti_file *file, st_error *err) {
    const nifti_2_header *h = &file->header;
    const char *path = file->source.path;
    if (memcmp(h->magic, file->version == 1 ? "n+1" : "n+2", 4) != 0)
        return st_fail_at(err, ST_FORMAT, path, 0, 0,
                          memcmp(h->magic, "ni", 2) == 0
                              ? "is one half of a .hdr/.img pair; a single .nii or .nii.gz file is read"
                              : "is not NIfTI: the magic \"n+%d\" is missing from its header (ANALYZE is not read)",
                          file->version);
    if (h->dim[0] < 3 || h->dim[0] > 7)
        return refuse(file, err, "the number of dimensions as", (double)h->dim[0], "a label map has 3");
    for (int i = 4; i <= h->dim[0]; i++)
        if (h->dim[i] != 1)
            return st_fail_at(err, ST_FORMAT, path, 0, 0,
                              "holds more than one volume (%lld along dimension %d); a label map is one",
                              (long long)h->dim[i], i);
    if (bits_of(h->datatype) == 0)
        return refuse(file, err, "the datatype", h->datatype, "labels are integers of 8 to 64 bits, float32 or float64");
    if (h->bitpix != bits_of(h->datatype))
        return refuse(file, err, "the bits per voxel as", h->bitpix, "its datatype has another number");
    if (h->vox_offset < (file->version == 1 ? 352 : 544) || h->vox_offset > OFFSET_LIMIT)
        return refuse(file, err, "the offset of the voxels as", (double)h->vox_offset,
                      "they follow the header, within 256 MiB");
    if (h->scl_slope != 0 && isfinite(h->scl_slope) && !isfinite(h->scl_inter))
        return refuse(file, err, "scl_inter", h->scl_inter, "a finite number is wanted");
    return image_size_check(path, h->dim + 1, err);
}

static bool all_finite(const double *value, int n) {
    for (int i = 0; i < n; i++)
        if (!isfinite(value[i]))
            return false;
    return true;
}

static st_status check_orientation(const nifti_file *file, const st_nifti_orientation *o, st_error *err) {
    for (int i = 1; i <= 3; i++)
        if (!(o->pixdim[i] > 0) || !isfinite(o->pixdim[i]))
            return refuse(file, err, "the spacing", o->pixdim[i], "a length above 0 mm is wanted");
    const int space = XYZT_TO_SPACE(file->header.xyzt_units);
    if (space != NIFTI_UNITS_UNKNOWN && space != NIFTI_UNITS_MM)
        return refuse(file, err, "the unit of length as code", space, "mm (2) is read");
    const double *q = o->quatern;
    if (o->qform_code > 0 && (!all_finite(q, 3) || !all_finite(o->qoffset, 3) ||
                              q[0] * q[0] + q[1] * q[1] + q[2] * q[2] > 1.0 + 1e-3))
        return st_fail_at(err, ST_FORMAT, file->source.path, 0, 0,
                          "the qform of the header is no rotation: its quaternion (%g, %g, %g) is longer than 1 or not "
                          "finite",
                          q[0], q[1], q[2]);
    return ST_OK;
}

static st_status read_geometry(const nifti_file *file, st_geometry *geometry, st_error *err) {
    const nifti_2_header *h = &file->header;
    st_nifti_orientation o = {.version = file->version,
                              .qform_code = h->qform_code,
                              .sform_code = h->sform_code,
                              .quatern = {h->quatern_b, h->quatern_c, h->quatern_d},
                              .qoffset = {h->qoffset_x, h->qoffset_y, h->qoffset_z}};
    memcpy(o.pixdim, h->pixdim, sizeof o.pixdim);
    memcpy(o.srow[0], h->srow_x, sizeof o.srow[0]);
    memcpy(o.srow[1], h->srow_y, sizeof o.srow[1]);
    memcpy(o.srow[2], h->srow_z, sizeof o.srow[2]);
    st_status status = check_orientation(file, &o, err);
    if (status != ST_OK)
        return status;
    double matrix[3][4] = {{o.pixdim[1], 0, 0, 0}, {0, o.pixdim[2], 0, 0}, {0, 0, o.pixdim[3], 0}};
    if (o.sform_code > 0)
        memcpy(matrix, o.srow, sizeof matrix);
    else if (o.qform_code > 0)
        nifti_qform_matrix(&o, matrix);
    for (int j = 0; j < 4; j++) { /* RAS to LPS */
        matrix[0][j] = -matrix[0][j];
        matrix[1][j] = -matrix[1][j];
    }
    const uint32_t n[3] = {(uint32_t)h->dim[1], (uint32_t)h->dim[2], (uint32_t)h->dim[3]};
    *geometry = (st_geometry){.nifti = o};
    status = geometry_set(geometry, n, (const double(*)[4])matrix, err);
    if (status != ST_OK && err) {
        err->status = ST_FORMAT;
        snprintf(err->file, sizeof err->file, "%s", file->source.path);
    }
    return status == ST_OK ? ST_OK : ST_FORMAT;
}

void nifti_qform_matrix(const st_nifti_orientation *o, double ras[3][4]) {
    const nifti_dmat44 m =
        nifti_quatern_to_dmat44(o->quatern[0], o->quatern[1], o->quatern[2], o->qoffset[0], o->qoffset[1], o->qoffset[2],
                                o->pixdim[1], o->pixdim[2], o->pixdim[3], o->pixdim[0] < 0 ? -1 : 1);
    for (int i = 0; i < 3; i++)
        memcpy(ras[i], m.m[i], sizeof ras[i]);
}

static void decode(int datatype, const void *raw, size_t n, double *value) {
#define DECODE(code, type)                                                                                             \
    case code:                                                                                                         \
        for (size_t i = 0; i < n; i++)                                                                                 \
            value[i] = (double)((const type *)raw)[i];                                                                 \
        break
    switch (datatype) {
        DECODE(DT_UINT8, uint8_t);
        DECODE(DT_INT8, int8_t);
        DECODE(DT_UINT16, uint16_t);
        DECODE(DT_INT16, int16_t);
        DECODE(DT_UINT32, uint32_t);
        DECODE(DT_INT32, int32_t);
        DECODE(DT_UINT64, uint64_t);
        DECODE(DT_INT64, int64_t);
        DECODE(DT_FLOAT32, float);
        DECODE(DT_FLOAT64, double);
    }
#undef DECODE
}

/* n values that begin at voxel `first` become labels. */
static st_status take_labels(const nifti_file *file, const double *value, size_t n, size_t first, st_labels *labels,
                             st_error *err) {
    const uint32_t *dim = labels->geometry.n;
    for (size_t i = 0; i < n; i++) {
        const bool in_range = value[i] > -0.5 && value[i] < 65535.5;
        const int whole = in_range ? (int)(value[i] + 0.5) : -1;
        if (in_range && fabs(value[i] - whole) <= INTEGER_TOLERANCE) {
            labels->label[first + i] = (uint16_t)whole;
            continue;
        }
        const size_t at = first + i;
        return st_fail_at(err, ST_VALUE, file->source.path, 0, 0,
                          "voxel (%zu, %zu, %zu) is %.9g; labels are whole numbers from 0 to 65535", at % dim[0],
                          at / dim[0] % dim[1], at / dim[0] / dim[1], value[i]);
    }
    return ST_OK;
}

static st_status read_voxels(nifti_file *file, st_labels *labels, st_error *err) {
    const nifti_2_header *h = &file->header;
    const int bytes = h->bitpix / 8;
    const bool scaled = h->scl_slope != 0 && isfinite(h->scl_slope) && (h->scl_slope != 1 || h->scl_inter != 0);
    const size_t voxels = st_geometry_voxels(&labels->geometry);
    st_status status = ST_OK;
    void *raw = st_alloc(CHUNK, (size_t)bytes, err);
    double *value = st_alloc(CHUNK, sizeof *value, err);
    if (!raw || !value)
        status = ST_MEMORY;
    for (size_t first = 0; first < voxels && status == ST_OK; first += CHUNK) {
        const size_t n = voxels - first < CHUNK ? voxels - first : CHUNK;
        status = image_source_read(&file->source, raw, n * (size_t)bytes, err);
        if (status != ST_OK)
            break;
        if (file->swapped && bytes > 1)
            nifti_swap_Nbytes((int64_t)n, bytes, raw);
        decode(h->datatype, raw, n, value);
        for (size_t i = 0; i < n && scaled; i++)
            value[i] = value[i] * h->scl_slope + h->scl_inter;
        status = take_labels(file, value, n, first, labels, err);
    }
    free(raw);
    free(value);
    return status;
}

st_status st_labels_read(const char *path, st_labels *labels, st_error *err) {
    nifti_file file = {0};
    *labels = (st_labels){0};
    st_status status = image_source_open(&file.source, path, err);
    if (status == ST_OK)
        status = read_header(&file, err);
    if (status == ST_OK)
        status = check_layout(&file, err);
    if (status == ST_OK)
        status = read_geometry(&file, &labels->geometry, err);
    if (status != ST_OK)
        goto done;
    const size_t voxels = st_geometry_voxels(&labels->geometry);
    const uint64_t offset = (uint64_t)file.header.vox_offset;
    status = image_source_holds(&file.source, offset, (uint64_t)voxels * (uint64_t)file.header.bitpix / 8, err);
    if (status == ST_OK)
        status = image_source_skip(&file.source, offset - (file.version == 1 ? 348 : 540), err);
    if (status != ST_OK)
        goto done;
    memcpy(labels->description, file.header.descrip, sizeof labels->description - 1);
    labels->label = st_alloc(voxels, sizeof *labels->label, err);
    status = labels->label ? read_voxels(&file, labels, err) : ST_MEMORY;
    if (status == ST_OK)
        status = image_source_finish(&file.source, err);
done:
    image_source_close(&file.source);
    if (status != ST_OK)
        st_labels_fini(labels);
    return status;
}

void st_labels_fini(st_labels *labels) {
    free(labels->label);
    *labels = (st_labels){0};
}
