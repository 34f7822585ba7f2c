/* What several subcommands do on their way from options to objects.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CLI_COMMON_H
#define STASIS_CLI_COMMON_H

#include <stasis/case.h>
#include <stasis/options.h>

/* The compiled-in parameters with every --set applied. */
ST_MUST_CHECK st_status common_parameters(const st_option_list *set, st_parameters *parameters, st_error *err);

/* "1.5,2,3" into n numbers; `option` stands in the message. */
ST_MUST_CHECK st_status common_numbers(const char *option, const char *text, double *value, size_t n, st_error *err);

/* Meaning of labels from a preset or, when given, from the JSON file `file`. */
ST_MUST_CHECK st_status common_map(const char *preset, const char *file, st_label_map *map, st_error *err);

/* The organ of a label map. */
ST_MUST_CHECK st_status common_liver(const char *labels, const char *preset, const char *map,
                                     const st_parameters *parameters, st_liver *liver, st_error *err);

/* mm^3/s for terminals that bring no demand: `ml_min` as asked or, when 0, that of a liver of the reference volume. */
double common_inflow(double ml_min, const st_parameters *parameters);

/* The terminals of a tree whose file gives no flow share `total` (mm^3/s) by radius^g (Murray); *without is how many
 * did, 0 when the file has flow (a terminal with none is closed). */
ST_MUST_CHECK st_status common_share_demand(st_tree *tree, const st_parameters *parameters, double total,
                                            uint32_t *without, st_error *err);

/* Each terminal feeds the lesion that it ends in: the tree knows its lesions from the label map. */
void common_feed_lesions(const st_liver *liver, st_tree *tree);

/* The tree of a file, with flow. Its lesions are those of the liver or, where that is NULL, those that the file names.
 * Of a file without flow the terminals share what the liver takes, or one of the reference volume; *without as above. */
ST_MUST_CHECK st_status common_tree(const char *path, const st_liver *liver, const st_parameters *parameters,
                                    st_tree *tree, uint32_t *without, st_error *err);

/* A tree solved at baseline. */
typedef struct common_solution {
    st_flow flow;
    double *q;        /* [segments] mm^3/s */
    double *pressure; /* [segments] Pa at the distal point */
} common_solution;
ST_MUST_CHECK st_status common_solve(const st_tree *tree, const st_parameters *parameters, common_solution *solution,
                                     st_error *err);
void common_solution_fini(common_solution *solution);

/* What varies from sample to sample: the table compiled in, or `file` unless NULL. */
ST_MUST_CHECK st_status common_uncertainty(const char *file, const st_parameters *parameters,
                                           st_uncertainty *uncertainty, st_error *err);

/* A line for each result: median, 90 % interval, driver. */
void common_print_samples(const st_samples *samples);

/* The document on stdout, as st_json_write writes files. Takes `root`, also when it fails. */
ST_MUST_CHECK st_status common_print_json(json_t *root, st_error *err);

/* Nonzero once the user pressed Ctrl-C (after common_catch_interrupt). */
const volatile int *common_catch_interrupt(void);

#endif
