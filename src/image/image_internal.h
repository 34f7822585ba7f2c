/* What the files of this room share: byte streams and the orientation of NIfTI.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_IMAGE_INTERNAL_H
#define STASIS_IMAGE_INTERNAL_H

#include <stasis/image.h>
#include <zlib.h>

#define ST_IMAGE_AXIS_LIMIT 32767u            /* voxels along an axis: what a NIfTI-1 header can say */
#define ST_IMAGE_VOXEL_LIMIT ((uint64_t)1 << 31) /* voxels of a volume */

/* Sizes, matrix, spacing and inverse, but not the NIfTI fields. */
st_status geometry_set(st_geometry *geometry, const uint32_t n[3], const double to_lps[3][4], st_error *err);

/* ST_FORMAT unless every axis has 1..ST_IMAGE_AXIS_LIMIT voxels and the volume at most ST_IMAGE_VOXEL_LIMIT. */
st_status image_size_check(const char *path, const int64_t n[3], st_error *err);

/* Voxel to mm RAS by quaternion, offset and pixdim. */
void nifti_qform_matrix(const st_nifti_orientation *nifti, double ras[3][4]);

/* A file that may be gzip, read from front to end. */
typedef struct image_source {
    const char *path;
    gzFile file;
    uint64_t most; /* bytes it can hold once unpacked, from its size on disk */
} image_source;
st_status image_source_open(image_source *source, const char *path, st_error *err);
/* Exactly `size` bytes; ST_FORMAT when the file ends before or its gzip data is corrupt. */
st_status image_source_read(image_source *source, void *bytes, size_t size, st_error *err);
st_status image_source_skip(image_source *source, uint64_t size, st_error *err);
/* ST_FORMAT when `size` more bytes than those at `offset` cannot be in a file of this size. */
st_status image_source_holds(const image_source *source, uint64_t offset, uint64_t size, st_error *err);
/* Looks for the end, where gzip has its checksum; anything that follows the image is left unread. */
st_status image_source_finish(image_source *source, st_error *err);
void image_source_close(image_source *source);

#endif
