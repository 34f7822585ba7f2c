/* stasis tree --verify: the promises of a tree, checked on its file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tree_verify.h"

typedef struct findings {
    uint32_t roots, without_flow;
    st_tree_measures measures;
} findings;

static findings look(const st_tree *tree) {
    findings found = {0};
    for (uint32_t i = 0; i < tree->n; i++) {
        found.roots += tree->parent[i] == ST_NONE;
        found.without_flow += st_tree_is_terminal(tree, i) && !(tree->demand[i] > 0);
    }
    return found;
}

static st_status answer(const tree_verify_request *request, const st_tree *tree, const findings *found, st_error *err) {
    const st_tree_measures *m = &found->measures;
    const bool organ = request->liver != NULL;
    if (request->json)
        return common_print_json(json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:I, s:o, s:f, s:I, s:f, s:I}",
                                           "stasis_version", st_version(), "tree", request->tree, "terminals",
                                           (json_int_t)tree->n_terminals, "segments", (json_int_t)tree->n, "roots",
                                           (json_int_t)found->roots, "volume_mm3", m->volume, "length_mm", m->length,
                                           "crossings", (json_int_t)m->crossings, "outside",
                                           organ ? json_integer((json_int_t)m->outside) : json_null(), "murray_worst",
                                           m->murray_worst, "terminals_without_flow", (json_int_t)found->without_flow,
                                           "path_mean", m->path_mean, "orders", (json_int_t)m->orders),
                                 err);
    printf("tree         %u segments, %u terminals, %u %s, Strahler order up to %u\n"
           "crossings    %llu pairs of vessels without a common joint\n",
           tree->n, tree->n_terminals, found->roots, found->roots == 1 ? "root" : "roots", m->orders,
           (unsigned long long)m->crossings);
    if (organ)
        printf("outside      %llu segments, the stumps at the roots aside\n", (unsigned long long)m->outside);
    else
        puts("outside      not checked: no label map was given");
    printf("Murray       largest relative error at a bifurcation %.2g\n"
           "flow         %u terminals without\n",
           m->murray_worst, found->without_flow);
    return ST_OK;
}

st_status tree_verify(const tree_verify_request *request, const st_parameters *parameters, st_error *err) {
    st_tree tree = {0};
    st_status status = st_tree_read(request->tree, &tree, err);
    if (status != ST_OK)
        return status;
    findings found = look(&tree);
    status = st_tree_measure(&tree, request->liver, parameters, request->threads, &found.measures, err);
    if (status == ST_OK)
        status = answer(request, &tree, &found, err);
    if (status == ST_OK && found.measures.crossings + found.measures.outside > 0)
        status = st_fail_at(err, ST_NUMERIC, request->tree, 0, 0,
                            "%llu pairs of vessels cross and %llu segments leave the organ; none should",
                            (unsigned long long)found.measures.crossings, (unsigned long long)found.measures.outside);
    st_tree_fini(&tree);
    return status;
}
