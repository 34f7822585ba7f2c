/* Protocols: which agents are infused one after the other, out of data/protocols.csv.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "agents_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char PROTOCOLS[] = "protocols.csv";
enum { NAME, STEP, AGENT, DOSE, TRUST, NOTE, DESCRIPTION, SOURCE, COLUMNS };
static const char *const column_name[COLUMNS] = {"protocol", "step", "agent",       "dose_ml",
                                                 "trust",    "note", "description", "source"};

typedef struct reading {
    st_table table;
    size_t column[COLUMNS];
} reading;

static const char *cell(const reading *r, size_t row, int column) {
    return st_table_cell(&r->table, row, r->column[column]);
}

static void copy(char *to, size_t size, const char *from) {
    snprintf(to, size, "%s", from);
}

static st_status read_step(const reading *r, size_t row, st_protocol *protocol, st_error *err) {
    double number, dose;
    st_status status = st_table_number(&r->table, row, r->column[STEP], &number, err);
    if (status == ST_OK)
        status = st_table_number(&r->table, row, r->column[DOSE], &dose, err);
    if (status != ST_OK)
        return status;
    if (protocol->n == ST_PROTOCOL_STEPS || number != (double)(protocol->n + 1))
        return agents_refuse(&r->table, row, column_name[STEP], err, "takes 1 to %d in order", ST_PROTOCOL_STEPS);
    st_protocol_step *step = &protocol->steps[protocol->n++];
    copy(step->agent, sizeof step->agent, cell(r, row, AGENT));
    copy(step->note, sizeof step->note, cell(r, row, NOTE));
    step->dose = dose > 0 ? dose * ST_ML : 0; /* an empty cell is NaN: to the endpoint */
    step->trust = agents_trust(cell(r, row, TRUST));
    return step->trust != NULL
               ? ST_OK
               : agents_refuse(&r->table, row, column_name[TRUST], err, "takes measured, derived or assumed");
}

/* Rows of one protocol stand together; the first names its description and source. */
static st_status read_rows(const reading *r, st_protocols *protocols, st_error *err) {
    st_status status = ST_OK;
    for (size_t row = 0; row < r->table.rows && status == ST_OK; row++) {
        const char *name = cell(r, row, NAME);
        if (row == 0 || strcmp(name, cell(r, row - 1, NAME)) != 0) {
            st_protocol *fresh = &protocols->item[protocols->n++];
            copy(fresh->name, sizeof fresh->name, name);
            copy(fresh->description, sizeof fresh->description, cell(r, row, DESCRIPTION));
            copy(fresh->source, sizeof fresh->source, cell(r, row, SOURCE));
        }
        status = read_step(r, row, &protocols->item[protocols->n - 1], err);
    }
    return status;
}

st_status st_protocols_init(st_protocols *protocols, st_error *err) {
    reading r;
    size_t size = 0;
    *protocols = (st_protocols){0};
    const char *bytes = st_data_find(PROTOCOLS, &size);
    st_status status = st_table_parse(PROTOCOLS, bytes, size, &r.table, err);
    for (size_t i = 0; i < COLUMNS && status == ST_OK; i++)
        status = st_table_require(&r.table, column_name[i], &r.column[i], err);
    if (status == ST_OK && (protocols->item = st_alloc(r.table.rows, sizeof *protocols->item, err)) == NULL)
        status = ST_MEMORY;
    if (status == ST_OK)
        status = read_rows(&r, protocols, err);
    st_table_fini(&r.table);
    if (status != ST_OK)
        st_protocols_fini(protocols);
    return status;
}

void st_protocols_fini(st_protocols *protocols) {
    free(protocols->item);
    *protocols = (st_protocols){0};
}

st_status st_protocol_find(const char *name, st_protocol *protocol, st_error *err) {
    st_protocols all;
    *protocol = (st_protocol){0};
    st_status status = st_protocols_init(&all, err);
    if (status != ST_OK)
        return status;
    const char **known = st_alloc(all.n, sizeof *known, err);
    if (known == NULL)
        status = ST_MEMORY;
    for (size_t i = 0; i < all.n && status == ST_OK; i++) {
        known[i] = all.item[i].name;
        if (strcmp(known[i], name) == 0)
            *protocol = all.item[i];
    }
    if (status == ST_OK && protocol->n == 0) {
        const char *near = st_nearest_name(name, known, all.n);
        status =
            st_fail(err, ST_VALUE, "no protocol is called \"%.48s\"%s%s%s", name,
                    near ? "; did you mean \"" : "; `stasis agents` lists them", near ? near : "", near ? "\"?" : "");
    }
    free(known);
    st_protocols_fini(&all);
    return status;
}

st_status st_regimen_of(const char *protocol, const st_agent *particles, const st_agents *agents, st_regimen *regimen,
                        st_error *err) {
    st_protocol p;
    st_status status = st_protocol_find(protocol, &p, err);
    *regimen = (st_regimen){.n = 0};
    if (status != ST_OK)
        return status;
    snprintf(regimen->protocol, sizeof regimen->protocol, "%s", p.name);
    for (; regimen->n < p.n && status == ST_OK; regimen->n++) {
        struct st_regimen_step *step = &regimen->step[regimen->n];
        step->dose = p.steps[regimen->n].dose;
        if (strcmp(p.steps[regimen->n].agent, ST_PROTOCOL_PARTICLES) == 0)
            step->agent = *particles;
        else
            status = st_agents_find(agents, p.steps[regimen->n].agent, &step->agent, err);
    }
    return status;
}

double st_regimen_smallest(const st_regimen *regimen) {
    double smallest = INFINITY;
    for (size_t i = 0; i < regimen->n; i++)
        if (regimen->step[i].agent.kind == ST_AGENT_PARTICLES)
            smallest = fmin(smallest, st_agent_smallest(&regimen->step[i].agent));
    return smallest;
}

double st_regimen_width(const st_regimen *regimen, const st_parameters *parameters) {
    const double smallest = st_regimen_smallest(regimen);
    return isfinite(smallest) ? smallest : st_parameter_value(parameters, ST_P_END_DIAMETER);
}
