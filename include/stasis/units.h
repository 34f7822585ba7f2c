/* stasis/units.h - the factors between clinical units and the units inside.
 *
 * Inside: mm, g, s. So pressure is Pa (g mm^-1 s^-2), viscosity Pa s, flow
 * mm^3/s. value_inside = value_clinical * factor. Convert at the edge only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_UNITS_H
#define STASIS_UNITS_H

#define ST_UM 1e-3                       /* um -> mm */
#define ST_CM 10.0                       /* cm -> mm */
#define ST_ML 1e3                        /* mL -> mm^3 */
#define ST_MINUTE 60.0                   /* min -> s */
#define ST_HOUR 3600.0                   /* h -> s */
#define ST_DAY 86400.0                   /* d -> s */
#define ST_WEEK 604800.0                 /* week -> s */
#define ST_MONTH (365.25 / 12.0 * ST_DAY) /* month -> s */
#define ST_ML_MIN (ST_ML / ST_MINUTE)    /* mL/min -> mm^3/s */
#define ST_MMHG 133.322387415            /* mmHg -> Pa */
#define ST_DYN_CM2 0.1                   /* dyn/cm^2 -> Pa */
#define ST_CP 1e-3                       /* cP -> Pa s */
#define ST_PERCENT 0.01

#endif
