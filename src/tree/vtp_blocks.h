/* Values as VTK packs them: blocks of zlib behind a table of their sizes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_VTP_BLOCKS_H
#define STASIS_TREE_VTP_BLOCKS_H

#include <stasis/base.h>

typedef struct vtp_items {
    uint32_t n;
    size_t bytes;                                                       /* of one item */
    void (*put)(const void *context, uint32_t item, unsigned char *to); /* writes its bytes, from any thread */
    const void *context;
} vtp_items;

/* Writes the items at the place where `stream`, a file, stands. The bytes do not depend on the number of threads; no
 * more than a few blocks are held at a time. ST_MEMORY; what the stream refuses shows when it is committed. */
st_status vtp_blocks_write(FILE *stream, const vtp_items *items, st_error *err);

#endif
