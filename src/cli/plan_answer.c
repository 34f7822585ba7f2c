/* stasis plan: the answer, for readers and for programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "plan_answer.h"

#include <stasis/units.h>

#include <stdlib.h>

/* ---- JSON -------------------------------------------------------------------------- */

static json_t *sessions_json(const planning *p) {
    json_t *sessions = json_array();
    size_t number = 0;
    for (size_t s = 0; s < p->plan.n_sessions; s++) {
        const st_session *session = &p->plan.sessions[s];
        json_t *tips = json_array();
        for (size_t t = 0; t < session->n_tips; t++, number++) {
            json_t *tip = st_tip_json(&session->tips[t], p->n_lesions);
            json_object_set_new(tip, "tip", json_integer((json_int_t)(number + 1)));
            if (p->volume != NULL) {
                json_object_set_new(tip, "tumour_ml", st_json_real(p->volume[number].tumour / ST_ML));
                json_object_set_new(tip, "normal_ml", st_json_real(p->volume[number].normal / ST_ML));
            }
            json_array_append_new(tips, tip);
        }
        json_array_append_new(sessions,
                              json_pack("{s:f, s:s, s:f, s:f, s:o}", "week", session->time / ST_WEEK, "lobe",
                                        st_lobe_name(session->lobe), "coverage_percent", session->coverage / ST_PERCENT,
                                        "normal_flow_share_percent", session->normal_share / ST_PERCENT, "tips", tips));
    }
    return sessions;
}

static json_t *lesions_json(const planning *p) {
    if (!p->mapped)
        return json_null();
    json_t *lesions = json_array();
    for (size_t l = 0; l < p->liver.n_lesions; l++) {
        const st_lesion *lesion = &p->liver.lesions[l];
        json_array_append_new(lesions, json_pack("{s:i, s:s, s:f}", "id", (int)lesion->id, "lobe",
                                                 st_lobe_name(lesion->lobe), "volume_ml", lesion->volume / ST_ML));
    }
    return lesions;
}

st_status plan_print_json(const planning *p, st_error *err) {
    return common_print_json(
        json_pack("{s:s, s:o, s:I, s:I, s:I, s:f, s:f, s:o, s:s, s:o, s:o, s:o, s:s?, s:s?}", "stasis_version",
                  st_version(), "seed", p->grown ? json_integer((json_int_t)p->seed) : json_null(), "terminals",
                  (json_int_t)p->tree.n_terminals, "segments", (json_int_t)p->tree.n, "terminals_without_demand",
                  (json_int_t)p->without, "microcatheter_diameter_mm",
                  st_parameter_value(&p->parameters, ST_P_MICROCATHETER_DIAMETER), "milliseconds", p->seconds * 1e3,
                  "lesions", lesions_json(p), "tips", p->given ? "given" : "auto", "sessions", sessions_json(p),
                  "feeders", st_feeders_json(&p->tree, &p->reach, &p->feeders), "vessels",
                  st_reach_json(&p->tree, &p->reach), "territory", p->territory_file, "output", p->output),
        err);
}

/* ---- text --------------------------------------------------------------------------- */

static const double LEAST = 0.005; /* a share that rounds to nothing */

static void print_tip(const planning *p, const st_tip *tip, size_t number) {
    const char *separator = "";
    printf("%5zu %9u %8.2f mm %10.1f %% %10.1f %%   ", number, tip->segment, tip->diameter,
           tip->tumour_share / ST_PERCENT, tip->normal_share / ST_PERCENT);
    for (size_t l = 0; l < p->n_lesions; l++)
        if (tip->lesion_share[l] >= LEAST) {
            printf("%sL%zu %.0f %%", separator, l + 1, tip->lesion_share[l] / ST_PERCENT);
            separator = ", ";
        }
    if (p->volume != NULL)
        printf("%s%.1f mL of tumour, %.1f of normal liver", *separator != '\0' ? "; " : "",
               p->volume[number - 1].tumour / ST_ML, p->volume[number - 1].normal / ST_ML);
    putchar('\n');
}

static void print_sessions(const planning *p) {
    size_t number = 0;
    for (size_t s = 0; s < p->plan.n_sessions; s++) {
        const st_session *session = &p->plan.sessions[s];
        const bool lobar = session->lobe != ST_LOBE_NONE;
        if (p->given)
            printf("\nthe given tips take");
        else
            printf("\nsession %zu, %s lobe: its tips take", s + 1, st_lobe_name(session->lobe));
        printf(" %.1f %% of the flow of the tumour%s and %.1f %% of that of all normal liver\n",
               session->coverage / ST_PERCENT, lobar ? " there" : "", session->normal_share / ST_PERCENT);
        printf("  tip   segment    diameter    of tumour    of normal   lesions, of their flow\n");
        for (size_t t = 0; t < session->n_tips; t++)
            print_tip(p, &session->tips[t], ++number);
    }
}

static void print_feeder(const planning *p, const st_feeder *feeder) {
    const uint32_t segment = p->reach.segment[feeder->entry];
    const double tumour = p->reach.tumour[feeder->entry], normal = p->reach.normal[feeder->entry];
    const float *a = p->tree.proximal[segment], *b = p->tree.distal[segment];
    printf("%9u %8.2f mm %9.1f %% %9.1f %% %9.1f %% %9.1f %%   %.1f, %.1f, %.1f\n", segment,
           2 * (double)p->tree.radius[segment], feeder->share / ST_PERCENT, feeder->through / ST_PERCENT,
           tumour / (tumour + normal) / ST_PERCENT, normal / (tumour + normal) / ST_PERCENT,
           ((double)a[0] + (double)b[0]) / 2, ((double)a[1] + (double)b[1]) / 2, ((double)a[2] + (double)b[2]) / 2);
}

static void print_lesion(const planning *p, size_t l) {
    enum { SHOWN = 5 };
    const st_feeders *feeders = &p->feeders;
    const size_t first = feeders->first[l], n = feeders->first[l + 1] - first;
    double rest = feeders->reached[l];
    printf("\nlesion L%zu", l + 1);
    if (p->mapped)
        printf(", %s lobe, %.2f mL", st_lobe_name(p->liver.lesions[l].lobe), p->liver.lesions[l].volume / ST_ML);
    printf(", %.3g mL/min\n", p->reach.lesion_total[l] / ST_ML_MIN);
    if (n == 0) {
        puts("  no vessel that a microcatheter enters feeds it");
        return;
    }
    puts("  segment    diameter    its part      passing   to tumour   to normal   middle, mm LPS");
    for (size_t k = 0; k < n && k < SHOWN; k++) {
        print_feeder(p, &feeders->feeder[first + k]);
        rest -= feeders->feeder[first + k].share;
    }
    if (n > SHOWN)
        printf("  %zu more %*s %9.1f %%\n", n - SHOWN,
               n - SHOWN < 10    ? 12
               : n - SHOWN < 100 ? 11
                                 : 10,
               "", rest / ST_PERCENT);
}

void plan_print_text(const planning *p) {
    const double diameter = st_parameter_value(&p->parameters, ST_P_MICROCATHETER_DIAMETER);
    printf("tree         %u terminals, %u segments%s\n"
           "catheter     %.2f mm, enters %zu of them; all evaluated in %.1f ms (simulated)\n",
           p->tree.n_terminals, p->tree.n, p->grown ? " (simulated tree)" : "", diameter, p->reach.n, p->seconds * 1e3);
    if (p->without > 0)
        puts("demand       assumed: shares of the inflow by radius");
    if (p->n_lesions == 0)
        printf("lesions      none%s\n", p->mapped ? "" : " in the tree; --labels takes them from a label map");
    print_sessions(p);
    for (size_t l = 0; l < p->n_lesions; l++)
        print_lesion(p, l);
    if (p->n_lesions > 0)
        printf(
            "\nits part: of the lesion's flow, that for which the vessel is the first with %.0f %% of its flow to the "
            "lesion or,\nwhere there is none, the last that the catheter enters; passing: what an infusion there "
            "takes\n",
            st_parameter_value(&p->parameters, ST_P_FEEDER_PURITY) / ST_PERCENT);
    if (p->territory_file != NULL)
        printf("territories  written to %s\n", p->territory_file);
    if (p->output != NULL)
        printf("tree         written to %s\n", p->output);
}
