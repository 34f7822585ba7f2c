/* Standard errors that hold whatever correlates within a study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "levels_internal.h"
#include "tails.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDEST = 128, SWEEPS = 60 };    /* beyond this many arms in a study CR2 is left out: it costs their cube */
static const double NULL_ROOT = 1e-12; /* an eigenvalue this small beside the largest is zero */

/* Room for one study of n arms. */
typedef struct cr2_room {
    double *cov, *half, *b, *vectors, *adjust; /* [widest^2] */
    double *g, *t;                             /* [widest] */
    double *h;                                 /* [m * p] for one coefficient */
    double *a;                                 /* [m] */
    double *s, *ms;                            /* [p * p] */
    double *direction;                         /* [p] */
    double *memory;
} cr2_room;

/* Eigenvalues of the symmetric a on its diagonal, their vectors in the columns of v (Jacobi, Crelle 1846;30:51). */
static void eigen(double *a, double *v, size_t n) {
    for (size_t i = 0; i < n * n; i++)
        v[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool turned = false;
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++) {
                const double off = a[i * n + j];
                if (fabs(off) <= 1e-17 * sqrt(fabs(a[i * n + i] * a[j * n + j])) || fabs(off) < 1e-300)
                    continue;
                turned = true;
                const double theta = (a[j * n + j] - a[i * n + i]) / (2 * off);
                const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
                const double c = 1 / sqrt(t * t + 1), s = t * c;
                for (size_t r = 0; r < n; r++) {
                    const double x = a[r * n + i], y = a[r * n + j];
                    a[r * n + i] = c * x - s * y;
                    a[r * n + j] = s * x + c * y;
                }
                for (size_t r = 0; r < n; r++) {
                    const double x = a[i * n + r], y = a[j * n + r];
                    a[i * n + r] = c * x - s * y;
                    a[j * n + r] = s * x + c * y;
                    const double p = v[r * n + i], q = v[r * n + j];
                    v[r * n + i] = c * p - s * q;
                    v[r * n + j] = s * p + c * q;
                }
            }
        if (!turned)
            break;
    }
}

/* adjust = D' B^(-1/2) D with V = D'D and B = D (V - X M X') D' of study j; M is the covariance of b. */
static void adjustment(const levels *l, size_t j, const double sigma2[2], cr2_room *room) {
    const size_t begin = l->begin[j], n = l->begin[j + 1] - begin, p = l->p;
    double *half = room->half, *left = room->vectors;
    for (size_t r = 0; r < n; r++)
        for (size_t c = 0; c < n; c++)
            room->cov[r * n + c] =
                sigma2[0] + (r == c ? sigma2[1] + l->v[begin + r] : l->rho * l->root[begin + r] * l->root[begin + c]);
    memcpy(half, room->cov, n * n * sizeof *half); /* its lower half becomes D' */
    if (!levels_cholesky(half, n)) {
        memset(room->adjust, 0, n * n * sizeof *room->adjust);
        return;
    }
    for (size_t r = 0; r < n; r++) /* adjust = V - X M X' for the while */
        for (size_t c = 0; c < n; c++) {
            double sum = room->cov[r * n + c];
            for (size_t x = 0; x < p; x++)
                for (size_t y = 0; y < p; y++)
                    sum -= l->z[(begin + r) * l->q + x] * l->vb[x * p + y] * l->z[(begin + c) * l->q + y];
            room->adjust[r * n + c] = sum;
        }
    for (size_t r = 0; r < n; r++)
        for (size_t c = 0; c < n; c++) {
            left[r * n + c] = 0;
            for (size_t x = r; x < n; x++)
                left[r * n + c] += half[x * n + r] * room->adjust[x * n + c];
        }
    for (size_t r = 0; r < n; r++)
        for (size_t c = 0; c < n; c++) {
            room->b[r * n + c] = 0;
            for (size_t x = c; x < n; x++)
                room->b[r * n + c] += left[r * n + x] * half[x * n + c];
        }
    eigen(room->b, room->vectors, n);
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, room->b[i * n + i]);
    memset(room->adjust, 0, n * n * sizeof *room->adjust);
    for (size_t i = 0; i < n; i++) {
        const double value = room->b[i * n + i];
        if (value <= NULL_ROOT * largest)
            continue;
        for (size_t r = 0; r < n; r++) { /* t = D' times the vector */
            room->t[r] = 0;
            for (size_t x = 0; x <= r; x++)
                room->t[r] += half[r * n + x] * room->vectors[x * n + i];
        }
        for (size_t r = 0; r < n; r++)
            for (size_t c = 0; c < n; c++)
                room->adjust[r * n + c] += room->t[r] * room->t[c] / sqrt(value);
    }
}

static double residual(const levels *l, size_t i) {
    double r = l->z[i * l->q + l->p];
    for (size_t c = 0; c < l->p; c++)
        r -= l->z[i * l->q + c] * l->b[c];
    return r;
}

/* M c: how coefficient c of the columns that were given follows X'V^-1 y. */
static void direct(const levels *l, size_t c, double *direction) {
    for (size_t x = 0; x < l->p; x++) {
        direction[x] = 0;
        for (size_t y = 0; y < l->p; y++)
            direction[x] += l->vb[x * l->p + y] * l->back[c * l->p + y];
    }
}

/* Study j's part of the variance of coefficient c, and what its degrees of freedom need: h = X'g, a = g'Vg with
 * g = A V^-1 X M c. */
static double cr2_part(const levels *l, size_t j, cr2_room *room) {
    const size_t begin = l->begin[j], n = l->begin[j + 1] - begin, p = l->p;
    double sum = 0;
    for (size_t r = 0; r < n; r++) {
        room->t[r] = 0;
        for (size_t x = 0; x < p; x++)
            room->t[r] += l->solved[(begin + r) * l->q + x] * room->direction[x];
    }
    memset(&room->h[j * p], 0, p * sizeof *room->h);
    for (size_t r = 0; r < n; r++) {
        room->g[r] = 0;
        for (size_t x = 0; x < n; x++)
            room->g[r] += room->adjust[r * n + x] * room->t[x];
        sum += room->g[r] * residual(l, begin + r);
        for (size_t x = 0; x < p; x++)
            room->h[j * p + x] += l->z[(begin + r) * l->q + x] * room->g[r];
    }
    room->a[j] = 0;
    for (size_t r = 0; r < n; r++)
        for (size_t x = 0; x < n; x++)
            room->a[j] += room->g[r] * room->cov[r * n + x] * room->g[x];
    return sum * sum;
}

static double form(const double *h, const double *matrix, size_t p) {
    double sum = 0;
    for (size_t x = 0; x < p; x++)
        for (size_t y = 0; y < p; y++)
            sum += h[x] * matrix[x * p + y] * h[y];
    return sum;
}

/* (sum of P_ii)^2 / sum of P_ij^2 with P_ij = [i = j] a_i - h_i' M h_j. */
static double satterthwaite(const levels *l, cr2_room *room) {
    const size_t p = l->p;
    double trace = 0, squares = 0;
    memset(room->s, 0, p * p * sizeof *room->s);
    for (size_t j = 0; j < l->m; j++) {
        const double *h = &room->h[j * p], own = form(h, l->vb, p), part = room->a[j] - own;
        trace += part;
        squares += part * part - own * own;
        for (size_t x = 0; x < p; x++)
            for (size_t y = 0; y < p; y++)
                room->s[x * p + y] += h[x] * h[y];
    }
    for (size_t x = 0; x < p; x++)
        for (size_t y = 0; y < p; y++) {
            room->ms[x * p + y] = 0;
            for (size_t c = 0; c < p; c++)
                room->ms[x * p + y] += l->vb[x * p + c] * room->s[c * p + y];
        }
    for (size_t x = 0; x < p; x++)
        for (size_t y = 0; y < p; y++)
            squares += room->ms[x * p + y] * room->ms[y * p + x];
    return trace * trace / squares;
}

/* t, p and limits of one coefficient; NaN without degrees of freedom. */
static void infer(double b, double se, double df, double level, double *t, double *p, double *lb, double *ub) {
    *t = *p = *lb = *ub = NAN;
    if (!(df > 0) || !(se > 0))
        return;
    const double width = quantile_t((1 - level) / 2, df) * se;
    *t = b / se;
    *p = tail_t(*t, df);
    *lb = b - width;
    *ub = b + width;
}

/* CR1: sandwich of the sums of each study, times m / (m - p). */
static void robust_plain(const levels *l, double *direction, st_levels_fit *fit) {
    const size_t p = l->p, q = l->q, m = l->m;
    fit->robust_df = m > p ? (double)(m - p) : NAN;
    for (size_t c = 0; c < p; c++) {
        double sum = 0;
        direct(l, c, direction);
        for (size_t j = 0; j < m; j++) {
            double part = 0;
            for (size_t i = l->begin[j]; i < l->begin[j + 1]; i++)
                for (size_t x = 0; x < p; x++)
                    part += direction[x] * l->solved[i * q + x] * residual(l, i);
            sum += part * part;
        }
        fit->robust_se[c] = m > p ? sqrt(sum * (double)m / (double)(m - p)) : NAN;
        infer(fit->b[c], fit->robust_se[c], fit->robust_df, fit->options.level, &fit->robust_t[c], &fit->robust_p[c],
              &fit->robust_lb[c], &fit->robust_ub[c]);
    }
}

static st_status reserve(const levels *l, cr2_room *room, st_error *err) {
    const size_t n = l->widest <= WIDEST ? l->widest : 0, square = n * n, p = l->p;
    *room = (cr2_room){.memory = st_alloc(5 * square + 2 * n + l->m * (p + 1) + 2 * p * p + p, sizeof(double), err)};
    if (room->memory == NULL)
        return ST_MEMORY;
    double *at = room->memory;
    room->cov = at;
    room->half = at += square;
    room->b = at += square;
    room->vectors = at += square;
    room->adjust = at += square;
    room->g = at += square;
    room->t = at += n;
    room->h = at += n;
    room->a = at += l->m * p;
    room->s = at += l->m;
    room->ms = at += p * p;
    room->direction = at + p * p;
    return ST_OK;
}

st_status levels_robust(const levels *l, const double sigma2[2], st_levels_fit *fit, st_error *err) {
    cr2_room room;
    const st_status status = reserve(l, &room, err);
    if (status != ST_OK)
        return status;
    robust_plain(l, room.direction, fit);
    for (size_t c = 0; c < l->p; c++)
        fit->cr2_se[c] = fit->cr2_t[c] = fit->cr2_df[c] = fit->cr2_p[c] = fit->cr2_lb[c] = fit->cr2_ub[c] = NAN;
    for (size_t c = 0; l->m > l->p && l->widest <= WIDEST && c < l->p; c++) {
        double sum = 0;
        direct(l, c, room.direction);
        for (size_t j = 0; j < l->m; j++) {
            adjustment(l, j, sigma2, &room);
            sum += cr2_part(l, j, &room);
        }
        fit->cr2_se[c] = sqrt(sum);
        fit->cr2_df[c] = satterthwaite(l, &room);
        infer(fit->b[c], fit->cr2_se[c], fit->cr2_df[c], fit->options.level, &fit->cr2_t[c], &fit->cr2_p[c],
              &fit->cr2_lb[c], &fit->cr2_ub[c]);
    }
    free(room.memory);
    return ST_OK;
}
