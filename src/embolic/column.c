/* The column of contrast whose clearance the operator watches.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

#include <math.h>
#include <stdlib.h>

static double volume_of(const st_bed *bed, const column *c, uint32_t branch) {
    const double d = (double)bed->joint[joint_of(branch)].width[side_of(branch)];
    const double length = (double)bed->length[branch] * (branch == c->tip ? 0.5 : 1); /* the tip stands halfway */
    return M_PI / 4 * d * d * length;
}

static bool is_open(const st_bed *bed, const column *c, uint32_t branch) {
    const bed_joint *j = &bed->joint[joint_of(branch)];
    const unsigned bit = 1u << side_of(branch);
    return (double)j->width[side_of(branch)] >= c->visible && !(j->plugged & bit) && bed->flow[branch] > 0;
}

/* A branch and all that the column reaches through it come in, or go. */
static st_status sweep(column *c, st_bed *bed, uint32_t branch, bool in, st_error *err) {
    size_t n = 0;
    c->stack[n++] = branch;
    while (n > 0) {
        const uint32_t b = c->stack[--n];
        bed_joint *j = &bed->joint[joint_of(b)];
        const unsigned side = side_of(b), bit = 1u << side;
        if (in ? !is_open(bed, c, b) : !(j->seen & bit))
            continue;
        j->seen ^= (uint8_t)bit;
        c->volume += in ? volume_of(bed, c, b) : -volume_of(bed, c, b);
        if (j->below[side] == ST_NONE)
            continue;
        if (n + 2 > c->room) {
            uint32_t *larger = realloc(c->stack, 2 * c->room * sizeof *larger);
            if (!larger)
                return st_fail(err, ST_MEMORY, "no memory for the column of contrast");
            c->stack = larger;
            c->room *= 2;
        }
        c->stack[n++] = 2 * j->below[side];
        c->stack[n++] = 2 * j->below[side] + 1;
    }
    return ST_OK;
}

st_status column_init(column *c, st_bed *bed, uint32_t tip, double visible, st_error *err) {
    *c = (column){.visible = visible, .tip = tip, .room = 256};
    c->stack = st_alloc(c->room, sizeof *c->stack, err);
    return c->stack ? sweep(c, bed, tip, true, err) : ST_MEMORY;
}

/* What came in has its places on the stack, so that it goes without asking for memory. */
void column_cut(column *c, st_bed *bed, uint32_t branch) {
    if (!(bed->joint[joint_of(branch)].seen & (1u << side_of(branch))))
        return;
    const st_status never_fails = sweep(c, bed, branch, false, NULL);
    (void)never_fails;
    if (c->volume < 0) /* by rounding, when nothing is left */
        c->volume = 0;
}

void column_fini(column *c, st_bed *bed) {
    if (c->stack)
        column_cut(c, bed, c->tip);
    free(c->stack);
    *c = (column){0};
}
