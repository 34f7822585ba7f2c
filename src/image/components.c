/* Connected components: runs of voxels along x, joined by union-find.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/image.h>

#include <stdlib.h>

typedef struct run {
    uint32_t begin, end;  /* voxels along x, end excluded */
    uint32_t root;        /* a run of the same component, never a later one */
    uint32_t id;          /* of a root: the component's number */
    uint64_t voxels;      /* of a root: the component's size */
} run;

typedef struct run_list {
    run *run;
    size_t n;
    uint32_t *row; /* [rows + 1] first run of each row (y, z) */
} run_list;

static size_t count_runs(const uint8_t *mask, size_t rows, uint32_t length) {
    size_t n = 0;
    for (size_t row = 0; row < rows; row++)
        for (uint32_t x = 0; x < length; x++)
            n += mask[row * length + x] && (x == 0 || !mask[row * length + x - 1]);
    return n;
}

static void find_runs(run_list *list, const uint8_t *mask, size_t rows, uint32_t length) {
    uint32_t n = 0;
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *line = mask + row * length;
        list->row[row] = n;
        for (uint32_t x = 0; x < length; x++) {
            if (!line[x])
                continue;
            run r = {.begin = x, .root = n};
            while (x < length && line[x])
                x++;
            r.end = x;
            r.voxels = r.end - r.begin;
            list->run[n++] = r;
        }
    }
    list->row[rows] = n;
}

static uint32_t root_of(run *runs, uint32_t i) {
    while (runs[i].root != i) {
        runs[i].root = runs[runs[i].root].root;
        i = runs[i].root;
    }
    return i;
}

/* The earlier root stays, so that a root is its component's first run. */
static void join(run *runs, uint32_t i, uint32_t j) {
    i = root_of(runs, i);
    j = root_of(runs, j);
    if (i == j)
        return;
    const uint32_t keep = i < j ? i : j, drop = i < j ? j : i;
    runs[drop].root = keep;
    runs[keep].voxels += runs[drop].voxels;
}

/* Joins the runs of two rows that overlap or touch at a corner. */
static void join_rows(run_list *list, size_t row, size_t other) {
    uint32_t i = list->row[row], j = list->row[other];
    while (i < list->row[row + 1] && j < list->row[other + 1]) {
        const run *a = &list->run[i], *b = &list->run[j];
        if (a->begin <= b->end && b->begin <= a->end)
            join(list->run, i, j);
        if (a->end < b->end)
            i++;
        else
            j++;
    }
}

static int by_size(const void *a, const void *b) {
    const run *p = *(run *const *)a, *q = *(run *const *)b;
    if (p->voxels != q->voxels)
        return p->voxels > q->voxels ? -1 : 1;
    return p < q ? -1 : p > q; /* the earlier first run */
}

/* Numbers the components, largest first. */
static st_status number_roots(run_list *list, uint32_t *count, st_error *err) {
    size_t n = 0;
    run **root = st_alloc(list->n, sizeof(run *), err);
    if (!root)
        return ST_MEMORY;
    for (uint32_t i = 0; i < list->n; i++)
        if (list->run[i].root == i)
            root[n++] = &list->run[i];
    qsort(root, n, sizeof(run *), by_size);
    for (size_t i = 0; i < n; i++)
        root[i]->id = (uint32_t)i + 1;
    *count = (uint32_t)n;
    free(root);
    return ST_OK;
}

st_status st_components(const uint32_t n[3], const uint8_t *mask, uint32_t *component, uint32_t *count, st_error *err) {
    const size_t rows = (size_t)n[1] * n[2];
    run_list list = {.n = count_runs(mask, rows, n[0])};
    st_status status = ST_MEMORY;
    if (list.n >= UINT32_MAX)
        return st_fail(err, ST_MEMORY, "the mask is too fragmented: %zu runs of voxels", list.n);
    list.run = st_alloc(list.n, sizeof *list.run, err);
    list.row = st_alloc(rows + 1, sizeof *list.row, err);
    if (!list.run || !list.row)
        goto done;
    find_runs(&list, mask, rows, n[0]);
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++) {
            const size_t row = (size_t)z * n[1] + y;
            if (y > 0)
                join_rows(&list, row, row - 1);
            for (uint32_t other = y > 0 ? y - 1 : 0; z > 0 && other <= y + 1 && other < n[1]; other++)
                join_rows(&list, row, (size_t)(z - 1) * n[1] + other);
        }
    status = number_roots(&list, count, err);
    if (status != ST_OK)
        goto done;
    for (size_t i = 0; i < rows * n[0]; i++)
        component[i] = 0;
    for (size_t row = 0; row < rows; row++)
        for (uint32_t i = list.row[row]; i < list.row[row + 1]; i++) {
            const uint32_t id = list.run[root_of(list.run, i)].id;
            for (uint32_t x = list.run[i].begin; x < list.run[i].end; x++)
                component[row * n[0] + x] = id;
        }
done:
    free(list.run);
    free(list.row);
    return status;
}
