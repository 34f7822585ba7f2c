/* A CSV table and its numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    st_error err = {0};
    st_table table = {0};
    if (st_table_parse("fuzz.csv", (const char *)bytes, size, &table, &err) != ST_OK)
        return 0;
    for (size_t row = 0; row < table.rows; row++)
        for (size_t column = 0; column < table.columns; column++) {
            double value;
            if (st_table_number(&table, row, column, &value, &err) != ST_OK &&
                (err.what[0] == 0 || st_table_cell(&table, row, column)[0] == 0))
                abort(); /* a refusal without a word, or of an empty cell */
        }
    st_table_fini(&table);
    return 0;
}
