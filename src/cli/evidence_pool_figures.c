/* stasis evidence pool --forest, --funnel, --baujat, --labbe: pictures of the pool.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool_bias.h"

#include <math.h>
#include <stasis/figures.h>
#include <stdlib.h>
#include <string.h>

/* How a measure is shown. */
typedef struct look {
    const char *estimate, *counts; /* counts NULL: none */
    st_axis_scale scale;
    bool back; /* no axis is bent as this scale is: values are back-transformed before they are drawn */
    double reference;
    const char *left, *right;
} look;

static look look_of(st_measure measure) {
    static const char LESS[] = "less in arm 1", MORE[] = "more in arm 1";
    static const char EVENTS[] = "events / n", ARMS[] = "events / n, arm 1 | 2";
    switch (measure) {
    case ST_MEASURE_PLO:
        return (look){"Proportion, %", EVENTS, ST_SCALE_LOGISTIC, false, NAN, NULL, NULL};
    case ST_MEASURE_PR:
        return (look){"Proportion, %", EVENTS, ST_SCALE_PERCENT, false, NAN, NULL, NULL};
    case ST_MEASURE_PLN:
        return (look){"Proportion", EVENTS, ST_SCALE_EXP, false, NAN, NULL, NULL};
    case ST_MEASURE_PAS:
    case ST_MEASURE_PFT:
        return (look){"Proportion, %", EVENTS, ST_SCALE_PERCENT, true, NAN, NULL, NULL};
    case ST_MEASURE_OR:
    case ST_MEASURE_PETO:
        return (look){"Odds ratio", ARMS, ST_SCALE_EXP, false, 0, LESS, MORE};
    case ST_MEASURE_RR:
        return (look){"Risk ratio", ARMS, ST_SCALE_EXP, false, 0, LESS, MORE};
    case ST_MEASURE_RD:
        return (look){"Risk difference", ARMS, ST_SCALE_PLAIN, false, 0, LESS, MORE};
    case ST_MEASURE_MD:
        return (look){"Difference of means", NULL, ST_SCALE_PLAIN, false, 0, LESS, MORE};
    case ST_MEASURE_SMD:
        return (look){"Standardized difference of means", NULL, ST_SCALE_PLAIN, false, 0, LESS, MORE};
    case ST_MEASURE_ROM:
        return (look){"Ratio of means", NULL, ST_SCALE_EXP, false, 0, LESS, MORE};
    case ST_MEASURE_COR:
        return (look){"Correlation", NULL, ST_SCALE_PLAIN, false, 0, NULL, NULL};
    case ST_MEASURE_ZCOR:
        return (look){"Correlation", NULL, ST_SCALE_PLAIN, true, 0, NULL, NULL};
    case ST_MEASURE_IRR:
        return (look){"Incidence rate ratio", "events / time, arm 1 | 2", ST_SCALE_EXP, false, 0, LESS, MORE};
    case ST_MEASURE_IRLN:
        return (look){"Incidence rate", "events / time", ST_SCALE_EXP, false, NAN, NULL, NULL};
    case ST_MEASURE_GEN:
    case ST_MEASURES:
        break;
    }
    return (look){"Estimate", NULL, ST_SCALE_PLAIN, false, NAN, NULL, NULL};
}

static bool has_risks(st_measure m) {
    return m == ST_MEASURE_OR || m == ST_MEASURE_RR || m == ST_MEASURE_RD || m == ST_MEASURE_PETO;
}

st_status pool_figures_check(const pool *p, st_error *err) {
    const pool_options *o = p->options;
    const char *asked = o->forest != NULL ? "forest" : o->funnel != NULL ? "funnel" : o->labbe != NULL ? "labbe" : NULL;
    if (asked != NULL && o->mods != NULL)
        return st_fail(err, ST_USAGE, "--%s shows one pooled estimate; with --mods there is none", asked);
    if (o->labbe != NULL && !has_risks(p->measure))
        return st_fail(err, ST_USAGE, "--labbe shows the risks of two arms, for OR, RR, RD and PETO; %s has none",
                       st_measure_name(p->measure));
    return ST_OK;
}

/* ---- forest -------------------------------------------------------------------------------------------- */

/* What a forest is made of, freed at once. */
typedef struct forest_parts {
    st_arena arena;
    st_forest_row *row;
    pool_groups groups;
    const char **names;
    st_forest_pool *group_pools;
    st_forest_pool all;
    char groups_note[96];
} forest_parts;

static const char *keep(forest_parts *parts, const char *text, st_error *err) {
    return st_arena_copy(&parts->arena, text, strlen(text), err);
}

static double shown(const pool *p, const look *l, double value, double n) {
    return l->back ? st_measure_back(p->measure, value, n) : value;
}

/* "16/22", "5/10 | 3/12" */
static void write_counts(const pool *p, size_t i, char *text, size_t size) {
    const double a = p->value[0][i], b = p->value[1][i];
    if (p->n_values == 2)
        snprintf(text, size, "%.8g/%.8g", a, b);
    else if (p->measure == ST_MEASURE_IRR)
        snprintf(text, size, "%.8g/%.8g | %.8g/%.8g", a, b, p->value[2][i], p->value[3][i]);
    else
        snprintf(text, size, "%.8g/%.8g | %.8g/%.8g", a, a + b, p->value[2][i], p->value[2][i] + p->value[3][i]);
}

static size_t group_of(const pool *p, const pool_groups *groups, size_t i) {
    size_t g = 0;
    while (g + 1 < groups->n && groups->level[g].index != p->group->level[i])
        g++;
    return g;
}

/* Weights are percent of the pool that the study is drawn above. */
static void weigh_rows(const pool *p, forest_parts *parts) {
    const size_t n = p->group != NULL ? parts->groups.n : 1;
    for (size_t g = 0; g < n; g++) {
        const double tau2 = p->group != NULL ? parts->groups.fit[g].tau2 : p->fit.tau2;
        double sum = 0;
        for (size_t i = 0; i < p->k; i++)
            sum += parts->row[i].group == g ? 1 / (p->vi[i] + tau2) : 0;
        for (size_t i = 0; i < p->k; i++)
            if (parts->row[i].group == g)
                parts->row[i].weight = 100 / (p->vi[i] + tau2) / sum;
    }
}

static st_status make_rows(const pool *p, const look *l, forest_parts *parts, st_error *err) {
    const double z = st_critical_z(p->fit.level);
    parts->row = st_arena_alloc(&parts->arena, p->k * sizeof *parts->row, err);
    if (parts->row == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < p->k; i++) {
        char buffer[128];
        st_forest_row *row = &parts->row[i];
        const double reach = z * sqrt(p->vi[i]), n = p->measure == ST_MEASURE_PFT ? p->value[1][i] : NAN;
        row->label = keep(parts, pool_label(p, i, buffer, sizeof buffer), err);
        if (l->counts != NULL) {
            write_counts(p, i, buffer, sizeof buffer);
            row->counts = keep(parts, buffer, err);
        }
        if (row->label == NULL || (l->counts != NULL && row->counts == NULL))
            return ST_MEMORY;
        row->estimate = shown(p, l, p->yi[i], n);
        row->lower = shown(p, l, p->yi[i] - reach, n);
        row->upper = shown(p, l, p->yi[i] + reach, n);
        row->group = p->group != NULL ? (uint32_t)group_of(p, &parts->groups, i) : 0;
    }
    weigh_rows(p, parts);
    return ST_OK;
}

/* A diamond with its heterogeneity. */
static st_status make_pool(const pool *p, const look *l, const st_meta_fit *f, double n, forest_parts *parts,
                           st_forest_pool *d, st_error *err) {
    char label[64], note[160], text[32];
    snprintf(label, sizeof label, "%s (%s%s)", f->method == ST_METHOD_FE ? "Equal effects" : "Random effects",
             st_method_name(f->method), f->test == ST_TEST_KNHA ? ", Knapp-Hartung" : "");
    pool_p(f->QEp, text, sizeof text);
    if (f->k == 1)
        note[0] = '\0';
    else if (f->method == ST_METHOD_FE)
        snprintf(note, sizeof note, "I2 = %.0f %%, Q(%zu) = %.1f, %s", f->I2, f->k - f->p, f->QE, text);
    else
        snprintf(note, sizeof note, "tau2 = %.3g, I2 = %.0f %%, Q(%zu) = %.1f, %s", f->tau2, f->I2, f->k - f->p, f->QE,
                 text);
    *d = (st_forest_pool){.label = keep(parts, label, err),
                          .note = note[0] != '\0' ? keep(parts, note, err) : NULL,
                          .estimate = shown(p, l, f->b[0], n),
                          .lower = shown(p, l, f->ci_lb[0], n),
                          .upper = shown(p, l, f->ci_ub[0], n),
                          .predict_lower = f->k > 1 ? shown(p, l, f->pi_lb, n) : NAN,
                          .predict_upper = f->k > 1 ? shown(p, l, f->pi_ub, n) : NAN};
    return d->label != NULL && (d->note != NULL || note[0] == '\0') ? ST_OK : ST_MEMORY;
}

static st_status make_groups(const pool *p, const look *l, forest_parts *parts, st_error *err) {
    pool_groups *s = &parts->groups;
    char text[32];
    st_status status = ST_OK;
    parts->names = st_arena_alloc(&parts->arena, s->n * sizeof *parts->names, err);
    parts->group_pools = st_arena_alloc(&parts->arena, s->n * sizeof *parts->group_pools, err);
    if (parts->names == NULL || parts->group_pools == NULL)
        return ST_MEMORY;
    for (size_t g = 0; g < s->n && status == ST_OK; g++) {
        parts->names[g] = s->level[g].name;
        status = make_pool(p, l, &s->fit[g], pool_harmonic_n(p, &s->level[g]), parts, &parts->group_pools[g], err);
    }
    if (!isnan(s->QM))
        snprintf(parts->groups_note, sizeof parts->groups_note, "test between groups: Q(%zu) = %.2f, %s", s->n - 1,
                 s->QM, pool_p(s->QMp, text, sizeof text));
    return status;
}

static st_status draw_forest(const pool *p, st_error *err) {
    const look l = look_of(p->measure);
    forest_parts parts = {0};
    st_status status = p->group != NULL ? pool_groups_init(p, &parts.groups, err) : ST_OK;
    if (status == ST_OK && p->group != NULL)
        status = make_groups(p, &l, &parts, err);
    if (status == ST_OK)
        status = make_rows(p, &l, &parts, err);
    if (status == ST_OK)
        status = make_pool(p, &l, &p->fit, pool_harmonic_n(p, NULL), &parts, &parts.all, err);
    if (status == ST_OK) {
        const st_forest forest = {.estimate_label = l.estimate,
                                  .counts_label = l.counts,
                                  .scale = l.scale,
                                  .reference = l.reference,
                                  .left_label = l.left,
                                  .right_label = l.right,
                                  .rows = parts.row,
                                  .n_rows = p->k,
                                  .groups = parts.names,
                                  .group_pools = parts.group_pools,
                                  .n_groups = parts.groups.n,
                                  .groups_note = parts.groups_note[0] != '\0' ? parts.groups_note : NULL,
                                  .pool = &parts.all,
                                  .level = p->fit.level};
        status = st_figure_forest(p->options->forest, &forest, err);
    }
    pool_groups_fini(&parts.groups);
    st_arena_fini(&parts.arena);
    return status;
}

/* ---- funnel, Baujat, L'Abbe ------------------------------------------------------------------------------- */

static void take_roots(const double *variance, size_t n, double *root) {
    for (size_t i = 0; i < n; i++)
        root[i] = sqrt(variance[i]);
}

/* With --bias those that trim and fill (L0) adds, where it can. */
static st_status draw_funnel(const pool *p, st_error *err) {
    const look l = look_of(p->measure);
    st_trim_fill trim = {0};
    st_status status = ST_OK;
    if (p->options->bias) {
        status = st_meta_trim_fill(&p->data, &p->model, ST_TRIM_L0, ST_SIDE_AUTO, &trim, err);
        status = status == ST_VALUE || status == ST_NUMERIC ? ST_OK : status;
    }
    double *se = status == ST_OK ? st_alloc(p->k + trim.k0, sizeof *se, err) : NULL;
    if (status == ST_OK)
        status = se != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        take_roots(p->vi, p->k, se);
        take_roots(trim.vi, trim.k0, se + p->k);
        const st_funnel funnel = {.estimate_label = l.back ? st_measure_text(p->measure) : l.estimate,
                                  .scale = l.back ? ST_SCALE_PLAIN : l.scale,
                                  .estimate = p->yi,
                                  .se = se,
                                  .n = p->k,
                                  .centre = p->fit.b[0],
                                  .reference = l.reference,
                                  .filled_estimate = trim.yi,
                                  .filled_se = se + p->k,
                                  .n_filled = trim.k0};
        status = st_figure_funnel(p->options->funnel, &funnel, err);
    }
    free(se);
    st_trim_fill_fini(&trim);
    return status;
}

static st_status draw_baujat(const pool *p, st_error *err) {
    st_influence influence;
    st_arena arena = {0};
    st_status status = st_meta_influence(&p->data, &p->model, &influence, err);
    if (status != ST_OK)
        return status;
    const char **label = st_arena_alloc(&arena, p->k * sizeof *label, err);
    double *x = st_arena_alloc(&arena, 2 * p->k * sizeof *x, err), *y = x != NULL ? x + p->k : NULL;
    status = label != NULL && x != NULL ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < p->k && status == ST_OK; i++) {
        char buffer[32];
        const char *text = pool_label(p, i, buffer, sizeof buffer);
        label[i] = st_arena_copy(&arena, text, strlen(text), err);
        x[i] = influence.row[i].baujat_x;
        y[i] = influence.row[i].baujat_y;
        status = label[i] != NULL ? ST_OK : ST_MEMORY;
    }
    if (status == ST_OK)
        status = st_figure_baujat(p->options->baujat, &(st_baujat){.label = label, .x = x, .y = y, .n = p->k}, err);
    st_influence_fini(&influence);
    st_arena_fini(&arena);
    return status;
}

/* The line of the pool is one of odds ratios: that of RR and RD would be another for every risk. */
static st_status draw_labbe(const pool *p, st_error *err) {
    st_arena arena = {0};
    const char **label = st_arena_alloc(&arena, p->k * sizeof *label, err);
    double *x = st_arena_alloc(&arena, 3 * p->k * sizeof *x, err);
    st_status status = label != NULL && x != NULL ? ST_OK : ST_MEMORY;
    double *y = x + p->k, *weight = y + p->k;
    for (size_t i = 0; i < p->k && status == ST_OK; i++) {
        char buffer[32];
        const char *text = pool_label(p, i, buffer, sizeof buffer);
        label[i] = st_arena_copy(&arena, text, strlen(text), err);
        x[i] = p->value[2][i] / (p->value[2][i] + p->value[3][i]);
        y[i] = p->value[0][i] / (p->value[0][i] + p->value[1][i]);
        weight[i] = 1 / (p->vi[i] + p->fit.tau2);
        status = label[i] != NULL ? ST_OK : ST_MEMORY;
    }
    const bool odds = p->measure == ST_MEASURE_OR || p->measure == ST_MEASURE_PETO;
    const st_labbe labbe = {.x_label = "Proportion with the event, arm 2",
                            .y_label = "Proportion with the event, arm 1",
                            .label = label,
                            .x = x,
                            .y = y,
                            .weight = weight,
                            .n = p->k,
                            .effect_scale = ST_SCALE_EXP,
                            .log_odds_ratio = odds ? p->fit.b[0] : NAN};
    if (status == ST_OK)
        status = st_figure_labbe(p->options->labbe, &labbe, err);
    st_arena_fini(&arena);
    return status;
}

/* ---- all of them -------------------------------------------------------------------------------------------- */

st_status pool_figures(const pool *p, const pool_answer *answer, st_error *err) {
    const struct {
        const char *name, *path;
        st_status (*draw)(const pool *p, st_error *err);
    } figure[] = {{"forest", p->options->forest, draw_forest},
                  {"funnel", p->options->funnel, draw_funnel},
                  {"baujat", p->options->baujat, draw_baujat},
                  {"labbe", p->options->labbe, draw_labbe}};
    json_t *drawn = json_object();
    st_status status = ST_OK;
    for (size_t i = 0; i < sizeof figure / sizeof *figure && status == ST_OK; i++) {
        if (figure[i].path == NULL)
            continue;
        status = figure[i].draw(p, err);
        json_object_set_new(drawn, figure[i].name, json_string(figure[i].path));
        if (status == ST_OK && answer->text != NULL)
            fprintf(answer->text, "\n%s plot: %s\n", figure[i].name, figure[i].path);
    }
    if (status == ST_OK && answer->root != NULL && json_object_size(drawn) > 0)
        json_object_set(answer->root, "figures", drawn);
    json_decref(drawn);
    return status;
}
