/* The organ: which voxels of a label map are liver.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "liver_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS = UINT16_MAX + 1 };

typedef struct role_table {
    uint8_t role[LABELS], segment[LABELS];
} role_table;

static bool is_vessel(uint8_t role) {
    return role == ST_ROLE_ARTERY || role == ST_ROLE_PORTAL_VEIN || role == ST_ROLE_HEPATIC_VEIN;
}

static bool is_parenchyma(uint8_t role) {
    return role == ST_ROLE_LIVER || role == ST_ROLE_COUINAUD;
}

static bool is_tissue(uint8_t role) {
    return is_parenchyma(role) || role == ST_ROLE_TUMOUR;
}

static void fill_table(const st_label_map *map, role_table *table) {
    for (size_t i = 0; i < map->n; i++) {
        table->role[map->entry[i].label] = (uint8_t)map->entry[i].role;
        table->segment[map->entry[i].label] = map->entry[i].segment;
    }
}

/* The box around liver and tumour in the input, `high` excluded; counts say what is there. */
typedef struct extent {
    uint32_t low[3], high[3];
    uint64_t parenchyma, tumour, vessels;
} extent;

static extent extent_of(const st_labels *labels, const role_table *table) {
    const uint32_t *n = labels->geometry.n;
    extent e = {.low = {n[0], n[1], n[2]}};
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++) {
            uint32_t first = n[0], last = 0;
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                const uint8_t role = table->role[labels->label[i]];
                e.vessels += is_vessel(role);
                if (!is_tissue(role))
                    continue;
                e.parenchyma += is_parenchyma(role);
                e.tumour += role == ST_ROLE_TUMOUR;
                first = x < first ? x : first;
                last = x;
            }
            if (first == n[0])
                continue;
            const uint32_t at[3] = {first, y, z}, to[3] = {last + 1, y + 1, z + 1};
            for (int k = 0; k < 3; k++) {
                e.low[k] = at[k] < e.low[k] ? at[k] : e.low[k];
                e.high[k] = to[k] > e.high[k] ? to[k] : e.high[k];
            }
        }
    return e;
}

static st_status refuse_empty(const st_label_map *map, const extent *e, st_error *err) {
    char wanted[160] = "";
    size_t n = 0;
    for (size_t i = 0; i < map->n; i++) {
        const size_t used = strlen(wanted);
        if (is_parenchyma((uint8_t)map->entry[i].role) && used + 12 < sizeof wanted)
            snprintf(wanted + used, sizeof wanted - used, "%s%u", n++ > 0 ? ", " : "", map->entry[i].label);
    }
    if (n == 0)
        return st_fail(err, ST_ANATOMY,
                       "the label map \"%s\" has no label for the liver; combine it with one of the liver and give "
                       "the meaning of its labels as a map",
                       map->name);
    return st_fail(err, ST_ANATOMY, "no voxel is liver: the label map \"%s\" looks for %s%s", map->name, wanted,
                   e->tumour > 0 ? " (there is tumour, but no liver around it)" : "");
}

/* The box with `margin` mm more on every side, when there are vessels that need the room. */
static st_status organ_init(const st_labels *labels, const role_table *table, const extent *e, double margin, organ *o,
                            st_error *err) {
    const st_geometry *from = &labels->geometry;
    uint32_t n[3];
    double to_lps[3][4], first[3], corner[3];
    for (int i = 0; i < 3; i++) {
        const uint32_t pad = e->vessels > 0 ? (uint32_t)fmin(ceil(margin / from->spacing[i]) + 1, from->n[i]) : 0;
        o->origin[i] = (int64_t)e->low[i] - pad;
        n[i] = e->high[i] - e->low[i] + 2 * pad;
        first[i] = (double)o->origin[i];
    }
    st_geometry_to_lps(from, first, corner);
    for (int i = 0; i < 3; i++) {
        memcpy(to_lps[i], from->to_lps[i], sizeof to_lps[i]);
        to_lps[i][3] = corner[i];
    }
    st_status status = st_geometry_init(&o->geometry, n, (const double(*)[4])to_lps, err);
    if (status != ST_OK)
        return status;
    const size_t voxels = st_geometry_voxels(&o->geometry);
    o->role = st_alloc(voxels, 1, err);
    o->segment = st_alloc(voxels, 1, err);
    o->inside = st_alloc(voxels, 1, err);
    if (!o->role || !o->segment || !o->inside)
        return ST_MEMORY;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++) {
            const int64_t iy = o->origin[1] + y, iz = o->origin[2] + z;
            if (iy < 0 || iz < 0 || iy >= from->n[1] || iz >= from->n[2])
                continue;
            const uint16_t *line = labels->label + ((size_t)iz * from->n[1] + (size_t)iy) * from->n[0];
            const size_t row = ((size_t)z * n[1] + y) * n[0];
            for (uint32_t x = 0; x < n[0]; x++) {
                const int64_t ix = o->origin[0] + x;
                if (ix < 0 || ix >= from->n[0])
                    continue;
                o->role[row + x] = table->role[line[ix]];
                o->segment[row + x] = table->segment[line[ix]];
                o->inside[row + x] = is_tissue(table->role[line[ix]]);
            }
        }
    return ST_OK;
}

void organ_fini(organ *o) {
    free(o->role);
    free(o->segment);
    free(o->inside);
    *o = (organ){0};
}

/* Vessel labels in the morphological closing of the organ count as liver: places that no ball of `radius` mm
 * reaches without touching the organ. So the canals of vessels are filled, and trunks outside stay outside. */
static st_status take_vessels(organ *o, double radius, st_error *err) {
    const size_t voxels = st_geometry_voxels(&o->geometry);
    float *distance = st_alloc(voxels, sizeof *distance, err);
    uint8_t *mask = st_alloc(voxels, 1, err);
    st_status status = distance && mask ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < voxels && status == ST_OK; i++)
        mask[i] = !o->inside[i];
    if (status == ST_OK)
        status = st_distance(o->geometry.n, o->geometry.spacing, mask, distance, err);
    for (size_t i = 0; i < voxels && status == ST_OK; i++)
        mask[i] = !((double)distance[i] > radius); /* 0 where a ball's centre may be */
    if (status == ST_OK)
        status = st_distance(o->geometry.n, o->geometry.spacing, mask, distance, err);
    for (size_t i = 0; i < voxels && status == ST_OK; i++)
        if (is_vessel(o->role[i]) && (double)distance[i] > radius)
            o->inside[i] = 1;
    free(distance);
    free(mask);
    return status;
}

/* Voxels of one connected piece. */
typedef struct piece {
    uint64_t parenchyma, tumour;
} piece;

static uint32_t main_piece(const piece *pieces, uint32_t n) {
    uint32_t best = 1;
    for (uint32_t i = 2; i <= n; i++)
        if (pieces[i].parenchyma > pieces[best].parenchyma)
            best = i;
    return best;
}

/* What the pieces beside the main one hold is left out with a note; too much tumour among it is refused. */
static st_status judge_pieces(const organ *o, const piece *pieces, uint32_t n, uint32_t best, double tumour_share,
                              char *note, size_t size, st_error *err) {
    const double ml = st_geometry_voxel_volume(&o->geometry) / ST_ML;
    uint64_t tumour = 0, tumour_out = 0, parenchyma_out = 0;
    uint32_t told = 0; /* pieces that are more than a vessel */
    for (uint32_t i = 1; i <= n; i++) {
        told += pieces[i].tumour + pieces[i].parenchyma > 0;
        tumour += pieces[i].tumour;
        tumour_out += i == best ? 0 : pieces[i].tumour;
        parenchyma_out += i == best ? 0 : pieces[i].parenchyma;
    }
    if ((double)tumour_out > tumour_share * (double)tumour)
        return st_fail(err, ST_ANATOMY,
                       "%.3g of %.3g mL of tumour lie outside the liver, in pieces that do not touch it",
                       (double)tumour_out * ml, (double)tumour * ml);
    if (told > 1)
        snprintf(note, size,
                 "liver and tumour are in %u pieces; the one with most liver was used, %.3g mL of liver and %.3g mL of "
                 "tumour were left out",
                 told, (double)parenchyma_out * ml, (double)tumour_out * ml);
    return ST_OK;
}

static st_status keep_main_piece(organ *o, double tumour_share, char *note, size_t size, st_error *err) {
    const size_t voxels = st_geometry_voxels(&o->geometry);
    uint32_t n = 0;
    piece *pieces = NULL;
    uint32_t *component = st_alloc(voxels, sizeof *component, err);
    st_status status = component ? st_components(o->geometry.n, o->inside, component, &n, err) : ST_MEMORY;
    if (status == ST_OK && !(pieces = st_alloc((size_t)n + 1, sizeof *pieces, err)))
        status = ST_MEMORY;
    if (status != ST_OK)
        goto done;
    for (size_t i = 0; i < voxels; i++) {
        pieces[component[i]].parenchyma += is_parenchyma(o->role[i]);
        pieces[component[i]].tumour += o->role[i] == ST_ROLE_TUMOUR;
    }
    const uint32_t best = main_piece(pieces, n);
    status = judge_pieces(o, pieces, n, best, tumour_share, note, size, err);
    for (size_t i = 0; i < voxels; i++)
        o->inside[i] = component[i] == best;
done:
    free(component);
    free(pieces);
    return status;
}

static void measure_box(organ *o) {
    const uint32_t *n = o->geometry.n;
    memcpy(o->low, n, sizeof o->low);
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                if (!o->inside[i])
                    continue;
                const uint32_t at[3] = {x, y, z};
                for (int k = 0; k < 3; k++) {
                    o->low[k] = at[k] < o->low[k] ? at[k] : o->low[k];
                    o->high[k] = at[k] + 1 > o->high[k] ? at[k] + 1 : o->high[k];
                }
            }
}

/* Voxels so small or large are a damaged header, and would ask for absurd amounts of memory. */
static st_status check_spacing(const st_geometry *g, st_error *err) {
    static const double least = 0.01, most = 100; /* mm */
    for (int i = 0; i < 3; i++)
        if (!(g->spacing[i] >= least && g->spacing[i] <= most))
            return st_fail(err, ST_ANATOMY, "the voxels of the label map are %g x %g x %g mm; %g to %g mm are taken",
                           g->spacing[0], g->spacing[1], g->spacing[2], least, most);
    return ST_OK;
}

st_status organ_find(const st_labels *labels, const st_label_map *map, const st_parameters *parameters, organ *o,
                     char *note, size_t size, st_error *err) {
    const double closing = st_parameter_value(parameters, ST_P_VESSEL_CLOSING);
    *o = (organ){0};
    note[0] = '\0';
    st_status status = check_spacing(&labels->geometry, err);
    if (status != ST_OK)
        return status;
    role_table *table = st_alloc(1, sizeof *table, err);
    if (!table)
        return ST_MEMORY;
    fill_table(map, table);
    const extent e = extent_of(labels, table);
    status = e.parenchyma > 0 ? ST_OK : refuse_empty(map, &e, err);
    if (status == ST_OK)
        status = organ_init(labels, table, &e, 2 * closing, o, err);
    if (status == ST_OK && e.vessels > 0)
        status = take_vessels(o, closing, err);
    if (status == ST_OK)
        status = keep_main_piece(o, st_parameter_value(parameters, ST_P_TUMOUR_OUTSIDE_SHARE), note, size, err);
    if (status == ST_OK)
        measure_box(o);
    else
        organ_fini(o);
    free(table);
    return status;
}
