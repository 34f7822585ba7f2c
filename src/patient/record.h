/* The fields of the record by name: one table serves the reader and the rules.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_PATIENT_RECORD_H
#define STASIS_PATIENT_RECORD_H

#include <stasis/patient.h>

/* What a record or a stage before it says of one variable. */
typedef struct st_fact {
    bool known, numeric;
    double number; /* of a list: how many items */
    char text[256];
} st_fact;

/* Everything that rules may ask about: the fields of the record, and `grade` and `verdict` where they are given. */
typedef struct st_facts {
    const st_patient *patient;
    const char *grade, *verdict; /* NULL when not known yet */
} st_facts;

/* False when there is no such variable. */
bool st_facts_get(const st_facts *facts, const char *variable, st_fact *fact);
/* The existing variable nearest to `variable`. */
const char *st_facts_nearest(const char *variable);

#endif
