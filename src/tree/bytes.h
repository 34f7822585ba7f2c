/* Numbers as binary files have them: lowest byte first, whatever machine writes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_BYTES_H
#define STASIS_TREE_BYTES_H

#include <stdint.h>
#include <string.h>

/* Each answers the place behind what it wrote. */
static inline unsigned char *bytes_put(unsigned char *to, uint64_t bits, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(bits >> (8 * i) & 255);
    return to + bytes;
}

static inline unsigned char *bytes_put_float(unsigned char *to, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bytes_put(to, bits, sizeof bits);
}

static inline unsigned char *bytes_put_double(unsigned char *to, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bytes_put(to, bits, sizeof bits);
}

#endif
