/* The part --levels of stasis evidence pool: arms within studies.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool.h"

#include <stasis/meta_levels.h>
#include <stasis/text.h>

static json_t *reals(const double *value, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, st_json_real(value[i]));
    return list;
}

static json_t *sandwich(const double *se, const double *t, json_t *df, const double *p, const double *lb,
                        const double *ub, size_t n) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "se", reals(se, n), "tval", reals(t, n), "df", df, "pval",
                     reals(p, n), "ci_lb", reals(lb, n), "ci_ub", reals(ub, n));
}

static json_t *fit_json(const pool *p, const st_levels_fit *f) {
    const double n = pool_harmonic_n(p, NULL);
    json_t *o = json_pack("{s:s, s:s, s:f, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "method",
                          st_method_name(f->options.method), "test", f->options.t_test ? "t" : "z", "rho",
                          f->options.rho, "k", (json_int_t)f->k, "studies", (json_int_t)f->studies, "b",
                          reals(f->b, f->p), "se", reals(f->se, f->p), "zval", reals(f->zval, f->p), "pval",
                          reals(f->pval, f->p), "ci_lb", reals(f->ci_lb, f->p), "ci_ub", reals(f->ci_ub, f->p));
    json_object_update_new(
        o, json_pack("{s:o, s:o, s:o, s:[b,b], s:o, s:o, s:o, s:o, s:o, s:o}", "sigma2", reals(f->sigma2, 2),
                     "sigma2_lb", reals(f->sigma2_lb, 2), "sigma2_ub", reals(f->sigma2_ub, 2), "identified",
                     (int)f->identified[0], (int)f->identified[1], "df", st_json_real(f->df), "loglik",
                     st_json_real(f->loglik), "lrt", st_json_real(f->lrt), "lrt_p", st_json_real(f->lrt_p),
                     "lrt_p_mixed", st_json_real(f->lrt_p_mixed), "icc", st_json_real(f->icc)));
    json_object_update_new(o, json_pack("{s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "QE", st_json_real(f->QE),
                                        "QEp", st_json_real(f->QEp), "QM", st_json_real(f->QM), "QM_df",
                                        (json_int_t)f->QM_df, "QMp", st_json_real(f->QMp), "I2", reals(f->I2, 2),
                                        "I2_total", st_json_real(f->I2_total), "pi_lb", st_json_real(f->pi_lb), "pi_ub",
                                        st_json_real(f->pi_ub)));
    if (f->p == 1)
        json_object_update_new(o, json_pack("{s:o, s:o, s:o}", "estimate",
                                            st_json_real(st_measure_back(p->measure, f->b[0], n)), "estimate_lb",
                                            st_json_real(st_measure_back(p->measure, f->ci_lb[0], n)), "estimate_ub",
                                            st_json_real(st_measure_back(p->measure, f->ci_ub[0], n))));
    json_object_set_new(
        o, "robust",
        sandwich(f->robust_se, f->robust_t, st_json_real(f->robust_df), f->robust_p, f->robust_lb, f->robust_ub, f->p));
    json_object_set_new(o, "cr2",
                        sandwich(f->cr2_se, f->cr2_t, reals(f->cr2_df, f->p), f->cr2_p, f->cr2_lb, f->cr2_ub, f->p));
    return o;
}

static void print_variance(const st_levels_fit *f, int a, const char *name, FILE *out) {
    fprintf(out, "  sigma2 %-15s %10.4g", name, f->sigma2[a]);
    if (f->identified[a])
        fprintf(out, "  (%.4g to %.4g)  I2 %.1f %%\n", f->sigma2_lb[a], f->sigma2_ub[a], f->I2[a]);
    else
        fputs("  cannot be told apart in these data\n", out);
}

static void print_fit(const pool *p, const st_levels_fit *f, FILE *out) {
    char text[32];
    fprintf(out, "\nthree levels (%s): %zu arms in %zu studies; variances with limits by profile likelihood\n",
            st_method_name(f->options.method), f->k, f->studies);
    print_variance(f, 0, "between studies", out);
    print_variance(f, 1, "within studies", out);
    for (size_t c = 0; c < f->p; c++) {
        fprintf(out, "  %-22s %10.4f  SE %.4f  %.4g %% %.4f to %.4f, %s\n", p->coefficient[c], f->b[c], f->se[c],
                p->options->level, f->ci_lb[c], f->ci_ub[c], pool_p(f->pval[c], text, sizeof text));
        fprintf(out, "  %-22s %10s  SE %.4f  %.4g %% %.4f to %.4f, t(%.1f)\n", "  robust (CR2)", "", f->cr2_se[c],
                p->options->level, f->cr2_lb[c], f->cr2_ub[c], f->cr2_df[c]);
    }
    if (f->identified[0] && f->identified[1])
        fprintf(out, "  against independent arms: chi2(1) = %.4f, %s\n", f->lrt, pool_p(f->lrt_p, text, sizeof text));
}

st_status pool_by_levels(const pool *p, const pool_answer *answer, st_error *err) {
    if (p->cluster == NULL)
        return ST_OK;
    const st_levels_options options = {.method = p->model.method == ST_METHOD_ML ? ST_METHOD_ML : ST_METHOD_REML,
                                       .t_test = p->model.test == ST_TEST_KNHA,
                                       .level = p->model.level,
                                       .rho = p->options->rho};
    st_levels_fit f;
    const st_status status = st_levels_fit_init(&p->data, p->cluster->level, &options, &f, err);
    if (status != ST_OK)
        return status;
    if (answer->text != NULL)
        print_fit(p, &f, answer->text);
    else
        json_object_set_new(answer->root, "levels", fit_json(p, &f));
    st_levels_fit_fini(&f);
    return ST_OK;
}
