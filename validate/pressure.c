/* V6: delivery to a lesion whose outlets press back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <stasis/units.h>

#include <math.h>
#include <stasis/statistics.h>
#include <stdlib.h>

static const double RAISE_MOST = 6000; /* Pa, as far as the publication goes, and beyond where its delivery ends */
enum { RAISES = 13 };
static const double KILOPASCAL = 1000;
static const double INLET_CHANGE = 0.2; /* of the inlet pressure over the back pressure, and of the flow with it */
/* "Linear" and "no effect" of the publication. */
static const double LINEAR = 0.95, NO_EFFECT = 1; /* R^2; % */
static const double ROUNDING = 1e-6;              /* %, of the arithmetic */

/* The network with terminals of one lesion that end at another pressure. */
typedef struct raised {
    const validation *v;
    uint32_t tip;
    uint16_t lesion;
    double *conductance, *source; /* [segments] of all beyond the mouth: flow in = conductance * pressure - source */
    double *pressure;             /* [segments] at the distal point, Pa over the back pressure */
} raised;

static double outlet_pressure(const raised *r, uint32_t segment, double raise) {
    return r->v->tree.lesion[segment] == r->lesion ? raise : 0;
}

/* From the terminals up: what hangs at a distal point is one conductance to one pressure. */
static void sweep_up(raised *r, double raise) {
    const st_tree *tree = &r->v->tree;
    const st_flow *flow = &r->v->baseline;
    for (uint32_t i = tree->n; i-- > 0;) {
        double beyond = flow->outlet[i], source = flow->outlet[i] * outlet_pressure(r, i, raise);
        for (uint32_t c = tree->first_child[i]; c != ST_NONE; c = tree->next_sibling[c]) {
            beyond += r->conductance[c];
            source += r->source[c];
        }
        const double part = flow->conductance[i] / (flow->conductance[i] + beyond);
        r->conductance[i] = beyond * part;
        r->source[i] = source * part;
    }
}

/* Part of the tip's flow that reaches the lesion while its outlets are `raise` Pa higher; backflow brings nothing. */
static double delivery(raised *r, double inlet, double raise) {
    const st_tree *tree = &r->v->tree;
    const st_flow *flow = &r->v->baseline;
    double reached = 0, tip_flow = 0;
    sweep_up(r, raise);
    for (uint32_t i = 0; i < tree->n; i++) {
        const double above = tree->parent[i] == ST_NONE ? inlet : r->pressure[tree->parent[i]];
        const double q = r->conductance[i] * above - r->source[i];
        r->pressure[i] = above - q / flow->conductance[i];
        if (i == r->tip)
            tip_flow = q;
        const bool beyond = i > r->tip && tree->parent[i] != ST_NONE && tree->parent[i] >= r->tip;
        if (i > r->tip && !beyond)
            break; /* depth first: all beyond the tip is done */
        if (beyond && st_tree_is_terminal(tree, i) && tree->lesion[i] == r->lesion)
            reached += fmax(0, q);
    }
    return tip_flow > 0 ? reached / tip_flow : 0;
}

static double r_squared(const double *x, const double *y, size_t n) {
    const double r = st_correlation(x, y, n);
    return r * r;
}

/* The lowest raise at which nothing is delivered. */
static double ends_at(raised *r, double inlet) {
    double low = 0, high = inlet;
    while (high - low > 1) {
        const double middle = (low + high) / 2;
        *(delivery(r, inlet, middle) > 0 ? &low : &high) = middle;
    }
    return high;
}

static double change_with_inlet(raised *r, double inlet, double raise) {
    const double as_is = delivery(r, inlet, raise);
    const double slow = delivery(r, inlet * (1 - INLET_CHANGE), raise);
    const double fast = delivery(r, inlet * (1 + INLET_CHANGE), raise);
    const double change = fmax(fabs(slow / as_is - 1), fabs(fast / as_is - 1)) / ST_PERCENT;
    return change > ROUNDING ? change : 0;
}

static void add_rows(validation *v, raised *r) {
    const double inlet = v->baseline.inlet_pressure - v->baseline.back_pressure;
    double raise[RAISES], part[RAISES];
    for (int k = 0; k < RAISES; k++) {
        raise[k] = RAISE_MOST * k / (RAISES - 1);
        part[k] = delivery(r, inlet, raise[k]);
    }
    const double fit = r_squared(raise, part, RAISES);
    add_judged(v, "V6", "delivery against the pressure at the target's outlets, R^2 of a line", "linear fall", fit, "1",
               fit >= LINEAR && part[RAISES - 1] < part[0],
               "CFD of one right hepatic artery (Wang 2025). Here the largest lesion beyond a lobar tip, its terminals "
               "0 to 6 kPa above the others: %.1f %% of the tip's flow falls to %.1f %%. Met from %.2f on.",
               part[0] / ST_PERCENT, part[RAISES - 1] / ST_PERCENT, LINEAR);
    const double end = ends_at(r, inlet) / KILOPASCAL;
    add_judged(v, "V6", "pressure at which delivery ends", "> 5", end, "kPa", end > 5,
               "Over that of the other outlets, %.1f kPa; the artery's own is %.1f kPa.",
               v->baseline.back_pressure / KILOPASCAL, v->baseline.inlet_pressure / KILOPASCAL);
    const double change = change_with_inlet(r, inlet, 0);
    add_judged(v, "V6", "change of delivery with 20 % more or less flow at the inlet", "none", change, "%",
               change < NO_EFFECT,
               "Outlets at one pressure: then it follows from the network being linear. With the lesion's %.1f kPa "
               "higher it is %.0f %%.",
               RAISE_MOST / 2 / KILOPASCAL, change_with_inlet(r, inlet, RAISE_MOST / 2));
}

/* The lesion that most of the tip's tumour flow goes to. */
static uint16_t largest_beyond(const validation *v, uint32_t tip, double *flow) {
    const st_tree *tree = &v->tree;
    uint16_t largest = 1;
    for (uint32_t i = tip + 1; i < tree->n && tree->parent[i] != ST_NONE && tree->parent[i] >= tip; i++)
        flow[tree->lesion[i]] += tree->lesion[i] != 0 ? tree->demand[i] : 0;
    for (uint16_t l = 1; l <= v->liver.n_lesions; l++)
        largest = flow[l] > flow[largest] ? l : largest;
    return largest;
}

st_status check_pressure(validation *v) {
    raised r = {.v = v, .tip = v->lobar_tip};
    st_status status = ST_OK;
    double *lesion_flow = st_alloc(v->liver.n_lesions + 1, sizeof *lesion_flow, &v->err);
    r.conductance = st_alloc(v->tree.n, sizeof *r.conductance, &v->err);
    r.source = st_alloc(v->tree.n, sizeof *r.source, &v->err);
    r.pressure = st_alloc(v->tree.n, sizeof *r.pressure, &v->err);
    if (lesion_flow != NULL && r.conductance != NULL && r.source != NULL && r.pressure != NULL) {
        r.lesion = largest_beyond(v, r.tip, lesion_flow);
        add_rows(v, &r);
    } else {
        status = ST_MEMORY;
    }
    free(lesion_flow);
    free(r.conductance);
    free(r.source);
    free(r.pressure);
    return status;
}
