/* V4, V8, V9: what the tips of a plan reach, and what they close.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <math.h>
#include <stdlib.h>

/* ---- V4: a lobar tip and tips in the feeders ------------------------------------- */

static double tumour_share(const st_particles *p) {
    return (double)p->lodged_tumour / (double)p->injected / ST_PERCENT;
}

static void check_selectivity(validation *v, const treatment *lobar, const treatment *planned,
                              const treatment *selective) {
    const double wide = tumour_share(&lobar->particles), narrow = tumour_share(&selective->particles);
    static const char *const note = "One patient in the publication, of another anatomy.";
    add_interval(v, "V4", "particles in tumour, lobar tip", 22, 0, 0, wide, "%", "%s", note);
    add_interval(
        v, "V4", "particles in tumour, tips in the arteries of the lesions", 82, 0, 0, narrow, "%",
        "%s Here the widest vessels that a microcatheter enters and that feed more tumour than liver; the tips "
        "of the plan, which must cover more of the tumour than these do, send %.0f %% there.",
        note, tumour_share(&planned->particles));
    add_interval(v, "V4", "selective over lobar", 82.0 / 22.0, 0, 0, narrow / wide, "1",
                 "Order and ratio are what the check asks for. How many arteries a lesion has, and what it shares with "
                 "the liver, is assumed.");
}

/* Tips in the widest vessels that a microcatheter enters and more than half of whose flow ends in tumour. */
static st_status feeders_plan(validation *v, st_plan *plan) {
    st_reach reach = {0};
    st_status status = st_plan_reach(&v->tree, v->liver.n_lesions, &v->parameters, &reach, &v->err);
    if (status != ST_OK)
        return status;
    uint32_t *tip = st_alloc(reach.n, sizeof *tip, &v->err);
    size_t n = 0;
    for (size_t i = 0; i < reach.n && tip != NULL; i++) {
        const uint32_t segment = reach.segment[i];
        const double half = v->tree.demand[segment] / 2;
        const size_t above = reach.above[i];
        const bool mostly = v->tree.tumour_demand[segment] > half;
        const bool also_above = above != ST_NO_REACH &&
                                v->tree.tumour_demand[reach.segment[above]] > v->tree.demand[reach.segment[above]] / 2;
        if (mostly && !also_above)
            tip[n++] = segment;
    }
    status = tip != NULL ? st_plan_given(&v->tree, v->liver.n_lesions, tip, n, plan, &v->err) : ST_MEMORY;
    free(tip);
    st_reach_fini(&reach);
    return status;
}

/* ---- V8: microvessels of tumour -------------------------------------------------- */

/* The publication counts a microvessel as lost when a marker given through the catheter no longer shows in it. How much
 * marker shows is not said; a tenth of what came before is taken to be none. */
static const double LOST_BELOW = 0.1;
/* "Predominantly" in the periphery. */
static const double MOST = 2.0 / 3;

/* Terminals that feed tumour beyond the tips of a plan. */
typedef struct microvessels {
    size_t all, lost, outer, kept_outer;
} microvessels;

/* beyond[i]: segment i is a tip of the plan or lies beyond one. */
static void mark_beyond(const st_tree *tree, const st_plan *plan, bool *beyond) {
    for (size_t s = 0; s < plan->n_sessions; s++)
        for (size_t i = 0; i < plan->sessions[s].n_tips; i++)
            beyond[plan->sessions[s].tips[i].segment] = true;
    for (uint32_t i = 0; i < tree->n; i++)
        beyond[i] = beyond[i] || (tree->parent[i] != ST_NONE && beyond[tree->parent[i]]);
}

/* In the outer half of its lesion by volume, taken as a ball. */
static bool is_outer(const validation *v, uint32_t terminal) {
    const st_lesion *lesion = &v->liver.lesions[v->tree.lesion[terminal] - 1];
    double square = 0;
    for (int k = 0; k < 3; k++) {
        const double d = (double)v->tree.distal[terminal][k] - lesion->centroid[k];
        square += d * d;
    }
    return 4 * M_PI / 3 * square * sqrt(square) > lesion->volume / 2;
}

static st_status count_microvessels(validation *v, const double *q, microvessels *m) {
    bool *beyond = st_alloc(v->tree.n, sizeof *beyond, &v->err);
    if (beyond == NULL)
        return ST_MEMORY;
    mark_beyond(&v->tree, &v->plan, beyond);
    *m = (microvessels){0};
    for (uint32_t i = 0; i < v->tree.n; i++) {
        if (!st_tree_is_terminal(&v->tree, i) || v->tree.lesion[i] == 0 || !beyond[i])
            continue;
        const bool lost = q[i] < LOST_BELOW * v->q[i], outer = is_outer(v, i);
        m->all++;
        m->lost += lost;
        m->outer += outer;
        m->kept_outer += outer && !lost;
    }
    free(beyond);
    return ST_OK;
}

static double percent_of(size_t part, size_t all) {
    return (double)part / (double)all / ST_PERCENT;
}

static st_status check_microvessels(validation *v, const treatment *substasis, const treatment *stasis) {
    microvessels partly, fully;
    st_status status = count_microvessels(v, substasis->q, &partly);
    if (status == ST_OK)
        status = count_microvessels(v, stasis->q, &fully);
    if (status != ST_OK)
        return status;
    add_interval(v, "V8", "tumour microvessels lost at substasis", 37, 28, 46, percent_of(partly.lost, partly.all), "%",
                 "Rabbit VX2, beads of 100-300 um; a marker given through the catheter shows no more. Here terminals "
                 "that feed tumour beyond the tips and keep less than %.0f %% of their flow.",
                 LOST_BELOW / ST_PERCENT);
    add_interval(
        v, "V8", "tumour microvessels lost at stasis", 56, 48, 64, percent_of(fully.lost, fully.all), "%",
        "As above. The tips keep %.0f %% of their flow at substasis, which is a parameter, and %.0f %% at stasis, "
        "where the contrast stands: few vessels can keep a tenth of theirs then.",
        substasis->tips_after / substasis->tips_before / ST_PERCENT,
        stasis->tips_after / stasis->tips_before / ST_PERCENT);
    const size_t kept = fully.all - fully.lost;
    const double outer = percent_of(fully.kept_outer, kept);
    add_judged(v, "V8", "of those kept at stasis, in the periphery", "predominantly", outer, "%",
               outer >= MOST / ST_PERCENT,
               "Outer half of the lesion by volume, where %.1f %% stood before. Met from two thirds on. Collaterals "
               "from normal liver, which feed the rim, are not modelled.",
               percent_of(fully.outer, fully.all));
    return ST_OK;
}

static void check_perfusion(validation *v, const treatment *stasis) {
    add_interval(v, "V9", "change of tumour perfusion", -61, -74, -48,
                 (stasis->tumour_perfusion_left / stasis->tumour_perfusion - 1) / ST_PERCENT, "%",
                 "22 hepatocellular carcinomas after TACE; here both supplies, all tumours, after the last session.");
}

st_status check_infusion(validation *v) {
    st_plan lobar = {0}, feeders = {0};
    st_agent agent;
    treatment wide = {0}, planned = {0}, narrow = {0}, substasis = {0}, stasis = {0};
    const st_plan first = {v->plan.sessions, 1};
    st_status status;
    if ((status = st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &v->err)) != ST_OK ||
        (status = st_plan_given(&v->tree, v->liver.n_lesions, &v->lobar_tip, 1, &lobar, &v->err)) != ST_OK ||
        (status = treat(v, &lobar, &agent, ST_ENDPOINT_STASIS, &wide)) != ST_OK ||
        (status = feeders_plan(v, &feeders)) != ST_OK ||
        (status = treat(v, &first, &agent, ST_ENDPOINT_STASIS, &planned)) != ST_OK ||
        (status = treat(v, &feeders, &agent, ST_ENDPOINT_STASIS, &narrow)) != ST_OK ||
        (status = treat(v, &v->plan, &agent, ST_ENDPOINT_SUBSTASIS, &substasis)) != ST_OK ||
        (status = treat(v, &v->plan, &agent, ST_ENDPOINT_STASIS, &stasis)) != ST_OK ||
        (status = check_microvessels(v, &substasis, &stasis)) != ST_OK)
        goto done;
    check_selectivity(v, &wide, &planned, &narrow);
    check_perfusion(v, &stasis);
done:
    treatment_fini(&wide);
    treatment_fini(&planned);
    treatment_fini(&narrow);
    treatment_fini(&substasis);
    treatment_fini(&stasis);
    st_plan_fini(&lobar);
    st_plan_fini(&feeders);
    return status;
}
