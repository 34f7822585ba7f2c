/* What a particle that rests does to its vessel: a plug, porous or tight.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

#include <math.h>

/* Room from the mouth of a branch to the place where the first particle stops: a vessel narrows evenly from the width
 * of the one before it to its own, and the particle goes to where it fits no more; a narrow enough one to the end. */
static double first_room(const st_bed *bed, uint32_t branch, double width) {
    const bed_joint *joint = &bed->joint[joint_of(branch)];
    const double own = (double)joint->width[side_of(branch)], room = (double)joint->room[side_of(branch)];
    if (joint->above == ST_NONE || width <= own)
        return room;
    const double above = (double)bed->joint[joint_of(joint->above)].width[side_of(joint->above)];
    return above > own ? room * fmin(1, fmax(0, (above - width) / (above - own))) : room;
}

/* A branch takes no more. One without length has no room of its own: it is full when both branches beyond it are. */
static void fill(st_bed *bed, uint32_t branch) {
    for (;;) {
        bed_joint *joint = &bed->joint[joint_of(branch)];
        joint->full |= (uint8_t)(1u << side_of(branch));
        branch = joint->above;
        if (joint->full != 3 || branch == ST_NONE || bed->length[branch] > 0)
            return;
    }
}

/* A packed bed of particles by Kozeny and Carman: k = d^2 f^3 / (180 (1 - f)^2) (Carman, Trans Inst Chem Eng
 * 1937;15:150) over the length that they fill, instead of the open lumen's D^2 / 32. */
static void fill_porous(const infusing *in, bed_joint *joint, unsigned side, const unit *u, double volume) {
    const double width = (double)joint->width[side], f = in->porosity;
    const double area = M_PI / 4 * width * width;
    const double length = volume / ((1 - f) * area);
    const double d =
        fmin(u->diameter, width); /* the pores of what was pressed into a narrower vessel are of its size */
    const double permeability = d * d * f * f * f / (180 * (1 - f) * (1 - f));
    joint->resistance[side] += length * bed_resistance(in->parameters, width) * (width * width / 32 / permeability - 1);
    joint->room[side] -= (float)length;
}

void lodge(infusing *in, uint32_t branch, const unit *u, bool refluxed) {
    st_bed *bed = in->bed;
    bed_joint *joint = &bed->joint[joint_of(branch)];
    const unsigned side = side_of(branch), bit = 1u << side;
    const double volume = u->n * M_PI / 6 * u->diameter * u->diameter * u->diameter;
    if (!(joint->plugged & bit))
        joint->room[side] = (float)first_room(bed, branch, u->width);
    joint->plugged |= (uint8_t)bit;
    if (in->porosity > 0) {
        fill_porous(in, joint, side, u, volume);
    } else {
        joint->resistance[side] = INFINITY;
        joint->room[side] = 0;
    }
    if (joint->room[side] <= 0)
        fill(bed, branch);
    column_plug(&in->column, bed, branch, volume);
    bed->lodged[branch] += u->n;
    bed->lodged_volume[branch] += volume;
    const uint32_t tip_end = bed->joint[joint_of(in->catheter.tip)].below[side_of(in->catheter.tip)];
    if (branch != in->catheter.tip)
        bed_update(bed, branch, refluxed ? ST_NONE : tip_end);
    if (refluxed)
        catheter_refresh(&in->catheter, bed);
}
