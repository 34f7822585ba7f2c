/* stasis/tissue.h - per voxel: who feeds it, what blood is left, oxygen, death.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_TISSUE_H
#define STASIS_TISSUE_H

#include <stasis/flow.h>

/* Who feeds what: terminal[voxels of the liver's box] is the segment of the nearest terminal of the voxel's own tissue
 * class, or of any where its lesion has none; ST_NONE outside. ST_VALUE when the tree has no terminal. */
ST_API ST_MUST_CHECK st_status st_territory_assign(const st_liver *liver, const st_tree *tree, int threads,
                                                   uint32_t *terminal, st_error *err);

/* Maps on the liver's box, 0 outside the organ. Perfusions in 1/s = (mm^3/s)/mm^3. */
typedef struct st_tissue {
    size_t voxels;
    uint32_t *terminal;         /* segment of the terminal that feeds the voxel, ST_NONE outside */
    float *arterial_baseline, *arterial, *portal; /* 1/s */
    float *oxygen;              /* mean tissue partial pressure, mmHg */
    float *hypoxic;             /* fraction of the voxel below the oxygen limit of death, 0..1 */
    float *necrosis;            /* dead fraction so far, 0..1; never falls */
} st_tissue;

/* Territories (st_territory_assign) and the baseline. */
ST_API ST_MUST_CHECK st_status st_tissue_init(const st_liver *liver, const st_tree *tree,
                                              const st_parameters *parameters, int threads, st_tissue *tissue,
                                              st_error *err);
ST_API void st_tissue_fini(st_tissue *tissue);

/* After an infusion: arterial flow left from `q` (flow of every segment now, mm^3/s), oxygen, and the
 * death of what stays below the limit for `ischaemia_s` seconds. */
ST_API void st_tissue_update(st_tissue *tissue, const st_liver *liver, const st_tree *tree,
                             const st_parameters *parameters, const double *q, double ischaemia_s, int threads);

/* A tissue as a bundle of Krogh cylinders. */
typedef struct st_oxygen_demand {
    double use;       /* largest consumption, mL O2 / (mL tissue s); the capillary counts as tissue volume */
    double half;      /* mmHg at which it is half (Michaelis), above 0 */
    double radius;    /* tissue cylinder, mm */
    double capillary; /* capillary radius, mm */
} st_oxygen_demand;
ST_API st_oxygen_demand st_oxygen_demand_of(st_tissue_class tissue, const st_parameters *parameters);

/* Partial pressure (mmHg) across the tissue around a capillary of `wall_mmhg`, at the centres of `cells`
 * (2 .. ST_KROGH_CELLS_MAX) shells of equal width in ln r; radius[cells] (mm) and pressure[cells] are filled.
 * Returns the oxygen used, mL O2 / (mL tissue s). */
#define ST_KROGH_CELLS_MAX 512
ST_API double st_krogh_profile(double wall_mmhg, const st_oxygen_demand *demand, const st_parameters *parameters,
                               unsigned cells, double *radius, double *pressure);

/* Krogh cylinder with Michaelis-Menten use and Hill saturation: one voxel's steady state.
 * Flows in 1/s. Out: mean partial pressure (mmHg), fraction below `limit_mmhg`, oxygen used
 * (mL O2 / mL tissue / s), each may be NULL. */
ST_API void st_oxygen_voxel(double arterial, double portal, const st_oxygen_demand *demand,
                            const st_parameters *parameters, double limit_mmhg, double *mean_mmhg, double *hypoxic,
                            double *used);

/* Sums over the organ. */
typedef struct st_tissue_summary {
    double tumour_necrosis, normal_necrosis;     /* fraction of the tissue's volume */
    double tumour_arterial_left, normal_arterial_left; /* fraction of baseline arterial flow */
    double normal_necrotic_volume;               /* mm^3 */
    double *lesion_necrosis;      /* [n_lesions] fraction of the lesion's volume */
    double *lesion_arterial_left; /* [n_lesions] fraction of its baseline arterial flow */
} st_tissue_summary;
ST_API ST_MUST_CHECK st_status st_tissue_summarise(const st_tissue *tissue, const st_liver *liver,
                                                   st_tissue_summary *summary, st_error *err);
/* Frees the two arrays. */
ST_API void st_tissue_summary_fini(st_tissue_summary *summary);

#endif
