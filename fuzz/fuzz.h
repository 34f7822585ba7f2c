/* What the targets share: readers that take a file name get the bytes in a file that lives in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_FUZZ_H
#define STASIS_FUZZ_H

#include <stasis/stasis.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char fuzz_name[64];

static inline void fuzz_clean(void) {
    unlink(fuzz_name);
}

/* The name of a file in /dev/shm that holds `bytes`: one per process, written over at every call, gone at its end. */
static inline const char *fuzz_file(const char *suffix, const uint8_t *bytes, size_t size) {
    if (fuzz_name[0] == 0) {
        snprintf(fuzz_name, sizeof fuzz_name, "/dev/shm/stasis-fuzz-%ld%s", (long)getpid(), suffix);
        atexit(fuzz_clean);
    }
    FILE *stream = fopen(fuzz_name, "wb");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        abort();
    return fuzz_name;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
