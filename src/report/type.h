/* Typography: text of unknown origin made fit to be shown, statistics in italics, lines broken.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_TYPE_H
#define STASIS_TYPE_H

#include "canvas.h"

/* Marks inside a text that type_show understands. */
#define TYPE_ITALIC  "\001"
#define TYPE_RAISED  "\002"
#define TYPE_UPRIGHT "\003" /* ends both */
#define TYPE_THIN    "\004" /* a thin space, which few fonts have */

#define TYPE_MINUS    "\xe2\x88\x92"
#define TYPE_DASH     "\xe2\x80\x93"
#define TYPE_ELLIPSIS "\xe2\x80\xa6"

enum { TYPE_TEXT = 512, TYPE_LABEL = 50 };

/* At most `most` characters of a text in UTF-8, the last an ellipsis where there are more: bytes that are no UTF-8
 * become U+FFFD, control characters spaces. NULL is "". */
void type_plain(const char *text, size_t most, char out[TYPE_TEXT]);
/* The same for a line of statistics, "tau2 = -0.61, I2 = 82 %, p < 0.001": symbols in italics and Greek, raised
 * squares, minus signs, en dashes in ranges, thin spaces before percent. */
void type_statistics(const char *text, char out[TYPE_TEXT]);

/* A canvas of no size, to measure before the height is known: widths are those of any sheet. `nothing` stays empty. */
st_status type_measure_begin(canvas *c, figure *nothing, st_error *err);
st_status type_measure_end(canvas *c, st_error *err);
/* Letters as in journals, and their places the same in every format. */
void type_set(canvas *c);

typedef struct type {
    double size;
    bool bold;
} type;
double type_width(const canvas *c, type t, const char *text);
/* `text` comes from the functions above or is a literal; `y` is the base line. */
void type_show(const canvas *c, double x, double y, anchor at, type t, const char *text);
/* Shortened with an ellipsis until it is at most `width` wide. */
void type_fit(const canvas *c, type t, double width, char text[TYPE_TEXT]);
/* Breaks at spaces, in place (a space becomes the closing zero), into lines at most `width` wide where words allow it;
 * line[most] receives their beginnings. */
size_t type_break(const canvas *c, type t, double width, char *text, const char **line, size_t most);

#endif
