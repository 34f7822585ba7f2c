/* result.json of `stasis run`, read back for the page on a review.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stasis/evidence_report.h>
#include <stasis/units.h>

#include <math.h>
#include <string.h>

static st_status take_word(const st_json_place *place, const char *key, char *word, size_t size, st_error *err) {
    const char *text = "";
    const st_status status = st_json_string(place, key, &text, err);
    if (status == ST_OK)
        snprintf(word, size, "%s", text);
    return status;
}

/* The last of "follow_up", an array in order of weeks. */
static st_status take_visit(const st_json_place *root, st_simulated_case *s, st_error *err) {
    const json_t *visits = json_object_get(root->object, "follow_up");
    const size_t n = json_array_size(visits);
    if (!json_is_array(visits))
        return st_fail_at(err, ST_VALUE, root->file, 0, 0,
                          "there is no list \"follow_up\": is this a result.json of stasis run?");
    if (n == 0)
        return ST_OK;
    char path[48];
    snprintf(path, sizeof path, "follow_up[%zu]", n - 1);
    const st_json_place visit = {root->file, path, json_array_get(visits, n - 1)};
    st_status status = st_json_number(&visit, "week", 0, INFINITY, &s->week, err);
    if (status == ST_OK)
        status = take_word(&visit, "recist", s->recist, sizeof s->recist, err);
    if (status == ST_OK)
        status = take_word(&visit, "mrecist", s->mrecist, sizeof s->mrecist, err);
    if (status == ST_OK)
        status = take_word(&visit, "who", s->who, sizeof s->who, err);
    if (status == ST_OK)
        status = take_word(&visit, "biochemical_response", s->biochemical, sizeof s->biochemical, err);
    return status;
}

static st_status take_tissue(const st_json_place *root, st_simulated_case *s, st_error *err) {
    char path[32];
    st_json_place tissue;
    bool found;
    double tumour = NAN, normal = NAN;
    st_status status = st_json_object(root, "tissue", path, sizeof path, &tissue, &found, err);
    if (status == ST_OK && found)
        status = st_json_number(&tissue, "tumour_necrosis_percent", 0, 100, &tumour, err);
    if (status == ST_OK && found)
        status = st_json_number(&tissue, "normal_liver_necrosis_percent", 0, 100, &normal, err);
    s->tumour_necrosis = tumour * ST_PERCENT;
    s->normal_necrosis = normal * ST_PERCENT;
    return status;
}

st_status st_simulated_case_read(const char *path, st_simulated_case *simulated, st_error *err) {
    json_t *root;
    *simulated = (st_simulated_case){.week = NAN};
    st_status status = st_json_read(path, &root, err);
    if (status != ST_OK)
        return status;
    const st_json_place place = {path, "", root};
    if (!json_is_object(root))
        status = st_fail_at(err, ST_VALUE, path, 0, 0, "holds no object: is this a result.json of stasis run?");
    if (status == ST_OK)
        status = take_word(&place, "case_id", simulated->id, sizeof simulated->id, err);
    if (status == ST_OK)
        status = take_visit(&place, simulated, err);
    if (status == ST_OK)
        status = take_tissue(&place, simulated, err);
    json_decref(root);
    return status;
}
