/* What varies from sample to sample, out of data/uncertainty.csv or a file in its place.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "agents_internal.h"
#include "samples_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char UNCERTAINTY[] = "uncertainty.csv";
enum { ROWS_MOST = 200 };

enum { NAME, AGENTS, DISTRIBUTION, LOW, HIGH, CENTRE, SD, TRUST, SOURCE, COLUMNS };
static const char *const column_name[COLUMNS] = {"name",   "agents", "distribution", "low",   "high",
                                                 "centre", "sd",     "trust",        "source"};
static const char *const distribution_name[] = {"uniform", "normal", "triangular"};
#define DISTRIBUTIONS (sizeof distribution_name / sizeof *distribution_name)

const input_property input_properties[] = {
    {"deformation", ST_INPUT_DEFORMATION, 0, DEFORMATION_MOST},
    {"size", ST_INPUT_SIZE, 0.1, 10},
    {"clump", ST_INPUT_CLUMP, 1, CLUMP_MOST},
};
#define PROPERTIES (sizeof input_properties / sizeof *input_properties)

const char *st_distribution_name(st_distribution distribution) {
    return distribution_name[distribution];
}

const input_property *input_property_of(const char *name) {
    for (size_t i = 0; i < PROPERTIES; i++)
        if (strcmp(input_properties[i].name, name) == 0)
            return &input_properties[i];
    return NULL;
}

const st_parameter *input_parameter_of(const st_parameters *parameters, const char *name) {
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++)
        if (strcmp(parameters->item[i].name, name) == 0)
            return &parameters->item[i];
    return NULL;
}

typedef struct reading {
    const st_table *table;
    const st_parameters *parameters;
    size_t row, column[COLUMNS];
    st_arena *arena;
    double low, high; /* what the input may be at all */
    st_error *err;
} reading;

/* "" where the file has no such column. */
static const char *cell(const reading *r, int column) {
    return r->column[column] == ST_NO_COLUMN ? "" : st_table_cell(r->table, r->row, r->column[column]);
}

static st_status refuse_name(const reading *r, const char *name) {
    const char *known[ST_PARAMETER_COUNT + PROPERTIES];
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++)
        known[i] = r->parameters->item[i].name;
    for (size_t i = 0; i < PROPERTIES; i++)
        known[ST_PARAMETER_COUNT + i] = input_properties[i].name;
    const char *near = st_nearest_name(name, known, ST_PARAMETER_COUNT + PROPERTIES);
    return agents_refuse(r->table, r->row, column_name[NAME], r->err,
                         "takes a parameter (see stasis parameters), deformation, size or clump, not \"%.60s\"%s%s%s",
                         name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static st_status read_name(reading *r, st_uncertain *u) {
    const char *name = cell(r, NAME);
    const st_parameter *parameter = input_parameter_of(r->parameters, name);
    const input_property *property = input_property_of(name);
    if (parameter == NULL && property == NULL)
        return refuse_name(r, name);
    if (property != NULL && cell(r, AGENTS)[0] == '\0')
        return agents_refuse(r->table, r->row, column_name[AGENTS], r->err,
                             "is empty: it names the agents whose %s this is; * stands for all", name);
    r->low = parameter != NULL ? parameter->low : property->low;
    r->high = parameter != NULL ? parameter->high : property->high;
    snprintf(u->name, sizeof u->name, "%s", name);
    return ST_OK;
}

static st_status read_distribution(const reading *r, st_uncertain *u) {
    const char *text = cell(r, DISTRIBUTION);
    for (size_t i = 0; i < DISTRIBUTIONS; i++)
        if (strcmp(text, distribution_name[i]) == 0) {
            u->distribution = (st_distribution)i;
            return ST_OK;
        }
    const char *near = st_nearest_name(text, distribution_name, DISTRIBUTIONS);
    return agents_refuse(r->table, r->row, column_name[DISTRIBUTION], r->err,
                         "takes uniform, normal or triangular, not \"%.40s\"%s%s%s", text,
                         near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* NaN for an empty cell. */
static st_status read_number(const reading *r, int column, double low, double high, double *value) {
    *value = NAN;
    if (cell(r, column)[0] == '\0')
        return ST_OK;
    const st_status status = st_table_number(r->table, r->row, r->column[column], value, r->err);
    if (status == ST_OK && !(*value >= low && *value <= high))
        return agents_refuse(r->table, r->row, column_name[column], r->err, "takes %g to %g, not %g", low, high,
                             *value);
    return status;
}

static st_status read_bounds(const reading *r, st_uncertain *u) {
    st_status status = read_number(r, LOW, r->low, r->high, &u->low);
    if (status == ST_OK)
        status = read_number(r, HIGH, r->low, r->high, &u->high);
    if (status != ST_OK)
        return status;
    if (u->distribution != ST_DISTRIBUTION_NORMAL && (isnan(u->low) || isnan(u->high)))
        return agents_refuse(r->table, r->row, column_name[isnan(u->low) ? LOW : HIGH], r->err,
                             "is empty: a %s distribution has a low and a high end",
                             distribution_name[u->distribution]);
    u->low = isnan(u->low) ? r->low : u->low;
    u->high = isnan(u->high) ? r->high : u->high;
    if (!(u->low < u->high))
        return agents_refuse(r->table, r->row, column_name[HIGH], r->err, "takes more than low, %g, not %g", u->low,
                             u->high);
    return ST_OK;
}

static st_status read_shape(const reading *r, st_uncertain *u) {
    const bool normal = u->distribution == ST_DISTRIBUTION_NORMAL;
    st_status status = read_bounds(r, u);
    if (status == ST_OK)
        status = read_number(r, CENTRE, u->low, u->high, &u->centre);
    if (status == ST_OK)
        status = read_number(r, SD, 0, INFINITY, &u->sd);
    if (status != ST_OK)
        return status;
    if (u->distribution == ST_DISTRIBUTION_UNIFORM && !isnan(u->centre))
        return agents_refuse(r->table, r->row, column_name[CENTRE], r->err,
                             "stays empty: a uniform distribution has none");
    if (normal ? !(u->sd > 0) : !isnan(u->sd))
        return agents_refuse(r->table, r->row, column_name[SD], r->err,
                             normal ? "takes a number above 0" : "stays empty: only a normal distribution has one");
    return ST_OK;
}

static st_status read_texts(const reading *r, st_uncertain *u) {
    const char *agents = cell(r, AGENTS), *source = cell(r, SOURCE), *trust = cell(r, TRUST);
    u->trust = agents_trust(trust[0] == '\0' ? "assumed" : trust);
    if (u->trust == NULL)
        return agents_refuse(r->table, r->row, column_name[TRUST], r->err,
                             "takes measured, derived or assumed, not \"%.40s\"", trust);
    u->agents = st_arena_copy(r->arena, agents, strlen(agents), r->err);
    u->source = st_arena_copy(r->arena, source, strlen(source), r->err);
    return u->agents != NULL && u->source != NULL ? ST_OK : ST_MEMORY;
}

static st_status read_columns(reading *r) {
    st_status status = ST_OK;
    for (int i = 0; i < COLUMNS; i++)
        r->column[i] = st_table_column(r->table, column_name[i]);
    for (size_t k = 0; k < r->table->columns && status == ST_OK; k++) {
        bool known = false;
        for (int i = 0; i < COLUMNS; i++)
            known = known || r->column[i] == k;
        if (known)
            continue;
        const char *near = st_nearest_name(r->table->header[k], column_name, COLUMNS);
        status = st_fail_at(r->err, ST_FORMAT, r->table->name, 1, 0,
                            "no column is called \"%.60s\", or it is there twice%s%s%s", r->table->header[k],
                            near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    for (int i = NAME; i <= DISTRIBUTION && status == ST_OK; i++)
        if (i != AGENTS)
            status = st_table_require(r->table, column_name[i], &r->column[i], r->err);
    return status;
}

static st_status read_rows(reading *r, st_uncertainty *uncertainty) {
    st_status status = read_columns(r);
    if (status == ST_OK && r->table->rows > ROWS_MOST)
        status = st_fail_at(r->err, ST_FORMAT, r->table->name, 0, 0, "has more than %d rows", ROWS_MOST);
    for (r->row = 0; r->row < r->table->rows && status == ST_OK; r->row++) {
        st_uncertain *u = &uncertainty->row[uncertainty->n++];
        u->line = r->table->line[r->row];
        if ((status = read_name(r, u)) == ST_OK && (status = read_distribution(r, u)) == ST_OK &&
            (status = read_shape(r, u)) == ST_OK)
            status = read_texts(r, u);
    }
    return status;
}

static st_status from_table(const st_table *table, const st_parameters *parameters, st_uncertainty *uncertainty,
                            st_error *err) {
    reading r = {.table = table, .parameters = parameters, .arena = &uncertainty->arena, .err = err};
    uncertainty->row = st_alloc(table->rows, sizeof *uncertainty->row, err);
    const st_status status = uncertainty->row != NULL ? read_rows(&r, uncertainty) : ST_MEMORY;
    if (status != ST_OK)
        st_uncertainty_fini(uncertainty);
    return status;
}

st_status st_uncertainty_parse(const char *name, const char *bytes, size_t size, const st_parameters *parameters,
                               st_uncertainty *uncertainty, st_error *err) {
    st_table table;
    *uncertainty = (st_uncertainty){.n = 0};
    st_status status = st_table_parse(name, bytes, size, &table, err);
    if (status != ST_OK)
        return status;
    status = from_table(&table, parameters, uncertainty, err);
    snprintf(uncertainty->file, sizeof uncertainty->file, "%s", name);
    st_table_fini(&table);
    return status;
}

st_status st_uncertainty_init(st_uncertainty *uncertainty, const st_parameters *parameters, st_error *err) {
    size_t size = 0;
    const char *bytes = st_data_find(UNCERTAINTY, &size);
    const st_status status = st_uncertainty_parse(UNCERTAINTY, bytes, size, parameters, uncertainty, err);
    uncertainty->file[0] = '\0';
    return status;
}

st_status st_uncertainty_read(const char *path, const st_parameters *parameters, st_uncertainty *uncertainty,
                              st_error *err) {
    st_table table;
    *uncertainty = (st_uncertainty){.n = 0};
    st_status status = st_table_read(path, &table, err);
    if (status != ST_OK)
        return status;
    status = from_table(&table, parameters, uncertainty, err);
    snprintf(uncertainty->file, sizeof uncertainty->file, "%s", path);
    st_table_fini(&table);
    return status;
}

void st_uncertainty_fini(st_uncertainty *uncertainty) {
    free(uncertainty->row);
    st_arena_fini(&uncertainty->arena);
    *uncertainty = (st_uncertainty){.n = 0};
}
