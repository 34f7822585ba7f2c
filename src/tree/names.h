/* Names to numbers, in the order of their first appearance.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_NAMES_H
#define STASIS_TREE_NAMES_H

#include <stasis/base.h>

/* Zero-initialise it. */
typedef struct names {
    st_arena arena;
    const char **name; /* [n] */
    uint32_t n;
    uint32_t *slot; /* [slots] number + 1, 0 when free */
    size_t slots;
} names;

/* The number of a name, a new one when it was not there. ST_MEMORY. */
st_status names_add(names *all, const char *name, uint32_t *number, st_error *err);
/* The number of a name, UINT32_MAX when it is not there. */
uint32_t names_find(const names *all, const char *name);
void names_fini(names *all);

#endif
