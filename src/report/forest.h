/* The layout of a forest plot: lines of text from top to bottom, columns from left to right.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_FOREST_H
#define STASIS_FOREST_H

#include "evidence.h"

typedef enum { FOREST_HEADING, FOREST_STUDY, FOREST_POOL, FOREST_PREDICTION, FOREST_NOTE } forest_kind;

typedef struct forest_line {
    forest_kind kind;
    double y; /* middle of the line */
    bool indented, overall;
    char label[TYPE_TEXT];
    const char *counts;
    double estimate, lower, upper, weight; /* NaN: none */
} forest_line;

/* Numbers one below another with their points in line: widths before and from the point on, and of those without one:
 * powers, bounds, infinity, which end where the column ends. */
typedef struct forest_decimals {
    double before, after, whole;
} forest_decimals;

typedef struct forest_layout {
    double height, header_bottom, rows_bottom;
    double pitch; /* from line to line */
    type text, bold;
    double counts_x;              /* middle of the column; NaN: no such column */
    double plot_left, plot_right; /* of the axis */
    double estimate_left, estimate_right, lower_right, upper_right;
    double weight_right; /* NaN: no such column */
    forest_decimals estimate, lower, upper, weight;
    double span; /* of all that is shown, for the digits of plain numbers */
    double heaviest;
    axis axis;
    forest_line *line;
    size_t n_lines;
    char header[2][TYPE_TEXT]; /* over the estimates */
    size_t notes;              /* lines at the foot */
    char note[2][TYPE_TEXT];
    const char *note_line[8];
} forest_layout;

/* Free with forest_layout_fini, whatever is returned. */
st_status forest_layout_init(forest_layout *l, const st_forest *forest, st_error *err);
void forest_layout_fini(forest_layout *l);

/* Whether a line has an interval to draw. */
bool forest_estimable(double estimate, double lower, double upper);
double forest_x(const forest_layout *l, double value);
/* Half the side of the square of a study: its area is in proportion to the weight. */
double forest_half_side(const forest_layout *l, double weight);
/* An estimate or, `which` 1 and 2, its limits. Ratios beyond 0.001 and 1000 are no better known than that as limits. */
void forest_number(const forest_layout *l, const forest_line *line, size_t which, char text[AXIS_TEXT]);
/* From the decimal point on, or "" where the number has none; NULL: no number with decimals. */
const char *forest_decimals_of(const char *number);

#endif
