/* Measures of a finished tree, taken from the tree alone: nothing here is shared with the code that grows one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/tree.h>

#include <stdlib.h>

#include "measure_internal.h"
#include "vec.h"

void st_tree_strahler(const st_tree *tree, uint8_t *order) {
    for (uint32_t i = tree->n; i-- > 0;) {
        unsigned highest = 0, times = 0;
        for (uint32_t child = tree->first_child[i]; child != ST_NONE; child = tree->next_sibling[child]) {
            times = order[child] > highest ? 1 : times + (order[child] == highest);
            highest = order[child] > highest ? order[child] : highest;
        }
        order[i] = (uint8_t)(highest + (times != 1)); /* 1 at a terminal; one more where two of the highest meet */
    }
}

/* ---- joints ------------------------------------------------------------------ */

bool tree_joint_is_measured(const st_tree *tree, uint32_t i) {
    bool measured = tree->measured[i];
    for (uint32_t child = tree->first_child[i]; child != ST_NONE; child = tree->next_sibling[child])
        measured |= tree->measured[child];
    return measured;
}

/* Cubes are taken as such: the exponent is 3 unless somebody changed it, and pow is slow. */
static double power(double r, double exponent) {
    return exponent == 3 ? r * r * r : pow(r, exponent);
}

double tree_error_murray(const tree_question *q, uint32_t i) {
    const st_tree *tree = q->tree;
    if (st_tree_is_terminal(tree, i) || tree_joint_is_measured(tree, i))
        return 0;
    double sum = 0;
    for (uint32_t child = tree->first_child[i]; child != ST_NONE; child = tree->next_sibling[child])
        sum += power((double)tree->radius[child], q->exponent);
    return fabs(sum / power((double)tree->radius[i], q->exponent) - 1);
}

/* ---- sums ---------------------------------------------------------------------- */

enum { PARTS = 256 };

typedef struct sums {
    const st_tree *tree;
    st_tree_measures part[PARTS]; /* the sizes alone */
} sums;

static void sum_part(void *context, size_t begin, size_t end) {
    sums *s = context;
    const st_tree *tree = s->tree;
    for (size_t k = begin; k < end; k++) {
        st_tree_measures m = {.smallest_diameter = INFINITY};
        const uint32_t last = (uint32_t)((uint64_t)tree->n * (k + 1) / PARTS);
        for (uint32_t i = (uint32_t)((uint64_t)tree->n * k / PARTS); i < last; i++) {
            const double r = (double)tree->radius[i], length = st_tree_length(tree, i);
            m.length += length;
            m.volume += M_PI * r * r * length;
            m.smallest_diameter = 2 * r < m.smallest_diameter ? 2 * r : m.smallest_diameter;
            if (tree->parent[i] == ST_NONE)
                m.root_diameter = 2 * r > m.root_diameter ? 2 * r : m.root_diameter;
        }
        s->part[k] = m;
    }
}

/* Parts are added up in their order, so that no bit depends on the threads. */
void tree_sum_vessels(const st_tree *tree, int threads, st_tree_measures *m) {
    sums s = {.tree = tree};
    st_parallel_for(PARTS, threads, sum_part, &s);
    m->smallest_diameter = tree->n > 0 ? INFINITY : 0;
    for (int k = 0; k < PARTS; k++) {
        m->length += s.part[k].length;
        m->volume += s.part[k].volume;
        m->smallest_diameter = fmin(m->smallest_diameter, s.part[k].smallest_diameter);
        m->root_diameter = fmax(m->root_diameter, s.part[k].root_diameter);
    }
}

static st_status measure_topology(const st_tree *tree, st_tree_measures *m, st_error *err) {
    uint8_t *order = st_alloc(tree->n, sizeof *order, err);
    uint32_t *depth = st_alloc(tree->n, sizeof *depth, err);
    const st_status status = order && depth ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        uint64_t sum = 0;
        st_tree_strahler(tree, order);
        for (uint32_t i = 0; i < tree->n; i++) {
            depth[i] = tree->parent[i] == ST_NONE ? 1 : depth[tree->parent[i]] + 1;
            m->orders = order[i] > m->orders ? order[i] : m->orders;
            sum += st_tree_is_terminal(tree, i) ? depth[i] : 0;
        }
        m->path_mean = tree->n_terminals > 0 ? (double)sum / (double)tree->n_terminals : 0;
    }
    free(order);
    free(depth);
    return status;
}

st_status st_tree_measure(const st_tree *tree, const st_liver *liver, const st_parameters *parameters, int threads,
                          st_tree_measures *measures, st_error *err) {
    tree_question q = {.tree = tree,
                       .liver = liver,
                       .exponent = st_parameter_value(parameters, ST_P_MURRAY_EXPONENT),
                       .error_of = tree_error_murray};
    tree_contacts contacts;
    *measures = (st_tree_measures){0};
    tree_sum_vessels(tree, threads, measures);
    measures->murray_worst = tree_ask(&q, threads).worst;
    if (liver) {
        q.error_of = tree_error_outside;
        measures->outside = tree_ask(&q, threads).n;
    }
    st_status status = measure_topology(tree, measures, err);
    if (status == ST_OK)
        status = tree_crossings(tree, NULL, threads, &contacts, err);
    if (status == ST_OK)
        measures->crossings = contacts.pairs;
    return status;
}
