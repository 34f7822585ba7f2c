/* Every printed percentage against its count, and the categories of a cell against its patients.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t audit_cells_most(const st_evidence *evidence) {
    return 3 * evidence->n_cells; /* a percentage, its categories, the categories of its study */
}

/* "Table 1, Gupta, PNEN, tumour response PR: 19 (35%)" */
static void put_name(words *w, const st_evidence *evidence, const st_evidence_cell *cell) {
    words_add(w, "Table %s, %s", cell->table, evidence->study[cell->study].id);
    if (strcmp(cell->arm, "all") != 0)
        words_add(w, ", %s", cell->arm);
    words_add(w, ", ");
    put_plain(w, cell->outcome);
    if (cell->item[0] != 0)
        words_add(w, " (%s)", cell->item);
}

/* Cells that share their patients and exclude each other: the categories of one outcome of one arm. */
static bool same_group(const st_evidence_cell *a, const st_evidence_cell *b) {
    return a->study == b->study && strcmp(a->table, b->table) == 0 && strcmp(a->arm, b->arm) == 0 &&
           strcmp(a->outcome, b->outcome) == 0 && strcmp(a->item, b->item) == 0;
}

/* ---- what else could be behind a percentage ------------------------------------------------- */

/* Another number of the study that would be the denominator. */
static void try_denominator(const st_evidence_cell *cell, double n, const char *what, finding *f) {
    if (!(n >= 1) || n == cell->denominator)
        return;
    const int decimals = decimals_of(cell->percent_text);
    if (!isnan(cell->numerator)) {
        const st_rounding r =
            cell->numerator <= n ? rounding_of_count(cell->numerator, n, cell->percent, decimals) : ST_ROUNDINGS;
        if (r != ST_ROUNDINGS)
            finding_way(f, 100 * cell->numerator / n, "%.10g of %.10g %s%s%s", cell->numerator, n, what,
                        r != ST_ROUND_HALF_UP ? " by " : "", r != ST_ROUND_HALF_UP ? st_rounding_name(r) : "");
        return;
    }
    uint64_t first, last;
    const uint64_t scaled = (uint64_t)llround(cell->percent * pow(10, decimals));
    if (st_percent_feasible(scaled, (uint64_t)n, decimals, ST_ROUND_HALF_UP, &first, &last))
        finding_way(f, 100 * (double)first / n, "%.10g of %.10g %s", (double)first, n, what);
}

static void try_denominators(const st_evidence *evidence, const st_evidence_cell *cell, finding *f) {
    const st_evidence_study *s = &evidence->study[cell->study];
    const double both = s->tae + s->tace;
    try_denominator(cell, s->patients, "patients", f);
    if (s->carcinoid < s->patients)
        try_denominator(cell, s->carcinoid, "carcinoids", f);
    if (s->pnen < s->patients)
        try_denominator(cell, s->pnen, "PNENs", f);
    try_denominator(cell, s->tae, "TAE", f);
    try_denominator(cell, s->tace, "TACE", f);
    if (both != s->patients)
        try_denominator(cell, both, "TAE and TACE", f);
    try_denominator(cell, s->procedures, "procedures", f);
    for (size_t i = 0; i < evidence->n_cells; i++) {
        const st_evidence_cell *other = &evidence->cell[i];
        bool seen = other->study != cell->study || isnan(other->evaluable);
        for (size_t k = 0; k < i && !seen; k++)
            seen = evidence->cell[k].study == cell->study && evidence->cell[k].evaluable == other->evaluable;
        if (!seen)
            try_denominator(cell, other->evaluable, "evaluable", f);
    }
}

/* Counts of the same denominator, and denominators near it, that print as the percentage. */
static void try_near(const st_evidence_cell *cell, finding *f) {
    const int decimals = decimals_of(cell->percent_text);
    const double n = cell->denominator;
    uint64_t first, last;
    if (!(n >= 1))
        return;
    if (st_percent_feasible((uint64_t)llround(cell->percent * pow(10, decimals)), (uint64_t)n, decimals,
                            ST_ROUND_HALF_UP, &first, &last))
        finding_way(f, 100 * (double)first / n, "%.10g of %.10g", (double)first, n);
    else
        finding_note(f, "no count of %.10g gives %s %%", n, cell->percent_text);
    for (int d = -5; d <= 5; d++) {
        const double other = n + d;
        if (d == 0 || other < 1)
            continue;
        if (!isnan(cell->numerator) && other >= cell->numerator &&
            rounding_of_count(cell->numerator, other, cell->percent, decimals) == ST_ROUND_HALF_UP)
            finding_way(f, 100 * cell->numerator / other, "%.10g of %.10g", cell->numerator, other);
    }
}

/* Whether the percentages of the cell's categories add up to 100 as printed, and would not if all were rounded. */
static void note_forced_sum(const st_evidence *evidence, const st_evidence_cell *cell, finding *f) {
    double printed = 0, rounded = 0;
    size_t n = 0;
    for (size_t i = 0; i < evidence->n_cells; i++) {
        const st_evidence_cell *other = &evidence->cell[i];
        if (!same_group(cell, other) || isnan(other->numerator) || isnan(other->denominator))
            continue;
        const int decimals = decimals_of(other->percent_text);
        printed += other->percent;
        rounded += (double)st_percent_scaled((uint64_t)other->numerator, (uint64_t)other->denominator, decimals,
                                             ST_ROUND_HALF_UP) /
                   pow(10, decimals);
        n++;
    }
    if (n > 1 && fabs(printed - 100) < 1e-9 && fabs(rounded - 100) > 1e-9)
        finding_note(f, "the percentages of the cell are made to add up to 100; rounded ones add up to %.4g", rounded);
}

/* The same count of the same patients in another column of responses. */
static void note_repeated(const st_evidence *evidence, const st_evidence_cell *cell, finding *f) {
    for (size_t i = 0; i < evidence->n_cells; i++) {
        const st_evidence_cell *other = &evidence->cell[i];
        if (other->study == cell->study && strcmp(other->outcome, cell->outcome) != 0 && cell->numerator > 0 &&
            cell->numerator < cell->denominator && other->numerator == cell->numerator &&
            (strcmp(other->category, cell->category) == 0 || strcmp(other->category, "unlabelled") == 0) &&
            other->denominator == cell->denominator) {
            words outcome = {0};
            put_plain(&outcome, other->outcome);
            finding_note(f, "the same count stands in table %s under %s", other->table,
                         outcome.text != NULL ? outcome.text : "");
            free(outcome.text);
            return;
        }
    }
}

/* ---- percentages -------------------------------------------------------------------------------- */

static void judge_counted(const st_evidence *evidence, const st_evidence_cell *cell, finding *f) {
    const double x = cell->numerator, n = cell->denominator;
    const st_rounding r = rounding_of_count(x, n, cell->percent, decimals_of(cell->percent_text));
    f->verdict = verdict_of(r, ST_AUDIT_DOES_NOT_REPRODUCE);
    f->rounding = st_rounding_name(r);
    words_add(&f->recomputed, "%.4g%%", 100 * x / n);
    words_add(&f->arithmetic, "%.10g / %.10g = %.4g %%", x, n, 100 * x / n);
    if (r != ST_ROUND_HALF_UP) {
        try_near(cell, f);
        try_denominators(evidence, cell, f);
        note_forced_sum(evidence, cell, f);
    }
    note_repeated(evidence, cell, f);
}

/* A count without a denominator: those that would print as the percentage, whichever they count. */
static void judge_any_denominator(const st_evidence_cell *cell, finding *f) {
    const double x = cell->numerator;
    const int decimals = decimals_of(cell->percent_text);
    double first = NAN, last = NAN, above = fmax(x, 1); /* `above`: the last that prints more */
    for (double n = fmax(x, 1); n < 1e5 && !(n > last); n++) {
        if (rounding_of_count(x, n, cell->percent, decimals) == ST_ROUND_HALF_UP) {
            first = isnan(first) ? n : first;
            last = n + 1;
        } else if (isnan(first) && 100 * x / n > cell->percent) {
            above = n;
        }
    }
    f->verdict = isnan(first) ? ST_AUDIT_DOES_NOT_REPRODUCE : ST_AUDIT_NOT_RECOMPUTABLE;
    const double low = isnan(first) ? above : first, high = isnan(first) ? above + 1 : last - 1;
    words_add(&f->arithmetic, "%.10g / %.10g = %.4g %%; %.10g / %.10g = %.4g %%", x, low, 100 * x / low, x, high,
              100 * x / high);
    if (isnan(first))
        words_add(&f->recomputed, "no denominator of %.10g", x);
    else if (low == high)
        words_add(&f->recomputed, "%.10g of %.10g", x, low);
    else
        words_add(&f->recomputed, "%.10g of %.10g to %.10g", x, low, high);
    finding_note(f, "no denominator printed");
    if (f->n_ways == 0)
        finding_note(f, "no number of the study gives it as denominator");
}

/* A percentage without a count: whether any would give it. */
static void judge_any_count(const st_evidence_cell *cell, bool feasible, finding *f) {
    const double n = cell->denominator, below = floor(cell->percent * n / 100);
    f->verdict = feasible ? ST_AUDIT_NOT_RECOMPUTABLE : ST_AUDIT_DOES_NOT_REPRODUCE;
    finding_note(f, "no count printed");
    if (feasible)
        return;
    words_add(&f->recomputed, "no count of %.10g", n);
    words_add(&f->arithmetic, "%.10g / %.10g = %.4g %%; %.10g / %.10g = %.4g %%", below, n, 100 * below / n, below + 1,
              n, 100 * (below + 1) / n);
}

static void judge_uncounted(const st_evidence *evidence, const st_evidence_cell *cell, finding *f) {
    try_near(cell, f);
    const bool feasible = isnan(cell->denominator) || f->n_ways > 0;
    try_denominators(evidence, cell, f);
    if (isnan(cell->numerator))
        judge_any_count(cell, feasible, f);
    else
        judge_any_denominator(cell, f);
}

/* The next row of the audit: what was found of a cell. Frees the words and what the finding holds. */
static st_status keep_row(finding *f, st_audit_kind kind, const st_evidence_cell *cell, words *name, words *printed,
                          st_audit *audit, st_error *err) {
    st_audit_row *row = &audit->row[audit->n++];
    words where = {0};
    words_add(&where, "table %s, line %s", cell->table, cell->line);
    row->kind = kind;
    row->topic = "";
    row->claim = words_keep(name, &audit->arena, err);
    row->printed = words_keep(printed, &audit->arena, err);
    row->where = words_keep(&where, &audit->arena, err);
    const st_status status = finding_keep(f, row, err);
    return row->claim != NULL && row->printed != NULL && row->where != NULL ? status : ST_MEMORY;
}

static st_status add_percentage(const st_evidence *evidence, const st_evidence_cell *cell, st_audit *audit,
                                st_error *err) {
    finding f = {.arena = &audit->arena};
    words name = {0}, printed = {0};
    put_name(&name, evidence, cell);
    if (strcmp(cell->category, "event") != 0) {
        words_add(&name, " ");
        put_plain(&name, cell->category);
    }
    words_add(&name, ": ");
    if (!isnan(cell->numerator))
        words_add(&name, "%.10g ", cell->numerator);
    words_add(&name, "(%s%%)", cell->percent_text);
    words_add(&printed, "%s%%", cell->percent_text);
    if (!isnan(cell->numerator) && !isnan(cell->denominator))
        judge_counted(evidence, cell, &f);
    else
        judge_uncounted(evidence, cell, &f);
    finding_note(&f, "%s", cell->note);
    return keep_row(&f, ST_AUDIT_PERCENTAGE, cell, &name, &printed, audit, err);
}

/* ---- categories ------------------------------------------------------------------------------------ */

static double arm_size(const st_evidence_study *study, const char *arm) {
    return strcmp(arm, "carcinoid") == 0 ? study->carcinoid : strcmp(arm, "PNEN") == 0 ? study->pnen : study->patients;
}

/* The sum of the cells for which same(cell, other), against `wanted` patients. */
static st_status add_sum(const st_evidence *evidence, const st_evidence_cell *cell, bool whole_study, double wanted,
                         const char *of, st_audit *audit, st_error *err) {
    finding f = {.arena = &audit->arena};
    words name = {0}, printed = {0};
    double sum = 0;
    for (size_t i = 0; i < evidence->n_cells; i++) {
        const st_evidence_cell *other = &evidence->cell[i];
        const bool with = whole_study ? other->study == cell->study && strcmp(other->outcome, cell->outcome) == 0
                                      : same_group(cell, other);
        if (with && !isnan(other->numerator)) {
            words_add(&f.arithmetic, "%s%.10g", f.arithmetic.length > 0 ? " + " : "", other->numerator);
            sum += other->numerator;
        }
    }
    words_add(&f.arithmetic, " = %.10g", sum);
    words_add(&f.recomputed, "%.10g", sum);
    put_name(&name, evidence, cell);
    words_add(&name, "%s: categories add up to the %.10g %s", whole_study ? ", all arms" : "", wanted, of);
    words_add(&printed, "%.10g", wanted);
    f.verdict = sum == wanted  ? ST_AUDIT_REPRODUCES
                : sum > wanted ? ST_AUDIT_CONTRADICTS_TABLE
                               : ST_AUDIT_DOES_NOT_REPRODUCE;
    if (sum < wanted)
        finding_note(&f, "%.10g of %.10g are in no category", wanted - sum, wanted);
    return keep_row(&f, ST_AUDIT_CATEGORIES, cell, &name, &printed, audit, err);
}

/* Responses whose categories should cover all patients: of the tumour, and of markers where more than one is printed.
 */
static bool has_categories(const st_evidence *evidence, const st_evidence_cell *cell) {
    size_t n = 0;
    for (size_t i = 0; i < evidence->n_cells; i++)
        n += same_group(cell, &evidence->cell[i]) && !isnan(evidence->cell[i].numerator);
    return strcmp(cell->outcome, "tumour_response") == 0 ? n > 0
                                                         : strcmp(cell->outcome, "biochemical_response") == 0 && n > 1;
}

/* Whether `cell` is the first of its group or, when `whole_study`, the first of its study with this outcome. */
static bool is_first(const st_evidence *evidence, const st_evidence_cell *cell, bool whole_study) {
    for (const st_evidence_cell *other = evidence->cell; other < cell; other++)
        if (whole_study ? other->study == cell->study && strcmp(other->outcome, cell->outcome) == 0
                        : same_group(cell, other))
            return false;
    return true;
}

static st_status add_categories(const st_evidence *evidence, const st_evidence_cell *cell, st_audit *audit,
                                st_error *err) {
    if (!has_categories(evidence, cell))
        return ST_OK;
    /* Evaluable patients may be printed for the arm or for the whole study; then the arms stand for themselves. */
    const bool of_study = !isnan(cell->evaluable) && cell->evaluable != cell->denominator;
    const double size = arm_size(&evidence->study[cell->study], cell->arm);
    st_status status = ST_OK;
    if (is_first(evidence, cell, false) && !of_study)
        status = isnan(cell->evaluable) ? add_sum(evidence, cell, false, size, "patients", audit, err)
                                        : add_sum(evidence, cell, false, cell->evaluable, "evaluable", audit, err);
    if (status == ST_OK && of_study && is_first(evidence, cell, true))
        status = add_sum(evidence, cell, true, cell->evaluable, "evaluable", audit, err);
    return status;
}

st_status audit_cells(const st_evidence *evidence, st_audit *audit, st_error *err) {
    st_status status = ST_OK;
    for (size_t i = 0; i < evidence->n_cells && status == ST_OK; i++)
        if (!isnan(evidence->cell[i].percent))
            status = add_percentage(evidence, &evidence->cell[i], audit, err);
    for (size_t i = 0; i < evidence->n_cells && status == ST_OK; i++)
        status = add_categories(evidence, &evidence->cell[i], audit, err);
    return status;
}
