/* Cumulative incidence of causes that compete.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ROUNDING = 1e-14;

/* The influence of a subject on F_k(t) is the derivative of F_k(t) by the subject's weight (Klein & Moeschberger, 2nd
 * ed, and Aalen & Johansen's product; the infinitesimal jackknife of Jaeckel). With S the chance of being event-free,
 * h_k the share d_k / Y of those at risk that cause k takes at a time, and h their sum:
 *
 *   as long as the subject is at risk:  S:   A S,   A += h / (Y (1 - h))
 *                                       F_k: B_k,   B_k += S A h_k - S h_k / Y
 *   at its own event of cause c:        F_c also + S / Y, and S: G S with G = A - 1 / (Y (1 - h))
 *   after its end:                      F_k moves by G S h_k
 *
 * A and B_k are alike for all at risk, so sums of F_k^2, F_k G and G^2 over those who have left are all that is needed.
 */
typedef struct influence {
    double a, g2; /* A; sum of G^2 */
    double *b;    /* [causes] */
    double *f2, *fg;
} influence;

/* Those who have left, as F_k moves by `step`. What cancels to the last digits is 0, as it is where S ends at 0 by one
 * cause alone. */
static void move_gone(influence *u, uint32_t cause, double step) {
    const double cross = 2 * step * u->fg[cause], square = step * step * u->g2;
    const double sum = u->f2[cause] + cross + square;
    u->f2[cause] = sum > ROUNDING * (u->f2[cause] + fabs(cross) + square) ? sum : 0;
    u->fg[cause] += step * u->g2;
}

/* `count` subjects leave with the influence f on F_k and g on S. */
static void leave(influence *u, uint32_t cause, double count, double f, double g) {
    u->f2[cause] += count * f * f;
    u->fg[cause] += count * f * g;
}

/* One time: deaths[k] of cause k and `gone` in all of at_risk leave; S before it. */
static void pass_time(influence *u, uint32_t causes, const double *deaths, double gone, double at_risk, double s) {
    double d = 0;
    for (uint32_t k = 0; k < causes; k++) {
        const double h = deaths[k] / at_risk;
        d += deaths[k];
        move_gone(u, k, s * h);
        u->b[k] += s * h * (u->a - 1 / at_risk);
    }
    const double left = at_risk - d;
    double g_event = 0; /* S is 0 from here on where none is left, whatever a subject weighs */
    if (left > 0) {
        u->a += d / (at_risk * left);
        g_event = u->a - 1 / left;
    } else {
        u->a = 0;
    }
    for (uint32_t k = 0; k < causes; k++) {
        leave(u, k, deaths[k], u->b[k] + s / at_risk, g_event);
        leave(u, k, d - deaths[k], u->b[k], g_event);
        leave(u, k, gone - d, u->b[k], u->a);
    }
    u->g2 += d * g_event * g_event + (gone - d) * u->a * u->a;
}

static st_status fill(st_incidence *f, const st_survival *s, const uint32_t *member, st_survival_limits limits,
                      double z, st_error *err) {
    double *work = st_alloc(4 * (size_t)f->causes, sizeof *work, err), survival = 1;
    if (work == NULL)
        return ST_MEMORY;
    influence u = {.b = work, .f2 = work + f->causes, .fg = work + 2 * (size_t)f->causes};
    double *const deaths = work + 3 * (size_t)f->causes;
    size_t step = 0;
    for (size_t i = 0, next; i < f->n; i = next, step++) {
        const double time = s->time[member[i]], at_risk = (double)(f->n - i);
        double d = 0;
        memset(deaths, 0, f->causes * sizeof *deaths);
        for (next = i; next < f->n && s->time[member[next]] <= time; next++)
            if (s->status[member[next]] > 0) {
                deaths[s->status[member[next]] - 1]++;
                d++;
            }
        pass_time(&u, f->causes, deaths, (double)(next - i), at_risk, survival);
        f->time[step] = time;
        f->n_risk[step] = at_risk;
        for (uint32_t k = 0; k < f->causes; k++) {
            const size_t at = k * f->steps + step;
            f->n_event[at] = deaths[k];
            f->cif[at] = (step > 0 ? f->cif[at - 1] : 0) + survival * deaths[k] / at_risk;
            f->std_err[at] = sqrt(fmax(0, u.f2[k] + (double)(f->n - next) * u.b[k] * u.b[k]));
            survival_limits(f->cif[at], f->cif[at] > 0 ? f->std_err[at] / f->cif[at] : 0, limits, z, &f->lower[at],
                            &f->upper[at]);
        }
        survival *= (at_risk - d) / at_risk;
    }
    free(work);
    return ST_OK;
}

st_status st_incidence_fit(const st_survival *s, const st_survival_parts *parts, uint32_t part, uint32_t causes,
                           st_survival_limits limits, double level, st_incidence *f, st_error *err) {
    *f = (st_incidence){.causes = causes};
    if (s->start)
        return st_fail(err, ST_VALUE,
                       "cumulative incidence is computed of subjects observed from the beginning; entries "
                       "of their own are not understood there");
    const uint32_t *member = part_members(parts, part, &f->n);
    for (size_t i = 0; i < f->n; i++) {
        f->steps += i == 0 || s->time[member[i]] > s->time[member[i - 1]];
        if (s->status[member[i]] > causes)
            return st_fail(err, ST_VALUE, "subject %zu has the cause %lu; there are %lu", (size_t)s->row[member[i]] + 1,
                           (unsigned long)s->status[member[i]], (unsigned long)causes);
    }
    double **const array[] = {&f->time, &f->n_risk, &f->n_event, &f->cif, &f->std_err, &f->lower, &f->upper};
    st_status status = ST_OK;
    for (size_t i = 0; i < sizeof array / sizeof *array && status == ST_OK; i++) {
        *array[i] = st_alloc(i < 2 ? f->steps : f->steps * causes, sizeof **array[i], err);
        status = *array[i] ? ST_OK : ST_MEMORY;
    }
    if (status == ST_OK)
        status = fill(f, s, member, limits, survival_z(level), err);
    if (status != ST_OK)
        st_incidence_fini(f);
    return status;
}

void st_incidence_fini(st_incidence *f) {
    double *const array[] = {f->time, f->n_risk, f->n_event, f->cif, f->std_err, f->lower, f->upper};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++)
        free(array[i]);
    *f = (st_incidence){0};
}
