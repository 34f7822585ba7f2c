/* stasis evidence pool --bias as JSON and as text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool_bias.h"

#include <math.h>
#include <stasis/text.h>

static const char LOW_POWER[] = "tests for asymmetry of a funnel have little power at k < 10 (Sterne and others, BMJ "
                                "2011;343:d4002): that they find none says little";

static const char *const ESTIMATOR[] = {"L0", "R0", "Q0"};
static const char *const SIDE[] = {"auto", "left", "right"};

/* ---- JSON -------------------------------------------------------------------------------------------- */

static json_t *reason_json(const char *reason) {
    return json_pack("{s:s}", "reason", reason);
}

static json_t *asymmetry_json(const st_asymmetry *a) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "slope", st_json_real(a->slope), "se",
                     st_json_real(a->se), "zval", st_json_real(a->statistic), "df", st_json_real(a->df), "pval",
                     st_json_real(a->p), "limit", st_json_real(a->limit), "limit_lb", st_json_real(a->limit_lb),
                     "limit_ub", st_json_real(a->limit_ub), "tau2", st_json_real(a->tau2));
}

static json_t *regression_json(const bias_regression *r) {
    if (!r->made)
        return json_null();
    if (r->reason[0] != '\0')
        return reason_json(r->reason);
    return json_pack("{s:o, s:o}", "lm", asymmetry_json(&r->by[ST_ASYMMETRY_LM]), "rma",
                     asymmetry_json(&r->by[ST_ASYMMETRY_RMA]));
}

static json_t *peters_json(const bias_regression *r) {
    if (!r->made)
        return json_null();
    return r->reason[0] != '\0' ? reason_json(r->reason) : asymmetry_json(&r->by[ST_ASYMMETRY_LM]);
}

static json_t *filled_json(const pool *p, const st_trim_fill *t) {
    json_t *list = json_array();
    char buffer[32];
    for (size_t i = 0; i < t->k0; i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "mirrors",
                                              pool_label(p, t->mirror[i], buffer, sizeof buffer), "yi",
                                              st_json_real(t->yi[i]), "vi", st_json_real(t->vi[i])));
    return list;
}

static json_t *trim_json(const pool *p, const bias *b, st_trim_estimator e) {
    const st_trim_fill *t = &b->trim[e];
    if (!b->trimmed[e])
        return reason_json(b->trim_reason[e]);
    json_t *trim = json_pack("{s:s, s:s, s:I, s:o, s:o}", "estimator", ESTIMATOR[e], "side", SIDE[t->side], "k0",
                             (json_int_t)t->k0, "se_k0", st_json_real(t->se_k0), "p_k0", st_json_real(t->p_k0));
    json_object_set_new(trim, "filled", filled_json(p, t));
    json_object_set_new(trim, "fit", pool_fit_json(p, &t->fit, pool_harmonic_n(p, NULL)));
    return trim;
}

static void put_bias(const pool *p, const bias *b, json_t *root) {
    json_object_set_new(root, "bias_note", p->k < ST_ASYMMETRY_STUDIES_LEAST ? json_string(LOW_POWER) : json_null());
    json_object_set_new(root, "egger", regression_json(&b->egger));
    json_object_set_new(root, "regression",
                        json_pack("{s:o, s:o, s:o}", "vi", regression_json(&b->vi), "ni", regression_json(&b->ni),
                                  "ninv", regression_json(&b->ninv)));
    json_object_set_new(root, "peters", peters_json(&b->peters));
    json_object_set_new(root, "arcsine", regression_json(&b->arcsine));
    json_object_set_new(root, "begg",
                        json_pack("{s:o, s:o, s:o, s:b}", "tau", st_json_real(b->begg.tau), "zval",
                                  st_json_real(b->begg.z), "pval", st_json_real(b->begg.p), "exact",
                                  (int)b->begg.exact));
    json_t *trims = json_object();
    for (size_t e = 0; e < BIAS_TRIMS; e++)
        json_object_set_new(trims, ESTIMATOR[e], trim_json(p, b, (st_trim_estimator)e));
    json_object_set_new(root, "trim_and_fill", trims);
}

/* ---- text -------------------------------------------------------------------------------------------- */

static void print_regression(const char *name, const bias_regression *r, size_t models, FILE *out) {
    if (!r->made)
        return;
    if (r->reason[0] != '\0') {
        fprintf(out, "%-36s %s\n", name, r->reason);
        return;
    }
    for (size_t m = 0; m < models; m++) {
        const st_asymmetry *a = &r->by[m];
        char title[64], text[32], test[32];
        snprintf(title, sizeof title, "%s%s", name, models == 1 ? "" : m == ST_ASYMMETRY_LM ? ", weighted" : ", mixed");
        if (isnan(a->slope)) {
            fprintf(out, "%-36s needs more studies\n", title);
            continue;
        }
        if (isnan(a->statistic)) {
            fprintf(out, "%-36s the line goes through every estimate\n", title);
            continue;
        }
        if (isfinite(a->df))
            snprintf(test, sizeof test, "t(%.0f) = %.3f", a->df, a->statistic);
        else
            snprintf(test, sizeof test, "z = %.3f", a->statistic);
        fprintf(out, "%-36s %-18s %-14s", title, test, pool_p(a->p, text, sizeof text));
        if (!isnan(a->limit))
            fprintf(out, "  limit %.4g (%.4g to %.4g)", a->limit, a->limit_lb, a->limit_ub);
        fputc('\n', out);
    }
}

static void print_trims(const pool *p, const bias *b, FILE *out) {
    const double n = pool_harmonic_n(p, NULL);
    char buffer[32];
    fputs("\ntrim and fill\n", out);
    for (size_t e = 0; e < BIAS_TRIMS; e++) {
        const st_trim_fill *t = &b->trim[e];
        if (!b->trimmed[e]) {
            fprintf(out, "  %s: %s\n", ESTIMATOR[e], b->trim_reason[e]);
            continue;
        }
        fprintf(out, "  %s: %zu missing on the %s (SE %.3f", ESTIMATOR[e], t->k0, SIDE[t->side], t->se_k0);
        if (!isnan(t->p_k0))
            fprintf(out, ", %s for none", pool_p(t->p_k0, buffer, sizeof buffer));
        fprintf(out, "); pool with them %.4g (%.4g to %.4g), tau2 %.4g\n", st_measure_back(p->measure, t->fit.b[0], n),
                st_measure_back(p->measure, t->fit.ci_lb[0], n), st_measure_back(p->measure, t->fit.ci_ub[0], n),
                t->fit.tau2);
        for (size_t i = 0; i < t->k0; i++)
            fprintf(out, "      filled %.4g (variance %.4g; scale of the model) against %s\n", t->yi[i], t->vi[i],
                    pool_label(p, t->mirror[i], buffer, sizeof buffer));
    }
}

static void print_bias(const pool *p, const bias *b, FILE *out) {
    char text[32];
    fputs(
        "\nasymmetry of the funnel, on the scale of the model (weighted: classical regression, mixed: the model with a "
        "moderator;\nlimit: estimate of a study without error)\n",
        out);
    if (p->k < ST_ASYMMETRY_STUDIES_LEAST)
        fprintf(out, "note: %s\n", LOW_POWER);
    print_regression("Egger, on the standard error", &b->egger, 2, out);
    print_regression("on the variance", &b->vi, 2, out);
    print_regression("on the size", &b->ni, 2, out);
    print_regression("on 1 / size", &b->ninv, 2, out);
    print_regression("Peters, weights by events", &b->peters, 1, out);
    print_regression("Egger, of arcsines", &b->arcsine, 2, out);
    if (isnan(b->begg.tau))
        fprintf(out, "%-36s needs two studies of different variance\n", "Begg and Mazumdar");
    else
        fprintf(out, "%-36s tau = %-12.3f %s%s\n", "Begg and Mazumdar", b->begg.tau,
                pool_p(b->begg.p, text, sizeof text), b->begg.exact ? " (exact)" : "");
    print_trims(p, b, out);
}

st_status pool_bias(const pool *p, const pool_answer *answer, st_error *err) {
    if (!p->options->bias)
        return ST_OK;
    bias b;
    const st_status status = bias_compute(p, &b, err);
    if (status != ST_OK)
        return status;
    if (answer->root != NULL)
        put_bias(p, &b, answer->root);
    else
        print_bias(p, &b, answer->text);
    bias_fini(&b);
    return ST_OK;
}
