/* The answer for machines; members stand in docs/evidence/survival.md.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_survival.h"
#include "json_out.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void put_estimate(json_out *out, const char *key, st_survival_estimate e, bool with_se) {
    json_out_open(out, key, '{');
    json_out_real(out, "est", e.estimate);
    if (with_se)
        json_out_real(out, "se", e.se);
    json_out_real(out, "lb", e.lower);
    json_out_real(out, "ub", e.upper);
    json_out_close(out, '}');
}

/* The members of a KM object, into the open one. */
static void put_curve(json_out *out, const st_survival_curve *c, double upto, double level) {
    json_out_count(out, "n", c->n);
    json_out_count(out, "events", c->events);
    put_estimate(out, "median", st_survival_quantile(c, 0.5), false);
    json_out_open(out, "quartiles", '{');
    put_estimate(out, "25", st_survival_quantile(c, 0.25), false);
    put_estimate(out, "75", st_survival_quantile(c, 0.75), false);
    json_out_close(out, '}');
    put_estimate(out, "rmean", st_survival_mean(c, upto, level), true);
    json_out_open(out, "curve", '{');
    json_out_reals(out, "time", c->time, c->steps);
    json_out_counts(out, "n_risk", c->n_risk, c->steps);
    json_out_counts(out, "n_event", c->n_event, c->steps);
    json_out_counts(out, "n_censor", c->n_censor, c->steps);
    json_out_reals(out, "surv", c->survival, c->steps);
    json_out_reals(out, "std_err", c->std_err, c->steps);
    json_out_reals(out, "lower", c->lower, c->steps);
    json_out_reals(out, "upper", c->upper, c->steps);
    json_out_close(out, '}');
}

static void put_logrank(json_out *out, const survival_question *q, const survival_input *in, const st_logrank *t) {
    if (t->groups == 0) {
        json_out_null(out, "logrank");
        return;
    }
    json_out_open(out, "logrank", '{');
    json_out_real(out, "chisq", t->chisq);
    json_out_count(out, "df", t->df);
    json_out_real(out, "p", t->p);
    json_out_real(out, "rho", q->rho);
    json_out_count(out, "strata", in->strata.n);
    json_out_texts(out, "groups", in->group.name, in->group.n);
    json_out_reals(out, "observed", t->observed, t->groups);
    json_out_reals(out, "expected", t->expected, t->groups);
    json_out_close(out, '}');
}

/* The names of the columns of one kind. */
static void put_kind(json_out *out, const char *key, const survival_input *in, const st_cox *c, st_cox_kind kind) {
    json_out_open(out, key, '[');
    for (size_t j = 0; j < in->p; j++)
        if (c->kind[j] == kind)
            json_out_text(out, NULL, in->x_name[j]);
    json_out_close(out, ']');
}

static void put_test(json_out *out, const char *key, const char *key_p, double value, double p) {
    json_out_real(out, key, value);
    json_out_real(out, key_p, p);
}

static void put_cox(json_out *out, const survival_question *q, const survival_input *in, const st_cox *c) {
    if (c->p == 0) {
        json_out_null(out, "cox");
        return;
    }
    const double loglik[2] = {c->loglik_null, c->loglik};
    json_out_open(out, "cox", '{');
    json_out_count(out, "n", c->n);
    json_out_count(out, "events", c->events);
    json_out_text(out, "ties", q->ties);
    json_out_count(out, "strata", in->strata.n);
    json_out_texts(out, "terms", (const char *const *)in->x_name, in->p);
    json_out_reals(out, "coef", c->coef, c->p);
    json_out_reals(out, "se", c->se, c->p);
    json_out_reals(out, "z", c->z, c->p);
    json_out_reals(out, "p", c->pval, c->p);
    json_out_reals(out, "hazard_ratio", c->hazard_ratio, c->p);
    json_out_reals(out, "hazard_ratio_lb", c->lower, c->p);
    json_out_reals(out, "hazard_ratio_ub", c->upper, c->p);
    json_out_open(out, "covariance", '[');
    for (size_t j = 0; j < c->p; j++)
        json_out_reals(out, NULL, c->covariance + j * c->p, c->p);
    json_out_close(out, ']');
    json_out_reals(out, "loglik", loglik, 2);
    json_out_count(out, "df", c->df);
    put_test(out, "score", "score_p", c->score, c->score_p);
    put_test(out, "wald", "wald_p", c->wald, c->wald_p);
    put_test(out, "lrt", "lrt_p", c->lrt, c->lrt_p);
    json_out_real(out, "concordance", c->concordance);
    json_out_real(out, "concordance_se", c->concordance_se);
    json_out_count(out, "iterations", c->iterations);
    put_kind(out, "infinite", in, c, ST_COX_INFINITE);
    put_kind(out, "redundant", in, c, ST_COX_REDUNDANT);
    json_out_close(out, '}');
}

static void put_zph(json_out *out, const survival_question *q, const survival_input *in, const st_zph *z) {
    if (z->terms == 0) {
        json_out_null(out, "zph");
        return;
    }
    json_out_open(out, "zph", '{');
    json_out_text(out, "transform", q->zph);
    json_out_open(out, "terms", '[');
    for (size_t t = 0; t <= z->terms; t++) {
        json_out_open(out, NULL, '{');
        json_out_text(out, "term", t < z->terms ? in->term[t].name : "GLOBAL");
        json_out_real(out, "chisq", z->chisq[t]);
        json_out_count(out, "df", z->df[t]);
        json_out_real(out, "p", z->p[t]);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
}

/* An array for each cause. */
static void put_causes(json_out *out, const char *key, const st_incidence *f, const double *value, bool counts) {
    json_out_open(out, key, '[');
    for (uint32_t k = 0; k < f->causes; k++)
        (counts ? json_out_counts : json_out_reals)(out, NULL, value + k * f->steps, f->steps);
    json_out_close(out, ']');
}

static void put_incidence(json_out *out, const st_incidence *f) {
    json_out_open(out, "curve", '{');
    json_out_reals(out, "time", f->time, f->steps);
    json_out_counts(out, "n_risk", f->n_risk, f->steps);
    put_causes(out, "n_event", f, f->n_event, true);
    put_causes(out, "cif", f, f->cif, false);
    put_causes(out, "std_err", f, f->std_err, false);
    put_causes(out, "lower", f, f->lower, false);
    put_causes(out, "upper", f, f->upper, false);
    json_out_close(out, '}');
}

static void put_competing(json_out *out, const survival_input *in, const survival_answer *a) {
    if (a->incidence.causes == 0) {
        json_out_null(out, "competing");
        return;
    }
    json_out_open(out, "competing", '{');
    json_out_open(out, "causes", '[');
    for (uint32_t k = 0; k < in->causes; k++)
        json_out_count(out, NULL, in->code[k]);
    json_out_close(out, ']');
    put_incidence(out, &a->incidence);
    json_out_open(out, "groups", '[');
    for (uint32_t g = 0; g < in->group.n; g++) {
        json_out_open(out, NULL, '{');
        json_out_text(out, "name", in->group.name[g]);
        put_incidence(out, &a->of_group[g]);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
}

st_status survival_print_json(const survival_question *q, const survival_input *in, const survival_answer *a,
                              st_error *err) {
    json_out out = {.stream = stdout};
    json_out_open(&out, NULL, '{');
    json_out_count(&out, "n", a->survival.n);
    json_out_count(&out, "events", a->survival.events);
    json_out_count(&out, "skipped", in->skipped);
    json_out_count(&out, "joined_times", a->survival.joined);
    json_out_text(&out, "conf", q->limits);
    json_out_real(&out, "level", q->level);
    json_out_real(&out, "rmean_upto", a->upto);
    json_out_open(&out, "overall", '{');
    put_curve(&out, &a->overall, a->upto, q->level / 100);
    json_out_close(&out, '}');
    json_out_open(&out, "groups", '[');
    for (uint32_t g = 0; g < in->group.n; g++) {
        json_out_open(&out, NULL, '{');
        json_out_text(&out, "name", in->group.name[g]);
        put_curve(&out, &a->curve[g], a->upto, q->level / 100);
        json_out_close(&out, '}');
    }
    json_out_close(&out, ']');
    put_logrank(&out, q, in, &a->logrank);
    put_cox(&out, q, in, &a->cox);
    put_zph(&out, q, in, &a->zph);
    put_competing(&out, in, a);
    json_out_open(&out, "notes", '[');
    for (size_t i = 0; i < a->notes; i++)
        json_out_text(&out, NULL, a->note[i]);
    json_out_close(&out, ']');
    json_out_close(&out, '}');
    return fflush(stdout) == 0 && !ferror(stdout)
               ? ST_OK
               : st_fail(err, ST_IO, "the answer could not be written to standard output: %s", strerror(errno));
}
