/* CSV and JSON: read, refused with a place, written.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include <stasis/text.h>

#include "support.h"

static st_error err;

static st_status csv(const char *text, st_table *table) {
    err = (st_error){0};
    return st_table_parse("t.csv", text, strlen(text), table, &err);
}

static void csv_follows_rfc_4180(void **state) {
    (void)state;
    st_table t;
    assert_ok(csv("\xef\xbb\xbf"
                  "a,b,c\r\n1,\"two, \"\"2\"\"\",\n\"x\ny\",,z\n\n",
                  &t));
    assert_int_equal(t.rows, 2);
    assert_int_equal(t.columns, 3);
    assert_string_equal(t.header[0], "a");
    assert_string_equal(st_table_cell(&t, 0, 1), "two, \"2\"");
    assert_string_equal(st_table_cell(&t, 0, 2), "");
    assert_string_equal(st_table_cell(&t, 1, 0), "x\ny");
    assert_string_equal(st_table_cell(&t, 1, 2), "z");
    assert_int_equal(t.line[1], 3);
    double value;
    assert_ok(st_table_number(&t, 0, 0, &value, &err));
    assert_near(value, 1, 0);
    assert_ok(st_table_number(&t, 0, 2, &value, &err));
    assert_true(isnan(value));
    assert_int_equal(st_table_number(&t, 1, 2, &value, &err), ST_VALUE);
    assert_int_equal(err.line, 3);
    assert_string_equal(err.field, "c");
    size_t column;
    assert_int_equal(st_table_require(&t, "bb", &column, &err), ST_FORMAT);
    st_table_fini(&t);
}

static void broken_csv_names_its_line(void **state) {
    (void)state;
    st_table t;
    assert_int_equal(csv("a,b\n1,2\n3\n", &t), ST_FORMAT);
    assert_int_equal(err.line, 3);
    assert_int_equal(csv("a,b\n\"1,2\n", &t), ST_FORMAT);
    assert_int_equal(err.line, 2);
    assert_int_equal(csv("a,b\n\"1\"x,2\n", &t), ST_FORMAT);
    assert_int_equal(csv("", &t), ST_FORMAT);
    assert_int_equal(st_table_parse("t.csv", "a\0b", 3, &t, &err), ST_FORMAT);
}

static void csv_survives_its_own_writing(void **state) {
    (void)state;
    static const char *const cells[] = {"plain", "with, comma", "say \"so\"", "two\nlines", ""};
    char buffer[256] = "h0,h1,h2,h3,h4\n";
    FILE *f = fmemopen(buffer + strlen(buffer), sizeof buffer - strlen(buffer), "w");
    assert_non_null(f);
    for (int i = 0; i < 5; i++) {
        st_csv_put(f, cells[i]);
        fputc(i < 4 ? ',' : '\n', f);
    }
    fclose(f);
    st_table t;
    assert_ok(csv(buffer, &t));
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(st_table_cell(&t, 0, i), cells[i]);
    st_table_fini(&t);
}

static json_t *json(const char *text) {
    json_t *root;
    err = (st_error){0};
    assert_ok(st_json_parse("t.json", text, strlen(text), &root, &err));
    return root;
}

static void broken_json_names_line_and_column(void **state) {
    (void)state;
    json_t *root;
    const char *text = "{\n  \"a\": 1,\n  \"b\": }\n";
    assert_int_equal(st_json_parse("t.json", text, strlen(text), &root, &err), ST_FORMAT);
    assert_int_equal(err.line, 3);
    assert_true(err.column > 0);
    assert_string_equal(err.file, "t.json");
    text = "{\"a\": 1, \"a\": 2}";
    assert_int_equal(st_json_parse("t.json", text, strlen(text), &root, &err), ST_FORMAT);
}

static void members_are_checked(void **state) {
    (void)state;
    static const char *const known[] = {"number", "text", "truth", "inner", "nothing", "choice"};
    static const char *const choices[] = {"stasis", "near-stasis"};
    json_t *root = json("{\"number\": 5, \"text\": \"x\", \"truth\": true, \"inner\": {\"deep\": 7.5, \"whole\": 6.0, "
                        "\"vast\": 1e300}, "
                        "\"nothing\": null, \"choice\": \"near-stasis\"}");
    const st_json_place place = {"t.json", "", root};
    assert_ok(st_json_only(&place, known, 6, &err));
    assert_int_equal(st_json_only(&place, known + 1, 5, &err), ST_VALUE);
    assert_string_equal(err.field, "number");
    double number = 0;
    assert_ok(st_json_number(&place, "number", 0, 10, &number, &err));
    assert_near(number, 5, 0);
    assert_int_equal(st_json_number(&place, "number", 0, 4, &number, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "0 to 4"));
    assert_int_equal(st_json_number(&place, "text", 0, 4, &number, &err), ST_VALUE);
    int64_t whole = -1;
    assert_ok(st_json_integer(&place, "nothing", 0, 10, &whole, &err));
    assert_ok(st_json_integer(&place, "absent", 0, 10, &whole, &err));
    assert_int_equal(whole, -1);
    int truth = -1, choice = -1;
    assert_ok(st_json_truth(&place, "truth", &truth, &err));
    assert_int_equal(truth, 1);
    assert_ok(st_json_choice(&place, "choice", choices, 2, &choice, &err));
    assert_int_equal(choice, 1);
    assert_int_equal(st_json_choice(&place, "text", choices, 2, &choice, &err), ST_VALUE);
    st_json_place inner;
    char path[64];
    bool found;
    assert_ok(st_json_object(&place, "inner", path, sizeof path, &inner, &found, &err));
    assert_true(found);
    assert_int_equal(st_json_integer(&inner, "deep", 0, 10, &whole, &err), ST_VALUE);
    assert_string_equal(err.field, "inner.deep");
    assert_int_equal(st_json_integer(&inner, "vast", 0, INT64_MAX, &whole, &err), ST_VALUE);
    assert_ok(st_json_integer(&inner, "whole", 0, 10, &whole, &err)); /* as R and Python write it */
    assert_int_equal(whole, 6);
    assert_int_equal(st_json_object(&place, "number", path, sizeof path, &inner, &found, &err), ST_VALUE);
    json_decref(root);
}

static void json_survives_its_own_writing(void **state) {
    (void)state;
    json_t *root = json_object(), *back;
    json_object_set_new(root, "third", st_json_real(1.0 / 3));
    json_object_set_new(root, "nan", st_json_real(NAN));
    assert_ok(st_json_write("test_text.json", root, &err));
    assert_ok(st_json_read("test_text.json", &back, &err));
    assert_true(json_equal(root, back));
    assert_true(json_is_null(json_object_get(back, "nan")));
    assert_int_equal(st_json_write("no/such/place.json", root, &err), ST_IO);
    json_decref(back);
    json_decref(root);
    unlink("test_text.json");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_follows_rfc_4180),         cmocka_unit_test(broken_csv_names_its_line),
        cmocka_unit_test(csv_survives_its_own_writing), cmocka_unit_test(broken_json_names_line_and_column),
        cmocka_unit_test(members_are_checked),          cmocka_unit_test(json_survives_its_own_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
