/* The column of contrast whose clearance the operator watches.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

#include <math.h>
#include <stdlib.h>

/* The tip stands halfway along its vessel. Particles leave the pores between them to the contrast. */
static double volume_of(const st_bed *bed, const column *c, uint32_t branch) {
    const double d = (double)bed->joint[joint_of(branch)].width[side_of(branch)];
    const double length = (double)bed->length[branch] * (branch == c->tip ? 0.5 : 1);
    return fmax(0, M_PI / 4 * d * d * length - bed->lodged_volume[branch]);
}

/* A tight plug keeps the contrast out; it goes through a porous one. */
static bool fills(const st_bed *bed, const column *c, uint32_t branch) {
    const bed_joint *j = &bed->joint[joint_of(branch)];
    return (double)j->width[side_of(branch)] >= c->visible && bed->flow[branch] > 0 &&
           isfinite(j->resistance[side_of(branch)]);
}

static st_status push_beyond(column *c, const st_bed *bed, uint32_t branch, size_t *n, st_error *err) {
    const uint32_t below = bed->joint[joint_of(branch)].below[side_of(branch)];
    if (below == ST_NONE)
        return ST_OK;
    if (*n + 2 > c->room) {
        uint32_t *larger = realloc(c->stack, 2 * c->room * sizeof *larger);
        if (!larger)
            return st_fail(err, ST_MEMORY, "no memory for the column of contrast");
        c->stack = larger;
        c->room *= 2;
    }
    c->stack[(*n)++] = 2 * below;
    c->stack[(*n)++] = 2 * below + 1;
    return ST_OK;
}

static st_status take_in(column *c, st_bed *bed, uint32_t branch, st_error *err) {
    size_t n = 0;
    st_status status = ST_OK;
    c->stack[n++] = branch;
    while (n > 0 && status == ST_OK) {
        const uint32_t b = c->stack[--n];
        if (!fills(bed, c, b))
            continue;
        bed->joint[joint_of(b)].seen |= (uint8_t)(1u << side_of(b));
        c->volume += volume_of(bed, c, b);
        status = push_beyond(c, bed, b, &n, err);
    }
    return status;
}

/* A branch goes with all that the column reaches through it; there are places on the stack for it since it came in. */
static void put_out(column *c, st_bed *bed, uint32_t branch) {
    size_t n = 0;
    st_status status = ST_OK;
    c->stack[n++] = branch;
    while (n > 0 && status == ST_OK) {
        const uint32_t b = c->stack[--n];
        bed_joint *j = &bed->joint[joint_of(b)];
        const unsigned bit = 1u << side_of(b);
        if (!(j->seen & bit))
            continue;
        j->seen ^= (uint8_t)bit;
        c->volume -= volume_of(bed, c, b);
        status = push_beyond(c, bed, b, &n, NULL);
    }
}

st_status column_init(column *c, st_bed *bed, uint32_t tip, double visible, st_error *err) {
    *c = (column){.visible = visible, .tip = tip, .room = 256};
    c->stack = st_alloc(c->room, sizeof *c->stack, err);
    return c->stack ? take_in(c, bed, tip, err) : ST_MEMORY;
}

void column_plug(column *c, st_bed *bed, uint32_t branch, double particles) {
    const bed_joint *j = &bed->joint[joint_of(branch)];
    if (!(j->seen & (1u << side_of(branch))))
        return;
    if (isfinite(j->resistance[side_of(branch)]))
        c->volume -= particles;
    else
        put_out(c, bed, branch);
    if (c->volume < 0) /* by rounding, when nothing is left */
        c->volume = 0;
}

void column_fini(column *c, st_bed *bed) {
    if (c->stack)
        put_out(c, bed, c->tip);
    free(c->stack);
    *c = (column){0};
}
