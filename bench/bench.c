/* bench OUT.json: times the stages on one machine, each beside a floor measured in the same run (floors.h).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cco_reference.h"
#include "evidence.h"
#include "floors.h"
#include "phantom.h"

#include <stdlib.h>
#include <sys/resource.h>

#define SOLVES 5
#define CLASSICAL_TERMINALS 2000

/* 1.5 L of liver with four metastases of 20 mm radius. */
static const double half_axes[3] = {85, 65, 65};
static const phantom_ball metastases[] = {
    {{-40, 5, 10}, 20}, {{-15, -30, -20}, 20}, {{30, 15, 10}, 20}, {{45, -15, -15}, 20}};
#define N_METASTASES (sizeof metastases / sizeof *metastases)

typedef struct bench {
    const char *program, *out;
    json_t *rows;
    st_parameters parameters;
    st_liver liver;
    st_error err;
} bench;

static void row(bench *b, const char *name, double value, const char *unit, double reference, const char *what) {
    printf("%-24s %12.4g %-10s %12.4g %12.3g   %s\n", name, value, unit, reference, value / reference, what);
    fflush(stdout);
    json_array_append_new(b->rows,
                          json_pack("{s:s, s:f, s:s, s:f, s:f, s:s}", "name", name, "value", value, "unit", unit,
                                    "reference", reference, "ratio", value / reference, "reference_is", what));
}

static st_status grow(bench *b, const char *name, uint32_t terminals, st_tree *tree) {
    const st_tree_options options = {.terminals = terminals, .seed = 1};
    st_tree_growth growth;
    const double start = st_clock();
    st_status status = st_tree_grow(&b->liver, &b->parameters, &options, NULL, tree, &growth, &b->err);
    if (status == ST_OK)
        row(b, name, st_clock() - start, "s", floor_tree_walk(tree), "one walk from every terminal to the root");
    return status;
}

/* The same number of terminals at the same places by the algorithm as it was published. */
/* The classical algorithm knows no feeders. */
static const st_feeding no_feeders[N_METASTASES];

static st_status grow_classical(bench *b) {
    const st_tree_options options = {.terminals = CLASSICAL_TERMINALS, .seed = 1, .feeding = no_feeders};
    st_tree tree = {0}, reference = {0};
    st_tree_growth growth;
    st_tree_measures ours, theirs;
    st_status status;
    double start = st_clock();
    if ((status = st_tree_grow(&b->liver, &b->parameters, &options, NULL, &tree, &growth, &b->err)) != ST_OK)
        return status;
    const double seconds = st_clock() - start;
    start = st_clock();
    status = cco_reference_of(&tree, st_parameter_value(&b->parameters, ST_P_MURRAY_EXPONENT), 1, &reference, &b->err);
    if (status == ST_OK)
        row(b, "tree_2000_vs_classical", seconds, "s", st_clock() - start, "classical algorithm, 2000 terminals");
    if (status == ST_OK &&
        (status = st_tree_measure(&tree, NULL, &b->parameters, 0, &ours, &b->err)) == ST_OK &&
        (status = st_tree_measure(&reference, NULL, &b->parameters, 0, &theirs, &b->err)) == ST_OK)
        row(b, "tree_2000_volume", ours.volume, "mm3", theirs.volume, "volume by the classical algorithm");
    st_tree_fini(&tree);
    st_tree_fini(&reference);
    return status;
}

/* Grows a tree in a process of its own, which is asked by its standard output: seconds, and its size in MB. The most
 * memory that any such process took so far is *peak. */
static st_status grow_apart(bench *b, uint32_t terminals, double *seconds, double *tree_mb, double *peak_mb) {
    char command[4200];
    struct rusage usage;
    snprintf(command, sizeof command, "'%s' grow %u", b->program, terminals);
    FILE *answer = popen(command, "r");
    const bool read = answer != NULL && fscanf(answer, "%lf %lf", seconds, tree_mb) == 2;
    if (answer == NULL || pclose(answer) != 0 || !read || getrusage(RUSAGE_CHILDREN, &usage) != 0)
        return st_fail(&b->err, ST_IO, "\"%s\" did not answer", command);
    *peak_mb = (double)usage.ru_maxrss / 1024;
    return ST_OK;
}

/* Time that grows with the number of terminals to this power, from one tree to one of `times` as many. */
static double exponent_of(double seconds, double seconds_of_more, double times) {
    return log(seconds_of_more / seconds) / log(times);
}

/* The classical algorithm takes the square of the number of points at least. */
static st_status classical_exponent(bench *b, double *exponent) {
    double taken[2] = {0};
    st_status status = ST_OK;
    for (unsigned k = 0; k < 2 && status == ST_OK; k++) {
        const st_tree_options options = {.terminals = (k + 1) * CLASSICAL_TERMINALS / 2, .seed = 1, .feeding = no_feeders};
        st_tree tree = {0}, reference = {0};
        st_tree_growth growth;
        status = st_tree_grow(&b->liver, &b->parameters, &options, NULL, &tree, &growth, &b->err);
        const double start = st_clock();
        if (status == ST_OK)
            status = cco_reference_of(&tree, st_parameter_value(&b->parameters, ST_P_MURRAY_EXPONENT), 1, &reference,
                                      &b->err);
        taken[k] = st_clock() - start;
        st_tree_fini(&tree);
        st_tree_fini(&reference);
    }
    *exponent = exponent_of(taken[0], taken[1], 2);
    return status;
}

static st_status large_trees(bench *b) {
    double seconds[3], tree_mb[3], peak_mb[3], classical;
    static const uint32_t terminals[3] = {100000, 1000000, 3000000};
    st_status status = ST_OK;
    for (int k = 0; k < 3 && status == ST_OK; k++)
        status = grow_apart(b, terminals[k], &seconds[k], &tree_mb[k], &peak_mb[k]);
    if (status == ST_OK)
        status = classical_exponent(b, &classical);
    if (status != ST_OK)
        return status;
    row(b, "tree_1e6_mb", peak_mb[1], "MB", tree_mb[1], "the finished tree");
    row(b, "tree_3e6_s", seconds[2], "s", 3 * seconds[1], "three times that of a third of it");
    row(b, "tree_3e6_mb", peak_mb[2], "MB", tree_mb[2], "the finished tree");
    row(b, "tree_exponent", exponent_of(seconds[0], seconds[2], 30), "1", classical,
        "classical algorithm, 1000 to 2000 terminals");
    return ST_OK;
}

static st_status answer_apart(bench *b, uint32_t terminals) {
    const st_tree_options options = {.terminals = terminals, .seed = 1};
    st_tree tree = {0};
    st_tree_growth growth;
    st_status status;
    if ((status = st_parameters_init(&b->parameters, &b->err)) != ST_OK ||
        (status = phantom_liver(half_axes, 1, metastases, N_METASTASES, &b->parameters, &b->liver, &b->err)) != ST_OK ||
        (status = st_tree_grow(&b->liver, &b->parameters, &options, NULL, &tree, &growth, &b->err)) != ST_OK)
        return status;
    const size_t segment = 3 * sizeof(uint32_t) + 7 * sizeof(float) + 2 * sizeof(double) + sizeof(uint16_t) + 1;
    printf("%.6f %.3f\n", growth.seconds, (double)tree.n * (double)segment / 1048576);
    st_tree_fini(&tree);
    st_liver_fini(&b->liver);
    st_parameters_fini(&b->parameters);
    return ST_OK;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void solve(bench *b, const st_tree *tree, st_flow *flow, double *q) {
    double taken[SOLVES], sweep[SOLVES];
    for (int i = 0; i < SOLVES; i++) {
        const double start = st_clock();
        st_flow_refresh(flow, tree);
        st_flow_solve(flow, tree, q, NULL);
        taken[i] = st_clock() - start;
        sweep[i] = floor_flow_sweep(tree, flow, q);
    }
    qsort(taken, SOLVES, sizeof *taken, by_value);
    qsort(sweep, SOLVES, sizeof *sweep, by_value);
    row(b, "flow_1e6_ms", taken[SOLVES / 2] * 1e3, "ms", sweep[SOLVES / 2] * 1e3, "one sweep over the same arrays");
}

/* Every vessel that a catheter enters, and the feeders of each lesion. */
static st_status reach(bench *b, const st_tree *tree) {
    double taken[SOLVES], sweep[SOLVES];
    st_status status = ST_OK;
    for (int i = 0; i < SOLVES && status == ST_OK; i++) {
        st_reach entered = {0};
        st_feeders feeders = {0};
        const double start = st_clock();
        status = st_plan_reach(tree, b->liver.n_lesions, &b->parameters, &entered, &b->err);
        if (status == ST_OK)
            status = st_plan_feeders(&entered, &b->parameters, &feeders, &b->err);
        taken[i] = st_clock() - start;
        sweep[i] = floor_tree_sweep(tree);
        st_feeders_fini(&feeders);
        st_reach_fini(&entered);
    }
    if (status != ST_OK)
        return status;
    qsort(taken, SOLVES, sizeof *taken, by_value);
    qsort(sweep, SOLVES, sizeof *sweep, by_value);
    row(b, "plan_reach_1e6_ms", taken[SOLVES / 2] * 1e3, "ms", sweep[SOLVES / 2] * 1e3,
        "one walk over the same arrays");
    return ST_OK;
}

/* The larger branch of the first bifurcation: about a lobe. */
static uint32_t lobar(const st_tree *tree) {
    uint32_t tip = 0;
    while (tree->next_sibling[tree->first_child[tip]] == ST_NONE)
        tip = tree->first_child[tip];
    return tree->first_child[tip];
}

/* To stasis, with plugs that are tight: every lodging changes the way of the next. */
static st_status infuse(bench *b, const st_tree *tree) {
    st_agent agent;
    st_infusion infusion = {0};
    st_bed *bed = NULL;
    const double porosity = b->parameters.item[ST_P_PLUG_POROSITY].value;
    b->parameters.item[ST_P_PLUG_POROSITY].value = 0;
    st_status status = st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &b->err);
    agent.clump = 1; /* a particle, a lodging */
    if (status == ST_OK)
        status = st_bed_new(tree, &b->parameters, st_agent_smallest(&agent), 1, &bed, &b->err);
    if (status == ST_OK) {
        const st_injection order = {.agent = &agent, .tip = lobar(tree), .endpoint = ST_ENDPOINT_STASIS, .seed = 1};
        const double start = st_clock();
        status = st_infuse(bed, &order, NULL, &infusion, &b->err);
        const double seconds = st_clock() - start;
        const st_particles *p = &infusion.particles;
        const double n = (double)(p->lodged_tumour + p->lodged_normal);
        if (status == ST_OK)
            row(b, "infusion_lodgings_per_s", n / seconds, "1/s", floor_plain_walk(tree, &b->parameters, &agent, lobar(tree)),
                "plain walk: every segment of the tree, to the root");
    }
    b->parameters.item[ST_P_PLUG_POROSITY].value = porosity;
    st_infusion_fini(&infusion);
    st_bed_free(bed);
    return status;
}

static st_status tissue(bench *b, const st_tree *tree) {
    st_tissue maps = {0};
    st_flow flow = {0};
    double *q = st_alloc(tree->n, sizeof *q, &b->err);
    st_status status = q != NULL ? st_flow_init(tree, &b->parameters, &flow, &b->err) : ST_MEMORY;
    if (status != ST_OK)
        goto done;
    st_flow_solve(&flow, tree, q, NULL);
    const double start = st_clock();
    if ((status = st_tissue_init(&b->liver, tree, &b->parameters, 0, &maps, &b->err)) != ST_OK)
        goto done;
    st_tissue_update(&maps, &b->liver, tree, &b->parameters, q, 1, 0);
    const double seconds = st_clock() - start;
    row(b, "tissue_1mm_s", seconds, "s", floor_tissue_sweep(&b->liver, &maps), "every map of the tissue written once");
done:
    st_tissue_fini(&maps);
    st_flow_fini(&flow);
    free(q);
    return status;
}

/* The beginning of `out` up to its last slash, then `name`: the files of the case stand beside the answer. */
static const char *beside(const bench *b, const char *name) {
    static char path[4096];
    const char *slash = strrchr(b->out, '/');
    const int length = slash != NULL ? (int)(slash - b->out) + 1 : 0;
    snprintf(path, sizeof path, "%.*s%s", length, b->out, name);
    return path;
}

static st_status write_case(bench *b) {
    st_labels labels;
    st_status status = phantom_labels(half_axes, 1, metastases, N_METASTASES, &labels, &b->err);
    if (status == ST_OK)
        status = st_labels_write(beside(b, "bench-liver.nii.gz"), &labels, &b->err);
    st_labels_fini(&labels);
    if (status != ST_OK)
        return status;
    json_t *root = json_pack("{s:s, s:{}, s:{s:s, s:s}}", "case_id", "bench", "patient", "anatomy", "labels",
                             "bench-liver.nii.gz", "preset", "lits");
    status = st_json_write(beside(b, "bench-case.json"), root, &b->err);
    json_decref(root);
    return status;
}

static st_status whole_case(bench *b) {
    st_case c = {0};
    st_result result = {0};
    st_status status;
    if ((status = write_case(b)) != ST_OK ||
        (status = st_case_read(beside(b, "bench-case.json"), &c, &b->err)) != ST_OK)
        goto done;
    const double start = st_clock();
    if ((status = st_case_run(&c, 0, NULL, NULL, &result, &b->err)) != ST_OK ||
        (status = st_report_write(beside(b, "bench-report"), &c, &result, 0, NULL, &b->err)) != ST_OK)
        goto done;
    row(b, "case_s", st_clock() - start, "s", result.timing.tree, "growth of its tree alone");
done:
    st_result_fini(&result);
    st_case_fini(&c);
    return status;
}

static st_status evidence(bench *b) {
    evidence_figure fit, bootstrap;
    const st_status status = evidence_times(beside(b, "bench-metafor.R"), &fit, &bootstrap, &b->err);
    if (status == ST_OK) {
        row(b, "reml_k15_us", fit.value, "us", fit.reference, fit.what);
        row(b, "bootstrap_10000_s", bootstrap.value, "s", bootstrap.reference, bootstrap.what);
    }
    return status;
}

static st_status run(bench *b) {
    st_tree small = {0}, large = {0};
    st_flow flow = {0};
    double *q = NULL;
    st_status status;
    if ((status = st_parameters_init(&b->parameters, &b->err)) != ST_OK ||
        (status = phantom_liver(half_axes, 1, metastases, N_METASTASES, &b->parameters, &b->liver, &b->err)) != ST_OK ||
        (status = grow_classical(b)) != ST_OK || (status = large_trees(b)) != ST_OK ||
        (status = grow(b, "tree_1e5_s", 100000, &small)) != ST_OK || (status = tissue(b, &small)) != ST_OK ||
        (status = grow(b, "tree_1e6_s", 1000000, &large)) != ST_OK || (status = reach(b, &large)) != ST_OK ||
        (status = st_flow_init(&large, &b->parameters, &flow, &b->err)) != ST_OK)
        goto done;
    if ((q = st_alloc(large.n, sizeof *q, &b->err)) == NULL) {
        status = ST_MEMORY;
        goto done;
    }
    solve(b, &large, &flow, q);
    if ((status = infuse(b, &large)) == ST_OK)
        status = whole_case(b);
    if (status == ST_OK)
        status = evidence(b);
done:
    free(q);
    st_flow_fini(&flow);
    st_tree_fini(&small);
    st_tree_fini(&large);
    st_liver_fini(&b->liver);
    st_parameters_fini(&b->parameters);
    return status;
}

int main(int argc, char **argv) {
    bench b = {.program = argv[0], .out = argv[1], .rows = json_array()};
    const bool apart = argc == 3 && strcmp(argv[1], "grow") == 0;
    if (argc != 2 && !apart) {
        fprintf(stderr, "usage: bench OUT.json\n");
        return ST_USAGE;
    }
    if (!apart)
        printf("%-24s %12s %-10s %12s %12s   %s\n", "figure", "value", "unit", "reference", "ratio", "the reference is");
    st_status status = apart ? answer_apart(&b, (uint32_t)strtoul(argv[2], NULL, 10)) : run(&b);
    if (status == ST_OK && !apart)
        status = st_json_write(b.out, b.rows, &b.err);
    if (status != ST_OK) {
        char text[1024];
        st_error_text(&b.err, text, sizeof text);
        fprintf(stderr, "bench: %s\n", text);
    }
    json_decref(b.rows);
    return (int)status;
}
