/* The relaxation: a joint was best when its branch was joined, and the branches have changed since. Each is moved to
 * where the volume of the three vessels that meet there is least now.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "grow_joint.h"

/* Parts of the way that are tried. */
static const double STRIDE[] = {1, 0.5, 0.25};
typedef struct star {
    vec corner[3];
    double weight[3];
} star;

static double cost_of(const star *s, vec joint) {
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += s->weight[i] * vec_distance(joint, s->corner[i]);
    return sum;
}

static star star_at(const grower *g, uint32_t joint) {
    const uint32_t a = g->child[joint][0], b = g->child[joint][1];
    return (star){{grow_ends(g, joint).a, vec_of(g->end[a]), vec_of(g->end[b])},
                  {g->weight[g->count[joint]], g->weight[g->count[a]], g->weight[g->count[b]]}};
}

static st_status relax_joint(grower *g, uint32_t joint, double worth, st_error *err) {
    const star s = star_at(g, joint);
    const vec home = vec_of(g->end[joint]);
    const double before = cost_of(&s, home);
    vec best;
    if (joint_best(s.corner[0], s.corner[1], s.corner[2], s.weight[0], s.weight[1], s.weight[2], &best) >
        before * (1 - worth))
        return ST_OK;
    for (size_t k = 0; k < sizeof STRIDE / sizeof *STRIDE; k++) {
        const vec p = vec_along(home, best, STRIDE[k]);
        vec_store(p, g->end[joint]);
        if (cost_of(&s, vec_of(g->end[joint])) < before && grow_is_sound_at(g, joint) && grow_overlap_at(g, joint) <= 0)
            return grow_index_at(g, joint, err);
    }
    vec_store(home, g->end[joint]);
    return ST_OK;
}

st_status grow_relax(grower *g, unsigned sweeps, double worth, st_error *err) {
    st_status status = ST_OK;
    for (unsigned sweep = 0; sweep < sweeps; sweep++)
        for (uint32_t v = g->n_roots; v < g->n && status == ST_OK; v++)
            if (g->count[v] > 0 && g->child[v][1] != ST_NONE && grow_may_move(g, v))
                status = relax_joint(g, v, worth, err);
    return status;
}
