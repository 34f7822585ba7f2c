/* What several subcommands do on their way from options to objects.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common.h"

#include <stasis/units.h>

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

st_status common_parameters(const st_option_list *set, st_parameters *parameters, st_error *err) {
    st_status status = st_parameters_init(parameters, err);
    for (size_t i = 0; i < set->n && status == ST_OK; i++)
        status = st_parameters_set_text(parameters, set->item[i], err);
    return status;
}

st_status common_numbers(const char *option, const char *text, double *value, size_t n, st_error *err) {
    const char *at = text;
    for (size_t i = 0; i < n; i++) {
        char *end;
        value[i] = strtod(at, &end);
        if (end == at || !isfinite(value[i]) || *end != (i + 1 < n ? ',' : 0))
            return st_fail(err, ST_USAGE, "--%s takes %zu numbers separated by commas, not \"%.80s\"", option, n, text);
        at = end + 1;
    }
    return ST_OK;
}

st_status common_map(const char *preset, const char *file, st_label_map *map, st_error *err) {
    if (file == NULL)
        return st_label_map_preset(preset, map, err);
    json_t *object = NULL;
    st_status status = st_json_read(file, &object, err);
    if (status == ST_OK)
        status = st_label_map_custom(object, file, map, err);
    json_decref(object);
    return status;
}

st_status common_liver(const char *labels, const char *preset, const char *map, const st_parameters *parameters,
                       st_liver *liver, st_error *err) {
    st_label_map roles;
    st_labels volume;
    st_status status = common_map(preset, map, &roles, err);
    if (status == ST_OK)
        status = st_labels_read(labels, &volume, err);
    if (status != ST_OK)
        return status;
    status = st_liver_from_labels(&volume, &roles, parameters, liver, err);
    if (status != ST_OK && err->file[0] == 0)
        snprintf(err->file, sizeof err->file, "%s", labels);
    st_labels_fini(&volume);
    return status;
}

double common_inflow(double ml_min, const st_parameters *parameters) {
    if (ml_min > 0)
        return ml_min * ST_ML_MIN;
    const st_demand demand = st_demand_from_parameters(parameters);
    return demand.arterial[ST_NORMAL] * st_parameter_value(parameters, ST_P_REFERENCE_LIVER_VOLUME);
}

st_status common_share_demand(st_tree *tree, const st_parameters *parameters, double total, uint32_t *without,
                              st_error *err) {
    const double g = st_parameter_value(parameters, ST_P_MURRAY_EXPONENT);
    double sum = 0, given = 0;
    *without = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i)) {
            sum += pow((double)tree->radius[i], g);
            given += tree->demand[i];
        }
    if (given > 0)
        return st_tree_finish(tree, err);
    *without = tree->n_terminals;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i))
            tree->demand[i] = total * pow((double)tree->radius[i], g) / sum;
    return st_tree_finish(tree, err);
}

void common_feed_lesions(const st_liver *liver, st_tree *tree) {
    for (uint32_t i = 0; i < tree->n; i++) {
        const float *end = tree->distal[i];
        const size_t voxel = st_liver_voxel_at(liver, (const double[3]){end[0], end[1], end[2]});
        const bool inside = st_tree_is_terminal(tree, i) && voxel != SIZE_MAX;
        tree->lesion[i] = inside ? liver->lesion[voxel] : 0;
    }
}

st_status common_tree(const char *path, const st_liver *liver, const st_parameters *parameters, st_tree *tree,
                      uint32_t *without, st_error *err) {
    const st_demand demand = st_demand_from_parameters(parameters);
    const st_status status = st_tree_read(path, tree, err);
    if (status != ST_OK)
        return status;
    if (liver != NULL)
        common_feed_lesions(liver, tree);
    const double total = liver != NULL ? st_demand_arterial_total(&demand, liver) : common_inflow(0, parameters);
    return common_share_demand(tree, parameters, total, without, err);
}

st_status common_solve(const st_tree *tree, const st_parameters *parameters, common_solution *solution, st_error *err) {
    *solution = (common_solution){.q = st_alloc(tree->n, sizeof *solution->q, err),
                                  .pressure = st_alloc(tree->n, sizeof *solution->pressure, err)};
    st_status status = solution->q != NULL && solution->pressure != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = st_flow_init(tree, parameters, &solution->flow, err);
    if (status == ST_OK)
        st_flow_solve(&solution->flow, tree, solution->q, solution->pressure);
    return status;
}

void common_solution_fini(common_solution *solution) {
    st_flow_fini(&solution->flow);
    free(solution->q);
    free(solution->pressure);
}

st_status common_uncertainty(const char *file, const st_parameters *parameters, st_uncertainty *uncertainty,
                             st_error *err) {
    return file != NULL ? st_uncertainty_read(file, parameters, uncertainty, err)
                        : st_uncertainty_init(uncertainty, parameters, err);
}

static void print_sample_summary(const st_samples *samples, st_sample_result result) {
    const st_sample_summary *s = &samples->summary[result];
    char interval[64], unit[8] = "";
    if (isnan(s->median)) /* of oil, where none is given */
        return;
    if (strcmp(st_sample_result_unit(result), "1") != 0)
        snprintf(unit, sizeof unit, " %s", st_sample_result_unit(result));
    snprintf(interval, sizeof interval, "%.3g (%.3g to %.3g)%s", s->median, s->p5, s->p95, unit);
    printf("  %-32s %-34s ", st_sample_result_text(result), interval);
    if (s->driver == ST_NO_DRIVER)
        puts("no clear driver");
    else
        printf("driven by %s, rho %.2f\n", samples->input[s->driver].name, s->rho[s->driver]);
}

void common_print_samples(const st_samples *samples) {
    printf("uncertainty  %zu samples of %zu inputs; median (5 %% to 95 %%)", samples->n, samples->n_inputs);
    if (samples->failed > 0)
        printf("; %zu failed", samples->failed);
    puts("");
    for (int r = 0; r < ST_SAMPLE_RESULTS; r++)
        print_sample_summary(samples, (st_sample_result)r);
    for (size_t k = 0; k < samples->n; k++)
        if (!samples->fine[k]) {
            printf("  the first failure: %s\n", samples->why[k]);
            break;
        }
}

st_status common_print_json(json_t *root, st_error *err) {
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(17);
    const bool written =
        root != NULL && json_dumpf(root, stdout, flags) == 0 && putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(root);
    return written ? ST_OK : st_fail(err, ST_IO, "the answer could not be written to standard output");
}

static volatile int interrupted; /* a signal handler reaches nothing else */

static void on_interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

const volatile int *common_catch_interrupt(void) {
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND}; /* a second one kills */
    sigaction(SIGINT, &action, NULL);
    return &interrupted;
}
