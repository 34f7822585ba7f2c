/* What an infusion into a vessel would embolise: sums over its territory at baseline.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_internal.h"

#include <stdlib.h>

void st_reach_fini(st_reach *reach) {
    free(reach->segment);
    free(reach->above);
    free(reach->normal);
    free(reach->tumour);
    free(reach->first);
    free(reach->part);
    free(reach->lesion_total);
    *reach = (st_reach){0};
}

int by_number(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static st_status refuse_lesion(const st_tree *tree, uint32_t segment, size_t n_lesions, st_error *err) {
    return st_fail(err, ST_VALUE, "segment %u of the tree feeds lesion %u; the liver has %zu", segment,
                   tree->lesion[segment], n_lesions);
}

st_status check_lesions(const st_tree *tree, size_t n_lesions, st_error *err) {
    for (uint32_t i = 0; i < tree->n; i++)
        if (tree->lesion[i] > n_lesions && st_tree_is_terminal(tree, i))
            return refuse_lesion(tree, i, n_lesions, err);
    return ST_OK;
}

/* ---- which entry a vessel lies behind ----------------------------------------- */

static uint32_t owner_above(const st_tree *tree, const uint32_t *owner, uint32_t segment) {
    return tree->parent[segment] == ST_NONE ? ST_NO_REACH : owner[tree->parent[segment]];
}

/* owner[segment]: the entry that it is or that lies nearest above it, ST_NO_REACH when there is none. */
static void own_named(const st_tree *tree, const uint32_t *segment, size_t n, uint32_t *owner) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        owner[i] = next < n && segment[next] == i ? next++ : owner_above(tree, owner, i);
}

static bool wide(const st_tree *tree, uint32_t segment, double diameter) {
    return 2 * (double)tree->radius[segment] >= diameter;
}

/* The same for every vessel that is wide all the way from the root; segment[] takes their numbers, which are counted.
 */
static uint32_t own_wide(const st_tree *tree, double diameter, uint32_t *segment, uint32_t *owner) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        const uint32_t parent = tree->parent[i];
        const bool open = parent == ST_NONE || (owner[parent] != ST_NO_REACH && segment[owner[parent]] == parent);
        owner[i] = owner_above(tree, owner, i);
        if (open && wide(tree, i, diameter)) {
            segment[n] = i;
            owner[i] = n++;
        }
    }
    return n;
}

/* ---- flow to normal liver --------------------------------------------------------- */

/* Also counts what there is to do of each lesion: first[l + 1] terminals behind an entry. */
static st_status sum_terminals(const st_tree *tree, const uint32_t *owner, st_reach *reach, st_error *err) {
    for (uint32_t i = 0; i < tree->n; i++) {
        if (!st_tree_is_terminal(tree, i))
            continue;
        const uint16_t lesion = tree->lesion[i];
        if (lesion > reach->n_lesions)
            return refuse_lesion(tree, i, reach->n_lesions, err);
        *(lesion > 0 ? &reach->lesion_total[lesion - 1] : &reach->normal_total) += tree->demand[i];
        if (owner[i] == ST_NO_REACH)
            continue;
        if (lesion > 0)
            reach->first[lesion]++;
        else
            reach->normal[owner[i]] += tree->demand[i];
    }
    for (size_t i = reach->n; i-- > 0;) /* an entry stands after those above it */
        if (reach->above[i] != ST_NO_REACH)
            reach->normal[reach->above[i]] += reach->normal[i];
    return ST_OK;
}

/* ---- flow to the lesions ------------------------------------------------------------ */

/* The terminals of one lesion after another, and the entries that are found above those of one of them. */
typedef struct lesion_work {
    const st_tree *tree;
    const uint32_t *owner;
    size_t *first;      /* [n_lesions + 1] */
    uint32_t *terminal; /* those of lesion l from first[l] */
    uint32_t *seen;     /* [n] one more than the lesion that an entry was last found above */
    uint32_t *found;    /* [n] */
    double *flow;       /* [n] mm^3/s to the lesion */
} lesion_work;

static void lesion_work_fini(lesion_work *w) {
    free(w->first);
    free(w->terminal);
    free(w->seen);
    free(w->found);
    free(w->flow);
}

/* Takes the counts of sum_terminals. */
static st_status lesion_work_init(const st_tree *tree, const uint32_t *owner, const st_reach *reach, lesion_work *w,
                                  st_error *err) {
    const size_t n = reach->n, lesions = reach->n_lesions;
    *w = (lesion_work){.tree = tree, .owner = owner, .first = st_alloc(lesions + 2, sizeof *w->first, err)};
    if (!w->first)
        return ST_MEMORY;
    for (size_t l = 0; l < lesions; l++) /* one place ahead: filling moves each start to where it belongs */
        w->first[l + 2] = w->first[l + 1] + reach->first[l + 1];
    w->terminal = st_alloc(w->first[lesions + 1], sizeof *w->terminal, err);
    w->seen = st_alloc(n, sizeof *w->seen, err);
    w->found = st_alloc(n, sizeof *w->found, err);
    w->flow = st_alloc(n, sizeof *w->flow, err);
    if (!w->terminal || !w->seen || !w->found || !w->flow)
        return ST_MEMORY;
    for (uint32_t i = 0; i < tree->n; i++)
        if (tree->lesion[i] > 0 && st_tree_is_terminal(tree, i) && owner[i] != ST_NO_REACH)
            w->terminal[w->first[tree->lesion[i]]++] = i;
    return ST_OK;
}

/* found[]: every entry above the terminals of lesion l; returns how many there are. `round` is a number of its own
 * for each call. */
static size_t find_entries(lesion_work *w, const st_reach *reach, size_t l, uint32_t round) {
    size_t n = 0;
    for (size_t k = w->first[l]; k < w->first[l + 1]; k++)
        for (uint32_t e = w->owner[w->terminal[k]]; e != ST_NO_REACH && w->seen[e] != round; e = reach->above[e]) {
            w->seen[e] = round;
            w->found[n++] = e;
        }
    return n;
}

static void fill_parts(lesion_work *w, st_reach *reach, size_t l, uint32_t round) {
    st_reach_part *part = reach->part + reach->first[l];
    const size_t n = find_entries(w, reach, l, round);
    if (n > 0)
        qsort(w->found, n, sizeof *w->found, by_number);
    for (size_t k = 0; k < n; k++)
        w->flow[w->found[k]] = 0;
    for (size_t k = w->first[l]; k < w->first[l + 1]; k++)
        w->flow[w->owner[w->terminal[k]]] += w->tree->demand[w->terminal[k]];
    for (size_t k = 0; k < n; k++)
        part[k] = (st_reach_part){.entry = w->found[k], .direct = w->flow[w->found[k]]};
    for (size_t k = n; k-- > 0;) {
        const uint32_t entry = part[k].entry, above = reach->above[entry];
        part[k].flow = w->flow[entry];
        reach->tumour[entry] += part[k].flow;
        if (above != ST_NO_REACH)
            w->flow[above] += part[k].flow;
    }
}

static st_status sum_lesions(const st_tree *tree, const uint32_t *owner, st_reach *reach, st_error *err) {
    const size_t lesions = reach->n_lesions;
    lesion_work w;
    st_status status = lesion_work_init(tree, owner, reach, &w, err);
    for (size_t l = 0; l < lesions && status == ST_OK; l++)
        reach->first[l + 1] = reach->first[l] + find_entries(&w, reach, l, (uint32_t)(l + 1));
    if (status == ST_OK && !(reach->part = st_alloc(reach->first[lesions], sizeof *reach->part, err)))
        status = ST_MEMORY;
    for (size_t l = 0; l < lesions && status == ST_OK; l++)
        fill_parts(&w, reach, l, (uint32_t)(lesions + l + 1));
    lesion_work_fini(&w);
    return status;
}

/* ---- the reach ---------------------------------------------------------------------- */

static st_status fill_reach(const st_tree *tree, size_t n_lesions, const uint32_t *owner, const uint32_t *segment,
                            size_t n, st_reach *reach, st_error *err) {
    *reach = (st_reach){.n = n,
                        .n_lesions = n_lesions,
                        .segment = st_alloc(n, sizeof *reach->segment, err),
                        .above = st_alloc(n, sizeof *reach->above, err),
                        .normal = st_alloc(n, sizeof *reach->normal, err),
                        .tumour = st_alloc(n, sizeof *reach->tumour, err),
                        .first = st_alloc(n_lesions + 1, sizeof *reach->first, err),
                        .lesion_total = st_alloc(n_lesions, sizeof *reach->lesion_total, err)};
    st_status status =
        reach->segment && reach->above && reach->normal && reach->tumour && reach->first && reach->lesion_total
            ? ST_OK
            : ST_MEMORY;
    for (size_t i = 0; i < n && status == ST_OK; i++) {
        reach->segment[i] = segment[i];
        reach->above[i] = owner_above(tree, owner, segment[i]);
    }
    if (status == ST_OK)
        status = sum_terminals(tree, owner, reach, err);
    if (status == ST_OK)
        status = sum_lesions(tree, owner, reach, err);
    if (status != ST_OK)
        st_reach_fini(reach);
    return status;
}

st_status reach_of(const st_tree *tree, size_t n_lesions, const uint32_t *segment, size_t n, st_reach *reach,
                   st_error *err) {
    uint32_t *owner = st_alloc(tree->n, sizeof *owner, err);
    if (!owner)
        return ST_MEMORY;
    own_named(tree, segment, n, owner);
    const st_status status = fill_reach(tree, n_lesions, owner, segment, n, reach, err);
    free(owner);
    return status;
}

st_status st_plan_reach(const st_tree *tree, size_t n_lesions, const st_parameters *parameters, st_reach *reach,
                        st_error *err) {
    uint32_t *segment = st_alloc(tree->n, sizeof *segment, err);
    uint32_t *owner = st_alloc(tree->n, sizeof *owner, err);
    st_status status = ST_MEMORY;
    if (segment && owner) {
        const double diameter = st_parameter_value(parameters, ST_P_MICROCATHETER_DIAMETER);
        const uint32_t n = own_wide(tree, diameter, segment, owner);
        status = fill_reach(tree, n_lesions, owner, segment, n, reach, err);
    }
    free(segment);
    free(owner);
    return status;
}

double reach_lesion(const st_reach *reach, size_t l, size_t i) {
    size_t low = reach->first[l], high = reach->first[l + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (reach->part[middle].entry < i)
            low = middle + 1;
        else
            high = middle;
    }
    return low < reach->first[l + 1] && reach->part[low].entry == i ? reach->part[low].flow : 0;
}

void reach_lobe(const st_reach *reach, const st_liver *liver, st_lobe lobe, double *tumour) {
    for (size_t i = 0; i < reach->n; i++)
        tumour[i] = 0;
    for (size_t l = 0; l < reach->n_lesions; l++)
        for (size_t k = reach->first[l]; liver->lesions[l].lobe == lobe && k < reach->first[l + 1]; k++)
            tumour[reach->part[k].entry] += reach->part[k].flow;
}
