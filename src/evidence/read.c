/* The tables, from what is compiled in or from a folder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool needed;
    const char *text;
} tables[] = {
#define TABLE_ROW(id, name, needed, text) {name, needed, text},
    ST_EVIDENCE_TABLE_LIST(TABLE_ROW)
#undef TABLE_ROW
};

const char *st_evidence_table_name(st_evidence_table table) {
    return tables[table].name;
}

const char *st_evidence_table_text(st_evidence_table table) {
    return tables[table].text;
}

static st_status read_embedded(const char *name, st_table *table, st_error *err) {
    size_t size = 0;
    const char *bytes = st_data_find(name, &size);
    if (bytes == NULL)
        return st_fail(err, ST_IO, "the program was built without data/%s", name);
    return st_table_parse(name, bytes, size, table, err);
}

static bool is_there(const char *path) {
    FILE *stream = fopen(path, "rb");
    if (stream != NULL)
        fclose(stream);
    return stream != NULL;
}

static st_status read_table(const char *folder, st_evidence_table which, st_table *table, st_error *err) {
    char name[64], path[4096];
    if (which == ST_EVIDENCE_RULES)
        snprintf(name, sizeof name, "rules/review2014.csv"); /* where `stasis check` has them */
    else
        snprintf(name, sizeof name, "evidence/%s.csv", tables[which].name);
    if (folder == NULL)
        return read_embedded(name, table, err);
    const int length = snprintf(path, sizeof path, "%s/%s.csv", folder, tables[which].name);
    if (length < 0 || (size_t)length >= sizeof path)
        return st_fail(err, ST_IO, "the name of the folder is too long");
    if (tables[which].needed || is_there(path))
        return st_table_read(path, table, err);
    return which == ST_EVIDENCE_POOLS ? read_embedded(name, table, err) : ST_OK;
}

st_status st_evidence_init(st_evidence *evidence, const char *folder, st_error *err) {
    *evidence = (st_evidence){.compiled_in = folder == NULL};
    st_status status = ST_OK;
    for (size_t t = 0; t < ST_EVIDENCE_TABLES && status == ST_OK; t++)
        status = read_table(folder, (st_evidence_table)t, &evidence->table[t], err);
    if (status == ST_OK)
        status = evidence_records(evidence, err);
    if (status != ST_OK)
        st_evidence_fini(evidence);
    return status;
}

void st_evidence_fini(st_evidence *evidence) {
    for (size_t t = 0; t < ST_EVIDENCE_TABLES; t++)
        st_table_fini(&evidence->table[t]);
    free(evidence->study);
    free(evidence->cell);
    *evidence = (st_evidence){0};
}

st_status fields_read(const st_table *table, const field *fields, size_t n, size_t row, void *record, st_error *err) {
    st_status status = ST_OK;
    for (size_t i = 0; i < n && status == ST_OK; i++) {
        char *member = (char *)record + fields[i].offset;
        size_t column;
        status = st_table_require(table, fields[i].name, &column, err);
        if (status == ST_OK && fields[i].number)
            status = st_table_number(table, row, column, (double *)(void *)member, err);
        else if (status == ST_OK)
            *(const char **)(void *)member = st_table_cell(table, row, column);
    }
    return status;
}

size_t evidence_study(const st_evidence *evidence, const char *id) {
    for (size_t i = 0; i < evidence->n_studies; i++)
        if (strcmp(evidence->study[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

bool listed(const char *list, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = list; *at != 0;) {
        const size_t piece = strcspn(at, "|");
        if (piece == length && strncmp(at, word, length) == 0)
            return true;
        at += piece + (at[piece] == '|');
    }
    return false;
}
