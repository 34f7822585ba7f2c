/* What stands beside the review: newer studies, simulated cases; the tables it all rests on; the methods.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include "page.h"

#include <math.h>
#include <string.h>

/* ---- any table, as it is -------------------------------------------------------------------- */

static void whole_table(FILE *out, const st_evidence *evidence, st_evidence_table id) {
    const st_table *table = &evidence->table[id];
    if (table->rows == 0)
        return;
    fprintf(out, "<details><summary>");
    html_print(out, "%s: %zu rows, %s", st_evidence_table_name(id), table->rows, st_evidence_table_text(id));
    fputs("</summary>\n", out);
    table_open(out, st_evidence_table_name(id), id == ST_EVIDENCE_POOLS ? NULL : KIND_READ,
               (const char *const *)table->header, table->columns);
    for (size_t row = 0; row < table->rows; row++) {
        row_open(out, NULL);
        for (size_t column = 0; column < table->columns; column++)
            cell(out, "%s", st_table_cell(table, row, column));
        row_close(out);
    }
    table_close(out);
    fputs("</details>\n", out);
}

void page_provenance_tables(FILE *out, const evidence_page *page) {
    for (int id = 0; id < ST_EVIDENCE_TABLES; id++)
        whole_table(out, page->evidence, (st_evidence_table)id);
}

/* ---- newer studies ---------------------------------------------------------------------------- */

/* Rows whose status is not "published": trials that run or were stopped. */
static void pending(FILE *out, const st_table *newer) {
    const size_t status = st_table_column(newer, "status"), study = st_table_column(newer, "study"),
                 design = st_table_column(newer, "design"), note = st_table_column(newer, "note"),
                 source = st_table_column(newer, "source");
    if (status == ST_NO_COLUMN || study == ST_NO_COLUMN || design == ST_NO_COLUMN || note == ST_NO_COLUMN ||
        source == ST_NO_COLUMN)
        return;
    static const char *const columns[] = {"trial", "design", "state", "source"};
    table_open(out, "Without results so far", KIND_READ, columns, COUNT(columns));
    for (size_t row = 0; row < newer->rows; row++) {
        if (strcmp(st_table_cell(newer, row, status), "published") == 0)
            continue;
        row_open(out, NULL);
        cell(out, "%s", st_table_cell(newer, row, study));
        cell(out, "%s", st_table_cell(newer, row, design));
        cell(out, "%s: %s", st_table_cell(newer, row, status), st_table_cell(newer, row, note));
        cell(out, "%s", st_table_cell(newer, row, source));
        row_close(out);
    }
    table_close(out);
}

static const page_pool *item_of(const evidence_page *page, const char *pool) {
    for (size_t i = 0; i < page->n; i++)
        if (strcmp(page->item[i].pool.name, pool) == 0)
            return &page->item[i];
    return NULL;
}

static void put_side(FILE *out, const st_pooled *p) {
    char crude[32], pooled[96];
    words_value(p->measure, p->events / p->n, crude, sizeof crude);
    words_fit(p, &p->fit, pooled, sizeof pooled);
    cell(out, "%.0f of %.0f %s: %s", p->events, p->n,
         strcmp(p->pool->unit, "mixed") == 0 ? "patients and procedures" : p->pool->unit, crude);
    cell(out, "%s", pooled);
    cell_count(out, p->k);
}

/* Outcomes that both have, never added up. */
static void side_by_side(FILE *out, const evidence_page *page) {
    static const char *const columns[] = {"outcome",         "review, added up", "review, pooled", "#rows",
                                          "newer, added up", "newer, pooled",    "#rows"};
    table_open(out, "The review's series and newer ones", KIND_POOLED, columns, COUNT(columns));
    for (size_t i = 0; i < page->n; i++) {
        const page_pool *newer = &page->item[i], *review = item_of(page, newer->beside);
        if (!*newer->beside || review == NULL || newer->pooled.k == 0 || review->pooled.k == 0)
            continue;
        row_open(out, NULL);
        cell(out, "%s", newer->heading);
        put_side(out, &review->pooled);
        put_side(out, &newer->pooled);
        row_close(out);
    }
    table_close(out);
    fputs("<p class=\"sub\">The review's deaths are those that its table prints, within 30 days or later; newer deaths "
          "are "
          "within 30 days.</p>\n",
          out);
}

void page_newer(FILE *out, const evidence_page *page) {
    fputs("<p>Rows read in abstracts or in the tables of others, in a table of their own: they are set beside the "
          "review's "
          "and never added to them. Response is pooled within one criterion only. Series that the review has already, "
          "and "
          "rows that share patients with another row, are out.</p>\n",
          out);
    side_by_side(out, page);
    pending(out, &page->evidence->table[ST_EVIDENCE_NEWER]);
}

/* ---- simulated cases ---------------------------------------------------------------------------- */

static bool is_response(const char *word) {
    return strcmp(word, "CR") == 0 || strcmp(word, "PR") == 0;
}

void page_simulated(FILE *out, const evidence_page *page) {
    static const char *const columns[] = {"case", "#week",   "RECIST 1.1",      "mRECIST",
                                          "WHO",  "markers", "#tumour dead, %", "#normal liver dead, %"};
    size_t recist = 0, mrecist = 0, who = 0;
    if (page->n_simulated == 0) {
        fputs("<p>No simulated case was given. <code>stasis evidence report --simulated RESULT.json</code> sets the "
              "results "
              "of <code>stasis run</code> beside these pools.</p>\n",
              out);
        return;
    }
    table_open(out, "Simulated cases", KIND_SIMULATED, columns, COUNT(columns));
    for (size_t i = 0; i < page->n_simulated; i++) {
        const st_simulated_case *s = &page->simulated[i];
        recist += is_response(s->recist);
        mrecist += is_response(s->mrecist);
        who += is_response(s->who);
        row_open(out, NULL);
        cell(out, "%s", s->id);
        cell_number(out, s->week, 0);
        cell(out, "%s", s->recist);
        cell(out, "%s", s->mrecist);
        cell(out, "%s", s->who);
        cell(out, "%s", s->biochemical);
        cell_number(out, 100 * s->tumour_necrosis, 1);
        cell_number(out, 100 * s->normal_necrosis, 1);
        row_close(out);
    }
    table_close(out);
    html_element(out, "p",
                 "Responses (CR or PR) at the last visit: %zu of %zu by RECIST 1.1, %zu by mRECIST, %zu by WHO. "
                 "These are single simulated patients, not a sample of any population: the count says nothing of a "
                 "rate.",
                 recist, page->n_simulated, mrecist, who);
}

/* ---- methods -------------------------------------------------------------------------------------- */

void page_methods(FILE *out) {
    fputs("<ul class=\"notes\">\n"
          "<li>Proportions are pooled on the logit scale; half a patient is added where a row has no event or no "
          "patient without one. Odds ratios on their logarithm. Heterogeneity by restricted maximum likelihood, limits "
          "and "
          "tests by Knapp and Hartung (Stat Med 2003;22:2693), prediction intervals with t on k − 1 degrees of "
          "freedom, limits of I² by the Q profile (Viechtbauer, Stat Med 2007;26:37).</li>\n"
          "<li>The binomial-normal model takes the counts themselves (Stijnen and others, Stat Med 2010;29:3046) and "
          "needs no "
          "correction for empty cells.</li>\n"
          "<li>Medians: exponential or Weibull survival within a series, or no model at all (McGrath and others, Stat "
          "Med "
          "2019;38:969). What is assumed stands beside each.</li>\n"
          "<li>Every number on this page can be had from <code>stasis evidence tables --pool NAME</code> and "
          "<code>stasis evidence pool</code>; docs/evidence.md names the source of each method.</li>\n"
          "</ul>\n",
          out);
}
