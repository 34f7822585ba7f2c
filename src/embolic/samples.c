/* The same treatment again and again, with inputs drawn anew.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct sampling {
    const st_tree *tree;
    const st_parameters *parameters;
    const st_treatment *treatment;
    uint64_t seed;
    st_samples *out;
    st_status *status; /* [n] */
    const st_progress *progress;
    const volatile int *stop;
    atomic_size_t done;
    atomic_flag reporting;
    atomic_bool hopeless; /* memory ran out */
} sampling;

/* ---- one sample --------------------------------------------------------------- */

/* The tree with other demand: that of tumour times `factor`. Everything else is the tree's own. */
static st_status rescale(const st_tree *tree, double factor, st_tree *other, st_error *err) {
    *other = *tree;
    other->demand = st_alloc(tree->n, sizeof *other->demand, err);
    other->tumour_demand = st_alloc(tree->n, sizeof *other->tumour_demand, err);
    if (other->demand == NULL || other->tumour_demand == NULL)
        return ST_MEMORY;
    for (uint32_t i = 0; i < tree->n; i++) {
        if (!st_tree_is_terminal(tree, i))
            continue;
        other->tumour_demand[i] = factor * tree->tumour_demand[i];
        other->demand[i] = tree->demand[i] - tree->tumour_demand[i] + other->tumour_demand[i];
    }
    st_tree_sum_up(other, other->demand);
    st_tree_sum_up(other, other->tumour_demand);
    return ST_OK;
}

static st_status treat_new_bed(const st_tree *tree, const st_parameters *parameters, const st_treatment *treatment,
                               uint64_t seed, double *result, st_error *err) {
    st_bed *bed;
    st_status status = st_bed_new(tree, parameters, st_regimen_width(&treatment->regimen, parameters), seed, &bed, err);
    if (status == ST_OK)
        status = treat(bed, tree, parameters, treatment, seed, result, err);
    st_bed_free(bed);
    return status;
}

static st_status treat_changed(const sampling *s, const st_parameters *parameters, const st_treatment *treatment,
                               uint64_t seed, double *result, st_error *err) {
    const double ratio = st_parameter_value(parameters, ST_P_TUMOUR_FLOW_RATIO);
    st_tree other;
    st_status status = rescale(s->tree, ratio / st_parameter_value(s->parameters, ST_P_TUMOUR_FLOW_RATIO), &other, err);
    if (status == ST_OK)
        status = treat_new_bed(&other, parameters, treatment, seed, result, err);
    free(other.demand);
    free(other.tumour_demand);
    return status;
}

/* What sample `k` draws: its seed first, then an input each, so that neither n nor what comes after shifts a draw. */
static uint64_t draw(const sampling *s, size_t k) {
    st_rng rng = st_rng_stream(s->seed, ST_RNG_SAMPLES, k);
    uint64_t seed = (uint64_t)st_rng_u32(&rng) << 32;
    seed |= st_rng_u32(&rng);
    for (size_t i = 0; i < s->out->n_inputs; i++)
        s->out->drawn[k * s->out->n_inputs + i] = input_at(&s->out->input[i], st_rng_uniform(&rng));
    return seed;
}

static void run_sample(sampling *s, size_t k) {
    st_samples *out = s->out;
    st_error err = {0};
    const uint64_t seed = draw(s, k);
    st_treatment treatment = *s->treatment;
    st_parameters *parameters = st_alloc(1, sizeof *parameters, &err); /* large for a thread's stack */
    s->status[k] = parameters != NULL ? ST_OK : ST_MEMORY;
    if (parameters != NULL) {
        *parameters = *s->parameters;
        for (size_t i = 0; i < out->n_inputs; i++)
            input_apply(&out->input[i], out->drawn[k * out->n_inputs + i], parameters, &treatment.regimen);
        s->status[k] = treat_changed(s, parameters, &treatment, seed, out->found + k * ST_SAMPLE_RESULTS, &err);
    }
    out->fine[k] = s->status[k] == ST_OK;
    if (!out->fine[k])
        snprintf(out->why[k], sizeof out->why[k], "%.*s", (int)sizeof out->why[k] - 1, err.what);
    free(parameters);
}

/* ---- all of them ---------------------------------------------------------------- */

static bool is_stopped(const sampling *s) {
    return (s->stop != NULL && *s->stop) || atomic_load(&s->hopeless);
}

static void run_piece(void *context, size_t begin, size_t end) {
    sampling *s = context;
    for (size_t k = begin; k < end && !is_stopped(s); k++) {
        run_sample(s, k);
        if (s->status[k] == ST_MEMORY)
            atomic_store(&s->hopeless, true);
        const size_t done = atomic_fetch_add(&s->done, 1) + 1;
        /* whoever finds another one reporting goes on; the end is reported when all are done */
        if (done < s->out->n && !atomic_flag_test_and_set(&s->reporting)) {
            st_progress_report(s->progress, "samples", (double)done / (double)s->out->n);
            atomic_flag_clear(&s->reporting);
        }
    }
}

/* Samples that the model cannot compute are a finding; anything else is an error. */
static st_status judge(const sampling *s, st_error *err) {
    const st_samples *out = s->out;
    size_t first = SIZE_MAX, failed = 0;
    if (s->stop != NULL && *s->stop)
        return st_fail(err, ST_INTERRUPTED, "stopped on request, after %zu of %zu samples", atomic_load(&s->done),
                       out->n);
    for (size_t k = 0; k < out->n; k++) {
        if (s->status[k] != ST_OK && s->status[k] != ST_NUMERIC && s->status[k] != ST_VALUE)
            return st_fail(err, s->status[k], "sample %zu: %s; fewer threads need less", k + 1, out->why[k]);
        if (out->fine[k])
            continue;
        first = first == SIZE_MAX ? k : first;
        failed++;
    }
    if (failed == out->n)
        return st_fail(err, s->status[first], "all %zu samples failed; the first: %s", failed, out->why[first]);
    return ST_OK;
}

static st_status run_as_it_stands(const sampling *s, st_error *err) {
    double result[ST_SAMPLE_RESULTS];
    const st_status status = treat_new_bed(s->tree, s->parameters, s->treatment, s->seed, result, err);
    for (int r = 0; r < ST_SAMPLE_RESULTS && status == ST_OK; r++)
        s->out->summary[r].value = result[r];
    return status;
}

static st_status run_all(sampling *s, int threads, st_error *err) {
    st_status status = run_as_it_stands(s, err);
    if (status != ST_OK)
        return status;
    st_parallel_for(s->out->n, threads, run_piece, s);
    status = judge(s, err);
    if (status == ST_OK)
        status = st_samples_summarise(s->out, err);
    if (status == ST_OK)
        st_progress_report(s->progress, "samples", 1);
    return status;
}

st_status st_samples_run(const st_tree *tree, const st_parameters *parameters, const st_treatment *treatment,
                         const st_uncertainty *uncertainty, size_t n, uint64_t seed, int threads,
                         const st_progress *progress, const volatile int *stop, st_samples *samples, st_error *err) {
    st_input *input = NULL;
    size_t n_inputs = 0;
    *samples = (st_samples){.n = 0};
    if (n < 1 || n > ST_SAMPLES_MOST)
        return st_fail(err, ST_VALUE, "%zu samples: 1 to %d can be drawn", n, ST_SAMPLES_MOST);
    st_status status = inputs_of(uncertainty, parameters, &treatment->regimen, &input, &n_inputs, err);
    if (status == ST_OK)
        status = st_samples_init(samples, n, n_inputs, err);
    if (status == ST_OK) {
        memcpy(samples->input, input, n_inputs * sizeof *input);
        sampling s = {.tree = tree,
                      .parameters = parameters,
                      .treatment = treatment,
                      .seed = seed,
                      .out = samples,
                      .progress = progress,
                      .stop = stop,
                      .reporting = ATOMIC_FLAG_INIT};
        st_progress_report(progress, "samples", 0);
        s.status = st_alloc(n, sizeof *s.status, err);
        status = s.status != NULL ? run_all(&s, threads, err) : ST_MEMORY;
        free(s.status);
    }
    free(input);
    if (status != ST_OK)
        st_samples_fini(samples);
    return status;
}
