/* stasis evidence survival: survival statistics of a table of times and events.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_survival.h"

#include "commands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is computed ------------------------------------------------------------------------ */

static void note(survival_answer *a, const char *format, const char *name) {
    if (a->notes == SURVIVAL_NOTES)
        return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(a->note[a->notes++], sizeof *a->note, format, name);
#pragma GCC diagnostic pop
}

/* The place of a choice among those of the enum that it stands for. */
static int place_of(const char *choice, const char *const *names) {
    int i = 0;
    while (strcmp(names[i], choice) != 0)
        i++;
    return i;
}

static st_survival_limits limits_of(const survival_question *q) {
    static const char *const names[] = {"log", "log-log", "plain"};
    return (st_survival_limits)place_of(q->limits, names);
}

static st_ties ties_of(const survival_question *q) {
    static const char *const names[] = {"efron", "breslow"};
    return (st_ties)place_of(q->ties, names);
}

static st_zph_transform transform_of(const survival_question *q) {
    static const char *const names[] = {"km", "identity", "rank", "log"};
    return (st_zph_transform)place_of(q->zph, names);
}

static st_status find_curves(const survival_question *q, const survival_input *in, survival_answer *a, st_error *err) {
    const double level = q->level / 100;
    const st_survival *s = &a->survival;
    st_status status = st_survival_curve_fit(s, &a->all, 0, limits_of(q), level, &a->overall, err);
    a->curve = st_alloc(in->group.n, sizeof *a->curve, err);
    if (status == ST_OK && a->curve == NULL)
        status = ST_MEMORY;
    for (uint32_t k = 0; k < in->group.n && status == ST_OK; k++)
        status = st_survival_curve_fit(s, &a->groups, k, limits_of(q), level, &a->curve[k], err);
    a->upto = q->rmean < 0 ? s->time[s->n - 1] : q->rmean;
    return status;
}

static st_status find_incidence(const survival_question *q, const survival_input *in, survival_answer *a,
                                st_error *err) {
    const double level = q->level / 100;
    if (in->causes == 0) {
        note(a, "no event was observed, so there is no cause to tell the incidence of%s", "");
        return ST_OK;
    }
    a->of_group = st_alloc(in->group.n, sizeof *a->of_group, err);
    st_status status =
        a->of_group ? st_incidence_fit(&a->survival, &a->all, 0, in->causes, limits_of(q), level, &a->incidence, err)
                    : ST_MEMORY;
    for (uint32_t k = 0; k < in->group.n && status == ST_OK; k++)
        status = st_incidence_fit(&a->survival, &a->groups, k, in->causes, limits_of(q), level, &a->of_group[k], err);
    return status;
}

static void note_cox(const survival_question *q, const survival_input *in, survival_answer *a) {
    bool infinite = false;
    if (a->survival.events == 0)
        note(a, "the Cox model has no event to learn from, so that no coefficient is estimated%s", "");
    for (size_t j = 0; j < in->p; j++) {
        if (a->cox.kind[j] == ST_COX_INFINITE)
            note(a,
                 "the coefficient of %.200s is infinite: the likelihood rises without end as it, alone or with others, "
                 "grows",
                 in->x_name[j]);
        else if (a->cox.kind[j] == ST_COX_REDUNDANT && a->survival.events > 0)
            note(a, "%.200s is left out: the terms before it, or the strata, say the same", in->x_name[j]);
        infinite = infinite || a->cox.kind[j] == ST_COX_INFINITE;
    }
    if (infinite)
        note(a, "Wald's test does not hold where a coefficient is infinite; the likelihood-ratio and score tests do%s",
             "");
    if (infinite && q->zph)
        note(a, "proportional hazards are not tested where a coefficient is infinite%s", "");
}

static st_status find_cox(const survival_question *q, const survival_input *in, survival_answer *a, st_error *err) {
    const st_cox_data data = {in->p, in->x, in->x_term};
    st_status status = st_cox_fit(&a->survival, &a->strata, &data, ties_of(q), q->level / 100, &a->cox, err);
    if (status != ST_OK)
        return status;
    note_cox(q, in, a);
    bool infinite = a->cox.df == 0;
    for (size_t j = 0; j < in->p; j++)
        infinite = infinite || a->cox.kind[j] == ST_COX_INFINITE;
    if (q->zph && !infinite)
        status = st_zph_test(&a->survival, &a->strata, &data, &a->cox, ties_of(q), transform_of(q), &a->zph, err);
    return status;
}

static st_status compute(const survival_question *q, const survival_input *in, survival_answer *a, st_error *err) {
    st_status status = st_survival_init(&in->data, &a->survival, err);
    if (status == ST_OK)
        status = st_survival_split(&a->survival, NULL, 1, &a->all, err);
    if (status == ST_OK)
        status = st_survival_split(&a->survival, in->group.level, in->group.n, &a->groups, err);
    if (status == ST_OK)
        status = st_survival_split(&a->survival, in->strata.level, in->strata.n, &a->strata, err);
    if (status == ST_OK)
        status = find_curves(q, in, a, err);
    if (status == ST_OK && in->group.n == 1)
        note(a, "there is one group alone, %.200s, so that nothing is compared", in->group.name[0]);
    if (status == ST_OK && in->group.n > 1)
        status = st_logrank_test(&a->survival, in->group.level, in->group.n, &a->strata, q->rho, &a->logrank, err);
    if (status == ST_OK && in->group.n > 1 && a->logrank.df == 0)
        note(a, "no event happened while members of two groups were at risk, so that nothing is compared%s", "");
    if (status == ST_OK && in->p > 0)
        status = find_cox(q, in, a, err);
    if (status == ST_OK && q->competing)
        status = find_incidence(q, in, a, err);
    return status;
}

static void answer_fini(survival_answer *a, uint32_t groups) {
    for (uint32_t k = 0; k < groups; k++) {
        if (a->curve)
            st_survival_curve_fini(&a->curve[k]);
        if (a->of_group)
            st_incidence_fini(&a->of_group[k]);
    }
    free(a->curve);
    free(a->of_group);
    st_survival_curve_fini(&a->overall);
    st_incidence_fini(&a->incidence);
    st_logrank_fini(&a->logrank);
    st_cox_fini(&a->cox);
    st_zph_fini(&a->zph);
    st_survival_parts_fini(&a->all);
    st_survival_parts_fini(&a->groups);
    st_survival_parts_fini(&a->strata);
    st_survival_fini(&a->survival);
}

/* ---- the command ---------------------------------------------------------------------------------- */

static st_status check_question(const survival_question *q, st_error *err) {
    if (q->time == NULL || q->status == NULL)
        return st_fail(err, ST_USAGE, "--%s is missing: the column of %s", q->time ? "status" : "time",
                       q->time ? "the status, 1 for an event and 0 for censored" : "the times");
    if (q->zph && !q->cox)
        return st_fail(err, ST_USAGE, "--zph tests the Cox model; name its terms by --cox");
    if (q->strata && !q->cox && !q->group)
        return st_fail(err, ST_USAGE,
                       "--strata concerns the log-rank test (--group) and the Cox model (--cox); name one");
    if (q->start && q->competing)
        return st_fail(err, ST_USAGE,
                       "--competing takes subjects that are observed from the beginning; --start cannot be "
                       "given with it");
    return ST_OK;
}

static st_status survival_run(const void *options, st_error *err) {
    const survival_question *q = options;
    survival_input input;
    st_status status = check_question(q, err);
    if (status == ST_OK)
        status = survival_input_read(q, &input, err);
    if (status != ST_OK)
        return status;
    survival_answer *answer = st_alloc(1, sizeof *answer, err);
    if (answer) {
        status = compute(q, &input, answer, err);
        if (status != ST_OK && err && err->file[0] == '\0')
            snprintf(err->file, sizeof err->file, "%s", q->file);
        if (status == ST_OK && q->figure)
            status = survival_draw(q, &input, answer, err);
        if (status == ST_OK && q->json)
            status = survival_print_json(q, &input, answer, err);
        else if (status == ST_OK)
            survival_print_text(q, &input, answer);
        answer_fini(answer, input.group.n);
    } else {
        status = ST_MEMORY;
    }
    free(answer);
    survival_input_fini(&input);
    return status;
}

static void survival_defaults(void *options) {
    survival_question *q = options;
    q->ties = "efron";
    q->limits = "log";
    q->level = 95;
    q->rmean = -1;
}

#define MEMBER(name) offsetof(survival_question, name)
static const st_argument survival_arguments[] = {
    {"FILE.csv", "a row for each subject, columns named in the first line", MEMBER(file), false}, {0}};

static const st_option survival_option[] = {
    {"time", 0, ST_OPTION_TEXT, "COL", "column of the times, 0 or more", MEMBER(time), 0, 0, NULL},
    {"status", 0, ST_OPTION_TEXT, "COL", "column of the status: 1 event, 0 censored", MEMBER(status), 0, 0, NULL},
    {"start", 0, ST_OPTION_TEXT, "COL", "column of the entries under observation (left truncation)", MEMBER(start), 0,
     0, NULL},
    {"group", 0, ST_OPTION_TEXT, "COL", "column of groups: a curve each, and the log-rank test", MEMBER(group), 0, 0,
     NULL},
    {"strata", 0, ST_OPTION_TEXT, "COL", "column of strata of the log-rank test and the Cox model", MEMBER(strata), 0,
     0, NULL},
    {"cox", 0, ST_OPTION_TEXT, "A,B", "terms of a Cox model: columns, or factor(COLUMN)", MEMBER(cox), 0, 0, NULL},
    {"ties", 0, ST_OPTION_CHOICE, "HOW", "events at one time in the Cox model", MEMBER(ties), 0, 0, "efron,breslow"},
    {"zph", 0, ST_OPTION_CHOICE, "HOW", "test proportional hazards against a transform of time", MEMBER(zph), 0, 0,
     "km,identity,rank,log"},
    {"conf", 0, ST_OPTION_CHOICE, "HOW", "scale of the limits of curves", MEMBER(limits), 0, 0, "log,log-log,plain"},
    {"level", 0, ST_OPTION_NUMBER, "PERCENT", "of all limits", MEMBER(level), 1, 99.9999, NULL},
    {"rmean", 0, ST_OPTION_NUMBER, "T", "restricted means up to this time; the largest time unless given",
     MEMBER(rmean), 0, 1e300, NULL},
    {"rho", 0, ST_OPTION_NUMBER, "RHO", "weight of the log-rank test, S(t) to this power; 1 is Peto's", MEMBER(rho),
     -10, 10, NULL},
    {"competing", 0, ST_OPTION_FLAG, NULL, "status codes above 1 are causes of their own", MEMBER(competing), 0, 0,
     NULL},
    {"skip-missing", 0, ST_OPTION_FLAG, NULL, "skip and count rows in which a value is missing", MEMBER(skip_missing),
     0, 0, NULL},
    {"figure", 0, ST_OPTION_FILE, "FILE", "draw the curves: .svg, .pdf or .png", MEMBER(figure), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print JSON", MEMBER(json), 0, 0, NULL},
    {0}};

const st_command command_evidence_survival = {
    .name = "evidence survival",
    .summary = "survival statistics: Kaplan-Meier, log-rank, Cox, competing risks",
    .description =
        "Reads times and events and tells the Kaplan-Meier curve with its limits, median, quartiles and restricted "
        "mean, "
        "of all and of each group; the log-rank test between groups; a Cox model with its tests; whether hazards are "
        "proportional; and the cumulative incidence of causes that compete. With --competing an event of the curves, "
        "of "
        "the log-rank test and of the Cox model is one of any cause. The numbers are those of R's package survival "
        "3.5; "
        "methods, members of the JSON and what differs stand in docs/evidence/survival.md.",
    .output = "JSON, an object: n, events, skipped (rows), joined_times, conf, level, rmean_upto; overall and groups "
              "(a curve each, of "
              "groups also name); logrank (chisq, df, p, observed, expected); cox (terms, coef, se, z, p, hazard_ratio "
              "with limits, loglik of "
              "no effect and fitted, score, wald, lrt with their p, concordance); zph; competing; notes.\n"
              "A curve: n, events, median and quartiles (est, lb, ub), rmean, and curve with the lists time, n_risk, "
              "n_event, n_censor, surv, "
              "std_err, lower, upper.\n"
              "Every member is described in docs/evidence/survival.md; null is what is not defined.",
    .example = "stasis evidence survival examples/follow-up-simulated.csv --time months --status died --group arm "
               "--cox 'age,factor(grade)' --zph km",
    .arguments = survival_arguments,
    .options = survival_option,
    .size = sizeof(survival_question),
    .defaults = survival_defaults,
    .run = survival_run,
};
