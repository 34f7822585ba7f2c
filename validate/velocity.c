/* V19: velocity in the artery that is fed, against what was given.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"
#include "made_up.h"

#include <math.h>
#include <stasis/statistics.h>
#include <stdlib.h>

enum { ANIMALS = 8, ALIQUOTS = 5, POINTS = ALIQUOTS + 1 };
#define ANIMAL_TERMINALS 30000
#define ANIMAL_SEED      100 /* of the first animal's tree */

/* Second-order branches were embolized: a quarter of the flow. */
static const double SECOND_ORDER = 0.25;

/* Tip flow when so much suspension was given, between two points of the curve. */
static double flow_at(const st_infusion *infusion, double suspension) {
    size_t k = 1;
    while (k + 1 < infusion->n_curve && infusion->curve[k].suspension < suspension)
        k++;
    const st_infusion_point *a = &infusion->curve[k - 1], *b = &infusion->curve[k];
    const double part =
        b->suspension > a->suspension ? fmin(1, (suspension - a->suspension) / (b->suspension - a->suspension)) : 1;
    return a->tip_flow + part * (b->tip_flow - a->tip_flow);
}

/* One animal: given[POINTS] and velocity[POINTS] of before, after each of equal aliquots to substasis. */
static st_status embolize(validation *v, const st_agent *agent, uint64_t seed, double *given, double *velocity) {
    const st_tree_options options = {.terminals = ANIMAL_TERMINALS, .seed = seed};
    st_tree tree = {0};
    st_tree_growth growth;
    st_bed *bed = NULL;
    st_infusion infusion = {0};
    st_status status = st_tree_grow(&v->liver, &v->parameters, &options, NULL, &tree, &growth, &v->err);
    if (status == ST_OK)
        status = st_bed_new(&tree, &v->parameters, st_agent_smallest(agent), seed, &bed, &v->err);
    if (status == ST_OK) {
        const st_injection order = {.agent = agent,
                                    .tip = vessel_of_share(&tree, SECOND_ORDER),
                                    .endpoint = ST_ENDPOINT_SUBSTASIS,
                                    .seed = seed};
        status = st_infuse(bed, &order, NULL, &infusion, &v->err);
    }
    for (int k = 0; k < POINTS && status == ST_OK; k++) {
        given[k] = infusion.suspension_volume * k / ALIQUOTS;
        velocity[k] = flow_at(&infusion, given[k]) / infusion.tip_flow_before;
    }
    st_infusion_fini(&infusion);
    st_bed_free(bed);
    st_tree_fini(&tree);
    return status;
}

st_status check_velocity(validation *v) {
    double given[ANIMALS * POINTS], velocity[ANIMALS * POINTS], sum = 0, least = 1, most = -1;
    st_agent agent;
    st_status status = st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &v->err);
    for (int a = 0; a < ANIMALS && status == ST_OK; a++) {
        double *x = &given[a * POINTS], *y = &velocity[a * POINTS];
        status = embolize(v, &agent, ANIMAL_SEED + (uint64_t)a, x, y);
        const double r = status == ST_OK ? st_correlation(x, y, POINTS) : 0;
        sum += r / ANIMALS;
        least = fmin(least, r);
        most = fmax(most, r);
    }
    if (status == ST_OK)
        add_interval(v, "V19", "velocity in the fed artery against particles given, mean of r", -0.86, 0, 0, sum, "1",
                     "Mean over eight pigs of the r of each (Periyasamy 2021). Here %d trees of other seeds in the one "
                     "liver, a vessel with a quarter of the flow in each, before and after each of %d equal parts up "
                     "to substasis: r "
                     "%.3f to %.3f, all points pooled %.3f. No error of measurement.",
                     ANIMALS, ALIQUOTS, least, most, st_correlation(given, velocity, ANIMALS * POINTS));
    return status;
}
