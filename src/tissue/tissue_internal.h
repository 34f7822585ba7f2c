/* What the files of this room share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TISSUE_INTERNAL_H
#define STASIS_TISSUE_INTERNAL_H

#include <stasis/tissue.h>

/* Steady states of one kind of tissue, tabulated once and read per voxel. Blood loses oxygen along the capillary
 * at a rate that depends on its partial pressure alone, so every voxel follows the same curve, from its own inlet
 * pressure and at its own speed: entries are integrals along that curve from its low end. */
enum { OXYGEN_NODES = 512 };
typedef struct oxygen_table {
    double artery, portal;        /* oxygen content of the two kinds of blood, mL/mL */
    double content[OXYGEN_NODES]; /* of blood, mL/mL, ascending */
    double time[OXYGEN_NODES];    /* integral of dc / use, s */
    double mean[OXYGEN_NODES];    /* integrals over that time: mean tissue pressure, mmHg s, */
    double hypoxic[OXYGEN_NODES]; /* fraction of the tissue below the limit, s, */
    double killed[OXYGEN_NODES];  /* fraction that dies, s */
    double killed_without;        /* fraction that dies where no oxygen is left */
} oxygen_table;

/* How a stay at low oxygen kills: the rate rises linearly from 0 at `onset` to 1 / `time` at `full` and below. */
typedef struct oxygen_death {
    double onset, full; /* mmHg */
    double time;        /* s */
    double stay;        /* s */
} oxygen_death;

typedef struct oxygen_state {
    double mean;    /* mmHg */
    double hypoxic; /* 0..1 */
    double killed;  /* 0..1, not above `hypoxic` when the limit is the onset of death */
    double used;    /* mL/mL/s */
} oxygen_state;

/* `death` may be NULL: nothing dies. */
void oxygen_tabulate(const st_oxygen_demand *demand, const st_parameters *parameters, double limit_mmhg,
                     const oxygen_death *death, oxygen_table *table);
oxygen_state oxygen_evaluate(const oxygen_table *table, double arterial, double portal);

#endif
