/* stasis evidence pool --influence and --cumulative: what the pool rests on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool.h"

#include <math.h>
#include <stasis/meta_checks.h>
#include <stasis/text.h>
#include <stdlib.h>

/* ---- lines of pools --------------------------------------------------------------------------------- */

static json_t *line_json(const pool *p, const char *label, const st_meta_line *l) {
    const double n = pool_harmonic_n(p, NULL);
    json_t *line = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "label", label, "b", st_json_real(l->b), "se",
                             st_json_real(l->se), "zval", st_json_real(l->zval), "pval", st_json_real(l->pval), "ci_lb",
                             st_json_real(l->ci_lb), "ci_ub", st_json_real(l->ci_ub));
    json_object_update_new(line, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "QE", st_json_real(l->QE), "QEp",
                                           st_json_real(l->QEp), "tau2", st_json_real(l->tau2), "I2",
                                           st_json_real(l->I2), "H2", st_json_real(l->H2), "estimate",
                                           st_json_real(st_measure_back(p->measure, l->b, n)), "estimate_lb",
                                           st_json_real(st_measure_back(p->measure, l->ci_lb, n)), "estimate_ub",
                                           st_json_real(st_measure_back(p->measure, l->ci_ub, n))));
    return line;
}

static void print_line_head(const char *what, FILE *out) {
    fprintf(out, "%-24s %10s   %-23s %8s %10s %8s\n", what, "pooled", "interval", "p", "tau2", "I2");
}

static void print_line(const pool *p, const char *label, const st_meta_line *l, FILE *out) {
    const double n = pool_harmonic_n(p, NULL);
    if (isnan(l->b)) {
        fprintf(out, "%-24s %10s\n", label, "no fit");
        return;
    }
    char interval[64];
    snprintf(interval, sizeof interval, "%.4g to %.4g", st_measure_back(p->measure, l->ci_lb, n),
             st_measure_back(p->measure, l->ci_ub, n));
    fprintf(out, "%-24s %10.4g   %-23s %8.4f %10.4g %6.1f %%\n", label, st_measure_back(p->measure, l->b, n), interval,
            l->pval, l->tau2, l->I2);
}

/* ---- --influence ------------------------------------------------------------------------------------- */

static json_t *influence_json(const pool *p, const char *label, const st_influence_row *r, const double *dfbs) {
    json_t *shifts = json_array();
    for (size_t j = 0; j < p->p; j++)
        json_array_append_new(shifts, st_json_real(dfbs[j]));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "label", label, "rstudent",
                     st_json_real(r->rstudent), "dffits", st_json_real(r->dffits), "cook_d", st_json_real(r->cook_d),
                     "cov_r", st_json_real(r->cov_r), "tau2_del", st_json_real(r->tau2_del), "QE_del",
                     st_json_real(r->QE_del), "hat", st_json_real(r->hat), "weight", st_json_real(r->weight), "dfbs",
                     shifts, "influential", (int)r->influential);
}

static void put_influence(const pool *p, const st_influence *f, json_t *root) {
    json_t *left_out = json_array(), *influence = json_array(), *baujat = json_array();
    char buffer[32];
    for (size_t i = 0; i < p->k; i++) {
        const char *label = pool_label(p, i, buffer, sizeof buffer);
        const st_influence_row *r = &f->row[i];
        json_array_append_new(left_out, line_json(p, label, &r->left_out));
        json_array_append_new(influence, influence_json(p, label, r, f->dfbs + i * p->p));
        json_array_append_new(baujat, json_pack("{s:s, s:o, s:o}", "label", label, "x", st_json_real(r->baujat_x), "y",
                                                st_json_real(r->baujat_y)));
    }
    if (p->p > 1) { /* one pooled estimate without moderators alone */
        json_decref(left_out);
        left_out = json_null();
    }
    json_object_set_new(root, "leave_one_out", left_out);
    json_object_set_new(root, "influence", influence);
    json_object_set_new(root, "baujat", baujat);
}

static void print_left_out(const pool *p, const st_influence *f, FILE *out) {
    char buffer[32];
    fputs("\nleaving one out\n", out);
    print_line_head("without", out);
    for (size_t i = 0; i < p->k; i++)
        print_line(p, pool_label(p, i, buffer, sizeof buffer), &f->row[i].left_out, out);
}

/* A column; a dash where there is no number. */
static void print_cell(FILE *out, int width, int digits, double value) {
    if (isnan(value))
        fprintf(out, " %*s", width, "-");
    else
        fprintf(out, " %*.*f", width, digits, value);
}

static void print_influence(const pool *p, const st_influence *f, FILE *out) {
    char buffer[32];
    size_t marked = 0;
    if (p->p == 1)
        print_left_out(p, f, out);
    fprintf(out, "\ninfluence (* by at least one rule)\n%-24s %9s %8s %8s %8s %9s %9s %7s %8s %9s %9s\n", "study",
            "rstudent", "dffits", "Cook's d", "cov.r", "tau2.del", "Q.del", "hat", "weight", "Baujat x", "Baujat y");
    for (size_t i = 0; i < p->k; i++) {
        const st_influence_row *r = &f->row[i];
        fprintf(out, "%-24s", pool_label(p, i, buffer, sizeof buffer));
        print_cell(out, 9, 3, r->rstudent);
        print_cell(out, 8, 3, r->dffits);
        print_cell(out, 8, 3, r->cook_d);
        print_cell(out, 8, 3, r->cov_r);
        print_cell(out, 9, 4, r->tau2_del);
        print_cell(out, 9, 3, r->QE_del);
        print_cell(out, 7, 3, r->hat);
        print_cell(out, 6, 2, r->weight);
        fputs(" %", out);
        print_cell(out, 9, 4, r->baujat_x);
        print_cell(out, 9, 4, r->baujat_y);
        fputs(r->influential ? " *\n" : "\n", out);
        marked += r->influential;
    }
    fprintf(out, "%zu of %zu studies marked\n", marked, p->k);
}

st_status pool_influence(const pool *p, const pool_answer *answer, st_error *err) {
    if (!p->options->influence)
        return ST_OK;
    st_influence influence;
    const st_status status = st_meta_influence(&p->data, &p->model, &influence, err);
    if (status != ST_OK)
        return status;
    if (answer->root != NULL)
        put_influence(p, &influence, answer->root);
    else
        print_influence(p, &influence, answer->text);
    st_influence_fini(&influence);
    return ST_OK;
}

/* ---- --cumulative -------------------------------------------------------------------------------------- */

static void put_cumulative(const pool *p, const size_t *place, const st_meta_line *line, json_t *root) {
    json_t *list = json_array();
    char buffer[32];
    for (size_t i = 0; i < p->k; i++) {
        json_t *row = line_json(p, pool_label(p, place[i], buffer, sizeof buffer), &line[i]);
        json_object_set_new(row, "k", json_integer((json_int_t)(i + 1)));
        json_object_set_new(row, "order", st_json_real(p->order->number[place[i]]));
        json_array_append_new(list, row);
    }
    json_object_set_new(root, "cumulative", list);
}

static void print_cumulative(const pool *p, const size_t *place, const st_meta_line *line, FILE *out) {
    char buffer[32], label[128];
    fprintf(out, "\ncumulative by %s\n", p->order->name);
    print_line_head("and", out);
    for (size_t i = 0; i < p->k; i++) {
        snprintf(label, sizeof label, "%.8g %s", p->order->number[place[i]],
                 pool_label(p, place[i], buffer, sizeof buffer));
        print_line(p, label, &line[i], out);
    }
}

st_status pool_cumulative(const pool *p, const pool_answer *answer, st_error *err) {
    if (p->order == NULL)
        return ST_OK;
    const st_meta_model model = {&p->data, &p->model};
    size_t *place = st_alloc(p->k, sizeof *place, err);
    st_meta_line *line = st_alloc(p->k, sizeof *line, err);
    st_status status = place != NULL && line != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = st_meta_cumulative(st_meta_model_refit, &model, p->k, p->order->number, place, line, err);
    if (status == ST_OK && answer->root != NULL)
        put_cumulative(p, place, line, answer->root);
    else if (status == ST_OK)
        print_cumulative(p, place, line, answer->text);
    free(place);
    free(line);
    return status;
}
