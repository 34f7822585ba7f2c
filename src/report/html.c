/* Escapes, tables, data URIs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "html.h"
#include "canvas.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

void html_text(FILE *out, const char *text) {
    for (const char *p = text; *p != 0; p++)
        switch (*p) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            if ((unsigned char)*p >= ' ' || *p == '\n' || *p == '\t')
                fputc(*p, out);
        }
}

static void print_arguments(FILE *out, const char *format, va_list arguments) {
    char text[2048];
    vsnprintf(text, sizeof text, format, arguments);
    html_text(out, text);
}

void html_print(FILE *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_arguments(out, format, arguments);
    va_end(arguments);
}

void html_element(FILE *out, const char *tag, const char *format, ...) {
    va_list arguments;
    fprintf(out, "<%s>", tag);
    va_start(arguments, format);
    print_arguments(out, format, arguments);
    va_end(arguments);
    fprintf(out, "</%s>\n", tag);
}

void html_open(FILE *out, const char *title, ...) {
    size_t size;
    const char *style = st_data_find("report/report.css", &size);
    va_list arguments;
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    va_start(arguments, title);
    print_arguments(out, title, arguments);
    va_end(arguments);
    fputs("</title>\n", out);
    if (style != NULL)
        fprintf(out, "<style>\n%s</style>\n", style);
    fputs("</head>\n<body>\n", out);
}

void html_close(FILE *out) {
    fputs("<footer>Research software, not a medical device.</footer>\n</body>\n</html>\n", out);
}

void html_data_uri(FILE *out, const char *type, const unsigned char *bytes, size_t size) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    fprintf(out, "data:%s;base64,", type);
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        fputc(digit[group >> 18], out);
        fputc(digit[group >> 12 & 63], out);
        fputc(left > 1 ? digit[group >> 6 & 63] : '=', out);
        fputc(left > 2 ? digit[group & 63] : '=', out);
    }
}

/* ---- tables ------------------------------------------------------------------------ */

void table_open(FILE *out, const char *title, const char *kind, const char *const *columns, size_t n) {
    fputs("<div class=\"scroll\"><table>\n<caption>", out);
    html_text(out, title);
    if (kind != NULL) {
        fputs(" <i>", out);
        html_text(out, kind);
        fputs("</i>", out);
    }
    fputs("</caption>\n<thead><tr>", out);
    for (size_t i = 0; i < n; i++) {
        const bool number = columns[i][0] == '#';
        fprintf(out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
        html_text(out, columns[i] + number);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

void table_close(FILE *out) {
    fputs("</tbody></table></div>\n", out);
}

void row_open(FILE *out, const char *style) {
    if (style != NULL)
        fprintf(out, "<tr class=\"%s\">", style);
    else
        fputs("<tr>", out);
}

void row_close(FILE *out) {
    fputs("</tr>\n", out);
}

void cell(FILE *out, const char *format, ...) {
    va_list arguments;
    fputs("<td>", out);
    va_start(arguments, format);
    print_arguments(out, format, arguments);
    va_end(arguments);
    fputs("</td>", out);
}

void cell_number(FILE *out, double value, int decimals) {
    if (isfinite(value))
        fprintf(out, "<td class=\"n\">%.*f</td>", decimals, value);
    else
        fputs("<td class=\"n\">–</td>", out);
}

/* 1234567 -> 1 234 567, with narrow spaces that do not break. */
void cell_count(FILE *out, uint64_t value) {
    char digits[32];
    const int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    fputs("<td class=\"n\">", out);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            fputs("&#8239;", out);
        fputc(digits[i], out);
    }
    fputs("</td>", out);
}

void quantity(FILE *out, const char *name, double value, int decimals, const char *unit) {
    row_open(out, NULL);
    cell(out, "%s", name);
    cell_number(out, value, decimals);
    cell(out, "%s", unit);
    row_close(out);
}

void cell_tip(FILE *out, size_t number) {
    const colour c = colour_of_tip(number);
    fprintf(out, "<td class=\"tip\"><span class=\"chip\" style=\"background:#%02lx%02lx%02lx\"></span>%zu</td>",
            lround(255 * c.r), lround(255 * c.g), lround(255 * c.b), number);
}
