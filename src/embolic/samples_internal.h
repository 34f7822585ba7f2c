/* Samples, as their files see them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_EMBOLIC_SAMPLES_INTERNAL_H
#define STASIS_EMBOLIC_SAMPLES_INTERNAL_H

#include <stasis/samples.h>

/* What of an agent can vary, and within what: `size` is a factor on every diameter. */
typedef struct input_property {
    const char *name;
    st_input_kind kind;
    double low, high;
} input_property;
const input_property *input_property_of(const char *name); /* NULL: none */
/* NULL: none. */
const st_parameter *input_parameter_of(const st_parameters *parameters, const char *name);

/* The inputs of a treatment, in the order of the rows; *input is for the caller to free. */
st_status inputs_of(const st_uncertainty *uncertainty, const st_parameters *parameters, const st_regimen *regimen,
                    st_input **input, size_t *n, st_error *err);
/* The value at `u` (0..1) of the input's distribution. */
double input_at(const st_input *input, double u);
/* The parameters and the regimen with one input at `value`. */
void input_apply(const st_input *input, double value, st_parameters *parameters, st_regimen *regimen);

/* All infusions of a treatment into the bed, result[ST_SAMPLE_RESULTS] in outside units. */
st_status treat(st_bed *bed, const st_tree *tree, const st_parameters *parameters, const st_treatment *treatment,
                uint64_t seed, double *result, st_error *err);

#endif
