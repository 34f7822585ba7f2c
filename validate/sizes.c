/* sizes TABLE.csv FIGURE.svg: spheres of four sizes, to stasis, from a tip for about a lobe of one liver.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "made_up.h"
#include "sizes.h"

#include <stasis/units.h>

#include <stdlib.h>

const double size_um[SIZES][2] = {{40, 120}, {75, 150}, {100, 300}, {300, 500}};
/* Spheres of one material, so that the size alone differs. */
static const char MATERIAL[] = "tag-100-300";
#define TERMINALS 30000

typedef struct setting {
    st_parameters parameters;
    st_liver liver;
    st_agent agent[SIZES];
    st_error err;
} setting;

/* ---- what an infusion came to --------------------------------------------------------- */

static int by_width(const void *a, const void *b) {
    const double x = ((const st_plug *)a)->width, y = ((const st_plug *)b)->width;
    return (x > y) - (x < y);
}

static st_status depth_of(const st_bed *bed, double depth[3], st_error *err) {
    st_plug *plug = NULL;
    size_t n = 0;
    double all = 0, sum = 0;
    st_status status = st_bed_plugs(bed, &plug, &n, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        all += plug[i].particles;
    qsort(plug, n, sizeof *plug, by_width);
    int quarter = 0;
    for (size_t i = 0; i < n; i++) {
        sum += plug[i].particles;
        while (quarter < 3 && sum >= all * (quarter + 1) / 4)
            depth[quarter++] = plug[i].width;
    }
    free(plug);
    return ST_OK;
}

/* Arterial flow to tumour beyond the tip, and to all of the normal liver. The tree is depth first. */
static void flows(const st_tree *tree, const double *q, uint32_t tip, double *tumour, double *normal) {
    uint32_t end = tip + 1;
    while (end < tree->n && tree->parent[end] != ST_NONE && tree->parent[end] >= tip)
        end++;
    *tumour = *normal = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        if (!st_tree_is_terminal(tree, i))
            continue;
        if (tree->lesion[i] == 0)
            *normal += q[i];
        else if (i >= tip && i < end)
            *tumour += q[i];
    }
}

static st_status flow_effects(const st_bed *bed, const st_tree *tree, size_result *r, st_error *err) {
    double *q = st_alloc(tree->n, sizeof *q, err), tumour, normal, tumour_before, normal_before;
    const st_status status = q != NULL ? st_bed_flow(bed, q, NULL, err) : ST_MEMORY;
    if (status == ST_OK) {
        flows(tree, tree->demand, r->tip, &tumour_before, &normal_before);
        flows(tree, q, r->tip, &tumour, &normal);
        r->tumour_flow_left = tumour / tumour_before;
        r->normal_flow_lost = 1 - normal / normal_before;
    }
    free(q);
    return status;
}

static st_status infuse(setting *s, const st_tree *tree, const st_agent *agent, uint64_t seed, size_result *r) {
    const st_injection order = {.agent = agent, .tip = r->tip, .endpoint = ST_ENDPOINT_STASIS, .seed = seed};
    st_bed *bed = NULL;
    st_infusion infusion = {0};
    st_status status = st_bed_new(tree, &s->parameters, st_agent_smallest(agent), seed, &bed, &s->err);
    if (status == ST_OK)
        status = st_infuse(bed, &order, NULL, &infusion, &s->err);
    if (status == ST_OK)
        status = depth_of(bed, r->depth, &s->err);
    if (status == ST_OK)
        status = flow_effects(bed, tree, r, &s->err);
    if (status == ST_OK) {
        r->particles = (double)infusion.particles.injected;
        r->settled = infusion.embolic_volume / agent->packing;
        r->tip_flow_left = infusion.tip_flow_after / infusion.tip_flow_before;
    }
    st_infusion_fini(&infusion);
    st_bed_free(bed);
    return status;
}

/* ---- the study ------------------------------------------------------------------------- */

/* A tree of its own for every seed: nobody sees the vessels in which the particles stop. */
static st_status one_tree(setting *s, size_study *study, uint64_t seed) {
    const st_tree_options options = {.terminals = TERMINALS, .seed = seed};
    st_tree tree = {0};
    st_tree_growth growth;
    st_status status = st_tree_grow(&s->liver, &s->parameters, &options, NULL, &tree, &growth, &s->err);
    const uint32_t tip = status == ST_OK ? vessel_of_share(&tree, LOBAR) : ST_NONE;
    for (int k = 0; k < SIZES && status == ST_OK; k++) {
        size_result *r = &study->result[k][seed - 1];
        r->tip = tip;
        r->tip_diameter = 2 * (double)tree.radius[tip];
        r->tip_share = tree.demand[tip] / tree.demand[0];
        status = infuse(s, &tree, &s->agent[k], seed, r);
    }
    st_tree_fini(&tree);
    return status;
}

static st_status prepare(setting *s) {
    st_status status = st_parameters_init(&s->parameters, &s->err);
    if (status == ST_OK)
        status = made_up_liver(&s->parameters, &s->liver, &s->err);
    s->parameters.item[ST_P_DOSE_LIMIT].value = s->parameters.item[ST_P_DOSE_LIMIT].high;
    for (int k = 0; k < SIZES && status == ST_OK; k++) {
        status = st_agents_find(NULL, MATERIAL, &s->agent[k], &s->err);
        s->agent[k].d_min = size_um[k][0] * ST_UM;
        s->agent[k].d_max = size_um[k][1] * ST_UM;
    }
    return status;
}

static st_status write_table(const size_study *study, const char *path, st_error *err) {
    st_writer writer;
    st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    fputs("d_min_um,d_max_um,tree_seed,tip_segment,tip_diameter_mm,tip_share_pct,depth_q1_um,depth_median_um,depth_q3_"
          "um,particles,"
          "settled_ml,tip_flow_left_pct,tumour_flow_left_pct,normal_liver_flow_lost_pct\n",
          writer.stream);
    for (int k = 0; k < SIZES; k++)
        for (int seed = 0; seed < SEEDS; seed++) {
            const size_result *r = &study->result[k][seed];
            fprintf(writer.stream, "%g,%g,%d,%u,%.3f,%.1f,%.1f,%.1f,%.1f,%.0f,%.4f,%.2f,%.2f,%.2f\n", size_um[k][0],
                    size_um[k][1], seed + 1, r->tip, r->tip_diameter, r->tip_share / ST_PERCENT, r->depth[0] / ST_UM,
                    r->depth[1] / ST_UM, r->depth[2] / ST_UM, r->particles, r->settled / ST_ML,
                    r->tip_flow_left / ST_PERCENT, r->tumour_flow_left / ST_PERCENT, r->normal_flow_lost / ST_PERCENT);
        }
    return st_writer_commit(&writer, err);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: sizes TABLE.csv FIGURE.svg\n");
        return ST_USAGE;
    }
    static setting s;
    static size_study study;
    st_status status = prepare(&s);
    for (uint64_t seed = 1; seed <= SEEDS && status == ST_OK; seed++)
        status = one_tree(&s, &study, seed);
    if (status == ST_OK)
        status = write_table(&study, argv[1], &s.err);
    if (status == ST_OK)
        status = draw_sizes(&study, argv[2], &s.err);
    if (status != ST_OK) {
        char text[1024];
        st_error_text(&s.err, text, sizeof text);
        fprintf(stderr, "sizes: %s\n", text);
    }
    st_liver_fini(&s.liver);
    st_parameters_fini(&s.parameters);
    return (int)status;
}
