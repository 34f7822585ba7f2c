/* One pool on the page: its figures, what it rests on, the same rows by other models.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables ---------------------------------------------------------------------------------- */

static void ways_table(FILE *out, st_measure measure, const st_pooled_way *way, size_t n, const char *quantity) {
    const char *columns[] = {"model", quantity, "#tau²"};
    table_open(out, "The same rows by other models", KIND_POOLED, columns, COUNT(columns));
    for (size_t i = 0; i < n; i++) {
        char text[96];
        words_interval(measure, way[i].estimate, way[i].lb, way[i].ub, text, sizeof text);
        row_open(out, NULL);
        cell(out, "%s", way[i].name);
        cell(out, "%s%s%s", text, *way[i].note ? ", " : "", way[i].note);
        cell_number(out, way[i].tau2, 2);
        row_close(out);
    }
    table_close(out);
}

static void groups_table(FILE *out, const st_pooled *p, const char *title, const st_pooled_groups *groups) {
    static const char *const columns[] = {"group", "#rows", "pooled (95 % limits)", "#tau²", "#I², %"};
    table_open(out, title, KIND_POOLED, columns, COUNT(columns));
    for (size_t g = 0; g < groups->n; g++) {
        const st_pooled_group *group = &groups->group[g];
        const st_meta_fit *fit = &group->fit;
        char text[96];
        words_fit(p, fit, text, sizeof text);
        row_open(out, NULL);
        cell(out, "%s", group->name);
        cell_count(out, group->k);
        cell(out, "%s", text);
        cell_number(out, group->k > 1 ? fit->tau2 : NAN, 2);
        cell_number(out, group->k > 1 ? fit->I2 : NAN, 0);
        row_close(out);
    }
    table_close(out);
    char chance[32];
    words_p(groups->p, chance, sizeof chance);
    html_element(out, "p",
                 "Between the groups: Q(%zu) = %.1f, %s. Groups are different series, not arms of a trial: a "
                 "difference may be that of the centres.",
                 groups->n - 1, groups->Q, chance);
}

static void left_out_rows(FILE *out, const st_pool *pool) {
    static const char *const columns[] = {"row", "arm", "why it is out, or what to know"};
    bool any = false;
    for (size_t i = 0; i < pool->n; i++)
        any = any || !pool->row[i].included || *pool->row[i].note;
    if (!any)
        return;
    fputs("<details><summary>Rows that are left out or need a word</summary>\n", out);
    table_open(out, pool->title, KIND_READ, columns, COUNT(columns));
    for (size_t i = 0; i < pool->n; i++) {
        const st_pool_row *row = &pool->row[i];
        if (row->included && !*row->note)
            continue;
        row_open(out, NULL);
        cell(out, "%s", row->label);
        cell(out, "%s, %s", row->arm, row->modality);
        cell(out, "%s%s", row->included ? "" : "out: ", row->note);
        row_close(out);
    }
    table_close(out);
    fputs("</details>\n", out);
}

/* ---- words ------------------------------------------------------------------------------------- */

static void rests_on(FILE *out, const st_pooled *p) {
    char low[32], high[32], chance[32];
    words_value(p->measure, p->without_lowest, low, sizeof low);
    words_value(p->measure, p->without_highest, high, sizeof high);
    fputs("<ul class=\"notes\">\n", out);
    html_element(out, "li", "Leaving out one row at a time moves the pool from %s (without %s) to %s (without %s).",
                 low, p->pool->row[p->row[p->lowest]].label, high, p->pool->row[p->row[p->highest]].label);
    if (p->levels.k > 0) {
        char text[96];
        words_interval(p->measure, st_measure_back(p->measure, p->levels.b[0], p->harmonic_n),
                       st_measure_back(p->measure, p->levels.ci_lb[0], p->harmonic_n),
                       st_measure_back(p->measure, p->levels.ci_ub[0], p->harmonic_n), text, sizeof text);
        html_element(out, "li",
                     "%zu rows come from %zu series; with arms nested in series (three-level REML) the pool is %s.",
                     p->k, p->studies, text);
    }
    const double knha = p->fit.ci_ub[0] - p->fit.ci_lb[0], normal = p->normal_ub - p->normal_lb;
    if (knha < normal)
        html_element(out, "li",
                     "Knapp and Hartung's limits are narrower here than the normal ones, because these rows happen "
                     "to agree more than chance lets expect: take the wider ones.");
    else if (p->k == 2)
        html_element(out, "li",
                     "Of two rows Knapp and Hartung's limits have one degree of freedom and say next to nothing.");
    if (isfinite(p->egger.p)) {
        words_p(p->egger.p, chance, sizeof chance);
        html_element(out, "li",
                     "Asymmetry of the funnel (Egger's regression on the standard error): %s. For proportions "
                     "estimate and standard error depend on each other, so that it says little.",
                     chance);
    } else {
        html_element(out, "li", "Asymmetry of the funnel is not tested: fewer than %d rows cannot tell it from chance.",
                     ST_ASYMMETRY_STUDIES_LEAST);
    }
    fputs("</ul>\n", out);
}

static void headline(FILE *out, const st_pooled *p) {
    char pooled[96], predicted[128] = "";
    words_fit(p, &p->fit, pooled, sizeof pooled);
    if (isfinite(p->fit.pi_lb) && p->k > 2) {
        char lb[32], ub[32];
        words_value(p->measure, st_measure_back(p->measure, p->fit.pi_lb, p->harmonic_n), lb, sizeof lb);
        words_value(p->measure, st_measure_back(p->measure, p->fit.pi_ub, p->harmonic_n), ub, sizeof ub);
        snprintf(predicted, sizeof predicted, "; a new series would lie between %s and %s", lb, ub);
    }
    if (p->k > 1)
        html_element(out, "p", "Pool of %zu rows from %zu series: %s%s. Certainty %s.", p->k, p->studies, pooled,
                     predicted, p->pool->certainty);
    else
        html_element(out, "p", "One row, so nothing is pooled: %s. Certainty %s.", pooled, p->pool->certainty);
    if (*p->pool->note)
        html_element(out, "p", "%s.", p->pool->note);
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static st_status also_row(FILE *out, const evidence_page *page, const char *name, st_error *err) {
    st_pool pool = {0};
    st_pooled pooled = {0};
    st_status status = st_pool_init(page->evidence, name, &pool, err);
    if (status == ST_OK)
        status = st_pooled_init(&pool, &pooled, err);
    if (status == ST_OK && pooled.k > 0) {
        char text[96];
        words_fit(&pooled, &pooled.fit, text, sizeof text);
        row_open(out, NULL);
        cell(out, "%s", pool.title);
        cell_count(out, pooled.k);
        cell(out, "%s", text);
        cell(out, "%s", pool.note);
        row_close(out);
    }
    st_pooled_fini(&pooled);
    st_pool_fini(&pool);
    return status;
}

static st_status also_table(FILE *out, const evidence_page *page, const char *names, st_error *err) {
    static const char *const columns[] = {"other rows", "#rows", "pooled (95 % limits)", "what is different"};
    st_status status = ST_OK;
    table_open(out, "Other choices of rows", KIND_POOLED, columns, COUNT(columns));
    while (*names && status == ST_OK) {
        char name[64];
        const size_t length = strcspn(names, "|");
        snprintf(name, sizeof name, "%.*s", (int)length, names);
        names += length + (names[length] == '|');
        if (page_has_pool(page->evidence, name))
            status = also_row(out, page, name, err);
    }
    table_close(out);
    return status;
}

static st_status one_pooled(FILE *out, const evidence_page *page, const page_pool *item, st_error *err) {
    const st_pooled *p = &item->pooled;
    headline(out, p);
    st_status status = page_forest(out, item, err);
    if (status == ST_OK && p->k > 1) {
        rests_on(out, p);
        ways_table(out, p->measure, p->way, p->n_ways, "pooled (95 % limits)");
    }
    if (item->by_type && item->type.n > 1)
        groups_table(out, p, "By tumour", &item->type);
    if (item->by_modality && item->modality.n > 1)
        groups_table(out, p, "By treatment", &item->modality);
    if (status == ST_OK && *item->also)
        status = also_table(out, page, item->also, err);
    if (status == ST_OK && p->k >= ST_ASYMMETRY_STUDIES_LEAST)
        status = page_funnel_baujat(out, p, err);
    left_out_rows(out, p->pool);
    return status;
}

static void one_median(FILE *out, const page_pool *item) {
    static const char *const columns[] = {"series", "arm", "#patients", "#median, months"};
    const st_pooled_medians *p = &item->medians;
    char text[96];
    words_interval(ST_MEASURE_GEN, p->order.median, p->order.lb, p->order.ub, text, sizeof text);
    html_element(out, "p",
                 "The review prints medians without limits. The weighted median of %zu medians is %s months; a "
                 "model of exponential survival gives %.0f (%.0f to %.0f) with a new series between %.0f and "
                 "%.0f. Certainty %s.",
                 p->k, text, p->exponential.median, p->exponential.lb, p->exponential.ub, p->exponential.pi_lb,
                 p->exponential.pi_ub, p->pool->certainty);
    table_open(out, p->pool->title, KIND_READ, columns, COUNT(columns));
    for (size_t i = 0; i < p->k; i++) {
        const st_pool_row *row = &p->pool->row[p->row[i]];
        row_open(out, NULL);
        cell(out, "%s", row->label);
        cell(out, "%s, %s", row->arm, row->modality);
        cell_number(out, row->n, 0);
        cell_number(out, row->months, 1);
        row_close(out);
    }
    table_close(out);
    ways_table(out, ST_MEASURE_GEN, p->way, p->n_ways, "median, months (95 % limits)");
    left_out_rows(out, p->pool);
}

st_status page_one_pool(FILE *out, const evidence_page *page, const page_pool *item, st_error *err) {
    html_element(out, "h3", "%s", item->heading);
    if (item->pool.shape == ST_POOL_MEDIAN) {
        one_median(out, item);
        return ST_OK;
    }
    if (item->pooled.k == 0) {
        html_element(out, "p", "No row reports it: nothing is pooled.");
        left_out_rows(out, &item->pool);
        return ST_OK;
    }
    return one_pooled(out, page, item, err);
}
