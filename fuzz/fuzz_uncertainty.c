/* A table of what varies, and what is promised of each row that is read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <math.h>
#include <stasis/samples.h>

static void check(const st_uncertain *u) {
    const bool normal = u->distribution == ST_DISTRIBUTION_NORMAL;
    if (u->name[0] == 0 || !(u->low < u->high) || isinf(u->low) || isinf(u->high))
        abort();
    if (normal ? !(u->sd > 0) : !isnan(u->sd))
        abort();
    if (!isnan(u->centre) && (u->distribution == ST_DISTRIBUTION_UNIFORM || u->centre < u->low || u->centre > u->high))
        abort();
    if (u->agents == NULL || u->source == NULL || u->trust == NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static st_parameters parameters; /* read once: it is what every table is held against */
    st_error err = {0};
    st_uncertainty uncertainty;
    if (parameters.arena.block == NULL && st_parameters_init(&parameters, &err) != ST_OK)
        abort();
    const st_status status =
        st_uncertainty_parse("fuzz.csv", (const char *)bytes, size, &parameters, &uncertainty, &err);
    if (status != ST_OK && (err.what[0] == 0 || uncertainty.n != 0))
        abort(); /* a refusal without a word, or half a table */
    for (size_t i = 0; i < uncertainty.n; i++)
        check(&uncertainty.row[i]);
    st_uncertainty_fini(&uncertainty);
    return 0;
}
