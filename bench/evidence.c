/* Times of meta-analysis.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence.h"

#include <math.h>

enum { STUDIES = 15, FITS = 20000, DRAWS = 10000 };

static const st_meta_options REML = {ST_METHOD_REML, ST_TEST_Z, 0.95};

static void make_studies(double *y, double *v) {
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 0);
    for (int i = 0; i < STUDIES; i++) {
        v[i] = 0.01 + 0.3 * st_rng_uniform(&rng);
        y[i] = 0.4 + sqrt(0.2 + v[i]) * st_rng_normal(&rng);
    }
}

/* tau2 by Fisher scoring until it stands. */
static double plain_reml(const double *y, const double *v) {
    double t = 0;
    for (int iteration = 0; iteration < 200; iteration++) {
        double s1 = 0, s2 = 0, s3 = 0, sy = 0, fit = 0;
        for (int i = 0; i < STUDIES; i++) {
            const double w = 1 / (v[i] + t);
            s1 += w;
            s2 += w * w;
            s3 += w * w * w;
            sy += w * y[i];
        }
        for (int i = 0; i < STUDIES; i++) {
            const double w = 1 / (v[i] + t), r = y[i] - sy / s1;
            fit += w * w * r * r;
        }
        const double step = (fit - (s1 - s2 / s1)) / (s2 - 2 * s3 / s1 + s2 * s2 / (s1 * s1));
        t = fmax(0, t + step);
        if (fabs(step) < 1e-10)
            break;
    }
    return t;
}

static double time_plain(const double *y, const double *v) {
    static volatile double sink; /* so that no compiler leaves the work out */
    const double start = st_clock();
    for (int i = 0; i < FITS; i++)
        sink = plain_reml(y, v);
    return (void)sink, (st_clock() - start) / FITS;
}

static void print_vector(FILE *stream, const char *name, const double *value) {
    fprintf(stream, "%s <- c(", name);
    for (int i = 0; i < STUDIES; i++)
        fprintf(stream, "%s%.17g", i > 0 ? ", " : "", value[i]);
    fputs(")\n", stream);
}

/* Seconds of one rma(), and of one on studies drawn again, mean of 200; false where R does not answer. */
static bool time_metafor(const char *script, const double *y, const double *v, double *fit, double *drawn) {
    char command[4200];
    FILE *file = fopen(script, "w");
    if (file == NULL)
        return false;
    fputs("suppressPackageStartupMessages(library(metafor))\n", file);
    print_vector(file, "y", y);
    print_vector(file, "v", v);
    fputs("n <- 200; set.seed(1)\n"
          "one <- function() rma(y, v, method = 'REML')\n"
          "again <- function() { i <- sample.int(length(y), replace = TRUE); try(rma(y[i], v[i], method = 'REML'), "
          "TRUE) }\n"
          "for (i in 1:20) one()\n"
          "cat(system.time(for (i in 1:n) one())[['elapsed']] / n, suppressWarnings(system.time(for (i in 1:n) "
          "again()))[['elapsed']] / n)\n",
          file);
    fclose(file);
    snprintf(command, sizeof command, "Rscript '%s' 2>/dev/null", script);
    FILE *answer = popen(command, "r");
    const bool read = answer != NULL && fscanf(answer, "%lf %lf", fit, drawn) == 2;
    return answer != NULL && pclose(answer) == 0 && read;
}

st_status evidence_times(const char *script, evidence_figure *fit, evidence_figure *bootstrap, st_error *err) {
    double y[STUDIES], v[STUDIES], one, drawn;
    make_studies(y, v);
    const st_meta_data data = {.k = STUDIES, .p = 1, .yi = y, .vi = v};
    st_meta_fit result;
    st_meta_bootstrap limits;
    st_status status = ST_OK;
    double start = st_clock();
    for (int i = 0; i < FITS && status == ST_OK; i++) {
        status = st_meta_fit_run(&data, &REML, &result, err);
        st_meta_fit_fini(&result);
    }
    fit->value = (st_clock() - start) / FITS * 1e6;
    start = st_clock();
    if (status == ST_OK)
        status = st_meta_bootstrap_run(&data, &REML, DRAWS, 1, 1, &limits, err);
    bootstrap->value = st_clock() - start;
    if (time_metafor(script, y, v, &one, &drawn)) {
        fit->what = "rma() of R's metafor, mean of 200";
        bootstrap->what = "rma() of R's metafor on 200 draws, times 50";
    } else {
        one = drawn = time_plain(y, v);
        fit->what = "Fisher scoring written plainly (no R with metafor here)";
        bootstrap->what = "Fisher scoring written plainly, 10,000 times (no R with metafor here)";
    }
    fit->reference = one * 1e6;
    bootstrap->reference = drawn * DRAWS;
    return status;
}
