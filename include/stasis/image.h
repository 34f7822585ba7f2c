/* stasis/image.h - label volumes and maps on a voxel grid, NIfTI and INRIMAGE.
 *
 * Voxels are stored x fastest: index = (z * n[1] + y) * n[0] + x. World
 * coordinates are mm in LPS (x to the patient's left, y to posterior, z to
 * superior), as in DICOM, ITK, Slicer files and VTK; NIfTI's RAS is turned at
 * the door.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_IMAGE_H
#define STASIS_IMAGE_H

#include <stasis/base.h>

/* The orientation fields of a NIfTI header as they were read, kept so that
 * every map is written on exactly that geometry, in a header of the same version. */
typedef struct st_nifti_orientation {
    int version; /* 1 or 2 */
    int qform_code, sform_code;
    double pixdim[4];              /* qfac, then spacing of x, y, z */
    double quatern[3], qoffset[3]; /* b, c, d; x, y, z */
    double srow[3][4];             /* RAS */
} st_nifti_orientation;

typedef struct st_geometry {
    uint32_t n[3];
    double spacing[3];      /* mm: lengths of the columns of to_lps */
    double to_lps[3][4];    /* voxel index (centre) -> mm LPS */
    double to_voxel[3][4];  /* mm LPS -> continuous voxel index */
    st_nifti_orientation nifti;
} st_geometry;

/* Geometry from sizes and a voxel-to-LPS matrix; fills spacing, inverse and a
 * NIfTI-1 sform. ST_VALUE when the matrix is singular or not finite. */
ST_API ST_MUST_CHECK st_status st_geometry_init(st_geometry *geometry, const uint32_t n[3], const double to_lps[3][4],
                                                st_error *err);
ST_API size_t st_geometry_voxels(const st_geometry *geometry);
ST_API double st_geometry_voxel_volume(const st_geometry *geometry); /* mm^3 */
ST_API void st_geometry_to_lps(const st_geometry *geometry, const double voxel[3], double lps[3]);
ST_API void st_geometry_to_voxel(const st_geometry *geometry, const double lps[3], double voxel[3]);
/* The voxels of a grid around one of them, as far as there are: low..high on each axis, both included. */
typedef struct st_block {
    uint32_t low[3], high[3];
} st_block;
ST_API st_block st_geometry_around(const st_geometry *geometry, size_t voxel);
/* Geometry of the box of n voxels that begins at voxel `origin`. */
ST_API st_geometry st_geometry_crop(const st_geometry *geometry, const uint32_t origin[3], const uint32_t n[3]);

/* The directions in which x, y, z of a file grow, three letters such as "LPS" (one of L or R, one of P or A, one of S
 * or I), as a matrix of 0, 1 and -1: lps = to_lps xyz. ST_VALUE for anything else. */
ST_API ST_MUST_CHECK st_status st_axes_to_lps(const char *axes, double to_lps[3][3], st_error *err);

typedef struct st_labels {
    st_geometry geometry;
    uint16_t *label;       /* [voxels] */
    char description[80];  /* NIfTI descrip: carries "synthetic metastases" from file to file */
} st_labels;

/* NIfTI-1 or -2 in one file, plain or gzip, either byte order, any datatype of
 * 8 to 64 bits whose values are integers in 0..65535 after scl_slope/inter; one
 * 3D volume in mm. sform is used when its code is above 0, else qform, else
 * spacing alone. Everything the header says is checked, against the file's size
 * too, before anything is allocated. Errors: ST_IO, ST_FORMAT (header, cut or
 * corrupt data), ST_VALUE (naming value and voxel), ST_MEMORY. */
ST_API ST_MUST_CHECK st_status st_labels_read(const char *path, st_labels *labels, st_error *err);

/* uint16, or uint8 when no label is above 255. The name ends in .nii or .nii.gz. */
ST_API ST_MUST_CHECK st_status st_labels_write(const char *path, const st_labels *labels, st_error *err);
ST_API void st_labels_fini(st_labels *labels);

/* float32 map on `geometry`, value[voxels]; description goes into descrip (79 characters). */
ST_API ST_MUST_CHECK st_status st_map_write(const char *path, const st_geometry *geometry, const float *value,
                                            const char *description, st_error *err);

/* INRIMAGE-4 (.inr, .inr.gz), unsigned fixed 8 or 16 bits, VDIM 1. The format
 * has no orientation: `axes` names the patient directions in which x, y, z grow,
 * such as "LPS" (one letter of R/L, of A/P and of I/S); the first voxel's centre
 * becomes the origin. Errors as of st_labels_read. */
ST_API ST_MUST_CHECK st_status st_inrimage_read(const char *path, const char *axes, st_labels *labels, st_error *err);

/* Connected components (26 neighbours) of mask != 0: component[voxels] is 0
 * outside and 1..*count inside, largest first (ties: first voxel). */
ST_API ST_MUST_CHECK st_status st_components(const uint32_t n[3], const uint8_t *mask, uint32_t *component,
                                             uint32_t *count, st_error *err);

/* Exact Euclidean distance in mm from each voxel centre to the nearest voxel
 * centre with mask == 0 (Felzenszwalb & Huttenlocher 2012), on axes at right
 * angles; voxels beyond the grid count as mask == 0. */
ST_API ST_MUST_CHECK st_status st_distance(const uint32_t n[3], const double spacing[3], const uint8_t *mask,
                                           float *distance, st_error *err);

#endif
