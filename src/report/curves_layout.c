/* The layout of curves of survival or cumulative incidence: axes, room for the key, the table below.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* CSS pixels. */
static const double FRAME = 300, LEFT_LEAST = 58, LEFT_MOST = 170, PITCH = 14, SAMPLE = 24, AIR = 8;

/* ---- the curves -------------------------------------------------------------------- */

double curves_end(const st_survival_line *line) {
    double end = line->n > 0 ? line->time[line->n - 1] : 0;
    for (size_t i = 0; i < line->n_censored; i++)
        end = fmax(end, line->censored_at[i]);
    return line->n_subjects > 0 ? fmax(end, line->event_or_censored_at[line->n_subjects - 1]) : end;
}

double curves_at(const st_survival_line *line, bool rising, double time) {
    size_t low = 0, high = line->n; /* steps up to `time` */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (line->time[middle] <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? line->survival[low - 1] : rising ? 0 : 1;
}

size_t curves_at_risk(const st_survival_line *line, double time) {
    size_t low = 0, high = line->n_subjects;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (line->event_or_censored_at[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return line->n_subjects - low;
}

double curves_median(const st_survival_line *line) {
    const double half = 0.5, rounding = 1e-9;
    for (size_t i = 0; i < line->n; i++) {
        if (line->survival[i] > half + rounding)
            continue;
        size_t next = i;
        while (next < line->n && line->survival[next] > half - rounding)
            next++;
        return next == i || next == line->n ? line->time[i] : (line->time[i] + line->time[next]) / 2;
    }
    return NAN;
}

/* ---- what cannot be drawn ---------------------------------------------------------- */

static st_status check_times(const char *what, const double *time, size_t n, st_error *err) {
    for (size_t i = 0; i < n; i++)
        if (!(time[i] >= (i > 0 ? time[i - 1] : 0)) || !(time[i] <= axis_most(ST_SCALE_PLAIN)))
            return st_fail(err, ST_VALUE, "times of %s ascend from 0 on, and number %zu is %g", what, i + 1, time[i]);
    return ST_OK;
}

static st_status check(const st_survival_figure *s, st_error *err) {
    if (s->n_lines == 0 || s->n_lines > CURVES_MOST)
        return st_fail(err, ST_VALUE, "a figure shows 1 to %d curves, not %zu", CURVES_MOST, s->n_lines);
    for (size_t k = 0; k < s->n_lines; k++) {
        const st_survival_line *line = &s->lines[k];
        st_status status = check_times("a curve", line->time, line->n, err);
        for (size_t i = 0; i < line->n && status == ST_OK; i++)
            if (!(line->survival[i] >= 0 && line->survival[i] <= 1))
                status = st_fail(err, ST_VALUE, "a curve lies between 0 and 1, and step %zu is at %g", i + 1,
                                 line->survival[i]);
        for (size_t i = 0; i < line->n_censored && status == ST_OK; i++)
            if (!(line->censored_at[i] >= 0 && line->censored_at[i] <= axis_most(ST_SCALE_PLAIN)))
                status = st_fail(err, ST_VALUE, "a time of censoring is not negative, and number %zu is %g", i + 1,
                                 line->censored_at[i]);
        if (status == ST_OK)
            status = check_times("the subjects", line->event_or_censored_at, line->n_subjects, err);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

/* ---- axes -------------------------------------------------------------------------- */

static double last_time(const st_survival_figure *s) {
    double last = 0;
    for (size_t k = 0; k < s->n_lines; k++)
        last = fmax(last, curves_end(&s->lines[k]));
    return last > 0 ? last : 1;
}

/* The upper limit where it is known. */
static double top_of(const st_survival_line *line, size_t i) {
    return line->upper != NULL && line->lower != NULL && line->upper[i] >= 0 && line->lower[i] >= 0
               ? fmin(line->upper[i], 1)
               : line->survival[i];
}

static double bottom_of(const st_survival_line *line, size_t i) {
    return line->upper != NULL && line->lower != NULL && line->upper[i] >= 0 && line->lower[i] >= 0
               ? fmax(line->lower[i], 0)
               : line->survival[i];
}

static double highest(const st_survival_figure *s) {
    double most = s->rising ? 0 : 1;
    for (size_t k = 0; k < s->n_lines && s->rising; k++)
        for (size_t i = 0; i < s->lines[k].n; i++)
            most = fmax(most, top_of(&s->lines[k], i));
    return most > 0 ? most : 1;
}

static void set_axes(curves_layout *l, const st_survival_figure *s) {
    const size_t wanted_x = 9, wanted_y = 7;
    const double last = last_time(s), months_least = 6;
    const bool months = s->x_label != NULL && strstr(s->x_label, "onth") != NULL && last >= months_least;
    l->frame.x = months && last < axis_most(ST_SCALE_EXP) * months_least
                     ? axis_choose_months(last, wanted_x)
                     : axis_choose(ST_SCALE_PLAIN, true, 0, last, wanted_x);
    l->frame.y = axis_choose(ST_SCALE_PERCENT, true, 0, highest(s), wanted_y);
}

/* ---- room for the key -------------------------------------------------------------- */

enum { CELLS_X = 120, CELLS_Y = 60 };
typedef struct cells {
    bool taken[CELLS_Y][CELLS_X];
} cells;

/* Everything between two heights over a stretch of the axis. */
static void take(cells *grid, const curves_layout *l, double from, double to, double low, double high) {
    const int left = (int)(axis_share(&l->frame.x, from) * CELLS_X),
              right = (int)(axis_share(&l->frame.x, to) * CELLS_X);
    const int bottom = (int)(axis_share(&l->frame.y, low) * CELLS_Y),
              top = (int)(axis_share(&l->frame.y, high) * CELLS_Y);
    for (int y = bottom < 0 ? 0 : bottom; y <= top && y < CELLS_Y; y++)
        for (int x = left < 0 ? 0 : left; x <= right && x < CELLS_X; x++)
            grid->taken[y][x] = true;
}

static void take_curve(cells *grid, const curves_layout *l, const st_survival_line *line, bool rising) {
    const double start = rising ? 0 : 1, end = curves_end(line), median = rising ? NAN : curves_median(line);
    take(grid, l, 0, line->n > 0 ? line->time[0] : end, start, start);
    for (size_t i = 0; i < line->n; i++) {
        const double before = i > 0 ? line->survival[i - 1] : start, to = i + 1 < line->n ? line->time[i + 1] : end;
        take(grid, l, line->time[i], to, bottom_of(line, i), top_of(line, i));
        take(grid, l, line->time[i], line->time[i], fmin(before, line->survival[i]), fmax(before, line->survival[i]));
    }
    if (isfinite(median)) {
        take(grid, l, 0, median, 0.5, 0.5);
        take(grid, l, median, median, 0, 0.5);
    }
}

static bool is_free(const cells *grid, int left, int bottom, int width, int height) {
    for (int y = bottom; y < bottom + height; y++)
        for (int x = left; x < left + width; x++)
            if (grid->taken[y][x])
                return false;
    return true;
}

/* The free place nearest to the corner that curves of this kind leave free; false: none. */
static bool place_key(curves_layout *l, const st_survival_figure *s, const cells *grid) {
    const double cell_x = (l->frame.right - l->frame.left) / CELLS_X,
                 cell_y = (l->frame.bottom - l->frame.top) / CELLS_Y;
    const int width = (int)ceil((l->key_width + 2 * AIR) / cell_x),
              height = (int)ceil((l->key_height + 2 * AIR) / cell_y);
    double nearest = INFINITY;
    for (int bottom = 0; bottom + height <= CELLS_Y; bottom++)
        for (int left = 0; left + width <= CELLS_X; left++) {
            const double dx = s->rising ? left : CELLS_X - width - left, dy = CELLS_Y - height - bottom;
            const double far = hypot(dx * cell_x, dy * cell_y);
            if (far >= nearest || !is_free(grid, left, bottom, width, height))
                continue;
            nearest = far;
            l->key_left = l->frame.left + left * cell_x + AIR;
            l->key_top = l->frame.bottom - (bottom + height) * cell_y + AIR;
        }
    return isfinite(nearest);
}

static void measure_key(const canvas *c, curves_layout *l, const st_survival_figure *s) {
    const double widest = 250;
    enum { MOST = sizeof l->note_line / sizeof l->note_line[0] };
    l->key_pitch = PITCH;
    for (size_t k = 0; k < s->n_lines; k++) {
        type_plain(s->lines[k].name, TYPE_LABEL, l->name[k]);
        l->key = l->key || s->n_lines > 1 || l->name[k][0] != 0;
    }
    for (size_t k = 0; k < s->n_lines && l->key; k++)
        l->key_width = fmax(l->key_width, SAMPLE + type_width(c, TYPE_BODY, l->name[k]));
    if (s->note != NULL) {
        type_statistics(s->note, l->note);
        l->notes = type_break(c, TYPE_BODY, fmax(widest, l->key_width), l->note, l->note_line, MOST);
    }
    for (size_t i = 0; i < l->notes; i++)
        l->key_width = fmax(l->key_width, type_width(c, TYPE_BODY, l->note_line[i]));
    l->key_height = PITCH * (double)((l->key ? s->n_lines : 0) + l->notes);
}

/* ---- all of it --------------------------------------------------------------------- */

/* The names beside the table set where the frame begins. */
static void measure_risk(const canvas *c, curves_layout *l, const st_survival_figure *s) {
    const double half_number = 24;
    double left = LEFT_LEAST;
    for (size_t k = 0; k < s->n_lines; k++) {
        l->risk = l->risk || s->lines[k].n_subjects > 0;
        strcpy(l->risk_name[k], l->key ? l->name[k] : "All");
    }
    for (size_t k = 0; k < s->n_lines && l->risk; k++) {
        type_fit(c, TYPE_FINE, LEFT_MOST - EVIDENCE_MARGIN - half_number, l->risk_name[k]);
        left = fmax(left, EVIDENCE_MARGIN + type_width(c, TYPE_FINE, l->risk_name[k]) + half_number);
    }
    l->frame.left = left;
    l->frame.right = EVIDENCE_WIDTH - 3 * EVIDENCE_MARGIN;
}

static void lay_out(const canvas *c, curves_layout *l, const st_survival_figure *s, cells *grid) {
    const double axis_room = 42;
    set_axes(l, s);
    measure_key(c, l, s);
    measure_risk(c, l, s);
    l->frame.top = 2 * EVIDENCE_MARGIN + (s->title != NULL ? EVIDENCE_TITLE : 0);
    l->frame.bottom = l->frame.top + FRAME;
    for (size_t k = 0; k < s->n_lines; k++)
        take_curve(grid, l, &s->lines[k], s->rising);
    if (l->key_height > 0 && !place_key(l, s, grid)) {
        l->key_left = l->frame.left;
        l->key_top = l->frame.top;
        l->frame.top += l->key_height + AIR;
        l->frame.bottom += l->key_height + AIR;
    }
    l->risk_top = l->frame.bottom + axis_room;
    l->risk_pitch = PITCH;
    l->height = l->risk_top + (l->risk ? PITCH * (double)(s->n_lines + 1) : 0) + EVIDENCE_MARGIN;
}

st_status curves_layout_init(curves_layout *l, const st_survival_figure *s, st_error *err) {
    canvas measure;
    figure nothing = {0};
    *l = (curves_layout){0};
    st_status status = check(s, err);
    if (status != ST_OK)
        return status;
    cells *grid = st_alloc(1, sizeof *grid, err);
    status = grid != NULL ? type_measure_begin(&measure, &nothing, err) : ST_MEMORY;
    if (status == ST_OK) {
        lay_out(&measure, l, s, grid);
        status = type_measure_end(&measure, err);
    }
    free(grid);
    return status;
}
