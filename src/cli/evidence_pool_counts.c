/* Counts of stasis evidence pool, pooled as they are: --method MH, PETO and GLMM.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool.h"

#include <math.h>
#include <stasis/meta_counts.h>
#include <stasis/text.h>

static json_t *test_json(const st_counts_test *t) {
    return json_pack("{s:o, s:o, s:o}", "stat", st_json_real(t->stat), "df", st_json_real(t->df), "p",
                     st_json_real(t->p));
}

static void put_counts(const pool *p, const st_counts_options *o, const st_counts_fit *f, json_t *root) {
    const bool glmm = o->method == ST_METHOD_GLMM;
    json_t *notes = json_array();
    if (f->note[0] != '\0')
        json_array_append_new(notes, json_string(f->note));
    json_object_update_new(
        root,
        json_pack("{s:s, s:s, s:s, s:f, s:{s:I, s:i}, s:o, s:o}", "measure", st_measure_name(p->measure), "method",
                  st_method_name(o->method), "test", "z", "level", p->options->level, "skipped", "missing",
                  (json_int_t)p->missing, "no_estimate", 0, "notes", notes, "model",
                  glmm && st_measure_has_arms(p->measure) ? json_string(st_counts_model_name(o->model)) : json_null()));
    json_object_update_new(root, pool_fit_json(p, &f->pooled, NAN));
    json_object_set_new(root, "QE_df", st_json_real(f->QE_df));
    json_object_update_new(root, json_pack("{s:o, s:o, s:o, s:o, s:o}", "cmh", test_json(&f->cmh), "tarone",
                                           test_json(&f->tarone), "breslow_day", test_json(&f->breslow_day), "QE_wald",
                                           test_json(&f->QE_wald), "QE_lrt", test_json(&f->QE_lrt)));
    json_object_update_new(root,
                           json_pack("{s:o, s:o, s:o, s:I, s:I, s:o}", "sigma2", st_json_real(f->sigma2),
                                     "loglik_equal", st_json_real(f->loglik_equal), "loglik_saturated",
                                     st_json_real(f->loglik_saturated), "left_out", (json_int_t)f->k_left_out, "points",
                                     (json_int_t)f->points, "quadrature_error", st_json_real(f->quadrature_error)));
}

static void print_test(const char *name, const st_counts_test *t, FILE *out) {
    char text[32];
    if (!isnan(t->stat))
        fprintf(out, "  %-24s chi2(%.0f) = %.4f, %s\n", name, t->df, t->stat, pool_p(t->p, text, sizeof text));
}

static void print_estimate(const pool *p, const st_meta_fit *f, FILE *out) {
    char text[32];
    fprintf(out, "\npooled            %10.4g  (%.4g to %.4g), SE %.4g, z = %.3f, %s\n", f->b[0], f->ci_lb[0],
            f->ci_ub[0], f->se[0], f->zval[0], pool_p(f->pval[0], text, sizeof text));
    fprintf(out, "back-transformed  %10.4g  (%.4g to %.4g)\n", st_measure_back(p->measure, f->b[0], NAN),
            st_measure_back(p->measure, f->ci_lb[0], NAN), st_measure_back(p->measure, f->ci_ub[0], NAN));
    if (!isnan(f->pi_lb))
        fprintf(out, "prediction        %10s  (%.4g to %.4g), back-transformed %.4g to %.4g\n", "", f->pi_lb, f->pi_ub,
                st_measure_back(p->measure, f->pi_lb, NAN), st_measure_back(p->measure, f->pi_ub, NAN));
}

static void print_counts(const pool *p, const st_counts_options *o, const st_counts_fit *f, FILE *out) {
    const bool glmm = o->method == ST_METHOD_GLMM;
    const st_counts_test Q = {f->pooled.QE, f->QE_df, f->pooled.QEp};
    fprintf(out, "%s, %s\n%s (%s)", st_measure_name(p->measure), st_measure_text(p->measure), st_method_name(o->method),
            st_method_text(o->method));
    if (glmm && st_measure_has_arms(p->measure))
        fprintf(out, ", model %s", st_counts_model_name(o->model));
    fprintf(out, "\nk = %zu %s", f->k, f->k == 1 ? "study" : "studies");
    if (f->k_left_out > 0)
        fprintf(out, "; left out: %zu without events, or with nothing else, in both arms", f->k_left_out);
    if (p->missing > 0)
        fprintf(out, "; left out: %zu with a value missing or infinite", p->missing);
    fputc('\n', out);
    if (f->note[0] != '\0')
        fprintf(out, "note: %s\n", f->note);
    if (!isnan(f->pooled.b[0]))
        print_estimate(p, &f->pooled, out);
    fputs("\nheterogeneity\n", out);
    if (glmm && !isnan(f->pooled.tau2))
        fprintf(out, "  tau2 %.4g, tau %.4g\n", f->pooled.tau2, sqrt(f->pooled.tau2));
    if (!isnan(f->sigma2))
        fprintf(out, "  variance of study effects %.4g\n", f->sigma2);
    if (!isnan(f->pooled.I2))
        fprintf(out, "  I2 %.1f %%, H2 %.4g\n", f->pooled.I2, f->pooled.H2);
    print_test("Cochran's Q", &Q, out);
    print_test("Wald", &f->QE_wald, out);
    print_test("likelihood ratio", &f->QE_lrt, out);
    print_test("Tarone", &f->tarone, out);
    print_test("Breslow-Day", &f->breslow_day, out);
    if (!isnan(f->cmh.stat))
        fputs("association\n", out);
    print_test("Cochran-Mantel-Haenszel", &f->cmh, out);
}

st_status pool_counts(const pool *p, const pool_answer *answer, st_error *err) {
    st_counts counts = {.measure = p->measure, .k = p->k};
    st_counts_options o = {.method = p->model.method,
                           .level = p->model.level,
                           .continuity = !p->options->no_continuity,
                           .effects = p->effects,
                           .points = (size_t)p->options->points};
    st_counts_fit fit;
    o.effects.drop00 = true; /* of MH and GLMM: raw counts are pooled, only the estimates of single studies lack them */
    for (size_t j = 0; j < p->n_values; j++)
        counts.column[j] = p->value[j];
    st_status status = st_counts_model_find(p->options->model, &o.model, err);
    if (status == ST_OK)
        status = st_counts_pool(&counts, &o, &fit, err);
    if (status != ST_OK)
        return status;
    if (answer->root != NULL)
        put_counts(p, &o, &fit, answer->root);
    else
        print_counts(p, &o, &fit, answer->text);
    st_counts_fit_fini(&fit);
    return ST_OK;
}
