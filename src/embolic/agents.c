/* The agents that can be named: those compiled in, and the user's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "agents_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char AGENTS[] = "agents.csv";
static const char STANDARD[] = "rigid-spheres"; /* the row that says what an agent of sizes alone is like */

st_status st_agents_init(st_agents *agents, st_error *err) {
    static const st_agent nothing = {.resorption = INFINITY};
    st_table table;
    size_t size = 0;
    *agents = (st_agents){0};
    const char *bytes = st_data_find(AGENTS, &size);
    st_status status = st_table_parse(AGENTS, bytes, size, &table, err);
    if (status == ST_OK)
        status = agents_read_table(&table, &nothing, agents, err);
    st_table_fini(&table);
    return status;
}

void st_agents_fini(st_agents *agents) {
    free(agents->item);
    free(agents->trust);
    *agents = (st_agents){0};
}

static size_t index_of(const st_agents *agents, const char *name) {
    size_t i = 0;
    while (i < agents->n && strcmp(agents->item[i].name, name) != 0)
        i++;
    return i;
}

/* In new arrays, so that a lack of memory leaves `agents` as it was. */
static st_status merge(st_agents *agents, const st_agents *more, st_error *err) {
    st_agents all = {.item = st_alloc(agents->n + more->n, sizeof *all.item, err),
                     .trust = st_alloc(agents->n + more->n, sizeof *all.trust, err),
                     .n = agents->n};
    if (all.item == NULL || all.trust == NULL) {
        st_agents_fini(&all);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < agents->n; i++) {
        all.item[i] = agents->item[i];
        all.trust[i] = agents->trust[i];
    }
    for (size_t i = 0; i < more->n; i++) {
        const size_t place = index_of(&all, more->item[i].name);
        all.item[place] = more->item[i];
        all.trust[place] = more->trust[i];
        all.n += place == all.n;
    }
    st_agents_fini(agents);
    *agents = all;
    return ST_OK;
}

/* What a row of the user's file is before its cells are read. */
static st_status standard_row(st_agent *standard, st_error *err) {
    const st_status status = st_agents_find(NULL, STANDARD, standard, err);
    standard->name[0] = standard->description[0] = 0;
    snprintf(standard->source, sizeof standard->source, "the user");
    return status;
}

static st_status add_table(st_agents *agents, const st_table *table, st_error *err) {
    st_agent standard;
    st_agents more;
    st_status status = standard_row(&standard, err);
    if (status == ST_OK)
        status = agents_read_table(table, &standard, &more, err);
    if (status != ST_OK)
        return status;
    status = merge(agents, &more, err);
    st_agents_fini(&more);
    return status;
}

st_status st_agents_add_file(st_agents *agents, const char *path, st_error *err) {
    st_table table;
    st_status status = st_table_read(path, &table, err);
    if (status == ST_OK)
        status = add_table(agents, &table, err);
    st_table_fini(&table);
    return status;
}

st_status st_agents_parse(st_agents *agents, const char *name, const char *bytes, size_t size, st_error *err) {
    st_table table;
    st_status status = st_table_parse(name, bytes, size, &table, err);
    if (status == ST_OK)
        status = add_table(agents, &table, err);
    st_table_fini(&table);
    return status;
}

static st_status refuse_name(const st_agents *agents, const char *name, st_error *err) {
    const char **known = st_alloc(agents->n, sizeof *known, err);
    if (known == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < agents->n; i++)
        known[i] = agents->item[i].name;
    const char *near = st_nearest_name(name, known, agents->n);
    const st_status status =
        near != NULL ? st_fail(err, ST_VALUE, "no agent is called \"%.48s\"; did you mean \"%s\"?", name, near)
                     : st_fail(err, ST_VALUE, "no agent is called \"%.48s\"; `stasis agents` lists them", name);
    free(known);
    return status;
}

static st_status find(const st_agents *agents, const char *name, st_agent *agent, st_error *err) {
    const size_t place = index_of(agents, name);
    if (place == agents->n)
        return refuse_name(agents, name, err);
    *agent = agents->item[place];
    return ST_OK;
}

st_status st_agents_find(const st_agents *agents, const char *name, st_agent *agent, st_error *err) {
    *agent = (st_agent){0};
    if (agents != NULL)
        return find(agents, name, agent, err);
    st_agents built_in;
    st_status status = st_agents_init(&built_in, err);
    if (status == ST_OK)
        status = find(&built_in, name, agent, err);
    st_agents_fini(&built_in);
    return status;
}

st_status st_agent_sized(double d_min, double d_max, st_agent *agent, st_error *err) {
    if (!(d_min > 0) || !(d_max >= d_min))
        return st_fail(err, ST_VALUE,
                       "particle sizes %g-%g um are not a range; the smaller must be above 0 and come first",
                       d_min / ST_UM, d_max / ST_UM);
    const st_status status = standard_row(agent, err);
    agent->d_min = d_min;
    agent->d_max = d_max;
    agent->d_mean = (d_min + d_max) / 2;
    snprintf(agent->name, sizeof agent->name, "%g-%g um", d_min / ST_UM, d_max / ST_UM);
    snprintf(agent->description, sizeof agent->description, "rigid particles of the sizes given");
    return status;
}
