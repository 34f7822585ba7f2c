/* A tree from the lines of a .vtp: points with the same place are one node, each step of a line is a vessel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stasis/units.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"
#include "vtp.h"

typedef struct lines {
    const char *name;
    uint64_t n_points, n_lines, n_steps;
    double *point, *radius, *offset, *connectivity; /* as in the file */
    double *flow, *lesion, *measured;               /* the same, or NULL */
    uint32_t *node;                                 /* [n_points] first point at the same place */
    graph_vessel *vessel;                           /* [n_vessels] */
    uint32_t n_vessels, no_length;
} lines;

static void lines_fini(lines *g) {
    free(g->point);
    free(g->radius);
    free(g->offset);
    free(g->connectivity);
    free(g->flow);
    free(g->lesion);
    free(g->measured);
    free(g->node);
    free(g->vessel);
}

static st_status refuse(const lines *g, st_error *err, const char *what) {
    return st_fail_at(err, ST_FORMAT, g->name, 0, 0, "%s", what);
}

/* ---- arrays --------------------------------------------------------------- */

static st_status require(const vtp_file *file, const char *section, const char *name, uint64_t n, double **value,
                         st_error *err) {
    const vtp_array *array = vtp_find(file, section, name);
    if (!array)
        return st_fail_at(err, ST_FORMAT, file->name, 0, 0, "there is no array %s%s%s", section, name ? "/" : "",
                          name ? name : "");
    return vtp_values(file, array, n, value, err);
}

/* A cell array of the lines, NULL when absent: vertices come first in the file. */
static st_status optional_cells(const vtp_file *file, const char *name, double **value, st_error *err) {
    const vtp_array *array = vtp_find(file, "CellData", name);
    if (!array || array->components != 1)
        return ST_OK;
    const st_status status = vtp_values(file, array, file->n_verts + file->n_lines, value, err);
    if (status == ST_OK)
        memmove(*value, *value + file->n_verts, (size_t)file->n_lines * sizeof **value);
    return status;
}

static st_status check_lines(lines *g, st_error *err) {
    double before = 0;
    for (uint64_t i = 0; i < g->n_lines; i++) {
        if (!(g->offset[i] >= before) || g->offset[i] > 1e15 || g->offset[i] != floor(g->offset[i]))
            return refuse(g, err, "the offsets of the lines do not ascend");
        before = g->offset[i];
    }
    g->n_steps = (uint64_t)before;
    return ST_OK;
}

static st_status check_points(lines *g, st_error *err) {
    for (uint64_t i = 0; i < g->n_steps; i++)
        if (!(g->connectivity[i] >= 0 && g->connectivity[i] < (double)g->n_points) ||
            g->connectivity[i] != floor(g->connectivity[i]))
            return refuse(g, err, "a line names a point that does not exist");
    for (uint64_t i = 0; i < g->n_points; i++) {
        if (!graph_radius_right(g->radius[i]))
            return st_fail_at(err, ST_VALUE, g->name, 0, 0,
                              "point %llu has the radius %g; above 0 and up to %g mm is right", (unsigned long long)i,
                              g->radius[i], GRAPH_RADIUS_MOST);
        if (!graph_place(g->point + 3 * i))
            return st_fail_at(err, ST_VALUE, g->name, 0, 0, "point %llu is farther away than a tree holds",
                              (unsigned long long)i);
    }
    return ST_OK;
}

static st_status read_arrays(const vtp_file *file, lines *g, st_error *err) {
    static const char *const radii[] = {"Radius", "MaximumInscribedSphereRadius"};
    const char *radius = vtp_find(file, "PointData", radii[0]) ? radii[0] : radii[1];
    const uint64_t most = UINT32_MAX / 4;
    g->name = file->name;
    g->n_points = file->n_points;
    g->n_lines = file->n_lines;
    if (g->n_points == 0 || g->n_lines == 0)
        return refuse(g, err, "it has no lines; a tree of vessels is wanted");
    if (g->n_points > most || g->n_lines > most || file->n_verts > most)
        return refuse(g, err, "it has more points or lines than are read");
    st_status status = require(file, "Points", NULL, 3 * g->n_points, &g->point, err);
    if (status == ST_OK)
        status = require(file, "PointData", radius, g->n_points, &g->radius, err);
    if (status == ST_OK)
        status = require(file, "Lines", "offsets", g->n_lines, &g->offset, err);
    if (status == ST_OK)
        status = check_lines(g, err);
    if (status == ST_OK && g->n_steps > most)
        status = refuse(g, err, "its lines have more points than are read");
    if (status == ST_OK)
        status = require(file, "Lines", "connectivity", g->n_steps, &g->connectivity, err);
    if (status == ST_OK)
        status = check_points(g, err);
    if (status == ST_OK)
        status = optional_cells(file, "Flow", &g->flow, err);
    if (status == ST_OK)
        status = optional_cells(file, "Lesion", &g->lesion, err);
    return status == ST_OK ? optional_cells(file, "Measured", &g->measured, err) : status;
}

/* ---- nodes and vessels -------------------------------------------------------- */

static uint64_t hash_of(const double p[3]) {
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (int k = 0; k < 3; k++) {
        const double value = p[k] + 0.0; /* -0 is 0 */
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}

static st_status join_points(lines *g, st_error *err) {
    size_t slots = 16;
    while (slots < 2 * g->n_points)
        slots *= 2;
    uint32_t *slot = st_alloc(slots, sizeof *slot, err); /* point + 1, 0 when free */
    g->node = st_alloc((size_t)g->n_points, sizeof *g->node, err);
    const st_status status = slot && g->node ? ST_OK : ST_MEMORY;
    for (uint32_t i = 0; i < g->n_points && status == ST_OK; i++) {
        const double *p = g->point + 3 * (size_t)i;
        size_t s = hash_of(p) & (slots - 1);
        while (slot[s] && !graph_same_place(g->point + 3 * (size_t)(slot[s] - 1), p))
            s = (s + 1) & (slots - 1);
        if (!slot[s])
            slot[s] = i + 1;
        g->node[i] = slot[s] - 1;
    }
    free(slot);
    return status;
}

/* A step from point to point of a line; what the line says holds for each of its steps. */
static graph_vessel vessel_of(const lines *g, uint64_t line, uint32_t a, uint32_t b) {
    const double lesion = g->lesion ? g->lesion[line] : 0;
    return (graph_vessel){.from = g->node[a],
                          .to = g->node[b],
                          .radius = 0.5 * (g->radius[a] + g->radius[b]),
                          .demand = g->flow ? fmax(g->flow[line], 0) * ST_ML_MIN : 0,
                          .lesion = lesion >= 0 && lesion <= UINT16_MAX ? (uint16_t)lesion : 0,
                          .measured = g->measured && g->measured[line] != 0};
}

static st_status cut_lines(lines *g, st_error *err) {
    g->vessel = st_alloc((size_t)g->n_steps, sizeof *g->vessel, err);
    if (!g->vessel)
        return ST_MEMORY;
    for (uint64_t line = 0, step = 0; line < g->n_lines; line++, step++) {
        const uint32_t before = g->n_vessels;
        for (; (double)step + 1 < g->offset[line]; step++) {
            const uint32_t a = (uint32_t)g->connectivity[step], b = (uint32_t)g->connectivity[step + 1];
            if (g->node[a] != g->node[b])
                g->vessel[g->n_vessels++] = vessel_of(g, line, a, b);
        }
        g->no_length += g->n_vessels == before;
    }
    return g->n_vessels > 0 ? ST_OK : refuse(g, err, "none of its lines has a length");
}

/* ---- the door ---------------------------------------------------------------------- */

st_status st_tree_parse_vtp(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err) {
    vtp_file file;
    lines g = {0};
    *tree = (st_tree){0};
    st_status status = vtp_xml_parse(name, bytes, size, &file, err);
    if (status != ST_OK)
        return status;
    status = read_arrays(&file, &g, err);
    vtp_file_fini(&file);
    g.name = name;
    if (status == ST_OK)
        status = join_points(&g, err);
    if (status == ST_OK)
        status = cut_lines(&g, err);
    if (status == ST_OK)
        status = tree_from_graph(&(graph){.name = name,
                                          .n_nodes = (uint32_t)g.n_points,
                                          .n_vessels = g.n_vessels,
                                          .no_length = g.no_length,
                                          .point = g.point,
                                          .vessel = g.vessel},
                                 tree, err);
    lines_fini(&g);
    return status;
}
