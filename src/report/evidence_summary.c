/* What a reader wants first: each outcome as printed, added up and pooled; the audit in short; what the data can carry.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include "page.h"

#include <math.h>
#include <string.h>

static const st_audit_row *claim_of(const evidence_page *page, const char *claim) {
    for (size_t i = 0; *claim && i < page->audit.n; i++)
        if (page->audit.row[i].kind == ST_AUDIT_CLAIM && strcmp(page->audit.row[i].claim, claim) == 0)
            return &page->audit.row[i];
    return NULL;
}

static const char *verdict_words(const st_audit_row *claim) {
    return claim ? st_audit_verdict_text(claim->verdict) : "";
}

/* ---- headline -------------------------------------------------------------------------------- */

static void summary_row(FILE *out, const evidence_page *page, const page_pool *item) {
    const st_audit_row *claim = claim_of(page, item->claim);
    const st_pooled *p = &item->pooled;
    char pooled[96], lb[32] = "–", ub[32] = "–", crude[32];
    if (p->k == 0)
        return;
    words_fit(p, &p->fit, pooled, sizeof pooled);
    words_value(p->measure, p->events / p->n, crude, sizeof crude);
    row_open(out, NULL);
    cell(out, "%s", item->heading);
    cell(out, "%s", claim ? claim->printed : "–");
    cell(out, "%s", verdict_words(claim));
    cell(out, "%.0f of %.0f: %s", p->events, p->n, crude);
    cell(out, "%s", pooled);
    if (p->k > 2) {
        words_value(p->measure, st_measure_back(p->measure, p->fit.pi_lb, p->harmonic_n), lb, sizeof lb);
        words_value(p->measure, st_measure_back(p->measure, p->fit.pi_ub, p->harmonic_n), ub, sizeof ub);
        cell(out, "%s to %s", lb, ub);
    } else {
        cell(out, "–");
    }
    cell_count(out, p->k);
    cell_number(out, p->k > 1 ? p->fit.I2 : NAN, 0);
    row_close(out);
}

void page_summary(FILE *out, const evidence_page *page) {
    static const char *const columns[] = {"outcome",    "printed", "audit", "added up", "pooled (95 % limits)",
                                          "new series", "#rows",   "#I², %"};
    table_open(out, "The review's outcomes", KIND_POOLED, columns, COUNT(columns));
    for (size_t i = 0; i < page->n; i++)
        if (page->item[i].section == SECTION_REVIEW)
            summary_row(out, page, &page->item[i]);
    table_close(out);
    fputs(
        "<p class=\"sub\">Added up: events over denominators, as the review pools. Pooled: random effects on logits by "
        "restricted maximum likelihood, limits of Knapp and Hartung. New series: where the proportion of a further "
        "series "
        "would lie (95 % prediction interval). I²: part of the spread between rows that chance does not "
        "explain.</p>\n",
        out);
}

/* ---- audit ------------------------------------------------------------------------------------- */

static void claim_row(FILE *out, const st_audit_row *row) {
    row_open(out, NULL);
    cell(out, "%s", row->claim);
    cell(out, "%s", row->printed);
    cell(out, "%s", row->recomputed);
    cell(out, "%s", st_audit_verdict_text(row->verdict));
    fputs("<td>", out);
    html_text(out, row->arithmetic);
    for (size_t i = 0; i < row->n_ways && i < 3; i++)
        html_print(out, "; the printed figure follows with: %s", row->way[i].text);
    fputs("</td>", out);
    row_close(out);
}

void page_claims(FILE *out, const evidence_page *page) {
    static const char *const columns[] = {"claim", "printed", "recomputed", "verdict", "arithmetic"};
    page_audit_summary(out, &page->audit);
    table_open(out, "Claims that do not follow", NULL, columns, COUNT(columns));
    for (size_t i = 0; i < page->audit.n; i++) {
        const st_audit_row *row = &page->audit.row[i];
        if (row->kind == ST_AUDIT_CLAIM &&
            (row->verdict == ST_AUDIT_DOES_NOT_REPRODUCE || row->verdict == ST_AUDIT_CONTRADICTS_TABLE))
            claim_row(out, row);
    }
    table_close(out);
    fputs("<details><summary>Every claim, every printed percentage, every sum of categories, with its "
          "arithmetic</summary>\n",
          out);
    page_audit(out, &page->audit);
    fputs("</details>\n", out);
}

/* ---- what the data can carry ---------------------------------------------------------------------- */

static void carries_row(FILE *out, const page_pool *item) {
    const st_pooled *p = &item->pooled;
    double largest = 0;
    size_t total = 0;
    if (p->k == 0)
        return;
    for (size_t i = 0; i < p->k; i++)
        largest = fmax(largest, p->pool->row[p->row[i]].n);
    for (size_t i = 0; i < p->pool->n; i++)
        total += p->pool->row[i].included ? 0 : 1;
    row_open(out, NULL);
    cell(out, "%s%s", item->section == SECTION_NEWER ? "Newer studies: " : "", item->heading);
    cell_count(out, p->k);
    cell_count(out, p->studies);
    cell_number(out, p->n, 0);
    cell_number(out, largest, 0);
    cell(out, "%s", p->pool->unit);
    if (p->k > 1)
        cell(out, "%.0f %% (%.0f to %.0f)", p->fit.I2, p->limits.I2_lb, p->limits.I2_ub);
    else
        cell(out, "–");
    cell_count(out, total);
    cell(out, "%s", p->pool->certainty);
    row_close(out);
}

static void overlap_notes(FILE *out, const evidence_page *page) {
    const st_table *studies = &page->evidence->table[ST_EVIDENCE_STUDIES];
    const size_t overlaps = st_table_column(studies, "overlaps"), name = st_table_column(studies, "study_id");
    if (overlaps == ST_NO_COLUMN || name == ST_NO_COLUMN)
        return;
    for (size_t row = 0; row < studies->rows; row++)
        if (*st_table_cell(studies, row, overlaps))
            html_element(out, "li", "%s may share patients with %s.", st_table_cell(studies, row, name),
                         st_table_cell(studies, row, overlaps));
}

void page_carries(FILE *out, const evidence_page *page) {
    static const char *const columns[] = {"outcome",          "#rows",        "#series",
                                          "#denominator",     "#largest row", "unit",
                                          "I² (95 % limits)", "#rows out",    "certainty"};
    table_open(out, "How much stands behind each pool", KIND_POOLED, columns, COUNT(columns));
    for (size_t i = 0; i < page->n; i++)
        if (page->item[i].pool.shape != ST_POOL_MEDIAN)
            carries_row(out, &page->item[i]);
    table_close(out);
    fputs("<ul class=\"notes\">\n", out);
    if (page->evidence->compiled_in)
        fputs("<li>No row comes from a randomised comparison of embolization with no embolization: the pools say what "
              "was seen "
              "after treatment, not what treatment did.</li>\n"
              "<li>TACE against TAE rests on retrospective series and one randomised trial of 26 patients.</li>\n",
              out);
    fputs("<li>Denominators of response are the patients that each series called evaluable. Who was lost is not "
          "known.</li>\n"
          "<li>Patients and procedures are kept apart; a pool that mixes them says so under unit.</li>\n",
          out);
    overlap_notes(out, page);
    fputs("</ul>\n", out);
}
