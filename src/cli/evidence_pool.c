/* stasis evidence pool: effect sizes of a table of studies, pooled.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"
#include "evidence_pool.h"

#include <math.h>
#include <stasis/meta_counts.h>
#include <stasis/text.h>
#include <stdlib.h>
#include <string.h>

static pool_part *const estimate_parts[] = {
    pool_model,   pool_by_levels, pool_by_bayes,   pool_subgroups, pool_bootstrap,
    pool_studies, pool_influence, pool_cumulative, pool_bias,      pool_figures,
    NULL};
static pool_part *const count_parts[] = {pool_counts, NULL};

static pool_part *const *parts_of(const pool *p) {
    return st_method_is_inverse_variance(p->model.method) ? estimate_parts : count_parts;
}

/* ---- options ------------------------------------------------------------------------------------ */

/* Methods that pool tables suit what they were made for. */
static st_status check_method(const pool *p, st_error *err) {
    const st_measure m = p->measure;
    const char *suits = NULL;
    if (p->model.method == ST_METHOD_MH && m != ST_MEASURE_OR && m != ST_MEASURE_RR && m != ST_MEASURE_RD &&
        m != ST_MEASURE_IRR)
        suits = "OR, RR, RD and IRR";
    if (p->model.method == ST_METHOD_PETO && m != ST_MEASURE_PETO && m != ST_MEASURE_OR)
        suits = "PETO and OR";
    if (p->model.method == ST_METHOD_GLMM && m != ST_MEASURE_PLO && m != ST_MEASURE_OR && m != ST_MEASURE_IRR &&
        m != ST_MEASURE_IRLN)
        suits = "PLO, OR, IRR and IRLN";
    if (suits != NULL)
        return st_fail(err, ST_USAGE, "--method %s pools %s, not %s; REML suits every measure",
                       st_method_name(p->model.method), suits, st_measure_name(m));
    const pool_options *o = p->options;
    const bool counts = !st_method_is_inverse_variance(p->model.method), glmm = p->model.method == ST_METHOD_GLMM;
    const struct {
        const char *name;
        bool given;
    } of_estimates[] = {{"test knha", strcmp(o->test, "knha") == 0},
                        {"mods", o->mods != NULL},
                        {"subgroup", o->subgroup != NULL},
                        {"bootstrap", o->bootstrap > 0},
                        {"levels", o->levels != NULL},
                        {"bayes", o->bayes},
                        {"influence", o->influence},
                        {"cumulative", o->cumulative != NULL},
                        {"bias", o->bias},
                        {"forest", o->forest != NULL},
                        {"funnel", o->funnel != NULL},
                        {"baujat", o->baujat != NULL},
                        {"labbe", o->labbe != NULL}};
    const char *lacks = NULL;
    for (size_t i = 0; i < sizeof of_estimates / sizeof *of_estimates && lacks == NULL; i++)
        lacks = of_estimates[i].given ? of_estimates[i].name : NULL;
    if (counts && lacks != NULL)
        return st_fail(err, ST_USAGE,
                       "--%s goes with estimates and variances (REML and its like), not with --method %s", lacks,
                       st_method_name(p->model.method));
    if (!glmm && (o->points != 0 || strcmp(o->model, "UM.FS") != 0))
        return st_fail(err, ST_USAGE, "--model and --points belong to --method GLMM, not to %s",
                       st_method_name(p->model.method));
    if (glmm && !st_measure_has_arms(m) && strcmp(o->model, "UM.FS") != 0)
        return st_fail(err, ST_USAGE, "--model %s is of two arms; %s has one and needs no model", o->model,
                       st_measure_name(m));
    if (p->model.method != ST_METHOD_MH && o->no_continuity)
        return st_fail(err, ST_USAGE, "--no-continuity belongs to --method MH, not to %s",
                       st_method_name(p->model.method));
    return ST_OK;
}

static st_status check_zeros(pool *p, st_error *err) {
    const pool_options *o = p->options;
    static const char *const to[] = {"all", "only0", "if0all", "none"};
    const char *given = o->add >= 0 ? "add" : o->to != NULL ? "to" : o->drop00 ? "drop00" : NULL;
    if (given != NULL && !st_measure_has_cells(p->measure))
        return st_fail(err, ST_USAGE, "--%s has no meaning for %s, which counts nothing", given,
                       st_measure_name(p->measure));
    if (o->drop00 && !st_measure_has_arms(p->measure))
        return st_fail(err, ST_USAGE, "--drop00 has no meaning for %s, which has one arm", st_measure_name(p->measure));
    p->effects = (st_effect_options){.add = o->add >= 0 ? o->add : st_measure_add(p->measure), .drop00 = o->drop00};
    p->effects.to = ST_ADD_ONLY0;
    for (size_t i = 0; o->to != NULL && i < sizeof to / sizeof *to; i++)
        if (strcmp(o->to, to[i]) == 0)
            p->effects.to = (st_add_to)i;
    return ST_OK;
}

static st_status check_options(pool *p, st_error *err) {
    const pool_options *o = p->options;
    st_status status = st_measure_find(o->measure != NULL ? o->measure : "", &p->measure, err);
    if (status != ST_OK && o->measure == NULL && err != NULL) { /* "there is no measure ..; known are" */
        char known[sizeof err->what];
        snprintf(known, sizeof known, "%s", strchr(err->what, ';'));
        return st_fail(err, ST_USAGE, "--measure is missing%.400s", known);
    }
    if (status == ST_OK)
        status = st_method_find(o->method, &p->model.method, err);
    if (status == ST_OK)
        status = check_method(p, err);
    if (status == ST_OK)
        status = check_zeros(p, err);
    if (status != ST_OK)
        return status;
    p->model.test = strcmp(o->test, "knha") == 0 ? ST_TEST_KNHA : ST_TEST_Z;
    p->model.level = o->level / 100;
    if (o->mods != NULL && (o->subgroup != NULL || o->bootstrap > 0))
        return st_fail(err, ST_USAGE, "--mods fits one model with moderators; --%s takes one without",
                       o->subgroup != NULL ? "subgroup" : "bootstrap");
    if (o->mods != NULL && o->cumulative != NULL)
        return st_fail(err, ST_USAGE, "--cumulative shows how one pooled estimate grew; with --mods there is none");
    if (o->rho > 0 && o->levels == NULL)
        return st_fail(err, ST_USAGE, "--rho is for --levels");
    st_bayes_prior prior;
    status = pool_prior(p, &prior, err);
    return status == ST_OK ? pool_figures_check(p, err) : status;
}

/* ---- the pool ------------------------------------------------------------------------------------ */

static st_status fit(pool *p, st_error *err) {
    p->data = (st_meta_data){.k = p->k, .p = p->p, .yi = p->yi, .vi = p->vi, .x = p->x};
    const st_status status = st_meta_fit_run(&p->data, &p->model, &p->fit, err);
    return status == ST_OK ? st_meta_limits_compute(&p->data, &p->fit, &p->limits, err) : status;
}

/* The text is kept back until every part is done, so that a failed run prints none. */
static st_status answer_text(const pool *p, st_error *err) {
    char *text = NULL;
    size_t size = 0;
    const pool_answer answer = {.text = open_memstream(&text, &size)};
    st_status status = answer.text != NULL ? ST_OK : st_fail(err, ST_MEMORY, "no memory for the answer");
    for (pool_part *const *part = parts_of(p); *part != NULL && status == ST_OK; part++)
        status = (*part)(p, &answer, err);
    if (answer.text != NULL && fclose(answer.text) != 0 && status == ST_OK)
        status = st_fail(err, ST_MEMORY, "no memory for the answer");
    if (status == ST_OK)
        fwrite(text, 1, size, stdout);
    free(text);
    return status;
}

static st_status answer_json(const pool *p, st_error *err) {
    const pool_answer answer = {.root = json_object()};
    st_status status = answer.root != NULL ? ST_OK : st_fail(err, ST_MEMORY, "no memory for the answer");
    for (pool_part *const *part = parts_of(p); *part != NULL && status == ST_OK; part++)
        status = (*part)(p, &answer, err);
    if (status == ST_OK)
        return common_print_json(answer.root, err);
    json_decref(answer.root);
    return status;
}

static st_status pool_run(const void *options, st_error *err) {
    pool p = {.options = options};
    st_status status = check_options(&p, err);
    if (status == ST_OK)
        status = pool_read(&p, err);
    if (status == ST_OK && st_method_is_inverse_variance(p.model.method))
        status = fit(&p, err);
    if (status == ST_OK)
        status = p.options->json ? answer_json(&p, err) : answer_text(&p, err);
    pool_fini(&p);
    return status;
}

/* ---- --bootstrap ---------------------------------------------------------------------------------- */

st_status pool_bootstrap(const pool *p, const pool_answer *answer, st_error *err) {
    const pool_options *o = p->options;
    st_meta_bootstrap b;
    if (o->bootstrap == 0)
        return ST_OK;
    const st_status status =
        st_meta_bootstrap_run(&p->data, &p->model, (size_t)o->bootstrap, (uint64_t)o->seed, 0, &b, err);
    if (status != ST_OK)
        return status;
    const double n = pool_harmonic_n(p, NULL);
    const double lower = st_measure_back(p->measure, b.b_lb, n), upper = st_measure_back(p->measure, b.b_ub, n);
    if (answer->text != NULL) {
        fprintf(answer->text, "\nbootstrap of studies, %zu draws, seed %lld: %.4g %% percentile limits\n", b.n,
                (long long)o->seed, o->level);
        fprintf(answer->text, "  pooled %.4g to %.4g (back-transformed %.4g to %.4g), tau2 %.4g to %.4g\n", b.b_lb,
                b.b_ub, lower, upper, b.tau2_lb, b.tau2_ub);
        return ST_OK;
    }
    json_object_set_new(answer->root, "bootstrap",
                        json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "n", (json_int_t)b.n, "seed",
                                  (json_int_t)o->seed, "b_lb", st_json_real(b.b_lb), "b_ub", st_json_real(b.b_ub),
                                  "b_se", st_json_real(b.b_se), "tau2_lb", st_json_real(b.tau2_lb), "tau2_ub",
                                  st_json_real(b.tau2_ub), "estimate_lb", st_json_real(lower), "estimate_ub",
                                  st_json_real(upper)));
    return ST_OK;
}

/* ---- the command ---------------------------------------------------------------------------------- */

static void pool_defaults(void *options) {
    *(pool_options *)options =
        (pool_options){.method = "REML", .model = "UM.FS", .test = "z", .add = -1, .level = 95, .seed = 1};
}

static const st_argument pool_arguments[] = {
    {"FILE.csv", "a row for each study, columns by name (below), plain or gzip", offsetof(pool_options, file), false},
    {0}};

static const st_option pool_option[] = {
    {"measure", 0, ST_OPTION_TEXT, "NAME", "what is pooled; always wanted", offsetof(pool_options, measure), 0, 0,
     NULL},
    {"method", 0, ST_OPTION_TEXT, "NAME",
     "FE, or how tau2 is estimated: DL REML ML PM EB SJ HE HS; or counts as they are: MH PETO GLMM",
     offsetof(pool_options, method), 0, 0, NULL},
    {"model", 0, ST_OPTION_CHOICE, "NAME", "of GLMM with two arms: studies fixed or random, or given all events",
     offsetof(pool_options, model), 0, 0, "UM.FS,UM.RS,CM.EL,CM.AL"},
    {"points", 0, ST_OPTION_INTEGER, "N", "of quadrature of GLMM, 1 for Laplace; 0: as many as it takes",
     offsetof(pool_options, points), 0, ST_COUNTS_POINTS_MOST, NULL},
    {"no-continuity", 0, ST_OPTION_FLAG, NULL, "Cochran-Mantel-Haenszel's test without Yates' correction",
     offsetof(pool_options, no_continuity), 0, 0, NULL},
    {"test", 0, ST_OPTION_CHOICE, "NAME", "tests and intervals by the normal distribution, or Knapp and Hartung's by t",
     offsetof(pool_options, test), 0, 0, "z,knha"},
    {"mods", 0, ST_OPTION_TEXT, "A,B",
     "moderators: columns of numbers, factor(COLUMN) for one of names, lowest level "
     "as reference",
     offsetof(pool_options, mods), 0, 0, NULL},
    {"subgroup", 0, ST_OPTION_TEXT, "COLUMN", "a pool for each level, each with its own tau2, and a test between them",
     offsetof(pool_options, subgroup), 0, 0, NULL},
    {"add", 0, ST_OPTION_NUMBER, "X", "to the cells of a table with a zero; 0.5 unless given, 0 for PAS and PFT",
     offsetof(pool_options, add), 0, 1e9, NULL},
    {"to", 0, ST_OPTION_CHOICE, "WHICH",
     "studies that it is added to: those with a zero (only0) unless given; all where "
     "any has one (if0all)",
     offsetof(pool_options, to), 0, 0, "all,only0,if0all,none"},
    {"drop00", 0, ST_OPTION_FLAG, NULL, "leave out studies without events, or with nothing else, in both arms",
     offsetof(pool_options, drop00), 0, 0, NULL},
    {"level", 0, ST_OPTION_NUMBER, "PERCENT", "of intervals, in percent", offsetof(pool_options, level), 50, 99.9999,
     NULL},
    {"label", 0, ST_OPTION_TEXT, "COLUMN", "names of the studies; the column label or study where there is one",
     offsetof(pool_options, label), 0, 0, NULL},
    {"levels", 0, ST_OPTION_TEXT, "COLUMN",
     "also fit three levels: rows are arms, COLUMN names their study (docs/evidence/levels.md)",
     offsetof(pool_options, levels), 0, 0, NULL},
    {"rho", 0, ST_OPTION_NUMBER, "R", "for --levels: correlation of sampling errors within a study",
     offsetof(pool_options, rho), 0, 0.999, NULL},
    {"bayes", 0, ST_OPTION_FLAG, NULL, "also fit the Bayesian model (docs/evidence/bayes.md)",
     offsetof(pool_options, bayes), 0, 0, NULL},
    {"prior-mu", 0, ST_OPTION_TEXT, "MEAN,SD", "for --bayes: a normal prior, or flat; flat unless given",
     offsetof(pool_options, prior_mu), 0, 0, NULL},
    {"prior-tau", 0, ST_OPTION_TEXT, "PRIOR",
     "for --bayes: halfnormal:SCALE, halfcauchy:SCALE or uniform:MAX; halfnormal:0.5 unless given, for measures on a "
     "log scale and SMD",
     offsetof(pool_options, prior_tau), 0, 0, NULL},
    {"bootstrap", 0, ST_OPTION_INTEGER, "N", "percentile limits from N draws of studies; 0 for none",
     offsetof(pool_options, bootstrap), 0, 1e8, NULL},
    {"seed", 0, ST_OPTION_INTEGER, "N", "of the draws", offsetof(pool_options, seed), 0, 0, NULL},
    {"influence", 0, ST_OPTION_FLAG, NULL,
     "the pool without each study, what each does to it, and Baujat's coordinates", offsetof(pool_options, influence),
     0, 0, NULL},
    {"cumulative", 0, ST_OPTION_TEXT, "COLUMN", "the pool as studies are added by this column, ascending",
     offsetof(pool_options, cumulative), 0, 0, NULL},
    {"bias", 0, ST_OPTION_FLAG, NULL, "whether small studies differ: Egger, Peters, Begg, trim and fill",
     offsetof(pool_options, bias), 0, 0, NULL},
    {"forest", 0, ST_OPTION_FILE, "FILE", "forest plot, .svg, .pdf or .png", offsetof(pool_options, forest), 0, 0,
     NULL},
    {"funnel", 0, ST_OPTION_FILE, "FILE", "funnel plot; with --bias the studies that trim and fill adds are in it",
     offsetof(pool_options, funnel), 0, 0, NULL},
    {"baujat", 0, ST_OPTION_FILE, "FILE", "Baujat's plot: what a study adds to Q against its influence",
     offsetof(pool_options, baujat), 0, 0, NULL},
    {"labbe", 0, ST_OPTION_FILE, "FILE", "L'Abbe's plot of the risks of two arms: OR, RR, RD, PETO",
     offsetof(pool_options, labbe), 0, 0, NULL},
    {"skip-missing", 0, ST_OPTION_FLAG, NULL, "leave out, and count, rows that lack a value or have an infinite one",
     offsetof(pool_options, skip_missing), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print JSON (docs/evidence/pooling.md)", offsetof(pool_options, json), 0, 0,
     NULL},
    {0}};

const st_command command_evidence_pool = {
    .name = "evidence pool",
    .summary = "pool studies: effect sizes, random-effects models, moderators",
    .description =
        "Computes an effect size for each study and pools them, with the definitions of R's metafor. Measures and the "
        "columns that they take: PLO PR PLN PAS PFT (xi,ni), OR RR RD PETO (ai,bi,ci,di or ai,n1i,ci,n2i), MD SMD ROM "
        "(m1i,sd1i,n1i,m2i,sd2i,n2i), COR ZCOR (ri,ni), IRR (x1i,t1i,x2i,t2i), IRLN (xi,ti), GEN (yi,vi or yi,sei). A "
        "missing or infinite value is refused with its line unless --skip-missing is given.",
    .output =
        "JSON, an object. What was asked: measure, method, test, level, zeros (add, to, drop00), mods (names of the "
        "coefficients).\n"
        "The fit: k (studies); b, se, zval, pval, ci_lb, ci_ub (lists, one place a coefficient); df; tau2, se_tau2, vt "
        "(typical "
        "sampling variance), I2 (percent), H2; QE, QE_df, QEp (heterogeneity); QM, QM_df, QMp (moderators); pi_lb, "
        "pi_ub "
        "(prediction); loglik; estimate, estimate_lb, estimate_ub, estimate_pi_lb, estimate_pi_ub on the scale of the "
        "reader; "
        "n_harmonic; confint (tau2, I2, H2, each lb and ub).\n"
        "The rows: studies (label, yi, vi, weight, estimate, lb, ub), skipped (missing, no_estimate), notes.\n"
        "On request: subgroups (column, levels, QM, QM_df, QMp), bootstrap, levels (three-level model), bayes, "
        "leave_one_out, "
        "influence, baujat, cumulative, egger, regression, peters, arcsine, begg, trim_and_fill, bias_note, figures.\n"
        "With MH, PETO and GLMM: model, cmh, tarone, breslow_day, QE_wald, QE_lrt (each stat, df, p), sigma2, "
        "loglik_equal, "
        "loglik_saturated, left_out, points, quadrature_error.\n"
        "Every member is described in docs/evidence/; numbers have 17 digits, null is what is not defined.",
    .example = "stasis evidence pool examples/responses.csv --measure PLO --test knha --subgroup arm",
    .arguments = pool_arguments,
    .options = pool_option,
    .size = sizeof(pool_options),
    .defaults = pool_defaults,
    .run = pool_run,
};
