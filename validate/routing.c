/* V1, V2, V5: which way the particles go.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <math.h>
#include <stdlib.h>

#define DOSES          20 /* small infusions, each into the untouched bed */
#define DOSE_PARTICLES 3000
/* Shares of the flow at the tip; these leave about as many outlets as published work has, 17 to 48. */
#define OUTLET_MOST  0.06
#define OUTLET_LEAST 0.01
/* Neighbours: the two branches of a joint, neither of which has this much more flow than the other, of the sum, and
 * each no less than this share of the tip's; joints that fewer particles reached say little. */
#define EQUAL_FLOW      0.1
#define NEIGHBOUR_LEAST 0.002
#define JOINT_PARTICLES 100

/* Where many small doses went. */
typedef struct passage {
    double *through; /* [segments] particles that lodged in or beyond each */
    st_particles particles;
} passage;

static void passage_fini(passage *p) {
    free(p->through);
}

static st_status one_dose(validation *v, const st_tree *tree, const st_injection *order, uint32_t *lodged,
                          double *volume, st_particles *particles) {
    st_infusion infusion = {0};
    st_bed *bed = NULL;
    st_status status = st_bed_new(tree, &v->parameters, st_agent_smallest(order->agent), 1, &bed, &v->err);
    if (status == ST_OK)
        status = st_infuse(bed, order, NULL, &infusion, &v->err);
    if (status == ST_OK) {
        st_bed_lodged(bed, lodged, volume);
        particles->injected += infusion.particles.injected;
        particles->lodged_tumour += infusion.particles.lodged_tumour;
    }
    st_infusion_fini(&infusion);
    st_bed_free(bed);
    return status;
}

/* `doses` of them; `first` keys the random streams. */
static st_status small_doses(validation *v, const st_tree *tree, uint32_t tip, uint64_t doses, uint64_t first,
                             passage *p) {
    st_agent agent;
    uint32_t *lodged = st_alloc(tree->n, sizeof *lodged, &v->err);
    double *volume = st_alloc(tree->n, sizeof *volume, &v->err);
    p->through = st_alloc(tree->n, sizeof *p->through, &v->err);
    st_status status = lodged != NULL && volume != NULL && p->through != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &v->err);
    for (uint64_t dose = 0; dose < doses && status == ST_OK; dose++) {
        const st_injection order = {.agent = &agent,
                                    .tip = tip,
                                    .endpoint = ST_ENDPOINT_DOSE,
                                    .dose = DOSE_PARTICLES / st_agent_concentration(&agent, &v->parameters),
                                    .seed = 1,
                                    .item = first + dose};
        status = one_dose(v, tree, &order, lodged, volume, &p->particles);
        for (uint32_t i = 0; i < tree->n && status == ST_OK; i++)
            p->through[i] += lodged[i];
    }
    for (uint32_t i = tree->n; i-- > 0 && status == ST_OK;)
        if (tree->parent[i] != ST_NONE)
            p->through[tree->parent[i]] += p->through[i];
    free(lodged);
    free(volume);
    return status;
}

/* ---- V1, V2: the place in the cross-section ----------------------------------- */

/* The outlets beyond a tip: the first vessels that carry no more than OUTLET_MOST. The tree is depth first: all beyond
 * the tip come after it. */
static size_t outlets_of(const validation *v, uint32_t tip, uint32_t *outlet) {
    const st_tree *tree = &v->tree;
    size_t n = 0;
    for (uint32_t i = tip + 1; i < tree->n && tree->parent[i] != ST_NONE && tree->parent[i] >= tip; i++) {
        const double share = v->q[i] / v->q[tip], above = v->q[tree->parent[i]] / v->q[tip];
        if (share >= OUTLET_LEAST && share <= OUTLET_MOST && above > OUTLET_MOST)
            outlet[n++] = i;
    }
    return n;
}

/* Median difference of particle share and flow share at the outlets, %. */
static double against_flow(const validation *v, uint32_t tip, const passage *p, const uint32_t *outlet, size_t n,
                           double *room) {
    for (size_t k = 0; k < n; k++)
        room[k] = fabs(p->through[outlet[k]] / p->through[tip] - v->q[outlet[k]] / v->q[tip]) / ST_PERCENT;
    return quantile(room, n, 0.5);
}

/* Particles that would have to change their outlet for one passage to be as the other, %. What leaves by the smallest
 * vessels, which are no outlets, is left out. */
static double elsewhere(uint32_t tip, const passage *a, const passage *b, const uint32_t *outlet, size_t n) {
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += fabs(a->through[outlet[k]] / a->through[tip] - b->through[outlet[k]] / b->through[tip]);
    return sum / 2 / ST_PERCENT;
}

/* Median difference of the particles in two branches of equal flow, of both together, %; *n joints. */
static double between_neighbours(const validation *v, uint32_t tip, const passage *p, double *room, size_t *n) {
    const st_tree *tree = &v->tree;
    *n = 0;
    for (uint32_t i = tip; i < tree->n && (i == tip || (tree->parent[i] != ST_NONE && tree->parent[i] >= tip)); i++) {
        const uint32_t a = tree->first_child[i], b = a == ST_NONE ? ST_NONE : tree->next_sibling[a];
        if (b == ST_NONE || fmin(v->q[a], v->q[b]) < NEIGHBOUR_LEAST * v->q[tip] ||
            fabs(v->q[a] - v->q[b]) > EQUAL_FLOW * (v->q[a] + v->q[b]))
            continue;
        const double sum = p->through[a] + p->through[b];
        if (sum >= JOINT_PARTICLES)
            room[(*n)++] = fabs(p->through[a] - p->through[b]) / sum / ST_PERCENT;
    }
    return quantile(room, *n, 0.5);
}

static const double RELEASE_WIDTH = 0.2;
/* Unmixed release has to differ from mixed by so much. */
static const double APART = 3;

static st_status unmixed_doses(validation *v, uint32_t tip, double place, passage *p) {
    const struct {
        st_parameter_id id;
        double value;
    } setting[] = {{ST_P_MIXING, 0}, {ST_P_RELEASE_WIDTH, RELEASE_WIDTH}, {ST_P_RELEASE_PLACE, place}};
    double before[3];
    for (int i = 0; i < 3; i++) {
        before[i] = v->parameters.item[setting[i].id].value;
        v->parameters.item[setting[i].id].value = setting[i].value;
    }
    const st_status status = small_doses(v, &v->tree, tip, DOSES / 2, 0, p);
    for (int i = 0; i < 3; i++)
        v->parameters.item[setting[i].id].value = before[i];
    return status;
}

/* Row 1: as V1. Row 2: nothing but the place of release changed. Row 3: nothing but it differs between neighbours. */
static void add_unmixed(validation *v, uint32_t tip, const passage mixed[2], const passage side[2],
                        const uint32_t *outlet, size_t n, double *room) {
    size_t joints[3];
    const double off_flow =
        (against_flow(v, tip, &side[0], outlet, n, room) + against_flow(v, tip, &side[1], outlet, n, room)) / 2;
    const double off_flow_mixed = against_flow(v, tip, &mixed[0], outlet, n, room);
    add_judged(
        v, "V2", "unmixed release: particle share against flow share at the outlets, median difference",
        "not the flow decides", off_flow, "%", off_flow >= APART * off_flow_mixed,
        "Amili 2019, in vitro, in words. Outlets as for V1, released in a fifth of the flow on the one side or on "
        "the other; mixed, as many particles, %.2g %%. All three rows are met from %.0f times the mixed number "
        "on.",
        off_flow_mixed, APART);
    const double moved = elsewhere(tip, &side[0], &side[1], outlet, n);
    const double moved_mixed = elsewhere(tip, &mixed[0], &mixed[1], outlet, n);
    add_judged(v, "V2", "particles that leave elsewhere when released on the other side", "the place decides", moved,
               "%", moved >= APART * moved_mixed,
               "The flow is the same. Two mixed releases differ by %.2g %% by chance.", moved_mixed);
    const double apart = (between_neighbours(v, tip, &side[0], room, &joints[0]) +
                          between_neighbours(v, tip, &side[1], room, &joints[1])) /
                         2;
    const double apart_mixed = between_neighbours(v, tip, &mixed[0], room, &joints[2]);
    add_judged(v, "V2", "difference of the particles in neighbours at equal flow, of both, median", "there is one",
               apart, "%", apart >= APART * apart_mixed,
               "The two branches of a joint, with flows that differ by less than %.0f %%; %zu and %zu joints that the "
               "particles reach. Mixed %.2g %% (%zu joints).",
               EQUAL_FLOW / ST_PERCENT, joints[0], joints[1], apart_mixed, joints[2]);
}

/* Half of the mixed doses stands against the other half. */
static st_status routing(validation *v, uint32_t tip, uint32_t *outlet, double *room) {
    passage mixed[2] = {{0}}, side[2] = {{0}};
    st_status status = ST_OK;
    for (uint64_t half = 0; half < 2 && status == ST_OK; half++)
        status = small_doses(v, &v->tree, tip, DOSES / 2, half * (DOSES / 2), &mixed[half]);
    for (int k = 0; k < 2 && status == ST_OK; k++)
        status = unmixed_doses(v, tip, k, &side[k]);
    if (status == ST_OK) {
        const size_t n = outlets_of(v, tip, outlet);
        add_unmixed(v, tip, mixed, side, outlet, n, room);
        for (uint32_t i = 0; i < v->tree.n; i++)
            mixed[0].through[i] += mixed[1].through[i];
        add_below(v, "V1", "particle share against flow share at the outlets, median difference", 0.62,
                  against_flow(v, tip, &mixed[0], outlet, n, room), "%",
                  "%zu outlets beyond a lobar tip, %.0f particles; published 0.40 planar, 0.62 by catheter. Routing by "
                  "flow share is assumed: what is left is chance and the flow that the particles divert.",
                  n, mixed[0].through[tip]);
    }
    for (int k = 0; k < 2; k++) {
        passage_fini(&mixed[k]);
        passage_fini(&side[k]);
    }
    return status;
}

/* ---- V5: the resistance behind the tumour --------------------------------------- */

/* Up and down; the publication's own change is of a few large outlets and has no exact counterpart. */
static const double RESISTANCE_CHANGE = 0.5;

/* The tree with the flow that it has when what lies behind the terminals of tumour resists `factor` times as much:
 * demand and tumour_demand are its own, the rest is the validation's. */
static st_status changed_tree(validation *v, double factor, st_tree *tree) {
    st_flow flow = {0};
    *tree = v->tree;
    tree->demand = st_alloc(tree->n, sizeof *tree->demand, &v->err);
    tree->tumour_demand = st_alloc(tree->n, sizeof *tree->tumour_demand, &v->err);
    double *q = st_alloc(tree->n, sizeof *q, &v->err);
    st_status status = tree->demand != NULL && tree->tumour_demand != NULL && q != NULL
                           ? st_flow_init(&v->tree, &v->parameters, &flow, &v->err)
                           : ST_MEMORY;
    if (status == ST_OK) {
        for (uint32_t i = 0; i < tree->n; i++)
            flow.outlet[i] /= tree->lesion[i] != 0 ? factor : 1;
        st_flow_refresh(&flow, tree);
        st_flow_solve(&flow, tree, q, NULL);
        for (uint32_t i = 0; i < tree->n; i++)
            if (st_tree_is_terminal(tree, i)) {
                tree->demand[i] = q[i];
                tree->tumour_demand[i] = tree->lesion[i] != 0 ? q[i] : 0;
            }
        st_tree_sum_up(tree, tree->demand);
        st_tree_sum_up(tree, tree->tumour_demand);
    }
    st_flow_fini(&flow);
    free(q);
    return status;
}

/* Of the particles of a lobar tip, %. */
static st_status tumour_share_at(validation *v, uint32_t tip, double factor, double *share) {
    st_tree tree;
    passage p = {0};
    st_status status = changed_tree(v, factor, &tree);
    if (status == ST_OK)
        status = small_doses(v, &tree, tip, DOSES / 2, 0, &p);
    *share = (double)p.particles.lodged_tumour / (double)p.particles.injected / ST_PERCENT;
    passage_fini(&p);
    free(tree.demand);
    free(tree.tumour_demand);
    return status;
}

static st_status check_resistance(validation *v, uint32_t tip) {
    double as_is, lower, higher;
    st_status status = tumour_share_at(v, tip, 1, &as_is);
    if (status == ST_OK)
        status = tumour_share_at(v, tip, 1 - RESISTANCE_CHANGE, &lower);
    if (status == ST_OK)
        status = tumour_share_at(v, tip, 1 + RESISTANCE_CHANGE, &higher);
    if (status != ST_OK)
        return status;
    const double change = fmax(fabs(lower - as_is), fabs(higher - as_is));
    add_judged(
        v, "V5", "change of the tumour's share of spheres with the resistance of the outlets", "> 10", change, "%",
        change > 10,
        "Of all that are injected (Taebi 2020). Here a lobar tip, and %.0f %% more or less resistance behind the "
        "terminals of tumour, chosen without a counterpart in the publication: share %.1f, at less %.1f, at "
        "more %.1f %%.",
        RESISTANCE_CHANGE / ST_PERCENT, as_is, lower, higher);
    return ST_OK;
}

st_status check_routing(validation *v) {
    uint32_t *outlet = st_alloc(v->tree.n, sizeof *outlet, &v->err);
    double *room = st_alloc(v->tree.n, sizeof *room, &v->err);
    const st_status status = outlet != NULL && room != NULL ? routing(v, v->lobar_tip, outlet, room) : ST_MEMORY;
    free(outlet);
    free(room);
    return status == ST_OK ? check_resistance(v, v->lobar_tip) : status;
}
