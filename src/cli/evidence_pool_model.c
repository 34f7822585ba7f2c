/* The model of stasis evidence pool, and its studies, as JSON and as text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool.h"

#include <math.h>
#include <stasis/text.h>

/* More studies than this are pooled, not listed. */
static const size_t JSON_STUDIES_MOST = 100000, TEXT_STUDIES_MOST = 100;

static const double PERCENT = 100;

/* ---- JSON ------------------------------------------------------------------------------------- */

static json_t *reals(const double *value, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, st_json_real(value[i]));
    return list;
}

double pool_harmonic_n(const pool *p, const pool_level *level) {
    double inverse = 0;
    size_t n = 0;
    if (p->measure != ST_MEASURE_PFT)
        return NAN;
    for (size_t i = 0; i < p->k; i++)
        if (level == NULL || p->group->level[i] == level->index) {
            inverse += 1 / p->value[1][i];
            n++;
        }
    return (double)n / inverse;
}

static json_t *back(const pool *p, double value, double n) {
    return st_json_real(st_measure_back(p->measure, value, n));
}

/* Degrees of freedom; null where they are infinite. */
static json_t *degrees(double df) {
    return isfinite(df) ? json_integer((json_int_t)df) : json_null();
}

json_t *pool_fit_json(const pool *p, const st_meta_fit *f, double n) {
    json_t *root = json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "k", (json_int_t)f->k,
                             "b", reals(f->b, f->p), "se", reals(f->se, f->p), "ci_lb", reals(f->ci_lb, f->p), "ci_ub",
                             reals(f->ci_ub, f->p), "zval", reals(f->zval, f->p), "pval", reals(f->pval, f->p), "df",
                             degrees(f->df), "tau2", st_json_real(f->tau2), "se_tau2", st_json_real(f->se_tau2), "vt",
                             st_json_real(f->vt), "I2", st_json_real(f->I2), "H2", st_json_real(f->H2));
    json_object_update_new(root, json_pack("{s:o, s:I, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "QE", st_json_real(f->QE),
                                           "QE_df", (json_int_t)(f->k - f->p), "QEp", st_json_real(f->QEp), "QM",
                                           st_json_real(f->QM), "QM_df", (json_int_t)f->QM_df, "QMp",
                                           st_json_real(f->QMp), "pi_lb", st_json_real(f->pi_lb), "pi_ub",
                                           st_json_real(f->pi_ub), "loglik", st_json_real(f->loglik)));
    if (f->p == 1)
        json_object_update_new(root, json_pack("{s:o, s:o, s:o, s:o, s:o}", "estimate", back(p, f->b[0], n),
                                               "estimate_lb", back(p, f->ci_lb[0], n), "estimate_ub",
                                               back(p, f->ci_ub[0], n), "estimate_pi_lb", back(p, f->pi_lb, n),
                                               "estimate_pi_ub", back(p, f->pi_ub, n)));
    else
        json_object_update_new(root, json_pack("{s:n, s:n, s:n, s:n, s:n}", "estimate", "estimate_lb", "estimate_ub",
                                               "estimate_pi_lb", "estimate_pi_ub"));
    return root;
}

static json_t *limits_json(double lower, double upper) {
    return json_pack("{s:o, s:o}", "lb", st_json_real(lower), "ub", st_json_real(upper));
}

static json_t *effects_json(const pool *p) {
    static const char *const to[] = {"all", "only0", "if0all", "none"};
    if (!st_measure_has_cells(p->measure))
        return json_null();
    return json_pack("{s:f, s:s, s:b}", "add", p->effects.add, "to", to[p->effects.to], "drop00",
                     (int)p->effects.drop00);
}

/* What was done otherwise than asked, or asks for care; NULL ends them. */
static const char *const *notes_of(const pool *p) {
    static const char *const one[] = {"one study: tests by the normal distribution, not by Knapp and Hartung", NULL};
    static const char *const equal[] = {"Knapp and Hartung's test is made for models with tau2, not for FE", NULL};
    static const char *const none[] = {NULL};
    if (p->model.test != ST_TEST_KNHA)
        return none;
    return p->k == 1 ? one : p->model.method == ST_METHOD_FE ? equal : none;
}

static json_t *notes_json(const pool *p) {
    json_t *list = json_array();
    for (const char *const *note = notes_of(p); *note != NULL; note++)
        json_array_append_new(list, json_string(*note));
    return list;
}

static void put_model(const pool *p, json_t *root) {
    json_t *names = json_array();
    for (size_t j = 0; j < p->p; j++)
        json_array_append_new(names, json_string(p->coefficient[j]));
    json_object_update_new(root, json_pack("{s:s, s:s, s:s, s:f, s:o, s:o, s:o, s:{s:I, s:I}}", "measure",
                                           st_measure_name(p->measure), "method", st_method_name(p->fit.method), "test",
                                           p->fit.test == ST_TEST_Z ? "z" : "knha", "level", p->options->level, "zeros",
                                           effects_json(p), "mods", names, "n_harmonic",
                                           st_json_real(pool_harmonic_n(p, NULL)), "skipped", "missing",
                                           (json_int_t)p->missing, "no_estimate", (json_int_t)p->no_estimate));
    json_object_set_new(root, "notes", notes_json(p));
    json_object_update_new(root, pool_fit_json(p, &p->fit, pool_harmonic_n(p, NULL)));
    if (isnan(p->limits.tau2_ub))
        json_object_set_new(root, "confint", json_null());
    else
        json_object_set_new(root, "confint",
                            json_pack("{s:o, s:o, s:o}", "tau2", limits_json(p->limits.tau2_lb, p->limits.tau2_ub),
                                      "I2", limits_json(p->limits.I2_lb, p->limits.I2_ub), "H2",
                                      limits_json(p->limits.H2_lb, p->limits.H2_ub)));
}

/* ---- text ------------------------------------------------------------------------------------- */

const char *pool_p(double value, char *buffer, size_t size) {
    if (isnan(value))
        snprintf(buffer, size, "p not defined");
    else if (value < 1e-4)
        snprintf(buffer, size, "p < 0.0001");
    else
        snprintf(buffer, size, "p = %.4f", value);
    return buffer;
}

/* A p-value in a column. */
static const char *p_cell(double value, char *buffer, size_t size) {
    if (value < 1e-4)
        snprintf(buffer, size, "<0.0001");
    else
        snprintf(buffer, size, "%.4f", value);
    return buffer;
}

static void print_heading(const pool *p, FILE *out) {
    const st_meta_fit *f = &p->fit;
    fprintf(out, "%s, %s\n", st_measure_name(p->measure), st_measure_text(p->measure));
    fprintf(out, "%s model, %s (%s); ",
            p->p > 1                    ? "mixed-effects"
            : f->method == ST_METHOD_FE ? "equal-effects"
                                        : "random-effects",
            st_method_name(f->method), st_method_text(f->method));
    if (f->test == ST_TEST_KNHA)
        fprintf(out, "tests by Knapp and Hartung, t(%.0f)\n", f->df);
    else
        fputs("tests by the normal distribution\n", out);
    fprintf(out, "k = %zu %s", p->k, p->k == 1 ? "study" : "studies");
    if (p->missing + p->no_estimate > 0)
        fprintf(out, "; left out: %zu with a value missing or infinite, %zu without an estimate", p->missing,
                p->no_estimate);
    fputc('\n', out);
    for (const char *const *note = notes_of(p); *note != NULL; note++)
        fprintf(out, "note: %s\n", *note);
}

static void print_limits(FILE *out, double lower, double upper) {
    if (isnan(upper))
        fputc('\n', out);
    else
        fprintf(out, "  (%.4g to %.4g)\n", lower, upper);
}

static void print_heterogeneity(const pool *p, FILE *out) {
    const st_meta_fit *f = &p->fit;
    char text[32];
    fputs(p->p > 1 ? "\nresidual heterogeneity" : "\nheterogeneity", out);
    if (isnan(p->limits.tau2_ub))
        fputc('\n', out);
    else
        fprintf(out, ", with %.4g %% limits by the Q-profile\n", p->options->level);
    if (f->method != ST_METHOD_FE) {
        fprintf(out, "  tau2  %10.4g", f->tau2);
        print_limits(out, p->limits.tau2_lb, p->limits.tau2_ub);
        fprintf(out, "  tau   %10.4g", sqrt(f->tau2));
        print_limits(out, sqrt(p->limits.tau2_lb), sqrt(p->limits.tau2_ub));
    }
    fprintf(out, "  I2    %8.1f %%", f->I2);
    print_limits(out, p->limits.I2_lb, p->limits.I2_ub);
    fprintf(out, "  H2    %10.4g", f->H2);
    print_limits(out, p->limits.H2_lb, p->limits.H2_ub);
    fprintf(out, "  Q(%zu) = %.4f, %s\n", f->k - f->p, f->QE, pool_p(f->QEp, text, sizeof text));
}

static void print_moderators(const st_meta_fit *f, FILE *out) {
    char text[32];
    if (f->test == ST_TEST_KNHA)
        fprintf(out, "\nmoderators: F(%zu, %.0f) = %.4f, %s\n", f->QM_df, f->df, f->QM,
                pool_p(f->QMp, text, sizeof text));
    else
        fprintf(out, "\nmoderators: QM(%zu) = %.4f, %s\n", f->QM_df, f->QM, pool_p(f->QMp, text, sizeof text));
}

static void print_coefficients(const pool *p, FILE *out) {
    const st_meta_fit *f = &p->fit;
    fprintf(out, "\n%-24s %10s %10s %8s %8s   %.4g %% interval\n", p->p > 1 ? "coefficient" : "", "estimate", "SE",
            f->test == ST_TEST_KNHA ? "t" : "z", "p", p->options->level);
    char p_text[16];
    for (size_t j = 0; j < f->p; j++)
        fprintf(out, "%-24s %10.4g %10.4g %8.3f %8s   %.4g to %.4g\n", p->p > 1 ? p->coefficient[j] : "pooled", f->b[j],
                f->se[j], f->zval[j], p_cell(f->pval[j], p_text, sizeof p_text), f->ci_lb[j], f->ci_ub[j]);
}

static void print_back(const pool *p, FILE *out) {
    const st_meta_fit *f = &p->fit;
    const double n = pool_harmonic_n(p, NULL);
    fprintf(out, "%-24s %10.4g %*s   %.4g to %.4g\n", "back-transformed", st_measure_back(p->measure, f->b[0], n), 28,
            "", st_measure_back(p->measure, f->ci_lb[0], n), st_measure_back(p->measure, f->ci_ub[0], n));
    if (!isnan(f->pi_lb))
        fprintf(out, "%-24s %10s %*s   %.4g to %.4g (back-transformed %.4g to %.4g)\n", "prediction interval", "", 28,
                "", f->pi_lb, f->pi_ub, st_measure_back(p->measure, f->pi_lb, n),
                st_measure_back(p->measure, f->pi_ub, n));
}

st_status pool_model(const pool *p, const pool_answer *answer, st_error *err) {
    (void)err;
    if (answer->root != NULL) {
        put_model(p, answer->root);
        return ST_OK;
    }
    print_heading(p, answer->text);
    print_heterogeneity(p, answer->text);
    if (p->p > 1)
        print_moderators(&p->fit, answer->text);
    print_coefficients(p, answer->text);
    if (p->p == 1)
        print_back(p, answer->text);
    return ST_OK;
}

/* ---- studies ---------------------------------------------------------------------------------- */

/* Estimate and limits of a study, on the scale of the reader; of PFT for its own n. */
typedef struct study_row {
    const char *label;
    double weight, estimate, lower, upper;
} study_row;

static double study_n(const pool *p, size_t i) {
    return p->measure == ST_MEASURE_PFT ? p->value[1][i] : NAN;
}

static double weight_sum(const pool *p) {
    double sum = 0;
    for (size_t i = 0; i < p->k; i++)
        sum += 1 / (p->vi[i] + p->fit.tau2);
    return sum;
}

static study_row study_of(const pool *p, size_t i, double sum, char *buffer, size_t size) {
    const double reach = st_critical_z(p->fit.level) * sqrt(p->vi[i]), n = study_n(p, i);
    return (study_row){pool_label(p, i, buffer, size), PERCENT / (p->vi[i] + p->fit.tau2) / sum,
                       st_measure_back(p->measure, p->yi[i], n), st_measure_back(p->measure, p->yi[i] - reach, n),
                       st_measure_back(p->measure, p->yi[i] + reach, n)};
}

static void put_studies(const pool *p, json_t *root) {
    json_t *list = json_array();
    const double sum = weight_sum(p);
    char buffer[32];
    for (size_t i = 0; i < p->k; i++) {
        const study_row s = study_of(p, i, sum, buffer, sizeof buffer);
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "label", s.label, "yi",
                                              st_json_real(p->yi[i]), "vi", st_json_real(p->vi[i]), "weight",
                                              st_json_real(s.weight), "estimate", st_json_real(s.estimate), "lb",
                                              st_json_real(s.lower), "ub", st_json_real(s.upper)));
    }
    json_object_set_new(root, "studies", list);
}

static void print_studies(const pool *p, FILE *out) {
    const double sum = weight_sum(p);
    char buffer[32];
    fprintf(out, "\n%-24s %10s %8s   %.4g %% interval\n", "study", "estimate", "weight", p->options->level);
    for (size_t i = 0; i < p->k; i++) {
        const study_row s = study_of(p, i, sum, buffer, sizeof buffer);
        fprintf(out, "%-24s %10.4g %6.2f %%   %.4g to %.4g\n", s.label, s.estimate, s.weight, s.lower, s.upper);
    }
}

st_status pool_studies(const pool *p, const pool_answer *answer, st_error *err) {
    (void)err;
    if (answer->root != NULL && p->k <= JSON_STUDIES_MOST)
        put_studies(p, answer->root);
    else if (answer->root != NULL)
        json_object_set_new(answer->root, "studies", json_null());
    else if (p->k <= TEXT_STUDIES_MOST)
        print_studies(p, answer->text);
    return ST_OK;
}

const char *pool_label(const pool *p, size_t study, char *buffer, size_t size) {
    if (p->label != NULL && p->label->level[study] != ST_FRAME_MISSING)
        return st_frame_text(p->label, study);
    snprintf(buffer, size, "study %zu", study + 1);
    return buffer;
}
