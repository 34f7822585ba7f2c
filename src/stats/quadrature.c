/* Gauss and Hermite's nodes and weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "quadrature.h"

#include <math.h>

/* Hermite polynomials that are orthonormal under the standard normal density: sqrt(m + 1) p_{m+1} = t p_m - sqrt(m)
 * p_{m-1}. Gives p_n; `slope` is its derivative, sqrt(n) p_{n-1}; `squares` the sum of p_m^2 for m < n. */
static double hermite(size_t n, double t, double *slope, double *squares) {
    double before = 0, p = 1;
    *squares = 0;
    for (size_t m = 0; m < n; m++) {
        *squares += p * p;
        const double next = (t * p - sqrt((double)m) * before) / sqrt((double)m + 1);
        before = p;
        p = next;
    }
    *slope = sqrt((double)n) * before;
    return p;
}

/* The largest root below those found, by Newton's steps on the polynomial without these (Maehly, ZAMP 1954;5:260): from
 * above they come down to it without passing it. */
static double next_root(size_t n, const double *found, size_t n_found) {
    double t = n_found ? found[n_found - 1] + 0.1 : sqrt(4 * (double)n + 2);
    for (int i = 0; i < 100; i++) {
        double slope, squares, gone = 0;
        const double p = hermite(n, t, &slope, &squares);
        for (size_t j = 0; j < n_found; j++)
            gone += 1 / (t - found[j]);
        const double step = p / (slope - p * gone);
        t -= step;
        if (fabs(step) < 1e-15 * (1 + t))
            break;
    }
    return t;
}

/* The weight of a node is 1 / sum p_m^2 (Christoffel's number), which keeps its relative accuracy in the far tail,
 * where the eigenvectors of Golub & Welsch (Math Comput 1969;23:221) have lost it; and the tail counts, for it is
 * divided by the normal density. */
void quadrature_gauss_hermite(quadrature *rule, size_t n) {
    *rule = (quadrature){.n = n};
    double root[QUADRATURE_MOST];
    for (size_t j = 0; j < (n + 1) / 2; j++) {
        root[j] = 2 * j + 1 == n ? 0 : next_root(n, root, j);
        double slope, squares;
        hermite(n, root[j], &slope, &squares);
        rule->node[j] = -root[j];
        rule->node[n - 1 - j] = root[j];
        rule->weight[j] = rule->weight[n - 1 - j] = sqrt(2 * M_PI) * exp(root[j] * root[j] / 2) / squares;
    }
}
