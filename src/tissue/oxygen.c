/* Oxygen inside a voxel: radial diffusion around a capillary, and the blood along it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>

#include <math.h>

#include "tissue_internal.h"

enum { RADIAL_CELLS = 48, DEATH_LEVELS = 16, NEWTON_STEPS = 100 };

static const double NEWTON_TOLERANCE = 1e-11; /* of the wall pressure */
static const double LOWEST_MMHG = 0.01;       /* where the table ends and tissue counts as without oxygen */

/* ---- the cylinder --------------------------------------------------------- */

st_oxygen_demand st_oxygen_demand_of(st_tissue_class tissue, const st_parameters *parameters) {
    const bool tumour = tissue == ST_TUMOUR;
    const double per_gram = st_parameter_value(parameters, tumour ? ST_P_OXYGEN_USE_TUMOUR : ST_P_OXYGEN_USE_LIVER);
    const double sinusoid = st_parameter_value(parameters, ST_P_SINUSOID_RADIUS);
    return (st_oxygen_demand){
        .use = per_gram * st_parameter_value(parameters, ST_P_LIVER_DENSITY),
        .half = st_parameter_value(parameters, ST_P_OXYGEN_HALF_USE) / ST_MMHG,
        .radius = tumour ? st_parameter_value(parameters, ST_P_TUMOUR_CYLINDER_RADIUS)
                         : sinusoid / sqrt(st_parameter_value(parameters, ST_P_SINUSOID_POROSITY)),
        .capillary = tumour ? st_parameter_value(parameters, ST_P_TUMOUR_CAPILLARY_RADIUS) : sinusoid,
    };
}

/* Shells of equal width in s = ln r: diffusion there is plain second differences, and a shell's use enters with
 * its exact volume, so what crosses the wall is what the shells use. */
typedef struct cylinder {
    unsigned cells;
    double width;                      /* of a shell in ln r */
    double krogh;                      /* mL O2 / (mm s mmHg) */
    double rate, half;                 /* use per tissue volume outside the capillary, and its half pressure */
    double tissue;                     /* tissue share of the cylinder's volume */
    double volume[ST_KROGH_CELLS_MAX]; /* of a shell over 2 pi length, mm^2 */
    double whole;                      /* their sum */
} cylinder;

static void cylinder_init(cylinder *c, const st_oxygen_demand *demand, const st_parameters *parameters,
                          unsigned cells) {
    const double solubility = st_parameter_value(parameters, ST_P_OXYGEN_SOLUBILITY) * ST_MMHG;
    const double hollow = demand->capillary / demand->radius;
    c->cells = cells;
    c->width = -log(hollow) / cells;
    c->krogh = st_parameter_value(parameters, ST_P_OXYGEN_DIFFUSIVITY) * solubility;
    c->tissue = 1 - hollow * hollow;
    c->rate = demand->use / c->tissue;
    c->half = demand->half;
    c->whole = 0;
    for (unsigned i = 0; i < cells; i++) {
        const double inner = demand->capillary * exp(i * c->width), outer = inner * exp(c->width);
        c->volume[i] = (outer * outer - inner * inner) / 2;
        c->whole += c->volume[i];
    }
}

/* One Newton step by elimination in the tridiagonal system; returns the largest change. */
static double newton_step(const cylinder *c, double wall, double *pressure) {
    double above[ST_KROGH_CELLS_MAX], right[ST_KROGH_CELLS_MAX], largest = 0;
    const double g = c->krogh / c->width;
    for (unsigned i = 0; i < c->cells; i++) {
        const double p = pressure[i], bound = p + c->half;
        const double slope = c->volume[i] * c->rate * c->half / (bound * bound);
        const double use = c->volume[i] * c->rate * p / bound;
        const double before = i == 0 ? 2 * g : g, after = i + 1 == c->cells ? 0 : g;
        const double source = (i == 0 ? before * wall : 0) - use + slope * p;
        const double pivot = before + after + slope - (i == 0 ? 0 : before * above[i - 1]);
        above[i] = after / pivot;
        right[i] = (source + (i == 0 ? 0 : before * right[i - 1])) / pivot;
    }
    for (unsigned i = c->cells; i-- > 0;) {
        double next = right[i] + (i + 1 < c->cells ? above[i] * pressure[i + 1] : 0);
        next = fmax(next, 0);
        largest = fmax(largest, fabs(next - pressure[i]));
        pressure[i] = next;
    }
    return largest;
}

/* Use is concave in pressure, so that every step clamped at 0 lands below the solution and rises towards it:
 * it converges from any start that is not negative. Returns the use per volume of the whole cylinder. */
static double cylinder_solve(const cylinder *c, double wall, double *pressure) {
    for (int step = 0; step < NEWTON_STEPS; step++)
        if (newton_step(c, wall, pressure) <= NEWTON_TOLERANCE * wall)
            break;
    double used = 0;
    for (unsigned i = 0; i < c->cells; i++)
        used += c->volume[i] * c->rate * pressure[i] / (pressure[i] + c->half);
    return used / c->whole * c->tissue;
}

double st_krogh_profile(double wall_mmhg, const st_oxygen_demand *demand, const st_parameters *parameters,
                        unsigned cells, double *radius, double *pressure) {
    cylinder c;
    cylinder_init(&c, demand, parameters, cells);
    for (unsigned i = 0; i < cells; i++) {
        radius[i] = demand->capillary * exp((i + 0.5) * c.width);
        pressure[i] = wall_mmhg;
    }
    return cylinder_solve(&c, wall_mmhg, pressure);
}

static double cylinder_mean(const cylinder *c, const double *pressure) {
    double sum = 0;
    for (unsigned i = 0; i < c->cells; i++)
        sum += c->volume[i] * pressure[i];
    return sum / c->whole;
}

/* Fraction of the tissue below `limit`. Pressure falls outwards; its place between two known ones is linear in
 * ln r, and the pressure at the outer edge, where the profile is flat, comes from the parabola through the last two. */
static double cylinder_below(const cylinder *c, double wall, const double *pressure, double limit) {
    const unsigned last = c->cells - 1;
    const double edge = pressure[last] - (pressure[last - 1] - pressure[last]) / 8;
    if (wall <= limit)
        return 1;
    if (edge >= limit)
        return 0;
    double s = 0, p = wall;
    for (unsigned i = 0; i <= c->cells; i++) {
        const double next_s = i < c->cells ? (i + 0.5) * c->width : c->cells * c->width;
        const double next = i < c->cells ? pressure[i] : edge;
        if (next < limit) {
            s += (next_s - s) * (p - limit) / (p - next);
            break;
        }
        s = next_s;
        p = next;
    }
    const double whole = exp(2 * c->cells * c->width);
    return (whole - exp(2 * s)) / (whole - 1);
}

/* ---- blood ---------------------------------------------------------------- */

typedef struct blood {
    double capacity, p50, hill, solubility; /* mL/mL, mmHg, 1, mL/mL/mmHg */
} blood;

static blood blood_of(const st_parameters *parameters) {
    return (blood){
        .capacity = st_parameter_value(parameters, ST_P_OXYGEN_CAPACITY),
        .p50 = st_parameter_value(parameters, ST_P_OXYGEN_P50) / ST_MMHG,
        .hill = st_parameter_value(parameters, ST_P_HILL_EXPONENT),
        .solubility = st_parameter_value(parameters, ST_P_OXYGEN_SOLUBILITY) * ST_MMHG,
    };
}

static double content_of(const blood *b, double pressure) {
    const double x = pow(pressure / b->p50, b->hill);
    return b->capacity * x / (1 + x) + b->solubility * pressure;
}

/* The content rises with pressure and is at least what is dissolved, which bounds the pressure. */
static double pressure_of(const blood *b, double content) {
    double low = 0, high = content / b->solubility;
    for (int i = 0; i < 100 && low < high; i++) {
        const double middle = 0.5 * (low + high);
        if (content_of(b, middle) < content)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* ---- the table ------------------------------------------------------------ */

/* The fraction that dies is a sum over pressures of (what is below each) times (what one step further down adds). */
typedef struct death_levels {
    double pressure[DEATH_LEVELS], weight[DEATH_LEVELS];
    double whole; /* sum of the weights */
} death_levels;

static death_levels levels_of(const oxygen_death *death) {
    death_levels levels = {0};
    if (!death)
        return levels;
    double before = 0;
    for (int k = 0; k < DEATH_LEVELS; k++) {
        const double depth = (k + 1.0) / DEATH_LEVELS, middle = (k + 0.5) / DEATH_LEVELS;
        const double dead = -expm1(-depth * death->stay / death->time);
        levels.pressure[k] = death->onset - middle * (death->onset - death->full);
        levels.weight[k] = dead - before;
        before = dead;
    }
    levels.whole = before;
    return levels;
}

void oxygen_tabulate(const st_oxygen_demand *demand, const st_parameters *parameters, double limit_mmhg,
                     const oxygen_death *death, oxygen_table *table) {
    const blood b = blood_of(parameters);
    const death_levels levels = levels_of(death);
    cylinder c;
    cylinder_init(&c, demand, parameters, RADIAL_CELLS);
    table->artery = st_parameter_value(parameters, ST_P_OXYGEN_ARTERY);
    table->portal = st_parameter_value(parameters, ST_P_OXYGEN_PORTAL);
    table->killed_without = levels.whole;
    const double top = pressure_of(&b, fmax(table->artery, table->portal));
    double pressure[RADIAL_CELLS] = {0}; /* each solution is the start of the next, higher one */
    oxygen_state before = {0};
    for (unsigned j = 0; j < OXYGEN_NODES; j++) {
        const double wall = top * pow(LOWEST_MMHG / top, 1 - j / (OXYGEN_NODES - 1.0));
        oxygen_state now = {.used = cylinder_solve(&c, wall, pressure)};
        now.mean = cylinder_mean(&c, pressure);
        now.hypoxic = cylinder_below(&c, wall, pressure, limit_mmhg);
        for (int k = 0; k < DEATH_LEVELS && death; k++)
            now.killed += levels.weight[k] * cylinder_below(&c, wall, pressure, levels.pressure[k]);
        table->content[j] = content_of(&b, wall);
        if (j == 0) {
            table->time[0] = table->mean[0] = table->hypoxic[0] = table->killed[0] = 0;
        } else {
            const double step = (table->content[j] - table->content[j - 1]) * 0.5 * (1 / before.used + 1 / now.used);
            table->time[j] = table->time[j - 1] + step;
            table->mean[j] = table->mean[j - 1] + step * 0.5 * (before.mean + now.mean);
            table->hypoxic[j] = table->hypoxic[j - 1] + step * 0.5 * (before.hypoxic + now.hypoxic);
            table->killed[j] = table->killed[j - 1] + step * 0.5 * (before.killed + now.killed);
        }
        before = now;
    }
}

/* Place of a value in an ascending column, as entry and fraction of the way to the next. */
typedef struct place {
    unsigned entry;
    double way;
} place;

static place find(const double *column, double value) {
    unsigned low = 0, high = OXYGEN_NODES - 1;
    while (high - low > 1) {
        const unsigned middle = (low + high) / 2;
        if (column[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    const double way = (value - column[low]) / (column[high] - column[low]);
    return (place){low, fmin(fmax(way, 0), 1)};
}

static double at(const double *column, place p) {
    return column[p.entry] + p.way * (column[p.entry + 1] - column[p.entry]);
}

oxygen_state oxygen_evaluate(const oxygen_table *table, double arterial, double portal) {
    const double flow = arterial + portal;
    if (!(flow > 0))
        return (oxygen_state){.hypoxic = 1, .killed = table->killed_without};
    const place in = find(table->content, (arterial * table->artery + portal * table->portal) / flow);
    const double arrival = at(table->time, in), stay = 1 / flow;
    const place out = find(table->time, arrival - stay);
    const double without = fmax(0, 1 - flow * arrival); /* share of the capillary that no oxygen reaches */
    return (oxygen_state){
        .mean = flow * (at(table->mean, in) - at(table->mean, out)),
        .hypoxic = fmin(1, flow * (at(table->hypoxic, in) - at(table->hypoxic, out)) + without),
        .killed = flow * (at(table->killed, in) - at(table->killed, out)) + without * table->killed_without,
        .used = flow * (at(table->content, in) - at(table->content, out)),
    };
}

void st_oxygen_voxel(double arterial, double portal, const st_oxygen_demand *demand, const st_parameters *parameters,
                     double limit_mmhg, double *mean_mmhg, double *hypoxic, double *used) {
    oxygen_table table;
    oxygen_tabulate(demand, parameters, limit_mmhg, NULL, &table);
    const oxygen_state state = oxygen_evaluate(&table, arterial, portal);
    if (mean_mmhg)
        *mean_mmhg = state.mean;
    if (hypoxic)
        *hypoxic = state.hypoxic;
    if (used)
        *used = state.used;
}
