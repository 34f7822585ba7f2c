/* The two files of a tree as tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_CSV_H
#define STASIS_TREE_CSV_H

#include <stasis/tree.h>

#define CSV_NODES ".nodes.csv"
#define CSV_EDGES ".edges.csv"

typedef struct csv_pair {
    char *nodes, *edges; /* paths */
} csv_pair;

/* Both paths from either of them. */
st_status csv_pair_init(csv_pair *pair, const char *path, st_error *err);
void csv_pair_fini(csv_pair *pair);

#endif
