/* Labels beside dots, so that none lies over another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>

typedef evidence_box box;

typedef struct labelling {
    const canvas *c;
    const spot *d;
    size_t n;
    box frame;
    placed_label *placed; /* [n_placed] */
    size_t n_placed;
} labelling;

static bool overlaps(const box *a, const box *b) {
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static bool is_free(const labelling *l, const box *b) {
    if (b->left < l->frame.left || b->right > l->frame.right || b->top < l->frame.top || b->bottom > l->frame.bottom)
        return false;
    for (size_t i = 0; i < l->n_placed; i++)
        if (overlaps(b, &l->placed[i].box))
            return false;
    for (size_t i = 0; i < l->n; i++) {
        const spot *d = &l->d[i];
        const box around = {d->x - d->radius, d->y - d->radius, d->x + d->radius, d->y + d->radius};
        if (overlaps(b, &around))
            return false;
    }
    return true;
}

static bool point_is_free(const labelling *l, const spot *own, double x, double y) {
    for (size_t i = 0; i < l->n_placed; i++) {
        const box *b = &l->placed[i].box;
        if (x > b->left && x < b->right && y > b->top && y < b->bottom)
            return false;
    }
    for (size_t i = 0; i < l->n; i++)
        if (&l->d[i] != own && hypot(x - l->d[i].x, y - l->d[i].y) < l->d[i].radius)
            return false;
    return true;
}

/* Whether a line from the rim of a dot to its label would cross another label or dot. */
static bool line_is_free(const labelling *l, const spot *own, double dx, double dy, double length) {
    const int samples = 8;
    bool is_free_ = true;
    for (int k = 0; k <= samples && is_free_; k++) {
        const double at = own->radius + length * k / samples;
        is_free_ = point_is_free(l, own, own->x + dx * at, own->y + dy * at);
    }
    return is_free_;
}

/* The box of a label `away` from the rim of its dot in a direction. */
static box box_at(const spot *d, double dx, double dy, double away, double width, double height) {
    const double x = d->x + dx * (d->radius + away), y = d->y + dy * (d->radius + away);
    const double left = dx > 0.5 ? x : dx < -0.5 ? x - width : x - width / 2;
    const double top = dy > 0.5 ? y : dy < -0.5 ? y - height : y - height / 2;
    return (box){left, top, left + width, top + height};
}

static const double CLOSE = 3;

static void place(labelling *l, const spot *d) {
    static const double direction[][2] = {{1, 0},        {-1, 0},      {0, -1},        {0, 1},
                                          {0.71, -0.71}, {0.71, 0.71}, {-0.71, -0.71}, {-0.71, 0.71}};
    const double away[] = {CLOSE, 12, 22, 34};
    char text[TYPE_TEXT];
    type_plain(d->label, TYPE_LABEL, text);
    const double height = TYPE_FINE.size, width = type_width(l->c, TYPE_FINE, text);
    for (size_t k = 0; k < sizeof away / sizeof away[0]; k++)
        for (size_t i = 0; i < sizeof direction / sizeof direction[0]; i++) {
            const double dx = direction[i][0], dy = direction[i][1];
            const box b = box_at(d, dx, dy, away[k], width, height);
            if (!is_free(l, &b) || (k > 0 && !line_is_free(l, d, dx, dy, away[k])))
                continue;
            l->placed[l->n_placed++] = (placed_label){d, b, dx, dy, away[k]};
            return;
        }
}

static int by_rank(const void *a, const void *b) {
    const spot *const *p = a, *const *q = b;
    if ((*p)->rank > (*q)->rank || (*p)->rank < (*q)->rank)
        return (*p)->rank < (*q)->rank ? 1 : -1;
    return (*p > *q) - (*p < *q);
}

st_status evidence_place_labels(const canvas *c, const spot *d, size_t n, size_t most, const evidence_box *frame,
                                placed_label *placed, size_t *n_placed, st_error *err) {
    labelling l = {.c = c, .d = d, .n = n, .frame = *frame, .placed = placed};
    const spot **order = st_alloc(n, sizeof(*order), err);
    if (order == NULL)
        return ST_MEMORY;
    size_t labelled = 0;
    for (size_t i = 0; i < n; i++)
        if (d[i].label != NULL && d[i].label[0] != 0)
            order[labelled++] = &d[i];
    qsort(order, labelled, sizeof(*order), by_rank);
    for (size_t i = 0; i < labelled && i < most; i++)
        place(&l, order[i]);
    free(order);
    *n_placed = l.n_placed;
    return ST_OK;
}

static void show_label(const canvas *c, const placed_label *p) {
    const double clear = 1.5, rim = p->of->radius + clear, end = p->of->radius + p->away - clear;
    if (p->away > CLOSE) {
        evidence_stroke(c, evidence_grey, 1, HAIRLINE);
        canvas_line(c, p->of->x + p->dx * rim, p->of->y + p->dy * rim, p->of->x + p->dx * end, p->of->y + p->dy * end);
    }
    char text[TYPE_TEXT];
    type_plain(p->of->label, TYPE_LABEL, text);
    canvas_colour(c, ink, 1);
    type_show(c, p->box.left, p->box.bottom - 0.17 * TYPE_FINE.size, LEFT, TYPE_FINE, text);
}

st_status evidence_label_spots(const canvas *c, const spot *d, size_t n, size_t most, const evidence_box *frame,
                               st_error *err) {
    size_t n_placed = 0;
    placed_label *placed = st_alloc(most, sizeof *placed, err);
    if (placed == NULL)
        return ST_MEMORY;
    const st_status status = evidence_place_labels(c, d, n, most, frame, placed, &n_placed, err);
    for (size_t i = 0; i < n_placed; i++)
        show_label(c, &placed[i]);
    free(placed);
    return status;
}
