/* The parameters: read from the tables compiled in, changed by name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/parameters.h>
#include <stasis/text.h>
#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which the build makes the ids (data/meson.build). */
static const char *const ROOMS[] = {"patient", "liver",  "supply", "tree",   "trunk", "flow",
                                    "embolic", "tissue", "plan",   "course", "case",  "report"};

static const struct {
    const char *unit;
    double factor;
} UNITS[] = {
    {"1", 1},
    {"um", ST_UM},
    {"mm", 1},
    {"cm", ST_CM},
    {"mL", ST_ML},
    {"mL/mL", 1},
    {"mL/min", ST_ML_MIN},
    {"mL/min/mL", 1 / ST_MINUTE},
    {"mmHg", ST_MMHG},
    {"mN/m", 1},
    {"cP", ST_CP},
    {"%", ST_PERCENT},
    {"s", 1},
    {"min", ST_MINUTE},
    {"h", ST_HOUR},
    {"d", ST_DAY},
    {"week", ST_WEEK},
    {"month", ST_MONTH},
    {"1/min", 1 / ST_MINUTE},
    {"cm2/s", ST_CM *ST_CM},
    {"mL/min/100g", ST_ML_MIN / 100},
    {"mL/mL/mmHg", 1 / ST_MMHG},
    {"g/mL", 1 / ST_ML},
    {"U/g", 1},
    {"U/L", 1 / (1e3 * ST_ML)},
    {"ng/mL", 1}, /* concentrations of markers stay as the laboratory gives them */
    {"mg/24h", 1},
};

static st_status factor_of(const char *unit, double *factor, st_error *err) {
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++)
        if (strcmp(UNITS[i].unit, unit) == 0) {
            *factor = UNITS[i].factor;
            return ST_OK;
        }
    return st_fail(err, ST_FORMAT, "the unit \"%s\" is not known", unit);
}

static st_status read_row(st_parameters *parameters, const char *room, const st_table *table, size_t row,
                          st_parameter *item, st_error *err) {
    static const char *const text_column[] = {"name", "unit", "trust", "source", "description"};
    static const char *const number_column[] = {"default", "low", "high"};
    const char **text[] = {&item->name, &item->unit, &item->trust, &item->source, &item->description};
    double *number[] = {&item->standard, &item->low, &item->high};
    size_t column;
    st_status status = ST_OK;
    for (size_t i = 0; i < 5 && status == ST_OK; i++) {
        status = st_table_require(table, text_column[i], &column, err);
        if (status != ST_OK)
            break;
        const char *cell = st_table_cell(table, row, column);
        *text[i] = st_arena_copy(&parameters->arena, cell, strlen(cell), err);
        status = *text[i] ? ST_OK : ST_MEMORY;
    }
    for (size_t i = 0; i < 3 && status == ST_OK; i++) {
        status = st_table_require(table, number_column[i], &column, err);
        if (status == ST_OK)
            status = st_table_number(table, row, column, number[i], err);
    }
    if (status == ST_OK)
        status = factor_of(item->unit, &item->factor, err);
    if (status == ST_OK && !(item->low <= item->standard && item->standard <= item->high))
        status = st_fail_at(err, ST_VALUE, table->name, table->line[row], 0, "the default %g is not within %g to %g",
                            item->standard, item->low, item->high);
    item->room = room;
    item->value = item->standard;
    return status;
}

st_status st_parameters_init(st_parameters *parameters, st_error *err) {
    *parameters = (st_parameters){0};
    st_status status = ST_OK;
    size_t n = 0;
    for (size_t i = 0; i < sizeof ROOMS / sizeof *ROOMS && status == ST_OK; i++) {
        char name[64];
        size_t size = 0;
        st_table table = {0};
        snprintf(name, sizeof name, "parameters/%s.csv", ROOMS[i]);
        const char *bytes = st_data_find(name, &size);
        status = st_table_parse(name, bytes, size, &table, err);
        for (size_t row = 0; row < table.rows && status == ST_OK; row++)
            status = read_row(parameters, ROOMS[i], &table, row, &parameters->item[n++], err);
        st_table_fini(&table);
    }
    if (status != ST_OK)
        st_parameters_fini(parameters);
    return status;
}

void st_parameters_fini(st_parameters *parameters) {
    st_arena_fini(&parameters->arena);
    *parameters = (st_parameters){0};
}

static st_status refuse_name(const st_parameters *parameters, const char *name, st_error *err) {
    const char *known[ST_PARAMETER_COUNT];
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++)
        known[i] = parameters->item[i].name;
    const char *near = st_nearest_name(name, known, ST_PARAMETER_COUNT);
    if (near)
        return st_fail(err, ST_VALUE, "no parameter is called \"%s\"; did you mean \"%s\"?", name, near);
    return st_fail(err, ST_VALUE, "no parameter is called \"%s\"; `stasis parameters` lists them", name);
}

st_status st_parameters_set(st_parameters *parameters, const char *name, double value, st_error *err) {
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++) {
        st_parameter *item = &parameters->item[i];
        if (strcmp(item->name, name) != 0)
            continue;
        if (!(value >= item->low && value <= item->high))
            return st_fail(err, ST_VALUE, "%s = %g is out of its range, %g to %g%s%s", name, value, item->low,
                           item->high, strcmp(item->unit, "1") == 0 ? "" : " ",
                           strcmp(item->unit, "1") == 0 ? "" : item->unit);
        item->value = value;
        item->changed = true;
        return ST_OK;
    }
    return refuse_name(parameters, name, err);
}

st_status st_parameters_set_text(st_parameters *parameters, const char *assignment, st_error *err) {
    char name[64];
    const char *equals = strchr(assignment, '=');
    if (!equals || (size_t)(equals - assignment) >= sizeof name)
        return st_fail(err, ST_USAGE, "\"%s\" is not of the form name=value", assignment);
    memcpy(name, assignment, (size_t)(equals - assignment));
    name[equals - assignment] = '\0';
    char *end;
    const double value = strtod(equals + 1, &end);
    if (end == equals + 1 || *end != '\0' || !isfinite(value))
        return st_fail(err, ST_USAGE, "\"%s\" gives %s no number", assignment, name);
    return st_parameters_set(parameters, name, value, err);
}
