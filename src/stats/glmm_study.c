/* The likelihood of one study with its random effects integrated out by adaptive quadrature.
 *
 * A rule is laid around the mode of the integrand and scaled by its curvature there (Liu & Pierce, Biometrika
 * 1994;81:624, eq 2-5; two dimensions by the Cholesky factor, Pinheiro & Bates, J Comput Graph Stat 1995;4:12,
 * sec 2.3). All terms are log-concave in z, so that there is one mode, and walking away from it the integrand only
 * falls. Derivatives: of log integral exp(h(p, z)) dz they are the mean of dh/dp, and the mean of d2h/dp2 plus the
 * covariance of dh/dp, under the distribution of z given the data (Louis, J R Stat Soc B 1982;44:226).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "glmm.h"

#include <math.h>
#include <string.h>

static const double NOTHING_LEFT = 45; /* exp(-45) = 3e-20 of the largest */

typedef struct scene {
    const glmm_layout *l;
    const term *t;
    double fixed[GLMM_ARMS], scale[GLMM_ARMS][GLMM_DIMS]; /* eta of arm a = fixed[a] + scale[a] . z */
    double mode[GLMM_DIMS], top;                          /* where the integrand is largest, and its logarithm */
    double spread[GLMM_DIMS][GLMM_DIMS];                  /* lower triangle: z = mode + spread' t, see node_at */
} scene;

static scene scene_at(const glmm_layout *l, const term *t, const double *parameter) {
    scene s = {.l = l, .t = t};
    for (size_t a = 0; a < l->arms; a++)
        for (size_t q = 0; q < glmm_parameters(l); q++) {
            double *to = l->dim[q] == GLMM_NO_DIM ? &s.fixed[a] : &s.scale[a][l->dim[q]];
            *to += l->coefficient[a][q] * parameter[q];
        }
    return s;
}

/* Logarithm of the integrand, without constants, and what the arms say there. */
static double joint(const scene *s, const double *z, jet *arm) {
    double sum = 0;
    for (size_t d = 0; d < s->l->dims; d++)
        sum -= z[d] * z[d] / 2;
    for (size_t a = 0; a < s->l->arms; a++) {
        double eta = s->fixed[a];
        for (size_t d = 0; d < s->l->dims; d++)
            eta += s->scale[a][d] * z[d];
        arm[a] = term_jet(&s->t[a], eta);
        sum += arm[a].value;
    }
    return sum;
}

/* Gradient and minus the Hessian of joint() in z; the unused dimension is a standard normal by itself. */
static void slopes(const scene *s, const double *z, const jet *arm, double *g, double (*h)[GLMM_DIMS]) {
    for (size_t d = 0; d < GLMM_DIMS; d++) {
        g[d] = d < s->l->dims ? -z[d] : 0;
        for (size_t e = 0; e < GLMM_DIMS; e++)
            h[d][e] = d == e;
        for (size_t a = 0; a < s->l->arms; a++) {
            g[d] += arm[a].slope * s->scale[a][d];
            for (size_t e = 0; e < GLMM_DIMS; e++)
                h[d][e] += arm[a].curvature * s->scale[a][d] * s->scale[a][e];
        }
    }
}

/* Newton's steps, halved where they overshoot; leaves the curvature's Cholesky factor, transposed and inverted, in
 * `spread`. */
static void find_mode(scene *s, const double *start) {
    jet arm[GLMM_ARMS], there[GLMM_ARMS];
    double z[GLMM_DIMS], g[GLMM_DIMS], h[GLMM_DIMS][GLMM_DIMS];
    memcpy(z, start, sizeof z);
    double value = joint(s, z, arm);
    for (int i = 0; i < 100; i++) {
        slopes(s, z, arm, g, h);
        const double det = h[0][0] * h[1][1] - h[0][1] * h[1][0];
        const double step[] = {(h[1][1] * g[0] - h[0][1] * g[1]) / det, (h[0][0] * g[1] - h[1][0] * g[0]) / det};
        const double gain = step[0] * g[0] + step[1] * g[1]; /* twice what a parabola would give */
        double part = 1, next = -INFINITY, to[GLMM_DIMS] = {0};
        for (; part > 1e-10; part /= 2) {
            for (size_t d = 0; d < s->l->dims; d++)
                to[d] = z[d] + part * step[d];
            next = joint(s, to, there);
            if (next >= value + 1e-4 * part * gain - 1e-14 * (1 + fabs(value)))
                break;
        }
        if (part <= 1e-10)
            break;
        memcpy(z, to, sizeof z);
        memcpy(arm, there, sizeof arm);
        value = next;
        if (gain < 1e-18)
            break;
    }
    slopes(s, z, arm, g, h);
    memcpy(s->mode, z, sizeof z);
    s->top = value;
    const double c00 = sqrt(h[0][0]), c10 = h[1][0] / c00, c11 = sqrt(h[1][1] - c10 * c10);
    s->spread[0][0] = 1 / c00;
    s->spread[1][1] = 1 / c11;
    s->spread[1][0] = -c10 / (c00 * c11);
}

/* Sums over nodes, of which the largest has about weight one. */
typedef struct sums {
    const scene *s;
    bool derivatives;
    double total, g[GLMM_PARAMETERS], h[GLMM_PARAMETERS][GLMM_PARAMETERS];
} sums;

static double node_at(const scene *s, double t0, double t1, double *z, jet *arm) {
    z[0] = s->mode[0] + s->spread[0][0] * t0 + s->spread[1][0] * t1;
    z[1] = s->mode[1] + s->spread[1][1] * t1;
    return joint(s, z, arm) - s->top;
}

static void add_node(sums *u, double weight, const double *z, const jet *arm) {
    const glmm_layout *l = u->s->l;
    u->total += weight;
    if (!u->derivatives)
        return;
    const size_t n = glmm_parameters(l);
    double d[GLMM_ARMS][GLMM_PARAMETERS], g[GLMM_PARAMETERS] = {0};
    for (size_t a = 0; a < l->arms; a++)
        for (size_t q = 0; q < n; q++) {
            d[a][q] = l->coefficient[a][q] * (l->dim[q] == GLMM_NO_DIM ? 1 : z[l->dim[q]]);
            g[q] += arm[a].slope * d[a][q];
        }
    for (size_t q = 0; q < n; q++) {
        u->g[q] += weight * g[q];
        for (size_t r = 0; r <= q; r++) {
            double h = g[q] * g[r];
            for (size_t a = 0; a < l->arms; a++)
                h -= arm[a].curvature * d[a][q] * d[a][r];
            u->h[q][r] += weight * h;
        }
    }
}

/* Nodes at whole steps along t0 from the largest, found by climbing from *start, outwards. Gives the logarithm of the
 * largest. */
static double add_row(sums *u, double step, double t1, long *start) {
    double z[GLMM_DIMS];
    jet arm[GLMM_ARMS];
    long best = *start;
    double top = node_at(u->s, step * (double)best, t1, z, arm);
    for (int way = -1; way <= 1; way += 2)
        for (;;) {
            const double next = node_at(u->s, step * (double)(best + way), t1, z, arm);
            if (!(next > top))
                break;
            top = next;
            best += way;
        }
    *start = best;
    for (int way = -1; way <= 1; way += 2)
        for (long j = way < 0 ? best : best + 1;; j += way) {
            const double height = node_at(u->s, step * (double)j, t1, z, arm);
            if (!(height > -NOTHING_LEFT))
                break;
            add_node(u, exp(height), z, arm);
        }
    return top;
}

static double add_equal_steps(sums *u, double step) {
    if (u->s->l->dims == 1) {
        long start = 0;
        add_row(u, step, 0, &start);
        return step;
    }
    for (int way = -1; way <= 1; way += 2) {
        long start = 0;
        for (long j = way < 0 ? 0 : 1; add_row(u, step, step * (double)j, &start) > -NOTHING_LEFT; j += way)
            ;
    }
    return step * step;
}

static double add_nodes(sums *u, const quadrature *rule) {
    double z[GLMM_DIMS];
    jet arm[GLMM_ARMS];
    if (rule->n == 0)
        return add_equal_steps(u, rule->step);
    const bool plane = u->s->l->dims > 1;
    for (size_t i = 0; i < (plane ? rule->n : 1); i++)
        for (size_t j = 0; j < rule->n; j++) {
            const double t1 = plane ? rule->node[i] : 0, w1 = plane ? rule->weight[i] : 1;
            const double height = node_at(u->s, rule->node[j], t1, z, arm);
            add_node(u, rule->weight[j] * w1 * exp(height), z, arm);
        }
    return 1;
}

/* The logarithm of the integral; derivatives, where wanted, are left in `u`. */
static double integrate(sums *u, scene *s, const quadrature *rule, double *mode) {
    u->s = s;
    find_mode(s, mode);
    memcpy(mode, s->mode, sizeof s->mode);
    double value = s->top;
    if (s->l->dims == 0) {
        const double z[GLMM_DIMS] = {0};
        jet arm[GLMM_ARMS];
        joint(s, z, arm);
        add_node(u, 1, z, arm);
    } else {
        const double area = add_nodes(u, rule);
        value += log(area * u->total * s->spread[0][0] * (s->l->dims > 1 ? s->spread[1][1] : 1)) -
                 (double)s->l->dims * log(2 * M_PI) / 2;
    }
    for (size_t a = 0; a < s->l->arms; a++)
        value += s->t[a].constant;
    return value;
}

/* Central differences of what the rule gives. The error of a step of 1e-3 is 1e-7 of the third and fourth derivatives,
 * that of rounding 1e-9. */
static void by_differences(const glmm_layout *l, const term *t, const double *parameter, const quadrature *rule,
                           double *mode, glmm_local *out) {
    static const double STEP = 1e-3;
    const size_t n = glmm_parameters(l);
    double at[GLMM_PARAMETERS], v[2][2];
    memcpy(at, parameter, n * sizeof *at);
    for (size_t q = 0; q < n; q++)
        for (size_t r = 0; r <= q; r++) {
            for (int i = 0; i < 2; i++)
                for (int j = 0; j < 2; j++) {
                    at[q] += (i ? STEP : -STEP) / (q == r ? 2 : 1);
                    at[r] += (j ? STEP : -STEP) / (q == r ? 2 : 1);
                    sums u = {0};
                    scene s = scene_at(l, t, at);
                    v[i][j] = integrate(&u, &s, rule, mode);
                    at[q] = parameter[q];
                    at[r] = parameter[r];
                }
            out->hessian[q][r] = (v[1][1] - v[0][1] - v[1][0] + v[0][0]) / (q == r ? STEP * STEP : 4 * STEP * STEP);
            out->hessian[r][q] = out->hessian[q][r];
            if (q == r)
                out->gradient[q] = (v[1][1] - v[0][0]) / (2 * STEP);
        }
}

void glmm_study(const glmm_layout *l, const term *t, const double *parameter, const quadrature *rule, bool exact,
                double mode[GLMM_DIMS], glmm_local *out) {
    sums u = {.derivatives = exact};
    scene s = scene_at(l, t, parameter);
    *out = (glmm_local){.value = integrate(&u, &s, rule, mode)};
    if (!exact) {
        by_differences(l, t, parameter, rule, mode, out);
        return;
    }
    const size_t n = glmm_parameters(l);
    for (size_t q = 0; q < n; q++)
        out->gradient[q] = u.g[q] / u.total;
    for (size_t q = 0; q < n; q++)
        for (size_t r = 0; r <= q; r++)
            out->hessian[q][r] = out->hessian[r][q] = u.h[q][r] / u.total - out->gradient[q] * out->gradient[r];
}
