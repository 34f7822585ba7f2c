/* Samples as they leave the program: a summary as JSON, one by one as a table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/samples.h>
#include <stasis/text.h>

#include <math.h>

static json_t *input_json(const st_input *input) {
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(input->name));
    json_object_set_new(object, "unit", json_string(input->unit));
    json_object_set_new(object, "distribution", json_string(st_distribution_name(input->distribution)));
    json_object_set_new(object, "low", st_json_real(input->low));
    json_object_set_new(object, "high", st_json_real(input->high));
    json_object_set_new(object, "centre", st_json_real(input->centre));
    json_object_set_new(object, "sd", st_json_real(input->sd));
    json_object_set_new(object, "value", st_json_real(input->value));
    json_object_set_new(object, "trust", json_string(input->trust));
    json_object_set_new(object, "source", json_string(input->source));
    return object;
}

static json_t *result_json(const st_samples *samples, st_sample_result result) {
    const st_sample_summary *summary = &samples->summary[result];
    const bool driven = summary->driver != ST_NO_DRIVER;
    json_t *object = json_object(), *all = json_object();
    for (size_t i = 0; i < samples->n_inputs; i++)
        json_object_set_new(all, samples->input[i].name, st_json_real(summary->rho[i]));
    json_object_set_new(object, "name", json_string(st_sample_result_name(result)));
    json_object_set_new(object, "unit", json_string(st_sample_result_unit(result)));
    json_object_set_new(object, "value", st_json_real(summary->value));
    json_object_set_new(object, "median", st_json_real(summary->median));
    json_object_set_new(object, "p5", st_json_real(summary->p5));
    json_object_set_new(object, "p95", st_json_real(summary->p95));
    json_object_set_new(object, "driver", driven ? json_string(samples->input[summary->driver].name) : json_null());
    json_object_set_new(object, "rho", driven ? st_json_real(summary->rho[summary->driver]) : json_null());
    json_object_set_new(object, "rho_all", all);
    return object;
}

static json_t *first_failure(const st_samples *samples) {
    for (size_t k = 0; k < samples->n; k++)
        if (!samples->fine[k])
            return json_string(samples->why[k]);
    return json_null();
}

json_t *st_samples_json(const st_samples *samples) {
    json_t *object = json_object(), *inputs = json_array(), *results = json_array();
    for (size_t i = 0; i < samples->n_inputs; i++)
        json_array_append_new(inputs, input_json(&samples->input[i]));
    for (int r = 0; r < ST_SAMPLE_RESULTS; r++)
        json_array_append_new(results, result_json(samples, (st_sample_result)r));
    json_object_set_new(object, "n", json_integer((json_int_t)samples->n));
    json_object_set_new(object, "failed", json_integer((json_int_t)samples->failed));
    json_object_set_new(object, "first_failure", first_failure(samples));
    json_object_set_new(object, "rho_critical", st_json_real(samples->critical));
    json_object_set_new(object, "inputs", inputs);
    json_object_set_new(object, "results", results);
    return object;
}

static void put_number(FILE *stream, double value) {
    fputc(',', stream);
    if (isfinite(value))
        fprintf(stream, "%.17g", value);
}

static void put_name(FILE *stream, const char *name) {
    fputc(',', stream);
    st_csv_put(stream, name);
}

st_status st_samples_write_csv(const char *path, const st_samples *samples, st_error *err) {
    st_writer writer;
    st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    FILE *stream = writer.stream;
    fputs("sample", stream);
    for (size_t i = 0; i < samples->n_inputs; i++)
        put_name(stream, samples->input[i].name);
    for (int r = 0; r < ST_SAMPLE_RESULTS; r++)
        put_name(stream, st_sample_result_name((st_sample_result)r));
    fputs(",error\n", stream);
    for (size_t k = 0; k < samples->n; k++) {
        fprintf(stream, "%zu", k + 1);
        for (size_t i = 0; i < samples->n_inputs; i++)
            put_number(stream, samples->drawn[k * samples->n_inputs + i]);
        for (size_t r = 0; r < ST_SAMPLE_RESULTS; r++)
            put_number(stream, samples->found[k * ST_SAMPLE_RESULTS + r]);
        put_name(stream, samples->why[k]);
        fputc('\n', stream);
    }
    return st_writer_commit(&writer, err);
}
