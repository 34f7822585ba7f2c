/* The part --bayes of stasis evidence pool: priors from the command line, posteriors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common.h"
#include "evidence_pool.h"

#include <math.h>
#include <stasis/meta_bayes.h>
#include <stasis/text.h>
#include <string.h>

enum { LISTED_MOST = 100000, PRINTED_MOST = 100 };

static const char *const tau_words[] = {
#define WORD(name, word, text) word,
    ST_TAU_PRIOR_LIST(WORD)
#undef WORD
};

static const char *const tau_texts[] = {
#define TEXT(name, word, text) text,
    ST_TAU_PRIOR_LIST(TEXT)
#undef TEXT
};

/* On scales of logs of odds, risks, rates, and of standard deviations, one number suits; others have units. */
static bool has_default(st_measure m) {
    return m == ST_MEASURE_PLO || m == ST_MEASURE_PLN || m == ST_MEASURE_OR || m == ST_MEASURE_RR ||
           m == ST_MEASURE_PETO || m == ST_MEASURE_SMD || m == ST_MEASURE_ROM || m == ST_MEASURE_IRR ||
           m == ST_MEASURE_IRLN;
}

static st_status read_tau(const char *text, st_bayes_prior *prior, st_error *err) {
    for (size_t i = 0; i < ST_TAU_PRIORS; i++) {
        const size_t length = strlen(tau_words[i]);
        if (strncmp(text, tau_words[i], length) != 0 || text[length] != ':')
            continue;
        prior->tau = (st_tau_prior)i;
        const st_status status = common_numbers("prior-tau", text + length + 1, &prior->tau_number, 1, err);
        if (status != ST_OK || prior->tau_number > 0)
            return status;
    }
    return st_fail(err, ST_USAGE,
                   "--prior-tau takes halfnormal:SCALE, halfcauchy:SCALE or uniform:MAX, above 0, not \"%.80s\"", text);
}

st_status pool_prior(const pool *p, st_bayes_prior *prior, st_error *err) {
    const pool_options *o = p->options;
    *prior = (st_bayes_prior){.mu_flat = true, .tau = ST_TAU_HALFNORMAL, .tau_number = ST_TAU_SCALE};
    if (!o->bayes && (o->prior_mu != NULL || o->prior_tau != NULL))
        return st_fail(err, ST_USAGE, "--prior-%s is for --bayes", o->prior_mu != NULL ? "mu" : "tau");
    if (!o->bayes)
        return ST_OK;
    if (o->mods != NULL)
        return st_fail(err, ST_USAGE, "--mods fits one model with moderators; --bayes takes one without");
    if (o->prior_tau == NULL && !has_default(p->measure))
        return st_fail(err, ST_USAGE,
                       "--bayes wants --prior-tau for %s: how far studies differ depends on its unit, so that there is "
                       "no default",
                       st_measure_name(p->measure));
    if (o->prior_mu != NULL && strcmp(o->prior_mu, "flat") != 0) {
        double number[2];
        const st_status status = common_numbers("prior-mu", o->prior_mu, number, 2, err);
        if (status != ST_OK)
            return status;
        if (!(number[1] > 0))
            return st_fail(err, ST_USAGE, "--prior-mu takes MEAN,SD with an SD above 0, or flat, not \"%.80s\"",
                           o->prior_mu);
        prior->mu_flat = false;
        prior->mu_mean = number[0];
        prior->mu_sd = number[1];
    }
    return o->prior_tau != NULL ? read_tau(o->prior_tau, prior, err) : ST_OK;
}

static json_t *posterior_json(const st_posterior *d) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "mean", st_json_real(d->mean), "sd", st_json_real(d->sd),
                     "median", st_json_real(d->median), "lb", st_json_real(d->lb), "ub", st_json_real(d->ub),
                     "shortest_lb", st_json_real(d->shortest_lb), "shortest_ub", st_json_real(d->shortest_ub));
}

/* Quantiles go back to the scale of the reader; moments and shortest intervals do not. */
static void put_back(const pool *p, const st_posterior *d, json_t *o) {
    const double n = pool_harmonic_n(p, NULL);
    json_object_set_new(o, "estimate", st_json_real(st_measure_back(p->measure, d->median, n)));
    json_object_set_new(o, "estimate_lb", st_json_real(st_measure_back(p->measure, d->lb, n)));
    json_object_set_new(o, "estimate_ub", st_json_real(st_measure_back(p->measure, d->ub, n)));
}

static json_t *studies_json(const pool *p, const st_bayes_fit *f) {
    json_t *list = json_array();
    char buffer[32];
    for (size_t i = 0; i < f->k && f->k <= LISTED_MOST; i++) {
        const st_posterior *d = &f->theta[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "study",
                                              pool_label(p, i, buffer, sizeof buffer), "mean", st_json_real(d->mean),
                                              "sd", st_json_real(d->sd), "median", st_json_real(d->median), "lb",
                                              st_json_real(d->lb), "ub", st_json_real(d->ub)));
    }
    return list;
}

static json_t *fit_json(const pool *p, const st_bayes_fit *f) {
    json_t *mu = posterior_json(&f->mu), *tau = posterior_json(&f->tau), *predict = posterior_json(&f->predict);
    put_back(p, &f->mu, mu);
    put_back(p, &f->predict, predict);
    json_object_set_new(tau, "mode", st_json_real(f->tau_mode));
    json_t *prior_mu = f->prior.mu_flat ? json_string("flat")
                                        : json_pack("{s:f, s:f}", "mean", f->prior.mu_mean, "sd", f->prior.mu_sd);
    return json_pack("{s:{s:o, s:{s:s, s:f}}, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:f}", "prior", "mu", prior_mu, "tau",
                     "name", tau_words[f->prior.tau], "number", f->prior.tau_number, "mu", mu, "tau", tau, "predict",
                     predict, "studies", studies_json(p, f), "log_marginal", st_json_real(f->log_marginal),
                     "bayes_factor_tau0", st_json_real(f->bayes_factor), "points", (json_int_t)f->points, "change",
                     f->change);
}

static void print_line(const pool *p, const char *name, const st_posterior *d, FILE *out) {
    const double n = pool_harmonic_n(p, NULL);
    fprintf(out, "  %-22s %10.4f  %.4f to %.4f  (%.4g, %.4g to %.4g)\n", name, d->median, d->lb, d->ub,
            st_measure_back(p->measure, d->median, n), st_measure_back(p->measure, d->lb, n),
            st_measure_back(p->measure, d->ub, n));
}

static void print_fit(const pool *p, const st_bayes_fit *f, FILE *out) {
    fputs("\nBayesian random effects; assumed priors: mu ", out);
    if (f->prior.mu_flat)
        fputs("even over all numbers", out);
    else
        fprintf(out, "normal, mean %g, SD %g", f->prior.mu_mean, f->prior.mu_sd);
    fprintf(out, "; tau %s, %g\n", tau_texts[f->prior.tau], f->prior.tau_number);
    fprintf(out, "  %-22s %10s  %.4g %% interval, as much outside on either side (back-transformed)\n", "", "median",
            p->options->level);
    print_line(p, "mu", &f->mu, out);
    print_line(p, "new study", &f->predict, out);
    fprintf(out, "  %-22s %10.4f  %.4f to %.4f, mode %.4f\n", "tau", f->tau.median, f->tau.lb, f->tau.ub, f->tau_mode);
    fprintf(out, "  Bayes factor of tau = 0: %.4g\n", f->bayes_factor);
    char buffer[32];
    for (size_t i = 0; i < f->k && f->k <= PRINTED_MOST; i++)
        print_line(p, pool_label(p, i, buffer, sizeof buffer), &f->theta[i], out);
}

st_status pool_by_bayes(const pool *p, const pool_answer *answer, st_error *err) {
    st_bayes_prior prior;
    st_bayes_fit f;
    if (!p->options->bayes)
        return ST_OK;
    st_status status = pool_prior(p, &prior, err);
    if (status == ST_OK)
        status = st_bayes_fit_init(&p->data, &prior, p->model.level, &f, err);
    if (status != ST_OK)
        return status;
    if (answer->text != NULL)
        print_fit(p, &f, answer->text);
    else
        json_object_set_new(answer->root, "bayes", fit_json(p, &f));
    st_bayes_fit_fini(&f);
    return ST_OK;
}
