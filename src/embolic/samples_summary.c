/* What the samples say: medians, intervals, and which input drives a result.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/samples.h>
#include <stasis/statistics.h>

#include <math.h>
#include <stdlib.h>

static const double LEVEL = 0.05;

static const char *const result_name[] = {
#define NAME_OF(id, name, unit, text) name,
    ST_SAMPLE_RESULT_LIST(NAME_OF)
#undef NAME_OF
};
static const char *const result_unit[] = {
#define UNIT_OF(id, name, unit, text) unit,
    ST_SAMPLE_RESULT_LIST(UNIT_OF)
#undef UNIT_OF
};
static const char *const result_text[] = {
#define TEXT_OF(id, name, unit, text) text,
    ST_SAMPLE_RESULT_LIST(TEXT_OF)
#undef TEXT_OF
};

const char *st_sample_result_name(st_sample_result result) {
    return result_name[result];
}

const char *st_sample_result_unit(st_sample_result result) {
    return result_unit[result];
}

const char *st_sample_result_text(st_sample_result result) {
    return result_text[result];
}

st_status st_samples_init(st_samples *samples, size_t n, size_t n_inputs, st_error *err) {
    *samples = (st_samples){.n = n, .n_inputs = n_inputs};
    samples->input = st_alloc(n_inputs, sizeof *samples->input, err);
    samples->drawn = st_alloc(n * n_inputs, sizeof *samples->drawn, err);
    samples->found = st_alloc(n * ST_SAMPLE_RESULTS, sizeof *samples->found, err);
    samples->fine = st_alloc(n, sizeof *samples->fine, err);
    samples->why = st_alloc(n, sizeof *samples->why, err);
    bool room = samples->input && samples->drawn && samples->found && samples->fine && samples->why;
    for (int r = 0; r < ST_SAMPLE_RESULTS; r++) {
        samples->summary[r].value = NAN;
        samples->summary[r].rho = st_alloc(n_inputs, sizeof *samples->summary[r].rho, err);
        room = room && samples->summary[r].rho != NULL;
    }
    if (!room) {
        st_samples_fini(samples);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < n * ST_SAMPLE_RESULTS; i++)
        samples->found[i] = NAN;
    return ST_OK;
}

void st_samples_fini(st_samples *samples) {
    for (int r = 0; r < ST_SAMPLE_RESULTS; r++)
        free(samples->summary[r].rho);
    free(samples->input);
    free(samples->drawn);
    free(samples->found);
    free(samples->fine);
    free(samples->why);
    *samples = (st_samples){.n = 0};
}

/* Room for one column of the samples and its ranks. */
typedef struct columns {
    size_t n;
    double *result, *input, *result_rank, *input_rank; /* [samples] */
} columns;

static st_status rank_inputs(const st_samples *s, int result, columns *c, st_sample_summary *summary, st_error *err) {
    double strongest = s->critical;
    st_status status = st_ranks(c->result, c->n, c->result_rank, err);
    for (size_t i = 0; i < s->n_inputs && status == ST_OK; i++) {
        size_t n = 0;
        for (size_t k = 0; k < s->n; k++)
            if (!isnan(s->found[k * ST_SAMPLE_RESULTS + (size_t)result]))
                c->input[n++] = s->drawn[k * s->n_inputs + i];
        if ((status = st_ranks(c->input, n, c->input_rank, err)) != ST_OK)
            break;
        summary->rho[i] = st_correlation(c->input_rank, c->result_rank, n);
        if (fabs(summary->rho[i]) > strongest) {
            strongest = fabs(summary->rho[i]);
            summary->driver = i;
        }
    }
    return status;
}

static st_status summarise(const st_samples *s, int result, columns *c, st_sample_summary *summary, st_error *err) {
    c->n = 0;
    for (size_t k = 0; k < s->n; k++)
        if (!isnan(s->found[k * ST_SAMPLE_RESULTS + (size_t)result]))
            c->result[c->n++] = s->found[k * ST_SAMPLE_RESULTS + (size_t)result];
    summary->driver = ST_NO_DRIVER;
    const st_status status = rank_inputs(s, result, c, summary, err);
    st_sort(c->result, c->n);
    summary->median = st_percentile(c->result, c->n, 50);
    summary->p5 = st_percentile(c->result, c->n, 5);
    summary->p95 = st_percentile(c->result, c->n, 95);
    return status;
}

st_status st_samples_summarise(st_samples *s, st_error *err) {
    columns c = {.result = st_alloc(s->n, sizeof *c.result, err),
                 .input = st_alloc(s->n, sizeof *c.input, err),
                 .result_rank = st_alloc(s->n, sizeof *c.result_rank, err),
                 .input_rank = st_alloc(s->n, sizeof *c.input_rank, err)};
    st_status status = c.result && c.input && c.result_rank && c.input_rank ? ST_OK : ST_MEMORY;
    s->failed = 0;
    for (size_t k = 0; k < s->n; k++)
        s->failed += !s->fine[k];
    /* the strongest of several is named, so each has its part of the level (Bonferroni) */
    s->critical = st_rank_correlation_critical(s->n - s->failed, LEVEL / (double)(s->n_inputs > 0 ? s->n_inputs : 1));
    for (int r = 0; r < ST_SAMPLE_RESULTS && status == ST_OK; r++)
        status = summarise(s, r, &c, &s->summary[r], err);
    free(c.result);
    free(c.input);
    free(c.result_rank);
    free(c.input_rank);
    return status;
}
