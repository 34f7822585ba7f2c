/* What a claim asks for, by the name of its operation: sums, percentages, single cells.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double total(const series *s) {
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += s->item[i].value;
    return sum;
}

/* "23 + 123 + 25 = 171" */
static void put_sum(words *w, const series *s) {
    for (size_t i = 0; i < s->n; i++)
        words_add(w, "%s%.10g", i > 0 ? " + " : "", s->item[i].value);
    words_add(w, " = %.10g", total(s));
}

/* ---- sum --------------------------------------------------------------------------------- */

static void put_change(const series *s, const st_change *change, double target, finding *f) {
    const series_item *item = &s->item[change->item];
    if (change->kind == ST_CHANGE_REPLACED)
        finding_way(f, target, "%s counted as %.10g instead of %.10g", item->label, change->value, item->value);
    else
        finding_way(f, target, "%s (%.10g) %s", item->label, item->value,
                    change->kind == ST_CHANGE_TWICE ? "counted twice" : "left out");
}

static st_status sum_changes(const series *s, const series *s2, double target, finding *f) {
    st_change change[12];
    double *value = st_alloc(s->n, sizeof *value, NULL);
    st_alternative *other = st_alloc(s->n * (s2->n + 1), sizeof *other, NULL);
    size_t n_others = 0;
    if (value == NULL || other == NULL) {
        free(value);
        free(other);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < s->n; i++) {
        value[i] = s->item[i].value;
        for (size_t k = 0; k < s2->n; k++)
            if (strcmp(s->item[i].study, s2->item[k].study) == 0)
                other[n_others++] = (st_alternative){i, s2->item[k].value};
    }
    const size_t n = st_changes_of_sum(value, s->n, other, n_others, target, change, 12);
    for (size_t i = 0; i < n && i < 12; i++)
        put_change(s, &change[i], target, f);
    if (n == 0)
        finding_note(f, "no single series left out, counted twice or counted otherwise gives %.10g", target);
    free(value);
    free(other);
    return ST_OK;
}

/* How much of a sum is in each unit: "718 procedures + 177 patients"; events by the unit of their denominator. */
static size_t put_units(words *w, const series *s) {
    static const char *const units[] = {"patients", "procedures", "unclear"};
    static const char *const events[] = {"counted per patient", "counted per procedure", "in an unclear unit"};
    const bool of_events = s->n > 0 && s->item[0].outcome[0] != 0;
    size_t n = 0;
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        double sum = 0;
        size_t rows = 0;
        for (size_t i = 0; i < s->n; i++)
            if (strcmp(s->item[i].unit, units[u]) == 0) {
                sum += s->item[i].value;
                rows++;
            }
        if (rows > 0)
            words_add(w, "%s%.10g %s", n++ > 0 ? " + " : "", sum, of_events ? events[u] : units[u]);
    }
    return n;
}

static st_status op_sum(const claim *c, const series *s, const series *s2, finding *f) {
    const double sum = total(s);
    words units = {0};
    put_sum(&f->arithmetic, s);
    words_add(&f->recomputed, "%.10g", sum);
    f->verdict = fabs(sum - c->low) < 1e-9 ? ST_AUDIT_REPRODUCES : ST_AUDIT_DOES_NOT_REPRODUCE;
    if (put_units(&units, s) > 1 && units.text != NULL)
        finding_note(f, "in unlike units: %s", units.text);
    free(units.text);
    return f->verdict == ST_AUDIT_REPRODUCES ? ST_OK : sum_changes(s, s2, c->low, f);
}

static void op_one_unit(const claim *c, const series *s, finding *f) {
    const size_t n = put_units(&f->recomputed, s);
    put_units(&f->arithmetic, s);
    words_add(&f->arithmetic, " = %.10g", total(s));
    const bool right = n == 1 && s->n > 0 && strcmp(s->item[0].unit, c->basis) == 0;
    f->verdict = right ? ST_AUDIT_REPRODUCES : ST_AUDIT_CONTRADICTS_TABLE;
}

/* ---- percentages ---------------------------------------------------------------------------- */

/* Denominators that print as the target, nearest to n first. */
static void near_denominators(double x, double n, double target, int decimals, finding *f) {
    for (double d = 1; d <= n && d <= 200; d++)
        for (int side = 0; side < 2; side++) {
            const double other = side == 0 ? n - d : n + d;
            if (other >= x && other >= 1 && f->n_ways < 3 &&
                rounding_of_count(x, other, target, decimals) == ST_ROUND_HALF_UP)
                finding_way(f, 100 * x / other, "%.10g of %.10g", x, other);
        }
}

/* "x / n = 86.96 %" */
static void put_ratio(words *w, double x, double n) {
    words_add(w, "%.10g / %.10g = %.4g %%", x, n, 100 * x / n);
}

/* A percentage with the two counts that the text itself gives ("50/896"), beside those of the tables. */
static void percent_of_text(const claim *c, const series *s, const series *s2, finding *f) {
    char *end;
    const double x = strtod(c->basis, &end), n = *end == '/' ? strtod(end + 1, NULL) : NAN;
    if (!(n >= 1 && n <= 1e9 && x >= 0 && x <= n && floor(x) == x && floor(n) == n))
        return;
    const int decimals = decimals_of(c->low_text);
    const st_rounding rounding = rounding_of_count(x, n, c->low, decimals);
    put_ratio(&f->arithmetic, x, n);
    words_add(&f->recomputed, "%.4g%%", 100 * x / n);
    f->verdict = verdict_of(rounding, ST_AUDIT_DOES_NOT_REPRODUCE);
    f->rounding = st_rounding_name(rounding);
    if (s->n > 0 && s2->n > 0 && (total(s) != x || total(s2) != n)) {
        words_add(&f->recomputed, " (%.4g%% of the tables' counts)", 100 * total(s) / total(s2));
        words_add(&f->arithmetic, "; from the tables ");
        put_ratio(&f->arithmetic, total(s), total(s2));
    }
}

/* A percentage of one study from its cells, whose categories exclude each other. */
static void percent_of_cells(const claim *c, const series *s, finding *f) {
    double x = 0;
    for (size_t i = 0; i < s->n; i++)
        x += s->item[i].x;
    const double n = s->n > 0 ? s->item[0].n : NAN;
    const int decimals = decimals_of(c->low_text);
    if (!(x >= 0 && n >= 1 && x <= n))
        return;
    const st_rounding rounding = rounding_of_count(x, n, c->low, decimals);
    put_ratio(&f->arithmetic, x, n);
    words_add(&f->recomputed, "%.4g%%", 100 * x / n);
    f->verdict = verdict_of(rounding, ST_AUDIT_CONTRADICTS_TABLE);
    f->rounding = st_rounding_name(rounding);
    if (rounding == ST_ROUNDINGS)
        near_denominators(x, n, c->low, decimals, f);
}

/* A percentage that a table prints without its count: whether any count would give it. */
static void op_feasible(const claim *c, const series *s, finding *f) {
    const int decimals = decimals_of(c->low_text);
    const double scale = pow(10, decimals), n = s->n > 0 ? s->item[0].n : NAN;
    uint64_t first = 0, last = 0;
    if (!(n >= 1))
        return;
    const bool feasible =
        st_percent_feasible((uint64_t)llround(c->low * scale), (uint64_t)n, decimals, ST_ROUND_HALF_UP, &first, &last);
    const bool same = fabs(s->item[0].value - c->low) < 1e-9;
    f->verdict = !same ? ST_AUDIT_CONTRADICTS_TABLE : feasible ? ST_AUDIT_REPRODUCES : ST_AUDIT_DOES_NOT_REPRODUCE;
    const double below = feasible ? (double)first : floor(c->low * n / 100),
                 above = feasible ? (double)last : below + 1;
    put_ratio(&f->arithmetic, below, n);
    if (above > below) {
        words_add(&f->arithmetic, "; ");
        put_ratio(&f->arithmetic, above, n);
    }
    if (feasible)
        words_add(&f->recomputed, "%.10g of %.10g", below, n);
    else
        words_add(&f->recomputed, "no count of %.10g", n);
    finding_note(f, "the table prints %.10g %% of %.10g too, without a count", s->item[0].value, n);
}

/* ---- single cells -------------------------------------------------------------------------------- */

static void op_values(const claim *c, const series *s, finding *f) {
    const double wanted[] = {c->low, c->high};
    const size_t n = isnan(c->high) ? 1 : 2;
    bool same = s->n == n;
    for (size_t i = 0; i < s->n; i++) {
        same = same && fabs(s->item[i].value - wanted[i]) < 1e-9;
        words_add(&f->recomputed, "%s%.10g", i > 0 ? " / " : "", s->item[i].value);
        words_add(&f->arithmetic, "%s%s: %.10g", i > 0 ? "; " : "", s->item[i].label, s->item[i].value);
    }
    f->verdict = same ? ST_AUDIT_REPRODUCES : ST_AUDIT_CONTRADICTS_TABLE;
}

/* The figure stands in the table, in the column of another outcome than the one claimed (basis). */
static void op_column(const claim *c, const series *s, const st_evidence *evidence, finding *f) {
    for (size_t i = 0; i < evidence->n_cells && s->n > 0; i++) {
        const st_evidence_cell *cell = &evidence->cell[i];
        const double value = isnan(cell->months) ? cell->percent : cell->months;
        if (strcmp(evidence->study[cell->study].id, s->item[0].study) != 0 || fabs(value - c->low) > 1e-9)
            continue;
        const bool same = strcmp(cell->outcome, c->basis) == 0;
        words_add(&f->recomputed, "%.10g (%s)", value, cell->outcome);
        words_add(&f->arithmetic, "Table %s, line %s: %s %.10g", cell->table, cell->line, cell->outcome, value);
        f->verdict = same ? ST_AUDIT_REPRODUCES : ST_AUDIT_CONTRADICTS_TABLE;
        return;
    }
    f->verdict = ST_AUDIT_CONTRADICTS_TABLE;
    finding_note(f, "the table does not print the figure");
}

static void op_first(const claim *c, const series *s, finding *f) {
    size_t least = 0;
    for (size_t i = 1; i < s->n; i++)
        if (s->item[i].value < s->item[least].value)
            least = i;
    if (s->n == 0)
        return;
    words_add(&f->recomputed, "%s", s->item[least].label);
    words_add(&f->arithmetic, "min(");
    for (size_t i = 0; i < s->n; i++)
        words_add(&f->arithmetic, "%s%.10g", i > 0 ? ", " : "", s->item[i].value);
    words_add(&f->arithmetic, ") = %.10g", s->item[least].value);
    f->verdict = strcmp(s->item[least].study, c->basis) == 0 ? ST_AUDIT_REPRODUCES : ST_AUDIT_CONTRADICTS_TABLE;
}

st_status audit_numbers(const claim *c, const series *s, const series *s2, const st_evidence *evidence, finding *f,
                        bool *ran) {
    const char *op = c->operation;
    *ran = true;
    if (strcmp(op, "sum") == 0)
        return op_sum(c, s, s2, f);
    if (strcmp(op, "one_unit") == 0)
        op_one_unit(c, s, f);
    else if (strcmp(op, "percent") == 0 && c->basis[0] != 0)
        percent_of_text(c, s, s2, f);
    else if (strcmp(op, "percent") == 0)
        percent_of_cells(c, s, f);
    else if (strcmp(op, "feasible") == 0)
        op_feasible(c, s, f);
    else if (strcmp(op, "values") == 0)
        op_values(c, s, f);
    else if (strcmp(op, "column") == 0)
        op_column(c, s, evidence, f);
    else if (strcmp(op, "first") == 0)
        op_first(c, s, f);
    else
        *ran = false;
    return ST_OK;
}

static st_status optional_series(const st_evidence *evidence, const char *text, place at, series *s, finding *f,
                                 st_error *err) {
    *s = (series){0};
    return text[0] != 0 ? series_init(evidence, text, at, s, f->arena, err) : ST_OK;
}

st_status audit_claim(const st_evidence *evidence, const claim *c, place at, finding *f, st_error *err) {
    series s, s2 = {0};
    bool ran = false;
    st_status status = optional_series(evidence, c->series_text, at, &s, f, err);
    if (status == ST_OK)
        status = optional_series(evidence, c->series2_text, at, &s2, f, err);
    if (status == ST_OK)
        status = audit_numbers(c, &s, &s2, evidence, f, &ran);
    if (status == ST_OK && !ran)
        audit_compare(c, &s, &s2, evidence, f, &ran);
    if (status == ST_OK && !ran)
        status = st_fail_at(err, ST_VALUE, at.file, at.line, 0, "there is no operation \"%.40s\"", c->operation);
    if (status == ST_MEMORY && err != NULL && err->status != ST_MEMORY)
        st_fail(err, ST_MEMORY, "no memory for the audit");
    series_fini(&s);
    series_fini(&s2);
    return status;
}
