/* The terminals of the tree in the order of its branches, by the sum of their flows: what any vessel of the bed feeds
 * is an interval of it. SPDX-License-Identifier: GPL-3.0-or-later */
#include "bed_internal.h"

#include <math.h>

/* The next segment of a walk down the child links; ST_NONE after the last below the root. */
static uint32_t next_in_depth(const st_tree *tree, uint32_t segment) {
    if (!st_tree_is_terminal(tree, segment))
        return tree->first_child[segment];
    while (segment != ST_NONE && (tree->parent[segment] == ST_NONE || tree->next_sibling[segment] == ST_NONE))
        segment = tree->parent[segment];
    return segment == ST_NONE ? ST_NONE : tree->next_sibling[segment];
}

void bed_order_terminals(st_bed *bed) {
    const st_tree *tree = bed->tree;
    double sum = 0, tumour = 0;
    uint32_t n = 0;
    for (uint32_t root = 0; root < tree->n; root++) {
        if (tree->parent[root] != ST_NONE)
            continue;
        for (uint32_t i = root; i != ST_NONE; i = next_in_depth(tree, i)) {
            if (!st_tree_is_terminal(tree, i))
                continue;
            bed->terminal[n] = i;
            bed->terminal_end[n] = sum += tree->demand[i];
            bed->tumour_end[n] = tumour += tree->tumour_demand[i];
            n++;
        }
    }
}

uint32_t bed_terminal_at(const st_bed *bed, double flow) {
    uint32_t low = 0, high = bed->tree->n_terminals - 1;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (bed->terminal_end[middle] > flow)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Flow to tumour among the first `flow` of the sum. */
static double tumour_until(const st_bed *bed, double flow) {
    const uint32_t k = bed_terminal_at(bed, flow);
    const double before = k > 0 ? bed->terminal_end[k - 1] : 0, all = bed->terminal_end[k] - before;
    const double tumour_before = k > 0 ? bed->tumour_end[k - 1] : 0;
    const double part = all > 0 ? fmin(1, fmax(0, (flow - before) / all)) : 0;
    return tumour_before + part * (bed->tumour_end[k] - tumour_before);
}

double bed_tumour_flow(const st_bed *bed, double start, double flow) {
    return fmin(flow, fmax(0, tumour_until(bed, start + flow) - tumour_until(bed, start)));
}
