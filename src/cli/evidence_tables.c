/* stasis evidence tables: the review's tables, and the pools made from them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/evidence.h>

#include <math.h>
#include <string.h>

typedef struct tables_options {
    const char *data, *table, *pool;
    bool list, csv, json;
} tables_options;

/* ---- tables ------------------------------------------------------------------- */

static void put_csv(const st_table *table) {
    for (size_t row = 0; row <= table->rows && table->columns > 0; row++)
        for (size_t k = 0; k < table->columns; k++) {
            st_csv_put(stdout, row == 0 ? table->header[k] : st_table_cell(table, row - 1, k));
            putchar(k + 1 < table->columns ? ',' : '\n');
        }
}

/* Cells that are not empty, one under the other; the first names the row. */
static void put_text(const st_table *table) {
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t k = 0; k < table->columns; k++) {
            const char *cell = st_table_cell(table, row, k);
            if (k == 0)
                printf("%s\n", cell);
            else if (cell[0] != 0)
                printf("    %-16s %s\n", table->header[k], cell);
        }
    }
}

static const char *cell_of(const st_table *table, size_t row, const char *column) {
    const size_t k = st_table_column(table, column);
    return k != ST_NO_COLUMN ? st_table_cell(table, row, k) : "";
}

/* A line for each cell of the outcomes, under its study and table. */
static void put_outcomes(const st_table *table) {
    for (size_t row = 0; row < table->rows; row++) {
        const char *study = cell_of(table, row, "study_id"), *number = cell_of(table, row, "table");
        const char *n = cell_of(table, row, "denominator"), *x = cell_of(table, row, "numerator");
        char count[64] = "";
        if (row == 0 || strcmp(study, cell_of(table, row - 1, "study_id")) != 0 ||
            strcmp(number, cell_of(table, row - 1, "table")) != 0)
            printf("\nTable %s, %s\n", number, study);
        if (x[0] != 0 || n[0] != 0)
            snprintf(count, sizeof count, "%s/%s", x[0] != 0 ? x : "?", n[0] != 0 ? n : "?");
        const char *months = cell_of(table, row, "months"), *percent = cell_of(table, row, "percent");
        printf("  %-9s  %-21s  %-18s  %-7s  %6s%-7s  %-6s  line %-8s  \"%s\"\n", cell_of(table, row, "arm"),
               cell_of(table, row, "outcome"), cell_of(table, row, "category"), count,
               months[0] != 0 ? months : percent,
               months[0] != 0    ? " months"
               : percent[0] != 0 ? " %"
                                 : "",
               cell_of(table, row, "confidence"), cell_of(table, row, "line"), cell_of(table, row, "verbatim"));
        if (cell_of(table, row, "item")[0] != 0 || cell_of(table, row, "note")[0] != 0)
            printf("  %-9s  %s%s%s\n", "", cell_of(table, row, "item"),
                   cell_of(table, row, "item")[0] != 0 && cell_of(table, row, "note")[0] != 0 ? ": " : "",
                   cell_of(table, row, "note"));
    }
}

static json_t *table_json(const st_table *table) {
    json_t *rows = json_array();
    for (size_t row = 0; row < table->rows; row++) {
        json_t *o = json_object();
        for (size_t k = 0; k < table->columns; k++) {
            const char *cell = st_table_cell(table, row, k);
            json_object_set_new(o, table->header[k], cell[0] != 0 ? json_string(cell) : json_null());
        }
        json_array_append_new(rows, o);
    }
    return rows;
}

/* The table of that name; every table when `which` is ST_EVIDENCE_TABLES. */
static st_status show_tables(const st_evidence *evidence, size_t which, const tables_options *o, st_error *err) {
    json_t *root = which < ST_EVIDENCE_TABLES ? NULL : json_object();
    for (size_t t = 0; t < ST_EVIDENCE_TABLES; t++) {
        const st_table *table = &evidence->table[t];
        if (which < ST_EVIDENCE_TABLES && t != which)
            continue;
        if (o->json && which < ST_EVIDENCE_TABLES) {
            root = table_json(table);
        } else if (o->json) {
            json_object_set_new(root, st_evidence_table_name((st_evidence_table)t), table_json(table));
        } else if (o->csv) {
            put_csv(table);
        } else {
            printf("%s%s: %s, %zu rows\n", which < ST_EVIDENCE_TABLES || t == 0 ? "" : "\n",
                   st_evidence_table_name((st_evidence_table)t), st_evidence_table_text((st_evidence_table)t),
                   table->rows);
            if (t == ST_EVIDENCE_OUTCOMES)
                put_outcomes(table);
            else
                put_text(table);
        }
    }
    if (o->json)
        return common_print_json(root, err);
    json_decref(root);
    return ST_OK;
}

/* ---- pools ---------------------------------------------------------------------- */

static void put_pool_row(const st_pool *pool, const st_pool_row *row) {
    char numbers[80] = "-";
    if (pool->shape == ST_POOL_MEDIAN && !isnan(row->months))
        snprintf(numbers, sizeof numbers, "%.10g of %.10g", row->months, row->n);
    else if (pool->shape == ST_POOL_ONE && row->n > 0 && !isnan(row->x))
        snprintf(numbers, sizeof numbers, "%.10g/%.10g  %.1f %%", row->x, row->n, 100 * row->x / row->n);
    else if (pool->shape == ST_POOL_TWO && row->n > 0 && row->n2 > 0)
        snprintf(numbers, sizeof numbers, "%.10g/%.10g against %.10g/%.10g", row->x, row->n, row->x2, row->n2);
    printf("  %-3s  %-34s  %-20s  %-9s  %-10s  %-10s  %s\n", row->included ? "in" : "out", row->label, numbers,
           row->modality, row->type, row->unit, row->note);
}

static st_status show_pool(const st_evidence *evidence, const tables_options *o, st_error *err) {
    st_pool pool;
    st_status status = st_pool_init(evidence, o->pool, &pool, err);
    if (status != ST_OK)
        return status;
    if (o->json) {
        status = common_print_json(st_pool_json(&pool), err);
    } else if (o->csv) {
        st_pool_put_csv(&pool, stdout);
    } else {
        printf("%s: %s\n%s of the %s, denominators: %s; certainty %s\n", pool.name, pool.title, pool.measure,
               strcmp(pool.source, "newer") == 0 ? "newer studies" : "review", pool.unit, pool.certainty);
        if (pool.note[0] != 0)
            printf("%s\n", pool.note);
        printf("%zu of %zu rows are in\n", pool.n_included, pool.n);
        for (size_t i = 0; i < pool.n; i++)
            put_pool_row(&pool, &pool.row[i]);
    }
    st_pool_fini(&pool);
    return status;
}

static st_status list_pools(const st_evidence *evidence, const tables_options *o, st_error *err) {
    json_t *all = json_array();
    st_status status = ST_OK;
    if (o->csv)
        puts("name,title,measure,source,unit,included,rows,certainty");
    for (size_t i = 0; i < st_evidence_pools(evidence) && status == ST_OK; i++) {
        st_pool pool;
        status = st_pool_init(evidence, st_evidence_pool_name(evidence, i), &pool, err);
        if (status != ST_OK)
            break;
        if (o->json) {
            json_array_append_new(all, st_pool_json(&pool));
        } else if (o->csv) {
            printf("%s,", pool.name);
            st_csv_put(stdout, pool.title);
            printf(",%s,%s,%s,%zu,%zu,", pool.measure, pool.source, pool.unit, pool.n_included, pool.n);
            st_csv_put(stdout, pool.certainty);
            putchar('\n');
        } else {
            printf("%-28s %-7s %2zu of %2zu  %s\n", pool.name, pool.measure, pool.n_included, pool.n, pool.title);
        }
        st_pool_fini(&pool);
    }
    if (status == ST_OK && o->json)
        return common_print_json(all, err);
    json_decref(all);
    return status;
}

/* ---- the subcommand ---------------------------------------------------------------- */

static st_status tables_run(const void *options, st_error *err) {
    const tables_options *o = options;
    st_evidence evidence;
    size_t which = 0;
    if ((o->csv && o->json) || (o->list && o->pool != NULL) || (o->table != NULL && (o->list || o->pool != NULL)))
        return st_fail(err, ST_USAGE, "one of --table, --pool and --list is taken, and one of --csv and --json");
    while (which < ST_EVIDENCE_TABLES &&
           (o->table == NULL || strcmp(o->table, st_evidence_table_name((st_evidence_table)which)) != 0))
        which++;
    if (o->csv && o->table == NULL)
        which = ST_EVIDENCE_OUTCOMES; /* a CSV file is one table: that of the cells */
    st_status status = st_evidence_init(&evidence, o->data, err);
    if (status != ST_OK)
        return status;
    status = o->list           ? list_pools(&evidence, o, err)
             : o->pool != NULL ? show_pool(&evidence, o, err)
                               : show_tables(&evidence, which, o, err);
    st_evidence_fini(&evidence);
    return status;
}

static const st_argument tables_arguments[] = {{0}};

static const st_option tables_option[] = {
    {"table", 0, ST_OPTION_CHOICE, "NAME", "one table; without it all are shown, or the outcomes as CSV",
     offsetof(tables_options, table), 0, 0, "studies,outcomes,claims,newer,unread,indications,references,pools,rules"},
    {"pool", 0, ST_OPTION_TEXT, "NAME", "the rows of a pool; as CSV those that are in, for `stasis evidence pool`",
     offsetof(tables_options, pool), 0, 0, NULL},
    {"list", 0, ST_OPTION_FLAG, NULL, "list the pools", offsetof(tables_options, list), 0, 0, NULL},
    {"csv", 0, ST_OPTION_FLAG, NULL, "print CSV, as the file has it", offsetof(tables_options, csv), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print JSON", offsetof(tables_options, json), 0, 0, NULL},
    {"data", 0, ST_OPTION_FILE, "DIR", "tables of another review, as docs/evidence/tables.md describes them",
     offsetof(tables_options, data), 0, 0, NULL},
    {0}};

const st_command command_evidence_tables = {
    .name = "evidence tables",
    .summary = "print the review's tables with the provenance of every cell, and the pools made from them",
    .description =
        "Prints the tables of the review cell by cell: verbatim text, line, how sure the alignment is and why; what "
        "its "
        "text claims; studies outside the review with what was read of each; studies known and not read. The pools are "
        "made from the cells by the rules of the table `pools`: --list names them, --pool shows one with the rows that "
        "are out and why. Columns are described in docs/evidence/tables.md.\n\n"
        "The CSV of a pool has label, study; xi, ni or ai, bi, ci, di, n1i, n2i or months, ni; arm, modality, type, "
        "unit, note.",
    .output = "CSV, a table: its columns as in data/evidence; JSON has the same cells by name, empty ones as null. Of "
              "outcomes: row_id, table, "
              "study_id, arm, modality, outcome, item, category, numerator, denominator, denominator_source, percent, "
              "unit, cumulative, months, "
              "evaluable, verbatim, footnote, line, confidence, reason, note.\n"
              "CSV of a pool: label, study; xi, ni, or ai, bi, ci, di, n1i, n2i, or months, ni; arm, modality, type, "
              "unit, note; the rows that "
              "are in. JSON of a pool: name, title, measure, source, unit, certainty, note, groups, included, and "
              "rows, those that are out "
              "too, with the reason (docs/evidence/tables.md).",
    .example = "stasis evidence tables --pool objective-response --csv > response.csv",
    .arguments = tables_arguments,
    .options = tables_option,
    .size = sizeof(tables_options),
    .run = tables_run,
};
