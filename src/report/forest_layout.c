/* The layout of a forest plot: which lines there are, how wide the columns become, what the axis shows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* CSS pixels. */
static const double PITCH = 15.5, PITCH_MANY = 12.6, GAP = 14, INDENT = 9, PLOT_LEAST = 170, HEADER_MOST = 150;
static const double PLOT_END = 7; /* beyond the axis, for squares at its ends */
enum { STUDIES_MOST = 800, STUDIES_AIRY = 30, LINES_OF_GROUP = 4 };

bool forest_estimable(double estimate, double lower, double upper) {
    return isfinite(estimate) && !isnan(lower) && !isnan(upper);
}

/* ---- what cannot be drawn ---------------------------------------------------------- */

static st_status check_interval(const char *label, double estimate, double lower, double upper, st_axis_scale scale,
                                st_error *err) {
    if (!forest_estimable(estimate, lower, upper))
        return ST_OK;
    if (!(lower <= upper))
        return st_fail(err, ST_VALUE, "%s: the lower limit %g must not lie above the upper limit %g",
                       label != NULL ? label : "?", lower, upper);
    if (!(fabs(estimate) <= axis_most(scale)))
        return st_fail(err, ST_VALUE, "%s: an estimate of %g is beyond what can be drawn, %g",
                       label != NULL ? label : "?", estimate, axis_most(scale));
    return ST_OK;
}

static st_status check_pool(const st_forest_pool *pool, st_axis_scale scale, st_error *err) {
    const st_status status = check_interval(pool->label, pool->estimate, pool->lower, pool->upper, scale, err);
    if (status == ST_OK && pool->predict_lower > pool->predict_upper)
        return st_fail(err, ST_VALUE, "the lower limit of a prediction interval must not lie above the upper limit");
    return status;
}

static st_status check(const st_forest *f, st_error *err) {
    st_status status = ST_OK;
    if (f->n_rows == 0)
        return st_fail(err, ST_VALUE, "a forest plot needs at least one study");
    if (f->n_rows > STUDIES_MOST)
        return st_fail(err, ST_VALUE,
                       "a forest plot shows at most %d studies, and there are %zu: leave the studies out "
                       "and show their pools",
                       STUDIES_MOST, f->n_rows);
    for (size_t i = 0; i < f->n_rows && status == ST_OK; i++) {
        const st_forest_row *r = &f->rows[i];
        status = check_interval(r->label, r->estimate, r->lower, r->upper, f->scale, err);
        if (status == ST_OK && r->weight < 0)
            status = st_fail(err, ST_VALUE, "study %zu: a weight of %g must not be negative", i + 1, r->weight);
        if (status == ST_OK && f->groups != NULL && r->group >= f->n_groups)
            status =
                st_fail(err, ST_VALUE, "study %zu is in group %u, and there are %zu", i + 1, r->group, f->n_groups);
    }
    for (size_t g = 0; g < f->n_groups && f->groups != NULL && f->group_pools != NULL && status == ST_OK; g++)
        status = check_pool(&f->group_pools[g], f->scale, err);
    if (status == ST_OK && f->pool != NULL)
        status = check_pool(f->pool, f->scale, err);
    return status;
}

/* ---- lines ------------------------------------------------------------------------- */

static forest_line *add_line(forest_layout *l, forest_kind kind, double *y) {
    forest_line *line = &l->line[l->n_lines++];
    *line = (forest_line){.kind = kind, .y = *y, .estimate = NAN, .lower = NAN, .upper = NAN, .weight = NAN};
    *y += l->pitch;
    return line;
}

static void add_study(forest_layout *l, const st_forest_row *row, bool indented, double *y) {
    forest_line *line = add_line(l, FOREST_STUDY, y);
    type_plain(row->label, TYPE_LABEL, line->label);
    line->indented = indented;
    line->counts = row->counts;
    line->estimate = row->estimate;
    line->lower = row->lower;
    line->upper = row->upper;
    line->weight = row->weight;
}

static void add_pool(forest_layout *l, const st_forest_pool *pool, bool overall, double *y) {
    forest_line *line = add_line(l, FOREST_POOL, y);
    type_statistics(pool->label, line->label);
    line->overall = overall;
    line->indented = !overall;
    line->estimate = pool->estimate;
    line->lower = pool->lower;
    line->upper = pool->upper;
    if (isnan(pool->predict_lower) || isnan(pool->predict_upper))
        return;
    line = add_line(l, FOREST_PREDICTION, y);
    type_plain("Prediction interval", TYPE_LABEL, line->label);
    line->overall = overall;
    line->indented = !overall;
    line->lower = pool->predict_lower;
    line->upper = pool->predict_upper;
}

static void add_group(forest_layout *l, const st_forest *f, size_t g, double *y) {
    const size_t before = l->n_lines;
    const double top = *y;
    type_plain(f->groups[g], TYPE_LABEL, add_line(l, FOREST_HEADING, y)->label);
    for (size_t i = 0; i < f->n_rows; i++)
        if (f->rows[i].group == g)
            add_study(l, &f->rows[i], true, y);
    if (l->n_lines == before + 1) { /* nobody in it */
        l->n_lines = before;
        *y = top;
        return;
    }
    if (f->group_pools != NULL) {
        add_pool(l, &f->group_pools[g], false, y);
        if (f->group_pools[g].note != NULL) {
            forest_line *line = add_line(l, FOREST_NOTE, y);
            line->indented = true;
            type_statistics(f->group_pools[g].note, line->label);
        }
    }
    *y += l->pitch / 2;
}

static void add_lines(forest_layout *l, const st_forest *f) {
    double y = l->header_bottom + 0.8 * l->pitch;
    for (size_t g = 0; g < f->n_groups && f->groups != NULL; g++)
        add_group(l, f, g, &y);
    for (size_t i = 0; i < f->n_rows && f->groups == NULL; i++)
        add_study(l, &f->rows[i], false, &y);
    if (f->pool != NULL) {
        y += f->groups == NULL ? l->pitch / 4 : 0;
        add_pool(l, f->pool, true, &y);
    }
    l->rows_bottom = l->line[l->n_lines - 1].y + 0.8 * l->pitch;
}

/* ---- the axis ---------------------------------------------------------------------- */

typedef struct reach {
    double low, high;
} reach;

static void widen(reach *r, double value, double most) {
    if (!(fabs(value) <= most))
        return;
    r->low = fmin(r->low, value);
    r->high = fmax(r->high, value);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Half the length of the middle interval. */
static double usual_half(const forest_layout *l, double most, double *half) {
    size_t n = 0;
    for (size_t i = 0; i < l->n_lines; i++)
        if (fabs(l->line[i].lower) <= most && fabs(l->line[i].upper) <= most)
            half[n++] = (l->line[i].upper - l->line[i].lower) / 2;
    qsort(half, n, sizeof *half, compare);
    return n > 0 ? half[n / 2] : 0;
}

/* Estimates, pools and the reference are all shown; intervals of studies and of prediction as far as they do not press
 * the rest together: beyond, they end in arrows. */
static reach choose_reach(const forest_layout *l, const st_forest *f, double *half) {
    const double most = axis_most(f->scale), usual_lengths = 2.5;
    reach core = {INFINITY, -INFINITY};
    for (size_t i = 0; i < l->n_lines; i++) {
        const forest_line *line = &l->line[i];
        if (!forest_estimable(line->estimate, line->lower, line->upper))
            continue;
        widen(&core, line->estimate, most);
        if (line->kind == FOREST_POOL) {
            widen(&core, line->lower, most);
            widen(&core, line->upper, most);
        }
    }
    widen(&core, f->reference, most);
    if (!(core.low <= core.high))
        return (reach){0, 0};
    reach all = core;
    for (size_t i = 0; i < l->n_lines; i++) {
        widen(&all, l->line[i].lower, most);
        widen(&all, l->line[i].upper, most);
    }
    if (f->scale == ST_SCALE_LOGISTIC) /* ends at 0 and 100 % by itself */
        return all;
    const double allowance = fmax(core.high - core.low, usual_lengths * usual_half(l, most, half));
    return (reach){fmax(all.low, core.low - allowance), fmin(all.high, core.high + allowance)};
}

static st_status set_axis(forest_layout *l, const st_forest *f, st_error *err) {
    const double room = f->scale == ST_SCALE_EXP ? 24 : 32; /* of a tick's number */
    const double most = f->scale == ST_SCALE_EXP ? 12 : 9;
    double *half = st_alloc(l->n_lines, sizeof *half, err);
    if (half == NULL)
        return ST_MEMORY;
    const reach r = choose_reach(l, f, half);
    free(half);
    l->axis = axis_choose(f->scale, true, r.low, r.high, (size_t)fmin((l->plot_right - l->plot_left) / room, most));
    l->span = l->axis.to - l->axis.from;
    return ST_OK;
}

/* ---- columns ----------------------------------------------------------------------- */

const char *forest_decimals_of(const char *number) {
    if (strpbrk(number, "<>" TYPE_RAISED) != NULL || strpbrk(number, "0123456789") == NULL)
        return NULL;
    return number + strcspn(number, ".");
}

static double width_of(const forest_decimals *d) {
    return fmax(d->before + d->after, d->whole);
}

void forest_number(const forest_layout *l, const forest_line *line, size_t which, char text[AXIS_TEXT]) {
    const double value = which == 0 ? line->estimate : which == 1 ? line->lower : line->upper, far = log(1000);
    if (which > 0 && l->axis.scale == ST_SCALE_EXP && isfinite(value) && fabs(value) > far)
        snprintf(text, AXIS_TEXT, value < 0 ? "<0.001" : ">1000");
    else
        axis_estimate(l->axis.scale, value, l->span, text);
}

static void measure_number(const canvas *c, type t, const char *number, forest_decimals *d) {
    const double width = type_width(c, t, number);
    const char *decimals = forest_decimals_of(number);
    if (decimals == NULL) {
        d->whole = fmax(d->whole, width);
        return;
    }
    const double after = type_width(c, t, decimals);
    d->before = fmax(d->before, width - after);
    d->after = fmax(d->after, after);
}

static void measure_numbers(const canvas *c, forest_layout *l) {
    char text[AXIS_TEXT];
    for (size_t i = 0; i < l->n_lines; i++) {
        const forest_line *line = &l->line[i];
        const type t = line->kind == FOREST_POOL ? l->bold : l->text;
        forest_decimals *column[] = {&l->estimate, &l->lower, &l->upper};
        for (size_t which = 0; which < 3; which++) {
            forest_number(l, line, which, text); /* "" for NaN */
            measure_number(c, t, text, column[which]);
        }
        if (line->weight >= 0) {
            axis_number(line->weight, 1, text);
            measure_number(c, l->text, text, &l->weight);
            l->heaviest = fmax(l->heaviest, line->weight);
        }
    }
}

static double width_of_estimates(const canvas *c, const forest_layout *l) {
    return width_of(&l->estimate) + width_of(&l->lower) + width_of(&l->upper) + type_width(c, l->bold, " [, ]");
}

static double measure_counts(const canvas *c, const forest_layout *l, const st_forest *f) {
    char text[TYPE_TEXT];
    double width = 0;
    for (size_t i = 0; i < l->n_lines; i++)
        if (l->line[i].counts != NULL) {
            type_plain(l->line[i].counts, TYPE_LABEL, text);
            width = fmax(width, type_width(c, l->text, text));
        }
    type_plain(f->counts_label, TYPE_LABEL, text);
    return width > 0 ? fmax(width, type_width(c, l->bold, text)) : 0;
}

/* The widest label; those of pools may reach over the counts. */
static double measure_labels(const canvas *c, const forest_layout *l, double counts) {
    double width = type_width(c, l->bold, "Study");
    for (size_t i = 0; i < l->n_lines; i++) {
        const forest_line *line = &l->line[i];
        const bool study = line->kind == FOREST_STUDY, bold = line->kind == FOREST_POOL || line->kind == FOREST_HEADING;
        const double own = type_width(c, bold ? l->bold : l->text, line->label) + (line->indented ? INDENT : 0);
        if (line->kind != FOREST_NOTE)
            width = fmax(width, study ? own : own - counts);
    }
    return width;
}

static void write_header(const canvas *c, forest_layout *l, const st_forest *f, double numbers) {
    const double percent = 100, level = f->level > 0 ? f->level : 0.95;
    type_plain(f->estimate_label, TYPE_LABEL, l->header[0]);
    if (l->header[0][0] == 0 || type_width(c, l->bold, l->header[0]) > fmax(numbers, HEADER_MOST))
        type_plain("Estimate", TYPE_LABEL, l->header[0]);
    snprintf(l->header[1], TYPE_TEXT, "[%g" TYPE_THIN "%% CI]", percent * level);
}

/* The columns get what they need, the plot what is left; labels are shortened where it would be too narrow. */
static void set_columns(const canvas *c, forest_layout *l, const st_forest *f) {
    const double counts = measure_counts(c, l, f), numbers = width_of_estimates(c, l);
    const double weight = l->heaviest > 0 ? fmax(width_of(&l->weight), type_width(c, l->bold, "Weight")) : 0;
    write_header(c, l, f, numbers);
    const double estimates =
        fmax(numbers, fmax(type_width(c, l->bold, l->header[0]), type_width(c, l->bold, l->header[1])));
    const double counts_room = counts > 0 ? counts + GAP : 0, weight_room = weight > 0 ? weight + GAP : 0;
    const double free_ =
        EVIDENCE_WIDTH - 2 * EVIDENCE_MARGIN - counts_room - weight_room - estimates - 2 * GAP - 2 * PLOT_END;
    const double labels = fmin(measure_labels(c, l, counts_room), free_ - PLOT_LEAST);
    l->counts_x = counts > 0 ? EVIDENCE_MARGIN + labels + GAP + counts / 2 : NAN;
    l->plot_left = EVIDENCE_MARGIN + labels + GAP + counts_room + PLOT_END;
    l->plot_right = l->plot_left + free_ - labels;
    l->estimate_left = l->plot_right + PLOT_END + GAP + (estimates - numbers) / 2;
    l->estimate_right = l->estimate_left + width_of(&l->estimate);
    l->lower_right = l->estimate_right + type_width(c, l->bold, " [") + width_of(&l->lower);
    l->upper_right = l->lower_right + type_width(c, l->bold, ", ") + width_of(&l->upper);
    l->weight_right = weight > 0 ? EVIDENCE_WIDTH - EVIDENCE_MARGIN : NAN;
    for (size_t i = 0; i < l->n_lines; i++) {
        forest_line *line = &l->line[i];
        const bool study = line->kind == FOREST_STUDY, bold = line->kind == FOREST_POOL || line->kind == FOREST_HEADING;
        const double room =
            line->kind == FOREST_NOTE ? EVIDENCE_WIDTH - 2 * EVIDENCE_MARGIN : labels + (study ? 0 : counts_room);
        type_fit(c, bold ? l->bold : l->text, room - (line->indented ? INDENT : 0) + HAIRLINE, line->label);
    }
}

/* ---- all of it --------------------------------------------------------------------- */

static void set_notes(const canvas *c, forest_layout *l, const st_forest *f) {
    const char *text[2] = {f->pool != NULL ? f->pool->note : NULL, f->groups_note};
    enum { MOST = sizeof l->note_line / sizeof l->note_line[0] };
    for (size_t i = 0; i < 2; i++)
        if (text[i] != NULL) {
            type_statistics(text[i], l->note[i]);
            l->notes += type_break(c, TYPE_FINE, EVIDENCE_WIDTH - 2 * EVIDENCE_MARGIN, l->note[i],
                                   l->note_line + l->notes, MOST / 2);
        }
}

static void set_heights(forest_layout *l, const st_forest *f) {
    const bool sides = f->left_label != NULL || f->right_label != NULL;
    const double header = 34, axis_room = 19, line = 14, foot = 6;
    l->header_bottom += EVIDENCE_MARGIN + header + (f->title != NULL ? EVIDENCE_TITLE : 0);
    add_lines(l, f);
    l->height = l->rows_bottom + axis_room + (sides ? line : 0) + (f->estimate_label != NULL ? line : 0) +
                (l->notes > 0 ? foot : 0) + (double)l->notes * line + EVIDENCE_MARGIN;
}

st_status forest_layout_init(forest_layout *l, const st_forest *f, st_error *err) {
    const bool many = f->n_rows > STUDIES_AIRY;
    *l = (forest_layout){.pitch = many ? PITCH_MANY : PITCH,
                         .text = many ? TYPE_FINE : TYPE_BODY,
                         .bold = many ? TYPE_FINE_BOLD : TYPE_BODY_BOLD};
    canvas measure;
    figure nothing = {0};
    st_status status = check(f, err);
    if (status != ST_OK)
        return status;
    l->line = st_alloc(f->n_rows + LINES_OF_GROUP * (f->n_groups + 1), sizeof *l->line, err);
    if (l->line == NULL)
        return ST_MEMORY;
    status = type_measure_begin(&measure, &nothing, err);
    if (status != ST_OK)
        return status;
    set_notes(&measure, l, f);
    set_heights(l, f);
    /* The digits depend on the axis, its ticks on the room beside the digits: an axis of usual size settles the former.
     */
    l->plot_right = PLOT_LEAST;
    status = set_axis(l, f, err);
    if (status == ST_OK) {
        measure_numbers(&measure, l);
        set_columns(&measure, l, f);
        status = set_axis(l, f, err);
    }
    const st_status ended = type_measure_end(&measure, err);
    return status != ST_OK ? status : ended;
}

void forest_layout_fini(forest_layout *l) {
    free(l->line);
    *l = (forest_layout){0};
}

double forest_x(const forest_layout *l, double value) {
    return l->plot_left + axis_share(&l->axis, value) * (l->plot_right - l->plot_left);
}

double forest_half_side(const forest_layout *l, double weight) {
    const double most = 0.38 * l->pitch, least = 1.2, unknown = 0.22 * l->pitch;
    return weight >= 0 && l->heaviest > 0 ? fmax(most * sqrt(weight / l->heaviest), least) : unknown;
}
