/* The page on a review, from its parts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const section_names[SECTIONS] = {"review", "survival", "two", "newer"};
static const char *const section_titles[SECTIONS] = {
    "The review's series, pooled again",
    "Survival",
    "Carcinoid against pancreatic, TAE against TACE",
    "Since the review",
};

/* ---- the plan of the page -------------------------------------------------------------------- */

static st_status read_plan(evidence_page *page, st_error *err) {
    static const char name[] = "evidence/report.csv";
    size_t size;
    const char *bytes = st_data_find(name, &size);
    if (bytes == NULL)
        return st_fail(err, ST_IO, "%s is not compiled in", name);
    const st_status status = st_table_parse(name, bytes, size, &page->plan, err);
    if (status != ST_OK)
        return status;
    page->item = st_alloc(page->plan.rows, sizeof *page->item, err);
    return page->item ? ST_OK : ST_MEMORY;
}

static st_status plan_cell(const evidence_page *page, size_t row, const char *name, const char **text, st_error *err) {
    size_t column;
    const st_status status = st_table_require(&page->plan, name, &column, err);
    if (status == ST_OK)
        *text = st_table_cell(&page->plan, row, column);
    return status;
}

static st_status pool_item(page_pool *item, st_error *err) {
    st_status status;
    if (item->pool.shape == ST_POOL_MEDIAN)
        return st_pooled_medians_init(&item->pool, &item->medians, err);
    if ((status = st_pooled_init(&item->pool, &item->pooled, err)) != ST_OK || item->pooled.k == 0)
        return status;
    item->by_type = strstr(item->groups, "type") != NULL;
    item->by_modality = strstr(item->groups, "modality") != NULL;
    if (item->by_type)
        status = st_pooled_groups_init(&item->pooled, ST_BY_TYPE, &item->type, err);
    if (status == ST_OK && item->by_modality)
        status = st_pooled_groups_init(&item->pooled, ST_BY_MODALITY, &item->modality, err);
    return status;
}

bool page_has_pool(const st_evidence *evidence, const char *name) {
    for (size_t i = 0; i < st_evidence_pools(evidence); i++)
        if (strcmp(st_evidence_pool_name(evidence, i), name) == 0)
            return true;
    return false;
}

static st_status take_item(evidence_page *page, size_t row, st_error *err) {
    page_pool *item = &page->item[page->n];
    const char *section, *pool;
    st_status status;
    if ((status = plan_cell(page, row, "section", &section, err)) != ST_OK ||
        (status = plan_cell(page, row, "heading", &item->heading, err)) != ST_OK ||
        (status = plan_cell(page, row, "pool", &pool, err)) != ST_OK ||
        (status = plan_cell(page, row, "groups", &item->groups, err)) != ST_OK ||
        (status = plan_cell(page, row, "claim", &item->claim, err)) != ST_OK ||
        (status = plan_cell(page, row, "beside", &item->beside, err)) != ST_OK ||
        (status = plan_cell(page, row, "also", &item->also, err)) != ST_OK || !page_has_pool(page->evidence, pool))
        return status;
    if ((status = st_pool_init(page->evidence, pool, &item->pool, err)) != ST_OK)
        return status;
    page->n++;
    while (item->section < SECTIONS && strcmp(section_names[item->section], section) != 0)
        item->section++;
    if (item->section == SECTIONS)
        return st_fail_at(err, ST_VALUE, page->plan.name, page->plan.line[row], 0, "\"%s\" is no section", section);
    return pool_item(item, err);
}

static void free_page(evidence_page *page) {
    for (size_t i = 0; i < page->n; i++) {
        page_pool *item = &page->item[i];
        st_pooled_groups_fini(&item->type);
        st_pooled_groups_fini(&item->modality);
        st_pooled_fini(&item->pooled);
        st_pooled_medians_fini(&item->medians);
        st_pool_fini(&item->pool);
    }
    free(page->item);
    st_table_fini(&page->plan);
    st_audit_fini(&page->audit);
}

/* ---- the page ---------------------------------------------------------------------------------- */

static st_status write_section(FILE *out, const evidence_page *page, section_id section, st_error *err) {
    st_status status = ST_OK;
    size_t items = 0;
    for (size_t i = 0; i < page->n; i++)
        items += page->item[i].section == section;
    if (items == 0)
        return ST_OK;
    html_element(out, "h2", "%s", section_titles[section]);
    if (section == SECTION_NEWER)
        page_newer(out, page);
    for (size_t i = 0; i < page->n && status == ST_OK; i++)
        if (page->item[i].section == section)
            status = page_one_pool(out, page, &page->item[i], err);
    return status;
}

static void write_title(FILE *out, const st_evidence *evidence) {
    if (evidence->compiled_in)
        fputs("<h1>Embolization of neuroendocrine liver metastases: the evidence, audited and pooled again</h1>\n"
              "<p class=\"sub\">The review is that of Del Prete and others (J Exp Clin Cancer Res 2014;33:43). ",
              out);
    else
        fputs("<h1>The evidence of a review, audited and pooled again</h1>\n<p class=\"sub\">The tables are the user's "
              "own. ",
              out);
    fputs("What is pooled here comes from its tables; newer studies and simulated cases stand beside it and are never "
          "mixed "
          "in.</p>\n",
          out);
}

static st_status write_page(FILE *out, const evidence_page *page, st_error *err) {
    st_status status = ST_OK;
    html_open(out, "The evidence, audited and pooled again");
    page_audit_style(out);
    write_title(out, page->evidence);
    page_summary(out, page);
    html_element(out, "h2", "The review's figures, audited");
    page_claims(out, page);
    html_element(out, "h2", "What the data can and cannot carry");
    page_carries(out, page);
    for (int section = 0; section < SECTIONS && status == ST_OK; section++)
        status = write_section(out, page, (section_id)section, err);
    html_element(out, "h2", "The simulation beside them");
    page_simulated(out, page);
    html_element(out, "h2", "The tables, cell by cell");
    page_provenance_tables(out, page);
    html_element(out, "h2", "Methods");
    page_methods(out);
    html_element(out, "p", "Written by stasis %s.", st_version());
    html_close(out);
    return status;
}

st_status st_evidence_report_write(const char *path, const st_evidence *evidence, const st_simulated_case *simulated,
                                   size_t n, const st_progress *progress, st_error *err) {
    evidence_page page = {.evidence = evidence, .simulated = simulated, .n_simulated = n};
    st_writer writer;
    st_status status = read_plan(&page, err);
    if (status == ST_OK)
        status = st_audit_init(evidence, &page.audit, err);
    for (size_t row = 0; row < page.plan.rows && status == ST_OK; row++) {
        status = take_item(&page, row, err);
        st_progress_report(progress, "pooling", (double)(row + 1) / (double)page.plan.rows);
    }
    if (status == ST_OK)
        status = st_writer_open(&writer, path, err);
    if (status == ST_OK) {
        status = write_page(writer.stream, &page, err);
        if (status == ST_OK)
            status = st_writer_commit(&writer, err);
        else
            st_writer_abandon(&writer);
    }
    free_page(&page);
    return status;
}
