/* Labels beside dots, so that none lies over another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>

typedef struct box {
    double left, top, right, bottom;
} box;

typedef struct labelling {
    const canvas *c;
    const spot *d;
    size_t n;
    box frame;
    box *placed; /* [n_placed] */
    size_t n_placed;
} labelling;

static bool overlaps(const box *a, const box *b) {
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static bool is_free(const labelling *l, const box *b) {
    if (b->left < l->frame.left || b->right > l->frame.right || b->top < l->frame.top || b->bottom > l->frame.bottom)
        return false;
    for (size_t i = 0; i < l->n_placed; i++)
        if (overlaps(b, &l->placed[i]))
            return false;
    for (size_t i = 0; i < l->n; i++) {
        const spot *d = &l->d[i];
        const box around = {d->x - d->radius, d->y - d->radius, d->x + d->radius, d->y + d->radius};
        if (overlaps(b, &around))
            return false;
    }
    return true;
}

/* Whether a line to a label would cross one that stands already. */
static bool line_is_free(const labelling *l, double x0, double y0, double x1, double y1) {
    const int samples = 12;
    for (size_t i = 0; i < l->n_placed; i++)
        for (int k = 0; k <= samples; k++) {
            const double x = x0 + (x1 - x0) * k / samples, y = y0 + (y1 - y0) * k / samples;
            const box *b = &l->placed[i];
            if (x > b->left && x < b->right && y > b->top && y < b->bottom)
                return false;
        }
    return true;
}

/* The box of a label `away` from the rim of its dot in a direction. */
static box box_at(const spot *d, double dx, double dy, double away, double width, double height) {
    const double x = d->x + dx * (d->radius + away), y = d->y + dy * (d->radius + away);
    const double left = dx > 0.5 ? x : dx < -0.5 ? x - width : x - width / 2;
    const double top = dy > 0.5 ? y : dy < -0.5 ? y - height : y - height / 2;
    return (box){left, top, left + width, top + height};
}

static void place(labelling *l, const spot *d) {
    static const double direction[][2] = {{1, 0},        {-1, 0},      {0, -1},        {0, 1},
                                          {0.71, -0.71}, {0.71, 0.71}, {-0.71, -0.71}, {-0.71, 0.71}};
    static const double away[] = {3, 12, 22, 34};
    const double height = TYPE_FINE.size, width = type_width(l->c, TYPE_FINE, d->label);
    for (size_t k = 0; k < sizeof away / sizeof away[0]; k++)
        for (size_t i = 0; i < sizeof direction / sizeof direction[0]; i++) {
            const double dx = direction[i][0], dy = direction[i][1], rim = d->radius + 1,
                         end = d->radius + away[k] - 1.5;
            const box b = box_at(d, dx, dy, away[k], width, height);
            if (!is_free(l, &b) || !line_is_free(l, d->x, d->y, d->x + dx * end, d->y + dy * end))
                continue;
            if (k > 0) {
                evidence_stroke(l->c, evidence_grey, 1, HAIRLINE);
                canvas_line(l->c, d->x + dx * rim, d->y + dy * rim, d->x + dx * end, d->y + dy * end);
            }
            canvas_colour(l->c, ink, 1);
            type_show(l->c, b.left, b.bottom - 0.17 * height, LEFT, TYPE_FINE, d->label);
            l->placed[l->n_placed++] = b;
            return;
        }
}

static int by_rank(const void *a, const void *b) {
    const spot *const *p = a, *const *q = b;
    if ((*p)->rank > (*q)->rank || (*p)->rank < (*q)->rank)
        return (*p)->rank < (*q)->rank ? 1 : -1;
    return (*p > *q) - (*p < *q);
}

st_status evidence_label_dots(const canvas *c, const spot *d, size_t n, size_t most, double left, double top,
                              double right, double bottom, st_error *err) {
    labelling l = {.c = c, .d = d, .n = n, .frame = {left, top, right, bottom}};
    const spot **order = st_alloc(n, sizeof(*order), err);
    l.placed = st_alloc(most, sizeof *l.placed, err);
    if (order == NULL || l.placed == NULL) {
        free(order);
        free(l.placed);
        return ST_MEMORY;
    }
    size_t labelled = 0;
    for (size_t i = 0; i < n; i++)
        if (d[i].label != NULL && d[i].label[0] != 0)
            order[labelled++] = &d[i];
    qsort(order, labelled, sizeof(*order), by_rank);
    for (size_t i = 0; i < labelled && i < most; i++)
        place(&l, order[i]);
    free(order);
    free(l.placed);
    return ST_OK;
}
