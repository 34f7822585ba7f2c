/* The files of data/, compiled in by tools/embed.py.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_EMBEDDED_H
#define STASIS_EMBEDDED_H

#include <stddef.h>

typedef struct st_embedded_file {
    const char *name; /* below data/, such as "agents.csv" */
    const unsigned char *bytes; /* zero-terminated */
    size_t size;                /* without the zero */
} st_embedded_file;

extern const st_embedded_file st_embedded[];
extern const size_t st_embedded_count;

#endif
