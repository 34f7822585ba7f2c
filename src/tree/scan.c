/* One question to every segment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "measure_internal.h"

enum { PARTS = 256 };

typedef struct scan {
    const tree_question *question;
    st_tree_fault part[PARTS];
} scan;

static void scan_part(void *context, size_t begin, size_t end) {
    scan *s = context;
    const tree_question *q = s->question;
    for (size_t k = begin; k < end; k++) {
        st_tree_fault *part = &s->part[k];
        *part = (st_tree_fault){.first = ST_NONE};
        const uint32_t first = (uint32_t)((uint64_t)q->tree->n * k / PARTS);
        const uint32_t last = (uint32_t)((uint64_t)q->tree->n * (k + 1) / PARTS);
        for (uint32_t i = first; i < last; i++) {
            const double error = q->error_of(q, i);
            part->worst = error > part->worst ? error : part->worst;
            if (error <= q->limit)
                continue;
            part->first = part->n == 0 ? i : part->first;
            part->n++;
        }
    }
}

st_tree_fault tree_ask(const tree_question *question, int threads) {
    scan s = {.question = question};
    st_tree_fault all = {.checked = true, .first = ST_NONE};
    st_parallel_for(PARTS, threads, scan_part, &s);
    for (int k = 0; k < PARTS; k++) {
        all.n += s.part[k].n;
        all.first = all.first == ST_NONE ? s.part[k].first : all.first;
        all.worst = s.part[k].worst > all.worst ? s.part[k].worst : all.worst;
    }
    return all;
}
