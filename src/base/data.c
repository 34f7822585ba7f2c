/* What is compiled in, the clock, and progress passed on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/base.h>

#include <string.h>
#include <time.h>

#include "embedded.h"

const char *st_data_find(const char *name, size_t *size) {
    for (size_t i = 0; i < st_embedded_count; i++)
        if (strcmp(st_embedded[i].name, name) == 0) {
            *size = st_embedded[i].size;
            return (const char *)st_embedded[i].bytes;
        }
    return NULL;
}

const char *st_version(void) { return ST_VERSION; }

double st_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void st_progress_report(const st_progress *progress, const char *stage, double fraction) {
    if (progress && progress->report)
        progress->report(progress->context, stage, fraction);
}
