/* One treatment of the shared liver, from its untouched state.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <stdlib.h>

static st_status infuse_plan(validation *v, const st_plan *plan, const st_agent *agent, st_endpoint endpoint,
                             st_bed *bed, treatment *t) {
    uint64_t item = 0;
    for (size_t s = 0; s < plan->n_sessions; s++)
        for (size_t i = 0; i < plan->sessions[s].n_tips; i++, item++) {
            const st_injection order = {.agent = agent,
                                        .tip = plan->sessions[s].tips[i].segment,
                                        .endpoint = endpoint,
                                        .seed = 1,
                                        .item = item};
            st_infusion infusion;
            double flow;
            st_status status = st_bed_flow_at(bed, order.tip, &flow, &v->err);
            if (status == ST_OK && flow <= 0)
                continue; /* an earlier tip closed it */
            if (status == ST_OK)
                status = st_infuse(bed, &order, NULL, &infusion, &v->err);
            if (status != ST_OK)
                return status;
            st_particles_add(&t->particles, &infusion.particles);
            t->tips_before += infusion.tip_flow_before;
            t->tips_after += infusion.tip_flow_after;
            st_infusion_fini(&infusion);
        }
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
        status = starve(v, t);
    st_bed_free(bed);
    return status;
}

void treatment_fini(treatment *t) {
    free(t->q);
    free(t->lesion_necrosis);
}
