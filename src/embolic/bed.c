/* The bed of a tree: its vessels in the order in which particles pass them, and random ones where it resolves none.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bed_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* A vessel to be made a branch. */
typedef struct vessel {
    enum { ABSENT, OF_TREE, REST, RANDOM } kind; /* REST: the siblings from `segment` on, at a joint of more than two */
    uint32_t segment;                            /* of the tree; of a random vessel the one below which it stands */
    uint64_t key;                                /* of a random vessel */
    double flow, start, length, width;
    double pressure; /* Pa at its mouth, over the back pressure */
} vessel;

/* A joint to be made, with its two vessels. */
typedef struct pending {
    uint32_t above;
    double azimuth;
    vessel vessel[2];
} pending;

typedef struct builder {
    st_bed *bed;
    bed_pool pool;
    const double *pressure;    /* [segments] Pa at the distal point at baseline */
    const uint32_t *terminals; /* [segments] below each */
    double narrow;             /* mm: narrower vessels are ends */
    double end_diameter;       /* mm: of the last arteries */
    double largest_drop;       /* part of the pressure at its mouth that a random vessel may take */
    uint32_t replaced;         /* terminals; below vessels of so few stand random ones */
    double back_pressure;
    uint32_t room; /* joints that there is memory for */
    pending *stack;
    size_t n_stack, stack_room;
    st_error *err;
} builder;

double bed_resistance(const st_parameters *parameters, double diameter) {
    const double viscosity = st_viscosity(diameter / ST_UM, st_parameter_value(parameters, ST_P_HAEMATOCRIT),
                                          st_parameter_value(parameters, ST_P_PLASMA_VISCOSITY));
    return 128 * viscosity / (M_PI * diameter * diameter * diameter * diameter);
}

/* ---- memory ---------------------------------------------------------------- */

static bool resize(void **array, size_t n, size_t size) {
    void *larger = realloc(*array, n * size);
    if (larger)
        *array = larger;
    return larger != NULL;
}

/* Joints of 64 bytes begin at multiples of 64, each in one line of the cache. */
static bool resize_joints(st_bed *bed, size_t n) {
    bed_joint *larger = aligned_alloc(sizeof *larger, n * sizeof *larger);
    if (!larger)
        return false;
    for (uint32_t j = 0; j < bed->n_joints; j++)
        larger[j] = bed->joint[j];
    free(bed->joint);
    bed->joint = larger;
    return true;
}

static st_status reserve(builder *b) {
    _Static_assert(sizeof(bed_joint) == 64, "a joint fills one line of the cache");
    st_bed *bed = b->bed;
    if (bed->n_joints < b->room)
        return ST_OK;
    const size_t n = b->room > 0 ? 2 * (size_t)b->room : 1024;
    if (n > UINT32_MAX / 4)
        return st_fail(b->err, ST_VALUE,
                       "the bed has more than %u vessels; a wider particle or end_diameter needs fewer",
                       UINT32_MAX / 2);
    if (!resize_joints(bed, n) || !resize((void **)&bed->length, 2 * n, sizeof *bed->length) ||
        !resize((void **)&bed->segment, 2 * n, sizeof *bed->segment) ||
        !resize((void **)&bed->outlet, 2 * n, sizeof *bed->outlet) ||
        !resize((void **)&bed->flow, 2 * n, sizeof *bed->flow) ||
        !resize((void **)&bed->start, 2 * n, sizeof *bed->start) ||
        !resize((void **)&bed->tumour, 2 * n, sizeof *bed->tumour) ||
        !resize((void **)&bed->azimuth, n, sizeof *bed->azimuth))
        return st_fail(b->err, ST_MEMORY, "no memory for a bed of %zu joints", n);
    b->room = (uint32_t)n;
    return ST_OK;
}

static st_status push(builder *b, const pending *p) {
    if (b->n_stack == b->stack_room) {
        const size_t n = b->stack_room > 0 ? 2 * b->stack_room : 64;
        if (!resize((void **)&b->stack, n, sizeof *b->stack))
            return st_fail(b->err, ST_MEMORY, "no memory for %zu joints under way", n);
        b->stack_room = n;
    }
    b->stack[b->n_stack++] = *p;
    return ST_OK;
}

/* ---- vessels ---------------------------------------------------------------- */

static vessel of_tree(const builder *b, uint32_t segment, double start, double pressure) {
    const st_tree *tree = b->bed->tree;
    return (vessel){.kind = OF_TREE,
                    .segment = segment,
                    .flow = tree->demand[segment],
                    .start = start,
                    .length = st_tree_length(tree, segment),
                    .width = 2 * (double)tree->radius[segment],
                    .pressure = pressure};
}

/* The vessels at the end of one of the tree; those beyond the first two hang on a branch without length. */
static void divide_tree(const builder *b, uint32_t first, double start, double pressure, double width, pending *p) {
    const st_tree *tree = b->bed->tree;
    const uint32_t second = tree->next_sibling[first];
    p->vessel[0] = of_tree(b, first, start, pressure);
    start += p->vessel[0].flow;
    if (second == ST_NONE) {
        p->vessel[1] = (vessel){.kind = ABSENT, .start = start};
    } else if (tree->next_sibling[second] == ST_NONE) {
        p->vessel[1] = of_tree(b, second, start, pressure);
    } else {
        p->vessel[1] = (vessel){.kind = REST, .segment = second, .start = start, .width = width, .pressure = pressure};
        for (uint32_t i = second; i != ST_NONE; i = tree->next_sibling[i])
            p->vessel[1].flow += tree->demand[i];
    }
}

/* Which of the segments from the vessel's own down to a terminal is as a random vessel there: the last that carries no
 * less. */
static uint32_t stands_in(const builder *b, const vessel *v) {
    const st_tree *tree = b->bed->tree;
    uint32_t i = b->bed->terminal[bed_terminal_at(b->bed, v->start + v->flow / 2)];
    while (i != v->segment && tree->demand[i] < v->flow)
        i = tree->parent[i];
    return i;
}

static double supplied_by(const builder *b, const vessel *v) {
    return bed_supplied(b->bed->parameters, v->flow, bed_tumour_flow(b->bed, v->start, v->flow));
}

/* Flow of an artery of the end diameter, if it branched off this one. */
static double least_flow(const builder *b, const vessel *v) {
    return v->flow * pow(b->end_diameter / v->width, b->pool.exponent);
}

static void divide_random(const builder *b, const vessel *v, const bed_joining *joining, double pressure, pending *p) {
    const double flow[2] = {joining->division->share * v->flow, v->flow - joining->division->share * v->flow};
    p->azimuth = joining->azimuth;
    for (int side = 0; side < 2; side++) {
        vessel *w = &p->vessel[side];
        *w = (vessel){.kind = RANDOM,
                      .segment = v->segment,
                      .key = joining->key[side],
                      .flow = flow[side],
                      .start = v->start + (side == 1 ? flow[0] : 0),
                      .width = v->width * pow(flow[side] / v->flow, 1 / b->pool.exponent),
                      .pressure = pressure};
        w->width = fmax(w->width, b->end_diameter);
        w->length = joining->division->length[side] * supplied_by(b, w);
    }
}

/* ---- joints ----------------------------------------------------------------- */

static bool is_end(const builder *b, const vessel *v) {
    if (v->kind == REST)
        return false;
    if (v->kind == ABSENT || v->width < b->narrow)
        return true;
    if (v->kind == OF_TREE && !st_tree_is_terminal(b->bed->tree, v->segment))
        return false;
    return b->pool.n == 0 || v->flow < 2 * least_flow(b, v);
}

static bool is_replaced(const builder *b, uint32_t segment) {
    const st_tree *tree = b->bed->tree;
    if (b->pool.n == 0)
        return false;
    if (st_tree_is_terminal(tree, segment))
        return true;
    /* what an image or a file showed stays, and so does where a tip can stand */
    return b->terminals[segment] <= b->replaced && !tree->measured[tree->first_child[segment]] &&
           2 * (double)tree->radius[segment] <= st_parameter_value(b->bed->parameters, ST_P_MICROCATHETER_DIAMETER);
}

static st_status end_in_tissue(const builder *b, const vessel *v, uint32_t branch, double pressure) {
    b->bed->outlet[branch] = v->flow > 0 ? v->flow / pressure : 0;
    if (v->flow <= 0 || pressure > 0)
        return ST_OK;
    return st_fail(b->err, ST_NUMERIC,
                   "the demand needs more pressure than there is: the vessels of %.3g um below segment %u would have "
                   "%.1f mmHg less than the back pressure of %.1f mmHg; a wider end_diameter, a wider root_diameter or "
                   "a higher inlet_pressure would do",
                   v->width / ST_UM, v->segment, -pressure / ST_MMHG, b->back_pressure / ST_MMHG);
}

static void set_branch(builder *b, const vessel *v, uint32_t branch, double resistance) {
    st_bed *bed = b->bed;
    bed_joint *joint = &bed->joint[joint_of(branch)];
    const unsigned side = side_of(branch);
    joint->resistance[side] = resistance;
    joint->width[side] = (float)v->width;
    joint->room[side] = bed->length[branch] = (float)v->length;
    joint->below[side] = ST_NONE;
    bed->segment[branch] = v->kind == RANDOM ? stands_in(b, v) : v->kind == OF_TREE ? v->segment : ST_NONE;
    bed->outlet[branch] = 0;
    bed->flow[branch] = v->flow;
    bed->start[branch] = v->start;
    bed->tumour[branch] = v->flow > 0 && bed_tumour_flow(bed, v->start, v->flow) > 0.5 * v->flow;
    if (v->kind == ABSENT || v->flow <= 0)
        joint->full |= (uint8_t)(1u << side);
}

/* The vessel becomes a branch; what hangs at its end is pushed. */
static st_status make_branch(builder *b, const vessel *made, uint32_t branch) {
    st_bed *bed = b->bed;
    vessel v = *made;
    const bool end = is_end(b, &v),
               random = !end && (v.kind == RANDOM || (v.kind == OF_TREE && is_replaced(b, v.segment)));
    bed_joining joining = {0};
    if (random) {
        joining = bed_divide(&b->pool, v.kind == RANDOM ? v.key : v.segment, v.flow, least_flow(b, &v));
        if (v.kind == RANDOM) /* the length of one of the tree is known */
            v.length += joining.passed_by * supplied_by(b, &v);
    }
    const double per_length = v.kind == OF_TREE || v.kind == RANDOM ? bed_resistance(bed->parameters, v.width) : 0;
    if (v.kind == RANDOM) /* a run of long draws must not use up the pressure */
        v.length = fmin(v.length, b->largest_drop * v.pressure / (per_length * v.flow));
    const double r = per_length * v.length;
    set_branch(b, &v, branch, r);
    if (v.kind == ABSENT || v.flow <= 0)
        return ST_OK;
    const double pressure = v.kind == OF_TREE ? b->pressure[v.segment] - b->back_pressure : v.pressure - r * v.flow;
    if (end)
        return end_in_tissue(b, &v, branch, pressure);
    pending p = {.above = branch};
    if (random) {
        divide_random(b, &v, &joining, pressure, &p);
    } else if (v.kind == REST) {
        divide_tree(b, v.segment, v.start, pressure, v.width, &p);
    } else {
        divide_tree(b, bed->tree->first_child[v.segment], v.start, pressure, v.width, &p);
        p.azimuth = bed_azimuth(bed->tree, v.segment);
    }
    return push(b, &p);
}

static st_status make_joint(builder *b, const pending *p) {
    st_bed *bed = b->bed;
    st_status status = reserve(b);
    if (status != ST_OK)
        return status;
    const uint32_t j = bed->n_joints++;
    bed->joint[j] = (bed_joint){.above = p->above};
    bed->azimuth[j] = (float)p->azimuth;
    if (p->above != ST_NONE)
        bed->joint[joint_of(p->above)].below[side_of(p->above)] = j;
    for (uint32_t side = 2; side-- > 0 && status == ST_OK;) /* that of side 0 is taken from the stack first */
        status = make_branch(b, &p->vessel[side], 2 * j + side);
    return status;
}

static st_status make_root(builder *b, uint32_t segment, double start) {
    st_bed *bed = b->bed;
    bed->root[bed->n_roots++] = bed->n_joints;
    const pending p = {.above = ST_NONE,
                       .vessel = {of_tree(b, segment, start, bed->pressure), {.kind = ABSENT, .start = start}}};
    st_status status = make_joint(b, &p);
    while (b->n_stack > 0 && status == ST_OK) {
        const pending next = b->stack[--b->n_stack];
        status = make_joint(b, &next);
    }
    return status;
}

static void count_terminals(const st_tree *tree, uint32_t *terminals) {
    for (uint32_t i = tree->n; i-- > 0;) {
        if (st_tree_is_terminal(tree, i))
            terminals[i] = 1;
        if (tree->parent[i] != ST_NONE)
            terminals[tree->parent[i]] += terminals[i];
    }
}

static st_status build(builder *b, uint64_t seed) {
    st_bed *bed = b->bed;
    const st_tree *tree = bed->tree;
    double *pressure = st_alloc(tree->n, sizeof *pressure, b->err), start = 0;
    uint32_t *terminals = st_alloc(tree->n, sizeof *terminals, b->err);
    st_status status = pressure && terminals ? st_flow_baseline(tree, bed->parameters, pressure, b->err) : ST_MEMORY;
    b->pressure = pressure;
    b->terminals = terminals;
    if (status == ST_OK) {
        bed_order_terminals(bed);
        count_terminals(tree, terminals);
        status = bed_pool_init(tree, bed->parameters, terminals, seed, &b->pool, b->err);
    }
    for (uint32_t i = 0; i < tree->n && status == ST_OK; i++) {
        if (tree->parent[i] != ST_NONE)
            continue;
        status = make_root(b, i, start);
        start += tree->demand[i];
    }
    bed_pool_fini(&b->pool);
    free(b->stack);
    free(pressure);
    free(terminals);
    return status;
}

static uint32_t count_roots(const st_tree *tree) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        n += tree->parent[i] == ST_NONE;
    return n;
}

st_status st_bed_new(const st_tree *tree, const st_parameters *parameters, double width, uint64_t seed, st_bed **out,
                     st_error *err) {
    *out = NULL;
    if (!(width > 0))
        return st_fail(err, ST_VALUE, "the narrowest particle is %g mm wide; it must be above 0", width);
    st_bed *bed = st_alloc(1, sizeof *bed, err);
    if (!bed)
        return ST_MEMORY;
    const double back_pressure = st_parameter_value(parameters, ST_P_ARTERIAL_BACK_PRESSURE);
    bed->tree = tree;
    bed->parameters = parameters;
    bed->width = width;
    bed->pressure = st_parameter_value(parameters, ST_P_INLET_PRESSURE) - back_pressure;
    bed->root = st_alloc(count_roots(tree), sizeof *bed->root, err);
    bed->terminal = st_alloc(tree->n_terminals, sizeof *bed->terminal, err);
    bed->terminal_end = st_alloc(tree->n_terminals, sizeof *bed->terminal_end, err);
    bed->tumour_end = st_alloc(tree->n_terminals, sizeof *bed->tumour_end, err);
    builder b = {.bed = bed,
                 .narrow = fmin(width, st_parameter_value(parameters, ST_P_VISIBLE_DIAMETER)), /* for the contrast */
                 .replaced = (uint32_t)st_parameter_value(parameters, ST_P_CLOSURE_TERMINALS),
                 .end_diameter = st_parameter_value(parameters, ST_P_END_DIAMETER),
                 .largest_drop = st_parameter_value(parameters, ST_P_CLOSURE_DROP),
                 .back_pressure = back_pressure,
                 .err = err};
    st_status status = bed->root && bed->terminal && bed->terminal_end && bed->tumour_end ? build(&b, seed) : ST_MEMORY;
    if (status == ST_OK) {
        bed->lodged = st_alloc(2 * (size_t)bed->n_joints, sizeof *bed->lodged, err);
        bed->lodged_volume = st_alloc(2 * (size_t)bed->n_joints, sizeof *bed->lodged_volume, err);
        status = bed->lodged && bed->lodged_volume ? ST_OK : ST_MEMORY;
    }
    if (status != ST_OK) {
        st_bed_free(bed);
        return status;
    }
    bed_refresh(bed, 0, bed->n_joints);
    *out = bed;
    return ST_OK;
}

void st_bed_free(st_bed *bed) {
    if (!bed)
        return;
    free(bed->joint);
    free(bed->root);
    free(bed->length);
    free(bed->segment);
    free(bed->outlet);
    free(bed->flow);
    free(bed->start);
    free(bed->lodged);
    free(bed->lodged_volume);
    free(bed->oil);
    free(bed->oil_portal);
    free(bed->tumour);
    free(bed->azimuth);
    free(bed->terminal);
    free(bed->terminal_end);
    free(bed->tumour_end);
    free(bed);
}

uint32_t st_bed_joints(const st_bed *bed) {
    return bed->n_joints;
}
