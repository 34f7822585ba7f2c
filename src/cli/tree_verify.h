/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_CLI_TREE_VERIFY_H
#define STASIS_CLI_TREE_VERIFY_H

#include "common.h"

typedef struct tree_verify_request {
    const char *tree;      /* file to check */
    const char *beside;    /* file with a tree that it must not touch, or NULL */
    const st_liver *liver; /* NULL: what takes the organ is not checked */
    int threads;
    bool json;
} tree_verify_request;

/* Prints what is found; ST_NUMERIC, naming the first, when the tree has a fault. */
ST_MUST_CHECK st_status tree_verify(const tree_verify_request *request, const st_parameters *parameters, st_error *err);

/* What was found in a tree. */
typedef struct tree_findings {
    const tree_verify_request *request;
    const st_tree *tree;
    uint32_t roots;
    st_tree_check check;
    st_tree_morphometry morphometry;
} tree_findings;

void tree_findings_print(const tree_findings *found);
/* NULL without memory. */
json_t *tree_findings_json(const tree_findings *found);

#endif
