/* stasis embolize: infuse an embolic through one tip of a tree, to the endpoint.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct embolize_options {
    const char *tree, *labels, *preset, *map, *agent, *agents, *protocol, *sizes, *endpoint, *output, *uncertainty,
        *samples_csv;
    int64_t tip, seed, samples, threads;
    double dose;
    st_option_list set;
    bool json, quiet;
} embolize_options;

static void embolize_defaults(void *options) {
    embolize_options *o = options;
    o->preset = ST_DEFAULT_PRESET;
    o->agent = ST_DEFAULT_AGENT;
    o->protocol = "TAE-bland";
    o->endpoint = st_endpoint_name(ST_ENDPOINT_STASIS);
    o->tip = -1;
    o->seed = 1;
}

/* What the infusions work on and leave. */
typedef struct embolization {
    st_parameters parameters;
    st_liver liver;
    st_tree tree;
    st_agent agent;
    st_regimen regimen;
    st_endpoint endpoint;
    st_bed *bed;
    double *before, *after; /* [segments] mm^3/s */
    uint32_t *lodged;
    double *lodged_volume;
    st_infusion infusion[ST_PROTOCOL_STEPS];
    st_uncertainty uncertainty;
    st_samples samples;
} embolization;

static void embolization_fini(embolization *e) {
    for (size_t k = 0; k < ST_PROTOCOL_STEPS; k++)
        st_infusion_fini(&e->infusion[k]);
    st_samples_fini(&e->samples);
    st_uncertainty_fini(&e->uncertainty);
    free(e->before);
    free(e->after);
    free(e->lodged);
    free(e->lodged_volume);
    st_bed_free(e->bed);
    st_tree_fini(&e->tree);
    st_liver_fini(&e->liver);
    st_parameters_fini(&e->parameters);
}

static st_status choose_agent(const embolize_options *o, const st_agents *agents, embolization *e, st_error *err) {
    double sizes[2];
    if (o->sizes == NULL)
        return st_agents_find(agents, o->agent, &e->agent, err);
    const st_status status = common_numbers("sizes", o->sizes, sizes, 2, err);
    return status == ST_OK ? st_agent_sized(sizes[0] * ST_UM, sizes[1] * ST_UM, &e->agent, err) : status;
}

static st_status choose_samples(const embolize_options *o, embolization *e, st_error *err) {
    if (o->samples == 0 && (o->uncertainty != NULL || o->samples_csv != NULL))
        return st_fail(err, ST_USAGE, "--%s needs --samples, the number of them",
                       o->uncertainty != NULL ? "uncertainty" : "samples-csv");
    return o->samples > 0 ? common_uncertainty(o->uncertainty, &e->parameters, &e->uncertainty, err) : ST_OK;
}

static st_status choose(const embolize_options *o, embolization *e, st_error *err) {
    st_agents agents = {0};
    for (int i = 0; i < ST_ENDPOINTS; i++)
        if (strcmp(o->endpoint, st_endpoint_name((st_endpoint)i)) == 0)
            e->endpoint = (st_endpoint)i;
    if (e->endpoint == ST_ENDPOINT_DOSE && !(o->dose > 0))
        return st_fail(err, ST_USAGE, "--endpoint dose needs --dose, the mL of suspension to infuse");
    st_status status = st_agents_init(&agents, err);
    if (status == ST_OK && o->agents != NULL)
        status = st_agents_add_file(&agents, o->agents, err);
    if (status == ST_OK)
        status = choose_agent(o, &agents, e, err);
    if (status == ST_OK)
        status = st_regimen_of(o->protocol, &e->agent, &agents, &e->regimen, err);
    st_agents_fini(&agents);
    if (status == ST_OK)
        e->regimen.step[e->regimen.n - 1].infused = o->dose * ST_ML;
    if (status == ST_OK)
        status = choose_samples(o, e, err);
    return status;
}

/* The tree knows its lesions from the label map: each terminal feeds the tissue it ends in. */
static st_status load(const embolize_options *o, embolization *e, st_error *err) {
    uint32_t without;
    st_status status = common_liver(o->labels, o->preset, o->map, &e->parameters, &e->liver, err);
    if (status == ST_OK)
        status = common_tree(o->tree, &e->liver, &e->parameters, &e->tree, &without, err);
    return status;
}

static st_status infuse(const embolize_options *o, embolization *e, const st_progress *progress, st_error *err) {
    const uint32_t n = e->tree.n;
    if ((e->before = st_alloc(n, sizeof *e->before, err)) == NULL ||
        (e->after = st_alloc(n, sizeof *e->after, err)) == NULL ||
        (e->lodged = st_alloc(n, sizeof *e->lodged, err)) == NULL ||
        (e->lodged_volume = st_alloc(n, sizeof *e->lodged_volume, err)) == NULL)
        return ST_MEMORY;
    const double width = st_regimen_width(&e->regimen, &e->parameters);
    st_status status = st_bed_new(&e->tree, &e->parameters, width, (uint64_t)o->seed, &e->bed, err);
    if (status == ST_OK)
        status = st_bed_flow(e->bed, e->before, NULL, err);
    for (size_t k = 0; k < e->regimen.n && status == ST_OK; k++) {
        st_injection injection = st_regimen_injection(&e->regimen, k, e->endpoint, 1, (uint32_t)o->tip, &e->parameters);
        injection.seed = (uint64_t)o->seed;
        injection.item = k;
        status = st_infuse(e->bed, &injection, progress, &e->infusion[k], err);
    }
    if (status == ST_OK)
        status = st_bed_flow(e->bed, e->after, NULL, err);
    if (status == ST_OK)
        st_bed_lodged(e->bed, e->lodged, e->lodged_volume);
    return status;
}

static st_status sample(const embolize_options *o, embolization *e, const st_progress *progress, st_error *err) {
    const uint32_t tip = (uint32_t)o->tip;
    const st_treatment treatment = {.regimen = e->regimen, .endpoint = e->endpoint, .tip = &tip, .n_tips = 1};
    st_status status =
        st_samples_run(&e->tree, &e->parameters, &treatment, &e->uncertainty, (size_t)o->samples, (uint64_t)o->seed,
                       (int)o->threads, progress, common_catch_interrupt(), &e->samples, err);
    if (status == ST_OK && o->samples_csv != NULL)
        status = st_samples_write_csv(o->samples_csv, &e->samples, err);
    return status;
}

static st_status answer_json(const embolize_options *o, const embolization *e, double tumour_left, double normal_left,
                             st_error *err) {
    json_t *root = st_infusions_json(e->infusion, e->regimen.n);
    json_object_set_new(root, "stasis_version", json_string(st_version()));
    json_object_set_new(root, "seed", json_integer((json_int_t)o->seed));
    json_object_set_new(root, "protocol", json_string(e->regimen.protocol));
    json_object_set_new(root, "endpoint", json_string(o->endpoint));
    json_object_set_new(root, "diameter_mm", st_json_real(2.0 * (double)e->tree.radius[o->tip]));
    json_object_set_new(root, "tumour_arterial_flow_left_percent", st_json_real(tumour_left));
    json_object_set_new(root, "normal_arterial_flow_left_percent", st_json_real(normal_left));
    if (o->samples > 0)
        json_object_set_new(root, "samples", st_samples_json(&e->samples));
    return common_print_json(root, err);
}

static void print_infusion(const st_infusion *i) {
    const st_particles *p = &i->particles;
    if (i->kind == ST_AGENT_OIL) {
        printf(
            "oil          %.3g mL of %s, %.3g min: %.3g mL in tumour, %.3g mL in normal liver, %.3g mL on its portal "
            "side, %.3g mL refluxed\n",
            i->oil.injected / ST_ML, i->agent, i->seconds / ST_MINUTE, i->oil.tumour / ST_ML, i->oil.normal / ST_ML,
            i->oil.portal / ST_ML, i->oil.refluxed / ST_ML);
        return;
    }
    const double all = p->injected > 0 ? (double)p->injected * ST_PERCENT : 1;
    printf("particles    %llu of %s: %.3g mL, in %.3g mL of suspension, %.3g min\n"
           "             %llu (%.0f %%) lodged in tumour vessels, %llu (%.0f %%) in normal liver, %llu went back past "
           "the tip, %llu passed every vessel\n",
           (unsigned long long)p->injected, i->agent, i->embolic_volume / ST_ML, i->suspension_volume / ST_ML,
           i->seconds / ST_MINUTE, (unsigned long long)p->lodged_tumour, (double)p->lodged_tumour / all,
           (unsigned long long)p->lodged_normal, (double)p->lodged_normal / all, (unsigned long long)p->refluxed,
           (unsigned long long)p->passed);
}

static void print_end(const embolize_options *o, const st_infusion *last) {
    const bool oil = last->kind == ST_AGENT_OIL;
    const st_endpoint endpoint = last->endpoint;
    if (strcmp(last->stopped_by, "endpoint") != 0)
        printf("end          no %s: %s", st_endpoint_name(endpoint), last->stopped_by);
    else if (endpoint == ST_ENDPOINT_DOSE)
        printf("end          the dose of %.3g mL", o->dose);
    else
        printf("end          %s, %.3g heartbeats to clear the column of contrast", st_endpoint_name(endpoint),
               last->clearance_beats);
    if (oil)
        printf(", after %.3g mL of oil\n", last->oil.injected / ST_ML);
    else
        printf(", after %llu particles\n", (unsigned long long)last->particles.injected);
}

static st_status answer(const embolize_options *o, const embolization *e, st_error *err) {
    double tumour[2], normal[2];
    st_tree_supply(&e->tree, e->before, &tumour[0], &normal[0]);
    st_tree_supply(&e->tree, e->after, &tumour[1], &normal[1]);
    const double tumour_left = tumour[1] / tumour[0] / ST_PERCENT, normal_left = normal[1] / normal[0] / ST_PERCENT;
    if (o->json)
        return answer_json(o, e, tumour_left, normal_left, err);
    const st_infusion *first = &e->infusion[0], *last = &e->infusion[e->regimen.n - 1];
    printf("tip          segment %u, %.2f mm; beside the catheter %.4g mL/min flow before, %.4g after\n", last->tip,
           2.0 * (double)e->tree.radius[last->tip], first->tip_flow_before / ST_ML_MIN,
           last->tip_flow_after / ST_ML_MIN);
    for (size_t k = 0; k < e->regimen.n; k++)
        print_infusion(&e->infusion[k]);
    print_end(o, last);
    puts("in the whole liver, once the catheter is out:");
    if (tumour[0] > 0)
        printf("tumour       %.1f %% of its arterial flow left\n", tumour_left);
    if (normal[0] > 0)
        printf("normal liver %.1f %% of its arterial flow left\n", normal_left);
    if (o->samples > 0)
        common_print_samples(&e->samples);
    puts("(all simulated)");
    return ST_OK;
}

static st_status embolize_run(const void *options, st_error *err) {
    const embolize_options *o = options;
    embolization e = {0};
    st_meter *meter = st_meter_new(stderr, o->quiet);
    const st_progress progress = st_meter_progress(meter);
    st_status status;
    if (o->labels == NULL) {
        status = st_fail(err, ST_USAGE, "--labels is missing: the label map says which vessels feed tumour");
        goto done;
    }
    if (o->tip < 0) {
        status = st_fail(err, ST_USAGE, "--tip is missing: the segment of the tree in which the catheter tip stands");
        goto done;
    }
    if ((status = common_parameters(&o->set, &e.parameters, err)) != ST_OK || (status = choose(o, &e, err)) != ST_OK ||
        (status = load(o, &e, err)) != ST_OK || (status = infuse(o, &e, &progress, err)) != ST_OK)
        goto done;
    if (o->output != NULL) {
        const st_tree_fields fields = {.flow = e.after, .lodged = e.lodged};
        if ((status = st_tree_write_vtp(o->output, &e.tree, &fields, err)) != ST_OK)
            goto done;
    }
    if (o->samples > 0 && (status = sample(o, &e, &progress, err)) != ST_OK)
        goto done;
    status = answer(o, &e, err);
done:
    st_meter_free(meter);
    embolization_fini(&e);
    return status;
}

static const st_argument embolize_arguments[] = {
    {"TREE", "tree as stasis tree writes it: .vtp, .nodes.csv, .gxl or .swc", offsetof(embolize_options, tree), false},
    {0}};

static const st_option embolize_option[] = {
    {"labels", 0, ST_OPTION_FILE, "FILE", "label map of the organ, .nii or .nii.gz; must be given",
     offsetof(embolize_options, labels), 0, 0, NULL},
    {"tip", 0, ST_OPTION_INTEGER, "SEG",
     "segment in which the catheter tip stands: its number in TREE, from 0 (a cell of .vtp, an edge of .edges.csv); "
     "must be given",
     offsetof(embolize_options, tip), 0, 4294967294.0, NULL},
    {"agent", 0, ST_OPTION_TEXT, "NAME", "embolic agent: the particles, \"*\" in a protocol (see stasis agents)",
     offsetof(embolize_options, agent), 0, 0, NULL},
    {"agents", 0, ST_OPTION_FILE, "FILE", "agents of your own, .csv (docs/embolic.md)",
     offsetof(embolize_options, agents), 0, 0, NULL},
    {"protocol", 0, ST_OPTION_TEXT, "NAME", "what is infused through the tip, in order (see stasis agents)",
     offsetof(embolize_options, protocol), 0, 0, NULL},
    {"sizes", 0, ST_OPTION_TEXT, "MIN,MAX", "rigid particles of these diameters instead of an agent, um",
     offsetof(embolize_options, sizes), 0, 0, NULL},
    {"endpoint", 0, ST_OPTION_CHOICE, "NAME", "when to stop particles", offsetof(embolize_options, endpoint), 0, 0,
     "stasis,near-stasis,substasis,dose"},
    {"dose", 0, ST_OPTION_NUMBER, "ML",
     "most that the last infusion gives, mL of suspension or of oil; 0: to the endpoint",
     offsetof(embolize_options, dose), 0, 1000, NULL},
    {"output", 'o', ST_OPTION_FILE, "FILE", "tree with the flow left and the particles lodged, .vtp",
     offsetof(embolize_options, output), 0, 0, NULL},
    {"samples", 0, ST_OPTION_INTEGER, "N",
     "infuse N times more with uncertain numbers drawn anew: median, 90 % interval and driver of each result; 0: none",
     offsetof(embolize_options, samples), 0, ST_SAMPLES_MOST, NULL},
    {"samples-csv", 0, ST_OPTION_FILE, "FILE", "each sample as a row of a table, .csv",
     offsetof(embolize_options, samples_csv), 0, 0, NULL},
    {"uncertainty", 0, ST_OPTION_FILE, "FILE",
     "what varies and how, .csv, in place of the built-in table (docs/embolic.md)",
     offsetof(embolize_options, uncertainty), 0, 0, NULL},
    {"threads", 0, ST_OPTION_INTEGER, "N", "samples at a time; 0: as many as the machine has cores; none depends on it",
     offsetof(embolize_options, threads), 0, 1024, NULL},
    {"preset", 0, ST_OPTION_TEXT, "NAME", "meaning of the labels, by name (docs/formats.md)",
     offsetof(embolize_options, preset), 0, 0, NULL},
    {"map", 0, ST_OPTION_FILE, "FILE", "meaning of the labels, from a JSON file instead",
     offsetof(embolize_options, map), 0, 0, NULL},
    {"seed", 0, ST_OPTION_INTEGER, "S", "seed of the random numbers", offsetof(embolize_options, seed), 0, 9e18, NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)",
     offsetof(embolize_options, set), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print the account and the curve as JSON", offsetof(embolize_options, json), 0, 0,
     NULL},
    {"quiet", 'q', ST_OPTION_FLAG, NULL, "no progress on standard error", offsetof(embolize_options, quiet), 0, 0,
     NULL},
    {0}};

const st_command command_embolize = {
    .name = "embolize",
    .summary = "infuse an embolic through a tip of a tree, to stasis",
    .description = "Follows every particle from the catheter tip to where it lodges in a plug, lets the flow "
                   "redistribute at once, and stops at the endpoint that the operator would see. A protocol may give "
                   "oil before. Prints what came to rest where and what flow is left.",
    .example = "stasis embolize tree.vtp --labels liver.nii.gz --tip 12 --agent pva-75-150",
    .arguments = embolize_arguments,
    .options = embolize_option,
    .size = sizeof(embolize_options),
    .defaults = embolize_defaults,
    .run = embolize_run,
};
