/* Writing HTML: everything that is text passes through the escape.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_HTML_H
#define STASIS_HTML_H

#include "report_internal.h"

void html_text(FILE *out, const char *text);
ST_PRINTF(2, 3) void html_print(FILE *out, const char *format, ...);
/* <tag>text</tag> */
ST_PRINTF(3, 4) void html_element(FILE *out, const char *tag, const char *format, ...);
/* A page with the look of all pages, from <html> to <body>; its title. */
ST_PRINTF(2, 3) void html_open(FILE *out, const char *title, ...);
/* The foot, and the end of the page. */
void html_close(FILE *out);
void html_data_uri(FILE *out, const char *type, const unsigned char *bytes, size_t size);

/* What kind of number a table holds. */
#define KIND_MEASURED  "measured on the image"
#define KIND_RECORDED  "recorded"
#define KIND_SIMULATED "simulated"
#define KIND_ASSUMED   "assumed"
#define KIND_COURSE    "simulated from pooled and assumed rates"

/* A table; a column whose name begins with "#" holds numbers and stands to the right. */
void table_open(FILE *out, const char *title, const char *kind, const char *const *columns, size_t n);
void table_close(FILE *out);
/* `style` "sum" or "mark", or NULL. */
void row_open(FILE *out, const char *style);
void row_close(FILE *out);
ST_PRINTF(2, 3) void cell(FILE *out, const char *format, ...);
/* NaN and infinity are a dash. */
void cell_number(FILE *out, double value, int decimals);
void cell_count(FILE *out, uint64_t value);
/* name, value, unit: a row of a table of three columns. */
void quantity(FILE *out, const char *name, double value, int decimals, const char *unit);

/* The number of a tip with the colour it has in the figures. */
void cell_tip(FILE *out, size_t number);

#endif
