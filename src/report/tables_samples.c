/* How far the numbers of the infusion can be trusted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "page.h"

#include <math.h>

/* Three figures or, of whole numbers, more. */
static int decimals(double value) {
    return fabs(value) < 1 ? 3 : fabs(value) < 10 ? 2 : fabs(value) < 100 ? 1 : 0;
}

static void result_row(FILE *out, const st_samples *samples, st_sample_result result) {
    const st_sample_summary *s = &samples->summary[result];
    const char *unit = st_sample_result_unit(result);
    if (isnan(s->median)) /* of oil, where none is given */
        return;
    row_open(out, NULL);
    cell(out, "%s", st_sample_result_text(result));
    cell_number(out, s->value, decimals(s->value));
    cell_number(out, s->median, decimals(s->median));
    cell_number(out, s->p5, decimals(s->p5));
    cell_number(out, s->p95, decimals(s->p95));
    cell(out, "%s", unit[0] == '1' ? "" : unit);
    if (s->driver == ST_NO_DRIVER)
        cell(out, "no clear driver");
    else
        cell(out, "%s (rho %.2f)", samples->input[s->driver].name, s->rho[s->driver]);
    row_close(out);
}

static void input_row(FILE *out, const st_input *input) {
    row_open(out, NULL);
    cell(out, "%s", input->name);
    cell(out, "%s", st_distribution_name(input->distribution));
    cell_number(out, input->value, 3);
    cell_number(out, input->low, 3);
    cell_number(out, input->high, 3);
    cell_number(out, input->centre, 3);
    cell_number(out, input->sd, 3);
    cell(out, "%s", input->unit[0] == '1' ? "" : input->unit);
    cell(out, "%s", input->trust);
    cell(out, "%s", input->source);
    row_close(out);
}

void page_samples(FILE *out, const st_result *r) {
    static const char *const results[] = {"over all sessions", "#this run", "#median", "#5 %", "#95 %", "unit",
                                          "driven by"};
    static const char *const inputs[] = {"what varies", "distribution", "#this run", "#low",  "#high",
                                         "#centre",     "#SD",          "unit",      "trust", "source"};
    const st_samples *samples = &r->samples;
    if (samples->n == 0)
        return;
    html_element(out, "h3", "Uncertainty");
    table_open(out, "Uncertainty", KIND_SIMULATED, results, COUNT(results));
    for (int i = 0; i < ST_SAMPLE_RESULTS; i++)
        result_row(out, samples, (st_sample_result)i);
    table_close(out);
    html_element(
        out, "p",
        "All infusions again in %zu samples, with the numbers below drawn anew%s; %zu could not be computed. The "
        "driver is the input with the strongest rank correlation (Spearman's rho), if that is above %.2f. Tree, "
        "tips and everything after the infusions, necrosis and follow-up among it, are those of this run.",
        samples->n, samples->n_inputs > 0 ? ", and chance" : "", samples->failed, samples->critical);
    table_open(out, "What varies", KIND_ASSUMED, inputs, COUNT(inputs));
    for (size_t i = 0; i < samples->n_inputs; i++)
        input_row(out, &samples->input[i]);
    table_close(out);
}
