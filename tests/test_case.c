/* The case: what is read and refused, and the promises of the whole chain on a small organ.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/case.h>
#include <stasis/units.h>
#include <stdio.h>
#include <unistd.h>

#include "support.h"

#define LABELS "test_case.nii.gz"
#define CASE   "test_case.json"
#define AGENTS "test_case.csv"
static st_error err;

static int set_up(void **state) {
    (void)state;
    st_labels labels = support_labels(1, 1.5, 2, 12);
    const bool written = st_labels_write(LABELS, &labels, &err) == ST_OK;
    st_labels_fini(&labels);
    return written ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    unlink(LABELS);
    unlink(CASE);
    unlink(AGENTS);
    return 0;
}

static void put_file(const char *name, const char *text) {
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static st_status read_text(const char *text, st_case *c) {
    put_file(CASE, text);
    err = (st_error){0};
    return st_case_read(CASE, c, &err);
}

#define ANATOMY "\"patient\": {}, \"anatomy\": {\"labels\": \"" LABELS "\", \"preset\": \"lits\"}"

static void a_short_case_gets_the_defaults(void **state) {
    (void)state;
    st_case c;
    assert_ok(read_text("{" ANATOMY "}", &c));
    assert_string_equal(c.id, "test_case");
    assert_string_equal(c.labels_file, LABELS);
    assert_string_equal(c.agent.name, ST_DEFAULT_AGENT);
    assert_true(c.tips_auto);
    assert_int_equal(c.sessions, 0);
    assert_int_equal(c.n_weeks, 3);
    assert_int_equal(c.modality, ST_TAE);
    assert_string_equal(c.regimen.protocol, "TAE");
    assert_int_equal(c.regimen.n, 2);
    assert_int_equal(c.regimen.step[0].agent.kind, ST_AGENT_OIL);
    assert_near(c.regimen.step[0].dose, 5 * ST_ML, 1e-12);
    assert_string_equal(c.regimen.step[1].agent.name, ST_DEFAULT_AGENT);
    st_case_fini(&c);
}

static void a_full_case_is_understood(void **state) {
    (void)state;
    st_case c;
    assert_ok(
        read_text("{\"case_id\": \"anna\", \"seed\": 9, \"patient\": {}, \"anatomy\": {\"labels\": \"" LABELS "\", "
                  "\"map\": {\"liver\": 1, \"tumour\": [2]}, \"root_lps_mm\": [1, 2, 3], \"variant\": \"drawn\"}, "
                  "\"treatment\": {\"modality\": \"TACE\", \"agent\": \"tag-300-500\", "
                  "\"tips\": [4, {\"point_lps_mm\": [0, 0, 0]}, \"right\"], \"endpoint\": \"substasis\", "
                  "\"terminals\": 5000}, \"follow_up_weeks\": [2, 8.5], \"parameters\": {\"inlet_pressure\": 80}}",
                  &c));
    assert_string_equal(c.id, "anna");
    assert_int_equal(c.seed, 9);
    assert_true(c.root_given);
    assert_string_equal(c.variant, ST_VARIANT_DRAWN);
    assert_int_equal(c.modality, ST_TACE);
    assert_int_equal(c.n_tips, 3);
    assert_int_equal(c.tips[0].kind, ST_TIP_SEGMENT);
    assert_int_equal(c.tips[1].kind, ST_TIP_POINT);
    assert_int_equal(c.tips[2].lobe, ST_LOBE_RIGHT);
    assert_int_equal(c.endpoint, ST_ENDPOINT_SUBSTASIS);
    assert_int_equal(c.terminals, 5000);
    assert_near(c.weeks[1], 8.5, 0);
    assert_near(st_parameter_value(&c.parameters, ST_P_INLET_PRESSURE), 80 * ST_MMHG, 1e-15);
    st_case_fini(&c);
}

static void broken_cases_are_refused_with_a_reason(void **state) {
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"[]", "one JSON object"},
        {"{}", "patient"},
        {"{\"patient\": {}}", "anatomy.labels is missing"},
        {"{" ANATOMY ", \"sed\": 1}", "did you mean \"seed\""},
        {"{" ANATOMY ", \"seed\": -1}", "out of its range"},
        {"{" ANATOMY ", \"treatment\": {\"agnt\": \"x\"}}", "did you mean \"agent\""},
        {"{" ANATOMY ", \"treatment\": {\"agent\": \"pva-75-15\"}}", "pva-75-150"},
        {"{" ANATOMY ", \"treatment\": {\"endpoint\": \"stais\"}}", "did you mean \"stasis\""},
        {"{" ANATOMY ", \"treatment\": {\"modality\": \"TARE\"}}", "TAE or TACE"},
        {"{" ANATOMY ", \"treatment\": {\"tips\": []}}", "list of 1 to"},
        {"{" ANATOMY ", \"treatment\": {\"tips\": [\"up\"]}}", "treatment.tips[0]"},
        {"{" ANATOMY ", \"treatment\": {\"agent\": \"xyzzy\"}}",
         CASE ": treatment.agent: no agent is called \"xyzzy\""},
        {"{" ANATOMY ", \"treatment\": {\"agent\": \"lipiodol\"}}", "treatment.agent: lipiodol is an oil"},
        {"{" ANATOMY ", \"treatment\": {\"protocol\": \"TAEE\"}}",
         CASE ": treatment.protocol: no protocol is called \"TAEE\"; did you mean \"TAE\""},
        {"{" ANATOMY ", \"treatment\": {\"endpoint\": \"dose\"}}", CASE ": treatment.endpoint: dose needs treatment.dose_ml"},
        {"{" ANATOMY ", \"treatment\": {\"agents\": 3}}", "treatment.agents: is a number; a text is wanted"},
        {"{" ANATOMY ", \"treatment\": {\"tips\": [{\"point_lps_mm\": [1, 2]}]}}", "three numbers"},
        {"{" ANATOMY ", \"treatment\": {\"tips\": [1], \"sessions\": 2}}", "one session"},
        {"{" ANATOMY ", \"treatment\": {\"sessions\": 99}}", "out of its range"},
        {"{" ANATOMY ", \"follow_up_weeks\": [4, 3]}", "ascending"},
        {"{" ANATOMY ", \"follow_up_weeks\": []}", "ascending"},
        {"{" ANATOMY ", \"parameters\": {\"heart_rat\": 60}}", "heart_rate"},
        {"{" ANATOMY ", \"parameters\": {\"heart_rate\": 600}}", "40 to 140"},
        {"{" ANATOMY ", \"case_id\": \"a/b\"}", "no slash"},
        {"{\"patient\": {}, \"anatomy\": {\"labels\": \"x\", \"preset\": \"lit\"}}", "lits"},
        {"{\"patient\": {}, \"anatomy\": {\"labels\": \"x\", \"preset\": \"lits\", \"map\": {}}}", "one of them"},
        {"{\"patient\": {}, \"anatomy\": {\"labels\": \"x\", \"variant\": \"michel-3\"}}",
         "anatomy.variant: no variant of the hepatic arteries is called \"michel-3\"; did you mean \"michels-3\""},
        {"{\"patient\": {}, \"anatomy\": {\"labels\": \"x\", \"variant\": 3}}", "variant"},
        {"{\"patient\": {\"agee\": 1}, \"anatomy\": {\"labels\": \"x\"}}", "age"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        st_case c;
        char text[1024];
        const st_status status = read_text(cases[i].text, &c);
        st_error_text(&err, text, sizeof text);
        if (status != ST_VALUE || !strstr(text, cases[i].reason) || !strstr(text, CASE))
            fail_msg("case %zu: status %d, \"%s\" instead of \"%s\"", i, (int)status, text, cases[i].reason);
    }
    st_case c;
    assert_int_equal(read_text("{\"patient\": {},\n  \"anatomy\": }", &c), ST_FORMAT);
    assert_int_equal(err.line, 2);
}

#define OWN_AGENTS ANATOMY ", \"treatment\": {\"agents\": \"" AGENTS "\", \"agent\": \"mine\"}"

static void agents_of_ones_own_are_read_beside_the_case(void **state) {
    (void)state;
    st_case c;
    put_file(AGENTS, "name,d_min_um,d_max_um,deformation\nmine,120,180,0.1\nlipiodol,20,30,0\n");
    assert_ok(read_text("{" OWN_AGENTS "}", &c));
    assert_string_equal(c.agent.name, "mine");
    assert_near(c.agent.d_min, 0.12, 1e-12);
    assert_string_equal(c.regimen.step[1].agent.name, "mine");
    assert_int_equal(c.regimen.step[0].agent.kind, ST_AGENT_PARTICLES); /* theirs takes the place of ours */
    st_case_fini(&c);
    put_file(AGENTS, "name,d_min_um,d_max_um,d_mean_um,d_sd_um\nmine,120,180,190,5\n");
    assert_int_equal(read_text("{" OWN_AGENTS "}", &c), ST_VALUE);
    char text[1024];
    st_error_text(&err, text, sizeof text);
    assert_non_null(strstr(text, AGENTS ":2: d_mean_um: takes 120 to 180, not 190"));
    put_file(AGENTS, "name,d_min_um,d_max_um\nother,120,180\n");
    assert_int_equal(read_text("{" OWN_AGENTS "}", &c), ST_VALUE);
    st_error_text(&err, text, sizeof text);
    assert_non_null(strstr(text, CASE ": treatment.agent: no agent is called \"mine\""));
    unlink(AGENTS);
    assert_int_equal(read_text("{" OWN_AGENTS "}", &c), ST_IO);
    st_error_text(&err, text, sizeof text);
    assert_non_null(strstr(text, CASE ": treatment.agents: " AGENTS ": "));
}

/* The protocol of the modality's name, where none is named, and the modality of what is infused. */
static void modality_and_protocol_follow_each_other(void **state) {
    (void)state;
    static const struct {
        const char *treatment, *protocol, *first;
        st_modality modality;
    } cases[] = {
        {"", "TAE", "lipiodol", ST_TAE},
        {"\"modality\": \"TACE\"", "TACE", "lipiodol-doxorubicin", ST_TACE},
        {"\"protocol\": \"TAE-bland\"", "TAE-bland", ST_DEFAULT_AGENT, ST_TAE},
        {"\"protocol\": \"DEB-TACE\"", "DEB-TACE", "deb-100-300", ST_TACE},
        {"\"modality\": \"TAE\", \"protocol\": \"TACE-epirubicin\"", "TACE-epirubicin", "lipiodol-epirubicin", ST_TAE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        st_case c;
        char text[512];
        snprintf(text, sizeof text, "{" ANATOMY ", \"treatment\": {%s}}", cases[i].treatment);
        assert_ok(read_text(text, &c));
        assert_string_equal(c.regimen.protocol, cases[i].protocol);
        assert_string_equal(c.regimen.step[0].agent.name, cases[i].first);
        assert_int_equal(c.modality, cases[i].modality);
        st_case_fini(&c);
    }
}

/* ---- the chain ------------------------------------------------------------------ */

typedef struct done {
    st_case c;
    st_result r;
} done;

static done run_with(const char *treatment, const char *parameters, int threads) {
    char text[1024];
    done d;
    snprintf(text, sizeof text,
             "{" ANATOMY ", \"seed\": 3, \"treatment\": {\"agent\": \"pva-150-250\", "
             "\"terminals\": 12000%s}, \"parameters\": {\"microcatheter_diameter\": 0.5%s}}",
             treatment, parameters);
    assert_ok(read_text(text, &d.c));
    assert_ok(st_case_run(&d.c, threads, NULL, NULL, &d.r, &err));
    return d;
}

static done run(const char *treatment, int threads) {
    return run_with(treatment, "", threads);
}

static bool noted(const st_result *r, const char *a, const char *b) {
    for (size_t i = 0; i < r->n_notes; i++)
        if (strstr(r->notes[i], a) && strstr(r->notes[i], b))
            return true;
    return false;
}

static void done_free(done *d) {
    st_result_fini(&d->r);
    st_case_fini(&d->c);
}

static void everything_is_accounted_for(void **state) {
    (void)state;
    done d = run("", 0);
    const st_result *r = &d.r;
    assert_int_equal(r->liver.n_lesions, 2);
    assert_int_equal(r->plan.n_sessions, 2);
    uint64_t injected = 0, astray = 0, rest = 0;
    for (size_t s = 0; s < r->plan.n_sessions; s++) {
        const st_particles *p = &r->sessions[s].particles;
        assert_true(p->injected > 0);
        assert_int_equal(p->injected, p->lodged_tumour + p->lodged_normal + p->refluxed + p->passed);
        assert_true(r->plan.sessions[s].coverage >= 0.9);
        injected += p->injected;
        astray += p->passed + p->refluxed; /* refluxed ones may pass, too */
    }
    for (uint32_t i = 0; i < r->tree.n; i++)
        rest += r->lodged[i];
    assert_true(rest <= injected && rest + astray >= injected);
    for (uint32_t i = 0; i < r->tree.n; i++) {
        if (st_tree_is_terminal(&r->tree, i))
            continue;
        double out = 0;
        for (uint32_t child = r->tree.first_child[i]; child != ST_NONE; child = r->tree.next_sibling[child])
            out += r->flow_after[child];
        assert_true(fabs(out - r->flow_after[i]) <= 1e-12 * r->flow_before[i]);
    }
    const double voxel = st_geometry_voxel_volume(&r->liver.geometry);
    double killed = 0, tumour = 0;
    for (size_t i = 0; i < r->tissue.voxels; i++)
        if (r->liver.tissue[i] == ST_TUMOUR) {
            killed += (double)r->tissue.necrosis[i] * voxel;
            tumour += voxel;
        }
    assert_near(tumour, r->liver.tumour_volume, 1e-9);
    assert_near(r->summary.tumour_necrosis, killed / tumour, 1e-9);
    done_free(&d);
}

static void oil_adds_up(const st_oil *o) {
    assert_true(o->tumour >= 0 && o->normal >= 0 && o->portal >= 0 && o->refluxed >= 0);
    assert_true(fabs(o->tumour + o->normal + o->portal + o->refluxed - o->injected) <= 1e-9 * o->injected);
}

static void all_oil_is_somewhere(void **state) {
    (void)state;
    done d = run("", 0);
    double tissue = 0, held = 0;
    for (size_t s = 0; s < d.r.plan.n_sessions; s++) {
        const st_session_result *session = &d.r.sessions[s];
        const st_oil *o = &session->oil;
        assert_true(o->injected > 0 && o->injected <= 5 * ST_ML * (1 + 1e-12)); /* the dose of protocol TAE */
        oil_adds_up(o);
        assert_int_equal(session->n_infusions, 2 * d.r.plan.sessions[s].n_tips);
        for (size_t i = 0; i < session->n_infusions; i++)
            oil_adds_up(&session->infusions[i].oil);
        tissue += o->tumour + o->normal + o->portal;
    }
    for (uint32_t i = 0; i < d.r.tree.n; i++) {
        assert_true(d.r.oil[i] >= 0 && (d.r.oil[i] == 0 || st_tree_is_terminal(&d.r.tree, i)));
        held += d.r.oil[i];
    }
    assert_near(held, tissue, 1e-9);
    assert_true(noted(&d.r, "lipiodol", "assumed by the protocol TAE"));
    done_free(&d);
}

static void bland_means_no_oil(void **state) {
    (void)state;
    done d = run(", \"protocol\": \"TAE-bland\"", 0);
    for (size_t s = 0; s < d.r.plan.n_sessions; s++) {
        assert_true(d.r.sessions[s].oil.injected == 0);
        assert_true(d.r.sessions[s].particles.injected > 0);
    }
    for (uint32_t i = 0; i < d.r.tree.n; i++)
        assert_true(d.r.oil[i] == 0);
    assert_false(noted(&d.r, "lipiodol", ""));
    done_free(&d);
}

static void the_drug_is_given_and_its_effect_is_not_claimed(void **state) {
    (void)state;
    done d = run(", \"modality\": \"TACE\"", 0);
    assert_string_equal(d.r.sessions[0].infusions[0].agent, "lipiodol-doxorubicin");
    assert_true(d.r.sessions[0].oil.injected > 0);
    assert_true(noted(&d.r, "the effect of doxorubicin is not modelled", "ischaemia alone"));
    done_free(&d);
}

/* The account of a tip, as result.json has it: its steps summed, flow from before the first of them. */
static void a_tip_sums_its_infusions(void **state) {
    (void)state;
    done d = run(", \"sessions\": 1", 0);
    const st_infusion *step = d.r.sessions[0].infusions;
    json_t *root = NULL;
    assert_ok(st_result_json(&d.c, &d.r, &root, &err));
    const json_t *session = json_array_get(json_object_get(root, "sessions"), 0);
    const json_t *tip = json_array_get(json_object_get(session, "tips"), 0);
    assert_int_equal(json_array_size(json_object_get(tip, "infusions")), 2);
    assert_near(json_number_value(json_object_get(json_object_get(tip, "oil"), "injected_ml")),
                step[0].oil.injected / ST_ML, 1e-12);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(tip, "particles"), "injected")),
                     step[1].particles.injected);
    assert_near(json_number_value(json_object_get(tip, "tip_flow_before_ml_min")), step[0].tip_flow_before / ST_ML_MIN,
                1e-12);
    assert_true(step[1].tip_flow_before < step[0].tip_flow_before); /* oil flows less easily */
    json_decref(root);
    done_free(&d);
}

/* A dose that cannot reach the endpoint ends, and the note says after how many and why. */
static void a_dose_that_does_not_reach_stasis_is_told(void **state) {
    (void)state;
    done d = run_with(", \"protocol\": \"TAE-bland\", \"sessions\": 1", ", \"dose_limit\": 1000", 0);
    const st_session *plan = &d.r.plan.sessions[0];
    for (size_t t = 0; t < plan->n_tips; t++)
        assert_true(d.r.sessions[0].infusions[t].particles.injected <= 1000 + 50); /* the last clump counts whole */
    assert_string_equal(d.r.sessions[0].infusions[0].stopped_by, "dose limit");
    assert_true(noted(&d.r, "did not come to stasis: dose limit after 1", "particles of pva-150-250"));
    done_free(&d);
}

/* The tips of a session share the dose that is asked for, and stop with it. */
static void a_fixed_dose_is_given_and_no_more(void **state) {
    (void)state;
    done d = run(", \"protocol\": \"TAE-bland\", \"sessions\": 1, \"endpoint\": \"dose\", \"dose_ml\": 0.4", 0);
    const st_session_result *session = &d.r.sessions[0];
    double given = 0;
    for (size_t i = 0; i < session->n_infusions; i++) {
        assert_string_equal(session->infusions[i].stopped_by, "endpoint");
        given += session->infusions[i].suspension_volume;
    }
    const double clumps = 50.0 * (double)session->n_infusions; /* the last of each counts whole */
    assert_true(given >= 0.4 * ST_ML);
    assert_true(given <= 0.4 * ST_ML + clumps / st_agent_concentration(&d.c.agent, &d.c.parameters));
    done_free(&d);
}

static double tumour_share(const st_result *r) {
    const st_particles *p = &r->sessions[0].particles;
    return (double)p->lodged_tumour / (double)p->injected;
}

static void a_selective_tip_spares(void **state) {
    (void)state;
    done selective = run(", \"sessions\": 1", 0);
    const st_lobe lobe = selective.r.plan.sessions[0].lobe;
    done lobar = run(lobe == ST_LOBE_RIGHT ? ", \"tips\": \"right\"" : ", \"tips\": \"left\"", 0);
    print_message("# particles in tumour: %.3f selective, %.3f lobar\n", tumour_share(&selective.r),
                  tumour_share(&lobar.r));
    assert_true(tumour_share(&selective.r) > tumour_share(&lobar.r));
    assert_true(selective.r.sessions[0].normal_arterial_left > lobar.r.sessions[0].normal_arterial_left);
    done_free(&selective);
    done_free(&lobar);
}

/* One session in one lobe: its lesion starves, the other one keeps blood and life. */
static void what_no_tip_reaches_does_not_change(void **state) {
    (void)state;
    done d = run(", \"sessions\": 1", 0);
    const st_session *session = &d.r.plan.sessions[0];
    for (size_t l = 0; l < d.r.liver.n_lesions; l++) {
        double reached = 0;
        for (size_t t = 0; t < session->n_tips; t++)
            reached += session->tips[t].lesion_share[l];
        if (reached == 0 && d.r.sessions[0].particles.refluxed == 0)
            assert_true(d.r.summary.lesion_necrosis[l] == 0);
        if (reached > 0.9)
            assert_true(d.r.summary.lesion_necrosis[l] > 0.3);
    }
    assert_true(d.r.summary.normal_necrosis < d.r.summary.tumour_necrosis);
    done_free(&d);
}

static void threads_change_nothing(void **state) {
    (void)state;
    done a = run("", 1), b = run("", 2);
    json_t *x = NULL, *y = NULL;
    assert_ok(st_result_json(&a.c, &a.r, &x, &err));
    assert_ok(st_result_json(&b.c, &b.r, &y, &err));
    json_object_del(x, "timing_s");
    json_object_del(y, "timing_s");
    assert_true(json_equal(x, y));
    json_decref(x);
    json_decref(y);
    assert_memory_equal(a.r.tissue.necrosis, b.r.tissue.necrosis, a.r.tissue.voxels * sizeof(float));
    assert_memory_equal(a.r.tissue.oxygen, b.r.tissue.oxygen, a.r.tissue.voxels * sizeof(float));
    assert_memory_equal(a.r.lodged, b.r.lodged, a.r.tree.n * sizeof *a.r.lodged);
    assert_memory_equal(a.r.oil, b.r.oil, a.r.tree.n * sizeof *a.r.oil);
    done_free(&a);
    done_free(&b);
}

static void a_tip_far_from_every_vessel_is_refused(void **state) {
    (void)state;
    st_case c;
    st_result result;
    assert_ok(read_text(
        "{" ANATOMY ", \"treatment\": {\"terminals\": 500, \"tips\": [{\"point_lps_mm\": [0, 5000, 0]}]}}", &c));
    assert_int_equal(st_case_run(&c, 0, NULL, NULL, &result, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "within 20 mm of (0, 5000, 0)"));
    st_case_fini(&c);
}

/* The first vessel from the root that is narrower than `width` (mm). */
static uint32_t narrow_vessel(const st_tree *tree, double width) {
    uint32_t i = 0;
    while (i < tree->n && 2 * (double)tree->radius[i] >= width)
        i++;
    assert_int_not_equal(i, tree->n);
    return i;
}

static void refused(const char *treatment, const char *parameters, const char *reason) {
    char text[1024];
    st_case c;
    st_result result;
    snprintf(text, sizeof text,
             "{" ANATOMY ", \"seed\": 3, \"treatment\": {\"terminals\": 3000, %s}, \"parameters\": {%s}}", treatment,
             parameters);
    assert_ok(read_text(text, &c));
    assert_int_equal(st_case_run(&c, 0, NULL, NULL, &result, &err), ST_VALUE);
    st_error_text(&err, text, sizeof text);
    if (!strstr(text, reason) || !strstr(text, CASE))
        fail_msg("\"%s\" instead of \"%s\"", text, reason);
    st_case_fini(&c);
}

static void a_tip_that_cannot_be_used_is_refused(void **state) {
    (void)state;
    char treatment[256], reason[128];
    st_case c;
    st_result r;
    assert_ok(read_text("{" ANATOMY ", \"seed\": 3, \"treatment\": {\"terminals\": 3000, \"protocol\": \"TAE-bland\"}, "
                        "\"parameters\": {\"dose_limit\": 1000}}",
                        &c));
    assert_ok(st_case_run(&c, 0, NULL, NULL, &r, &err));
    const uint32_t narrow = narrow_vessel(&r.tree, 0.5), wide = narrow_vessel(&r.tree, 1.5);
    st_result_fini(&r);
    st_case_fini(&c);
    snprintf(treatment, sizeof treatment, "\"tips\": [%u]", narrow);
    snprintf(reason, sizeof reason, "tip %u cannot be reached", narrow);
    refused(treatment, "", reason);
    put_file(AGENTS, "name,d_min_um,d_max_um\ncoarse,400,1800\n");
    snprintf(treatment, sizeof treatment,
             "\"tips\": [%u], \"protocol\": \"TAE-bland\", \"agents\": \"" AGENTS "\", \"agent\": \"coarse\"", wide);
    refused(treatment, "\"microcatheter_diameter\": 0.5",
            "particles of coarse are up to 1800 um wide; the vessel of the tip");
}

static const json_t *first_lesion(const json_t *root) {
    return json_array_get(json_object_get(json_object_get(root, "liver"), "lesions"), 0);
}

/* Which artery reaches the lesions stands in the result, and that one from elsewhere needs its own angiogram. */
static void the_artery_of_a_lesion_is_told(void **state) {
    (void)state;
    static const char trunk[] = "hepatic trunk from the superior mesenteric artery";
    st_case c;
    st_result r;
    json_t *root = NULL;
    assert_ok(read_text("{\"patient\": {}, \"anatomy\": {\"labels\": \"" LABELS "\", \"preset\": \"lits\", "
                        "\"variant\": \"michels-9\"}, \"treatment\": {\"terminals\": 2000}}",
                        &c));
    assert_ok(st_case_run(&c, 0, NULL, NULL, &r, &err));
    assert_ok(st_result_json(&c, &r, &root, &err));
    const json_t *anatomy = json_object_get(root, "anatomy");
    assert_string_equal(json_string_value(json_object_get(anatomy, "variant")), "michels-9");
    assert_true(json_is_false(json_object_get(anatomy, "drawn")));
    assert_int_equal(json_array_size(json_object_get(anatomy, "arteries")), 1);
    const json_t *through = json_array_get(json_object_get(first_lesion(root), "reached_through"), 0);
    assert_string_equal(json_string_value(json_object_get(through, "artery")), trunk);
    assert_near(json_number_value(json_object_get(through, "share_percent")), 100, 1e-12);
    assert_true(noted(&r, "2 of 2 lesions", trunk) && noted(&r, trunk, "superior mesenteric angiogram"));
    json_decref(root);
    st_result_fini(&r);
    st_case_fini(&c);
}

static void a_stop_is_heard(void **state) {
    (void)state;
    st_case c;
    st_result result;
    const volatile int stop = 1;
    assert_ok(read_text("{" ANATOMY "}", &c));
    assert_int_equal(st_case_run(&c, 0, NULL, &stop, &result, &err), ST_INTERRUPTED);
    st_case_fini(&c);
}

static void a_liver_without_tumour_has_no_session(void **state) {
    (void)state;
    st_labels labels = support_labels(1, 2, 0, 0);
    assert_ok(st_labels_write("test_case_healthy.nii", &labels, &err));
    st_labels_fini(&labels);
    st_case c;
    st_result r;
    assert_ok(read_text("{\"patient\": {}, \"anatomy\": {\"labels\": \"test_case_healthy.nii\", \"preset\": \"lits\"}, "
                        "\"treatment\": {\"agent\": \"pva-300-500\"}}",
                        &c));
    assert_ok(st_case_run(&c, 0, NULL, NULL, &r, &err));
    assert_int_equal(r.plan.n_sessions, 0);
    assert_true(r.n_notes > 0);
    json_t *root = NULL;
    assert_ok(st_result_json(&c, &r, &root, &err));
    json_decref(root);
    st_result_fini(&r);
    st_case_fini(&c);
    unlink("test_case_healthy.nii");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_case_gets_the_defaults),
        cmocka_unit_test(a_full_case_is_understood),
        cmocka_unit_test(broken_cases_are_refused_with_a_reason),
        cmocka_unit_test(agents_of_ones_own_are_read_beside_the_case),
        cmocka_unit_test(modality_and_protocol_follow_each_other),
        cmocka_unit_test(everything_is_accounted_for),
        cmocka_unit_test(all_oil_is_somewhere),
        cmocka_unit_test(bland_means_no_oil),
        cmocka_unit_test(the_drug_is_given_and_its_effect_is_not_claimed),
        cmocka_unit_test(a_tip_sums_its_infusions),
        cmocka_unit_test(a_dose_that_does_not_reach_stasis_is_told),
        cmocka_unit_test(a_fixed_dose_is_given_and_no_more),
        cmocka_unit_test(a_selective_tip_spares),
        cmocka_unit_test(what_no_tip_reaches_does_not_change),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_tip_far_from_every_vessel_is_refused),
        cmocka_unit_test(a_tip_that_cannot_be_used_is_refused),
        cmocka_unit_test(the_artery_of_a_lesion_is_told),
        cmocka_unit_test(a_stop_is_heard),
        cmocka_unit_test(a_liver_without_tumour_has_no_session),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
