/* stasis tree --verify: the promises of a tree, checked on its file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tree_verify.h"

static uint32_t count_roots(const st_tree *tree) {
    uint32_t roots = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        roots += tree->parent[i] == ST_NONE;
    return roots;
}

static st_status look(const tree_verify_request *request, const st_tree *beside, const st_parameters *parameters,
                      tree_findings *found, st_error *err) {
    found->roots = count_roots(found->tree);
    const st_status status =
        st_tree_check_all(found->tree, request->liver, beside, parameters, request->threads, &found->check, err);
    return status == ST_OK ? st_tree_morphometry_of(found->tree, request->threads, &found->morphometry, err) : status;
}

static st_status answer(const tree_findings *found, st_error *err) {
    if (found->request->json)
        return common_print_json(tree_findings_json(found), err);
    tree_findings_print(found);
    return ST_OK;
}

st_status tree_verify(const tree_verify_request *request, const st_parameters *parameters, st_error *err) {
    st_tree tree = {0}, beside = {0};
    tree_findings found = {.request = request, .tree = &tree};
    st_status status = st_tree_read(request->tree, &tree, err);
    if (status == ST_OK && request->beside)
        status = st_tree_read(request->beside, &beside, err);
    if (status == ST_OK)
        status = look(request, request->beside ? &beside : NULL, parameters, &found, err);
    if (status == ST_OK)
        status = answer(&found, err);
    if (status == ST_OK && (status = st_tree_check_verdict(&tree, &found.check, err)) != ST_OK)
        snprintf(err->file, sizeof err->file, "%s", request->tree);
    st_tree_fini(&tree);
    st_tree_fini(&beside);
    return status;
}
