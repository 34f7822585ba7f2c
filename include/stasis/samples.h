/* stasis/samples.h - how far the numbers of an infusion can be trusted: the treatment again, with other numbers in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_SAMPLES_H
#define STASIS_SAMPLES_H

#include <jansson.h>
#include <stasis/embolic.h>

/* ---- what varies, and how: data/uncertainty.csv ------------------------------- */

typedef enum { ST_DISTRIBUTION_UNIFORM, ST_DISTRIBUTION_NORMAL, ST_DISTRIBUTION_TRIANGULAR } st_distribution;
ST_API const char *st_distribution_name(st_distribution distribution); /* "uniform", "normal", "triangular" */

/* A row. Numbers are in the unit of the parameter. */
typedef struct st_uncertain {
    char name[64];         /* of a parameter, or "deformation", "size" or "clump" of agents */
    const char *agents;    /* which, with spaces between; a name may end in *. A parameter counts when one is infused. */
    st_distribution distribution;
    double low, high;      /* of a normal one: where it is cut */
    double centre, sd;     /* mean or most likely value: NaN where it is that of the run; SD of a normal one */
    const char *trust, *source;
    size_t line;
} st_uncertain;

typedef struct st_uncertainty {
    char file[256];        /* "" when compiled in: a parameter that the user set is then known and does not vary */
    st_uncertain *row;
    size_t n;
    st_arena arena;
} st_uncertainty;

/* The table compiled in, or a file of the same columns in its place (docs/embolic.md). ST_FORMAT for what is no such
 * table, ST_VALUE with file, line and column for an unknown name or a value that is none or out of its range. */
ST_API ST_MUST_CHECK st_status st_uncertainty_init(st_uncertainty *uncertainty, const st_parameters *parameters,
                                                   st_error *err);
ST_API ST_MUST_CHECK st_status st_uncertainty_read(const char *path, const st_parameters *parameters,
                                                   st_uncertainty *uncertainty, st_error *err);
/* The same from memory; `name` stands in messages. */
ST_API ST_MUST_CHECK st_status st_uncertainty_parse(const char *name, const char *bytes, size_t size,
                                                    const st_parameters *parameters, st_uncertainty *uncertainty,
                                                    st_error *err);
ST_API void st_uncertainty_fini(st_uncertainty *uncertainty);

/* ---- a treatment --------------------------------------------------------------- */

/* Tips in order, each given every step of the regimen. */
typedef struct st_treatment {
    st_regimen regimen;
    st_endpoint endpoint;
    const uint32_t *tip;     /* [n_tips] segments */
    const uint32_t *session; /* [n_tips] ascending: tips of one share its doses by their flow; NULL: one session */
    size_t n_tips;
} st_treatment;

/* Summed over all infusions of a treatment. */
#define ST_SAMPLE_RESULT_LIST(X)                                                                      \
    X(ST_SAMPLE_PARTICLES, "particles_injected", "1", "particles injected")                           \
    X(ST_SAMPLE_IN_TUMOUR, "lodged_tumour_percent", "%", "of them lodged in tumour vessels")          \
    X(ST_SAMPLE_REFLUXED, "refluxed_percent", "%", "of them refluxed")                                \
    X(ST_SAMPLE_EMBOLIC, "embolic_volume_ml", "mL", "volume of the particles")                        \
    X(ST_SAMPLE_SUSPENSION, "suspension_ml", "mL", "suspension")                                      \
    X(ST_SAMPLE_TIME, "infusion_min", "min", "time of infusion")                                      \
    X(ST_SAMPLE_TIP_LEFT, "tip_flow_left_percent", "%", "flow left at the tips")                      \
    X(ST_SAMPLE_TUMOUR_LEFT, "tumour_arterial_flow_left_percent", "%", "arterial flow left, tumour")  \
    X(ST_SAMPLE_NORMAL_LEFT, "normal_arterial_flow_left_percent", "%", "arterial flow left, normal liver") \
    X(ST_SAMPLE_OIL, "oil_injected_ml", "mL", "oil injected")                                         \
    X(ST_SAMPLE_OIL_TUMOUR, "oil_tumour_percent", "%", "of it in tumour")                             \
    X(ST_SAMPLE_OIL_NORMAL, "oil_normal_percent", "%", "of it in normal liver")                       \
    X(ST_SAMPLE_OIL_PORTAL, "oil_portal_percent", "%", "of it to the portal side")                    \
    X(ST_SAMPLE_OIL_REFLUXED, "oil_refluxed_percent", "%", "of it refluxed")

typedef enum {
#define ST_SAMPLE_ENUM(id, name, unit, text) id,
    ST_SAMPLE_RESULT_LIST(ST_SAMPLE_ENUM)
#undef ST_SAMPLE_ENUM
    ST_SAMPLE_RESULTS
} st_sample_result;
ST_API const char *st_sample_result_name(st_sample_result result); /* "particles_injected" */
ST_API const char *st_sample_result_unit(st_sample_result result);
ST_API const char *st_sample_result_text(st_sample_result result); /* "particles injected" */

/* ---- samples --------------------------------------------------------------------- */

#define ST_SAMPLES_MOST 10000

typedef enum { ST_INPUT_PARAMETER, ST_INPUT_DEFORMATION, ST_INPUT_SIZE, ST_INPUT_CLUMP } st_input_kind;

/* What varies in this treatment. */
typedef struct st_input {
    char name[128];             /* "haematocrit", "size of pva-75-150" */
    char unit[16], source[400];
    st_input_kind kind;
    st_parameter_id parameter;  /* of a parameter */
    char agent[48];             /* of an agent's property */
    st_distribution distribution;
    double low, high, centre, sd; /* `sd` NaN unless normal, `centre` NaN when uniform */
    double value;               /* in the run itself */
    const char *trust;
} st_input;

#define ST_NO_DRIVER SIZE_MAX

/* One result over the samples; NaN where there is none, such as the oil's when no oil is given. */
typedef struct st_sample_summary {
    double value;             /* of the run itself */
    double median, p5, p95;
    double *rho;              /* [n_inputs] Spearman's with each input, NaN where one of the two does not vary */
    size_t driver;            /* input with the largest |rho|; ST_NO_DRIVER when that is not above `critical` */
} st_sample_summary;

typedef struct st_samples {
    size_t n, failed, n_inputs;
    st_input *input;
    double *drawn;            /* [n * n_inputs] by sample */
    double *found;            /* [n * ST_SAMPLE_RESULTS] by sample, NaN of one that failed */
    bool *fine;               /* [n] */
    char (*why)[256];         /* [n] why a sample failed, "" for one that did not */
    double critical;          /* |rho| that chance exceeds in 1 of 20 runs in one of all inputs */
    st_sample_summary summary[ST_SAMPLE_RESULTS];
} st_samples;

/* The treatment n times, each time with inputs drawn anew, and once as it stands. The tree stays as it is, with its
 * vessels; `parameters` are those it was grown with. Another tumour_flow_ratio scales the demand of terminals in tumour;
 * that of normal liver stays, so the artery carries more or less. Chance (random vessels, places of particles) is drawn
 * anew too. Sample k depends on the seed and k alone. At most `threads` (0: all) samples are in memory at once.
 * A sample that the model cannot compute (ST_NUMERIC, ST_VALUE) counts as failed; if all do, or the run as it stands
 * does, so does this. `progress` is called from one thread at a time. Stops with ST_INTERRUPTED when *stop becomes
 * nonzero (may be NULL). ST_VALUE unless 1 <= n <= ST_SAMPLES_MOST, or when two rows give the same input. */
ST_API ST_MUST_CHECK st_status st_samples_run(const st_tree *tree, const st_parameters *parameters,
                                              const st_treatment *treatment, const st_uncertainty *uncertainty, size_t n,
                                              uint64_t seed, int threads, const st_progress *progress,
                                              const volatile int *stop, st_samples *samples, st_error *err);
ST_API void st_samples_fini(st_samples *samples);

/* Room for n samples of n_inputs inputs, all failed; and `summary` from what then stands in them (st_samples_run does
 * both). */
ST_API ST_MUST_CHECK st_status st_samples_init(st_samples *samples, size_t n, size_t n_inputs, st_error *err);
ST_API ST_MUST_CHECK st_status st_samples_summarise(st_samples *samples, st_error *err);

/* As they stand in the outputs (docs/formats.md). */
ST_API json_t *st_samples_json(const st_samples *samples);
/* A row for each sample: its number, inputs, results, and why it failed. */
ST_API ST_MUST_CHECK st_status st_samples_write_csv(const char *path, const st_samples *samples, st_error *err);

#endif
