/* The rows of a pool out of the review's cells: one for each arm, or each study, of an outcome.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "pool_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The cells of an arm (or of all arms) of a study. */
typedef struct group {
    const st_evidence *evidence;
    const pool_rule *rule;
    const st_evidence_study *study;
    const char *arm;
    const st_evidence_cell **cell; /* [n] */
    size_t n;
    bool one_of_several; /* arms of the study */
    st_pool_row *row;
    words label, note;
} group;

/* Starts the next sentence of the note. */
static words *note(group *g) {
    if (g->note.length > 0)
        words_add(&g->note, "; ");
    return &g->note;
}

static bool out(group *g) {
    g->row->included = false;
    return false;
}

static bool is_event(const group *g, const st_evidence_cell *cell) {
    return listed(g->rule->events, cell->category);
}

/* ---- whether a group can enter at all ------------------------------------------------- */

static bool is_reported(group *g) {
    size_t reported = 0, needed = 0, uncertain = 0;
    for (size_t i = 0; i < g->n; i++) {
        reported += strcmp(g->cell[i]->category, "not_reported") != 0;
        needed += listed(g->rule->needs, g->cell[i]->category);
        uncertain += strcmp(g->cell[i]->confidence, "low") == 0;
    }
    if (reported == 0)
        words_add(note(g), "not reported");
    else if (uncertain > 0)
        words_add(note(g), "which arm the cell belongs to is not printed");
    else if (needed == 0 && g->rule->needs[0] != 0)
        words_add(note(g), "neither %s printed", g->rule->needs);
    else
        return true;
    return out(g);
}

/* The reason why the rule leaves a study out ("Study: reason|Study: reason"), or NULL. */
static bool is_excluded(group *g) {
    const size_t length = strlen(g->study->id);
    for (const char *at = g->rule->exclude; *at != 0;) {
        const size_t piece = strcspn(at, "|");
        if (piece > length + 2 && strncmp(at, g->study->id, length) == 0 && at[length] == ':') {
            words_add(note(g), "%.*s", (int)(piece - length - 2), at + length + 2);
            return true;
        }
        at += piece + (at[piece] == '|');
    }
    return false;
}

/* ---- the count ------------------------------------------------------------------------- */

/* Count of a cell, imputed from its percentage where none is printed; NaN when that cannot be. */
static double count_of(group *g, const st_evidence_cell *cell) {
    if (!isnan(cell->numerator))
        return cell->numerator;
    const double x = round(cell->percent * cell->denominator / 100);
    if (!isnan(x)) {
        words_add(&g->label, " (%.0f/%.0f imputed)", x, cell->denominator);
        words_add(note(g), "count not printed: %.0f of %.0f is nearest to %s %%", x, cell->denominator,
                  cell->percent_text);
    }
    return x;
}

static bool is_doubtful(group *g, const st_evidence_cell *cell) {
    if (isnan(cell->numerator) || isnan(cell->denominator) || isnan(cell->percent) ||
        rounding_of_count(cell->numerator, cell->denominator, cell->percent, decimals_of(cell->percent_text)) !=
            ST_ROUNDINGS)
        return false;
    words_add(note(g), "%.0f of %.0f is %.1f %%, printed %s %%", cell->numerator, cell->denominator,
              100 * cell->numerator / cell->denominator, cell->percent_text);
    return strcmp(g->rule->doubtful, "drop") == 0;
}

static bool same_item(const st_evidence_cell *a, const st_evidence_cell *b) {
    return strcmp(a->item, b->item) == 0 && strcmp(a->outcome, b->outcome) == 0;
}

/* Sum of the events of one item (its categories exclude each other), NaN when one has no count. */
static double item_count(group *g, const st_evidence_cell *item) {
    double x = 0;
    for (size_t i = 0; i < g->n; i++)
        if (is_event(g, g->cell[i]) && same_item(g->cell[i], item))
            x += count_of(g, g->cell[i]);
    return x;
}

/* The items that count: all, or the preferred one alone where there are several. The first cell of each goes into
 * `item`; returns how many. */
static size_t items_of(group *g, const st_evidence_cell **item) {
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        bool seen = !is_event(g, g->cell[i]);
        for (size_t k = 0; k < n && !seen; k++)
            seen = same_item(item[k], g->cell[i]);
        if (!seen)
            item[n++] = g->cell[i];
    }
    for (size_t k = 0; k < n && n > 1; k++)
        if (listed(g->rule->prefer, item[k]->item)) {
            item[0] = item[k];
            words_add(&g->label, " %s", item[0]->item);
            return 1;
        }
    return n;
}

/* Several items of the same patients: the same count once, a partition summed where the rule says so; else out. */
static bool merge_items(group *g, const st_evidence_cell **item, const double *x, size_t n) {
    double sum = 0;
    bool same = true;
    for (size_t k = 0; k < n; k++) {
        sum += x[k];
        same = same && x[k] == x[0] && item[k]->denominator == item[0]->denominator;
    }
    g->row->x = strcmp(g->rule->several, "sum") == 0 ? sum : x[0];
    if (n <= 1 || strcmp(g->rule->several, "sum") == 0)
        return true;
    if (same) {
        words_add(note(g), "the same count in %zu columns, taken once", n);
        return true;
    }
    if (strcmp(g->rule->several, "partition") == 0 && sum == item[0]->denominator) {
        words_add(&g->label, " (");
        for (size_t k = 0; k < n; k++)
            words_add(&g->label, "%s%.0f", k > 0 ? "+" : "", x[k]);
        words_add(&g->label, ")");
        words_add(note(g), "%zu items add up to the evaluable patients and may overlap", n);
        g->row->x = sum;
        return true;
    }
    words_add(note(g), "%zu items of the same patients that may overlap", n);
    return out(g);
}

/* That of the item; of a whole study, its arms added up. */
static double printed_denominator(const group *g, const st_evidence_cell *item) {
    double n = item->denominator;
    for (size_t i = 0; i < g->n; i++) {
        bool seen = !is_event(g, g->cell[i]) || strcmp(g->cell[i]->arm, item->arm) == 0;
        for (size_t k = 0; k < i && !seen; k++)
            seen = is_event(g, g->cell[k]) && strcmp(g->cell[k]->arm, g->cell[i]->arm) == 0;
        if (!seen)
            n += g->cell[i]->denominator;
    }
    return n;
}

static bool count_events(group *g, const st_evidence_cell **item, double *x) {
    for (size_t i = 0; i < g->n; i++)
        if (is_event(g, g->cell[i]) && is_doubtful(g, g->cell[i]))
            return out(g);
    const size_t n = items_of(g, item);
    for (size_t k = 0; k < n; k++) {
        x[k] = item_count(g, item[k]);
        if (isnan(x[k])) {
            words_add(note(g), "no count printed");
            return out(g);
        }
    }
    if (n == 0)
        g->row->x = 0;
    else if (!merge_items(g, item, x, n))
        return false;
    const st_evidence_cell *first = n > 0 ? item[0] : g->cell[0];
    g->row->n = printed_denominator(g, first);
    g->row->unit = first->unit;
    if (first->note[0] != 0)
        words_add(note(g), "%s", first->note);
    return true;
}

/* ---- the denominator ---------------------------------------------------------------------- */

static double arm_treated(const group *g) {
    const st_evidence_study *s = g->study;
    const bool patients = strcmp(s->tae_unit, "patients") == 0;
    if (strcmp(g->arm, "TAE") == 0 || strcmp(g->arm, "TACE") == 0)
        return !patients ? NAN : strcmp(g->arm, "TAE") == 0 ? s->tae : s->tace;
    if (strcmp(g->arm, "carcinoid") == 0 && s->carcinoid < s->patients)
        return s->carcinoid;
    if (strcmp(g->arm, "PNEN") == 0 && s->pnen < s->patients)
        return s->pnen;
    return study_treated(s);
}

static double arm_procedures(const group *g) {
    const st_evidence_study *s = g->study;
    const bool procedures = strcmp(s->tae_unit, "procedures") == 0;
    if (strcmp(g->arm, "TAE") == 0 || strcmp(g->arm, "TACE") == 0)
        return !procedures ? NAN : strcmp(g->arm, "TAE") == 0 ? s->tae : s->tace;
    const bool whole = strcmp(g->arm, "all") == 0 || strcmp(study_type(s, "all"), g->arm) == 0;
    return whole ? study_procedures(s) : NAN;
}

static bool set_denominator(group *g) {
    st_pool_row *row = g->row;
    if (strcmp(g->rule->denominator, "procedures") == 0) {
        row->n = arm_procedures(g);
        row->unit = "procedures";
        if (strcmp(g->study->tae_unit, "unclear") == 0)
            words_add(note(g), "read as procedures; what TAE counts is unclear");
    } else if (strcmp(g->rule->denominator, "treated") == 0 || isnan(row->n)) {
        if (strcmp(g->rule->denominator, "printed") == 0)
            words_add(note(g), "no denominator printed: patients");
        row->n = arm_treated(g);
        row->unit = "patients";
    }
    if (!(row->n > 0))
        words_add(note(g), "number of %s not printed", row->unit);
    else if (row->x > row->n)
        words_add(note(g), "more events than %s", row->unit);
    else
        return true;
    return out(g);
}

/* ---- a row ------------------------------------------------------------------------------------ */

static const char *modality_of(const group *g) {
    for (size_t i = 1; i < g->n; i++)
        if (strcmp(g->cell[i]->modality, g->cell[0]->modality) != 0)
            return "TAE+TACE";
    return g->cell[0]->modality;
}

static bool set_median(group *g) {
    g->row->months = g->cell[0]->months;
    g->row->n = arm_treated(g);
    g->row->unit = "patients";
    if (g->cell[0]->note[0] != 0)
        words_add(note(g), "%s", g->cell[0]->note);
    if (!isnan(g->row->months))
        return true;
    words_add(note(g), "%s", strcmp(g->cell[0]->category, "median_not_reached") == 0 ? "not reached" : "not reported");
    return out(g);
}

static st_status make_row(group *g, st_pool *pool, st_error *err) {
    st_pool_row *row = g->row;
    const st_evidence_cell **item = st_alloc(g->n, sizeof *item, err);
    double *x = st_alloc(g->n, sizeof *x, err);
    if (item == NULL || x == NULL) {
        free(item);
        free(x);
        return ST_MEMORY;
    }
    *row = (st_pool_row){.study = g->study->id,
                         .arm = g->arm,
                         .modality = modality_of(g),
                         .unit = "",
                         .x = NAN,
                         .n = NAN,
                         .x2 = NAN,
                         .n2 = NAN,
                         .months = NAN,
                         .included = true};
    row->type = study_type(g->study, g->arm);
    words_add(&g->label, "%s %s", g->study->id, g->study->year);
    if (g->one_of_several && pool->shape != ST_POOL_TWO)
        words_add(&g->label, " %s", g->arm);
    if (is_excluded(g))
        out(g);
    if (pool->shape == ST_POOL_MEDIAN)
        set_median(g);
    else if (is_reported(g) && count_events(g, item, x))
        set_denominator(g);
    if (row->included && strcmp(row->unit, "procedures") == 0 && strcmp(pool->unit, "patients") == 0)
        words_add(&g->label, " (procedures)");
    if (row->included && g->study->overlaps[0] != 0)
        words_add(note(g), "overlaps %s", g->study->overlaps);
    row->label = words_keep(&g->label, &pool->arena, err);
    row->note = words_keep(&g->note, &pool->arena, err);
    free(item);
    free(x);
    return row->label != NULL && row->note != NULL ? ST_OK : ST_MEMORY;
}

/* Whether the arm prints anything. */
static bool arm_speaks(const group *all, const char *arm) {
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->cell[i]->arm, arm) == 0 && strcmp(all->cell[i]->category, "not_reported") != 0)
            return true;
    return false;
}

static bool is_first_of_arm(const group *all, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (strcmp(all->cell[k]->arm, all->cell[i]->arm) == 0)
            return false;
    return true;
}

/* The rows of a study whose cells are `all`: one, or one for each arm that prints something. */
static st_status add_study(const group *all, st_pool *pool, st_error *err) {
    size_t arms = 0;
    for (size_t i = 0; i < all->n; i++)
        arms += is_first_of_arm(all, i) && arm_speaks(all, all->cell[i]->arm);
    const bool whole = strcmp(all->rule->per, "study") == 0 || arms == 0;
    const st_evidence_cell **cell = st_alloc(all->n, sizeof *cell, err);
    st_status status = cell != NULL ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < all->n && status == ST_OK; i++) {
        group g = *all;
        g.arm = whole ? "all" : all->cell[i]->arm;
        if (whole ? i > 0 : !is_first_of_arm(all, i) || !arm_speaks(all, g.arm))
            continue;
        g.cell = cell;
        g.n = 0;
        for (size_t k = 0; k < all->n; k++)
            if (whole || strcmp(all->cell[k]->arm, g.arm) == 0)
                cell[g.n++] = all->cell[k];
        g.one_of_several = !whole && arms > 1;
        g.row = &pool->row[pool->n++];
        status = make_row(&g, pool, err);
    }
    free(cell);
    return status;
}

/* ---- two arms --------------------------------------------------------------------------------- */

/* Rows of the two groups of a study become one; the others go. */
static st_status pair_rows(st_pool *pool, st_error *err) {
    size_t n = 0;
    for (size_t i = 0; i < pool->n; i++) {
        st_pool_row first = pool->row[i];
        size_t k = 0;
        while (k < pool->n && !(strcmp(pool->row[k].study, first.study) == 0 && k != i &&
                                strcmp(pool->row[k].arm, pool->group[1]) == 0))
            k++;
        if (strcmp(first.arm, pool->group[0]) != 0 || k == pool->n)
            continue;
        const st_pool_row *second = &pool->row[k];
        words w = {0};
        words_add(&w, "%s%s%s", first.note, first.note[0] != 0 && second->note[0] != 0 ? " / " : "",
                  strcmp(first.note, second->note) != 0 ? second->note : "");
        first.note = words_keep(&w, &pool->arena, err);
        if (first.note == NULL)
            return ST_MEMORY;
        first.included = first.included && second->included;
        first.x2 = second->x;
        first.n2 = second->n;
        first.arm = "both";
        if (strcmp(first.modality, second->modality) != 0)
            first.modality = "TAE+TACE";
        first.type = strcmp(first.type, second->type) == 0 ? first.type : "mixed";
        pool->row[n++] = first; /* n <= i, and what stands there was looked at */
    }
    pool->n = n;
    return ST_OK;
}

st_status pool_review(const st_evidence *evidence, const pool_rule *rule, st_pool *pool, st_error *err) {
    const st_evidence_cell **cell = st_alloc(evidence->n_cells, sizeof *cell, err);
    pool->row = st_alloc(evidence->n_cells, sizeof *pool->row, err);
    st_status status = cell != NULL && pool->row != NULL ? ST_OK : ST_MEMORY;
    for (size_t s = 0; s < evidence->n_studies && status == ST_OK; s++) {
        group all = {.evidence = evidence, .rule = rule, .study = &evidence->study[s], .cell = cell};
        for (size_t i = 0; i < evidence->n_cells && status == ST_OK; i++) {
            bool passes = evidence->cell[i].study == s && listed(rule->outcome, evidence->cell[i].outcome);
            if (passes)
                status = filter_row(evidence, ST_EVIDENCE_OUTCOMES, i, rule->filter, rule->at, &passes, err);
            if (passes && status == ST_OK)
                cell[all.n++] = &evidence->cell[i];
        }
        if (status == ST_OK && all.n > 0)
            status = add_study(&all, pool, err);
    }
    free(cell);
    return status == ST_OK && pool->shape == ST_POOL_TWO ? pair_rows(pool, err) : status;
}
