/* A bed with what an infusion leaves in it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_EMBOLIC_SUPPORT_H
#define STASIS_TESTS_EMBOLIC_SUPPORT_H

#include <stasis/units.h>

#include "with_parameters.h"

typedef struct bench {
    const st_tree *tree;
    st_bed *bed;
    uint32_t *lodged;
    double *volume;
    st_infusion infusion;
} bench;

static inline bench bench_of(const st_tree *tree, double width) {
    st_error err = {0};
    bench b = {.tree = tree};
    assert_ok(st_bed_new(tree, &parameters, width, 1, &b.bed, &err));
    b.lodged = calloc(tree->n, sizeof *b.lodged);
    b.volume = calloc(tree->n, sizeof *b.volume);
    return b;
}

static inline void bench_free(bench *b) {
    st_infusion_fini(&b->infusion);
    st_bed_free(b->bed);
    free(b->lodged);
    free(b->volume);
}

static inline void infuse_agent(bench *b, const st_agent *agent, uint32_t tip, st_endpoint endpoint, double dose,
                                uint64_t seed) {
    st_error err = {0};
    const st_injection order = {.agent = agent, .tip = tip, .endpoint = endpoint, .dose = dose, .seed = seed};
    st_infusion_fini(&b->infusion);
    assert_ok(st_infuse(b->bed, &order, NULL, &b->infusion, &err));
    st_bed_lodged(b->bed, b->lodged, b->volume);
}

/* Rigid spheres, um. */
static inline void infuse(bench *b, double d_min_um, double d_max_um, uint32_t tip, st_endpoint endpoint,
                          uint64_t seed) {
    st_error err = {0};
    st_agent agent;
    assert_ok(st_agent_sized(d_min_um * ST_UM, d_max_um * ST_UM, &agent, &err));
    infuse_agent(b, &agent, tip, endpoint, 0, seed);
}

static inline void with(const char *name, double value) {
    st_error err = {0};
    assert_ok(st_parameters_set(&parameters, name, value, &err));
}

/* The tree as it is, with plugs that are tight. */
static inline void bare(void) {
    with("closure_terminals", 0);
    with("plug_porosity", 0);
}

/* All parameters as compiled in. */
static inline void reset(void) {
    for (int i = 0; i < ST_PARAMETER_COUNT; i++)
        parameters.item[i].value = parameters.item[i].standard;
}

#endif
