/* Apparent viscosity of blood in small vessels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/flow.h>

#include <math.h>

/* The coefficients below are the fit of Pries et al. 1994 (Circ Res 75:904), eq. 7-9; they make sense
 * only together, so they stand here and not among the parameters. */
static const double REFERENCE_HAEMATOCRIT = 0.45;

/* Relative viscosity at the reference haematocrit. */
static double viscosity_45(double d) {
    return 6 * exp(-0.085 * d) + 3.2 - 2.44 * exp(-0.06 * pow(d, 0.645));
}

/* Curvature of viscosity against haematocrit. */
static double haematocrit_exponent(double d) {
    const double s = 1 / (1 + 1e-11 * pow(d, 12));
    return (0.8 + exp(-0.075 * d)) * (s - 1) + s;
}

double st_viscosity(double diameter_um, double haematocrit, double plasma) {
    const double d = diameter_um;
    const double wall = d / (d - ST_VISCOSITY_WALL_UM) * (d / (d - ST_VISCOSITY_WALL_UM));
    const double c = haematocrit_exponent(d);
    const double shape = (pow(1 - haematocrit, c) - 1) / (pow(1 - REFERENCE_HAEMATOCRIT, c) - 1);
    return plasma * (1 + (viscosity_45(d) - 1) * shape * wall) * wall;
}
