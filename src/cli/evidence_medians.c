/* stasis evidence medians: median survival times pooled, with what is assumed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/meta_medians.h>
#include <stasis/text.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct medians_options {
    const char *file, *median, *n, *events, *label, *censored, *method;
    double fraction;
    bool json;
} medians_options;

/* Arms that can be pooled, and why the others cannot. */
typedef struct medians_input {
    st_table table;
    size_t median, n, events, label, censored; /* columns; ST_NO_COLUMN */
    st_median_arm *arm;                        /* [k] */
    const char **why;                          /* [rows] NULL: pooled */
    size_t k, known;                           /* arms; those with deaths counted */
} medians_input;

static const double LEVEL = 0.95;
static const double SHAPES[] = {ST_MEDIANS_SHAPE_LOW, 1, ST_MEDIANS_SHAPE_HIGH};
static const char NOT_NAMED[] = "all";

static st_status find_column(const st_table *table, const char *name, size_t *column, st_error *err) {
    *column = ST_NO_COLUMN;
    return name != NULL ? st_table_require(table, name, column, err) : ST_OK;
}

static st_status optional_number(const st_table *table, size_t row, size_t column, double *value, st_error *err) {
    *value = NAN;
    return column != ST_NO_COLUMN ? st_table_number(table, row, column, value, err) : ST_OK;
}

static bool is_not_reached(const char *text) {
    static const char *const words[] = {"NR", "not reached", "NE", "not estimable"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static st_status out_of_range(const medians_input *in, size_t row, size_t column, const char *wanted, st_error *err) {
    const st_status status = st_fail_at(err, ST_VALUE, in->table.name, in->table.line[row], 0, "\"%s\": %s is wanted",
                                        st_table_cell(&in->table, row, column), wanted);
    if (err != NULL)
        snprintf(err->field, sizeof err->field, "%s", in->table.header[column]);
    return status;
}

/* The median of a row, or the bound of one that was not reached: NR with the follow-up in its own column, or ">48". */
static st_status read_median(const medians_input *in, size_t row, st_median_arm *arm, st_error *err) {
    const char *text = st_table_cell(&in->table, row, in->median);
    if (is_not_reached(text)) {
        arm->not_reached = true;
        return optional_number(&in->table, row, in->censored, &arm->median, err);
    }
    if (text[0] != '>')
        return st_table_number(&in->table, row, in->median, &arm->median, err);
    char *end;
    arm->not_reached = true;
    arm->median = strtod(text + 1, &end);
    return *end == 0 && isfinite(arm->median) ? ST_OK
                                              : out_of_range(in, row, in->median, "a number, >NUMBER or NR", err);
}

static st_status read_row(medians_input *in, size_t row, st_error *err) {
    st_median_arm arm = {0};
    st_status status = read_median(in, row, &arm, err);
    if (status == ST_OK)
        status = st_table_number(&in->table, row, in->n, &arm.n, err);
    if (status == ST_OK)
        status = optional_number(&in->table, row, in->events, &arm.events, err);
    if (status != ST_OK)
        return status;
    if (!isnan(arm.median) && !(arm.median > 0))
        return out_of_range(in, row, arm.not_reached && in->censored != ST_NO_COLUMN ? in->censored : in->median,
                            "a time above 0", err);
    if (!isnan(arm.n) && (arm.n < 1 || floor(arm.n) < arm.n))
        return out_of_range(in, row, in->n, "a whole number of patients above 0", err);
    if (!isnan(arm.events) && !isnan(arm.n) && (arm.events < 0 || arm.events > arm.n))
        return out_of_range(in, row, in->events, "a number of deaths from 0 to the patients", err);
    if (arm.events <= 0 && !arm.not_reached)
        return out_of_range(in, row, in->events, "a number of deaths above 0, as the median was reached,", err);
    in->why[row] = isnan(arm.median) && arm.not_reached ? "median not reached, and no follow-up given"
                   : isnan(arm.median)                  ? "no median given"
                   : isnan(arm.n)                       ? "no number of patients given"
                   : arm.events <= 0                    ? "no death: it tells nothing of the median"
                                                        : NULL;
    if (in->why[row] == NULL) {
        in->known += isnan(arm.events) ? 0 : 1;
        in->arm[in->k++] = arm;
    }
    return ST_OK;
}

static void input_fini(medians_input *in) {
    free(in->arm);
    free(in->why);
    st_table_fini(&in->table);
}

static st_status read_input(const medians_options *o, medians_input *in, st_error *err) {
    *in = (medians_input){0};
    if (o->median == NULL || o->n == NULL)
        return st_fail(err, ST_USAGE, "--median COL and --n COL name the columns of median and number of patients");
    st_status status = st_table_read(o->file, &in->table, err);
    if (status == ST_OK)
        status = find_column(&in->table, o->median, &in->median, err);
    if (status == ST_OK)
        status = find_column(&in->table, o->n, &in->n, err);
    if (status == ST_OK)
        status = find_column(&in->table, o->events, &in->events, err);
    if (status == ST_OK)
        status = find_column(&in->table, o->label, &in->label, err);
    if (status == ST_OK)
        status = find_column(&in->table, o->censored, &in->censored, err);
    if (status == ST_OK) {
        in->arm = st_alloc(in->table.rows, sizeof *in->arm, err);
        in->why = st_alloc(in->table.rows, sizeof *in->why, err);
        status = in->arm != NULL && in->why != NULL ? ST_OK : ST_MEMORY;
    }
    for (size_t row = 0; row < in->table.rows && status == ST_OK; row++)
        status = read_row(in, row, err);
    if (status == ST_OK && in->k == 0)
        status =
            st_fail_at(err, ST_VALUE, o->file, 0, 0, "no arm with median and patients among %zu rows", in->table.rows);
    if (status != ST_OK)
        input_fini(in);
    return status;
}

static void deaths_text(const medians_input *in, double fraction, char *text, size_t size) {
    if (in->known == in->k)
        snprintf(text, size, "deaths as given");
    else if (in->known > 0)
        snprintf(text, size, "deaths as given in %zu of %zu arms, else %g of the patients", in->known, in->k, fraction);
    else
        snprintf(text, size, "deaths not given, taken as %g of the patients", fraction);
}

static const char *row_label(const medians_input *in, size_t row) {
    return in->label != ST_NO_COLUMN ? st_table_cell(&in->table, row, in->label) : "";
}

static json_t *left_out_json(const medians_input *in) {
    json_t *list = json_array();
    for (size_t row = 0; row < in->table.rows; row++)
        if (in->why[row] != NULL)
            json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "label", row_label(in, row), "line",
                                                  (json_int_t)in->table.line[row], "why", in->why[row]));
    return list;
}

static void put(json_t *object, const char *name, double value) {
    json_object_set_new(object, name, st_json_real(value));
}

static json_t *fit_json(const st_medians_fit *f, const char *method, const char *assumed) {
    json_t *o = json_pack("{s:s, s:f, s:I, s:I}", "method", method, "shape", f->options.shape, "k", (json_int_t)f->k,
                          "not_reached", (json_int_t)f->not_reached);
    put(o, "median", f->median);
    put(o, "ci_lb", f->lb);
    put(o, "ci_ub", f->ub);
    put(o, "pi_lb", f->pi_lb);
    put(o, "pi_ub", f->pi_ub);
    put(o, "log_median", f->mu);
    put(o, "log_se", f->se);
    put(o, "tau2", f->tau2);
    put(o, "tau2_lb", f->tau2_lb);
    put(o, "tau2_ub", f->tau2_ub);
    put(o, "loglik", f->loglik);
    json_object_set_new(o, "assumed", json_string(assumed));
    return o;
}

static json_t *order_json(const st_medians_order *f, const char *assumed) {
    json_t *o = json_pack("{s:s, s:I, s:I}", "method", "order", "k", (json_int_t)f->k, "not_reached",
                          (json_int_t)f->not_reached);
    put(o, "median", f->median);
    put(o, "median_least", f->median_least);
    put(o, "ci_lb", f->lb);
    put(o, "ci_ub", f->ub);
    put(o, "coverage", f->coverage);
    put(o, "plain_median", f->plain);
    put(o, "plain_ci_lb", f->plain_lb);
    put(o, "plain_ci_ub", f->plain_ub);
    put(o, "tau2", NAN);
    json_object_set_new(o, "assumed", json_string(assumed));
    return o;
}

static void print_limits(double lb, double ub) {
    if (isfinite(ub))
        printf("%.1f to %.1f", lb, ub);
    else
        printf("%.1f to not bounded", lb);
}

static void print_fit(const st_medians_fit *f, const char *method, const char *assumed) {
    printf("%-11s  shape %-3g  median %5.1f  95 %% ", method, f->options.shape, f->median);
    print_limits(f->lb, f->ub);
    printf("  new study ");
    print_limits(f->pi_lb, f->pi_ub);
    printf("  tau2 %.3g (", f->tau2);
    printf(isfinite(f->tau2_ub) ? "%.3g to %.3g" : "%.3g to not bounded", f->tau2_lb, f->tau2_ub);
    printf(")\n      assumed: %s\n", assumed);
}

static void print_order(const st_medians_order *f, const char *assumed) {
    printf("order        weighted   median %5.1f  %.1f %% ", f->median, 100 * f->coverage);
    print_limits(f->lb, f->ub);
    printf("\n             unweighted median %5.1f  95 %% ", f->plain);
    print_limits(f->plain_lb, f->plain_ub);
    printf("\n      assumed: %s\n", assumed);
}

/* One model into `methods`, or onto the screen where that is NULL. */
static st_status pool_model(const medians_input *in, const medians_options *o, const char *method, double shape,
                            json_t *methods, st_error *err) {
    st_medians_fit fit;
    char deaths[120], assumed[256];
    const st_medians_options options = {.shape = shape, .fraction = o->fraction, .level = LEVEL};
    const st_status status = st_medians_pool(in->arm, in->k, &options, &fit, err);
    if (status != ST_OK)
        return status;
    deaths_text(in, o->fraction, deaths, sizeof deaths);
    snprintf(assumed, sizeof assumed, "survival within a study %s; %s; log medians normal between studies",
             strcmp(method, "weibull") == 0 ? "as Weibull's with one shape for all" : "exponential", deaths);
    if (methods != NULL)
        json_array_append_new(methods, fit_json(&fit, method, assumed));
    else
        print_fit(&fit, method, assumed);
    return ST_OK;
}

static st_status pool_order(const medians_input *in, json_t *methods, st_error *err) {
    st_medians_order fit;
    const st_status status = st_medians_pool_order(in->arm, in->k, LEVEL, &fit, err);
    static const char assumed[] = "each study's median lies above or below the pooled one with the same probability, "
                                  "whatever its size; a median that was not reached lies above all others (for the "
                                  "lower limit: at its follow-up)";
    if (status != ST_OK)
        return status;
    if (methods != NULL)
        json_array_append_new(methods, order_json(&fit, assumed));
    else
        print_order(&fit, assumed);
    return ST_OK;
}

static st_status pool_all(const medians_input *in, const medians_options *o, json_t *methods, st_error *err) {
    const bool all = strcmp(o->method, NOT_NAMED) == 0;
    st_status status = ST_OK;
    if (all || strcmp(o->method, "exponential") == 0)
        status = pool_model(in, o, "exponential", 1, methods, err);
    for (size_t i = 0; status == ST_OK && i < sizeof SHAPES / sizeof *SHAPES; i++)
        if (all || strcmp(o->method, "weibull") == 0)
            status = pool_model(in, o, "weibull", SHAPES[i], methods, err);
    if (status == ST_OK && (all || strcmp(o->method, "order") == 0))
        status = pool_order(in, methods, err);
    return status;
}

static st_status print_text(const medians_input *in, const medians_options *o, st_error *err) {
    printf("%zu arms pooled from literature, times in the unit of column %s\n", in->k, o->median);
    for (size_t row = 0; row < in->table.rows; row++)
        if (in->why[row] != NULL)
            printf("left out: line %zu%s%s: %s\n", in->table.line[row], row_label(in, row)[0] != 0 ? " " : "",
                   row_label(in, row), in->why[row]);
    return pool_all(in, o, NULL, err);
}

static st_status medians_run(const void *options, st_error *err) {
    const medians_options *o = options;
    medians_input in;
    st_status status = read_input(o, &in, err);
    if (status != ST_OK)
        return status;
    if (o->json) {
        json_t *methods = json_array();
        status = pool_all(&in, o, methods, err);
        json_t *root =
            json_pack("{s:s, s:I, s:I, s:o, s:o}", "kind", "pooled from literature", "rows", (json_int_t)in.table.rows,
                      "k", (json_int_t)in.k, "left_out", left_out_json(&in), "methods", methods);
        if (status == ST_OK)
            status = common_print_json(root, err);
        else
            json_decref(root);
    } else {
        status = print_text(&in, o, err);
    }
    if (status != ST_OK && err != NULL && err->file[0] == 0)
        snprintf(err->file, sizeof err->file, "%s", o->file);
    input_fini(&in);
    return status;
}

static void medians_defaults(void *options) {
    medians_options *o = options;
    o->method = NOT_NAMED;
    o->fraction = ST_MEDIANS_FRACTION;
}

static const st_argument medians_arguments[] = {
    {"FILE", "a table, .csv, one row for each arm", offsetof(medians_options, file), false}, {0}};

static const st_option medians_option[] = {
    {"median", 0, ST_OPTION_TEXT, "COL", "column of median survival: a time, NR (not reached), or >48",
     offsetof(medians_options, median), 0, 0, NULL},
    {"n", 0, ST_OPTION_TEXT, "COL", "column of the number of patients", offsetof(medians_options, n), 0, 0, NULL},
    {"events", 0, ST_OPTION_TEXT, "COL", "column of the number of deaths; where empty, --fraction holds",
     offsetof(medians_options, events), 0, 0, NULL},
    {"label", 0, ST_OPTION_TEXT, "COL", "column of the name of an arm", offsetof(medians_options, label), 0, 0, NULL},
    {"censored", 0, ST_OPTION_TEXT, "COL",
     "column of the follow-up within which a median of NR was not reached; without it such an arm is left out",
     offsetof(medians_options, censored), 0, 0, NULL},
    {"fraction", 0, ST_OPTION_NUMBER, "F",
     "of the patients that have died, where deaths are not known (assumed: a reached median says half)",
     offsetof(medians_options, fraction), 0.01, 1, NULL},
    {"method", 0, ST_OPTION_CHOICE, "M",
     "exponential, weibull (shapes 0.7, 1, 1.5) or order (weighted median of medians)",
     offsetof(medians_options, method), 0, 0, "all,exponential,weibull,order"},
    {"json", 0, ST_OPTION_FLAG, NULL, "print JSON", offsetof(medians_options, json), 0, 0, NULL},
    {0}};

const st_command command_evidence_medians = {
    .name = "evidence medians",
    .summary = "pool median survival times, and say what that assumes",
    .description =
        "Pools medians where nothing else was printed: on the log scale with random effects, under exponential "
        "survival "
        "or Weibull's with an assumed shape, and without a model as the weighted median of medians with limits by the "
        "exact sign test. A median that was not reached counts as one above its follow-up; without a follow-up the arm "
        "is left out, and listed. Methods, sources and members of the JSON: docs/evidence/medians.md.",
    .output = "JSON, an object: kind (pooled from literature), rows, k, left_out (label, line, why) and methods: of "
              "each its name, what "
              "it assumes, the pooled median with limits, tau2 and the prediction interval where the method has them "
              "(docs/evidence/medians.md).",
    .example = "stasis evidence medians examples/medians.csv --median months --n n --events deaths --label study "
               "--censored follow_up",
    .arguments = medians_arguments,
    .options = medians_option,
    .size = sizeof(medians_options),
    .defaults = medians_defaults,
    .run = medians_run,
};
