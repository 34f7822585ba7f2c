/* The table of feeders that a user gives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tree_grow.h"

#include <math.h>
#include <stdlib.h>

typedef struct feeding_columns {
    size_t lesion, feeders, shared;
} feeding_columns;

/* A whole number from 0 or 1 to `most`. */
static st_status read_whole(const st_table *table, size_t row, size_t column, double least, double most, double *value,
                            st_error *err) {
    st_status status = st_table_number(table, row, column, value, err);
    if (status == ST_OK && !(*value >= least && *value <= most && *value == floor(*value)))
        status = st_fail_at(err, ST_VALUE, table->name, table->line[row], column + 1,
                            "%s is \"%.40s\"; a whole number from %g to %g is wanted", table->header[column],
                            st_table_cell(table, row, column), least, most);
    return status;
}

static st_status read_row(const st_table *table, size_t row, const feeding_columns *at, size_t n_lesions,
                          st_feeding *feeding, st_error *err) {
    double lesion = 0, feeders = 0, shared = 0;
    st_status status = read_whole(table, row, at->lesion, 1, (double)n_lesions, &lesion, err);
    if (status == ST_OK)
        status = read_whole(table, row, at->feeders, 0, ST_FEEDERS_MOST, &feeders, err);
    if (status == ST_OK)
        status = st_table_number(table, row, at->shared, &shared, err);
    if (status == ST_OK && !(shared >= 0 && shared <= 1))
        status =
            st_fail_at(err, ST_VALUE, table->name, table->line[row], at->shared + 1,
                       "shared is \"%.40s\"; a share from 0 to 1 is wanted", st_table_cell(table, row, at->shared));
    if (status == ST_OK)
        feeding[(size_t)lesion - 1] = (st_feeding){(unsigned)feeders, shared};
    return status;
}

st_status tree_read_feeding(const char *path, const st_liver *liver, const st_parameters *parameters, uint64_t seed,
                            st_feeding **feeding, st_error *err) {
    st_table table;
    feeding_columns at;
    st_status status = st_table_read(path, &table, err);
    if (status != ST_OK)
        return status;
    *feeding = st_alloc(liver->n_lesions, sizeof **feeding, err);
    if (*feeding == NULL)
        status = ST_MEMORY;
    for (size_t i = 0; i < liver->n_lesions && status == ST_OK; i++)
        (*feeding)[i] = st_feeding_draw(parameters, seed, (uint16_t)(i + 1));
    if (status == ST_OK)
        status = st_table_require(&table, "lesion", &at.lesion, err);
    if (status == ST_OK)
        status = st_table_require(&table, "feeders", &at.feeders, err);
    if (status == ST_OK)
        status = st_table_require(&table, "shared", &at.shared, err);
    for (size_t row = 0; row < table.rows && status == ST_OK; row++)
        status = read_row(&table, row, &at, liver->n_lesions, *feeding, err);
    st_table_fini(&table);
    return status;
}
