/* The figures of one pool on the page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include "evidence.h"

#include <math.h>
#include <stdlib.h>

/* ---- on the page ------------------------------------------------------------------------------ */

/* Frees the figure. */
static void put_figure(FILE *out, figure *f, const char *caption) {
    fputs("<figure class=\"plot\"><img alt=\"", out);
    html_text(out, caption);
    fputs("\" src=\"", out);
    html_data_uri(out, "image/svg+xml", f->bytes, f->size);
    fputs("\"><figcaption>", out);
    html_text(out, caption);
    fputs("</figcaption></figure>\n", out);
    free(f->bytes);
}

/* ---- forest ------------------------------------------------------------------------------- */

enum { LABEL = 96, NOTE = 160 };

/* What the figure points at, made ready row by row. */
typedef struct forest_parts {
    st_forest_row *row;
    char (*counts)[LABEL];
    const char *group[ST_POOLED_GROUPS_MOST];
    st_forest_pool group_pool[ST_POOLED_GROUPS_MOST];
    char group_label[ST_POOLED_GROUPS_MOST][LABEL], group_note[ST_POOLED_GROUPS_MOST][NOTE], between[NOTE], note[NOTE];
    st_forest_pool pool;
} forest_parts;

static st_forest_pool pool_of(const st_meta_fit *fit, const char *label, const char *note) {
    const bool predicts =
        fit->k > 2; /* of two rows the interval has one degree of freedom, of one it is the row's own */
    return (st_forest_pool){.label = label,
                            .note = note,
                            .estimate = fit->b[0],
                            .lower = fit->ci_lb[0],
                            .upper = fit->ci_ub[0],
                            .predict_lower = predicts ? fit->pi_lb : NAN,
                            .predict_upper = predicts ? fit->pi_ub : NAN};
}

static void fill_row(const st_pooled *p, const st_pooled_groups *groups, size_t i, forest_parts *parts, double z) {
    const st_pool_row *row = &p->pool->row[p->row[i]];
    const double half = z * sqrt(p->vi[i]);
    if (p->pool->shape == ST_POOL_TWO)
        snprintf(parts->counts[i], LABEL, "%.0f/%.0f | %.0f/%.0f", row->x, row->n, row->x2, row->n2);
    else
        snprintf(parts->counts[i], LABEL, "%.0f/%.0f", row->x, row->n);
    parts->row[i] = (st_forest_row){.label = row->label,
                                    .counts = parts->counts[i],
                                    .estimate = p->yi[i],
                                    .lower = p->yi[i] - half,
                                    .upper = p->yi[i] + half,
                                    .group = groups != NULL ? groups->of[i] : 0};
}

/* Percent of the pool that a row is drawn above: that of its group where there are groups. */
static void weigh_rows(const st_pooled *p, const st_pooled_groups *groups, st_forest_row *row) {
    const size_t n = groups != NULL ? groups->n : 1;
    for (size_t g = 0; g < n; g++) {
        const double tau2 = groups != NULL ? groups->group[g].fit.tau2 : p->fit.tau2;
        double sum = 0;
        for (size_t i = 0; i < p->k; i++)
            sum += row[i].group == g ? 1 / (p->vi[i] + tau2) : 0;
        for (size_t i = 0; i < p->k; i++)
            if (row[i].group == g)
                row[i].weight = 100 / (p->vi[i] + tau2) / sum;
    }
}

static void fill_groups(const st_pooled_groups *groups, forest_parts *parts) {
    for (size_t g = 0; g < groups->n; g++) {
        const st_pooled_group *group = &groups->group[g];
        parts->group[g] = group->name;
        snprintf(parts->group_label[g], LABEL, "%s, pooled", group->name);
        snprintf(parts->group_note[g], NOTE, "tau² = %.2f, I² = %.0f %%", group->fit.tau2, group->fit.I2);
        parts->group_pool[g] =
            pool_of(&group->fit, parts->group_label[g], group->k > 1 ? parts->group_note[g] : "one row: not a pool");
    }
    char chance[32];
    words_p(groups->p, chance, sizeof chance);
    snprintf(parts->between, NOTE, "between groups: Q(%zu) = %.1f, %s", groups->n - 1, groups->Q, chance);
}

static st_status draw_forest(const page_pool *item, const st_pooled_groups *groups, figure *f, st_error *err) {
    const st_pooled *p = &item->pooled;
    const bool two = p->pool->shape == ST_POOL_TWO, grouped = groups && groups->n > 1;
    const double z = st_critical_z(p->fit.level);
    forest_parts parts = {.row = st_alloc(p->k, sizeof *parts.row, err),
                          .counts = st_alloc(p->k, sizeof *parts.counts, err)};
    st_status status = parts.row && parts.counts ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        char left[LABEL], right[LABEL], counts[LABEL];
        for (size_t i = 0; i < p->k; i++)
            fill_row(p, groups, i, &parts, z);
        weigh_rows(p, groups, parts.row);
        if (grouped)
            fill_groups(groups, &parts);
        words_heterogeneity(p, parts.note, NOTE);
        snprintf(counts, sizeof counts, "events / n, %s | %s", p->pool->group[0], p->pool->group[1]);
        snprintf(left, sizeof left, "fewer with %s", p->pool->group[0]);
        snprintf(right, sizeof right, "more with %s", p->pool->group[0]);
        parts.pool = pool_of(&p->fit, "Random effects (REML)", parts.note);
        const st_forest forest = {.estimate_label = two ? "Odds ratio" : "Proportion, %",
                                  .counts_label = two ? counts : "events / n",
                                  .scale = two ? ST_SCALE_EXP : ST_SCALE_LOGISTIC,
                                  .reference = two ? 0 : NAN,
                                  .left_label = two ? left : NULL,
                                  .right_label = two ? right : NULL,
                                  .rows = parts.row,
                                  .n_rows = p->k,
                                  .groups = grouped ? parts.group : NULL,
                                  .group_pools = parts.group_pool,
                                  .n_groups = grouped ? groups->n : 0,
                                  .groups_note = grouped ? parts.between : NULL,
                                  .pool = p->k > 1 ? &parts.pool : NULL};
        status = evidence_draw_forest(&forest, 0, f, err);
    }
    free(parts.row);
    free(parts.counts);
    return status;
}

st_status page_forest(FILE *out, const page_pool *item, st_error *err) {
    const st_pooled_groups *shown = item->by_type ? &item->type : item->by_modality ? &item->modality : NULL;
    figure f = {0};
    char caption[256];
    const st_status status = draw_forest(item, shown, &f, err);
    snprintf(caption, sizeof caption, "%s. Squares: rows with 95 %% limits, area by weight%s. Pooled from literature.",
             item->pool.title,
             item->pooled.k > 1 ? "; diamonds: pools with Knapp and Hartung's limits; bars: prediction intervals" : "");
    if (status == ST_OK)
        put_figure(out, &f, caption);
    return status;
}

/* ---- funnel, Baujat ------------------------------------------------------------------------ */

static st_status draw_funnel(const st_pooled *p, figure *f, st_error *err) {
    double *se = st_alloc(p->k, sizeof *se, err);
    if (se == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < p->k; i++)
        se[i] = sqrt(p->vi[i]);
    const bool two = p->pool->shape == ST_POOL_TWO;
    const st_funnel funnel = {.estimate_label = two ? "Odds ratio" : "Proportion, %",
                              .scale = two ? ST_SCALE_EXP : ST_SCALE_LOGISTIC,
                              .estimate = p->yi,
                              .se = se,
                              .n = p->k,
                              .centre = p->fit.b[0],
                              .reference = two ? 0 : NAN};
    const st_status status = evidence_draw_funnel(&funnel, 0, f, err);
    free(se);
    return status;
}

static st_status draw_baujat(const st_pooled *p, figure *f, st_error *err) {
    const st_meta_data data = {p->k, 1, p->yi, p->vi, NULL};
    const st_meta_options options = {p->fit.method, p->fit.test, p->fit.level};
    st_influence influence = {0};
    st_status status = st_meta_influence(&data, &options, &influence, err);
    double *x = st_alloc(2 * p->k, sizeof *x, err), *y = x ? x + p->k : NULL;
    const char **label = st_alloc(p->k, sizeof *label, err);
    if (status == ST_OK && (x == NULL || label == NULL))
        status = ST_MEMORY;
    if (status == ST_OK) {
        for (size_t i = 0; i < p->k; i++) {
            x[i] = influence.row[i].baujat_x;
            y[i] = influence.row[i].baujat_y;
            label[i] = p->pool->row[p->row[i]].label;
        }
        const st_baujat baujat = {.label = label, .x = x, .y = y, .n = p->k};
        status = evidence_draw_baujat(&baujat, 0, f, err);
    }
    free(label);
    free(x);
    st_influence_fini(&influence);
    return status;
}

st_status page_funnel_baujat(FILE *out, const st_pooled *p, st_error *err) {
    figure funnel = {0}, baujat = {0};
    st_status status = draw_funnel(p, &funnel, err);
    if (status == ST_OK && (status = draw_baujat(p, &baujat, err)) != ST_OK)
        free(funnel.bytes);
    if (status != ST_OK)
        return status;
    fputs("<details><summary>Funnel, and what each row adds to heterogeneity</summary>\n", out);
    put_figure(out, &funnel,
               "Funnel: rows by estimate and standard error, with the region of 95 % around the pool by chance "
               "alone.");
    put_figure(out, &baujat,
               "Baujat's plot: to the right the rows that add most to heterogeneity, above those that draw the "
               "pool most.");
    fputs("</details>\n", out);
    return ST_OK;
}
