/* V1, V4, V8, V9, V19: where the particles go, and what they close.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one treatment -------------------------------------------------------- */

static st_status infuse_plan(validation *v, const st_plan *plan, const st_agent *agent, st_endpoint endpoint,
                             st_bed *bed, treatment *t) {
    uint64_t item = 0;
    for (size_t s = 0; s < plan->n_sessions; s++)
        for (size_t i = 0; i < plan->sessions[s].n_tips; i++, item++) {
            const st_injection order = {
                .agent = agent, .tip = plan->sessions[s].tips[i].segment, .endpoint = endpoint, .seed = 1, .item = item};
            st_infusion infusion;
            double flow;
            st_status status = st_bed_flow_at(bed, order.tip, &flow, &v->err);
            if (status == ST_OK && flow <= 0)
                continue; /* an earlier tip closed it */
            if (status == ST_OK)
                status = st_infuse(bed, &order, NULL, &infusion, &v->err);
            if (status != ST_OK)
                return status;
            t->particles.injected += infusion.particles.injected;
            t->particles.lodged_tumour += infusion.particles.lodged_tumour;
            t->particles.lodged_normal += infusion.particles.lodged_normal;
            if (item == 0)
                t->first = infusion;
            else
                st_infusion_fini(&infusion);
        }
    return ST_OK;
}

/* beyond[i]: segment i is a tip of the plan or lies beyond one. */
static void mark_beyond(const st_tree *tree, const st_plan *plan, bool *beyond) {
    for (size_t s = 0; s < plan->n_sessions; s++)
        for (size_t i = 0; i < plan->sessions[s].n_tips; i++)
            beyond[plan->sessions[s].tips[i].segment] = true;
    for (uint32_t i = 0; i < tree->n; i++)
        beyond[i] = beyond[i] || (tree->parent[i] != ST_NONE && beyond[tree->parent[i]]);
}

static st_status count_closed(validation *v, const st_plan *plan, treatment *t) {
    bool *beyond = st_alloc(v->tree.n, sizeof *beyond, &v->err);
    if (beyond == NULL)
        return ST_MEMORY;
    mark_beyond(&v->tree, plan, beyond);
    size_t all = 0, closed = 0;
    for (uint32_t i = 0; i < v->tree.n; i++)
        if (st_tree_is_terminal(&v->tree, i) && v->tree.lesion[i] != 0 && beyond[i]) {
            all++;
            closed += t->q[i] <= 0;
        }
    t->tumour_closed = all > 0 ? (double)closed / (double)all : 0;
    free(beyond);
    return ST_OK;
}

static double tumour_mean(const validation *v, const st_tissue *tissue, const float *arterial) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < tissue->voxels; i++)
        if (v->liver.tissue[i] == ST_TUMOUR) {
            sum += (double)arterial[i] + (double)tissue->portal[i];
            n++;
        }
    return n > 0 ? sum / (double)n : 0;
}

static st_status starve(validation *v, treatment *t) {
    st_tissue tissue = {0};
    st_tissue_summary summary = {0};
    st_status status = st_tissue_init(&v->liver, &v->tree, &v->parameters, 0, &tissue, &v->err);
    if (status != ST_OK)
        return status;
    st_tissue_update(&tissue, &v->liver, &v->tree, &v->parameters, t->q,
                     st_parameter_value(&v->parameters, ST_P_SESSION_INTERVAL), 0);
    t->tumour_perfusion = tumour_mean(v, &tissue, tissue.arterial_baseline);
    t->tumour_perfusion_left = tumour_mean(v, &tissue, tissue.arterial);
    if ((status = st_tissue_summarise(&tissue, &v->liver, &summary, &v->err)) == ST_OK) {
        t->lesion_necrosis = summary.lesion_necrosis;
        summary.lesion_necrosis = NULL;
    }
    st_tissue_summary_fini(&summary);
    st_tissue_fini(&tissue);
    return status;
}

st_status treat(validation *v, const st_plan *plan, const st_agent *agent, st_endpoint endpoint, treatment *t) {
    st_bed *bed = NULL;
    t->q = st_alloc(v->tree.n, sizeof *t->q, &v->err);
    st_status status = t->q != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = st_bed_new(&v->tree, &v->parameters, st_agent_smallest(agent), 1, &bed, &v->err);
    if (status == ST_OK)
        status = infuse_plan(v, plan, agent, endpoint, bed, t);
    if (status == ST_OK)
        status = st_bed_flow(bed, t->q, NULL, &v->err);
    if (status == ST_OK)
        status = count_closed(v, plan, t);
    if (status == ST_OK)
        status = starve(v, t);
    st_bed_free(bed);
    return status;
}

void treatment_fini(treatment *t) {
    st_infusion_fini(&t->first);
    free(t->q);
    free(t->lesion_necrosis);
}

/* ---- V1: particle share against flow share ---------------------------------- */

#define DOSES 60
/* Shares of the flow at the tip; these leave about as many outlets as published work has, 17 to 48. */
#define OUTLET_MOST  0.06
#define OUTLET_LEAST 0.01

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Particles of DOSES small infusions, each into the untouched bed, in or beyond each segment. */
static st_status small_doses(validation *v, uint32_t tip, double *through) {
    st_agent agent;
    const double limit = v->parameters.item[ST_P_DOSE_LIMIT].value;
    uint32_t *lodged = st_alloc(v->tree.n, sizeof *lodged, &v->err);
    double *volume = st_alloc(v->tree.n, sizeof *volume, &v->err);
    st_status status = lodged != NULL && volume != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &v->err);
    v->parameters.item[ST_P_DOSE_LIMIT].value = v->parameters.item[ST_P_DOSE_LIMIT].low;
    for (uint64_t dose = 0; dose < DOSES && status == ST_OK; dose++) {
        const st_injection order = {
            .agent = &agent, .tip = tip, .endpoint = ST_ENDPOINT_STASIS, .seed = 1, .item = dose};
        st_infusion infusion = {0};
        st_bed *bed = NULL;
        if ((status = st_bed_new(&v->tree, &v->parameters, st_agent_smallest(&agent), 1, &bed, &v->err)) == ST_OK)
            status = st_infuse(bed, &order, NULL, &infusion, &v->err);
        if (status == ST_OK)
            st_bed_lodged(bed, lodged, volume);
        for (uint32_t i = 0; i < v->tree.n && status == ST_OK; i++)
            through[i] += lodged[i];
        st_infusion_fini(&infusion);
        st_bed_free(bed);
    }
    v->parameters.item[ST_P_DOSE_LIMIT].value = limit;
    for (uint32_t i = v->tree.n; i-- > 0 && status == ST_OK;)
        if (v->tree.parent[i] != ST_NONE)
            through[v->tree.parent[i]] += through[i];
    free(lodged);
    free(volume);
    return status;
}

static st_status check_routing(validation *v, uint32_t tip) {
    const st_tree *tree = &v->tree;
    double *through = st_alloc(tree->n, sizeof *through, &v->err);
    double *difference = st_alloc(tree->n, sizeof *difference, &v->err);
    st_status status = through != NULL && difference != NULL ? small_doses(v, tip, through) : ST_MEMORY;
    size_t n = 0;
    /* Outlets: the first vessels beyond the tip that carry no more than OUTLET_MOST. */
    const bool infused = status == ST_OK;
    for (uint32_t i = tip + 1; infused && i < tree->n && tree->parent[i] >= tip; i++) { /* depth first: all beyond it */
        const double share = v->q[i] / v->q[tip], above = v->q[tree->parent[i]] / v->q[tip];
        if (share >= OUTLET_LEAST && share <= OUTLET_MOST && above > OUTLET_MOST)
            difference[n++] = fabs(through[i] / through[tip] - share) / ST_PERCENT;
    }
    if (n > 0) {
        qsort(difference, n, sizeof *difference, by_value);
        add_below(v, "V1", "particle share against flow share at the outlets, median difference", 0.62,
                  difference[n / 2], "%",
                  "%zu outlets beyond a lobar tip, %.0f particles; published 0.40 planar, 0.62 by catheter. Routing by "
                  "flow share is assumed: what is left is chance and the flow that the particles divert.",
                  n, through[tip]);
    }
    free(through);
    free(difference);
    return status;
}

/* ---- V4, V8, V9, V19: the plan's tips, and a lobar one ------------------------ */

static double tumour_share(const st_particles *p) {
    return (double)p->lodged_tumour / (double)p->injected / ST_PERCENT;
}

static void check_selectivity(validation *v, const treatment *lobar, const treatment *planned,
                              const treatment *selective) {
    const double wide = tumour_share(&lobar->particles), narrow = tumour_share(&selective->particles);
    static const char *const note = "One patient in the publication, of another anatomy.";
    add_interval(v, "V4", "particles in tumour, lobar tip", 22, 0, 0, wide, "%", "%s", note);
    add_interval(v, "V4", "particles in tumour, tips in the arteries of the lesions", 82, 0, 0, narrow, "%",
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
        const bool also_above = above != ST_NO_REACH && v->tree.tumour_demand[reach.segment[above]] >
                                                            v->tree.demand[reach.segment[above]] / 2;
        if (mostly && !also_above)
            tip[n++] = segment;
    }
    status = tip != NULL ? st_plan_given(&v->tree, v->liver.n_lesions, tip, n, plan, &v->err) : ST_MEMORY;
    free(tip);
    st_reach_fini(&reach);
    return status;
}

/* Pearson's r of the flow at the tip and the particles given, over the operator's curve. */
static double velocity_correlation(const st_infusion *infusion) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    const double n = (double)infusion->n_curve;
    for (size_t i = 0; i < infusion->n_curve; i++) {
        mx += (double)infusion->curve[i].injected / n;
        my += infusion->curve[i].tip_flow / n;
    }
    for (size_t i = 0; i < infusion->n_curve; i++) {
        const double x = (double)infusion->curve[i].injected - mx, y = infusion->curve[i].tip_flow - my;
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    return xy / sqrt(xx * yy);
}

static void check_closure(validation *v, const treatment *substasis, const treatment *stasis) {
    add_interval(v, "V8", "tumour microvessels lost at substasis", 37, 28, 46, substasis->tumour_closed / ST_PERCENT,
                 "%", "Rabbit VX2; here terminals that feed tumour beyond the tips and have no flow left.");
    add_interval(v, "V8", "tumour microvessels lost at stasis", 56, 48, 64, stasis->tumour_closed / ST_PERCENT, "%",
                 "A particle closes its vessel for good here, and none clump in the large ones.");
    add_interval(v, "V9", "change of tumour perfusion", -61, -74, -48,
                 (stasis->tumour_perfusion_left / stasis->tumour_perfusion - 1) / ST_PERCENT, "%",
                 "22 hepatocellular carcinomas after TACE; here both supplies, all tumours, after the last session.");
    /* 95 % limits of r = -0.86 for n = 8 by Fisher's z. */
    const double z = atanh(-0.86), half = 1.96 / sqrt(8 - 3);
    add_interval(v, "V19", "flow velocity in the fed artery against particles given, r", -0.86,
                 round(tanh(z - half) * 100) / 100, round(tanh(z + half) * 100) / 100,
                 velocity_correlation(&stasis->first), "1",
                 "Eight pigs; here the curve of the first tip, without the scatter of measurements and animals.");
}

static st_status lobar_plan(validation *v, st_plan *plan, uint32_t *tip) {
    const st_lobe lobe = v->plan.sessions[0].lobe;
    const st_status status = st_plan_lobar_tip(&v->liver, &v->tree, &v->parameters, lobe, tip, &v->err);
    if (status != ST_OK)
        return status;
    if (*tip == ST_NONE)
        return st_fail(&v->err, ST_NUMERIC, "no single vessel supplies the %s lobe", st_lobe_name(lobe));
    return st_plan_given(&v->tree, v->liver.n_lesions, tip, 1, plan, &v->err);
}

st_status check_infusion(validation *v) {
    st_plan lobar = {0}, feeders = {0};
    st_agent agent;
    treatment wide = {0}, planned = {0}, narrow = {0}, substasis = {0}, stasis = {0};
    uint32_t tip;
    const st_plan first = {v->plan.sessions, 1};
    st_status status;
    if ((status = st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &v->err)) != ST_OK ||
        (status = lobar_plan(v, &lobar, &tip)) != ST_OK || (status = check_routing(v, tip)) != ST_OK ||
        (status = treat(v, &lobar, &agent, ST_ENDPOINT_STASIS, &wide)) != ST_OK ||
        (status = feeders_plan(v, &feeders)) != ST_OK ||
        (status = treat(v, &first, &agent, ST_ENDPOINT_STASIS, &planned)) != ST_OK ||
        (status = treat(v, &feeders, &agent, ST_ENDPOINT_STASIS, &narrow)) != ST_OK ||
        (status = treat(v, &v->plan, &agent, ST_ENDPOINT_SUBSTASIS, &substasis)) != ST_OK ||
        (status = treat(v, &v->plan, &agent, ST_ENDPOINT_STASIS, &stasis)) != ST_OK)
        goto done;
    check_selectivity(v, &wide, &planned, &narrow);
    check_closure(v, &substasis, &stasis);
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
