/* Work on pieces whose bounds depend on the number of items alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/base.h>

#include <omp.h>

void st_parallel_for(size_t n, int threads, void (*body)(void *context, size_t begin, size_t end), void *context) {
    enum { PIECES = 256 };
    const size_t size = (n + PIECES - 1) / PIECES;
    const long pieces = size > 0 ? (long)((n + size - 1) / size) : 0;
    const int wanted = threads > 0 ? threads : omp_get_num_procs();
#pragma omp parallel for schedule(dynamic) num_threads(wanted)
    for (long i = 0; i < pieces; i++) {
        const size_t begin = (size_t)i * size;
        body(context, begin, begin + size < n ? begin + size : n);
    }
}
