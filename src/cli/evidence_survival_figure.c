/* Curves as a picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_survival.h"

#include <stasis/figures.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps that one curve shows: more would fall on the same pixels. More ticks of censoring would be a smear; they are
 * left out then. */
enum { STEPS_MOST = 4000, TICKS_MOST = 1000 };

/* The line of one curve, with the arrays that it shows. */
typedef struct drawn {
    double *time, *height, *lower, *upper; /* [STEPS_MOST] */
    double *censored;                      /* [TICKS_MOST] */
    double *end;                           /* [n_subjects] */
    char name[96];
} drawn;

static void drawn_fini(drawn *d) {
    free(d->time);
    free(d->end);
}

/* The last step within each of STEPS_MOST equal parts of time. */
static size_t thin(drawn *d, const double *time, const double *height, const double *lower, const double *upper,
                   size_t steps) {
    const double width = steps > STEPS_MOST ? time[steps - 1] / (STEPS_MOST - 1) : 0;
    size_t n = 0;
    double bin = -1;
    for (size_t i = 0; i < steps; i++) {
        const double here = width > 0 ? floor(time[i] / width) : (double)i;
        n += here > bin;
        bin = here;
        d->time[n - 1] = time[i];
        d->height[n - 1] = height[i];
        d->lower[n - 1] = lower[i];
        d->upper[n - 1] = upper[i];
    }
    return n;
}

static st_status drawn_init(drawn *d, st_error *err) {
    d->time = st_alloc(4 * STEPS_MOST + TICKS_MOST, sizeof *d->time, err);
    if (d->time == NULL)
        return ST_MEMORY;
    d->height = d->time + STEPS_MOST;
    d->lower = d->height + STEPS_MOST;
    d->upper = d->lower + STEPS_MOST;
    d->censored = d->upper + STEPS_MOST;
    return ST_OK;
}

/* Ends of the observation of a part, for the numbers at risk; none of subjects that enter late. */
static st_status take_subjects(const survival_answer *a, const st_survival_parts *parts, uint32_t part, drawn *d,
                               st_survival_line *line, st_error *err) {
    const size_t first = parts->first[part], n = parts->first[part + 1] - first;
    if (a->survival.start)
        return ST_OK;
    d->end = st_alloc(n, sizeof *d->end, err);
    if (d->end == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < n; i++)
        d->end[i] = a->survival.time[parts->member[first + i]];
    line->event_or_censored_at = d->end;
    line->n_subjects = n;
    return ST_OK;
}

static st_status take_curve(const survival_answer *a, const st_survival_parts *parts, uint32_t part,
                            const st_survival_curve *c, const char *name, drawn *d, st_survival_line *line,
                            st_error *err) {
    st_status status = drawn_init(d, err);
    if (status != ST_OK)
        return status;
    snprintf(d->name, sizeof d->name, "%s", name);
    line->name = d->name;
    line->n = thin(d, c->time, c->survival, c->lower, c->upper, c->steps);
    line->time = d->time;
    line->survival = d->height;
    line->lower = d->lower;
    line->upper = d->upper;
    line->censored_at = d->censored;
    size_t ticks = 0;
    for (size_t i = 0; i < c->steps; i++)
        if (c->n_censor[i] > 0 && ticks++ < TICKS_MOST)
            d->censored[ticks - 1] = c->time[i];
    line->n_censored = ticks > TICKS_MOST ? 0 : ticks;
    return take_subjects(a, parts, part, d, line, err);
}

static st_status take_cause(const survival_answer *a, const st_survival_parts *parts, uint32_t part,
                            const st_incidence *f, uint32_t cause, drawn *d, st_survival_line *line, st_error *err) {
    const size_t at = cause * f->steps;
    st_status status = drawn_init(d, err);
    if (status != ST_OK)
        return status;
    line->name = d->name;
    line->n = thin(d, f->time, f->cif + at, f->lower + at, f->upper + at, f->steps);
    line->time = d->time;
    line->survival = d->height;
    line->lower = d->lower;
    line->upper = d->upper;
    return take_subjects(a, parts, part, d, line, err);
}

/* "B", or "arm 2" where the group is a number. */
static void name_group(const survival_question *q, const char *group, char *name, size_t size) {
    if (strspn(group, "0123456789.") == strlen(group))
        snprintf(name, size, "%.40s %.30s", q->group, group);
    else
        snprintf(name, size, "%.70s", group);
}

/* One line for each curve: of all, or of each group; by cause where causes compete. */
static st_status take_lines(const survival_question *q, const survival_input *in, const survival_answer *a, drawn *d,
                            st_survival_line *line, st_error *err) {
    const uint32_t groups = in->group.n > 0 ? in->group.n : 1;
    const st_survival_parts *parts = in->group.n > 0 ? &a->groups : &a->all;
    st_status status = ST_OK;
    for (uint32_t g = 0; g < groups && status == ST_OK; g++) {
        char name[80] = "all";
        if (in->group.n > 0)
            name_group(q, in->group.name[g], name, sizeof name);
        if (!q->competing) {
            status = take_curve(a, parts, g, in->group.n > 0 ? &a->curve[g] : &a->overall, name, d, line, err);
            d++;
            line++;
            continue;
        }
        for (uint32_t k = 0; k < in->causes && status == ST_OK; k++, d++, line++) {
            snprintf(d->name, sizeof d->name, in->group.n > 0 ? "%.60s, cause %lu" : "%.0scause %lu", name,
                     (unsigned long)in->code[k]);
            status = take_cause(a, parts, g, in->group.n > 0 ? &a->of_group[g] : &a->incidence, k, d, line, err);
        }
    }
    return status;
}

static void describe_test(const survival_answer *a, char *text, size_t size) {
    const st_logrank *t = &a->logrank;
    text[0] = '\0';
    if (t->groups > 0 && t->df > 0 && t->p < 0.001)
        snprintf(text, size, "log-rank chi2(%zu) = %.2f, p < 0.001", t->df, t->chisq);
    else if (t->groups > 0 && t->df > 0)
        snprintf(text, size, "log-rank chi2(%zu) = %.2f, p = %.3f", t->df, t->chisq, t->p);
}

st_status survival_draw(const survival_question *q, const survival_input *in, const survival_answer *a, st_error *err) {
    const size_t n = (in->group.n > 0 ? in->group.n : 1) * (q->competing ? (size_t)in->causes : 1);
    char test[96], x_label[96];
    describe_test(a, test, sizeof test);
    snprintf(x_label, sizeof x_label, "%s", q->time);
    drawn *d = st_alloc(n, sizeof *d, err);
    st_survival_line *line = st_alloc(n, sizeof *line, err);
    st_status status = d && line ? take_lines(q, in, a, d, line, err) : ST_MEMORY;
    if (status == ST_OK) {
        const st_survival_figure figure = {.x_label = x_label,
                                           .note = *test && !q->competing ? test : NULL,
                                           .lines = line,
                                           .n_lines = n,
                                           .rising = q->competing};
        status = st_figure_survival(q->figure, &figure, err);
    }
    for (size_t i = 0; d && i < n; i++)
        drawn_fini(&d[i]);
    free(d);
    free(line);
    return status;
}
