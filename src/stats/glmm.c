/* The maximum of the likelihood of all studies, by Newton's steps.
 *
 * The Hessian has the shape of an arrow: a study's own parameter meets only itself and the shared ones. It is solved by
 * eliminating the own parameters (Schur's complement), so that a step costs time in proportion to the studies.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "glmm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ACCURACY = 1e-10; /* of the log likelihood by quadrature */
/* Squared length of a step in standard errors at which the search ends; with a rule that may yet prove too coarse; and
 * where rounding lets the likelihood grow no more. */
static const double CONVERGED = 1e-18, CONVERGED_COARSE = 1e-6, CLOSE_ENOUGH = 1e-9;
static const double SMALL_PART = 0.1;
static const double STEP_MOST = 2; /* of a shared parameter, on the scale of logits */

/* 7, 14 and 28 points of Gauss and Hermite; what these do not settle (a wide random effect on an empty cell) is left to
 * equal steps, whose error falls as exp(-2 pi d / step), d the distance of the nearest pole of the integrand from the
 * real line (Goodwin, Proc Camb Philos Soc 1949;45:241), where that of Gauss and Hermite falls with the root of n. */
const quadrature *glmm_rule(glmm_rules *rules, size_t i) {
    quadrature *rule = &rules->rule[i];
    if (!rules->made[i]) {
        if (rules->points > 0)
            quadrature_gauss_hermite(rule, rules->points);
        else if (i < 3)
            quadrature_gauss_hermite(rule, (size_t)7 << i);
        else
            *rule = (quadrature){.step = 4 / (double)(1u << i)};
        rules->made[i] = true;
    }
    return rule;
}

st_status glmm_init(glmm *m, const glmm_layout *l, size_t k, const term *terms, glmm_rules *rules, st_error *err) {
    *m = (glmm){
        .layout = *l, .k = k, .frozen = GLMM_PARAMETERS, .terms = terms, .rules = rules, .quadrature_error = NAN};
    m->own = st_alloc(k, sizeof *m->own, err);
    m->mode = st_alloc(k, GLMM_DIMS * sizeof(double), err);
    if (m->own && m->mode)
        return ST_OK;
    glmm_fini(m);
    return ST_MEMORY;
}

void glmm_fini(glmm *m) {
    free(m->own);
    free(m->mode);
    *m = (glmm){0};
}

/* The newton_system of one Newton step, own parameters eliminated. */
typedef struct newton_system {
    double value, gradient[GLMM_PARAMETERS], minus_hessian[GLMM_PARAMETERS][GLMM_PARAMETERS];
    double own_gain; /* sum of gradient^2 / curvature of the own parameters */
} newton_system;

static void add_study(glmm *m, size_t i, const glmm_local *local, newton_system *s) {
    const size_t n = m->layout.shared;
    s->value += local->value;
    for (size_t q = 0; q < n; q++) {
        s->gradient[q] += local->gradient[q];
        for (size_t r = 0; r < n; r++)
            s->minus_hessian[q][r] -= local->hessian[q][r];
    }
    if (!m->layout.own)
        return;
    glmm_own *o = &m->own[i];
    o->gradient = local->gradient[n];
    o->curvature = -local->hessian[n][n];
    memcpy(o->coupling, local->hessian[n], n * sizeof *o->coupling);
    if (!(o->curvature > GLMM_SILENT)) /* it says nothing about its own parameter */
        return;
    s->own_gain += o->gradient * o->gradient / o->curvature;
    for (size_t q = 0; q < n; q++) {
        s->gradient[q] += o->coupling[q] * o->gradient / o->curvature;
        for (size_t r = 0; r < n; r++)
            s->minus_hessian[q][r] -= o->coupling[q] * o->coupling[r] / o->curvature;
    }
}

/* At the given shared parameters, and the own ones moved by `part` of their last step. */
static void evaluate(glmm *m, const double *shared, double part, newton_system *s) {
    const quadrature *rule = glmm_rule(m->rules, m->level);
    double parameter[GLMM_PARAMETERS];
    memcpy(parameter, shared, m->layout.shared * sizeof *parameter);
    *s = (newton_system){0};
    for (size_t i = 0; i < m->k; i++) {
        glmm_local local;
        if (m->layout.own)
            parameter[m->layout.shared] = m->own[i].value + part * m->own[i].step;
        glmm_study(&m->layout, &m->terms[i * GLMM_ARMS], parameter, rule, m->rules->points == 0,
                   &m->mode[i * GLMM_DIMS], &local);
        add_study(m, i, &local, s);
    }
}

double glmm_loglik(glmm *m) {
    newton_system s;
    evaluate(m, m->shared, 0, &s);
    return s.value;
}

/* Cholesky's factor of a + ridge on the diagonal of standard deviations; false where it is not positive definite. */
static bool factor(const glmm_layout *l, double (*a)[GLMM_PARAMETERS], double ridge, double (*c)[GLMM_PARAMETERS]) {
    for (size_t q = 0; q < l->shared; q++)
        for (size_t r = 0; r <= q; r++) {
            double sum = a[q][r] + (q == r && l->dim[q] != GLMM_NO_DIM ? ridge : 0);
            for (size_t j = 0; j < r; j++)
                sum -= c[q][j] * c[r][j];
            if (q == r && !(sum > 1e-14 * fabs(a[q][q])))
                return false;
            c[q][r] = q == r ? sqrt(sum) : sum / c[r][r];
        }
    return true;
}

static void solve(double (*c)[GLMM_PARAMETERS], size_t n, const double *right, double *x) {
    for (size_t q = 0; q < n; q++) {
        x[q] = right[q];
        for (size_t j = 0; j < q; j++)
            x[q] -= c[q][j] * x[j];
        x[q] /= c[q][q];
    }
    for (size_t q = n; q-- > 0;) {
        for (size_t j = q + 1; j < n; j++)
            x[q] -= c[j][q] * x[j];
        x[q] /= c[q][q];
    }
}

/* Takes a parameter out of the step. */
static void freeze(newton_system *s, size_t frozen) {
    for (size_t q = 0; q < GLMM_PARAMETERS && frozen < GLMM_PARAMETERS; q++)
        s->minus_hessian[q][frozen] = s->minus_hessian[frozen][q] = q == frozen;
    if (frozen < GLMM_PARAMETERS)
        s->gradient[frozen] = 0;
}

/* The likelihood is concave in all but the standard deviations, near whose zero it may curve upwards: there their
 * diagonal is raised until the step climbs. Gives the squared length of the step in standard errors. */
static double newton_step(const glmm *m, newton_system *s, double *step) {
    double c[GLMM_PARAMETERS][GLMM_PARAMETERS];
    double ridge = 0;
    for (int i = 0; !factor(&m->layout, s->minus_hessian, ridge, c); i++) {
        double scale = 1;
        for (size_t q = 0; q < m->layout.shared; q++)
            scale = fmax(scale, fabs(s->minus_hessian[q][q]));
        if (i > 60)
            return NAN;
        ridge = ridge > 0 ? 2 * ridge : 1e-3 * scale;
    }
    solve(c, m->layout.shared, s->gradient, step);
    double length = s->own_gain;
    for (size_t q = 0; q < m->layout.shared; q++)
        length += step[q] * s->gradient[q];
    return length;
}

/* Own parameters' steps that go with that of the shared ones; the part of the step that is taken. */
static double own_steps(glmm *m, const double *step) {
    double most = 0;
    for (size_t q = 0; q < m->layout.shared; q++)
        most = fmax(most, fabs(step[q]));
    for (size_t i = 0; m->layout.own && i < m->k; i++) {
        glmm_own *o = &m->own[i];
        double along = o->gradient;
        for (size_t q = 0; q < m->layout.shared; q++)
            along += o->coupling[q] * step[q];
        o->step = o->curvature > GLMM_SILENT ? along / o->curvature : 0;
        most = fmax(most, fabs(o->step) / 2);
    }
    return most > STEP_MOST ? STEP_MOST / most : 1;
}

/* Derivatives are those of the integral, values those of the rule: the value may fall by the rule's error on the way to
 * the maximum. */
static double slack_of(const glmm *m, double loglik) {
    const double rule = m->rules->points == 0 && m->layout.dims > 0 ? 1e-4 * pow(1e-3, (double)m->level) : 0;
    return rule + 1e-13 * (1 + fabs(loglik));
}

/* Takes as much of the step as makes the likelihood grow by what it promises, and gives that part; 0 where nothing
 * does. */
static double search_line(glmm *m, const double *step, double length, newton_system *s) {
    double to[GLMM_PARAMETERS];
    newton_system next;
    const double slack = slack_of(m, s->value);
    for (double part = own_steps(m, step); part > 1e-8; part /= 2) {
        for (size_t q = 0; q < m->layout.shared; q++)
            to[q] = m->shared[q] + part * step[q];
        evaluate(m, to, part, &next);
        if (!(next.value >= s->value + 1e-4 * part * length - slack))
            continue;
        memcpy(m->shared, to, m->layout.shared * sizeof *to);
        for (size_t i = 0; m->layout.own && i < m->k; i++)
            m->own[i].value += part * m->own[i].step;
        *s = next;
        return part;
    }
    return 0;
}

static bool is_beyond(const glmm *m) {
    for (size_t q = 0; q < m->layout.shared; q++)
        if (m->layout.dim[q] != GLMM_NO_DIM && !(fabs(m->shared[q]) <= GLMM_DEVIATION_MOST))
            return true;
    return false;
}

bool glmm_is_lost(const glmm *m) {
    return m->flat || is_beyond(m);
}

/* Gives the squared length of the last step. A coarse search ends where only a small part of a short step is taken:
 * there the rule's values and its derivatives disagree. */
static double climb(glmm *m, double converged) {
    newton_system s;
    evaluate(m, m->shared, 0, &s);
    double length = INFINITY;
    m->flat = false;
    for (int i = 0; i < 200 && !is_beyond(m); i++) {
        double step[GLMM_PARAMETERS] = {0};
        freeze(&s, m->frozen);
        length = newton_step(m, &s, step);
        if (length < converged || isnan(length))
            break;
        const double part = search_line(m, step, length, &s);
        if (part <= 0 || (converged >= CONVERGED_COARSE && part < SMALL_PART && length < 1))
            break;
    }
    m->flat = isnan(length);
    m->loglik = s.value;
    memcpy(m->information, s.minus_hessian, sizeof m->information);
    return length;
}

double glmm_profile(glmm *m, size_t frozen) {
    m->frozen = frozen;
    climb(m, CONVERGED_COARSE);
    m->frozen = GLMM_PARAMETERS;
    return m->loglik;
}

/* Raises the level until the next one gives the same likelihood. */
static void refine(glmm *m) {
    while (m->level + 1 < GLMM_RULES) {
        climb(m, CONVERGED_COARSE);
        if (is_beyond(m))
            return;
        m->level++;
        m->quadrature_error = fabs(glmm_loglik(m) - m->loglik);
        if (m->quadrature_error < ACCURACY * fmax(1, 1e-4 * fabs(m->loglik))) {
            m->level--;
            return;
        }
    }
}

st_status glmm_maximize(glmm *m, st_error *err) {
    if (m->rules->points == 0 && m->layout.dims > 0)
        refine(m);
    const double length = climb(m, CONVERGED);
    if (length < CLOSE_ENOUGH || glmm_is_lost(m))
        return ST_OK;
    return st_fail(err, ST_NUMERIC,
                   "the search for the maximum of the likelihood stopped %.1g standard errors from it; data of less "
                   "extreme counts would do",
                   sqrt(length));
}

void glmm_covariance(glmm *m, double v[GLMM_PARAMETERS][GLMM_PARAMETERS]) {
    double c[GLMM_PARAMETERS][GLMM_PARAMETERS];
    const size_t n = m->layout.shared;
    const bool definite = factor(&m->layout, m->information, 0, c);
    for (size_t q = 0; q < n; q++) {
        double unit[GLMM_PARAMETERS] = {0};
        unit[q] = 1;
        if (definite)
            solve(c, n, unit, v[q]);
        for (size_t r = 0; !definite && r < n; r++)
            v[q][r] = NAN;
    }
}
