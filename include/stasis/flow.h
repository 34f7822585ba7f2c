/* stasis/flow.h - blood rheology and the exact solve of the network.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_FLOW_H
#define STASIS_FLOW_H

#include <stasis/tree.h>

/* Apparent viscosity in vivo (Pries et al. 1994, Circ Res 75:904, eq. 7-9), Pa s.
 * diameter in um (above ST_VISCOSITY_WALL_UM), haematocrit 0..1, plasma viscosity Pa s. */
#define ST_VISCOSITY_WALL_UM 1.1 /* of the fit: the layer at the wall without cells */
ST_API double st_viscosity(double diameter_um, double haematocrit, double plasma);

/* The network: conductances in mm^3/(s Pa). Flow follows from the pressure at
 * the root over the arterial back pressure; a lodged particle changes
 * `conductance` of its segment and nothing else. */
typedef struct st_flow {
    uint32_t n;
    double *conductance;       /* [n] of the segment itself; 0 when blocked */
    double *outlet;            /* [n] of a terminal's microcirculation to the back pressure; 0 elsewhere */
    double *equivalent;        /* [n] from the proximal point through everything beyond to the back pressure */
    double inlet_pressure, back_pressure; /* Pa */
} st_flow;

/* Baseline: Poiseuille conductances, and outlets such that every terminal has its
 * demand at the inlet pressure. ST_NUMERIC when the pressure left at a terminal does
 * not exceed the back pressure (says where and how far), ST_VALUE when a segment has no length or is too
 * narrow for st_viscosity. Roots share the inlet pressure. */
ST_API ST_MUST_CHECK st_status st_flow_init(const st_tree *tree, const st_parameters *parameters, st_flow *flow,
                                            st_error *err);
ST_API void st_flow_fini(st_flow *flow);

/* Pressure (Pa) at the distal point of every segment at baseline, pressure[n], without making a network: 8 bytes a
 * segment instead of 40. Errors as of st_flow_init. */
ST_API ST_MUST_CHECK st_status st_flow_baseline(const st_tree *tree, const st_parameters *parameters, double *pressure,
                                                st_error *err);

/* Equivalent conductances from scratch (upward sweep). */
ST_API void st_flow_refresh(st_flow *flow, const st_tree *tree);
/* Set the conductance of one segment and bring `equivalent` up to date on its path to the root. */
ST_API void st_flow_set(st_flow *flow, const st_tree *tree, uint32_t segment, double conductance);
/* Flow of every segment (mm^3/s) and, unless NULL, pressure at its distal point (Pa; beyond a
 * blocked segment the back pressure). Downward sweep on `equivalent`. */
ST_API void st_flow_solve(const st_flow *flow, const st_tree *tree, double *q, double *distal_pressure);
/* Flow of one segment, mm^3/s, by the path to the root alone. */
ST_API double st_flow_at(const st_flow *flow, const st_tree *tree, uint32_t segment);

/* The network as JSON for svZeroDSolver (SimVascular), in cgs units: R_poiseuille of each segment, vessel_id its number,
 * the inlet pressure at each root, a RESISTANCE to the back pressure at each terminal, no flow at one that is closed.
 * ST_VALUE when a segment is blocked. */
ST_API ST_MUST_CHECK st_status st_flow_write_svzerod(const char *path, const st_tree *tree, const st_flow *flow,
                                                     st_error *err);

#endif
