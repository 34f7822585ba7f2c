/* One table per subcommand: parsing, help, man page, completion.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include <stasis/options.h>

#include "support.h"

typedef struct given {
    const char *file, *second, *output, *mode;
    int64_t count, place;
    double share;
    st_option_list set;
    bool json;
} given;

static void defaults(void *options) {
    given *g = options;
    g->output = "out.vtp";
    g->mode = "fast";
    g->count = 7;
    g->place = -1;
    g->share = 0.5;
}

static const st_argument arguments[] = {{"FILE", "what to read", offsetof(given, file), false},
                                        {"SECOND", "what else", offsetof(given, second), true},
                                        {0}};

static const st_option options[] = {
    {"output", 'o', ST_OPTION_FILE, "FILE", "what to write", offsetof(given, output), 0, 0, NULL},
    {"count", 'n', ST_OPTION_INTEGER, "N", "how many", offsetof(given, count), 1, 100, NULL},
    {"place", 0, ST_OPTION_INTEGER, "N", "where", offsetof(given, place), 0, 9, NULL},
    {"share", 0, ST_OPTION_NUMBER, "X", "how much", offsetof(given, share), 0, 0, NULL},
    {"mode", 0, ST_OPTION_CHOICE, "MODE", "how", offsetof(given, mode), 0, 0, "fast,slow"},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change", offsetof(given, set), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "as JSON", offsetof(given, json), 0, 0, NULL},
    {0}};

static const st_command command = {.name = "try",
                                   .summary = "tries",
                                   .description = "Tries the table.",
                                   .example = "stasis try FILE",
                                   .arguments = arguments,
                                   .options = options,
                                   .size = sizeof(given),
                                   .defaults = defaults};
static st_error err;

static st_status parse(given *g, int argc, const char **argv, bool *help) {
    *g = (given){0};
    defaults(g);
    err = (st_error){0};
    return st_command_parse(&command, argc, (char **)argv, g, help, &err);
}
#define PARSE(g, ...)                                                                                                  \
    parse(&(g), sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__}, &help)

static void every_form_is_understood(void **state) {
    (void)state;
    given g;
    bool help;
    assert_ok(PARSE(g, "a"));
    assert_string_equal(g.file, "a");
    assert_string_equal(g.output, "out.vtp");
    assert_int_equal(g.count, 7);
    assert_ok(PARSE(g, "-o", "x", "a", "-n5", "--share=-2.5", "--mode", "slow", "--set", "p=1", "--set=q=2", "--json",
                    "--", "-b"));
    assert_string_equal(g.output, "x");
    assert_int_equal(g.count, 5);
    assert_near(g.share, -2.5, 0);
    assert_string_equal(g.mode, "slow");
    assert_int_equal(g.set.n, 2);
    assert_string_equal(g.set.item[1], "q=2");
    assert_true(g.json);
    assert_string_equal(g.second, "-b");
    st_command_fini(&command, &g);
    assert_ok(PARSE(g, "--help", "--nonsense"));
    assert_true(help);
}

static void misuse_is_named(void **state) {
    (void)state;
    given g;
    bool help;
    assert_int_equal(PARSE(g, "a", "--cuont", "3"), ST_USAGE);
    assert_non_null(strstr(err.what, "did you mean --count?"));
    assert_int_equal(PARSE(g, "a", "--count", "0"), ST_USAGE);
    assert_non_null(strstr(err.what, "1 to 100"));
    assert_int_equal(PARSE(g, "a", "--count", "3x"), ST_USAGE);
    assert_int_equal(PARSE(g, "a", "--count"), ST_USAGE);
    assert_int_equal(PARSE(g, "a", "--count", "99999999999999999999"), ST_USAGE);
    assert_int_equal(PARSE(g, "a", "--share", "nan"), ST_USAGE);
    assert_int_equal(PARSE(g, "a", "--mode", "fas"), ST_USAGE);
    assert_int_equal(PARSE(g, "a", "--json=yes"), ST_USAGE);
    assert_int_equal(PARSE(g, "a", "-x"), ST_USAGE);
    assert_int_equal(PARSE(g, "a", "b", "c"), ST_USAGE);
    assert_int_equal(PARSE(g, "--json"), ST_USAGE);
    assert_non_null(strstr(err.what, "FILE is missing"));
}

static char *printed(void (*print)(const st_command *command, FILE *stream)) {
    static char buffer[8192];
    memset(buffer, 0, sizeof buffer);
    FILE *f = fmemopen(buffer, sizeof buffer - 1, "w");
    assert_non_null(f);
    print(&command, f);
    fclose(f);
    return buffer;
}

static void print_completion(const st_command *c, FILE *stream) {
    st_command_completion(&c, 1, stream);
}

static void the_table_speaks_for_itself(void **state) {
    (void)state;
    char *text = printed(st_command_help);
    assert_non_null(strstr(text, "-o, --output FILE"));
    assert_non_null(strstr(text, "how many [7]"));
    assert_null(strstr(text, "[-1]")); /* out of its range: no default */
    assert_non_null(strstr(text, "one of fast,slow [fast]"));
    text = printed(st_command_man);
    assert_non_null(strstr(text, ".TH STASIS-try 1"));
    assert_non_null(strstr(text, "\\fB\\-\\-count\\fR N"));
    text = printed(print_completion);
    assert_non_null(strstr(text, "--mode) COMPREPLY=($(compgen -W \"fast slow\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_understood),
        cmocka_unit_test(misuse_is_named),
        cmocka_unit_test(the_table_speaks_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
