/* The bed as its files see it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_EMBOLIC_BED_INTERNAL_H
#define STASIS_EMBOLIC_BED_INTERNAL_H

#include <stasis/bed.h>

/* A branch is named by 2 * joint + side. */
static inline uint32_t joint_of(uint32_t branch) {
    return branch / 2;
}
static inline unsigned side_of(uint32_t branch) {
    return branch % 2;
}

/* Where a vessel divides: all that a particle on its way down and the network's answer on its way up touch, in one
 * line of the cache. A side without a vessel carries nothing and takes no particle. Joints stand depth first, the
 * branches of side 0 before those of side 1. */
typedef struct bed_joint {
    double conductance[2]; /* mm^3/(s Pa) from the mouth of the branch through everything beyond to the back pressure */
    double resistance[2];  /* Pa s/mm^3 of the branch itself with what lodged in it; infinite when it is closed */
    float width[2];        /* mm, of the open lumen */
    float room[2];         /* mm from the mouth to where the next particle stops */
    uint32_t below[2];     /* joint at the end of the branch; ST_NONE when the branch ends in the microcirculation */
    uint32_t above;        /* branch that leads here; ST_NONE at a root */
    uint8_t full;          /* bit `side`: no room for a particle */
    uint8_t plugged;       /* bit `side`: a particle lodged in it */
    uint8_t seen;          /* bit `side`: in the column of contrast of the infusion that is under way */
} bed_joint;

struct st_bed {
    const st_tree *tree;
    const st_parameters *parameters;
    double pressure; /* Pa, of the inlet over the back pressure */
    double width;    /* mm, of the smallest particle that it is for */
    uint32_t n_joints, n_roots;
    bed_joint *joint; /* [n_joints] */
    uint32_t *root;   /* [n_roots] joints whose side 0 is a root */
    /* [2 * n_joints], by branch, what is seldom touched */
    float *length;     /* mm */
    uint32_t *segment; /* of the tree that it is, or stands in; ST_NONE for a branch without length */
    double *outlet;    /* mm^3/(s Pa), of what a branch without a joint below ends in */
    double *flow;      /* mm^3/s at baseline */
    double *start;     /* mm^3/s: its flow ends in the terminals from here to start + flow in the sum over terminals */
    uint32_t *lodged;
    double *lodged_volume; /* mm^3 */
    double *oil;           /* mm^3 in the microcirculation that a branch ends in; NULL before the first oil */
    double *oil_portal;    /* mm^3 that passed to the portal side there; NULL likewise */
    bool *tumour;          /* more than half of its flow ends in tumour */
    float *azimuth; /* [n_joints] radians that the plane of the joint is turned against that of the joint above */
    /* The tree's terminals in the order of its branches. */
    uint32_t *terminal;   /* [n_terminals] */
    double *terminal_end; /* [n_terminals] mm^3/s: sum of the flows up to and with it */
    double *tumour_end;   /* [n_terminals] the same of the flow to tumour */
};

/* The branch that is `segment` itself, which stands before the random ones in it; ST_NONE when there is none. */
uint32_t bed_branch_of(const st_bed *bed, uint32_t segment);
/* Resistance of a vessel to blood, Pa s/mm^3 per mm (Poiseuille, st_viscosity). diameter in mm. */
double bed_resistance(const st_parameters *parameters, double diameter);

/* Angle between the plane of the joint at the end of `segment` and that of the joint it comes from, about its axis,
 * radians; 0 where one of them has no plane. */
double bed_azimuth(const st_tree *tree, uint32_t segment);

/* ---- terminals ---- */

void bed_order_terminals(st_bed *bed);
/* Index of the terminal in whose interval of the sum `flow` (mm^3/s) lies; the last one's beyond all. */
uint32_t bed_terminal_at(const st_bed *bed, double flow);
/* Flow to tumour among `flow` from `start` in the sum over terminals, mm^3/s. */
double bed_tumour_flow(const st_bed *bed, double start, double flow);

/* ---- closure: vessels below those that the tree resolves ---- */

/* How the tree's own vessels divide: a pool of joints that is drawn from. */
typedef struct bed_pool {
    struct bed_division {
        double share;     /* of the flow, in the larger branch */
        double length[2]; /* mm per cube root of the volume supplied, larger branch first */
    } * division;
    size_t n;
    double exponent; /* Murray's */
    uint64_t seed;
} bed_pool;
st_status bed_pool_init(const st_tree *tree, const st_parameters *parameters, const uint32_t *terminals, uint64_t seed,
                        bed_pool *pool, st_error *err);
void bed_pool_fini(bed_pool *pool);
/* How the random vessel `key` ends. */
typedef struct bed_joining {
    const struct bed_division *division;
    double passed_by; /* length, in the measure of a division, of the vessel before: joints with a branch of less than
                         the least flow are none, the vessel runs on */
    uint64_t key[2];  /* of its branches */
    double azimuth;   /* radians that their plane is turned by */
} bed_joining;
bed_joining bed_divide(const bed_pool *pool, uint64_t key, double flow, double least);
/* Cube root of the volume supplied: of normal liver per flow, of tumour by so much less as its flow is denser. */
double bed_supplied(const st_parameters *parameters, double flow, double tumour_flow);

/* ---- flow ---- */

/* Conductance of everything at the end of a branch. */
static inline double bed_beyond(const st_bed *bed, uint32_t branch) {
    const uint32_t below = bed->joint[joint_of(branch)].below[side_of(branch)];
    if (below == ST_NONE)
        return bed->outlet[branch];
    return bed->joint[below].conductance[0] + bed->joint[below].conductance[1];
}
/* Conductances of the joints from `first` to before `end` from scratch. */
void bed_refresh(st_bed *bed, uint32_t first, uint32_t end);
/* Those of `branch` and of all above it, up to and with the branches of joint `last` (ST_NONE: the root's). */
void bed_update(st_bed *bed, uint32_t branch, uint32_t last);

#endif
