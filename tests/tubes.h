/* Vessels of known course and radius, drawn into a label map, and a trunk compared with them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_TUBES_H
#define STASIS_TESTS_TUBES_H

#include "with_parameters.h"

enum { TUBE_LIVER = 1, TUBE_ARTERY = 3 }; /* as in the preset "stasis" */

/* A cylinder with round ends, mm in a box that begins at the origin. */
typedef struct tube {
    double from[3], to[3], radius;
} tube;

static inline double tube_distance(const double p[3], const double a[3], const double b[3]) {
    double dd = 0, dp = 0, sum = 0;
    for (int k = 0; k < 3; k++) {
        dd += (b[k] - a[k]) * (b[k] - a[k]);
        dp += (p[k] - a[k]) * (b[k] - a[k]);
    }
    const double t = dd > 0 ? fmin(fmax(dp / dd, 0), 1) : 0;
    for (int k = 0; k < 3; k++)
        sum += (p[k] - a[k] - t * (b[k] - a[k])) * (p[k] - a[k] - t * (b[k] - a[k]));
    return sqrt(sum);
}

/* The voxels whose centres lie in a tube are artery, all others with x of at least `organ` mm liver. */
static inline st_labels tube_labels(const double size[3], const double spacing[3], double organ, const tube *t,
                                    size_t n_tubes) {
    st_error err = {0};
    st_labels labels = {0};
    uint32_t n[3];
    double to_lps[3][4] = {{0}};
    for (int k = 0; k < 3; k++) {
        n[k] = (uint32_t)ceil(size[k] / spacing[k]);
        to_lps[k][k] = spacing[k];
        to_lps[k][3] = 0.5 * spacing[k];
    }
    assert_ok(st_geometry_init(&labels.geometry, n, (const double(*)[4])to_lps, &err));
    assert_non_null(labels.label = calloc(st_geometry_voxels(&labels.geometry), sizeof *labels.label));
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                double p[3];
                st_geometry_to_lps(&labels.geometry, (const double[3]){x, y, z}, p);
                labels.label[i] = p[0] >= organ ? TUBE_LIVER : 0;
                for (size_t k = 0; k < n_tubes; k++)
                    if (tube_distance(p, t[k].from, t[k].to) <= t[k].radius)
                        labels.label[i] = TUBE_ARTERY;
            }
    return labels;
}

static inline st_status tube_trunk(const st_labels *labels, st_tree *trunk, st_trunk_report *report,
                                   st_error *trunk_err) {
    st_error err = {0};
    st_label_map map;
    st_liver liver = {0};
    assert_ok(st_label_map_preset("stasis", &map, &err));
    assert_ok(st_liver_from_labels(labels, &map, &parameters, &liver, &err));
    const st_status status =
        st_trunk_from_labels(labels, &map, ST_ROLE_ARTERY, &liver, &parameters, trunk, report, trunk_err);
    st_liver_fini(&liver);
    return status;
}

/* What every trunk promises. */
static inline void assert_trunk(const st_tree *trunk) {
    assert_true(trunk->n > 0);
    for (uint32_t i = 0; i < trunk->n; i++) {
        assert_true(i == 0 ? trunk->parent[i] == ST_NONE : trunk->parent[i] < i);
        assert_true(trunk->measured[i] == 1 && trunk->demand[i] == 0);
        assert_true(trunk->radius[i] > 0 && isfinite(trunk->radius[i]));
        assert_true(st_tree_length(trunk, i) > 0);
        unsigned children = 0;
        for (uint32_t c = trunk->first_child[i]; c != ST_NONE; c = trunk->next_sibling[c], children++)
            assert_memory_equal(trunk->proximal[c], trunk->distal[i], sizeof trunk->distal[i]);
        assert_true(children <= 2);
    }
}

typedef struct tube_error {
    double distance, distance_p90; /* mm between centrelines, median and 90 % */
    double radius, radius_p90;     /* relative, median and 90 %, of the size of the error */
    double bias;                   /* relative, median */
    double length;                 /* mm of the trunk */
} tube_error;

static inline int tube_ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double tube_quantile(double *value, size_t n, double q) {
    qsort(value, n, sizeof *value, tube_ascending);
    return value[(size_t)(q * (double)(n - 1))];
}

/* The trunk is looked at in steps of a quarter of a millimetre, each against the nearest tube. */
static inline tube_error tube_compare(const st_tree *trunk, const tube *t, size_t n_tubes) {
    enum { MOST = 20000 };
    static double distance[MOST], radius[MOST], bias[MOST];
    tube_error e = {0};
    size_t n = 0;
    for (uint32_t i = 0; i < trunk->n; i++) {
        const double length = st_tree_length(trunk, i);
        const unsigned steps = (unsigned)(4 * length) + 1;
        e.length += length;
        for (unsigned s = 0; s < steps && n < MOST; s++, n++) {
            double p[3], least = INFINITY, r = 0;
            for (int k = 0; k < 3; k++)
                p[k] = (double)trunk->proximal[i][k] +
                       ((double)trunk->distal[i][k] - (double)trunk->proximal[i][k]) * (s + 0.5) / steps;
            for (size_t k = 0; k < n_tubes; k++) {
                const double d = tube_distance(p, t[k].from, t[k].to);
                r = d < least ? t[k].radius : r;
                least = fmin(least, d);
            }
            distance[n] = least;
            bias[n] = (double)trunk->radius[i] / r - 1;
            radius[n] = fabs(bias[n]);
        }
    }
    e.distance_p90 = tube_quantile(distance, n, 0.9);
    e.distance = tube_quantile(distance, n, 0.5);
    e.radius_p90 = tube_quantile(radius, n, 0.9);
    e.radius = tube_quantile(radius, n, 0.5);
    e.bias = tube_quantile(bias, n, 0.5);
    return e;
}

#endif
