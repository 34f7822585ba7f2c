/* validate PAGE.md OUT.json: recomputes every published check that this version can compute.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"
#include "made_up.h"

#include <stdlib.h>

static st_status prepare(validation *v) {
    st_tree_growth growth;
    st_status status;
    if ((status = st_parameters_init(&v->parameters, &v->err)) != ST_OK ||
        (status = made_up_liver(&v->parameters, &v->liver, &v->err)) != ST_OK)
        return status;
    const st_tree_options options = {.seed = 1};
    if ((status = st_tree_grow(&v->liver, &v->parameters, &options, NULL, &v->tree, &growth, &v->err)) != ST_OK ||
        (status = st_flow_init(&v->tree, &v->parameters, &v->baseline, &v->err)) != ST_OK)
        return status;
    if ((v->q = st_alloc(v->tree.n, sizeof *v->q, &v->err)) == NULL)
        return ST_MEMORY;
    st_flow_solve(&v->baseline, &v->tree, v->q, NULL);
    v->lobar_tip = vessel_of_share(&v->tree, LOBAR);
    return st_plan_auto(&v->liver, &v->tree, &v->parameters, 0, &v->plan, &v->err);
}

static void add_open_checks(validation *v) {
    add_open(v, "V17", "doxorubicin zone around beads", "1.2", "mm", "No drug is modelled.");
    add_open(v, "V18", "post-embolization syndrome after TAE, TACE", "41, 61", "%",
             "A syndrome of patients; nothing in this version predicts it.");
}

/* By number, the checks of one number as they came. */
static void sort_rows(validation *v) {
    for (size_t i = 1; i < v->n; i++) {
        const finding f = v->rows[i];
        size_t k = i;
        for (; k > 0 && atoi(v->rows[k - 1].id + 1) > atoi(f.id + 1); k--)
            v->rows[k] = v->rows[k - 1];
        v->rows[k] = f;
    }
}

static void validation_fini(validation *v) {
    st_plan_fini(&v->plan);
    free(v->q);
    st_flow_fini(&v->baseline);
    st_tree_fini(&v->tree);
    st_liver_fini(&v->liver);
    st_parameters_fini(&v->parameters);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: validate PAGE.md OUT.json\n");
        return ST_USAGE;
    }
    validation v = {0};
    static st_status (*const check[])(validation *) = {check_routing,  check_pressure, check_infusion, check_clusters,
                                                       check_velocity, check_tissue,   check_course,   check_tree};
    st_status status = prepare(&v);
    for (size_t i = 0; i < sizeof check / sizeof *check && status == ST_OK; i++)
        status = check[i](&v);
    add_open_checks(&v);
    sort_rows(&v);
    if (status == ST_OK)
        status = write_page(&v, argv[1], &v.err);
    if (status == ST_OK)
        status = write_json(&v, argv[2], &v.err);
    if (status != ST_OK) {
        char text[1024];
        st_error_text(&v.err, text, sizeof text);
        fprintf(stderr, "validate: %s\n", text);
    }
    validation_fini(&v);
    return (int)status;
}
