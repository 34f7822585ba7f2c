/* The sessions of a run: every tip infused, then the tissue left to what blood it has.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "run_internal.h"

#include <stasis/units.h>

#include <string.h>

/* One step of the regimen through one tip. Its dose is for the session: tips share it by their flow. */
static st_injection injection_of(const run *r, const st_session *plan, const st_tip *tip, size_t step) {
    const st_case *c = r->c;
    double flow = 0;
    for (size_t t = 0; t < plan->n_tips; t++)
        flow += r->result->flow_before[plan->tips[t].segment];
    const double share = r->result->flow_before[tip->segment] / flow;
    st_injection injection = st_regimen_injection(&c->regimen, step, c->endpoint, share, tip->segment, &c->parameters);
    injection.seed = c->seed;
    injection.item = r->tips_done * ST_PROTOCOL_STEPS + step;
    return injection;
}

static st_status infuse_step(run *r, const st_injection *injection, size_t number, const st_progress *progress,
                             st_session_result *session) {
    st_infusion *infusion = &session->infusions[session->n_infusions];
    const st_status status = st_infuse(r->bed, injection, progress, infusion, r->err);
    if (status != ST_OK) {
        if (r->err != NULL && r->err->file[0] == 0)
            snprintf(r->err->file, sizeof r->err->file, "%s", r->c->file);
        return status;
    }
    session->n_infusions++;
    const st_particles *p = &infusion->particles;
    if (p->lodged_tumour + p->lodged_normal + p->refluxed + p->passed != p->injected)
        return st_fail(r->err, ST_NUMERIC, "particles are not conserved at tip %zu (segment %u)", number,
                       infusion->tip);
    st_particles_add(&session->particles, p);
    st_oil_add(&session->oil, &infusion->oil);
    if (infusion->kind == ST_AGENT_PARTICLES)
        session->embolic_volume += infusion->embolic_volume;
    if (infusion->kind == ST_AGENT_PARTICLES && strcmp(infusion->stopped_by, "endpoint") != 0)
        run_note(r, "Tip %zu (segment %u) did not come to %s: %s after %llu particles of %s.", number, infusion->tip,
                 st_endpoint_name(r->c->endpoint), infusion->stopped_by, (unsigned long long)p->injected,
                 infusion->agent);
    return ST_OK;
}

static st_status infuse_tip(run *r, const st_session *plan, const st_tip *tip, const st_progress *progress,
                            st_session_result *session) {
    const size_t number = r->tips_done + 1;
    st_status status = ST_OK;
    double flow;
    if ((status = st_bed_flow_at(r->bed, tip->segment, &flow, r->err)) != ST_OK)
        return status;
    for (size_t k = 0; k < r->c->regimen.n && status == ST_OK; k++) {
        const st_injection injection = injection_of(r, plan, tip, k);
        if (flow > 0) {
            status = infuse_step(r, &injection, number, progress, session);
        } else { /* an earlier tip closed it */
            st_infusion *none = &session->infusions[session->n_infusions++];
            *none = (st_infusion){.tip = tip->segment, .kind = injection.agent->kind, .stopped_by = "no flow"};
            snprintf(none->agent, sizeof none->agent, "%s", injection.agent->name);
        }
    }
    if (flow <= 0)
        run_note(r, "Tip %zu (segment %u) had no flow left: nothing was given.", number, tip->segment);
    r->tips_done++;
    return status;
}

/* Time over which the tissue of session `s` stays ischaemic before anything else happens to it: to the next
 * session, or to the last visit; a session after the last visit gets the interval before it. */
static double ischaemia_time(const run *r, size_t s) {
    const st_plan *plan = &r->result->plan;
    const double now = plan->sessions[s].time;
    if (s + 1 < plan->n_sessions)
        return plan->sessions[s + 1].time - now;
    const double left = r->c->weeks[r->c->n_weeks - 1] * ST_WEEK - now;
    return left > 0 || s == 0 ? left : now - plan->sessions[s - 1].time;
}

/* What a session killed, from the sums before it and after. */
static st_status measure_session(run *r, st_session_result *session) {
    st_result *result = r->result;
    st_tissue_summary now;
    st_status status = st_tissue_summarise(&result->tissue, &result->liver, &now, r->err);
    if (status != ST_OK)
        return status;
    for (size_t l = 0; l < result->liver.n_lesions; l++) {
        const double viable = 1 - result->summary.lesion_necrosis[l];
        const double killed = now.lesion_necrosis[l] - result->summary.lesion_necrosis[l];
        session->lesion_necrosis[l] = viable > 0 ? killed / viable : 0;
    }
    session->normal_necrotic_volume = now.normal_necrotic_volume - result->summary.normal_necrotic_volume;
    session->tumour_arterial_left = now.tumour_arterial_left;
    session->normal_arterial_left = now.normal_arterial_left;
    st_tissue_summary_fini(&result->summary);
    result->summary = now;
    return ST_OK;
}

static st_status infuse_session(run *r, size_t s) {
    const st_session *plan = &r->result->plan.sessions[s];
    st_result *result = r->result;
    st_session_result *session = &result->sessions[s];
    char stage[32];
    snprintf(stage, sizeof stage, "infusion %zu", s + 1);
    for (size_t t = 0; t < plan->n_tips; t++) {
        if (r->stop != NULL && *r->stop)
            return st_fail(r->err, ST_INTERRUPTED, "stopped before tip %zu of session %zu", t + 1, s + 1);
        span part = {r->progress, stage, (double)t / (double)plan->n_tips, (double)(t + 1) / (double)plan->n_tips};
        const st_progress progress = {run_report_span, &part};
        st_status status = infuse_tip(r, plan, &plan->tips[t], &progress, session);
        if (status != ST_OK)
            return status;
    }
    st_progress_report(r->progress, stage, 1);
    const st_status status = st_bed_flow(r->bed, result->flow_after, result->pressure_after, r->err);
    if (status != ST_OK)
        return status;
    st_bed_lodged(r->bed, result->lodged, result->lodged_volume);
    st_bed_oil(r->bed, result->oil);
    double before = 0, after = 0;
    for (size_t t = 0; t < plan->n_tips; t++) {
        before += result->flow_before[plan->tips[t].segment];
        after += result->flow_after[plan->tips[t].segment];
    }
    session->tip_flow_left = before > 0 ? after / before : 0;
    return ST_OK;
}

static st_status starve_session(run *r, size_t s) {
    st_result *result = r->result;
    char stage[32];
    snprintf(stage, sizeof stage, "tissue %zu", s + 1);
    st_progress_report(r->progress, stage, 0);
    st_tissue_update(&result->tissue, &result->liver, &result->tree, &r->c->parameters, result->flow_after,
                     ischaemia_time(r, s), r->threads);
    st_status status = measure_session(r, &result->sessions[s]);
    st_progress_report(r->progress, stage, 1);
    return status;
}

static st_status run_session(run *r, size_t s) {
    st_result *result = r->result;
    st_session_result *session = &result->sessions[s];
    session->infusions =
        st_alloc(result->plan.sessions[s].n_tips * r->c->regimen.n, sizeof *session->infusions, r->err);
    session->lesion_necrosis = st_alloc(result->liver.n_lesions, sizeof *session->lesion_necrosis, r->err);
    if (session->infusions == NULL || session->lesion_necrosis == NULL)
        return ST_MEMORY;
    const double begun = st_clock();
    st_status status = infuse_session(r, s);
    const double infused = st_clock();
    if (status == ST_OK)
        status = starve_session(r, s);
    result->timing.infusion += infused - begun;
    result->timing.tissue += st_clock() - infused;
    return status;
}

static void note_protocol(run *r) {
    const st_regimen *regimen = &r->c->regimen;
    for (size_t k = 0; k < regimen->n; k++) {
        if (regimen->step[k].agent.drug[0] != '\0')
            run_note(r, "%s: the effect of %s is not modelled; the necrosis is that of ischaemia alone.",
                     regimen->step[k].agent.name, regimen->step[k].agent.drug);
        if (regimen->step[k].agent.kind == ST_AGENT_OIL && regimen->step[k].dose > 0)
            run_note(r,
                     "%s: a dose of %.3g mL in a session is assumed by the protocol %s, shared among the tips by their "
                     "flow.",
                     regimen->step[k].agent.name, regimen->step[k].dose / ST_ML, regimen->protocol);
    }
}

st_status run_sessions(run *r) {
    st_result *result = r->result;
    result->sessions = st_alloc(result->plan.n_sessions, sizeof *result->sessions, r->err);
    if (result->sessions == NULL)
        return ST_MEMORY;
    if (result->plan.n_sessions > 0) /* before the notes on single tips, which may be many */
        note_protocol(r);
    st_status status = ST_OK;
    for (size_t s = 0; s < result->plan.n_sessions && status == ST_OK; s++)
        status = run_session(r, s);
    return status;
}
