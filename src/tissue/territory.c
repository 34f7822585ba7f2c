/* Territories: each voxel to the nearest terminal of its own class, exactly, by a grid of terminals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "tissue_internal.h"

static const double PER_CELL = 2; /* terminals, on average over the box around them */

/* The terminals of one class, sorted into cells. */
typedef struct point_grid {
    double low[3], cell; /* mm */
    uint32_t n[3];
    uint32_t *start; /* [cells + 1] into item */
    uint32_t *item;  /* terminals, by cell */
} point_grid;

static uint32_t cell_along(const point_grid *grid, int axis, double x) {
    const double c = floor((x - grid->low[axis]) / grid->cell);
    return c > 0 ? (uint32_t)fmin(c, grid->n[axis] - 1.0) : 0;
}

static size_t cell_of(const point_grid *grid, const float point[3]) {
    const size_t x = cell_along(grid, 0, (double)point[0]);
    const size_t y = cell_along(grid, 1, (double)point[1]);
    const size_t z = cell_along(grid, 2, (double)point[2]);
    return (z * grid->n[1] + y) * grid->n[0] + x;
}

/* Cells are cubes such that the box holds PER_CELL terminals in each; an axis without extent gets one cell. */
static void grid_shape(point_grid *grid, const st_tree *tree, const uint32_t *terminals, size_t count) {
    double extent[3], longest = 0, volume = 1;
    for (int k = 0; k < 3; k++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < count; i++) {
            low = fmin(low, (double)tree->distal[terminals[i]][k]);
            high = fmax(high, (double)tree->distal[terminals[i]][k]);
        }
        grid->low[k] = low;
        extent[k] = high - low;
        longest = fmax(longest, extent[k]);
    }
    for (int k = 0; k < 3; k++)
        volume *= fmax(extent[k], longest / (double)count);
    grid->cell = longest > 0 ? cbrt(PER_CELL * volume / (double)count) : 1;
    for (int k = 0; k < 3; k++)
        grid->n[k] = (uint32_t)(extent[k] / grid->cell) + 1;
}

static st_status grid_init(point_grid *grid, const st_tree *tree, const uint32_t *terminals, size_t count,
                           st_error *err) {
    grid_shape(grid, tree, terminals, count);
    const size_t cells = (size_t)grid->n[0] * grid->n[1] * grid->n[2];
    grid->start = st_alloc(cells + 1, sizeof *grid->start, err);
    grid->item = st_alloc(count, sizeof *grid->item, err);
    if (!grid->start || !grid->item)
        return ST_MEMORY;
    for (size_t i = 0; i < count; i++)
        grid->start[cell_of(grid, tree->distal[terminals[i]])]++;
    uint32_t sum = 0;
    for (size_t c = 0; c <= cells; c++) {
        sum += grid->start[c];
        grid->start[c] = sum;
    }
    for (size_t i = count; i-- > 0;) /* filling downwards turns each end into its start */
        grid->item[--grid->start[cell_of(grid, tree->distal[terminals[i]])]] = terminals[i];
    return ST_OK;
}

static void grid_fini(point_grid *grid) {
    free(grid->start);
    free(grid->item);
}

typedef struct search {
    const point_grid *grid;
    const st_tree *tree;
    double point[3];
    uint32_t best;
    double best2; /* mm^2 */
} search;

static void search_cell(search *s, uint32_t x, uint32_t y, uint32_t z) {
    const point_grid *grid = s->grid;
    const size_t cell = ((size_t)z * grid->n[1] + y) * grid->n[0] + x;
    for (uint32_t k = grid->start[cell]; k < grid->start[cell + 1]; k++) {
        const uint32_t terminal = grid->item[k];
        double d2 = 0;
        for (int i = 0; i < 3; i++) {
            const double d = (double)s->tree->distal[terminal][i] - s->point[i];
            d2 += d * d;
        }
        if (d2 < s->best2 || (d2 <= s->best2 && terminal < s->best)) {
            s->best2 = d2;
            s->best = terminal;
        }
    }
}

/* Everything outside the cube of cells low..high is at least this far from the point. */
static double far_side(const search *s, const uint32_t low[3], const uint32_t high[3]) {
    const point_grid *grid = s->grid;
    double least = INFINITY;
    for (int i = 0; i < 3; i++) {
        const double x = s->point[i] - grid->low[i];
        if (low[i] > 0)
            least = fmin(least, x - low[i] * grid->cell);
        if (high[i] + 1 < grid->n[i])
            least = fmin(least, (high[i] + 1) * grid->cell - x);
    }
    return least - 1e-6 * grid->cell; /* a terminal on a face may be filed on either side of it */
}

/* The shell of cells at `ring` steps from `centre`, as far as the grid goes. */
static void search_shell(search *s, const uint32_t centre[3], uint32_t ring, const uint32_t low[3],
                         const uint32_t high[3]) {
    for (uint32_t z = low[2]; z <= high[2]; z++)
        for (uint32_t y = low[1]; y <= high[1]; y++) {
            const bool face =
                z + ring == centre[2] || z == centre[2] + ring || y + ring == centre[1] || y == centre[1] + ring;
            if (face) {
                for (uint32_t x = low[0]; x <= high[0]; x++)
                    search_cell(s, x, y, z);
                continue;
            }
            if (low[0] + ring == centre[0])
                search_cell(s, low[0], y, z);
            if (high[0] == centre[0] + ring)
                search_cell(s, high[0], y, z);
        }
}

static uint32_t nearest(const point_grid *grid, const st_tree *tree, const double point[3]) {
    search s = {grid, tree, {point[0], point[1], point[2]}, ST_NONE, INFINITY};
    uint32_t centre[3], low[3], high[3];
    for (int i = 0; i < 3; i++)
        centre[i] = cell_along(grid, i, point[i]);
    for (uint32_t ring = 0;; ring++) {
        for (int i = 0; i < 3; i++) {
            low[i] = centre[i] > ring ? centre[i] - ring : 0;
            high[i] = centre[i] + ring < grid->n[i] ? centre[i] + ring : grid->n[i] - 1;
        }
        search_shell(&s, centre, ring, low, high);
        const double rest = far_side(&s, low, high);
        if (s.best != ST_NONE && rest > 0 && s.best2 < rest * rest)
            return s.best;
    }
}

/* ---- the classes ---------------------------------------------------------- */

/* Class 0 is normal liver, 1..n the lesions, n + 1 every terminal, for those that have none of their own. */
typedef struct classes {
    const st_liver *liver;
    const st_tree *tree;
    size_t n;
    point_grid *grid;   /* [n + 2]; item NULL where no terminal is */
    uint32_t *terminal; /* [voxels] answer */
} classes;

static void assign_rows(void *context, size_t begin, size_t end) {
    const classes *c = context;
    const st_geometry *geometry = &c->liver->geometry;
    const uint32_t nx = geometry->n[0], ny = geometry->n[1];
    for (size_t row = begin; row < end; row++)
        for (uint32_t x = 0; x < nx; x++) {
            const size_t i = row * nx + x;
            c->terminal[i] = ST_NONE;
            if (c->liver->tissue[i] == ST_OUTSIDE)
                continue;
            const size_t own = c->liver->tissue[i] == ST_TUMOUR ? c->liver->lesion[i] : 0;
            const double voxel[3] = {x, (double)(row % ny), (double)(row / ny)};
            double lps[3];
            st_geometry_to_lps(geometry, voxel, lps);
            c->terminal[i] = nearest(&c->grid[c->grid[own].item ? own : c->n + 1], c->tree, lps);
        }
}

/* Terminals of the tree class by class (a lesion the liver does not have counts as none), with where each begins. */
static void sort_terminals(const st_tree *tree, size_t n, uint32_t *sorted, size_t *first) {
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i) && tree->lesion[i] <= n)
            first[tree->lesion[i] + 1]++;
    for (size_t k = 0; k <= n; k++)
        first[k + 1] += first[k];
    size_t *next = first; /* each start moves up to its end, and is moved back below */
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i) && tree->lesion[i] <= n)
            sorted[next[tree->lesion[i]]++] = i;
    for (size_t k = n + 1; k > 0; k--)
        first[k] = first[k - 1];
    first[0] = 0;
}

static st_status build_grids(classes *c, st_error *err) {
    const st_tree *tree = c->tree;
    size_t *first = st_alloc(c->n + 2, sizeof *first, err);
    uint32_t *sorted = st_alloc(tree->n_terminals, sizeof *sorted, err);
    st_status status = first && sorted ? ST_OK : ST_MEMORY;
    bool lacking = false;
    if (status == ST_OK)
        sort_terminals(tree, c->n, sorted, first);
    for (size_t k = 0; k <= c->n && status == ST_OK; k++) {
        const size_t count = first[k + 1] - first[k];
        if (count > 0)
            status = grid_init(&c->grid[k], tree, sorted + first[k], count, err);
        else
            lacking = true;
    }
    if (status == ST_OK && lacking) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < tree->n; i++)
            if (st_tree_is_terminal(tree, i))
                sorted[count++] = i;
        status = grid_init(&c->grid[c->n + 1], tree, sorted, count, err);
    }
    free(first);
    free(sorted);
    return status;
}

st_status st_territory_assign(const st_liver *liver, const st_tree *tree, int threads, uint32_t *terminal,
                              st_error *err) {
    if (tree->n_terminals == 0)
        return st_fail(err, ST_VALUE, "the tree has no terminal that could feed the liver");
    classes c = {.liver = liver, .tree = tree, .n = liver->n_lesions, .terminal = terminal};
    c.grid = st_alloc(c.n + 2, sizeof *c.grid, err);
    st_status status = c.grid ? build_grids(&c, err) : ST_MEMORY;
    if (status == ST_OK)
        st_parallel_for((size_t)liver->geometry.n[1] * liver->geometry.n[2], threads, assign_rows, &c);
    for (size_t k = 0; c.grid && k < c.n + 2; k++)
        grid_fini(&c.grid[k]);
    free(c.grid);
    return status;
}
