/* Generalized linear mixed models of studies: the likelihood of one study with its random effects integrated out, and
 * the search for the maximum over the parameters that studies share and the one that each may have of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_GLMM_H
#define STASIS_STATS_GLMM_H

#include "glmm_term.h"
#include "quadrature.h"

/* Curvature below which a parameter is one that the data say nothing about. */
#define GLMM_SILENT 1e-8

/* A standard deviation on the scale of logits that no data give: where the search comes to it, it is lost. */
#define GLMM_DEVIATION_MOST 100.0

enum { GLMM_ARMS = 2, GLMM_DIMS = 2, GLMM_PARAMETERS = 4, GLMM_NO_DIM = -1 };

/* Parameter q adds coefficient[a][q] * value to the linear predictor of arm a; where dim[q] is not GLMM_NO_DIM it is
 * the standard deviation of a random effect and is multiplied by z[dim[q]], a standard normal of the study. The first
 * `shared` are those of all studies; one more, if `own`, belongs to each study. */
typedef struct glmm_layout {
    size_t arms, dims, shared;
    bool own;
    double coefficient[GLMM_ARMS][GLMM_PARAMETERS];
    int dim[GLMM_PARAMETERS];
} glmm_layout;

static inline size_t glmm_parameters(const glmm_layout *l) {
    return l->shared + l->own;
}

/* Log likelihood of one study at given parameters, its gradient and its Hessian. */
typedef struct glmm_local {
    double value, gradient[GLMM_PARAMETERS], hessian[GLMM_PARAMETERS][GLMM_PARAMETERS];
} glmm_local;

/* term[a] of arm a; `mode` (of the random effects) is where the search for it begins, and where it ended.
 * exact: derivatives by differentiation under the integral, right where the rule is; else those of the rule itself, by
 * differences, for a maximum of what a coarse rule gives. */
void glmm_study(const glmm_layout *l, const term *t, const double *parameter, const quadrature *rule, bool exact,
                double mode[GLMM_DIMS], glmm_local *out);

/* The rules, each finer than the one before; made when first wanted. */
enum { GLMM_RULES = 8 };
typedef struct glmm_rules {
    size_t points; /* 0: the first that is fine enough; else always this number */
    bool made[GLMM_RULES];
    quadrature rule[GLMM_RULES];
} glmm_rules;
const quadrature *glmm_rule(glmm_rules *rules, size_t i);

/* A study's own parameter, with the derivatives by it at the last point that was tried. */
typedef struct glmm_own {
    double value, step, gradient, curvature, coupling[GLMM_PARAMETERS];
} glmm_own;

typedef struct glmm {
    glmm_layout layout;
    size_t k;
    const term *terms; /* [k * GLMM_ARMS] */
    glmm_rules *rules;
    size_t level;  /* the rule in use */
    size_t frozen; /* shared parameter that stays where it is; none where it is GLMM_PARAMETERS */
    double shared[GLMM_PARAMETERS];
    glmm_own *own; /* [k] */
    double *mode;  /* [k * GLMM_DIMS] */
    double loglik;
    bool flat;               /* the last search found no direction: far from all data the likelihood is level */
    double quadrature_error; /* by which it changes with the next rule; NaN where that was not tried */
    /* Minus the second derivatives at the maximum, the studies' own parameters profiled out. */
    double information[GLMM_PARAMETERS][GLMM_PARAMETERS];
} glmm;

/* own and mode begin at zero. Free with glmm_fini. */
ST_MUST_CHECK st_status glmm_init(glmm *m, const glmm_layout *l, size_t k, const term *terms, glmm_rules *rules,
                                  st_error *err);
void glmm_fini(glmm *m);
/* Log likelihood at the parameters as they are, with all derivatives. */
double glmm_loglik(glmm *m);
/* The log likelihood with one shared parameter frozen and the others near their best, by the coarsest rule: enough to
 * see where maxima lie. */
double glmm_profile(glmm *m, size_t frozen);
/* A standard deviation went beyond GLMM_DEVIATION_MOST, where glmm_maximize stops, or the likelihood is flat. */
bool glmm_is_lost(const glmm *m);
/* Climbs to the maximum from the parameters as they are, with rules as fine as they must be. */
ST_MUST_CHECK st_status glmm_maximize(glmm *m, st_error *err);
/* Covariance of the shared parameters: the inverse of the information. NaN where it is singular. */
void glmm_covariance(glmm *m, double v[GLMM_PARAMETERS][GLMM_PARAMETERS]);

#endif
