/* stasis/liver.h - anatomy from labels: organ, lesions, lobes, hilum, demand.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_LIVER_H
#define STASIS_LIVER_H

#include <stasis/image.h>
#include <stasis/parameters.h>
#include <jansson.h>

typedef enum { ST_OUTSIDE = 0, ST_NORMAL = 1, ST_TUMOUR = 2 } st_tissue_class;
typedef enum { ST_LOBE_NONE = 0, ST_LOBE_RIGHT = 1, ST_LOBE_LEFT = 2 } st_lobe;
ST_API const char *st_lobe_name(st_lobe lobe); /* "none", "right", "left" */

/* What each label value means. */
typedef enum {
    ST_ROLE_IGNORE = 0,
    ST_ROLE_LIVER,
    ST_ROLE_TUMOUR,
    ST_ROLE_ARTERY,
    ST_ROLE_PORTAL_VEIN,
    ST_ROLE_HEPATIC_VEIN,
    ST_ROLE_GALLBLADDER,
    ST_ROLE_COUINAUD, /* `segment` says which of 1..8 */
} st_role;

typedef struct st_label_map {
    struct st_label_role {
        uint16_t label;
        st_role role;
        uint8_t segment;
    } entry[256];
    size_t n;
    char name[64]; /* preset or "custom" */
} st_label_map;

/* A preset of data/labels/<name>.json, or a custom map {"liver": 1, "tumour": [2, 3], "couinaud": {"1": 11, ...}}. */
ST_API ST_MUST_CHECK st_status st_label_map_preset(const char *name, st_label_map *map, st_error *err);
ST_API ST_MUST_CHECK st_status st_label_map_custom(const json_t *object, const char *file, st_label_map *map,
                                                   st_error *err);

typedef struct st_lesion {
    uint16_t id; /* 1.., largest first */
    uint64_t voxels;
    double volume;                  /* mm^3 */
    double longest_axial_diameter;  /* mm, RECIST: longest in any axial slice */
    double perpendicular_diameter;  /* mm, longest perpendicular to it in that slice (WHO) */
    double centroid[3];             /* mm LPS */
    st_lobe lobe;                   /* that holds most of it */
} st_lesion;

/* Everything on the box around the organ. Liver volume and burden include tumour. */
typedef struct st_liver {
    st_geometry input;    /* of the label map */
    st_geometry geometry; /* of the box */
    uint32_t origin[3];   /* the box's first voxel in the input */
    uint8_t *tissue;      /* [box] st_tissue_class */
    uint16_t *lesion;     /* [box] 0, or the lesion's id */
    uint8_t *lobe;        /* [box] st_lobe, 0 outside */
    uint8_t *couinaud;    /* [box] 1..8, 0 unknown; NULL when no label says */
    st_lesion *lesions;   /* [n_lesions] */
    size_t n_lesions;
    double volume, tumour_volume; /* mm^3 */
    double lobe_volume[3], lobe_tumour_volume[3]; /* mm^3 by st_lobe */
    double hilum[3];      /* mm LPS: where the artery enters */
    double stump[3];      /* mm LPS: a point outside from which the root stump comes */
    bool synthetic;       /* lesions were placed by st_metastases_place */
    const char *lobe_rule, *hilum_rule; /* how they were found, for the outputs */
    char note[256];       /* what of the label map was left out, "" for nothing */
} st_liver;

/* ST_ANATOMY: no liver voxel; tumour in pieces that do not touch the liver (more than a rim). A liver in pieces is cut
 * to the largest, with a note. Vessel labels inside the organ count as liver tissue (rules: docs/anatomy.md). */
ST_API ST_MUST_CHECK st_status st_liver_from_labels(const st_labels *labels, const st_label_map *map,
                                                    const st_parameters *parameters, st_liver *liver, st_error *err);
ST_API void st_liver_fini(st_liver *liver);
ST_API double st_liver_burden(const st_liver *liver); /* tumour volume / liver volume, 0..1 */
/* Class of the voxel that holds a point; ST_OUTSIDE beyond the box. */
ST_API st_tissue_class st_liver_class_at(const st_liver *liver, const double lps[3]);
/* Index into the box arrays of the voxel that holds a point, SIZE_MAX beyond the box. */
ST_API size_t st_liver_voxel_at(const st_liver *liver, const double lps[3]);
/* Where the artery enters when the user says so. ST_ANATOMY when `lps` is farther outside the organ than
 * the parameter root_tolerance allows. */
ST_API ST_MUST_CHECK st_status st_liver_set_root(st_liver *liver, const double lps[3],
                                                 const st_parameters *parameters, st_error *err);

/* ---- which vessels supply the organ (docs/variants.md) ------------------------ */

/* From which vessel blood comes: what a catheter has to pass. */
typedef enum { ST_FROM_COELIAC, ST_FROM_MESENTERIC, ST_FROM_GASTRIC, ST_FROM_GUT } st_origin;
ST_API const char *st_origin_name(st_origin origin); /* "coeliac trunk", "superior mesenteric artery", ... */

/* Parts of the organ, a finer one after the coarser ones that hold it. */
typedef enum { ST_WHOLE, ST_RIGHT_LOBE, ST_LEFT_LOBE, ST_RIGHT_POSTERIOR, ST_LEFT_LATERAL } st_part;

#define ST_INLETS_MOST 4

/* A way in which arteries supply livers: a row or some of data/variants.csv. */
typedef struct st_variant {
    char name[32]; /* "michels-3" */
    double share;  /* of people, 0..1, as published: the shares of all variants make 0.98 */
    size_t n;
    struct st_artery {
        char name[64]; /* "replaced right hepatic artery" */
        st_origin origin;
        st_part part; /* what it supplies, less what an artery of a finer part takes */
    } artery[ST_INLETS_MOST];
} st_variant;

/* By name; ST_VALUE with the nearest name and all of them when there is none. */
ST_API ST_MUST_CHECK st_status st_variant_find(const char *name, st_variant *variant, st_error *err);
/* One at random, as often as it is published: share over the sum of the shares. */
ST_API ST_MUST_CHECK st_status st_variant_draw(uint64_t seed, st_variant *variant, st_error *err);

#define ST_VARIANT_DRAWN "drawn" /* instead of a name: one at random */
/* By name, or drawn. */
ST_API ST_MUST_CHECK st_status st_variant_choose(const char *name, uint64_t seed, st_variant *variant, st_error *err);

/* One vessel through which blood enters the organ. */
typedef struct st_inlet {
    char name[96]; /* "replaced right hepatic artery from the superior mesenteric artery" */
    st_origin origin;
    double hilum[3]; /* mm LPS: where it enters, inside the organ */
    double stump[3]; /* mm LPS: a point outside from which it comes */
    double diameter; /* mm, by Murray's law from the baseline flow of what it supplies */
    double volume;   /* mm^3 that it supplies */
} st_inlet;

/* Which vessels supply the organ, and which of them supplies what. */
typedef struct st_supply {
    size_t n;
    st_inlet inlet[ST_INLETS_MOST];
    uint8_t *domain;  /* [box] index of the inlet that supplies a voxel of the organ; NULL when there is one inlet */
    char variant[32]; /* "michels-3", "" when none was asked for */
} st_supply;

/* The two systems of vessels that bring blood. */
typedef enum { ST_ARTERIAL, ST_PORTAL } st_system;
ST_API const char *st_system_name(st_system system); /* "artery", "portal" */
/* g of r_parent^g = r_1^g + r_2^g (Murray 1926). */
ST_API double st_system_exponent(const st_parameters *parameters, st_system system);
/* Diameter (mm) of a vessel of the system that carries `flow` (mm^3/s): its root_diameter at its root_flow, and by
 * Murray's law for any other. */
ST_API double st_system_diameter(const st_parameters *parameters, st_system system, double flow);

/* The arteries of a variant in this liver; `variant` NULL: one hepatic artery at the liver's hilum. Parts follow the
 * lobes and the Couinaud labels, or stated planes where there are none; every domain hangs together (26 neighbours)
 * and holds its inlet. Inlets lie under the surface, clear of each other and of the portal vein's.
 * ST_ANATOMY when a part of the liver is empty or has no such place. */
ST_API ST_MUST_CHECK st_status st_supply_init(const st_liver *liver, const st_variant *variant,
                                              const st_parameters *parameters, st_supply *supply, st_error *err);
/* The portal vein: one inlet behind the hepatic artery and clear of it. ST_ANATOMY as above. */
ST_API ST_MUST_CHECK st_status st_supply_portal(const st_liver *liver, const st_parameters *parameters,
                                                st_supply *supply, st_error *err);
ST_API void st_supply_fini(st_supply *supply);

/* Baseline flow per tissue volume, (mm^3/s)/mm^3, by st_tissue_class. */
typedef struct st_demand {
    double arterial[3], portal[3];
} st_demand;
ST_API st_demand st_demand_from_parameters(const st_parameters *parameters);
/* Whole-organ baseline flows, mm^3/s. */
ST_API double st_demand_arterial_total(const st_demand *demand, const st_liver *liver);
ST_API double st_demand_portal_total(const st_demand *demand, const st_liver *liver);

/* Synthetic metastases: `count` spheroids with volumes from a log-normal
 * distribution scaled so that they make `burden` (0..1) of the organ, inside it
 * and not touching each other, written into `labels` as `tumour_label`.
 * ST_ANATOMY when they do not fit. */
ST_API ST_MUST_CHECK st_status st_metastases_place(st_labels *labels, const st_label_map *map, unsigned count,
                                                   double burden, uint64_t seed, const st_parameters *parameters,
                                                   uint16_t tumour_label, st_error *err);
#define ST_SYNTHETIC_MARK "synthetic metastases"

#endif
