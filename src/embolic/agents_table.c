/* A table of agents, read and checked cell by cell: data/agents.csv or the user's file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "agents_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Beyond these a number is a slip of the pen or of its unit (docs/embolic.md). */
enum { AGENTS_MOST = 1000, SIZE_LEAST_UM = 1, SIZE_MOST_UM = 10000, LOAD_MOST = 1000 };
static const double PACKING_LEAST = 0.01;
static const double RESORPTION_LEAST_DAYS = 0.01, RESORPTION_MOST_DAYS = 36500;

enum {
    NAME,
    DESCRIPTION,
    KIND,
    D_MIN,
    D_MAX,
    D_MEAN,
    D_SD,
    DEFORMATION,
    CLUMP,
    PACKING,
    DRUG,
    LOAD,
    RESORPTION,
    TRUST,
    SOURCE,
    COLUMNS
};
static const char *const column_name[COLUMNS] = {
    "name",  "description", "kind", "d_min_um",       "d_max_um",        "d_mean_um", "d_sd_um", "deformation",
    "clump", "packing",     "drug", "drug_mg_per_ml", "resorption_days", "trust",     "source"};
static const char *const trust_name[] = {"measured", "derived", "assumed"};

/* One row being read. */
typedef struct reading {
    const st_table *table;
    size_t row, column[COLUMNS];
    st_error *err;
} reading;

const char *agents_trust(const char *text) {
    for (size_t i = 0; i < sizeof trust_name / sizeof *trust_name; i++)
        if (strcmp(text, trust_name[i]) == 0)
            return trust_name[i];
    return NULL;
}

st_status agents_refuse(const st_table *table, size_t row, const char *column, st_error *err, const char *format, ...) {
    char what[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    st_fail_at(err, ST_VALUE, table->name, table->line[row], 0, "%s", what);
    if (err != NULL)
        snprintf(err->field, sizeof err->field, "%s", column);
    return ST_VALUE;
}

/* "" where the file has no such column. */
static const char *cell(const reading *r, int column) {
    return r->column[column] == ST_NO_COLUMN ? "" : st_table_cell(r->table, r->row, r->column[column]);
}

static bool is_text(const char *text) {
    for (const char *c = text; *c != 0; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    json_t *probe = json_string(text); /* NULL unless it is UTF-8 */
    json_decref(probe);
    return probe != NULL;
}

static st_status read_text(const reading *r, int column, char *to, size_t size) {
    const char *text = cell(r, column);
    if (text[0] == 0)
        return ST_OK;
    if (!is_text(text))
        return agents_refuse(r->table, r->row, column_name[column], r->err,
                             "takes UTF-8 text on one line, without control characters");
    if (strlen(text) >= size)
        return agents_refuse(r->table, r->row, column_name[column], r->err, "takes at most %zu bytes, not %zu",
                             size - 1, strlen(text));
    snprintf(to, size, "%s", text);
    return ST_OK;
}

/* An empty cell leaves *value as it is. */
static st_status read_number(const reading *r, int column, double low, double high, double unit, double *value) {
    double number;
    if (cell(r, column)[0] == 0)
        return ST_OK;
    const st_status status = st_table_number(r->table, r->row, r->column[column], &number, r->err);
    if (status != ST_OK)
        return status;
    if (!(number >= low && number <= high))
        return agents_refuse(r->table, r->row, column_name[column], r->err, "takes %g to %g, not %g", low, high,
                             number);
    *value = number * unit;
    return ST_OK;
}

static st_status read_name(const reading *r, st_agent *agent) {
    const st_status status = read_text(r, NAME, agent->name, sizeof agent->name);
    if (status == ST_OK && (agent->name[0] == 0 || strcmp(agent->name, ST_PROTOCOL_PARTICLES) == 0))
        return agents_refuse(r->table, r->row, column_name[NAME], r->err,
                             "takes a name, not \"%s\": by it the agent is asked for", agent->name);
    return status;
}

static st_status read_kind(const reading *r, st_agent *agent) {
    const char *text = cell(r, KIND);
    const char *const known[] = {st_agent_kind_name(ST_AGENT_PARTICLES), st_agent_kind_name(ST_AGENT_OIL)};
    for (int kind = ST_AGENT_PARTICLES; kind <= ST_AGENT_OIL; kind++)
        if (strcmp(text, known[kind]) == 0) {
            agent->kind = (st_agent_kind)kind;
            return ST_OK;
        }
    if (text[0] == 0)
        return ST_OK;
    const char *near = st_nearest_name(text, known, 2);
    return agents_refuse(r->table, r->row, column_name[KIND], r->err, "takes particles or oil, not \"%.40s\"%s%s%s",
                         text, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static st_status read_trust(const reading *r, const char **trust) {
    const char *text = cell(r, TRUST);
    *trust = agents_trust(text[0] == 0 ? "assumed" : text);
    if (*trust != NULL)
        return ST_OK;
    const char *near = st_nearest_name(text, trust_name, sizeof trust_name / sizeof *trust_name);
    return agents_refuse(r->table, r->row, column_name[TRUST], r->err,
                         "takes measured, derived or assumed, not \"%.40s\"%s%s%s", text,
                         near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* A normal needs both its numbers; without them the sizes are uniform between `low` and `high`, um. */
static st_status read_spread(const reading *r, double low, double high, st_agent *agent) {
    const bool given_mean = cell(r, D_MEAN)[0] != 0, given_sd = cell(r, D_SD)[0] != 0;
    double mean = (low + high) / 2, sd = 0;
    if (given_mean != given_sd)
        return agents_refuse(
            r->table, r->row, column_name[given_mean ? D_SD : D_MEAN], r->err,
            "is empty beside %s: give both, or neither for sizes that are uniform between the two ends",
            column_name[given_mean ? D_MEAN : D_SD]);
    st_status status = read_number(r, D_MEAN, low, high, 1, &mean);
    if (status == ST_OK)
        status = read_number(r, D_SD, 0, high - low, 1, &sd);
    if (status == ST_OK && given_sd && !(sd > 0) && high > low)
        return agents_refuse(r->table, r->row, column_name[D_SD], r->err,
                             "takes a number above 0: particles of one size have the same d_min_um and d_max_um");
    agent->d_mean = mean * ST_UM;
    agent->d_sd = sd * ST_UM;
    return status;
}

static st_status read_sizes(const reading *r, st_agent *agent) {
    double um[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        if (cell(r, D_MIN + i)[0] == 0)
            return agents_refuse(r->table, r->row, column_name[D_MIN + i], r->err,
                                 "is empty: it takes a diameter in um");
        const st_status status = read_number(r, D_MIN + i, SIZE_LEAST_UM, SIZE_MOST_UM, 1, &um[i]);
        if (status != ST_OK)
            return status;
    }
    if (um[0] > um[1])
        return agents_refuse(r->table, r->row, column_name[D_MIN], r->err, "is %g, above d_max_um, %g", um[0], um[1]);
    agent->d_min = um[0] * ST_UM;
    agent->d_max = um[1] * ST_UM;
    return read_spread(r, um[0], um[1], agent);
}

static st_status read_drug(const reading *r, st_agent *agent) {
    st_status status = read_text(r, DRUG, agent->drug, sizeof agent->drug);
    if (status == ST_OK)
        status = read_number(r, LOAD, 0, LOAD_MOST, 1e-3 / ST_ML, &agent->drug_load); /* mg per mL */
    if (status == ST_OK && (agent->drug[0] != 0) != (agent->drug_load > 0))
        return agents_refuse(r->table, r->row, column_name[agent->drug[0] != 0 ? LOAD : DRUG], r->err,
                             "says nothing beside %s: a drug has a name and a load above 0",
                             column_name[agent->drug[0] != 0 ? DRUG : LOAD]);
    return status;
}

static st_status read_row(const reading *r, st_agent *agent, const char **trust) {
    st_status status;
    if ((status = read_name(r, agent)) != ST_OK ||
        (status = read_text(r, DESCRIPTION, agent->description, sizeof agent->description)) != ST_OK ||
        (status = read_kind(r, agent)) != ST_OK || (status = read_sizes(r, agent)) != ST_OK ||
        (status = read_number(r, DEFORMATION, 0, DEFORMATION_MOST, 1, &agent->deformation)) != ST_OK ||
        (status = read_number(r, CLUMP, 1, CLUMP_MOST, 1, &agent->clump)) != ST_OK ||
        (status = read_number(r, PACKING, PACKING_LEAST, 1, 1, &agent->packing)) != ST_OK ||
        (status = read_drug(r, agent)) != ST_OK ||
        (status = read_number(r, RESORPTION, RESORPTION_LEAST_DAYS, RESORPTION_MOST_DAYS, ST_DAY,
                              &agent->resorption)) != ST_OK ||
        (status = read_trust(r, trust)) != ST_OK)
        return status;
    return read_text(r, SOURCE, agent->source, sizeof agent->source);
}

/* A column that is misspelt must not be passed over: its default would be taken instead. */
static st_status find_columns(reading *r) {
    const st_table *table = r->table;
    for (size_t i = 0; i < table->columns; i++) {
        size_t known = 0;
        while (known < COLUMNS && strcmp(table->header[i], column_name[known]) != 0)
            known++;
        const char *near = st_nearest_name(table->header[i], column_name, COLUMNS);
        if (known == COLUMNS)
            return st_fail_at(r->err, ST_FORMAT, table->name, 1, 0, "agents have no column \"%.40s\"%s%s%s",
                              table->header[i], near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        if (st_table_column(table, table->header[i]) != i)
            return st_fail_at(r->err, ST_FORMAT, table->name, 1, 0, "there are two columns \"%s\"", table->header[i]);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        r->column[i] = st_table_column(table, column_name[i]);
    static const int needed[] = {NAME, D_MIN, D_MAX};
    st_status status = ST_OK;
    for (size_t i = 0; i < sizeof needed / sizeof *needed && status == ST_OK; i++)
        status = st_table_require(table, column_name[needed[i]], &r->column[needed[i]], r->err);
    return status;
}

static st_status refuse_twice(const reading *r, const st_agents *agents) {
    for (size_t row = 0; row < agents->n; row++)
        if (strcmp(agents->item[row].name, agents->item[agents->n].name) == 0)
            return agents_refuse(r->table, r->row, column_name[NAME], r->err,
                                 "\"%s\" is given on line %zu already: each agent needs a name of its own",
                                 agents->item[row].name, r->table->line[row]);
    return ST_OK;
}

st_status agents_read_table(const st_table *table, const st_agent *standard, st_agents *agents, st_error *err) {
    *agents = (st_agents){0};
    reading r = {.table = table, .err = err};
    st_status status = find_columns(&r);
    if (status != ST_OK)
        return status;
    if (table->rows == 0 || table->rows > AGENTS_MOST)
        return st_fail_at(err, ST_FORMAT, table->name, 0, 0, "a file holds 1 to %d agents, a row each, not %zu",
                          AGENTS_MOST, table->rows);
    agents->item = st_alloc(table->rows, sizeof *agents->item, err);
    agents->trust = st_alloc(table->rows, sizeof *agents->trust, err);
    status = agents->item != NULL && agents->trust != NULL ? ST_OK : ST_MEMORY;
    for (; r.row < table->rows && status == ST_OK; r.row++) {
        agents->item[agents->n] = *standard;
        status = read_row(&r, &agents->item[agents->n], &agents->trust[agents->n]);
        if (status == ST_OK)
            status = refuse_twice(&r, agents);
        agents->n += status == ST_OK;
    }
    if (status != ST_OK)
        st_agents_fini(agents);
    return status;
}
