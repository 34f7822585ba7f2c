/* One insertion: which vessel to join, where, and whether anything is in the way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_internal.h"

#include <stdlib.h>

/* A new vessel keeps this factor of clearance, since those around it may still widen. */
static const double CLEARANCE = 1.1;
/* Nearest vessels looked at for a site; one that found none of them free looks at more. */
#define CANDIDATES            12u
#define CANDIDATES_PERSISTENT 48u

static double weight_of(const grower *g, uint32_t count) {
    return g->weight[count];
}

double grow_radius(const grower *g, uint32_t count) {
    const uint32_t all = g->placed < g->terminals ? g->placed + 1 : g->placed;
    return g->root_radius * sqrt(weight_of(g, count) / weight_of(g, all));
}

/* How much the volume from `vessel` up to the root grows when one more terminal hangs below it.
 * Worked out anew only when the tree has grown by a sixteenth since: it ranks candidates, and
 * most of it is common to all of them. */
static double path_growth(grower *g, uint32_t vessel) {
    uint32_t *stack = g->found; /* free at this point */
    size_t depth = 0;
    uint32_t v = vessel;
    while (v != ST_NONE && (g->path_age[v] == 0 || g->placed - g->path_age[v] > g->placed / 16)) {
        stack[depth++] = v;
        v = g->parent[v];
    }
    double sum = v == ST_NONE ? 0 : g->path[v];
    while (depth > 0) {
        v = stack[--depth];
        const segment_ends s = grow_ends(g, v);
        sum += vec_distance(s.a, s.b) * (weight_of(g, g->count[v] + 1) - weight_of(g, g->count[v]));
        g->path[v] = sum;
        g->path_age[v] = g->placed;
    }
    return sum;
}

typedef struct candidate {
    uint32_t vessel;
    double distance2, cost;
    vec joint;
} candidate;

/* The `wanted` vessels nearest to a point, nearest first. */
static unsigned nearest_vessels(grower *g, vec p, unsigned wanted, candidate *near) {
    size_t n_found = 0;
    grow_index_begin(&g->index);
    const int rings = (int)(g->index.n[0] + g->index.n[1] + g->index.n[2]);
    for (int ring = 0; ring <= rings && !(ring > 1 && n_found >= wanted); ring++)
        grow_index_near(&g->index, p, ring, ring, g->found, &n_found);
    unsigned n = 0;
    for (size_t i = 0; i < n_found; i++) {
        const uint32_t vessel = g->found[i];
        if (vessel == 0)
            continue; /* nothing joins the stump outside the organ */
        const double d2 = point_segment_distance2(p, grow_ends(g, vessel));
        if (n == wanted && d2 >= near[n - 1].distance2)
            continue;
        unsigned at = n < wanted ? n++ : n - 1;
        for (; at > 0 && near[at - 1].distance2 > d2; at--)
            near[at] = near[at - 1];
        near[at] = (candidate){.vessel = vessel, .distance2 = d2};
    }
    return n;
}

static int by_cost(const void *x, const void *y) {
    const candidate *a = x, *b = y;
    if (a->cost != b->cost)
        return a->cost < b->cost ? -1 : 1;
    return a->vessel < b->vessel ? -1 : a->vessel > b->vessel;
}

/* What is checked must be what is kept. */
static vec as_stored(vec p) {
    return (vec){(double)(float)p.x, (double)(float)p.y, (double)(float)p.z};
}

static void price(grower *g, vec p, candidate *c) {
    const segment_ends s = grow_ends(g, c->vessel);
    const uint32_t count = g->count[c->vessel];
    const double before = weight_of(g, count) * vec_distance(s.a, s.b);
    c->cost = joint_best(s.a, s.b, p, weight_of(g, count + 1), weight_of(g, count), 1, &c->joint) - before +
              path_growth(g, g->parent[c->vessel]);
    c->joint = as_stored(c->joint);
}

/* A walk through the voxels of the organ, from wall to wall, along a + t d in voxel units. */
typedef struct voxel_walk {
    double a[3], d[3], wall[3]; /* t at the next wall across each axis */
    int64_t voxel[3];
} voxel_walk;

static void enter_at(voxel_walk *w, double t) {
    for (int i = 0; i < 3; i++) {
        w->voxel[i] = (int64_t)floor(w->a[i] + t * w->d[i] + 0.5); /* voxel v reaches from v - 0.5 to v + 0.5 */
        w->wall[i] = w->d[i] == 0 ? INFINITY : ((double)w->voxel[i] + (w->d[i] > 0 ? 0.5 : -0.5) - w->a[i]) / w->d[i];
    }
}

static double cross_wall(voxel_walk *w) {
    const int i = w->wall[0] <= w->wall[1] ? (w->wall[0] <= w->wall[2] ? 0 : 2) : w->wall[1] <= w->wall[2] ? 1 : 2;
    const double t = w->wall[i];
    w->voxel[i] += w->d[i] > 0 ? 1 : -1;
    w->wall[i] = ((double)w->voxel[i] + (w->d[i] > 0 ? 0.5 : -0.5) - w->a[i]) / w->d[i];
    return t;
}

/* Every voxel that the segment touches is looked at, but for those that are too deep inside to matter. */
bool grow_stays_inside(const grower *g, segment_ends s) {
    const st_geometry *geometry = &g->liver->geometry;
    const double *h = geometry->spacing;
    const double diagonal = sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]), length = vec_distance(s.a, s.b);
    voxel_walk w;
    double b[3];
    st_geometry_to_voxel(geometry, (const double[3]){s.a.x, s.a.y, s.a.z}, w.a);
    st_geometry_to_voxel(geometry, (const double[3]){s.b.x, s.b.y, s.b.z}, b);
    for (int i = 0; i < 3; i++)
        w.d[i] = b[i] - w.a[i];
    enter_at(&w, 0);
    for (double t = 0;;) {
        for (int i = 0; i < 3; i++)
            if (w.voxel[i] < 0 || w.voxel[i] >= (int64_t)geometry->n[i])
                return false;
        const size_t voxel =
            ((size_t)w.voxel[2] * geometry->n[1] + (size_t)w.voxel[1]) * geometry->n[0] + (size_t)w.voxel[0];
        if (g->liver->tissue[voxel] == ST_OUTSIDE)
            return false;
        const double clear = (double)g->depth[voxel] - diagonal; /* as far as no voxel outside can be */
        if (clear > diagonal) {
            t += clear / length;
            enter_at(&w, fmin(t, 1));
        } else if (fmin(w.wall[0], fmin(w.wall[1], w.wall[2])) >= 1) {
            return true;
        } else {
            t = cross_wall(&w);
        }
        if (t >= 1)
            return true;
    }
}

/* The three vessels that an insertion makes out of one. */
typedef struct insertion {
    uint32_t vessel, parent;
    segment_ends piece[3]; /* parent side, old far side, new terminal */
    double radius[3];
} insertion;

static insertion insertion_of(const grower *g, const candidate *c, vec p) {
    const segment_ends s = grow_ends(g, c->vessel);
    const uint32_t count = g->count[c->vessel];
    return (insertion){
        .vessel = c->vessel,
        .parent = g->parent[c->vessel],
        .piece = {{s.a, c->joint}, {c->joint, s.b}, {c->joint, p}},
        .radius = {grow_radius(g, count + 1), grow_radius(g, count), grow_radius(g, 1)},
    };
}

/* Whether a vessel meets a piece at a common joint and so may touch it. */
static bool share_joint(const grower *g, const insertion *in, uint32_t vessel, int piece) {
    if (piece == 0)
        return vessel == in->parent || g->parent[vessel] == in->parent;
    return piece == 1 && g->parent[vessel] == in->vessel;
}

static bool is_free(grower *g, const insertion *in) {
    size_t n = 0;
    grow_index_begin(&g->index);
    for (int i = 0; i < 3; i++)
        grow_index_along(&g->index, in->piece[i], in->radius[i] * CLEARANCE, g->found, &n);
    for (size_t k = 0; k < n; k++) {
        const uint32_t other = g->found[k];
        if (other == in->vessel)
            continue;
        const segment_ends s = grow_ends(g, other);
        const double radius = grow_radius(g, g->count[other]);
        for (int i = 0; i < 3; i++)
            if (!share_joint(g, in, other, i) &&
                segment_distance(in->piece[i], s) < (in->radius[i] + radius) * CLEARANCE)
                return false;
    }
    return true;
}

static bool is_feasible(grower *g, const insertion *in) {
    for (int i = 0; i < 3; i++) /* a vessel shorter than it is wide is none */
        if (vec_distance(in->piece[i].a, in->piece[i].b) < 2 * in->radius[i])
            return false;
    return grow_stays_inside(g, in->piece[2]) && grow_stays_inside(g, in->piece[0]) &&
           grow_stays_inside(g, in->piece[1]) && is_free(g, in);
}

st_status grow_index_vessel(grower *g, uint32_t vessel, bool known, st_error *err) {
    if (g->count[vessel] == 0 && vessel > 0)
        return ST_OK; /* taken off */
    return grow_index_add(&g->index, vessel, known, grow_ends(g, vessel),
                          GROW_INDEX_RADIUS * grow_radius(g, g->count[vessel]), err);
}

st_status grow_reindex(grower *g, st_error *err) {
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (unsigned corner = 0; corner < 8; corner++) {
        double index[3], point[3];
        for (unsigned i = 0; i < 3; i++)
            index[i] = corner >> i & 1 ? g->liver->geometry.n[i] : -1.0;
        st_geometry_to_lps(&g->liver->geometry, index, point);
        for (int i = 0; i < 3; i++) {
            low[i] = fmin(low[i], point[i]);
            high[i] = fmax(high[i], point[i]);
        }
    }
    grow_index_fini(&g->index);
    const double cell = cbrt(g->liver->volume / (2 * g->n));
    st_status status = grow_index_init(&g->index, low, high, cell, g->capacity, err);
    for (uint32_t v = 0; v < g->n && status == ST_OK; v++)
        status = grow_index_vessel(g, v, false, err);
    g->indexed = g->n;
    return status;
}

/* A new index whenever the tree has doubled. */
static st_status refresh_index(grower *g, st_error *err) {
    return g->indexed > 0 && g->n < 2 * g->indexed ? ST_OK : grow_reindex(g, err);
}

static uint32_t add_vessel(grower *g, uint32_t parent, vec end, uint32_t count) {
    const uint32_t v = g->n_spare > 0 ? g->spare[--g->n_spare] : g->n++;
    g->path_age[v] = 0;
    g->parent[v] = parent;
    g->child[v][0] = g->child[v][1] = ST_NONE;
    g->count[v] = count;
    g->end[v][0] = (float)end.x;
    g->end[v][1] = (float)end.y;
    g->end[v][2] = (float)end.z;
    return v;
}

static void count_terminal(grower *g, uint32_t from) {
    for (uint32_t v = from; v != ST_NONE; v = g->parent[v])
        g->count[v]++;
    g->placed++;
}

static st_status commit(grower *g, const candidate *c, const terminal_site *site, st_error *err) {
    const uint32_t old = c->vessel, parent = g->parent[old];
    const uint32_t joint = add_vessel(g, parent, c->joint, g->count[old]);
    const uint32_t terminal = add_vessel(g, joint, vec_of(site->point), 1);
    g->lesion[terminal] = site->lesion;
    g->child[parent][g->child[parent][0] == old ? 0 : 1] = joint;
    g->child[joint][0] = old;
    g->child[joint][1] = terminal;
    g->parent[old] = joint;
    count_terminal(g, joint);
    st_status status = grow_index_vessel(g, joint, false, err);
    if (status == ST_OK)
        status = grow_index_vessel(g, old, true, err);
    if (status == ST_OK)
        status = grow_index_vessel(g, terminal, false, err);
    return status;
}

/* The first terminal is reached from the hilum directly, by a vessel long enough to be joined by others: each piece
 * of it must stay longer than wide. */
static st_status commit_first(grower *g, const terminal_site *site, bool *done, st_error *err) {
    const segment_ends s = {vec_of(g->end[0]), vec_of(site->point)};
    const double least = (g->capacity > 4 ? 8 : 2) * g->root_radius; /* 4: room for a single terminal */
    if (vec_distance(s.a, s.b) < least || !grow_stays_inside(g, s))
        return ST_OK;
    const uint32_t terminal = add_vessel(g, 0, s.b, 1);
    g->lesion[terminal] = site->lesion;
    g->child[0][0] = terminal;
    count_terminal(g, 0);
    *done = true;
    return refresh_index(g, err);
}

/* Joins the site at the first candidate, as they stand, whose joint is feasible. */
static st_status join_first_feasible(grower *g, const terminal_site *site, const candidate *near, unsigned n,
                                     bool *done, st_error *err) {
    for (unsigned i = 0; i < n && !*done; i++) {
        const insertion in = insertion_of(g, &near[i], vec_of(site->point));
        if (!is_feasible(g, &in))
            continue;
        st_status status = commit(g, &near[i], site, err);
        if (status == ST_OK)
            status = refresh_index(g, err);
        if (status != ST_OK)
            return status;
        *done = true;
    }
    return ST_OK;
}

st_status grow_insert(grower *g, const terminal_site *site, bool persistent, bool *done, st_error *err) {
    *done = false;
    if (g->placed == 0)
        return commit_first(g, site, done, err);
    const vec p = vec_of(site->point);
    candidate near[CANDIDATES_PERSISTENT];
    const unsigned n = nearest_vessels(g, p, persistent ? CANDIDATES_PERSISTENT : CANDIDATES, near);
    for (unsigned i = 0; i < n; i++)
        price(g, p, &near[i]);
    qsort(near, n, sizeof *near, by_cost);
    st_status status = join_first_feasible(g, site, near, n, done, err);
    static const double elsewhere[] = {0.5, 0.25, 0.75}; /* of the vessel's length */
    for (unsigned k = 0; k < sizeof elsewhere / sizeof *elsewhere && persistent && !*done && status == ST_OK; k++) {
        for (unsigned i = 0; i < n; i++) {
            const segment_ends s = grow_ends(g, near[i].vessel);
            near[i].joint = as_stored(vec_along(s.a, s.b, elsewhere[k]));
        }
        status = join_first_feasible(g, site, near, n, done, err);
    }
    return status;
}
