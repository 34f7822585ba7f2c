/* The inputs that vary in a treatment: which they are, what is drawn, and what a value changes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples_internal.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Is the agent in a list of names with spaces between, some of them ending in *? */
static bool is_named(const char *list, const char *agent) {
    while (*list != '\0') {
        const size_t length = strcspn(list, " ");
        const bool open = length > 0 && list[length - 1] == '*';
        if (open ? strncmp(list, agent, length - 1) == 0 : strlen(agent) == length && strncmp(list, agent, length) == 0)
            return true;
        list += length + strspn(list + length, " ");
    }
    return false;
}

static bool is_infused(const char *list, const st_regimen *regimen) {
    for (size_t k = 0; k < regimen->n; k++)
        if (is_named(list, regimen->step[k].agent.name))
            return true;
    return list[0] == '\0';
}

static double value_of(const st_input *input, const st_parameters *parameters, const st_agent *agent) {
    switch (input->kind) {
    case ST_INPUT_DEFORMATION:
        return agent->deformation;
    case ST_INPUT_SIZE:
        return 1;
    case ST_INPUT_CLUMP:
        return agent->clump;
    case ST_INPUT_PARAMETER:
    default:
        return parameters->item[input->parameter].value;
    }
}

typedef struct listing {
    const st_uncertainty *uncertainty;
    const st_parameters *parameters;
    st_input *input;
    size_t n;
    st_error *err;
} listing;

ST_PRINTF(3, 4) static st_status refuse(const listing *l, const st_uncertain *row, const char *format, ...) {
    char what[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const char *file = l->uncertainty->file;
    return st_fail_at(l->err, ST_VALUE, file[0] != '\0' ? file : NULL, row->line, 0, "%s", what);
}

static double below(const st_input *input, double value) {
    return gsl_cdf_ugaussian_P((value - input->centre) / input->sd);
}

/* The input has its kind, its name and, of a parameter or an agent, the place of its value. */
static st_status add(listing *l, const st_uncertain *row, const st_input *fresh, const st_agent *agent) {
    st_input *input = &l->input[l->n];
    *input = *fresh;
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->input[i].name, input->name) == 0)
            return refuse(l, row, "%s is given by two rows", input->name);
    snprintf(input->source, sizeof input->source, "%s", row->source);
    input->distribution = row->distribution;
    input->low = row->low;
    input->high = row->high;
    input->sd = row->sd;
    input->trust = row->trust;
    input->value = value_of(input, l->parameters, agent);
    input->centre = row->distribution == ST_DISTRIBUTION_UNIFORM ? NAN
                    : isnan(row->centre)                         ? input->value
                                                                 : row->centre;
    if (row->distribution != ST_DISTRIBUTION_UNIFORM && !(input->centre >= row->low && input->centre <= row->high))
        return refuse(l, row, "the centre of %s, %g, is not between its low and high, %g and %g", input->name,
                      input->centre, row->low, row->high);
    if (row->distribution == ST_DISTRIBUTION_NORMAL && !(below(input, row->high) > below(input, row->low)))
        return refuse(l, row, "the sd of %s, %g, is too wide for it to lie between %g and %g", input->name, row->sd,
                      row->low, row->high);
    l->n++;
    return ST_OK;
}

static st_status add_parameter(listing *l, const st_uncertain *row, const st_parameter *parameter,
                               const st_regimen *regimen) {
    const bool known = parameter->changed && l->uncertainty->file[0] == '\0';
    if (known || !is_infused(row->agents, regimen))
        return ST_OK;
    st_input input = {.kind = ST_INPUT_PARAMETER, .parameter = (st_parameter_id)(parameter - l->parameters->item)};
    snprintf(input.name, sizeof input.name, "%s", row->name);
    snprintf(input.unit, sizeof input.unit, "%s", parameter->unit);
    return add(l, row, &input, NULL);
}

static bool came_before(const st_regimen *regimen, size_t step) {
    for (size_t k = 0; k < step; k++)
        if (strcmp(regimen->step[k].agent.name, regimen->step[step].agent.name) == 0)
            return true;
    return false;
}

static st_status add_property(listing *l, const st_uncertain *row, const input_property *property,
                              const st_regimen *regimen) {
    st_status status = ST_OK;
    for (size_t k = 0; k < regimen->n && status == ST_OK; k++) {
        const st_agent *agent = &regimen->step[k].agent;
        if (came_before(regimen, k) || !is_named(row->agents, agent->name))
            continue;
        st_input input = {.kind = property->kind, .unit = "1"};
        snprintf(input.agent, sizeof input.agent, "%s", agent->name);
        snprintf(input.name, sizeof input.name, "%s of %s", row->name, agent->name);
        status = add(l, row, &input, agent);
    }
    return status;
}

st_status inputs_of(const st_uncertainty *uncertainty, const st_parameters *parameters, const st_regimen *regimen,
                    st_input **input, size_t *n, st_error *err) {
    listing l = {.uncertainty = uncertainty, .parameters = parameters, .err = err};
    st_status status = ST_OK;
    *input = l.input = st_alloc(uncertainty->n * ST_PROTOCOL_STEPS, sizeof *l.input, err);
    if (l.input == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < uncertainty->n && status == ST_OK; i++) {
        const st_uncertain *row = &uncertainty->row[i];
        const st_parameter *parameter = input_parameter_of(parameters, row->name);
        status = parameter != NULL ? add_parameter(&l, row, parameter, regimen)
                                   : add_property(&l, row, input_property_of(row->name), regimen);
    }
    *n = l.n;
    return status;
}

static double triangular_at(const st_input *input, double u) {
    const double span = input->high - input->low, rise = (input->centre - input->low) / span;
    if (u < rise)
        return input->low + span * sqrt(u * rise);
    return input->high - span * sqrt((1 - u) * (1 - rise));
}

/* Through the inverse of the distribution, so that every input takes one number of the stream. */
double input_at(const st_input *input, double u) {
    double value = input->low + u * (input->high - input->low);
    if (input->distribution == ST_DISTRIBUTION_TRIANGULAR)
        value = triangular_at(input, u);
    if (input->distribution == ST_DISTRIBUTION_NORMAL) {
        const double from = below(input, input->low), to = below(input, input->high);
        value = input->centre + input->sd * gsl_cdf_ugaussian_Pinv(from + u * (to - from));
    }
    return fmin(input->high, fmax(input->low, value));
}

void input_apply(const st_input *input, double value, st_parameters *parameters, st_regimen *regimen) {
    if (input->kind == ST_INPUT_PARAMETER) {
        parameters->item[input->parameter].value = value;
        return;
    }
    for (size_t k = 0; k < regimen->n; k++) {
        st_agent *agent = &regimen->step[k].agent;
        if (strcmp(agent->name, input->agent) != 0)
            continue;
        if (input->kind == ST_INPUT_DEFORMATION)
            agent->deformation = value;
        if (input->kind == ST_INPUT_CLUMP)
            agent->clump = value;
        if (input->kind == ST_INPUT_SIZE) {
            agent->d_min *= value;
            agent->d_max *= value;
            agent->d_mean *= value;
            agent->d_sd *= value;
        }
    }
}
