/* What a claim says about a series as a whole, or about two: most of, all of, more than, no difference.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double sum_of(const series *s) {
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += s->item[i].value;
    return sum;
}

static void put_values(words *w, const series *s) {
    for (size_t i = 0; i < s->n; i++)
        words_add(w, "%s%.4g", i > 0 ? ", " : "", s->item[i].value);
}

static double median_of(const series *s) {
    double *value = malloc((s->n + 1) * sizeof *value);
    if (value == NULL || s->n == 0) {
        free(value);
        return NAN;
    }
    for (size_t i = 0; i < s->n; i++)
        value[i] = s->item[i].value;
    gsl_sort(value, 1, s->n);
    const double median = gsl_stats_median_from_sorted_data(value, 1, s->n);
    free(value);
    return median;
}

static st_audit_verdict holds(bool yes, st_audit_verdict otherwise) {
    return yes ? ST_AUDIT_REPRODUCES : otherwise;
}

/* ---- one series ---------------------------------------------------------------------- */

/* The tables do not hold what is claimed; what they do hold is shown beside it. */
static void op_none(const series *s, finding *f) {
    f->verdict = ST_AUDIT_NOT_RECOMPUTABLE;
    if (s->n == 0)
        return;
    put_values(&f->arithmetic, s);
    words name = {0};
    put_plain(&name, s->item[0].outcome);
    finding_note(f, "for comparison: the median of %zu values of %s is %.4g", s->n, name.text != NULL ? name.text : "",
                 median_of(s));
    free(name.text);
}

static void op_majority(const claim *c, const series *s, finding *f) {
    size_t within = 0;
    for (size_t i = 0; i < s->n; i++)
        within += s->item[i].value >= c->low && s->item[i].value <= c->high;
    put_values(&f->arithmetic, s);
    words_add(&f->arithmetic, ": %zu of %zu within %.10g to %.10g, more than half is %zu", within, s->n, c->low,
              c->high, s->n / 2 + 1);
    words_add(&f->recomputed, "%zu of %zu", within, s->n);
    f->verdict = holds(2 * within > s->n, ST_AUDIT_DOES_NOT_REPRODUCE);
}

static void op_all_at_least(const claim *c, const series *s, finding *f) {
    const double limit = c->low - (isnan(c->slack) ? 0 : c->slack);
    double low = INFINITY;
    size_t below = 0;
    words which = {0};
    for (size_t i = 0; i < s->n; i++) {
        low = fmin(low, s->item[i].value);
        if (s->item[i].value < limit)
            words_add(&which, "%s%s %.4g %%", below++ > 0 ? ", " : "", s->item[i].label, s->item[i].value);
    }
    words_add(&f->arithmetic, "min(");
    put_values(&f->arithmetic, s);
    words_add(&f->arithmetic, ") = %.4g", low);
    words_add(&f->recomputed, "lowest %.4g%%, %zu of %zu below %.10g%%", low, below, s->n, limit);
    if (below > 0 && which.text != NULL)
        finding_note(f, "below: %s", which.text);
    free(which.text);
    f->verdict = holds(below == 0, ST_AUDIT_CONTRADICTS_TABLE);
}

/* Every study reports what the pool asks for. */
static void op_all_report(const series *s, const st_evidence *evidence, finding *f) {
    size_t with = 0, without = 0;
    words which = {0};
    for (size_t k = 0; k < evidence->n_studies; k++) {
        bool found = false;
        for (size_t i = 0; i < s->n && !found; i++)
            found = strcmp(s->item[i].study, evidence->study[k].id) == 0;
        with += found;
        if (!found)
            words_add(&which, "%s%s", without++ > 0 ? ", " : "", evidence->study[k].id);
    }
    words_add(&f->arithmetic, "%zu of %zu studies", with, evidence->n_studies);
    words_add(&f->recomputed, "%zu of %zu", with, evidence->n_studies);
    if (without > 0 && which.text != NULL)
        finding_note(f, "no usable count: %s", which.text);
    free(which.text);
    f->verdict = holds(without == 0, ST_AUDIT_CONTRADICTS_TABLE);
}

static void op_above(const claim *c, const series *s, finding *f) {
    double x = 0, n = 0;
    audit_average(c, s, f);
    for (size_t i = 0; i < s->n; i++) {
        x += s->item[i].x;
        n += s->item[i].n;
        if (s->item[i].value <= c->low)
            finding_note(f, "%s has %.4g %%", s->item[i].label, s->item[i].value);
    }
    f->n_ways = 0; /* of an average that would be equal */
    f->rounding = "";
    f->verdict = holds(100 * x / n > c->low, ST_AUDIT_DOES_NOT_REPRODUCE);
}

static void op_count(const claim *c, const series *s, finding *f) {
    words_add(&f->recomputed, "%zu", s->n);
    words_add(&f->arithmetic, "%zu rows of the table", s->n);
    f->verdict = holds(fabs((double)s->n - c->low) < 0.5, ST_AUDIT_DOES_NOT_REPRODUCE);
}

/* ---- two series -------------------------------------------------------------------------- */

static void op_share(const claim *c, const series *s, const series *s2, finding *f) {
    const double all = sum_of(s2), share = 100 * sum_of(s) / all;
    for (size_t i = 0; i < s->n; i++)
        words_add(&f->arithmetic, "%s%.10g", i > 0 ? " + " : "", s->item[i].value);
    words_add(&f->arithmetic, " = %.10g; %.10g / %.10g = %.4g %%", sum_of(s), sum_of(s), all, share);
    words_add(&f->recomputed, "%.10g of %.10g", sum_of(s), all);
    f->verdict = holds(share > c->low, ST_AUDIT_CONTRADICTS_TABLE);
}

/* Sums over the studies that have both numbers, as a ratio within the printed range. */
static void op_ratio(const claim *c, const series *s, const series *s2, finding *f) {
    double a = 0, b = 0, low = INFINITY, high = 0;
    words first = {0}, second = {0};
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s2->n; k++)
            if (strcmp(s->item[i].study, s2->item[k].study) == 0 && s2->item[k].value > 0) {
                words_add(&first, "%s%.10g", a > 0 ? " + " : "", s->item[i].value);
                words_add(&second, "%s%.10g", a > 0 ? " + " : "", s2->item[k].value);
                a += s->item[i].value;
                b += s2->item[k].value;
                low = fmin(low, s->item[i].value / s2->item[k].value);
                high = fmax(high, s->item[i].value / s2->item[k].value);
            }
    if (first.text != NULL && second.text != NULL)
        words_add(&f->arithmetic, "(%s) / (%s) = %.10g / %.10g = %.4g", first.text, second.text, a, b, a / b);
    free(first.text);
    free(second.text);
    words_add(&f->recomputed, "%.4g on average", a / b);
    finding_note(f, "from %.3g to %.3g by study", low, high);
    f->verdict = holds(a / b >= c->low && a / b <= c->high, ST_AUDIT_DOES_NOT_REPRODUCE);
}

static void op_contains(const claim *c, const series *s, const series *s2, finding *f) {
    double x[2] = {0}, n[2] = {0};
    const series *const both[] = {s, s2};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++) {
            x[k] += both[k]->item[i].x;
            n[k] += both[k]->item[i].n;
        }
    words_add(&f->arithmetic, "%.10g / %.10g = %.4g %%; %.10g / %.10g = %.4g %%", x[0], n[0], 100 * x[0] / n[0], x[1],
              n[1], 100 * x[1] / n[1]);
    words_add(&f->recomputed, "%.4g%% >= %.4g%%", 100 * x[0] / n[0], 100 * x[1] / n[1]);
    finding_note(f, "the text prints %.10g %% for the larger class and %.10g %% for the smaller", c->low, c->high);
    f->verdict = holds(c->low >= c->high, ST_AUDIT_CONTRADICTS_TABLE);
}

static void op_higher_median(const series *s, const series *s2, finding *f) {
    const double first = median_of(s), second = median_of(s2);
    words_add(&f->arithmetic, "median(");
    put_values(&f->arithmetic, s);
    words_add(&f->arithmetic, ") = %.4g; median(", first);
    put_values(&f->arithmetic, s2);
    words_add(&f->arithmetic, ") = %.4g", second);
    words_add(&f->recomputed, "%.4g against %.4g", first, second);
    for (size_t i = 0; i < s->n; i++)
        if (s->item[i].value < second)
            finding_note(f, "%s has %.4g", s->item[i].label, s->item[i].value);
    f->verdict = holds(first > second, ST_AUDIT_CONTRADICTS_TABLE);
}

/* ---- two arms ------------------------------------------------------------------------------- */

/* Fisher's exact test, two sided: the probability of all tables that are no likelier than the one seen. NaN for
 * numbers too large to run through. */
static double fisher(double x, double n, double x2, double n2) {
    const double events = x + x2;
    if (!(n + n2 <= 1e6))
        return NAN;
    const unsigned int n1 = (unsigned)n, m = (unsigned)n2, t = (unsigned)events;
    const double seen = gsl_ran_hypergeometric_pdf((unsigned)x, n1, m, t);
    double p = 0;
    for (unsigned int k = t > m ? t - m : 0; k <= n1 && k <= t; k++) {
        const double other = gsl_ran_hypergeometric_pdf(k, n1, m, t);
        if (other <= seen * (1 + 1e-7))
            p += other;
    }
    return fmin(p, 1);
}

/* The arms of all studies added up, and the studies that run the other way. */
static void op_arms(const claim *c, const series *s, finding *f) {
    double x = 0, n = 0, x2 = 0, n2 = 0;
    for (size_t i = 0; i < s->n; i++) {
        x += s->item[i].x;
        n += s->item[i].n;
        x2 += s->item[i].x2;
        n2 += s->item[i].n2;
    }
    if (!(n > 0 && n2 > 0))
        return;
    const double first = 100 * x / n, second = 100 * x2 / n2, p = fisher(x, n, x2, n2);
    words_add(&f->arithmetic, "%.10g / %.10g = %.4g %%; %.10g / %.10g = %.4g %%; p = %.2g (Fisher)", x, n, first, x2,
              n2, second, p);
    words_add(&f->recomputed, "%.4g%% against %.4g%%", first, second);
    for (size_t i = 0; i < s->n && s->n > 1; i++) {
        const double a = 100 * s->item[i].x / s->item[i].n, b = 100 * s->item[i].x2 / s->item[i].n2;
        if ((a > b) != (first > second))
            finding_note(f, "%s runs the other way: %.4g %% against %.4g %%", s->item[i].label, a, b);
    }
    if (s->n > 1)
        finding_note(f, "%zu series added up", s->n);
    const bool yes = strcmp(c->operation, "higher") == 0       ? first > second
                     : strcmp(c->operation, "not_higher") == 0 ? first <= second
                                                               : p >= 0.05;
    f->verdict = holds(yes, ST_AUDIT_CONTRADICTS_TABLE);
}

void audit_compare(const claim *c, const series *s, const series *s2, const st_evidence *evidence, finding *f,
                   bool *ran) {
    const char *op = c->operation;
    *ran = true;
    if (strcmp(op, "none") == 0)
        op_none(s, f);
    else if (strcmp(op, "average") == 0)
        audit_average(c, s, f);
    else if (strcmp(op, "range") == 0)
        audit_range(c, s, evidence, f);
    else if (strcmp(op, "above") == 0)
        op_above(c, s, f);
    else if (strcmp(op, "majority") == 0)
        op_majority(c, s, f);
    else if (strcmp(op, "all_at_least") == 0)
        op_all_at_least(c, s, f);
    else if (strcmp(op, "all_report") == 0)
        op_all_report(s, evidence, f);
    else if (strcmp(op, "count") == 0)
        op_count(c, s, f);
    else if (strcmp(op, "share") == 0)
        op_share(c, s, s2, f);
    else if (strcmp(op, "ratio") == 0)
        op_ratio(c, s, s2, f);
    else if (strcmp(op, "contains") == 0)
        op_contains(c, s, s2, f);
    else if (strcmp(op, "higher_median") == 0)
        op_higher_median(s, s2, f);
    else if (listed("higher|not_higher|similar", op))
        op_arms(c, s, f);
    else
        *ran = false;
}
