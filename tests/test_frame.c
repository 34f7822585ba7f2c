/* Columns by name: numbers, factors, places of what is refused, at any cut of the stream.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include <stasis/frame.h>

#include "support.h"

static st_error err;

static st_status parse(const char *text, const st_frame_wish *wish, size_t n, st_frame *frame) {
    err = (st_error){0};
    return st_frame_parse("t.csv", text, strlen(text), wish, n, frame, &err);
}

static const st_frame_wish two[] = {{"x", false, false}, {"who", true, false}};

static void numbers_and_factors(void **state) {
    (void)state;
    st_frame f;
    assert_ok(parse("\xef\xbb\xbf\"who\",z,x\r\nLoewe,7,1.5\r\n\"a\nb\",8, 2e3 \r\nLoewe,9,NA\r\n,10,-Inf\r\n\r\n", two,
                    2, &f));
    assert_int_equal(f.rows, 4);
    const double *x = f.column[0].number;
    assert_near(x[0], 1.5, 0);
    assert_near(x[1], 2000, 0);
    assert_true(isnan(x[2]) && isinf(x[3]) && x[3] < 0);
    assert_int_equal(f.column[1].n_levels, 2);
    assert_string_equal(st_frame_text(&f.column[1], 1), "a\nb");
    assert_int_equal(f.column[1].level[2], f.column[1].level[0]);
    assert_int_equal(f.column[1].level[3], ST_FRAME_MISSING);
    assert_string_equal(st_frame_text(&f.column[1], 3), "");
    const size_t line[] = {2, 3, 5, 6};
    assert_memory_equal(f.line, line, sizeof line);
    const bool keep[] = {false, true, false, true};
    st_frame_keep(&f, keep);
    assert_int_equal(f.rows, 2);
    assert_int_equal(f.line[1], 6);
    assert_near(f.column[0].number[0], 2000, 0);
    assert_string_equal(st_frame_text(&f.column[1], 0), "a\nb");
    st_frame_fini(&f);
}

static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        st_status status;
        size_t line, column;
        const char *word;
    } bad[] = {
        {"", ST_FORMAT, 0, 0, "empty"},
        {"x,who\n", ST_FORMAT, 0, 0, "no rows"},
        {"y,who\n1,a\n", ST_FORMAT, 1, 0, "\"x\"; the header has: y, who"},
        {"x;who\n1;a\n", ST_FORMAT, 1, 0, "semicolons"},
        {"x,who,x\n1,a,2\n", ST_FORMAT, 1, 0, "more than one"},
        {"x,who\n1\n", ST_FORMAT, 2, 0, "1 cells"},
        {"x,who\n1,\"a\nb\n", ST_FORMAT, 2, 3, "never closed"},
        {"x,who\n1,\"a\"b\n", ST_FORMAT, 2, 6, "closing quote"},
        {"who,x\nabc,1\nabc,two\n", ST_VALUE, 3, 5, "\"two\""},
        {"x,who\n0x10,a\n", ST_VALUE, 2, 1, "0x10"},
        {"x,who\n1e999,a\n", ST_VALUE, 2, 1, "1e999"},
        {"x,who\n1 2,a\n", ST_VALUE, 2, 1, "1 2"},
        {"x,who\n1,\xe4\n", ST_FORMAT, 2, 3, "UTF-8"},
        {"x,who\n1,\xed\xa0\x80\n", ST_FORMAT, 2, 3, "UTF-8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        st_frame f;
        assert_int_equal(parse(bad[i].text, two, 2, &f), bad[i].status);
        assert_int_equal(err.line, bad[i].line);
        assert_int_equal(err.column, bad[i].column);
        if (!strstr(err.what, bad[i].word))
            fail_msg("\"%s\" does not hold \"%s\"", err.what, bad[i].word);
        assert_null(f.column);
    }
    st_frame f;
    assert_int_equal(st_frame_parse("t.csv", "x,who\n1,a\0b\n", 12, two, 2, &f, &err), ST_FORMAT);
    assert_int_equal(st_frame_read("no/such/file.csv", two, 2, &f, &err), ST_IO);
}

static void optional_columns_may_be_absent(void **state) {
    (void)state;
    const st_frame_wish wish[] = {{"x", false, false}, {"w", false, true}};
    st_frame f;
    assert_ok(parse("x\n1\n\n3\n", wish, 2, &f));
    assert_int_equal(f.rows, 3); /* of a single column an empty line is a missing value */
    assert_true(isnan(f.column[0].number[1]));
    assert_false(f.column[1].present);
    st_frame_fini(&f);
}

/* A file longer than the block it is read by, with cells, quotes and line ends on every seam. */
static void a_long_file_is_read_as_its_bytes(void **state) {
    (void)state;
    enum { ROWS = 300000 };
    char name[] = "/tmp/stasis-frame-XXXXXX";
    const int handle = mkstemp(name);
    FILE *stream = fdopen(handle, "w");
    fputs("who,x\r\n", stream);
    for (unsigned i = 0; i < ROWS; i++)
        fprintf(stream, "\"study \"\"%u\"\"\",%u\r\n", i % 70001, i);
    fclose(stream);
    st_frame f;
    err = (st_error){0};
    assert_ok(st_frame_read(name, two, 2, &f, &err));
    assert_int_equal(f.rows, ROWS);
    assert_int_equal(f.column[1].n_levels, 70001);
    for (unsigned i = 0; i < ROWS; i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "study \"%u\"", i % 70001);
        assert_string_equal(st_frame_text(&f.column[1], i), wanted);
        assert_true(f.column[0].number[i] == i);
        assert_int_equal(f.line[i], i + 2);
    }
    st_frame_fini(&f);
    st_arena arena = {0};
    char **header;
    size_t n;
    assert_ok(st_frame_header(name, &arena, &header, &n, &err));
    assert_int_equal(n, 2);
    assert_string_equal(header[1], "x");
    st_arena_fini(&arena);
    unlink(name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_factors),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(optional_columns_may_be_absent),
        cmocka_unit_test(a_long_file_is_read_as_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
