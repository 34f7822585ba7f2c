/* A frame: what it keeps is what the table of the same bytes has, and it refuses with a word.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const st_frame_wish wish[] = {{"xi", false, true}, {"ni", false, true}, {"study", true, true}};
    enum { COLUMNS = sizeof wish / sizeof *wish };
    st_error err = {0};
    st_frame frame;
    st_table table;
    if (st_frame_parse("fuzz.csv", (const char *)bytes, size, wish, COLUMNS, &frame, &err) != ST_OK) {
        if (err.what[0] == 0)
            abort();
        return 0;
    }
    if (st_table_parse("fuzz.csv", (const char *)bytes, size, &table, &err) != ST_OK || table.rows != frame.rows)
        abort();
    const st_frame_column *study = &frame.column[COLUMNS - 1];
    for (size_t row = 0; study->present && row < frame.rows; row++) {
        const char *text = st_table_cell(&table, row, st_table_column(&table, "study"));
        if (study->level[row] != ST_FRAME_MISSING && strcmp(text, st_frame_text(study, row)) != 0)
            abort();
    }
    st_table_fini(&table);
    st_frame_fini(&frame);
    return 0;
}
