/* V12: how spheres lie together in liver.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"
#include "phantom.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* A small liver without tumour, so that vessels down to the spheres' size are few enough to follow. */
static const double half_axes[3] = {34.5, 26.4, 26.4};
#define PIECE_TERMINALS 100000
/* um: the arteries must end narrower than the smallest sphere. */
static const double END_DIAMETER = 15;
/* Resin spheres for radioembolization: 20 to 60 um, 32.5 on average (World J Hepatol 2015;7:738, table 1); SD assumed.
 */
static const char SPHERES[] = "name,d_min_um,d_max_um,d_mean_um,d_sd_um\nresin spheres,20,60,32.5,10\n";
/* Normal liver, Hogberg 2015: spheres found in so many sections of punch biopsies. */
static const double FOUND = 3888, SECTIONS = 240, SECTION_THICKNESS = 0.03, BIOPSY_DIAMETER = 7; /* mm */
/* mg: the ends of the range of sample masses, Hogberg 2014; a mm^3 of liver is taken for a mg. */
static const double SMALL_SAMPLE = 5, LARGE_SAMPLE = 422;

static double searched_volume(void) {
    return SECTIONS * SECTION_THICKNESS * M_PI / 4 * BIOPSY_DIAMETER * BIOPSY_DIAMETER;
}

static double spheres_per_volume(void) {
    return FOUND / searched_volume();
}

/* ---- samples -------------------------------------------------------------------- */

/* Cubes of one size on a grid around the middle of the liver. */
typedef struct grid {
    double edge;
    int half[3]; /* cubes on each side of the middle */
} grid;

static size_t grid_cubes(const grid *g) {
    return (size_t)(2 * g->half[0]) * (size_t)(2 * g->half[1]) * (size_t)(2 * g->half[2]);
}

static grid grid_of(double mass) {
    grid g = {.edge = cbrt(mass)};
    for (int k = 0; k < 3; k++)
        g.half[k] = (int)ceil(half_axes[k] / g.edge);
    return g;
}

static size_t cube_of(const grid *g, const double p[3]) {
    size_t index = 0;
    for (int k = 3; k-- > 0;) {
        const int i = (int)floor(p[k] / g->edge) + g->half[k];
        if (i < 0 || i >= 2 * g->half[k])
            return SIZE_MAX;
        index = index * (size_t)(2 * g->half[k]) + (size_t)i;
    }
    return index;
}

/* Whether all of a cube is liver: then its corner farthest out is. */
static bool is_inside(const grid *g, size_t cube) {
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        const int i = (int)(cube % (size_t)(2 * g->half[k])) - g->half[k];
        cube /= (size_t)(2 * g->half[k]);
        const double far = fmax(abs(i), abs(i + 1)) * g->edge / half_axes[k];
        sum += far * far;
    }
    return sum <= 1;
}

static size_t cube_of_segment(const grid *g, const st_tree *tree, uint32_t segment) {
    double middle[3];
    for (int k = 0; k < 3; k++)
        middle[k] = ((double)tree->proximal[segment][k] + (double)tree->distal[segment][k]) / 2;
    return cube_of(g, middle);
}

/* value[cubes]: those of whole cubes of liver come first; how many there are. */
static size_t keep_inside(const grid *g, double *value) {
    size_t n = 0;
    for (size_t cube = 0; cube < grid_cubes(g); cube++)
        if (is_inside(g, cube))
            value[n++] = value[cube];
    return n;
}

static st_status sample(const st_tree *tree, const st_plug *plug, size_t n_plugs, double mass, moments *m,
                        size_t *samples, st_error *err) {
    const grid g = grid_of(mass);
    double *count = st_alloc(grid_cubes(&g), sizeof *count, err);
    if (count == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < n_plugs; i++) {
        const size_t cube = cube_of_segment(&g, tree, plug[i].segment);
        if (cube != SIZE_MAX)
            count[cube] += plug[i].particles;
    }
    *samples = keep_inside(&g, count);
    *m = moments_of(count, *samples);
    free(count);
    return ST_OK;
}

/* ---- clusters ------------------------------------------------------------------ */

typedef struct clusters {
    double *size;   /* [n] particles */
    uint32_t *seat; /* [n] the segment of the first plug of each, nearest to the root */
    size_t n;
} clusters;

static void clusters_fini(clusters *c) {
    free(c->size);
    free(c->seat);
}

static st_status clusters_of(const st_plug *plug, size_t n_plugs, clusters *c, st_error *err) {
    *c = (clusters){0};
    for (size_t i = 0; i < n_plugs; i++)
        c->n = plug[i].cluster >= c->n ? plug[i].cluster + (size_t)1 : c->n;
    c->size = st_alloc(c->n + 1, sizeof *c->size, err);
    c->seat = st_alloc(c->n + 1, sizeof *c->seat, err);
    if (c->size == NULL || c->seat == NULL) {
        clusters_fini(c);
        return ST_MEMORY;
    }
    for (size_t i = n_plugs; i-- > 0;) {
        c->size[plug[i].cluster] += plug[i].particles;
        c->seat[plug[i].cluster] = plug[i].segment;
    }
    return ST_OK;
}

/* Median over the cubes of liver of one volume of the largest cluster in each. */
static st_status largest_in_samples(const st_tree *tree, const clusters *c, double volume, double *largest,
                                    st_error *err) {
    const grid g = grid_of(volume);
    double *most = st_alloc(grid_cubes(&g), sizeof *most, err);
    if (most == NULL)
        return ST_MEMORY;
    for (size_t k = 0; k < c->n; k++) {
        const size_t cube = cube_of_segment(&g, tree, c->seat[k]);
        if (cube != SIZE_MAX)
            most[cube] = fmax(most[cube], c->size[k]);
    }
    *largest = quantile(most, keep_inside(&g, most), 0.5);
    free(most);
    return ST_OK;
}

static st_status add_clusters(validation *v, const st_tree *tree, const st_plug *plug, size_t n_plugs) {
    clusters c;
    double sampled, all = 0, largest = 0;
    st_status status = clusters_of(plug, n_plugs, &c, &v->err);
    if (status != ST_OK)
        return status;
    for (size_t k = 0; k < c.n; k++) {
        all += c.size[k];
        largest = fmax(largest, c.size[k]);
    }
    status = largest_in_samples(tree, &c, searched_volume(), &sampled, &v->err);
    if (status == ST_OK)
        add_interval(
            v, "V12", "largest cluster of spheres in histology", 453, 0, 0, sampled, "spheres",
            "Resin spheres, 3888 in 0.28 mL of normal liver of one patient (Hogberg 2015). Here as many per "
            "volume in %.0f mL of liver, median over pieces of 0.28 mL; in all of it %.0f, clusters of %.1f on "
            "average. Measured in thin sections, which cut clusters, and where spheres were densest.",
            4 * M_PI / 3 * half_axes[0] * half_axes[1] * half_axes[2] / ST_ML, largest, all / (double)c.n);
    clusters_fini(&c);
    return status;
}

/* ---- the rows ------------------------------------------------------------------- */

static st_status add_rows(validation *v, const st_tree *tree, const st_plug *plug, size_t n_plugs) {
    moments small, large;
    size_t n_small, n_large;
    st_status status = add_clusters(v, tree, plug, n_plugs);
    if (status == ST_OK)
        status = sample(tree, plug, n_plugs, SMALL_SAMPLE, &small, &n_small, &v->err);
    if (status == ST_OK)
        status = sample(tree, plug, n_plugs, LARGE_SAMPLE, &large, &n_large, &v->err);
    if (status != ST_OK)
        return status;
    add_judged(v, "V12", "coefficient of variation of spheres per sample, 422 mg over 5 mg", "< 1",
               large.variation / small.variation, "1", large.variation < small.variation,
               "Samples of 5 to 422 mg (Hogberg 2014). Here %zu and %zu cubes: %.3f and %.3f.", n_small, n_large,
               small.variation, large.variation);
    add_judged(v, "V12", "skewness of spheres per sample, 5 mg less 422 mg", "> 0", small.skewness - large.skewness,
               "1", small.skewness > large.skewness, "The same cubes: %.2f and %.2f.", small.skewness, large.skewness);
    return ST_OK;
}

static st_status give(validation *v, const st_liver *liver, const st_tree *tree) {
    st_agents agents = {0};
    st_agent spheres;
    st_bed *bed = NULL;
    st_plug *plug = NULL;
    size_t n_plugs = 0;
    st_infusion infusion = {0};
    st_status status = st_agents_parse(&agents, "spheres", SPHERES, sizeof SPHERES - 1, &v->err);
    if (status == ST_OK)
        status = st_agents_find(&agents, "resin spheres", &spheres, &v->err);
    if (status == ST_OK)
        status = st_bed_new(tree, &v->parameters, st_agent_smallest(&spheres), 1, &bed, &v->err);
    if (status == ST_OK) {
        const st_injection order = {.agent = &spheres,
                                    .tip = 0,
                                    .endpoint = ST_ENDPOINT_DOSE,
                                    .dose = spheres_per_volume() * liver->volume /
                                            st_agent_concentration(&spheres, &v->parameters),
                                    .seed = 1};
        status = st_infuse(bed, &order, NULL, &infusion, &v->err);
    }
    if (status == ST_OK)
        status = st_bed_plugs(bed, &plug, &n_plugs, &v->err);
    if (status == ST_OK)
        status = add_rows(v, tree, plug, n_plugs);
    st_infusion_fini(&infusion);
    free(plug);
    st_bed_free(bed);
    st_agents_fini(&agents);
    return status;
}

st_status check_clusters(validation *v) {
    const st_tree_options options = {.terminals = PIECE_TERMINALS, .seed = 1};
    const double end_diameter = v->parameters.item[ST_P_END_DIAMETER].value;
    st_liver liver = {0};
    st_tree tree = {0};
    st_tree_growth growth;
    v->parameters.item[ST_P_END_DIAMETER].value = END_DIAMETER;
    st_status status = phantom_liver(half_axes, 1, NULL, 0, &v->parameters, &liver, &v->err);
    if (status == ST_OK)
        status = st_tree_grow(&liver, &v->parameters, &options, NULL, &tree, &growth, &v->err);
    if (status == ST_OK)
        status = give(v, &liver, &tree);
    v->parameters.item[ST_P_END_DIAMETER].value = end_diameter;
    st_tree_fini(&tree);
    st_liver_fini(&liver);
    return status;
}
