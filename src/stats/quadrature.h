/* Rules for integrals over the real line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_QUADRATURE_H
#define STASIS_STATS_QUADRATURE_H

#include <stasis/base.h>

enum { QUADRATURE_MOST = 100 };

/* integral of f(t) dt = sum of weight[j] f(node[j]), exact where f is the standard normal density times a polynomial of
 * degree below 2n. n = 0: equal steps of `step`, from the mode outwards until nothing is left. */
typedef struct quadrature {
    size_t n;
    double node[QUADRATURE_MOST], weight[QUADRATURE_MOST];
    double step;
} quadrature;

/* Gauss and Hermite's rule of n points, 1..QUADRATURE_MOST. */
void quadrature_gauss_hermite(quadrature *rule, size_t n);

#endif
