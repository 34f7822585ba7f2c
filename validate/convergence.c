/* convergence PAGE.md: the dose to a flow, against how many terminals the tree has, and against the plugs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "phantom.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* The liver of the benchmark: 1.5 L with four metastases of 20 mm radius. */
static const double half_axes[3] = {85, 65, 65};
static const phantom_ball metastases[] = {
    {{-40, 5, 10}, 20}, {{-15, -30, -20}, 20}, {{30, 15, 10}, 20}, {{45, -15, -15}, 20}};

static const uint32_t terminals[] = {30000, 100000, 300000, 1000000, 3000000};
enum { TREES = sizeof terminals / sizeof *terminals };
/* The tree on which plugs are compared. */
enum { PLUG_TREE = 1 };

/* Porosities; the first one is a tight plug, DEFAULT_POROSITY the program's own. */
static const double porosity[] = {0, 0.30, 0.34, 0.38, 0.42};
enum { TIGHT = 0, POROSITIES = sizeof porosity / sizeof *porosity, DEFAULT_POROSITY = 3 };

enum { SIZES = 3, HALF = 0, TWENTIETH = 1, FLOWS = 2 };
static const double flow_left[FLOWS] = {0.5, 0.05};

/* Trees that differ by their seed alone, as a measure for the rest. */
enum { SEED_TREE = 1, SEEDS = 8 };

/* What one infusion came to. */
typedef struct dose {
    double particles[FLOWS]; /* NaN where the flow never fell so far */
    double passed;           /* 0..1 of the particles, over the whole infusion */
} dose;

typedef enum { BARE, CLOSED, CLOSURES } closure;

typedef struct study {
    st_parameters parameters;
    st_liver liver;
    st_agent agent[SIZES];
    dose by_tree[TREES][SIZES][CLOSURES][2]; /* last: tight, porous */
    dose by_plug[SIZES][POROSITIES];
    dose by_seed[SEEDS][SIZES][2];
    st_error err;
} study;

/* ---- one infusion ----------------------------------------------------------------- */

static double particles_at(const st_infusion *infusion, double flow) {
    for (size_t k = 1; k < infusion->n_curve; k++) {
        const st_infusion_point *a = &infusion->curve[k - 1], *b = &infusion->curve[k];
        if (b->tip_flow <= flow)
            return (double)a->injected +
                   (double)(b->injected - a->injected) * (a->tip_flow - flow) / (a->tip_flow - b->tip_flow);
    }
    return NAN;
}

/* Through the root of the tree, until a twentieth of the flow is left. */
static st_status infuse(study *s, const st_tree *tree, const st_agent *agent, closure closed, double pores, dose *d) {
    const double closure_terminals = s->parameters.item[ST_P_CLOSURE_TERMINALS].standard;
    const st_injection order = {.agent = agent, .tip = 0, .endpoint = ST_ENDPOINT_SUBSTASIS, .seed = 1};
    st_bed *bed = NULL;
    st_infusion infusion = {0};
    s->parameters.item[ST_P_CLOSURE_TERMINALS].value = closed == CLOSED ? closure_terminals : 0;
    s->parameters.item[ST_P_PLUG_POROSITY].value = pores;
    st_status status = st_bed_new(tree, &s->parameters, st_agent_smallest(agent), 1, &bed, &s->err);
    if (status == ST_OK)
        status = st_infuse(bed, &order, NULL, &infusion, &s->err);
    for (int f = 0; f < FLOWS && status == ST_OK; f++)
        d->particles[f] = particles_at(&infusion, flow_left[f] * infusion.tip_flow_before);
    if (status == ST_OK)
        d->passed = (double)infusion.particles.passed / (double)infusion.particles.injected;
    st_infusion_fini(&infusion);
    st_bed_free(bed);
    return status;
}

static st_status all_of_tree(study *s, int t) {
    const st_tree_options options = {.terminals = terminals[t], .seed = 1};
    st_tree tree = {0};
    st_tree_growth growth;
    st_status status = st_tree_grow(&s->liver, &s->parameters, &options, NULL, &tree, &growth, &s->err);
    for (int a = 0; a < SIZES && status == ST_OK; a++)
        for (closure c = BARE; c < CLOSURES && status == ST_OK; c++)
            for (int porous = 0; porous < 2 && status == ST_OK; porous++)
                status = infuse(s, &tree, &s->agent[a], c, porosity[porous ? DEFAULT_POROSITY : TIGHT],
                                &s->by_tree[t][a][c][porous]);
    for (int a = 0; a < SIZES && t == PLUG_TREE && status == ST_OK; a++)
        for (int p = 0; p < POROSITIES && status == ST_OK; p++)
            status = infuse(s, &tree, &s->agent[a], CLOSED, porosity[p], &s->by_plug[a][p]);
    st_tree_fini(&tree);
    return status;
}

static st_status all_of_seed(study *s, int k) {
    const st_tree_options options = {.terminals = terminals[SEED_TREE], .seed = (uint64_t)k + 1};
    st_tree tree = {0};
    st_tree_growth growth;
    st_status status = st_tree_grow(&s->liver, &s->parameters, &options, NULL, &tree, &growth, &s->err);
    for (int a = 0; a < SIZES && status == ST_OK; a++)
        for (int porous = 0; porous < 2 && status == ST_OK; porous++)
            status = infuse(s, &tree, &s->agent[a], CLOSED, porosity[porous ? DEFAULT_POROSITY : TIGHT],
                            &s->by_seed[k][a][porous]);
    st_tree_fini(&tree);
    return status;
}

/* ---- the page ---------------------------------------------------------------------- */

static void print_particles(FILE *out, double particles) {
    if (isnan(particles))
        fputs(" - |", out);
    else
        fprintf(out, " %.1f |", particles / 1000);
}

/* Largest over smallest, less one, of the trees. */
static double spread(const study *s, int a, closure c, int porous, int f) {
    double least = INFINITY, most = 0;
    for (int t = 0; t < TREES; t++) {
        const double particles = s->by_tree[t][a][c][porous].particles[f];
        if (isnan(particles))
            return NAN;
        least = fmin(least, particles);
        most = fmax(most, particles);
    }
    return most / least - 1;
}

/* The largest relative difference from the tree with most terminals. */
static double distance(const study *s, int a, closure c, int porous, int f) {
    const double finest = s->by_tree[TREES - 1][a][c][porous].particles[f];
    double most = 0;
    for (int t = 0; t < TREES; t++) {
        const double particles = s->by_tree[t][a][c][porous].particles[f];
        if (isnan(particles))
            return NAN;
        most = fmax(most, fabs(particles / finest - 1));
    }
    return most;
}

static void print_measure(FILE *out, const study *s, int a, int porous, const char *name,
                          double (*measure)(const study *, int, closure, int, int)) {
    fprintf(out, "| %s |", name);
    for (closure c = BARE; c < CLOSURES; c++) {
        for (int f = 0; f < FLOWS; f++) {
            const double part = measure(s, a, c, porous, f);
            if (isnan(part))
                fputs(" - |", out);
            else
                fprintf(out, " %.1f %% |", part / ST_PERCENT);
        }
        fputs("  |", out);
    }
    fputc('\n', out);
}

static void print_trees(FILE *out, const study *s, int a, int porous) {
    fprintf(out,
            "\n### %s, %s plugs\n\n"
            "| terminals | bare, 50 %% | bare, 5 %% | pass, %% | closure, 50 %% | closure, 5 %% | pass, %% |\n"
            "|---|---|---|---|---|---|---|\n",
            s->agent[a].name, porous ? "porous" : "tight");
    for (int t = 0; t < TREES; t++) {
        fprintf(out, "| %u |", terminals[t]);
        for (closure c = BARE; c < CLOSURES; c++) {
            const dose *d = &s->by_tree[t][a][c][porous];
            for (int f = 0; f < FLOWS; f++)
                print_particles(out, d->particles[f]);
            fprintf(out, " %.3g |", d->passed / ST_PERCENT);
        }
        fputc('\n', out);
    }
    print_measure(out, s, a, porous, "farthest from the finest tree", distance);
    print_measure(out, s, a, porous, "largest over smallest, less 1", spread);
}

static void print_plugs(FILE *out, const study *s) {
    fprintf(
        out,
        "\n## Porous against tight plugs\n\n"
        "The same on the tree of %u terminals with the closure, thousands of particles, and how many times as many as\n"
        "with tight plugs.\n\n"
        "| particles | porosity | 50 %% | times | 5 %% | times |\n|---|---|---|---|---|---|\n",
        terminals[PLUG_TREE]);
    for (int a = 0; a < SIZES; a++)
        for (int p = 0; p < POROSITIES; p++) {
            fprintf(out, "| %s | ", s->agent[a].name);
            if (p == TIGHT)
                fputs("tight |", out);
            else
                fprintf(out, "%.2f |", porosity[p]);
            for (int f = 0; f < FLOWS; f++) {
                const double particles = s->by_plug[a][p].particles[f];
                print_particles(out, particles);
                if (isnan(particles))
                    fputs(" - |", out);
                else
                    fprintf(out, " %.1f |", particles / s->by_plug[a][TIGHT].particles[f]);
            }
            fputc('\n', out);
        }
}

static void print_seeds(FILE *out, const study *s) {
    fprintf(out,
            "\n## Other trees\n\n"
            "Trees of %u terminals with the closure that differ by their seed alone, 1 to %d: how much of the spread "
            "above\n"
            "another arrangement of the same number of vessels makes. Thousands of particles, least and most.\n\n"
            "| particles | plugs | 50 %% | largest over smallest | 5 %% | largest over smallest "
            "|\n|---|---|---|---|---|---|\n",
            terminals[SEED_TREE], SEEDS);
    for (int a = 0; a < SIZES; a++)
        for (int porous = 0; porous < 2; porous++) {
            fprintf(out, "| %s | %s |", s->agent[a].name, porous ? "porous" : "tight");
            for (int f = 0; f < FLOWS; f++) {
                double least = INFINITY, most = 0;
                for (int k = 0; k < SEEDS; k++) {
                    least = fmin(least, s->by_seed[k][a][porous].particles[f]);
                    most = fmax(most, s->by_seed[k][a][porous].particles[f]);
                }
                fprintf(out, " %.1f to %.1f | +%.1f %% |", least / 1000, most / 1000, (most / least - 1) / ST_PERCENT);
            }
            fputc('\n', out);
        }
}

static st_status write_page(const study *s, const char *path, st_error *err) {
    st_writer writer;
    st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    fprintf(
        writer.stream,
        "# Convergence\n\n"
        "Written by `make convergence`, which takes minutes and is no part of `make test`. Everything is simulated.\n\n"
        "Does the dose depend on how far the tree was grown? Particles, in thousands, until 50 %% and 5 %% of the\n"
        "flow is left at a tip in the root of the tree. The liver is made up: an ellipsoid of %.0f mL with four\n"
        "balls of tumour of 20 mm radius on a grid of 1 mm. Trees of seed 1; each infusion begins in an untouched\n"
        "bed. *Bare*: the arteries end where the tree ends (`closure_terminals` 0). *Closure*: random vessels stand\n"
        "below vessels of at most %.0f terminals ([embolic.md](embolic.md)). *Tight*: a particle closes its vessel\n"
        "(`plug_porosity` 0). *Porous*: porosity %.2f. Sizes are uniform, spheres rigid unless they are tris-acryl\n"
        "gelatin (tag). *Pass*: part of the particles that no artery stops. -: the flow never falls so far, since\n"
        "particles pass.\n",
        s->liver.volume / ST_ML, s->parameters.item[ST_P_CLOSURE_TERMINALS].standard, porosity[DEFAULT_POROSITY]);
    fputs("\n## The number of terminals\n", writer.stream);
    for (int a = 0; a < SIZES; a++)
        for (int porous = 0; porous < 2; porous++)
            print_trees(writer.stream, s, a, porous);
    print_seeds(writer.stream, s);
    print_plugs(writer.stream, s);
    fputs("\n## Sizes\n\n"
          "![Spheres of four sizes: where they lodge, dose to stasis, flow left](img/sizes.svg)\n\n"
          "The numbers behind it, an infusion a row: [sizes.csv](sizes.csv). A porous plug grows upstream as particles "
          "stack,\n"
          "so that most come to rest in vessels wider than they are.\n",
          writer.stream);
    return st_writer_commit(&writer, err);
}

/* ---- the whole ---------------------------------------------------------------------- */

static st_status prepare(study *s) {
    st_status status = st_parameters_init(&s->parameters, &s->err);
    if (status != ST_OK)
        return status;
    s->parameters.item[ST_P_SUBSTASIS_FLOW_LEFT].value = flow_left[TWENTIETH];
    s->parameters.item[ST_P_DOSE_LIMIT].value = s->parameters.item[ST_P_DOSE_LIMIT].high;
    if ((status = st_agent_sized(75 * ST_UM, 150 * ST_UM, &s->agent[0], &s->err)) != ST_OK ||
        (status = st_agent_sized(300 * ST_UM, 500 * ST_UM, &s->agent[1], &s->err)) != ST_OK ||
        (status = st_agents_find(NULL, "tag-40-120", &s->agent[2], &s->err)) != ST_OK)
        return status;
    return phantom_liver(half_axes, 1, metastases, sizeof metastases / sizeof *metastases, &s->parameters, &s->liver,
                         &s->err);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: convergence PAGE.md\n");
        return ST_USAGE;
    }
    static study s;
    st_status status = prepare(&s);
    for (int t = 0; t < TREES && status == ST_OK; t++)
        status = all_of_tree(&s, t);
    for (int k = 0; k < SEEDS && status == ST_OK; k++)
        status = all_of_seed(&s, k);
    if (status == ST_OK)
        status = write_page(&s, argv[1], &s.err);
    if (status != ST_OK) {
        char text[1024];
        st_error_text(&s.err, text, sizeof text);
        fprintf(stderr, "convergence: %s\n", text);
    }
    st_liver_fini(&s.liver);
    st_parameters_fini(&s.parameters);
    return (int)status;
}
