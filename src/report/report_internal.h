/* What the files of the report share: the store it is written to, the figures, the page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_REPORT_INTERNAL_H
#define STASIS_REPORT_INTERNAL_H

#include <stasis/report.h>

/* ---- the store: new files wait beside the old ones until all are complete ---- */

typedef struct store {
    char *directory, *stage;
} store;
st_status store_open(store *s, const char *directory, st_error *err);
/* Where the file of a run is written now ("maps/necrosis.nii.gz"); free with free(). */
char *store_path(const store *s, const char *name, st_error *err);
/* Everything staged takes its place; files of an earlier run that this one does not have go. */
st_status store_publish(store *s, st_error *err);
/* Removes what was staged and not published. */
void store_close(store *s);

#define REPORT_MAPS    7
#define REPORT_MAP_OIL (REPORT_MAPS - 2) /* written only where oil was given */
/* name below the report's folder; what it holds, with unit */
typedef struct report_map {
    const char *file, *description;
} report_map;
extern const report_map report_maps[REPORT_MAPS];
st_status report_write_maps(const store *s, const st_case *c, const st_result *result, int threads, st_error *err);
/* Whether oil was given at all: else there is neither map nor figure of it. */
bool report_shows_oil(const st_case *c, const st_result *result);
/* What a CT after the treatment would show, hu[tissue.voxels]: the tissue's own number, and that of the oil in it, on
 * both sides of the sinusoids; 0 outside the organ. */
st_status report_oil_ct(const st_case *c, const st_result *result, float *hu, st_error *err);

/* ---- figures ------------------------------------------------------------------ */

typedef enum {
    FIGURE_BEFORE,
    FIGURE_AFTER,
    FIGURE_TERRITORIES,
    FIGURE_NECROSIS,
    FIGURE_OIL_CT,
    FIGURE_INFUSION,
    FIGURE_COURSE,
    FIGURES,
} figure_id;
extern const char *const figure_files[FIGURES]; /* "figures/..." */

typedef struct figure {
    unsigned char *bytes; /* of the PNG or SVG; NULL: nothing to show */
    size_t size, capacity;
    double width, height; /* as shown, CSS pixels */
} figure;

st_status figure_angiograms(const st_case *c, const st_result *result, figure *before, figure *after, st_error *err);
/* f[FIGURES]: territories, necrosis, and the CT where there is oil to see. */
st_status figure_slices(const st_case *c, const st_result *result, int threads, figure *f, st_error *err);
st_status figure_infusion(const st_case *c, const st_result *result, figure *f, st_error *err);
st_status figure_course(const st_case *c, const st_result *result, figure *f, st_error *err);

/* Tips are numbered 1.. over all sessions, as in `territory`. */
size_t report_tips(const st_result *result);

/* ---- the page ------------------------------------------------------------------- */

st_status page_write(const char *path, const st_case *c, const st_result *result, const figure *figures, st_error *err);

#endif
