/* The audit as a page: the claims of the text, then the tables cell by cell.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include <string.h>

/* "does not reproduce" */
static void put_words(FILE *out, st_audit_verdict verdict) {
    for (const char *at = st_audit_verdict_name(verdict); *at != 0; at++)
        fputc(*at == '_' ? ' ' : *at, out);
}

static void put_verdict(FILE *out, st_audit_verdict verdict) {
    fprintf(out, "<span class=\"badge %s\">", st_audit_verdict_name(verdict));
    put_words(out, verdict);
    fputs("</span>", out);
}

void page_audit_style(FILE *out) {
    size_t size;
    const char *style = st_data_find("report/audit.css", &size);
    if (style != NULL)
        fprintf(out, "<style>\n%s</style>\n", style);
}

static void put_head(FILE *out, const st_evidence *evidence) {
    html_open(out, "Audit of a review");
    page_audit_style(out);
    fputs("<h1>Audit of a review: its text against its tables</h1>\n<p class=\"sub\">", out);
    if (evidence->compiled_in)
        fputs("Del Prete and others, J Exp Clin Cancer Res 2014;33:43. ", out);
    html_print(out, "%zu series, %zu cells of outcomes, %zu claims. ", evidence->n_studies, evidence->n_cells,
               evidence->table[ST_EVIDENCE_CLAIMS].rows);
    fputs("Every figure is recomputed from the cells alone; where a study's own abstract says otherwise, a note "
          "tells.</p>\n",
          out);
}

/* What the whole comes to, in one sentence and five numbers. */
void page_audit_summary(FILE *out, const st_audit *audit) {
    const size_t *n = audit->count[ST_AUDIT_CLAIM];
    const size_t *cells = audit->count[ST_AUDIT_PERCENTAGE];
    size_t decided = 0, printed = 0;
    for (int v = 0; v < ST_AUDIT_VERDICTS; v++) {
        decided += v != ST_AUDIT_NOT_RECOMPUTABLE ? n[v] : 0;
        printed += cells[v];
    }
    fputs("<p class=\"verdict\">", out);
    html_print(
        out,
        "Of the %zu claims that the tables can decide, %zu follow from them%s, %zu come out otherwise and %zu are "
        "contradicted by a cell. Of the %zu percentages of the tables, %zu are what their counts round to.",
        decided, n[ST_AUDIT_REPRODUCES] + n[ST_AUDIT_ROUNDS],
        n[ST_AUDIT_ROUNDS] > 0 ? " (some by cutting off or rounding up alone)" : "", n[ST_AUDIT_DOES_NOT_REPRODUCE],
        n[ST_AUDIT_CONTRADICTS_TABLE], printed, cells[ST_AUDIT_REPRODUCES]);
    fputs("</p>\n<ul class=\"counts\">\n", out);
    for (int v = 0; v < ST_AUDIT_VERDICTS; v++) {
        fprintf(out, "<li class=\"%s\"><b>%zu</b><span>", st_audit_verdict_name((st_audit_verdict)v), n[v]);
        put_words(out, (st_audit_verdict)v);
        html_print(out, ": %s", st_audit_verdict_text((st_audit_verdict)v));
        fputs("</span></li>\n", out);
    }
    fputs("</ul>\n", out);
}

static void put_legend(FILE *out) {
    fputs("<details><summary>How to read this</summary>\n<dl class=\"legend\">\n", out);
    for (int v = 0; v < ST_AUDIT_VERDICTS; v++) {
        fputs("<dt>", out);
        put_verdict(out, (st_audit_verdict)v);
        fputs("</dt><dd>", out);
        html_text(out, st_audit_verdict_text((st_audit_verdict)v));
        fputs("</dd>\n", out);
    }
    fputs("</dl>\n", out);
    html_element(out, "p", "%s",
                 "A percentage reproduces when it is its count over its denominator, rounded half up; it rounds when "
                 "cutting off or rounding up gives it. \"Follows if\" lists every single change that would give the "
                 "printed figure: a series left out, counted twice or counted otherwise, another denominator. Such a "
                 "match may be chance. Line numbers are those of the text as it was extracted. Claims marked \"added\" "
                 "are readings of ours.");
    fputs("</details>\n", out);
}

/* ---- claims ------------------------------------------------------------------------ */

static void put_ways(FILE *out, const st_audit_row *r) {
    if (r->n_ways == 0)
        return;
    fputs("<ul class=\"ways\">\n", out);
    for (size_t i = 0; i < r->n_ways; i++) {
        fputs("<li>follows if: ", out);
        html_text(out, r->way[i].text);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

static void put_paragraph(FILE *out, const char *class, const char *text) {
    if (text[0] == 0)
        return;
    fprintf(out, "<p class=\"%s\">", class);
    html_text(out, text);
    fputs("</p>\n", out);
}

static void put_claim(FILE *out, const st_audit_row *r) {
    fprintf(out, "<article class=\"claim %s\">\n<h3>", st_audit_verdict_name(r->verdict));
    html_text(out, r->claim);
    fputs("</h3>\n<p class=\"figures\">", out);
    put_verdict(out, r->verdict);
    if (strcmp(r->printed, "-") != 0)
        html_print(out, " printed ");
    fputs("<b>", out);
    html_text(out, strcmp(r->printed, "-") != 0 ? r->printed : "");
    fputs("</b>", out);
    if (r->recomputed[0] != 0) {
        fputs(strcmp(r->printed, "-") != 0 ? ", recomputed <b>" : " recomputed <b>", out);
        html_text(out, r->recomputed);
        fputs("</b>", out);
    }
    if (r->verdict == ST_AUDIT_ROUNDS)
        html_print(out, " (by %s)", r->rounding);
    fputs(" <span class=\"place\">", out);
    html_print(out, "%s%s", r->where, r->added ? "; added" : "");
    fputs("</span></p>\n", out);
    put_paragraph(out, "arithmetic", r->arithmetic);
    put_ways(out, r);
    put_paragraph(out, "note", r->note);
    fputs("</article>\n", out);
}

static bool is_claim_of(const st_audit_row *r, const char *topic, bool decided) {
    return r->kind == ST_AUDIT_CLAIM && strcmp(r->topic, topic) == 0 &&
           (r->verdict != ST_AUDIT_NOT_RECOMPUTABLE) == decided;
}

/* Claims that can be decided, topic by topic in the order in which topics appear. */
static void put_claims(FILE *out, const st_audit *audit) {
    for (size_t i = 0; i < audit->n; i++) {
        const char *topic = audit->row[i].topic;
        size_t before = 0;
        for (size_t k = 0; k < i; k++)
            before += is_claim_of(&audit->row[k], topic, true);
        if (!is_claim_of(&audit->row[i], topic, true) || before > 0)
            continue;
        html_element(out, "h2", "%c%s", topic[0] >= 'a' && topic[0] <= 'z' ? topic[0] - 32 : topic[0],
                     topic[0] != 0 ? topic + 1 : "");
        for (size_t k = i; k < audit->n; k++)
            if (is_claim_of(&audit->row[k], topic, true))
                put_claim(out, &audit->row[k]);
    }
}

static void put_undecided(FILE *out, const st_audit *audit) {
    static const char *const columns[] = {"claim", "printed", "where", "why"};
    html_element(out, "h2", "Claims that the tables cannot decide");
    fprintf(out, "<details><summary>%zu claims</summary>\n", audit->count[ST_AUDIT_CLAIM][ST_AUDIT_NOT_RECOMPUTABLE]);
    table_open(out, "Not recomputable", NULL, columns, 4);
    for (size_t i = 0; i < audit->n; i++) {
        const st_audit_row *r = &audit->row[i];
        if (r->kind != ST_AUDIT_CLAIM || r->verdict != ST_AUDIT_NOT_RECOMPUTABLE)
            continue;
        row_open(out, NULL);
        cell(out, "%s%s", r->claim, r->added ? " (added)" : "");
        cell(out, "%s", r->printed);
        cell(out, "%s", r->where);
        cell(out, "%s", r->note);
        row_close(out);
    }
    table_close(out);
    fputs("</details>\n", out);
}

/* ---- rows of the other kinds ---------------------------------------------------------- */

static void put_row(FILE *out, const st_audit_row *r) {
    fprintf(out, "<tr class=\"%s\">", st_audit_verdict_name(r->verdict));
    cell(out, "%s", r->claim);
    fputs("<td>", out);
    put_verdict(out, r->verdict);
    if (r->verdict == ST_AUDIT_ROUNDS)
        html_print(out, " by %s", r->rounding);
    fputs("</td><td>", out);
    if (r->arithmetic[0] != 0) {
        fputs("<div class=\"arithmetic\">", out);
        html_text(out, r->arithmetic);
        fputs("</div>", out);
    }
    for (size_t i = 0; i < r->n_ways; i++)
        html_print(out, "%s%s", i == 0 ? "follows if: " : "; ", r->way[i].text);
    if (r->note[0] != 0) {
        fputs("<div class=\"note\">", out);
        html_text(out, r->note);
        fputs("</div>", out);
    }
    fputs("</td>", out);
    row_close(out);
}

/* "Table 2" for "table 2, line 341": rows of one kind that begin alike stand under one heading. */
static bool belongs(const st_audit_row *r, st_audit_kind kind, const char *where) {
    const size_t length = strcspn(where, ",");
    return r->kind == kind &&
           (kind == ST_AUDIT_REFERENCE || (strncmp(r->where, where, length) == 0 && strcspn(r->where, ",") == length));
}

static void put_group(FILE *out, const st_audit *audit, size_t first, const char *what) {
    static const char *const columns[] = {"figure", "verdict", "arithmetic"};
    const st_audit_row *lead = &audit->row[first];
    size_t n[ST_AUDIT_VERDICTS] = {0}, all = 0;
    for (size_t i = first; i < audit->n; i++)
        if (belongs(&audit->row[i], lead->kind, lead->where)) {
            n[audit->row[i].verdict]++;
            all++;
        }
    fputs("<details><summary>", out);
    if (lead->kind == ST_AUDIT_REFERENCE)
        html_print(out, "%zu %s", all, what);
    else
        html_print(out, "T%.*s: %zu %s", (int)strcspn(lead->where, ",") - 1, lead->where + 1, all, what);
    for (int v = 0; v < ST_AUDIT_VERDICTS; v++)
        if (n[v] > 0) {
            fprintf(out, " <span class=\"badge %s\">%zu ", st_audit_verdict_name((st_audit_verdict)v), n[v]);
            put_words(out, (st_audit_verdict)v);
            fputs("</span>", out);
        }
    fputs("</summary>\n", out);
    table_open(out, what, NULL, columns, 3);
    for (size_t i = first; i < audit->n; i++)
        if (belongs(&audit->row[i], lead->kind, lead->where))
            put_row(out, &audit->row[i]);
    table_close(out);
    fputs("</details>\n", out);
}

static void put_kind(FILE *out, const st_audit *audit, st_audit_kind kind, const char *title, const char *what) {
    bool any = false;
    for (size_t i = 0; i < audit->n; i++) {
        bool led = audit->row[i].kind != kind;
        for (size_t k = 0; k < i && !led; k++)
            led = belongs(&audit->row[k], kind, audit->row[i].where);
        if (led)
            continue;
        if (!any)
            html_element(out, "h2", "%s", title);
        any = true;
        put_group(out, audit, i, what);
    }
}

void page_audit(FILE *out, const st_audit *audit) {
    put_legend(out);
    put_claims(out, audit);
    put_undecided(out, audit);
    put_kind(out, audit, ST_AUDIT_PERCENTAGE, "Printed percentages", "percentages");
    put_kind(out, audit, ST_AUDIT_CATEGORIES, "Categories against the patients", "sums of categories");
    put_kind(out, audit, ST_AUDIT_REFERENCE, "Reference numbers", "reference numbers of tables and text");
}

st_status st_audit_page_write(const char *path, const st_evidence *evidence, const st_audit *audit, st_error *err) {
    st_writer writer;
    const st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    put_head(writer.stream, evidence);
    page_audit_summary(writer.stream, audit);
    page_audit(writer.stream, audit);
    html_element(writer.stream, "p", "Written by stasis %s, evidence audit.", st_version());
    html_close(writer.stream);
    return st_writer_commit(&writer, err);
}
