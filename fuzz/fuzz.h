/* What the targets share: readers that take a file name get the bytes in a file that lives in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_FUZZ_H
#define STASIS_FUZZ_H

#include <stasis/stasis.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The name of a file in /dev/shm that holds `bytes`: one per process, written over at every call. */
static inline const char *fuzz_file(const char *suffix, const uint8_t *bytes, size_t size) {
    static char name[64];
    snprintf(name, sizeof name, "/dev/shm/stasis-fuzz-%ld%s", (long)getpid(), suffix);
    FILE *stream = fopen(name, "wb");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        abort();
    return name;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
