/* What lies where in the bed: its plugs, and which of them touch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bed_internal.h"

#include <stdlib.h>

/* Clusters under way: of each branch the one that its plug belongs to, of each joint the one that reaches it. */
typedef struct numbering {
    const st_bed *bed;
    uint32_t *of_branch, *at_joint; /* ST_NONE: none */
    uint32_t n;
} numbering;

static bool is_full(const st_bed *bed, uint32_t branch) {
    return bed->joint[joint_of(branch)].full & (1u << side_of(branch));
}

/* A branch without length, which stands for a joint of more than two vessels, has no plug but hands on. */
static bool hands_on(const st_bed *bed, uint32_t branch) {
    return bed->segment[branch] == ST_NONE && bed->flow[branch] > 0 && is_full(bed, branch);
}

static uint32_t from_above(const numbering *c, uint32_t above) {
    if (above == ST_NONE)
        return ST_NONE;
    if (c->bed->lodged[above] > 0)
        return c->of_branch[above];
    return hands_on(c->bed, above) ? c->at_joint[joint_of(above)] : ST_NONE;
}

/* A full vessel's plug reaches up to its joint, and there touches that of the vessel before and of the one beside. */
static void number_joint(numbering *c, uint32_t j) {
    const st_bed *bed = c->bed;
    c->at_joint[j] = from_above(c, bed->joint[j].above);
    for (uint32_t branch = 2 * j; branch < 2 * j + 2; branch++) {
        const bool reaches = is_full(bed, branch) && (bed->lodged[branch] > 0 || hands_on(bed, branch));
        if (reaches && c->at_joint[j] == ST_NONE)
            c->at_joint[j] = c->n++;
        if (bed->lodged[branch] > 0)
            c->of_branch[branch] = reaches ? c->at_joint[j] : c->n++;
    }
}

static size_t count_plugs(const st_bed *bed) {
    size_t n = 0;
    for (uint32_t b = 0; b < 2 * bed->n_joints; b++)
        n += bed->lodged[b] > 0;
    return n;
}

static void list_plugs(const numbering *c, st_plug *plug) {
    const st_bed *bed = c->bed;
    for (uint32_t b = 0; b < 2 * bed->n_joints; b++)
        if (bed->lodged[b] > 0)
            *plug++ = (st_plug){.segment = bed->segment[b],
                                .width = (double)bed->joint[joint_of(b)].width[side_of(b)],
                                .particles = bed->lodged[b],
                                .volume = bed->lodged_volume[b],
                                .cluster = c->of_branch[b]};
}

st_status st_bed_plugs(const st_bed *bed, st_plug **plugs, size_t *n, st_error *err) {
    numbering c = {.bed = bed,
                   .of_branch = st_alloc(2 * (size_t)bed->n_joints, sizeof *c.of_branch, err),
                   .at_joint = st_alloc(bed->n_joints, sizeof *c.at_joint, err)};
    *n = count_plugs(bed);
    *plugs = st_alloc(*n + 1, sizeof **plugs, err);
    const st_status status = c.of_branch && c.at_joint && *plugs ? ST_OK : ST_MEMORY;
    for (uint32_t j = 0; j < bed->n_joints && status == ST_OK; j++) /* joints come after the one above them */
        number_joint(&c, j);
    if (status == ST_OK)
        list_plugs(&c, *plugs);
    free(c.of_branch);
    free(c.at_joint);
    return status;
}
