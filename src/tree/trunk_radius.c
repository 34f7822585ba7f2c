/* The middle of vessels and how wide they are: the voxels around a stretch of vessel have the volume of a cylinder as
 * long as it. In vessels of one to three voxels the distance to the wall knows whole voxels only; the volume does not.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_mask.h"

enum { SPREAD = 6 }; /* rounds */

/* Sums over the voxels of a node and over its halves of links, later over those of its neighbours too. */
typedef struct stretch {
    double volume, length; /* mm^3, mm */
    vec voxels, course;    /* times the middle of each */
} stretch;

typedef struct meter {
    const trunk_web *web;
    const trunk_mask *mask;
    graph_links links;
    double *nearest;  /* [voxels] */
    uint32_t *owner;  /* [voxels] node, ST_NONE where none is near */
    stretch *stretch; /* [nodes] */
    stretch *next;    /* [nodes] in the round */
} meter;

/* A voxel belongs to the node for which its squared distance less the node's squared width is least. */
static void claim(meter *m, uint32_t node) {
    const trunk_mask *mask = m->mask;
    const uint32_t *n = mask->geometry.n;
    const vec p = m->web->point[node];
    const double width = m->web->width[node], reach = 1.5 * width + mask->side;
    double centre[3];
    uint32_t low[3], high[3];
    st_geometry_to_voxel(&mask->geometry, (const double[3]){p.x, p.y, p.z}, centre);
    for (int k = 0; k < 3; k++) {
        const double far = reach / mask->geometry.spacing[k];
        low[k] = (uint32_t)fmin(fmax(ceil(centre[k] - far), 0), n[k]);
        high[k] = (uint32_t)fmin(fmax(floor(centre[k] + far) + 1, 0), n[k]);
    }
    for (uint32_t z = low[2]; z < high[2]; z++)
        for (uint32_t y = low[1]; y < high[1]; y++)
            for (uint32_t x = low[0]; x < high[0]; x++) {
                const uint32_t j = (z * n[1] + y) * n[0] + x, voxel = mask->rank[j];
                if (!mask->inside[j])
                    continue;
                const vec d = vec_sub(mask_point(mask, j), p);
                const double power = vec_dot(d, d) - width * width;
                if (power < m->nearest[voxel]) {
                    m->nearest[voxel] = power;
                    m->owner[voxel] = node;
                }
            }
}

/* A joint and the nodes in its ball say nothing: there one vessel is within another. */
static bool is_within_joint(const meter *m, uint32_t node, uint32_t joint) {
    return vec_distance(m->web->point[node], m->web->point[joint]) < m->web->width[joint];
}

static void silence(meter *m, uint32_t node) {
    m->stretch[node] = (stretch){0};
}

/* From a joint along each of its vessels. */
static void silence_joint(meter *m, uint32_t joint) {
    silence(m, joint);
    for (uint32_t k = m->links.begin[joint]; k < m->links.begin[joint + 1]; k++) {
        uint32_t link = m->links.at[k], node = web_across(m->web, link, joint);
        while (is_within_joint(m, node, joint) && web_degree(&m->links, node) == 2) {
            silence(m, node);
            const uint32_t begin = m->links.begin[node];
            link = m->links.at[begin] == link ? m->links.at[begin + 1] : m->links.at[begin];
            node = web_across(m->web, link, node);
        }
    }
}

static void add(stretch *to, const stretch *more) {
    to->volume += more->volume;
    to->length += more->length;
    to->voxels = vec_add(to->voxels, more->voxels);
    to->course = vec_add(to->course, more->course);
}

static void add_half(meter *m, uint32_t node, double length) {
    const stretch half = {.length = 0.5 * length, .course = vec_scale(m->web->point[node], 0.5 * length)};
    add(&m->stretch[node], &half);
}

static void count(meter *m) {
    const trunk_web *web = m->web;
    const double voxel = st_geometry_voxel_volume(&m->mask->geometry);
    for (uint32_t i = 0; i < m->mask->n; i++) {
        m->nearest[i] = INFINITY;
        m->owner[i] = ST_NONE;
    }
    for (uint32_t i = 0; i < web->n; i++)
        claim(m, i);
    for (uint32_t i = 0; i < m->mask->n; i++) {
        if (m->owner[i] == ST_NONE)
            continue;
        const stretch one = {.volume = voxel, .voxels = vec_scale(mask_point(m->mask, m->mask->voxel[i]), voxel)};
        add(&m->stretch[m->owner[i]], &one);
    }
    for (uint32_t i = 0; i < web->n_links; i++) {
        add_half(m, web->link[i].from, web_length(web, i));
        add_half(m, web->link[i].to, web_length(web, i));
    }
    for (uint32_t i = 0; i < web->n; i++)
        if (web_degree(&m->links, i) > 2)
            silence_joint(m, i);
}

/* Sums over a few nodes along the vessel, the nearer ones more often; not across joints. */
static void spread(meter *m) {
    const trunk_web *web = m->web;
    for (uint32_t i = 0; i < web->n; i++) {
        m->next[i] = m->stretch[i];
        for (uint32_t k = m->links.begin[i]; k < m->links.begin[i + 1] && web_degree(&m->links, i) < 3; k++)
            add(&m->next[i], &m->stretch[web_across(web, m->links.at[k], i)]);
    }
    stretch *done = m->stretch;
    m->stretch = m->next;
    m->next = done;
}

static st_status meter_init(meter *m, const trunk_web *web, const trunk_mask *mask, st_error *err) {
    *m = (meter){.web = web,
                 .mask = mask,
                 .nearest = st_alloc(mask->n, sizeof *m->nearest, err),
                 .owner = st_alloc(mask->n, sizeof *m->owner, err),
                 .stretch = st_alloc(web->n, sizeof *m->stretch, err),
                 .next = st_alloc(web->n, sizeof *m->next, err)};
    const st_status status =
        m->nearest && m->owner && m->stretch && m->next ? web_links(web, &m->links, err) : ST_MEMORY;
    if (status == ST_OK) {
        count(m);
        for (int i = 0; i < SPREAD; i++)
            spread(m);
    }
    return status;
}

static void meter_fini(meter *m) {
    graph_links_fini(&m->links);
    free(m->nearest);
    free(m->owner);
    free(m->stretch);
    free(m->next);
}

/* Between a node's neighbours, or from its only one to it. */
static vec direction_at(const meter *m, uint32_t node) {
    const uint32_t *at = m->links.at + m->links.begin[node], degree = web_degree(&m->links, node);
    const vec a = m->web->point[web_across(m->web, at[0], node)];
    const vec b = degree == 2 ? m->web->point[web_across(m->web, at[1], node)] : m->web->point[node];
    const vec d = vec_sub(b, a);
    return vec_scale(d, 1 / fmax(vec_length(d), 1e-9));
}

/* From the middle of the course to that of the voxels, across the vessel: along it the ends would move. */
static vec off_middle(const meter *m, uint32_t node) {
    const stretch *s = &m->stretch[node];
    const uint32_t degree = web_degree(&m->links, node);
    if (!(s->volume > 0 && s->length > 0) || degree < 1 || degree > 2)
        return (vec){0};
    const vec way = direction_at(m, node);
    const vec off = vec_sub(vec_scale(s->voxels, 1 / s->volume), vec_scale(s->course, 1 / s->length));
    return vec_sub(off, vec_scale(way, vec_dot(off, way)));
}

st_status course_centre(trunk_web *web, const trunk_mask *mask, st_error *err) {
    meter m;
    const st_status status = meter_init(&m, web, mask, err);
    for (uint32_t i = 0; i < web->n && status == ST_OK; i++)
        m.next[i].course = off_middle(&m, i);
    for (uint32_t i = 0; i < web->n && status == ST_OK; i++)
        web->point[i] = vec_add(web->point[i], m.next[i].course);
    meter_fini(&m);
    return status;
}

/* Where no volume is known, the depth; its voxel's centre is half a voxel from the wall. */
static double radius_of(const meter *m, const graph_vessel *link) {
    stretch sum = m->stretch[link->from];
    add(&sum, &m->stretch[link->to]);
    if (sum.volume > 0 && sum.length > 0)
        return sqrt(sum.volume / (M_PI * sum.length));
    return fmax(fmin(m->web->width[link->from], m->web->width[link->to]) - 0.5 * m->mask->side, 0.5 * m->mask->side);
}

st_status course_measure(trunk_web *web, const trunk_mask *mask, st_error *err) {
    meter m;
    const st_status status = meter_init(&m, web, mask, err);
    for (uint32_t i = 0; i < web->n_links && status == ST_OK; i++)
        web->link[i].radius = radius_of(&m, &web->link[i]);
    meter_fini(&m);
    return status;
}
