/* Embolic agents: from the table, or by size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/embolic.h>
#include <stasis/text.h>
#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char AGENTS[] = "agents.csv";

static void copy(char *to, size_t size, const char *from) {
    snprintf(to, size, "%s", from);
}

static st_status read_row(const st_table *table, size_t row, st_agent *agent, st_error *err) {
    static const char *const text_column[] = {"name", "description", "source"};
    static const char *const number_column[] = {"d_min_um", "d_max_um", "deformation"};
    size_t column;
    char *text[] = {agent->name, agent->description, agent->source};
    const size_t size[] = {sizeof agent->name, sizeof agent->description, sizeof agent->source};
    double number[3];
    st_status status = ST_OK;
    for (size_t i = 0; i < 3 && status == ST_OK; i++) {
        status = st_table_require(table, text_column[i], &column, err);
        if (status == ST_OK)
            copy(text[i], size[i], st_table_cell(table, row, column));
    }
    for (size_t i = 0; i < 3 && status == ST_OK; i++) {
        status = st_table_require(table, number_column[i], &column, err);
        if (status == ST_OK)
            status = st_table_number(table, row, column, &number[i], err);
    }
    if (status != ST_OK)
        return status;
    agent->d_min = number[0] * ST_UM;
    agent->d_max = number[1] * ST_UM;
    agent->deformation = number[2];
    agent->clump = 1;
    return ST_OK;
}

static st_status refuse(const st_table *table, size_t name_column, const char *name, st_error *err) {
    char all[256] = "";
    const char **known = st_alloc(table->rows, sizeof *known, err);
    if (!known)
        return ST_MEMORY;
    for (size_t row = 0; row < table->rows; row++) {
        const size_t used = strlen(all);
        known[row] = st_table_cell(table, row, name_column);
        snprintf(all + used, sizeof all - used, "%s%s", row > 0 ? ", " : "", known[row]);
    }
    const char *near = st_nearest_name(name, known, table->rows);
    const st_status status = st_fail(err, ST_VALUE, "no agent is called \"%.48s\"%s%s%s; there are %s", name,
                                     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "", all);
    free(known);
    return status;
}

st_status st_agent_find(const char *name, st_agent *agent, st_error *err) {
    *agent = (st_agent){0};
    st_table table = {0};
    size_t size, column;
    const char *bytes = st_data_find(AGENTS, &size);
    st_status status = st_table_parse(AGENTS, bytes, size, &table, err);
    if (status == ST_OK)
        status = st_table_require(&table, "name", &column, err);
    if (status == ST_OK) {
        size_t row = 0;
        while (row < table.rows && strcmp(st_table_cell(&table, row, column), name) != 0)
            row++;
        status = row < table.rows ? read_row(&table, row, agent, err) : refuse(&table, column, name, err);
    }
    st_table_fini(&table);
    return status;
}

st_status st_agent_sized(double d_min, double d_max, st_agent *agent, st_error *err) {
    if (!(d_min > 0) || !(d_max >= d_min))
        return st_fail(err, ST_VALUE,
                       "particle sizes %g-%g um are not a range; the smaller must be above 0 and come first",
                       d_min / ST_UM, d_max / ST_UM);
    *agent = (st_agent){.d_min = d_min, .d_max = d_max, .clump = 1};
    snprintf(agent->name, sizeof agent->name, "%g-%g um", d_min / ST_UM, d_max / ST_UM);
    copy(agent->description, sizeof agent->description, "rigid particles of the sizes given");
    copy(agent->source, sizeof agent->source, "the user");
    return ST_OK;
}

double st_agent_smallest(const st_agent *agent) {
    return (1 - agent->deformation) * agent->d_min;
}

double st_agent_concentration(const st_agent *agent, const st_parameters *parameters) {
    /* mean of d^3 over a uniform range */
    const double a = agent->d_min, b = agent->d_max;
    const double d3 = b > a ? (b * b * b * b - a * a * a * a) / (4 * (b - a)) : a * a * a;
    return st_parameter_value(parameters, ST_P_PACKING_FRACTION) / (M_PI / 6 * d3) /
           st_parameter_value(parameters, ST_P_SUSPENSION_DILUTION);
}

double st_agent_draw(const st_agent *agent, st_rng *rng) {
    return agent->d_min + (agent->d_max - agent->d_min) * st_rng_uniform(rng);
}

const char *st_endpoint_name(st_endpoint endpoint) {
    static const char *const name[ST_ENDPOINTS] = {"stasis", "near-stasis", "substasis", "dose"};
    return name[endpoint];
}
