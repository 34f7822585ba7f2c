/* What stasis tree --verify says of a tree, as text and as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stasis/units.h>

#include "tree_verify.h"

enum { LESIONS = UINT16_MAX + 1 };

/* One distribution: its name in JSON, what it is in text, and where it stands. */
static const struct spread_kind {
    const char *name, *text;
    size_t offset;
    double unit;
} spreads[] = {
    {"radius_ratio", "narrower to wider branch", offsetof(st_tree_morphometry, radius_ratio), 1},
    {"flow_share", "flow share of the lesser", offsetof(st_tree_morphometry, flow_share), 1},
    {"angle_degrees", "between branches, deg", offsetof(st_tree_morphometry, angle), 1},
    {"angle_wider_degrees", "wider off its parent, deg", offsetof(st_tree_morphometry, angle_wider), 1},
    {"angle_narrower_degrees", "narrower off it, deg", offsetof(st_tree_morphometry, angle_narrower), 1},
    {"path_length_mm", "path to a terminal, mm", offsetof(st_tree_morphometry, path_length), 1},
    {"path_segments", "path, segments", offsetof(st_tree_morphometry, path_segments), 1},
    {"terminal_flow_ml_min", "flow of a terminal, mL/min", offsetof(st_tree_morphometry, terminal_flow), ST_ML_MIN},
};
enum { SPREADS = sizeof spreads / sizeof *spreads };

static const st_spread *spread_at(const st_tree_morphometry *m, const struct spread_kind *kind) {
    return (const st_spread *)(const void *)((const char *)m + kind->offset);
}

/* ---- text ------------------------------------------------------------------------ */

static void print_faults(const st_tree_check *check) {
    printf("faults      ");
    for (int k = 0; k < ST_TREE_FAULTS; k++)
        if (check->fault[k].checked)
            printf(" %s %llu,", st_tree_fault_name((st_tree_fault_kind)k), (unsigned long long)check->fault[k].n);
    printf(" and not checked:");
    int left_out = 0;
    for (int k = 0; k < ST_TREE_FAULTS; k++)
        if (!check->fault[k].checked)
            printf("%s %s", left_out++ > 0 ? "," : "", st_tree_fault_name((st_tree_fault_kind)k));
    puts(left_out > 0 ? "" : " nothing");
}

static void print_orders(const st_tree_morphometry *m) {
    puts("order        elements   segments   diameter, mm (SD)     length, mm (SD)");
    for (unsigned k = m->orders; k >= 1; k--) {
        const st_strahler_row *row = &m->row[k];
        printf("%5u      %10u %10u   %8.4f (%.4f)   %9.3f (%.3f)\n", k, row->elements, row->segments,
               row->diameter_mean, row->diameter_sd, row->length_mean, row->length_sd);
    }
    printf("ratios       branching %.2f, diameter %.2f, length %.2f, from one order to the next\n", m->branching_ratio,
           m->diameter_ratio, m->length_ratio);
}

static void print_spreads(const st_tree_morphometry *m) {
    puts("spread                             mean         SD        5 %       50 %       95 %");
    for (int k = 0; k < SPREADS; k++) {
        const st_spread *s = spread_at(m, &spreads[k]);
        const double u = spreads[k].unit;
        printf("%-28s %10.4g %10.4g %10.4g %10.4g %10.4g\n", spreads[k].text, s->mean / u, s->sd / u, s->p5 / u,
               s->p50 / u, s->p95 / u);
    }
}

void tree_findings_print(const tree_findings *found) {
    const st_tree_check *check = &found->check;
    const st_tree_morphometry *m = &found->morphometry;
    printf("tree         %u segments, %u terminals, %u %s; %.4g mm3, %.4g mm\n", found->tree->n,
           found->tree->n_terminals, found->roots, found->roots == 1 ? "root" : "roots", m->volume, m->length);
    print_faults(check);
    printf(
        "errors       Murray's law %.2g, balance of flow %.2g at most; %u joints with a measured vessel not judged\n",
        check->fault[ST_FAULT_MURRAY].worst, check->fault[ST_FAULT_BALANCE].worst, check->measured_joints);
    print_orders(m);
    print_spreads(m);
}

/* ---- JSON ------------------------------------------------------------------------- */

static void add_faults(json_t *root, const st_tree_check *check) {
    for (int k = 0; k < ST_TREE_FAULTS; k++) {
        const st_tree_fault *fault = &check->fault[k];
        json_object_set_new(root, st_tree_fault_name((st_tree_fault_kind)k),
                            fault->checked ? json_integer((json_int_t)fault->n) : json_null());
    }
}

static json_t *orders_json(const st_tree_morphometry *m) {
    json_t *orders = json_array();
    for (unsigned k = 1; k <= m->orders; k++) {
        const st_strahler_row *row = &m->row[k];
        json_array_append_new(orders,
                              json_pack("{s:i, s:I, s:I, s:o, s:o, s:o, s:o}", "order", (int)k, "elements",
                                        (json_int_t)row->elements, "segments", (json_int_t)row->segments, "diameter_mm",
                                        st_json_real(row->diameter_mean), "diameter_sd_mm",
                                        st_json_real(row->diameter_sd), "length_mm", st_json_real(row->length_mean),
                                        "length_sd_mm", st_json_real(row->length_sd)));
    }
    return orders;
}

static json_t *spread_json(const st_spread *s, double unit) {
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "n", (json_int_t)s->n, "mean", st_json_real(s->mean / unit),
                     "sd", st_json_real(s->sd / unit), "p5", st_json_real(s->p5 / unit), "p50",
                     st_json_real(s->p50 / unit), "p95", st_json_real(s->p95 / unit));
}

static json_t *morphometry_json(const st_tree_morphometry *m) {
    json_t *object = json_pack("{s:o, s:o, s:o, s:o}", "strahler", orders_json(m), "branching_ratio",
                               st_json_real(m->branching_ratio), "diameter_ratio", st_json_real(m->diameter_ratio),
                               "length_ratio", st_json_real(m->length_ratio));
    for (int k = 0; k < SPREADS; k++)
        json_object_set_new(object, spreads[k].name, spread_json(spread_at(m, &spreads[k]), spreads[k].unit));
    return object;
}

/* Terminals and flow by what they feed; lesion 0 is normal liver. */
static json_t *lesions_json(const st_tree *tree) {
    static uint32_t terminals[LESIONS];
    static double flow[LESIONS];
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i)) {
            terminals[tree->lesion[i]]++;
            flow[tree->lesion[i]] += tree->demand[i];
        }
    json_t *lesions = json_array();
    for (int k = 0; k < LESIONS; k++)
        if (terminals[k] > 0)
            json_array_append_new(lesions, json_pack("{s:i, s:I, s:f}", "lesion", k, "terminals",
                                                     (json_int_t)terminals[k], "flow_ml_min", flow[k] / ST_ML_MIN));
    return lesions;
}

json_t *tree_findings_json(const tree_findings *found) {
    const st_tree *tree = found->tree;
    const st_tree_check *check = &found->check;
    const st_tree_morphometry *m = &found->morphometry;
    json_t *root =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:I, s:o, s:I, s:o, s:o}", "stasis_version",
                  st_version(), "tree", found->request->tree, "terminals", (json_int_t)tree->n_terminals, "segments",
                  (json_int_t)tree->n, "roots", (json_int_t)found->roots, "volume_mm3", m->volume, "length_mm",
                  m->length, "murray_worst", st_json_real(check->fault[ST_FAULT_MURRAY].worst), "imbalance_worst",
                  st_json_real(check->fault[ST_FAULT_BALANCE].worst), "measured_joints",
                  (json_int_t)check->measured_joints, "path_mean", st_json_real(m->path_segments.mean), "orders",
                  (json_int_t)m->orders, "lesions", lesions_json(tree), "morphometry", morphometry_json(m));
    add_faults(root, check);
    return root;
}
