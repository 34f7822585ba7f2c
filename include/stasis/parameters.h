/* stasis/parameters.h - every number of the model, by name, with unit, range and source.
 *
 * The values live in data/parameters/<room>.csv (name,unit,default,low,high,trust,source,description);
 * st_parameter_id is made from those files at build time: the parameter
 * "murray_exponent" is ST_P_MURRAY_EXPONENT, so a misspelt one does not compile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_PARAMETERS_H
#define STASIS_PARAMETERS_H

#include <stasis/base.h>
#include <stasis/parameter_ids.h>

typedef struct st_parameter {
    const char *room, *name, *unit;
    double value, standard, low, high; /* in `unit`; `standard` is the default */
    double factor;                     /* value inside (mm, g, s) = value * factor */
    const char *trust;                 /* "measured", "derived" or "assumed" */
    const char *source, *description;
    bool changed;                      /* by the case or by --set */
} st_parameter;

typedef struct st_parameters {
    st_parameter item[ST_PARAMETER_COUNT];
    st_arena arena;
} st_parameters;

ST_API ST_MUST_CHECK st_status st_parameters_init(st_parameters *parameters, st_error *err); /* the compiled-in defaults */
ST_API void st_parameters_fini(st_parameters *parameters);

/* Set by name, in the unit of the file. Unknown name: ST_VALUE with the nearest;
 * out of range: ST_VALUE with the range. */
ST_API ST_MUST_CHECK st_status st_parameters_set(st_parameters *parameters, const char *name, double value,
                                                 st_error *err);
/* "name=value" as --set takes it. */
ST_API ST_MUST_CHECK st_status st_parameters_set_text(st_parameters *parameters, const char *assignment, st_error *err);

/* The value in the units inside (mm, g, s). */
static inline double st_parameter_value(const st_parameters *parameters, st_parameter_id id) {
    return parameters->item[id].value * parameters->item[id].factor;
}

#endif
