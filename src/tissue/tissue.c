/* Per voxel: the blood at baseline and now, oxygen, death; and the sums over the organ.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tissue_internal.h"

/* ---- baseline ------------------------------------------------------------- */

/* The liver's box with room around it. */
typedef struct roomy_box {
    uint32_t n[3], margin[3];
} roomy_box;

static roomy_box roomy_box_of(const st_geometry *g, double room) {
    roomy_box box;
    for (int i = 0; i < 3; i++) {
        box.margin[i] = (uint32_t)ceil(room / g->spacing[i]);
        box.n[i] = g->n[i] + 2 * box.margin[i];
    }
    return box;
}

/* Where row `row` (y, z) of the liver's box begins in it. */
static size_t roomy_row(const roomy_box *box, const st_geometry *g, size_t row) {
    const size_t y = row % g->n[1] + box->margin[1], z = row / g->n[1] + box->margin[2];
    return (z * box->n[1] + y) * box->n[0] + box->margin[0];
}

/* Marks the tumour voxels within `rim` mm of normal liver, and those beside it however large they are. The surface lies
 * half a voxel before the first centre beyond it. Beyond the box is no liver, but the distance transform takes it for
 * such: with a margin as wide as the rim that does not matter. */
static st_status find_rim(const st_liver *liver, double rim, uint8_t *in_rim, st_error *err) {
    const st_geometry *g = &liver->geometry;
    const size_t rows = (size_t)g->n[1] * g->n[2];
    const double half = 0.5 * fmin(g->spacing[0], fmin(g->spacing[1], g->spacing[2])), rounding = 1e-5;
    const double reach = (half + fmax(rim, half)) * (1 + rounding); /* distances are floats */
    const roomy_box box = roomy_box_of(g, reach);
    const size_t voxels = (size_t)box.n[0] * box.n[1] * box.n[2];
    uint8_t *mask = st_alloc(voxels, 1, err);
    float *distance = st_alloc(voxels, sizeof *distance, err);
    st_status status = ST_MEMORY;
    if (!mask || !distance)
        goto done;
    memset(mask, 1, voxels);
    for (size_t row = 0; row < rows; row++)
        for (uint32_t x = 0; x < g->n[0]; x++)
            mask[roomy_row(&box, g, row) + x] = liver->tissue[row * g->n[0] + x] != ST_NORMAL;
    status = st_distance(box.n, g->spacing, mask, distance, err);
    if (status != ST_OK)
        goto done;
    for (size_t row = 0; row < rows; row++)
        for (uint32_t x = 0; x < g->n[0]; x++) {
            const size_t i = row * g->n[0] + x;
            in_rim[i] = liver->tissue[i] == ST_TUMOUR && (double)distance[roomy_row(&box, g, row) + x] <= reach;
        }
done:
    free(mask);
    free(distance);
    return status;
}

/* A lesion keeps its portal supply whole, but in its rim; one that touches no normal liver has it everywhere, and so
 * have all when the rim is 0. */
static st_status share_portal(const st_liver *liver, const st_demand *demand, double rim, float *portal,
                              st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry), n = liver->n_lesions + 1;
    uint8_t *in_rim = st_alloc(voxels, sizeof *in_rim, err);
    uint64_t(*count)[2] = st_alloc(n, sizeof *count, err); /* voxels of the lesion, of its rim */
    st_status status = in_rim && count ? ST_OK : ST_MEMORY;
    if (status == ST_OK && rim > 0)
        status = find_rim(liver, rim, in_rim, err);
    for (size_t i = 0; i < voxels && status == ST_OK; i++)
        if (liver->tissue[i] == ST_TUMOUR) {
            count[liver->lesion[i]][0]++;
            count[liver->lesion[i]][1] += in_rim[i];
        }
    for (size_t i = 0; i < voxels && status == ST_OK; i++) {
        const uint64_t *c = count[liver->lesion[i]];
        if (liver->tissue[i] == ST_NORMAL)
            portal[i] = (float)demand->portal[ST_NORMAL];
        else if (liver->tissue[i] == ST_TUMOUR && c[1] == 0)
            portal[i] = (float)demand->portal[ST_TUMOUR];
        else if (liver->tissue[i] == ST_TUMOUR && in_rim[i])
            portal[i] = (float)(demand->portal[ST_TUMOUR] * ((double)c[0] / (double)c[1]));
    }
    free(in_rim);
    free(count);
    return status;
}

st_status st_tissue_init(const st_liver *liver, const st_tree *tree, const st_parameters *parameters, int threads,
                         st_tissue *tissue, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    const st_demand demand = st_demand_from_parameters(parameters);
    *tissue = (st_tissue){
        .voxels = voxels,
        .terminal = st_alloc(voxels, sizeof *tissue->terminal, err),
        .arterial_baseline = st_alloc(voxels, sizeof *tissue->arterial_baseline, err),
        .arterial = st_alloc(voxels, sizeof *tissue->arterial, err),
        .portal = st_alloc(voxels, sizeof *tissue->portal, err),
        .oxygen = st_alloc(voxels, sizeof *tissue->oxygen, err),
        .hypoxic = st_alloc(voxels, sizeof *tissue->hypoxic, err),
        .necrosis = st_alloc(voxels, sizeof *tissue->necrosis, err),
    };
    st_status status = tissue->terminal && tissue->arterial_baseline && tissue->arterial && tissue->portal &&
                               tissue->oxygen && tissue->hypoxic && tissue->necrosis
                           ? ST_OK
                           : ST_MEMORY;
    if (status == ST_OK)
        status = st_territory_assign(liver, tree, threads, tissue->terminal, err);
    if (status == ST_OK)
        status = share_portal(liver, &demand, st_parameter_value(parameters, ST_P_PORTAL_RIM), tissue->portal, err);
    if (status != ST_OK) {
        st_tissue_fini(tissue);
        return status;
    }
    for (size_t i = 0; i < voxels; i++)
        if (liver->tissue[i] != ST_OUTSIDE)
            tissue->arterial_baseline[i] = (float)demand.arterial[liver->tissue[i]];
    st_tissue_update(tissue, liver, tree, parameters, tree->demand, 0, threads);
    return ST_OK;
}

void st_tissue_fini(st_tissue *tissue) {
    free(tissue->terminal);
    free(tissue->arterial_baseline);
    free(tissue->arterial);
    free(tissue->portal);
    free(tissue->oxygen);
    free(tissue->hypoxic);
    free(tissue->necrosis);
    *tissue = (st_tissue){0};
}

/* ---- after an infusion ---------------------------------------------------- */

typedef struct update {
    st_tissue *tissue;
    const st_liver *liver;
    const st_tree *tree;
    const double *q;
    oxygen_table table[2]; /* normal liver, tumour */
} update;

/* Of what is hypoxic now and was not at baseline, the part that is dead already comes first; of the rest, the share
 * dies that this stay kills. */
static double dead_after(double dead, oxygen_state now, oxygen_state baseline) {
    const double hypoxic = now.hypoxic - baseline.hypoxic, killed = now.killed - baseline.killed;
    if (!(hypoxic > 0) || !(killed > 0))
        return dead;
    return fmin(1, dead + fmax(0, hypoxic - dead) * fmin(1, killed / hypoxic));
}

static void update_voxels(void *context, size_t begin, size_t end) {
    const update *u = context;
    st_tissue *t = u->tissue;
    oxygen_state baseline = {0};
    float arterial = -1, portal = -1; /* baseline flows that `baseline` belongs to: they take few values */
    uint8_t kind = ST_OUTSIDE;
    for (size_t i = begin; i < end; i++) {
        const uint8_t tissue = u->liver->tissue[i];
        if (tissue == ST_OUTSIDE)
            continue;
        const oxygen_table *table = &u->table[tissue == ST_TUMOUR];
        if (tissue != kind || t->arterial_baseline[i] != arterial || t->portal[i] != portal) {
            kind = tissue;
            arterial = t->arterial_baseline[i];
            portal = t->portal[i];
            baseline = oxygen_evaluate(table, (double)arterial, (double)portal);
        }
        const double demand = u->tree->demand[t->terminal[i]];
        const double left = demand > 0 ? fmax(0, u->q[t->terminal[i]]) / demand : 0;
        const double flow = (double)arterial * left;
        const oxygen_state now = oxygen_evaluate(table, flow, (double)portal);
        t->arterial[i] = (float)flow;
        t->oxygen[i] = (float)now.mean;
        t->hypoxic[i] = (float)now.hypoxic;
        t->necrosis[i] = (float)dead_after((double)t->necrosis[i], now, baseline);
    }
}

void st_tissue_update(st_tissue *tissue, const st_liver *liver, const st_tree *tree, const st_parameters *parameters,
                      const double *q, double ischaemia_s, int threads) {
    const oxygen_death death = {
        .onset = st_parameter_value(parameters, ST_P_NECROSIS_ONSET) / ST_MMHG,
        .full = st_parameter_value(parameters, ST_P_NECROSIS_FULL) / ST_MMHG,
        .time = st_parameter_value(parameters, ST_P_NECROSIS_TIME),
        .stay = ischaemia_s,
    };
    update u = {.tissue = tissue, .liver = liver, .tree = tree, .q = q};
    for (int k = 0; k < 2; k++) {
        const st_oxygen_demand demand = st_oxygen_demand_of(k == 0 ? ST_NORMAL : ST_TUMOUR, parameters);
        oxygen_tabulate(&demand, parameters, death.onset, &death, &u.table[k]);
    }
    st_parallel_for(tissue->voxels, threads, update_voxels, &u);
}

/* ---- sums ----------------------------------------------------------------- */

/* The sums over some of the voxels. */
typedef struct tally {
    double voxels, dead, flow, baseline;
} tally;

static void add_voxel(tally *sum, const st_tissue *tissue, size_t i) {
    sum->voxels++;
    sum->dead += (double)tissue->necrosis[i];
    sum->flow += (double)tissue->arterial[i];
    sum->baseline += (double)tissue->arterial_baseline[i];
}

static double dead_share(const tally *sum) {
    return sum->voxels > 0 ? sum->dead / sum->voxels : 0;
}

static double flow_left(const tally *sum) {
    return sum->baseline > 0 ? sum->flow / sum->baseline : 1;
}

st_status st_tissue_summarise(const st_tissue *tissue, const st_liver *liver, st_tissue_summary *summary,
                              st_error *err) {
    tally of_class[3] = {{0}}; /* by st_tissue_class */
    tally *of_lesion = st_alloc(liver->n_lesions + 1, sizeof *of_lesion, err);
    *summary = (st_tissue_summary){
        .lesion_necrosis = st_alloc(liver->n_lesions, sizeof(double), err),
        .lesion_arterial_left = st_alloc(liver->n_lesions, sizeof(double), err),
    };
    if (!of_lesion || !summary->lesion_necrosis || !summary->lesion_arterial_left) {
        free(of_lesion);
        st_tissue_summary_fini(summary);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < tissue->voxels; i++)
        if (liver->tissue[i] != ST_OUTSIDE) {
            add_voxel(&of_class[liver->tissue[i]], tissue, i);
            add_voxel(&of_lesion[liver->lesion[i]], tissue, i);
        }
    for (size_t l = 0; l < liver->n_lesions; l++) {
        summary->lesion_necrosis[l] = dead_share(&of_lesion[l + 1]);
        summary->lesion_arterial_left[l] = flow_left(&of_lesion[l + 1]);
    }
    summary->tumour_necrosis = dead_share(&of_class[ST_TUMOUR]);
    summary->normal_necrosis = dead_share(&of_class[ST_NORMAL]);
    summary->tumour_arterial_left = flow_left(&of_class[ST_TUMOUR]);
    summary->normal_arterial_left = flow_left(&of_class[ST_NORMAL]);
    summary->normal_necrotic_volume = of_class[ST_NORMAL].dead * st_geometry_voxel_volume(&liver->geometry);
    free(of_lesion);
    return ST_OK;
}

void st_tissue_summary_fini(st_tissue_summary *summary) {
    free(summary->lesion_necrosis);
    free(summary->lesion_arterial_left);
    *summary = (st_tissue_summary){0};
}
