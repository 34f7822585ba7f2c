/* The rows, as a page and as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <math.h>
#include <stdarg.h>

static finding *add(validation *v, const char *id, const char *what, double computed, const char *unit, bool met) {
    finding *f = &v->rows[v->n++];
    *f = (finding){.id = id, .what = what, .computed = computed, .unit = unit, .met = met ? MET : MISSED};
    return f;
}

void add_interval(validation *v, const char *id, const char *what, double published, double low, double high,
                  double computed, const char *unit, const char *note, ...) {
    const bool given = high > low;
    const double a = given ? low : fmin(published * (1 - TOLERANCE), published * (1 + TOLERANCE));
    const double b = given ? high : fmax(published * (1 - TOLERANCE), published * (1 + TOLERANCE));
    finding *f = add(v, id, what, computed, unit, computed >= a && computed <= b);
    if (given)
        snprintf(f->published, sizeof f->published, "%.3g (%.3g to %.3g)", published, low, high);
    else
        snprintf(f->published, sizeof f->published, "%.3g", published);
    va_list arguments;
    va_start(arguments, note);
    vsnprintf(f->note, sizeof f->note, note, arguments);
    va_end(arguments);
}

void add_below(validation *v, const char *id, const char *what, double limit, double computed, const char *unit,
               const char *note, ...) {
    finding *f = add(v, id, what, computed, unit, computed <= limit);
    snprintf(f->published, sizeof f->published, "%.3g", limit);
    va_list arguments;
    va_start(arguments, note);
    vsnprintf(f->note, sizeof f->note, note, arguments);
    va_end(arguments);
}

void add_judged(validation *v, const char *id, const char *what, const char *published, double computed,
                const char *unit, bool met, const char *note, ...) {
    finding *f = add(v, id, what, computed, unit, met);
    snprintf(f->published, sizeof f->published, "%s", published);
    va_list arguments;
    va_start(arguments, note);
    vsnprintf(f->note, sizeof f->note, note, arguments);
    va_end(arguments);
}

void add_open(validation *v, const char *id, const char *what, const char *published, const char *unit,
              const char *why) {
    finding *f = add(v, id, what, NAN, unit, false);
    f->met = NOT_COMPUTED;
    snprintf(f->published, sizeof f->published, "%s", published);
    snprintf(f->note, sizeof f->note, "%s", why);
}

static const char *word(verdict met) {
    return met == MET ? "met" : met == MISSED ? "**missed**" : "not computed yet";
}

static void print_rows(const validation *v, FILE *out) {
    fputs("| id | what | unit | published | computed | verdict | note |\n|---|---|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < v->n; i++) {
        const finding *f = &v->rows[i];
        char computed[32] = "";
        if (f->met != NOT_COMPUTED)
            snprintf(computed, sizeof computed, "%.3g", f->computed);
        fprintf(out, "| %s | %s | %s | %s | %s | %s | %s |\n", f->id, f->what, f->unit, f->published, computed,
                word(f->met), f->note);
    }
}

st_status write_page(const validation *v, const char *path, st_error *err) {
    st_writer writer;
    st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    size_t count[3] = {0};
    for (size_t i = 0; i < v->n; i++)
        count[v->rows[i].met]++;
    fprintf(
        writer.stream,
        "# Validation\n\n"
        "Written by `make validate`; `make test` fails when this page is not what the program computes.\n\n"
        "Published measurements against what this version computes with its default parameters. Nothing is tuned\n"
        "to meet a row. A published interval is met by a number inside it, a published value without one by a\n"
        "number within %.0f %% of it, a finding in words by a number that agrees with them, as the note says; what\n"
        "agrees was laid down before the number was computed. %zu met, %zu missed, %zu not computed yet.\n\n"
        "The liver is made up: an ellipsoid of %.0f mL with %zu balls of tumour (burden %.1f %%) on a grid of\n"
        "2 mm, an arterial tree of %u terminals, tips chosen by the plan, particles of 75-150 um unless a row\n"
        "says otherwise. A lobar tip stands in the vessel whose flow is nearest to half of the liver's (%.0f %%): a "
        "grown\n"
        "tree does not keep to lobes. The published numbers come from patients and animals of other sizes and with "
        "other\n"
        "tumours: read the comparison for order and size, not for fit.\n\n",
        TOLERANCE / ST_PERCENT, count[MET], count[MISSED], count[NOT_COMPUTED], v->liver.volume / ST_ML,
        v->liver.n_lesions, st_liver_burden(&v->liver) / ST_PERCENT, v->tree.n_terminals,
        v->q[v->lobar_tip] / v->q[0] / ST_PERCENT);
    print_rows(v, writer.stream);
    return st_writer_commit(&writer, err);
}

st_status write_json(const validation *v, const char *path, st_error *err) {
    json_t *rows = json_array();
    for (size_t i = 0; i < v->n; i++) {
        const finding *f = &v->rows[i];
        json_t *met = f->met == NOT_COMPUTED ? json_null() : json_boolean(f->met == MET);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:s}", "id", f->id, "what", f->what,
                                              "published", f->published, "computed", st_json_real(f->computed), "unit",
                                              f->unit, "met", met, "note", f->note));
    }
    const st_status status = st_json_write(path, rows, err);
    json_decref(rows);
    return status;
}
