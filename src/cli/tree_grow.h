/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_CLI_TREE_GROW_H
#define STASIS_CLI_TREE_GROW_H

#include "common.h"

typedef struct tree_grow_request {
    const char *labels, *preset, *map; /* of the organ */
    const char *output;
    const char *system;  /* "artery" or "portal" */
    const char *root;    /* "X,Y,Z", or NULL */
    const char *variant; /* name, "drawn", or NULL */
    const char *trunk;   /* file, TREE_TRUNK_LABELS, or NULL */
    const char *axes;    /* of a .csv trunk, or NULL */
    const char *avoid;   /* file, or NULL */
    const char *portal;  /* file for the portal vein that grows with the arteries, or NULL */
    const char *feeders; /* file, or NULL */
    uint32_t terminals;
    uint64_t seed;
    int threads;
    bool json, quiet;
} tree_grow_request;
#define TREE_TRUNK_LABELS "labels"

/* Grows, measures, writes the tree and prints what came of it. */
ST_MUST_CHECK st_status tree_grow(const tree_grow_request *request, const st_parameters *parameters, st_error *err);

/* How the lesions of the organ are supplied, from a table (lesion, feeders, shared); lesions that it does not name are
 * drawn. feeding[n_lesions], to be freed. */
ST_MUST_CHECK st_status tree_read_feeding(const char *path, const st_liver *liver, const st_parameters *parameters,
                                          uint64_t seed, st_feeding **feeding, st_error *err);

#endif
