/* Averages and ranges over a series.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- average --------------------------------------------------------------------------- */

typedef struct averages {
    double x, n;                            /* counts added up */
    double pooled, mean, median, low, high; /* of the percentages */
} averages;

static bool averages_of(const series *s, averages *a) {
    double *value = malloc((s->n + 1) * sizeof *value);
    *a = (averages){0};
    if (value == NULL)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        a->x += s->item[i].x;
        a->n += s->item[i].n;
        value[i] = s->item[i].value;
    }
    gsl_sort(value, 1, s->n);
    a->pooled = 100 * a->x / a->n;
    a->mean = gsl_stats_mean(value, 1, s->n);
    a->median = gsl_stats_median_from_sorted_data(value, 1, s->n);
    a->low = value[0];
    a->high = value[s->n - 1];
    free(value);
    return true;
}

static void put_pooled(words *w, const series *s, const averages *a) {
    for (int denominators = 0; denominators < 2; denominators++) {
        words_add(w, "%s(", denominators ? " / " : "");
        for (size_t i = 0; i < s->n; i++)
            words_add(w, "%s%.10g", i > 0 ? " + " : "", denominators ? s->item[i].n : s->item[i].x);
        words_add(w, ")");
    }
    words_add(w,
              " = %.10g / %.10g = %.4g %%; mean of %zu percentages %.4g %%, median %.4g %%, lowest %.4g %%, highest "
              "%.4g %%",
              a->x, a->n, a->pooled, s->n, a->mean, a->median, a->low, a->high);
}

/* Arms whose omission gives the printed average. */
static void pooled_changes(const claim *c, const series *s, const averages *a, finding *f) {
    for (size_t i = 0; i < s->n; i++) {
        const double without = 100 * (a->x - s->item[i].x) / (a->n - s->item[i].n);
        if (s->n > 1 && rounding_of(without, c->low, decimals_of(c->low_text)) == ST_ROUND_HALF_UP)
            finding_way(f, without, "%s (%.10g of %.10g) left out", s->item[i].label, s->item[i].x, s->item[i].n);
    }
}

static bool put_average(const series *s, averages *a, finding *f) {
    if (s->n == 0)
        return false;
    if (!averages_of(s, a)) {
        f->failed = true;
        return false;
    }
    put_pooled(&f->arithmetic, s, a);
    words_add(&f->recomputed, "%.4g%%", a->pooled);
    return true;
}

void audit_average(const claim *c, const series *s, finding *f) {
    averages a;
    if (!put_average(s, &a, f))
        return;
    const char *const names[] = {"counts added up", "mean of the percentages", "median of the percentages"};
    const double values[] = {a.pooled, a.mean, a.median};
    st_rounding best = ST_ROUNDINGS;
    for (size_t i = 0; i < 3; i++) {
        const st_rounding r = rounding_of(values[i], c->low, decimals_of(c->low_text));
        if (r < best) {
            best = r;
            f->note.length = 0;
            finding_note(f, "by %s", names[i]);
        }
    }
    const bool beyond = c->low < floor(a.low) || c->low > ceil(a.high);
    f->verdict = verdict_of(best, beyond ? ST_AUDIT_CONTRADICTS_TABLE : ST_AUDIT_DOES_NOT_REPRODUCE);
    f->rounding = st_rounding_name(best);
    if (beyond)
        finding_note(f, "no weighting of the arms gives it: the %s is %.4g %%", c->low < a.low ? "lowest" : "highest",
                     c->low < a.low ? a.low : a.high);
    else if (best == ST_ROUNDINGS)
        pooled_changes(c, s, &a, f);
    for (size_t i = 0; i < s->n && best == ST_ROUNDINGS; i++)
        if (rounding_of(s->item[i].value, c->low, decimals_of(c->low_text)) == ST_ROUND_HALF_UP)
            finding_way(f, s->item[i].value, "%s alone (%.10g of %.10g)", s->item[i].label, s->item[i].x, s->item[i].n);
}

/* ---- range -------------------------------------------------------------------------------- */

static void put_extreme(words *w, const series *s, const char *name, double value) {
    words_add(w, "%s(", name);
    for (size_t i = 0; i < s->n; i++)
        words_add(w, "%s%.4g", i > 0 ? ", " : "", s->item[i].value);
    words_add(w, ") = %.4g", value);
}

/* Where a limit that the series does not reach stands elsewhere: as a count, or as another percentage. */
static void find_limit(const series *s, double limit, const st_evidence *evidence, finding *f) {
    for (size_t i = 0; i < s->n; i++)
        if (fabs(s->item[i].x - limit) < 1e-9 && fabs(s->item[i].value - limit) > 0.5)
            finding_way(f, limit, "%.10g is the count, not the percentage, of %s", limit, s->item[i].label);
    for (size_t i = 0; i < evidence->n_cells; i++) {
        const st_evidence_cell *cell = &evidence->cell[i];
        bool same = false;
        for (size_t k = 0; k < s->n && !same; k++)
            same = listed(s->item[k].outcome, cell->outcome);
        if (same && fabs(cell->percent - limit) < 1e-9)
            finding_way(f, limit, "%s, Table %s, %s %s prints %s %%", evidence->study[cell->study].id, cell->table,
                        cell->outcome, cell->category, cell->percent_text);
    }
}

static size_t outside(const claim *c, const series *s, words *w) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const double shown = floor(s->item[i].value * pow(10, decimals_of(c->low_text)) + 0.5 + 1e-9) /
                             pow(10, decimals_of(c->low_text));
        if ((shown < c->low || shown > c->high) && n++ < 8)
            words_add(w, "%s%s %.4g", n > 1 ? ", " : "", s->item[i].label, s->item[i].value);
    }
    return n;
}

void audit_range(const claim *c, const series *s, const st_evidence *evidence, finding *f) {
    if (s->n == 0)
        return;
    double low = s->item[0].value, high = low;
    for (size_t i = 1; i < s->n; i++) {
        low = fmin(low, s->item[i].value);
        high = fmax(high, s->item[i].value);
    }
    put_extreme(&f->arithmetic, s, "min", low);
    words_add(&f->arithmetic, "; ");
    put_extreme(&f->arithmetic, s, "max", high);
    words_add(&f->recomputed, "%.4g-%.4g", low, high);
    const st_rounding at_low = rounding_of(low, c->low, decimals_of(c->low_text));
    const st_rounding at_high = rounding_of(high, c->high, decimals_of(c->high_text));
    const st_rounding worst = at_low > at_high ? at_low : at_high;
    words beyond = {0};
    const size_t n = outside(c, s, &beyond);
    f->verdict = verdict_of(worst, n > 0 ? ST_AUDIT_CONTRADICTS_TABLE : ST_AUDIT_DOES_NOT_REPRODUCE);
    f->rounding = st_rounding_name(worst);
    if (n > 0 && beyond.text != NULL)
        finding_note(f, "outside the printed range: %s", beyond.text);
    free(beyond.text);
    const bool percentages = s->is_pool || strstr(c->series_text, ".percent") != NULL;
    if (percentages && at_low == ST_ROUNDINGS)
        find_limit(s, c->low, evidence, f);
    if (percentages && at_high == ST_ROUNDINGS)
        find_limit(s, c->high, evidence, f);
}
