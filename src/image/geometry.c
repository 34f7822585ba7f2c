/* The voxel grid in the patient: voxel index to mm LPS and back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_internal.h"

#include <math.h>
#include <string.h>

static double column_length(const double m[3][4], int c) {
    return sqrt(m[0][c] * m[0][c] + m[1][c] * m[1][c] + m[2][c] * m[2][c]);
}

static double determinant(const double m[3][4]) {
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/* The inverse by cofactors; `det` is the determinant. */
static void invert(const double m[3][4], double det, double inverse[3][4]) {
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const int r0 = (j + 1) % 3, r1 = (j + 2) % 3, c0 = (i + 1) % 3, c1 = (i + 2) % 3;
            inverse[i][j] = (m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0]) / det;
        }
    for (int i = 0; i < 3; i++)
        inverse[i][3] = -(inverse[i][0] * m[0][3] + inverse[i][1] * m[1][3] + inverse[i][2] * m[2][3]);
}

st_status geometry_set(st_geometry *geometry, const uint32_t n[3], const double to_lps[3][4], st_error *err) {
    double product = 1;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 4; j++)
            if (!isfinite(to_lps[i][j]) || fabs(to_lps[i][j]) > 1e9)
                return st_fail(err, ST_VALUE, "the orientation matrix holds %g, where a number of mm is wanted",
                               to_lps[i][j]);
        geometry->n[i] = n[i];
        geometry->spacing[i] = column_length(to_lps, i);
        product *= geometry->spacing[i];
    }
    const double singular = 1e-3; /* axes closer than 0.06 degrees to one plane */
    const double det = determinant(to_lps);
    if (!(product > 0) || !(fabs(det) > singular * product) || !isfinite(1 / det))
        return st_fail(err, ST_VALUE, "the orientation matrix is singular: two voxel axes are parallel or one has no "
                                      "length");
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            geometry->to_lps[i][j] = to_lps[i][j];
    invert(to_lps, det, geometry->to_voxel);
    return ST_OK;
}

st_status st_geometry_init(st_geometry *geometry, const uint32_t n[3], const double to_lps[3][4], st_error *err) {
    *geometry = (st_geometry){0};
    const st_status status = geometry_set(geometry, n, to_lps, err);
    st_nifti_orientation *nifti = &geometry->nifti;
    nifti->version = 1;
    nifti->sform_code = 1; /* scanner */
    nifti->pixdim[0] = 1;
    for (int i = 0; i < 3 && status == ST_OK; i++) {
        nifti->pixdim[i + 1] = geometry->spacing[i];
        for (int j = 0; j < 4; j++)
            nifti->srow[i][j] = i < 2 ? -to_lps[i][j] : to_lps[i][j];
    }
    return status;
}

size_t st_geometry_voxels(const st_geometry *geometry) {
    return (size_t)geometry->n[0] * geometry->n[1] * geometry->n[2];
}

double st_geometry_voxel_volume(const st_geometry *geometry) { return fabs(determinant(geometry->to_lps)); }

static void apply(const double m[3][4], const double from[3], double to[3]) {
    const double p[3] = {from[0], from[1], from[2]};
    for (int i = 0; i < 3; i++)
        to[i] = m[i][0] * p[0] + m[i][1] * p[1] + m[i][2] * p[2] + m[i][3];
}

void st_geometry_to_lps(const st_geometry *geometry, const double voxel[3], double lps[3]) {
    apply(geometry->to_lps, voxel, lps);
}

void st_geometry_to_voxel(const st_geometry *geometry, const double lps[3], double voxel[3]) {
    apply(geometry->to_voxel, lps, voxel);
}

st_block st_geometry_around(const st_geometry *geometry, size_t voxel) {
    const uint32_t *n = geometry->n;
    const uint32_t at[3] = {(uint32_t)(voxel % n[0]), (uint32_t)(voxel / n[0] % n[1]),
                            (uint32_t)(voxel / n[0] / n[1])};
    st_block b;
    for (int k = 0; k < 3; k++) {
        b.low[k] = at[k] > 0 ? at[k] - 1 : 0;
        b.high[k] = at[k] + 1 < n[k] ? at[k] + 1 : at[k];
    }
    return b;
}

st_geometry st_geometry_crop(const st_geometry *geometry, const uint32_t origin[3], const uint32_t n[3]) {
    st_geometry box = *geometry;
    const double first[3] = {origin[0], origin[1], origin[2]};
    double lps[3], qform[3][4];
    st_geometry_to_lps(geometry, first, lps);
    nifti_qform_matrix(&geometry->nifti, qform);
    apply((const double(*)[4])qform, first, box.nifti.qoffset);
    for (int i = 0; i < 3; i++) {
        box.n[i] = n[i];
        box.to_lps[i][3] = lps[i];
        box.to_voxel[i][3] -= first[i];
        box.nifti.srow[i][3] += geometry->nifti.srow[i][0] * first[0] + geometry->nifti.srow[i][1] * first[1] +
                                geometry->nifti.srow[i][2] * first[2];
    }
    return box;
}

st_status st_axes_to_lps(const char *axes, double to_lps[3][3], st_error *err) {
    static const char letters[] = "LRPASI"; /* + and - of x, y, z */
    bool used[3] = {false};
    memset(to_lps, 0, 3 * sizeof *to_lps);
    for (int i = 0; i < 3; i++) {
        const char *at = axes && strlen(axes) == 3 ? strchr(letters, axes[i]) : NULL;
        const int row = at ? (int)(at - letters) / 2 : 0;
        if (!at || used[row])
            return st_fail(err, ST_VALUE,
                           "axes \"%s\" is not understood; wanted is one letter of L or R, one of P or A and one of S "
                           "or I, such as LPS",
                           axes ? axes : "");
        used[row] = true;
        to_lps[row][i] = (at - letters) % 2 ? -1 : 1;
    }
    return ST_OK;
}
