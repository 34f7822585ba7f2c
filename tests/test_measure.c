/* The measures and the checks of a tree: each must find what it is for.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cco_reference.h"
#include "with_parameters.h"

static st_error err;

/* ---- the classical reference ------------------------------------------------------ */

typedef struct ticket {
    uint32_t draw, terminal;
} ticket;

static int by_draw(const void *x, const void *y) {
    const ticket *a = x, *b = y;
    return a->draw != b->draw ? (a->draw > b->draw) - (a->draw < b->draw)
                              : (a->terminal > b->terminal) - (a->terminal < b->terminal);
}

/* The classical algorithm on the ends of the tree's terminals, in random order, from the same root. */
static double classical_volume(const st_tree *tree, uint64_t seed) {
    ticket *tickets = calloc(tree->n_terminals, sizeof *tickets);
    float(*point)[3] = calloc(tree->n_terminals, sizeof *point);
    assert_true(tickets && point);
    st_rng rng = st_rng_stream(seed, ST_RNG_TEST, 0);
    uint32_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i))
            tickets[n++] = (ticket){st_rng_u32(&rng), i};
    qsort(tickets, n, sizeof *tickets, by_draw);
    for (uint32_t i = 0; i < n; i++)
        memcpy(point[i], tree->distal[tickets[i].terminal], sizeof point[i]);
    cco_problem problem = {.n = n,
                           .point = (const float(*)[3])point,
                           .root_radius = (double)tree->radius[0],
                           .exponent = st_parameter_value(&parameters, ST_P_MURRAY_EXPONENT)};
    memcpy(problem.start, tree->proximal[0], sizeof problem.start);
    memcpy(problem.end, tree->distal[0], sizeof problem.end);
    st_tree reference;
    st_tree_measures measures;
    assert_ok(cco_reference(&problem, &reference, &err));
    assert_ok(st_tree_measure(&reference, NULL, &parameters, 0, &measures, &err));
    assert_int_equal(reference.n_terminals, n);
    assert_true(measures.murray_worst < 1e-5);
    print_message("# classical: crossings %llu, path %.1f\n", (unsigned long long)measures.crossings, measures.path_mean);
    st_tree_fini(&reference);
    free(tickets);
    free(point);
    return measures.volume;
}

static void no_worse_than_classical(void **state) {
    (void)state;
    static const uint32_t sizes[] = {500, 2000};
    st_liver liver = support_liver(&parameters, 1, 1.5, 0, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            const st_tree_options options = {.terminals = sizes[i], .seed = seed};
            st_tree tree;
            st_tree_growth growth;
            st_tree_measures measures;
            assert_ok(st_tree_grow(&liver, &parameters, &options, NULL, &tree, &growth, &err));
            assert_ok(st_tree_measure(&tree, &liver, &parameters, 0, &measures, &err));
            double start = st_clock();
            const double classical = classical_volume(&tree, seed);
            print_message("# %u terminals: volume %.1f, classical %.1f mm3, ratio %.4f; %.2f and %.2f s path %.1f\n", sizes[i],
                          measures.volume, classical, measures.volume / classical, growth.seconds, st_clock() - start, measures.path_mean);
            st_tree_fini(&tree);
        }
    st_liver_fini(&liver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_worse_than_classical),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
