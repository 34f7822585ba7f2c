/* stasis evidence pool --subgroup: a model for each level, each with its own tau2, and the test between them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_pool.h"

#include <math.h>
#include <stasis/text.h>
#include <stdlib.h>

typedef struct subgroups {
    pool_level *level; /* [n] */
    size_t n;
    st_meta_fit *fit; /* [n] */
    double QM, QMp;   /* between levels; NaN where there is one, or one without a standard error */
} subgroups;

static void subgroups_fini(subgroups *s) {
    for (size_t g = 0; s->fit != NULL && g < s->n; g++)
        st_meta_fit_fini(&s->fit[g]);
    free(s->fit);
    free(s->level);
}

static st_status fit_levels(const pool *p, subgroups *s, st_error *err) {
    double *y = st_alloc(p->k, 2 * sizeof *y, err), *v = y != NULL ? y + p->k : NULL;
    st_status status = y != NULL ? ST_OK : ST_MEMORY;
    for (size_t g = 0; g < s->n && status == ST_OK; g++) {
        size_t k = 0;
        for (size_t i = 0; i < p->k; i++)
            if (p->group->level[i] == s->level[g].index) {
                y[k] = p->yi[i];
                v[k++] = p->vi[i];
            }
        status = st_meta_fit_run(&(st_meta_data){.k = k, .p = 1, .yi = y, .vi = v}, &p->model, &s->fit[g], err);
    }
    free(y);
    return status;
}

/* Pooled estimates of the levels against each other, weighted by the inverse of their squared standard errors: the Q of
 * an equal-effects pool of them (Borenstein et al, Introduction to Meta-Analysis, 2009, chapter 19), by chi-squared
 * whatever the test within. */
static st_status compare_levels(subgroups *s, st_error *err) {
    double *y = st_alloc(s->n, 2 * sizeof *y, err), *v = y != NULL ? y + s->n : NULL;
    bool comparable = s->n > 1;
    s->QM = s->QMp = NAN;
    if (y == NULL)
        return ST_MEMORY;
    for (size_t g = 0; g < s->n; g++) {
        y[g] = s->fit[g].b[0];
        v[g] = s->fit[g].vb[0];
        comparable = comparable && v[g] > 0;
    }
    st_meta_fit between = {0};
    st_status status = ST_OK;
    if (comparable) {
        const st_meta_options options = {ST_METHOD_FE, ST_TEST_Z, 0.95};
        status = st_meta_fit_run(&(st_meta_data){.k = s->n, .p = 1, .yi = y, .vi = v}, &options, &between, err);
        s->QM = between.QE;
        s->QMp = between.QEp;
    }
    st_meta_fit_fini(&between);
    free(y);
    return status;
}

static json_t *subgroups_json(const pool *p, const subgroups *s) {
    json_t *levels = json_array();
    for (size_t g = 0; g < s->n; g++) {
        json_t *level = json_pack("{s:s}", "name", s->level[g].name);
        json_object_update_new(level, pool_fit_json(p, &s->fit[g], pool_harmonic_n(p, &s->level[g])));
        json_array_append_new(levels, level);
    }
    return json_pack("{s:s, s:o, s:o, s:I, s:o}", "column", p->group->name, "levels", levels, "QM", st_json_real(s->QM),
                     "QM_df", (json_int_t)s->n - 1, "QMp", st_json_real(s->QMp));
}

static void print_subgroups(const pool *p, const subgroups *s, FILE *out) {
    char text[32];
    fprintf(out, "\n%-24s %4s %10s   %-21s %10s %8s\n", p->group->name, "k", "estimate", "interval", "tau2", "I2");
    for (size_t g = 0; g < s->n; g++) {
        const st_meta_fit *f = &s->fit[g];
        const double n = pool_harmonic_n(p, &s->level[g]);
        char interval[64];
        snprintf(interval, sizeof interval, "%.4g to %.4g", st_measure_back(p->measure, f->ci_lb[0], n),
                 st_measure_back(p->measure, f->ci_ub[0], n));
        fprintf(out, "%-24s %4zu %10.4g   %-21s %10.4g %6.1f %%\n", s->level[g].name, f->k,
                st_measure_back(p->measure, f->b[0], n), interval, f->tau2, f->I2);
    }
    if (isnan(s->QM))
        fputs("no test between levels: two with standard errors are wanted\n", out);
    else
        fprintf(out, "between levels: Q(%zu) = %.4f, %s\n", s->n - 1, s->QM, pool_p(s->QMp, text, sizeof text));
}

st_status pool_subgroups(const pool *p, const pool_answer *answer, st_error *err) {
    subgroups s = {0};
    if (p->group == NULL)
        return ST_OK;
    st_status status = pool_levels(p, p->group, &s.level, &s.n, err);
    if (status == ST_OK && (s.fit = st_alloc(s.n, sizeof *s.fit, err)) == NULL)
        status = ST_MEMORY;
    if (status == ST_OK)
        status = fit_levels(p, &s, err);
    if (status == ST_OK)
        status = compare_levels(&s, err);
    if (status == ST_OK && answer->root != NULL)
        json_object_set_new(answer->root, "subgroups", subgroups_json(p, &s));
    else if (status == ST_OK)
        print_subgroups(p, &s, answer->text);
    subgroups_fini(&s);
    return status;
}
