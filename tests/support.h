/* What several tests need: livers and trees made on the spot.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_SUPPORT_H
#define STASIS_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stasis/stasis.h>
#include <stdlib.h>
#include <string.h>

#include "phantom.h"

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        if ((call) != ST_OK) {                                                                                         \
            char text_[1024];                                                                                          \
            st_error_text(&err, text_, sizeof text_);                                                                  \
            fail_msg("%s: %s", #call, text_);                                                                          \
        }                                                                                                              \
    } while (0)

#define assert_near(value, wanted, relative) assert_near_(value, wanted, relative, #value, __FILE__, __LINE__)
static inline void assert_near_(double value, double wanted, double relative, const char *what, const char *file,
                                int line) {
    if (!(fabs(value - wanted) <= relative * fabs(wanted))) {
        print_error("%s = %.17g, wanted %.17g within %g relative\n", what, value, wanted, relative);
        _fail(file, line);
    }
}

/* An ellipsoid of liver (half axes 60 x 45 x 40 mm at full size) on a grid of `voxel` mm, with ball lesions
 * of `radius` mm at fixed places: the first in the right half, the second in the left. */
static inline st_labels support_labels(double scale, double voxel, unsigned lesions, double radius) {
    const double half[3] = {60 * scale, 45 * scale, 40 * scale};
    const phantom_ball ball[2] = {{{-25 * scale, 5 * scale, 0}, radius},
                                  {{28 * scale, -5 * scale, 5 * scale}, radius}};
    st_error err = {0};
    st_labels labels;
    assert_ok(phantom_labels(half, voxel, ball, lesions < 2 ? lesions : 2, &labels, &err));
    return labels;
}

static inline st_liver support_liver(const st_parameters *parameters, double scale, double voxel, unsigned lesions,
                                     double radius) {
    st_error err = {0};
    st_labels labels = support_labels(scale, voxel, lesions, radius);
    st_label_map map;
    st_liver liver;
    assert_ok(st_label_map_preset("lits", &map, &err));
    assert_ok(st_liver_from_labels(&labels, &map, parameters, &liver, &err));
    st_labels_fini(&labels);
    return liver;
}

/* A label map of a patient that may not be passed on; false, with a word, where it is not at hand. */
static inline bool support_shared(const char *name, st_labels *labels) {
    char path[512];
    st_error err = {0};
    const char *folder = getenv("STASIS_SHARED"), *source = getenv("STASIS_SOURCE");
    if (folder)
        snprintf(path, sizeof path, "%s/%s", folder, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/%s", source ? source : ".", name);
    const st_status status = st_labels_read(path, labels, &err);
    if (status == ST_IO)
        print_message("# %s is not at hand: skipped\n", path);
    else
        assert_int_equal(status, ST_OK);
    return status == ST_OK;
}

/* A symmetric binary tree of `generations` bifurcations: Murray radii from `radius`, lengths `ratio` radii, the
 * demand of each terminal `demand` mm^3/s. Terminals of the second half feed lesion 1 when `tumour`. */
static inline st_tree support_symmetric_tree(unsigned generations, double radius, double ratio, double demand,
                                             bool tumour) {
    st_error err = {0};
    st_tree tree;
    const uint32_t n = (2u << generations) - 1;
    assert_ok(st_tree_init(&tree, n, &err));
    for (uint32_t i = 0; i < n; i++) {
        tree.parent[i] = i == 0 ? ST_NONE : (i - 1) / 2;
        unsigned depth = 0;
        for (uint32_t v = i; v > 0; v = (v - 1) / 2)
            depth++;
        const double r = radius * pow(2, -(double)depth / 3);
        tree.radius[i] = (float)r;
        const float *from = i == 0 ? (const float[3]){0, 0, 0} : tree.distal[tree.parent[i]];
        memcpy(tree.proximal[i], from, sizeof tree.proximal[i]);
        memcpy(tree.distal[i], from, sizeof tree.distal[i]);
        const unsigned axis = depth % 3;
        tree.distal[i][axis] += (float)(ratio * r * (i % 2 == 0 ? 1 : -1));
        if (depth == generations) {
            tree.demand[i] = demand;
            uint32_t v = i;
            while (v > 2)
                v = (v - 1) / 2;
            tree.lesion[i] = tumour && v == 2;
        }
    }
    assert_ok(st_tree_finish(&tree, &err));
    return tree;
}

#endif
