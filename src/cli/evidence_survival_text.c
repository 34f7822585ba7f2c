/* The answer for people.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_survival.h"

#include <math.h>
#include <string.h>

/* "12.3", or a dash where there is none. */
static const char *number(double value, char *buffer, size_t size) {
    if (isfinite(value))
        snprintf(buffer, size, "%.4g", value);
    else
        snprintf(buffer, size, "%s", isinf(value) ? (value > 0 ? "inf" : "-inf") : "-");
    return buffer;
}

static const char *p_value(double p, char *buffer, size_t size) {
    if (isnan(p))
        return "-";
    if (p < 1e-4)
        return "< 0.0001";
    snprintf(buffer, size, "%.4f", p);
    return buffer;
}

static void print_estimate(const char *what, st_survival_estimate e) {
    char est[32], low[32], high[32];
    printf("  %-10s %s (%s to %s)", what, number(e.estimate, est, sizeof est), number(e.lower, low, sizeof low),
           number(e.upper, high, sizeof high));
}

static void print_curve(const char *name, const st_survival_curve *c, const survival_answer *a, double level) {
    char upto[32];
    printf("%s: %zu subjects, %zu events\n", name, c->n, c->events);
    print_estimate("median", st_survival_quantile(c, 0.5));
    puts("");
    print_estimate("25 % by", st_survival_quantile(c, 0.25));
    print_estimate("   75 % by", st_survival_quantile(c, 0.75));
    puts("");
    print_estimate("mean", st_survival_mean(c, a->upto, level));
    printf(" within %s\n", number(a->upto, upto, sizeof upto));
}

static void print_logrank(const survival_question *q, const survival_input *in, const st_logrank *t) {
    char p[32];
    printf("\nlog-rank test%s", in->strata.n > 0 ? " within strata" : "");
    if (q->rho < 0 || q->rho > 0)
        printf(" weighted by S(t)^%g", q->rho);
    printf(": chi-square %.4g, df %zu, p %s\n", t->chisq, t->df, p_value(t->p, p, sizeof p));
    for (uint32_t g = 0; g < t->groups; g++)
        printf("  %-20s %10.2f observed %10.2f expected\n", in->group.name[g], t->observed[g], t->expected[g]);
}

static void print_cox(const survival_question *q, const survival_input *in, const st_cox *c) {
    char a[32], b[32], d[32], e[32], f[32], p[32];
    printf("\nCox model%s, ties after %s: %zu subjects, %zu events\n", in->strata.n > 0 ? " within strata" : "",
           strcmp(q->ties, "efron") == 0 ? "Efron" : "Breslow", c->n, c->events);
    printf("  %-24s %10s %10s %10s %22s %8s %9s\n", "", "coef", "se", "hazard", "limits", "z", "p");
    for (size_t j = 0; j < c->p; j++) {
        char limits[80];
        snprintf(limits, sizeof limits, "%s to %s", number(c->lower[j], a, sizeof a), number(c->upper[j], b, sizeof b));
        printf("  %-24s %10s %10s %10s %22s %8s %9s\n", in->x_name[j], number(c->coef[j], a, sizeof a),
               number(c->se[j], b, sizeof b), number(c->hazard_ratio[j], d, sizeof d), limits,
               number(c->z[j], f, sizeof f), p_value(c->pval[j], p, sizeof p));
    }
    printf("  likelihood ratio %s, p %s;", number(c->lrt, a, sizeof a), p_value(c->lrt_p, p, sizeof p));
    printf(" Wald %s, p %s;", number(c->wald, a, sizeof a), p_value(c->wald_p, p, sizeof p));
    printf(" score %s, p %s; df %zu\n", number(c->score, a, sizeof a), p_value(c->score_p, p, sizeof p), c->df);
    printf("  concordance %s (se %s)\n", number(c->concordance, a, sizeof a), number(c->concordance_se, e, sizeof e));
}

static void print_zph(const survival_question *q, const survival_input *in, const st_zph *z) {
    char a[32], p[32];
    printf("\nproportional hazards against %s of time\n", q->zph);
    for (size_t t = 0; t <= z->terms; t++)
        printf("  %-24s chi-square %8s, df %zu, p %s\n", t < z->terms ? in->term[t].name : "all together",
               number(z->chisq[t], a, sizeof a), z->df[t], p_value(z->p[t], p, sizeof p));
}

static void print_incidence(const char *name, const survival_input *in, const st_incidence *f) {
    if (f->steps == 0)
        return;
    printf("\ncumulative incidence, %s, by %.4g\n", name, f->time[f->steps - 1]);
    for (uint32_t k = 0; k < f->causes; k++) {
        char a[32], b[32], c[32];
        const size_t at = k * f->steps + f->steps - 1;
        printf("  cause %-6lu %s (%s to %s)\n", (unsigned long)in->code[k], number(f->cif[at], a, sizeof a),
               number(f->lower[at], b, sizeof b), number(f->upper[at], c, sizeof c));
    }
}

void survival_print_text(const survival_question *q, const survival_input *in, const survival_answer *a) {
    const double level = q->level / 100;
    printf("limits at %g %%, of curves on the scale %s\n", q->level, q->limits);
    if (in->skipped > 0)
        printf("%zu rows with a missing value were skipped\n", in->skipped);
    if (a->survival.joined > 0)
        printf("%zu times that differ from another by rounding alone were joined to it\n", a->survival.joined);
    puts("");
    print_curve("all", &a->overall, a, level);
    for (uint32_t g = 0; g < in->group.n; g++)
        print_curve(in->group.name[g], &a->curve[g], a, level);
    if (a->logrank.groups > 0)
        print_logrank(q, in, &a->logrank);
    if (a->cox.p > 0)
        print_cox(q, in, &a->cox);
    if (a->zph.terms > 0)
        print_zph(q, in, &a->zph);
    if (a->incidence.causes > 0) {
        print_incidence("all", in, &a->incidence);
        for (uint32_t g = 0; g < in->group.n; g++)
            print_incidence(in->group.name[g], in, &a->of_group[g]);
    }
    for (size_t i = 0; i < a->notes; i++)
        printf("%snote: %s\n", i == 0 ? "\n" : "", a->note[i]);
}
