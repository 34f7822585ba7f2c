/* stasis tree: the growth of a tree, from the request to the answer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tree_grow.h"

#include <stasis/trunk.h>
#include <stasis/units.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* What the growth takes and what it gives. */
typedef struct growing {
    const tree_grow_request *request;
    const st_parameters *parameters;
    st_system system;
    st_liver liver;
    st_supply supply, portal_supply;
    st_tree trunk, avoid, tree, portal;
    st_trunk_report trunk_report;
    st_feeding *feeding;
    st_tree_growth growth, portal_growth;
    st_tree_measures measures, portal_measures;
    double *pressure;
    char unsolved[512]; /* why there is no pressure, "" when there is */
} growing;

static void growing_fini(growing *g) {
    st_liver_fini(&g->liver);
    st_supply_fini(&g->supply);
    st_supply_fini(&g->portal_supply);
    st_tree_fini(&g->trunk);
    st_tree_fini(&g->avoid);
    st_tree_fini(&g->tree);
    st_tree_fini(&g->portal);
    free(g->feeding);
    free(g->pressure);
}

/* ---- what is asked for --------------------------------------------------------- */

static st_status read_system(growing *g, st_error *err) {
    static const char *const known[] = {"artery", "portal"};
    for (int i = 0; i < 2; i++)
        if (strcmp(g->request->system, known[i]) == 0) {
            g->system = i == 0 ? ST_ARTERIAL : ST_PORTAL;
            return ST_OK;
        }
    return st_fail(err, ST_USAGE, "--system is \"artery\" or \"portal\", not \"%.40s\"", g->request->system);
}

static st_status refuse_together(const tree_grow_request *r, st_error *err) {
    const bool portal = strcmp(r->system, "portal") == 0;
    if (portal && r->variant != NULL)
        return st_fail(err, ST_USAGE, "--variant is of the arteries; the portal vein has none here");
    if (portal && r->portal != NULL)
        return st_fail(err, ST_USAGE, "--portal is for a portal vein beside arteries; --system portal grows it alone");
    if (r->trunk != NULL && r->variant != NULL)
        return st_fail(err, ST_USAGE, "--trunk and --variant each say where the vessels enter; give one of them");
    if (r->trunk != NULL && r->root != NULL)
        return st_fail(err, ST_USAGE, "--trunk and --root each say where the vessel enters; give one of them");
    return ST_OK;
}

static st_status find_supply(growing *g, st_error *err) {
    const tree_grow_request *r = g->request;
    st_variant variant;
    st_status status = ST_OK;
    if (r->root != NULL) {
        double root[3];
        if ((status = common_numbers("root", r->root, root, 3, err)) != ST_OK ||
            (status = st_liver_set_root(&g->liver, root, g->parameters, err)) != ST_OK)
            return status;
    }
    if (g->system == ST_PORTAL)
        return st_supply_portal(&g->liver, g->parameters, &g->supply, err);
    if (r->variant != NULL)
        status = st_variant_choose(r->variant, r->seed, &variant, err);
    return status == ST_OK
               ? st_supply_init(&g->liver, r->variant != NULL ? &variant : NULL, g->parameters, &g->supply, err)
               : status;
}

static st_status trunk_from_labels(growing *g, st_error *err) {
    st_label_map map;
    st_labels labels;
    st_status status = common_map(g->request->preset, g->request->map, &map, err);
    if (status == ST_OK)
        status = st_labels_read(g->request->labels, &labels, err);
    if (status != ST_OK)
        return status;
    const st_role role = g->system == ST_PORTAL ? ST_ROLE_PORTAL_VEIN : ST_ROLE_ARTERY;
    status = st_trunk_from_labels(&labels, &map, role, &g->liver, g->parameters, &g->trunk, &g->trunk_report, err);
    if (status != ST_OK && err->file[0] == 0)
        snprintf(err->file, sizeof err->file, "%s", g->request->labels);
    st_labels_fini(&labels);
    return status;
}

static st_status read_surroundings(growing *g, st_error *err) {
    const tree_grow_request *r = g->request;
    st_status status = ST_OK;
    if (r->trunk != NULL)
        status = strcmp(r->trunk, TREE_TRUNK_LABELS) == 0
                     ? trunk_from_labels(g, err)
                     : st_trunk_read(r->trunk, r->axes, &g->liver, g->parameters, &g->trunk, &g->trunk_report, err);
    if (status == ST_OK && r->avoid != NULL)
        status = st_tree_read(r->avoid, &g->avoid, err);
    if (status == ST_OK && r->feeders != NULL)
        status = tree_read_feeding(r->feeders, &g->liver, g->parameters, r->seed, &g->feeding, err);
    return status;
}

/* ---- growth --------------------------------------------------------------------- */

static double arterial_inflow(const growing *g) {
    const st_demand demand = st_demand_from_parameters(g->parameters);
    return st_demand_arterial_total(&demand, &g->liver);
}

/* The portal vein has as many terminals, its own inlet, and no trunk, feeders or variant. */
static st_status grow_both(growing *g, const st_tree_options *artery, const st_progress *progress, st_error *err) {
    st_tree_options options[2] = {*artery, *artery};
    st_tree tree[2];
    st_tree_growth growth[2];
    st_status status = st_supply_portal(&g->liver, g->parameters, &g->portal_supply, err);
    if (status != ST_OK)
        return status;
    options[1].system = ST_PORTAL;
    options[1].supply = &g->portal_supply;
    options[1].trunk = NULL;
    if (options[1].terminals == 0)
        options[1].terminals = st_tree_terminals_needed(g->parameters, ST_ARTERIAL, arterial_inflow(g));
    status = st_tree_grow_both(&g->liver, g->parameters, options, progress, tree, growth, err);
    g->tree = tree[0];
    g->portal = tree[1];
    g->growth = growth[0];
    g->portal_growth = growth[1];
    return status == ST_OK
               ? st_tree_measure(&g->portal, &g->liver, g->parameters, g->request->threads, &g->portal_measures, err)
               : status;
}

static st_status grow(growing *g, const st_progress *progress, st_error *err) {
    const tree_grow_request *r = g->request;
    const st_tree_options options = {
        .system = g->system,
        .supply = &g->supply,
        .trunk = r->trunk != NULL ? &g->trunk : NULL,
        .feeding = g->feeding,
        .avoid = r->avoid != NULL ? &g->avoid : NULL,
        .threads = r->threads,
        .terminals = r->terminals,
        .seed = r->seed,
    };
    st_status status = r->portal != NULL
                           ? grow_both(g, &options, progress, err)
                           : st_tree_grow(&g->liver, g->parameters, &options, progress, &g->tree, &g->growth, err);
    if (status == ST_OK)
        status = st_tree_measure(&g->tree, &g->liver, g->parameters, r->threads, &g->measures, err);
    return status;
}

/* A tree too narrow for its demand is a tree still, and is written without pressure. */
static st_status solve(growing *g, st_error *err) {
    if (g->system == ST_PORTAL) {
        snprintf(g->unsolved, sizeof g->unsolved, "the pressures of the portal vein are not modelled");
        return ST_OK;
    }
    g->pressure = st_alloc(g->tree.n, sizeof *g->pressure, err);
    if (g->pressure == NULL)
        return ST_MEMORY;
    const st_status status = st_flow_baseline(&g->tree, g->parameters, g->pressure, err);
    if (status != ST_NUMERIC)
        return status;
    snprintf(g->unsolved, sizeof g->unsolved, "%s", err->what);
    free(g->pressure);
    g->pressure = NULL;
    return ST_OK;
}

/* ---- answer ------------------------------------------------------------------------ */

static double peak_mb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static json_t *roots_json(const growing *g) {
    json_t *roots = json_array();
    for (uint32_t i = 0, k = 0; i < g->tree.n; i++)
        if (g->tree.parent[i] == ST_NONE) {
            const bool measured = g->request->trunk != NULL;
            json_array_append_new(roots, json_pack("{s:I, s:s?, s:f, s:f}", "segment", (json_int_t)i, "vessel",
                                                   measured ? NULL : g->supply.inlet[k].name, "diameter_mm",
                                                   2 * (double)g->tree.radius[i], "flow_ml_min",
                                                   g->tree.demand[i] / ST_ML_MIN));
            k++;
        }
    return roots;
}

static json_t *trunk_json(const growing *g) {
    const st_trunk_report *t = &g->trunk_report;
    if (g->request->trunk == NULL)
        return json_null();
    return json_pack("{s:s, s:I, s:I, s:f, s:I, s:f, s:I, s:I, s:I, s:I, s:f, s:f, s:I}", "from", g->request->trunk,
                     "pieces", (json_int_t)t->pieces, "pieces_left_out", (json_int_t)t->pieces_left_out,
                     "length_left_out_mm", t->length_left_out, "bridges", (json_int_t)t->bridges, "bridged_mm",
                     t->bridged_length, "loops_cut", (json_int_t)t->loops, "spurs_pruned", (json_int_t)t->spurs,
                     "forks_split", (json_int_t)t->forks_split, "touching", (json_int_t)t->touching, "length_mm",
                     t->length, "length_in_organ_mm", t->organ_length, "segments_without_terminal",
                     (json_int_t)g->growth.left_out);
}

static json_t *portal_json(const growing *g) {
    const st_tree_measures *m = &g->portal_measures;
    if (g->request->portal == NULL)
        return json_null();
    return json_pack("{s:s, s:I, s:I, s:f, s:f, s:f, s:I, s:I, s:I}", "output", g->request->portal, "terminals",
                     (json_int_t)g->portal.n_terminals, "segments", (json_int_t)g->portal.n, "volume_mm3", m->volume,
                     "root_diameter_mm", m->root_diameter, "smallest_diameter_um", m->smallest_diameter / ST_UM,
                     "crossings", (json_int_t)m->crossings, "outside", (json_int_t)m->outside, "relocated",
                     (json_int_t)g->portal_growth.relocated);
}

static st_status print_json(const growing *g, st_error *err) {
    const tree_grow_request *r = g->request;
    const st_tree_measures *m = &g->measures;
    return common_print_json(
        json_pack(
            "{s:s, s:I, s:s, s:s?, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:o, "
            "s:o, s:o, s:s, s:s?}",
            "stasis_version", st_version(), "seed", (json_int_t)r->seed, "system", st_system_name(g->system), "variant",
            g->supply.variant[0] != '\0' ? g->supply.variant : NULL, "terminals", (json_int_t)g->tree.n_terminals,
            "segments", (json_int_t)g->tree.n, "volume_mm3", m->volume, "length_mm", m->length, "root_diameter_mm",
            m->root_diameter, "smallest_diameter_um", m->smallest_diameter / ST_UM, "seconds", g->growth.seconds,
            "peak_mb", peak_mb(), "crossings", (json_int_t)m->crossings, "outside", (json_int_t)m->outside, "relocated",
            (json_int_t)g->growth.relocated, "orders", (json_int_t)m->orders, "feeders", (json_int_t)g->growth.feeders,
            "territories", (json_int_t)g->growth.territories, "roots", roots_json(g), "trunk", trunk_json(g), "portal",
            portal_json(g), "output", r->output, "unsolved", g->unsolved[0] != '\0' ? g->unsolved : NULL),
        err);
}

static void print_trunk(const growing *g) {
    const st_trunk_report *t = &g->trunk_report;
    printf("trunk        %.0f mm measured, %.0f mm of it in the organ; %u pieces, %u gaps bridged (%.1f mm), %u loops "
           "cut, %u spurs pruned\n",
           t->length, t->organ_length, t->pieces, t->bridges, t->bridged_length, t->loops, t->spurs);
    if (t->pieces_left_out + g->growth.left_out > 0)
        printf("left out     %u pieces too far away (%.0f mm), %u segments that lead out of the organ\n",
               t->pieces_left_out, t->length_left_out, g->growth.left_out);
}

static void print_text(const growing *g) {
    const st_tree *tree = &g->tree;
    const st_tree_measures *m = &g->measures;
    if (g->request->trunk != NULL)
        print_trunk(g);
    for (size_t k = 0; k < g->supply.n && g->request->trunk == NULL; k++)
        printf("%-12s %s\n", k == 0 ? "enters by" : "", g->supply.inlet[k].name);
    printf("terminals    %u, %u segments, Strahler order up to %u\n"
           "diameters    root %.2f mm, smallest %.0f um\n"
           "volume       %.4g mm3\n",
           tree->n_terminals, tree->n, m->orders, m->root_diameter, m->smallest_diameter / ST_UM, m->volume);
    if (g->growth.feeders > 0)
        printf("lesions      %zu with %u feeding arteries of their own\n", g->liver.n_lesions, g->growth.feeders);
    printf("checks       %llu crossings, %llu segments outside the organ, %u terminals relocated\n"
           "time         %.2f s\n"
           "written to   %s (%s)\n",
           (unsigned long long)m->crossings, (unsigned long long)m->outside, g->growth.relocated, g->growth.seconds,
           g->request->output, g->request->trunk != NULL ? "simulated beyond the measured trunk" : "simulated tree");
    if (g->unsolved[0] != '\0')
        printf("no pressure  %s\n", g->unsolved);
    if (g->request->portal != NULL)
        printf("portal vein  %u terminals, root %.2f mm, %.4g mm3, %llu crossings, %llu segments outside, written to "
               "%s\n",
               g->portal.n_terminals, g->portal_measures.root_diameter, g->portal_measures.volume,
               (unsigned long long)g->portal_measures.crossings, (unsigned long long)g->portal_measures.outside,
               g->request->portal);
}

st_status tree_grow(const tree_grow_request *request, const st_parameters *parameters, st_error *err) {
    growing g = {.request = request, .parameters = parameters};
    st_meter *meter = st_meter_new(stderr, request->quiet);
    const st_progress progress = st_meter_progress(meter);
    st_status status;
    if ((status = st_tree_name_check(request->output, err)) != ST_OK ||
        (request->portal != NULL && (status = st_tree_name_check(request->portal, err)) != ST_OK) ||
        (status = read_system(&g, err)) != ST_OK || (status = refuse_together(request, err)) != ST_OK ||
        (status = common_liver(request->labels, request->preset, request->map, parameters, &g.liver, err)) != ST_OK ||
        (status = find_supply(&g, err)) != ST_OK || (status = read_surroundings(&g, err)) != ST_OK ||
        (status = grow(&g, &progress, err)) != ST_OK || (status = solve(&g, err)) != ST_OK)
        goto done;
    const st_tree_fields fields = {.pressure = g.pressure};
    if ((status = st_tree_write(request->output, &g.tree, &fields, err)) != ST_OK ||
        (request->portal != NULL &&
         (status = st_tree_write(request->portal, &g.portal, &(st_tree_fields){0}, err)) != ST_OK))
        goto done;
    if (request->json)
        status = print_json(&g, err);
    else
        print_text(&g);
done:
    st_meter_free(meter);
    growing_fini(&g);
    return status;
}
