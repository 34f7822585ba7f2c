/* stasis/tree.h - the arterial tree: grown, read, measured, written.
 *
 * Segment i runs from its proximal point to its distal point. A parent has a
 * smaller index than its children, so one pass up or down the index is a sweep
 * of the tree. Segments stand in depth-first order, the larger child first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_TREE_H
#define STASIS_TREE_H

#include <stasis/liver.h>

#define ST_NONE UINT32_MAX

/* What a file said that its tree no longer shows: lines without a length are left out, flows are summed up anew. */
typedef struct st_tree_reading {
    uint32_t no_length;        /* lines left out */
    uint32_t unbalanced;       /* joints whose flow in the file was not the sum of the flows that leave them */
    uint32_t first_unbalanced; /* the first of them */
    double imbalance;          /* largest difference, relative */
} st_tree_reading;

typedef struct st_tree {
    uint32_t n;             /* segments */
    uint32_t n_terminals;
    uint32_t *parent;       /* [n] ST_NONE at a root */
    uint32_t *first_child;  /* [n] ST_NONE at a terminal */
    uint32_t *next_sibling; /* [n] ST_NONE at the last child */
    float (*proximal)[3];   /* [n] mm LPS */
    float (*distal)[3];     /* [n] mm LPS */
    float *radius;          /* [n] mm */
    double *demand;         /* [n] baseline flow, mm^3/s: a terminal's own, a parent's the sum of its children's */
    uint16_t *lesion;       /* [n] of a terminal: lesion it feeds, 0 normal liver; 0 elsewhere */
    double *tumour_demand;  /* [n] the part of `demand` that ends in tumour */
    uint8_t *measured;      /* [n] 1 where course and radius come from an image or a file, 0 where they were grown */
    st_tree_reading reading; /* zero when it was not read */
} st_tree;

/* How a lesion is supplied: by arteries of its own, and for a share by the vessels of the liver around it. */
typedef struct st_feeding {
    unsigned feeders; /* 0: growth by demand alone */
    double shared;    /* 0..1, of its arterial supply */
} st_feeding;
#define ST_FEEDERS_MOST 10
/* One for a lesion at random, within the ranges of the parameters feeders_* and feeder_shared_*. */
ST_API st_feeding st_feeding_draw(const st_parameters *parameters, uint64_t seed, uint16_t lesion);

typedef struct st_tree_options {
    st_system system;
    const st_supply *supply;  /* NULL: one inlet, the liver's hilum and stump */
    const st_tree *trunk;     /* measured vessels that the growth goes on from and leaves as they are, or NULL */
    const st_feeding *feeding; /* [n_lesions] by id - 1; NULL: drawn from the ranges of the parameters */
    const st_tree *avoid;     /* vessels of another system that are not to be touched, or NULL */
    int threads;              /* 0: all; the tree does not depend on it */
    uint32_t terminals;     /* 0: as many as st_tree_terminals_needed says */
    uint64_t seed;
} st_tree_options;

/* How the growth went. */
typedef struct st_tree_growth {
    uint32_t relocated; /* terminals that were moved because no vessel reached their first place */
    uint32_t feeders;   /* arteries of lesions */
    uint32_t territories;
    uint32_t left_out;  /* vessels of the trunk that lead to nothing in the organ, and are not in the tree */
    double seconds;
} st_tree_growth;

/* Terminals so that one of the system is no wider than `terminal_diameter` d: (d_root / d)^g by Murray's law. */
ST_API uint32_t st_tree_terminals_needed(const st_parameters *parameters, st_system system, double inflow);

/* Constrained constructive optimisation in the organ (Schreiner & Buxbaum 1993;
 * Karch et al. 1999), see docs/model.md. */
ST_API ST_MUST_CHECK st_status st_tree_grow(const st_liver *liver, const st_parameters *parameters,
                                            const st_tree_options *options, const st_progress *progress, st_tree *tree,
                                            st_tree_growth *growth, st_error *err);

/* Arteries (0) and portal vein (1) in one organ, none of whose vessels touches one of the other system. */
ST_API ST_MUST_CHECK st_status st_tree_grow_both(const st_liver *liver, const st_parameters *parameters,
                                                 const st_tree_options options[2], const st_progress *progress,
                                                 st_tree tree[2], st_tree_growth growth[2], st_error *err);

/* Room for n segments, all arrays zeroed; ST_NONE in the links. */
ST_API ST_MUST_CHECK st_status st_tree_init(st_tree *tree, uint32_t n, st_error *err);
ST_API void st_tree_fini(st_tree *tree);
/* Fills the child links from `parent`, then n_terminals, demand and tumour_demand from the
 * terminals' demand and lesion. ST_FORMAT when a parent does not come before its child. */
ST_API ST_MUST_CHECK st_status st_tree_finish(st_tree *tree, st_error *err);
static inline bool st_tree_is_terminal(const st_tree *tree, uint32_t segment) {
    return tree->first_child[segment] == ST_NONE;
}
ST_API double st_tree_length(const st_tree *tree, uint32_t segment); /* mm */

/* The formats (docs/formats.md). Whatever one of them does not hold is 0 when it is read. A parser answers ST_FORMAT or
 * ST_VALUE with the place for what is no tree: a loop, a vessel without length, a radius that is not above 0, a node
 * that is missing, a number that is none. `name` stands in its messages.
 *
 * .vtp, compressed by zlib at level 1. Arrays beyond the geometry may be NULL when writing. Reading takes what stasis
 * writes and VMTK / SimVascular centrelines (PolyData lines, ascii or base64 or appended raw, zlib or plain, either
 * radius name); a polyline becomes a chain of segments; lines that share end points join. */
typedef struct st_tree_fields {
    const double *flow;        /* [n] mm^3/s, NULL: demand */
    const double *pressure;    /* [n] Pa at the distal point, or NULL */
    const uint32_t *territory; /* [n] 0, or the number of the tip that covers it; NULL: 0 everywhere */
    const uint32_t *lodged;    /* [n] particles lodged, or NULL */
} st_tree_fields;
ST_API ST_MUST_CHECK st_status st_tree_write_vtp(const char *path, const st_tree *tree, const st_tree_fields *fields,
                                                 st_error *err);
ST_API ST_MUST_CHECK st_status st_tree_parse_vtp(const char *name, const char *bytes, size_t size, st_tree *tree,
                                                 st_error *err);

/* .swc: "id type x y z radius parent" in mm LPS, a vessel per node that has a parent, with the node's radius. Flow,
 * pressure and lesions are not kept. */
ST_API ST_MUST_CHECK st_status st_tree_write_swc(const char *path, const st_tree *tree, st_error *err);
ST_API ST_MUST_CHECK st_status st_tree_parse_swc(const char *name, const char *bytes, size_t size, st_tree *tree,
                                                 st_error *err);

/* .gxl, the XML graph of VascuSynth (Jassi & Hamarneh 2011) and OpenCCO: a node has a position (mm LPS), an edge a
 * radius (mm) and a flow (mm^3/s). Lesions are not kept. A position of two numbers lies at z = 0. */
ST_API ST_MUST_CHECK st_status st_tree_write_gxl(const char *path, const st_tree *tree, const st_tree_fields *fields,
                                                 st_error *err);
ST_API ST_MUST_CHECK st_status st_tree_parse_gxl(const char *name, const char *bytes, size_t size, st_tree *tree,
                                                 st_error *err);

/* Two tables, NAME.nodes.csv (node, x_mm, y_mm, z_mm) and NAME.edges.csv (edge, from, to, radius_mm, flow_ml_min,
 * pressure_mmhg, lesion, measured); `path` is either of them, both are written. For reading, columns may stand in any
 * order, a node's name may be any text, and of an edge from, to and radius_mm must be there. */
typedef struct st_bytes {
    const char *name, *bytes; /* a file, and what it holds */
    size_t size;
} st_bytes;
ST_API ST_MUST_CHECK st_status st_tree_write_csv(const char *path, const st_tree *tree, const st_tree_fields *fields,
                                                 st_error *err);
ST_API ST_MUST_CHECK st_status st_tree_parse_csv(const st_bytes *nodes, const st_bytes *edges, st_tree *tree,
                                                 st_error *err);

/* A mesh for viewers, not read back: each segment an open tube. Its sides go from 4 to 12 with the square root of the
 * radius, 12 where the tree is widest. .obj is text in mm LPS (3D Slicer, MeshLab, Blender); .mz3 is gzipped binary in
 * mm RAS, which NiiVue and Surf Ice take meshes in, with the radius (mm) as scalar of each vertex. ST_VALUE when there
 * are more vertices or triangles than a signed 32-bit index counts. */
ST_API ST_MUST_CHECK st_status st_tree_write_obj(const char *path, const st_tree *tree, st_error *err);
ST_API ST_MUST_CHECK st_status st_tree_write_mz3(const char *path, const st_tree *tree, st_error *err);

/* Any of them, by the suffix of the name; another one is ST_FORMAT. The check is of a name to write, to refuse early. */
ST_API ST_MUST_CHECK st_status st_tree_name_check(const char *path, st_error *err);
ST_API ST_MUST_CHECK st_status st_tree_read(const char *path, st_tree *tree, st_error *err);
ST_API ST_MUST_CHECK st_status st_tree_write(const char *path, const st_tree *tree, const st_tree_fields *fields,
                                             st_error *err);

/* Strahler order of each segment: 1 at terminals (Strahler 1957). order[n]. */
ST_API void st_tree_strahler(const st_tree *tree, uint8_t *order);

typedef struct st_tree_measures {
    double volume;                /* mm^3, of all cylinders */
    double length;                /* mm */
    double root_diameter, smallest_diameter; /* mm */
    uint64_t crossings; /* pairs without a common joint closer than the sum of their radii */
    uint64_t outside;   /* grown segments, the root stumps aside, with a part outside the organ */
    double murray_worst; /* largest relative error of r_p^g = sum r_i^g over the joints of grown vessels */
    double path_mean;    /* segments from root to terminal */
    unsigned orders;     /* highest Strahler order */
} st_tree_measures;
/* Taken from the finished tree alone, with none of the code that grew it.
 * liver NULL: `outside` is not counted. */
ST_API ST_MUST_CHECK st_status st_tree_measure(const st_tree *tree, const st_liver *liver,
                                               const st_parameters *parameters, int threads,
                                               st_tree_measures *measures, st_error *err);

/* ---- checks --------------------------------------------------------------- */

/* What must not be in a tree: name in outputs, and what there is n of. */
#define ST_TREE_FAULT_LIST(X)                                                                              \
    X(ST_FAULT_CROSSING, "crossings", "pairs of vessels without a common joint that touch")                \
    X(ST_FAULT_OUTSIDE, "outside", "grown vessels that leave the organ")                                   \
    X(ST_FAULT_BESIDE, "touching_beside", "pairs of a vessel and one of the other tree that touch")        \
    X(ST_FAULT_APART, "apart", "vessels that do not begin where their parent ends")                        \
    X(ST_FAULT_ORPHAN, "orphans", "vessels that begin inside the organ and have no parent")                \
    X(ST_FAULT_LENGTH, "without_length", "vessels without a length")                                       \
    X(ST_FAULT_RADIUS, "without_radius", "vessels without a radius")                                       \
    X(ST_FAULT_MURRAY, "against_murray", "joints of grown vessels that do not follow Murray's law")        \
    X(ST_FAULT_FLOW, "terminals_without_flow", "terminals without flow")                                   \
    X(ST_FAULT_BALANCE, "unbalanced", "joints whose flow is not the sum of the flows that leave them")     \
    X(ST_FAULT_LESION, "lesion_elsewhere", "terminals that feed a lesion and do not stand in it")

typedef enum {
#define ST_TREE_FAULT_ENUM(name, word, what) name,
    ST_TREE_FAULT_LIST(ST_TREE_FAULT_ENUM)
#undef ST_TREE_FAULT_ENUM
    ST_TREE_FAULTS
} st_tree_fault_kind;
ST_API const char *st_tree_fault_name(st_tree_fault_kind kind); /* "crossings" */
ST_API const char *st_tree_fault_text(st_tree_fault_kind kind); /* "pairs of vessels ..." */

typedef struct st_tree_fault {
    bool checked;   /* false: what it takes was not given */
    uint64_t n;     /* how many there are */
    uint32_t first; /* segment of the first, of the other tree's the tree's own; ST_NONE when it is in none */
    double worst;   /* largest relative error found, of ST_FAULT_MURRAY and ST_FAULT_BALANCE; else 0 or 1 */
} st_tree_fault;

typedef struct st_tree_check {
    st_tree_fault fault[ST_TREE_FAULTS];
    uint32_t crossed;         /* what the first crossing vessel meets, ST_NONE when none does */
    uint32_t measured_joints; /* joints with a measured vessel, which are not held to Murray's law */
} st_tree_check;
/* Looks for every fault, with none of the code that grows trees. liver NULL: nothing is said of what takes the organ;
 * beside NULL: nor of another tree. Flow is `demand`, and what the file said of it. A tree without any flow has none to
 * check. ST_MEMORY, ST_VALUE (more segments than are looked at); faults are no error. */
ST_API ST_MUST_CHECK st_status st_tree_check_all(const st_tree *tree, const st_liver *liver, const st_tree *beside,
                                                 const st_parameters *parameters, int threads, st_tree_check *check,
                                                 st_error *err);
/* ST_NUMERIC with one sentence for the first kind of fault that was found: how many, and the first one's segment and
 * place (mm LPS). */
ST_API ST_MUST_CHECK st_status st_tree_check_verdict(const st_tree *tree, const st_tree_check *check, st_error *err);

/* ---- morphometry ------------------------------------------------------------ */

typedef struct st_spread {
    uint64_t n;
    double mean, sd;      /* NaN when n is 0 */
    double p5, p50, p95;  /* percentiles, interpolated between the values in order */
} st_spread;

#define ST_STRAHLER_MOST 33 /* more take more than 2^32 segments */
/* An element is a run of segments of one order (Kassab et al., Am J Physiol 1993;265:H350); its diameter is the mean
 * along its length. */
typedef struct st_strahler_row {
    uint32_t segments, elements;
    double diameter_mean, diameter_sd, length_mean, length_sd; /* mm, over the elements */
} st_strahler_row;

typedef struct st_tree_morphometry {
    double volume, length;                  /* mm^3, mm, of all cylinders */
    unsigned orders;                        /* highest Strahler order */
    st_strahler_row row[ST_STRAHLER_MOST];  /* [orders + 1], by order; row 0 is empty */
    /* from one order to the next, by regression of the logarithm on the order (Horton's laws); NaN with one order */
    double branching_ratio, diameter_ratio, length_ratio;
    /* over the joints with two branches */
    st_spread radius_ratio; /* of the narrower branch to the wider, 0..1 */
    st_spread flow_share;   /* of the branch with less flow in the flow of both, 0..0.5 */
    st_spread angle;        /* between the branches, degrees */
    st_spread angle_wider, angle_narrower; /* of a branch off its parent's direction, degrees */
    /* over the terminals */
    st_spread path_length, path_segments; /* from the root's beginning: mm, segments */
    st_spread terminal_flow;              /* mm^3/s */
} st_tree_morphometry;
ST_API ST_MUST_CHECK st_status st_tree_morphometry_of(const st_tree *tree, int threads,
                                                      st_tree_morphometry *morphometry, st_error *err);

/* Of the flow q[n] (mm^3/s): what the terminals in tumour take, and the others. */
ST_API void st_tree_supply(const st_tree *tree, const double *q, double *tumour, double *normal);
/* Sums that only look downstream: for each segment the sum over the terminals
 * at or below it of value[terminal]. In place: value[n]. */
ST_API void st_tree_sum_up(const st_tree *tree, double *value);

/* The segment nearest to a point among those of at least `diameter` mm that come nearer than `within` mm; ST_NONE when
 * there is none. */
ST_API uint32_t st_tree_nearest(const st_tree *tree, const double lps[3], double diameter, double within);

#endif
