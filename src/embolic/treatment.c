/* A treatment: every step of a regimen through every tip.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

st_injection st_regimen_injection(const st_regimen *regimen, size_t step, st_endpoint endpoint, double tips_share,
                                  uint32_t tip, const st_parameters *parameters) {
    const struct st_regimen_step *s = &regimen->step[step];
    const bool oil = s->agent.kind == ST_AGENT_OIL;
    const double diluted = oil ? s->dose : s->dose * st_parameter_value(parameters, ST_P_SUSPENSION_DILUTION);
    return (st_injection){.agent = &s->agent,
                          .tip = tip,
                          .endpoint = oil && endpoint != ST_ENDPOINT_DOSE ? ST_ENDPOINT_NEAR_STASIS : endpoint,
                          .dose = tips_share * (s->infused > 0 ? s->infused : diluted)};
}

/* Sums over the infusions. */
typedef struct account {
    st_particles particles;
    st_oil oil;
    double embolic, suspension; /* mm^3, of particles */
    double seconds;
    double tip_before, tip_after; /* mm^3/s */
} account;

static void add(account *a, const st_infusion *i) {
    st_particles_add(&a->particles, &i->particles);
    st_oil_add(&a->oil, &i->oil);
    a->seconds += i->seconds;
    if (i->kind == ST_AGENT_PARTICLES) {
        a->embolic += i->embolic_volume;
        a->suspension += i->suspension_volume;
    }
}

static st_status treat_tip(st_bed *bed, const st_parameters *parameters, const st_treatment *t, size_t number,
                           double share, uint64_t seed, account *a, st_error *err) {
    st_status status = ST_OK;
    double flow = 0;
    for (size_t k = 0; k < t->regimen.n && status == ST_OK; k++) {
        st_injection injection = st_regimen_injection(&t->regimen, k, t->endpoint, share, t->tip[number], parameters);
        st_infusion infusion = {0};
        injection.seed = seed;
        injection.item = number * ST_PROTOCOL_STEPS + k;
        if ((status = st_infuse(bed, &injection, NULL, &infusion, err)) == ST_OK)
            add(a, &infusion);
        if (k == 0)
            a->tip_before += infusion.tip_flow_before;
        flow = infusion.tip_flow_after;
        st_infusion_fini(&infusion);
    }
    a->tip_after += flow;
    return status;
}

/* Of the baseline flow of all tips of its session. */
static double share_of(const st_treatment *t, size_t number, const double *baseline) {
    double all = 0;
    for (size_t i = 0; i < t->n_tips; i++)
        if (t->session == NULL || t->session[i] == t->session[number])
            all += baseline[t->tip[i]];
    return baseline[t->tip[number]] / all;
}

static double percent(double part, double whole) {
    return whole > 0 ? part / whole / ST_PERCENT : NAN;
}

static bool has(const st_regimen *regimen, st_agent_kind kind) {
    for (size_t k = 0; k < regimen->n; k++)
        if (regimen->step[k].agent.kind == kind)
            return true;
    return false;
}

static void settle(const account *a, const st_regimen *regimen, const double before[2], const double after[2],
                   double *result) {
    const bool oil = has(regimen, ST_AGENT_OIL), particles = has(regimen, ST_AGENT_PARTICLES);
    const double injected = (double)a->particles.injected;
    result[ST_SAMPLE_PARTICLES] = particles ? injected : NAN;
    result[ST_SAMPLE_IN_TUMOUR] = percent((double)a->particles.lodged_tumour, injected);
    result[ST_SAMPLE_REFLUXED] = percent((double)a->particles.refluxed, injected);
    result[ST_SAMPLE_EMBOLIC] = particles ? a->embolic / ST_ML : NAN;
    result[ST_SAMPLE_SUSPENSION] = particles ? a->suspension / ST_ML : NAN;
    result[ST_SAMPLE_TIME] = a->seconds / ST_MINUTE;
    result[ST_SAMPLE_TIP_LEFT] = percent(a->tip_after, a->tip_before);
    result[ST_SAMPLE_TUMOUR_LEFT] = percent(after[0], before[0]);
    result[ST_SAMPLE_NORMAL_LEFT] = percent(after[1], before[1]);
    result[ST_SAMPLE_OIL] = oil ? a->oil.injected / ST_ML : NAN;
    result[ST_SAMPLE_OIL_TUMOUR] = percent(a->oil.tumour, a->oil.injected);
    result[ST_SAMPLE_OIL_NORMAL] = percent(a->oil.normal, a->oil.injected);
    result[ST_SAMPLE_OIL_PORTAL] = percent(a->oil.portal, a->oil.injected);
    result[ST_SAMPLE_OIL_REFLUXED] = percent(a->oil.refluxed, a->oil.injected);
}

/* A tip that an earlier one closed gets nothing, and counts with the flow it had. */
static st_status treat_all(st_bed *bed, const st_parameters *parameters, const st_treatment *t, uint64_t seed,
                           const double *baseline, account *a, st_error *err) {
    st_status status = ST_OK;
    for (size_t i = 0; i < t->n_tips && status == ST_OK; i++) {
        double flow;
        if ((status = st_bed_flow_at(bed, t->tip[i], &flow, err)) != ST_OK)
            break;
        if (flow > 0)
            status = treat_tip(bed, parameters, t, i, share_of(t, i, baseline), seed, a, err);
        else
            a->tip_before += baseline[t->tip[i]];
    }
    return status;
}

st_status treat(st_bed *bed, const st_tree *tree, const st_parameters *parameters, const st_treatment *treatment,
                uint64_t seed, double *result, st_error *err) {
    account a = {.seconds = 0};
    double before[2], after[2];
    double *q = st_alloc(tree->n, sizeof *q, err);
    st_status status = q != NULL ? st_bed_flow(bed, q, NULL, err) : ST_MEMORY;
    if (status == ST_OK) {
        st_tree_supply(tree, q, &before[0], &before[1]);
        status = treat_all(bed, parameters, treatment, seed, q, &a, err);
    }
    if (status == ST_OK)
        status = st_bed_flow(bed, q, NULL, err);
    if (status == ST_OK) {
        st_tree_supply(tree, q, &after[0], &after[1]);
        settle(&a, &treatment->regimen, before, after, result);
    }
    free(q);
    return status;
}
