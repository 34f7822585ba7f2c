/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_CLI_TREE_VERIFY_H
#define STASIS_CLI_TREE_VERIFY_H

#include "common.h"

typedef struct tree_verify_request {
    const char *tree;      /* .vtp */
    const st_liver *liver; /* NULL: `outside` is not checked */
    int threads;
    bool json;
} tree_verify_request;

/* Prints what is found; ST_NUMERIC when vessels cross or leave the organ. */
ST_MUST_CHECK st_status tree_verify(const tree_verify_request *request, const st_parameters *parameters, st_error *err);

#endif
