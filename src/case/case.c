/* Reading CASE.json (docs/formats.md): what was asked, checked before anything is computed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stasis/case.h>
#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const double default_weeks[] = {4, 12, 24};

enum { DOSE_MOST = 1000 /* mL */, SESSIONS_MOST = 12, TIPS_MOST = 256, WEEKS_MOST = 520, COORDINATE_MOST = 100000 };

static const char *const modality_names[] = {[ST_TAE] = "TAE", [ST_TACE] = "TACE"};

const char *st_modality_name(st_modality modality) {
    return modality_names[modality];
}

static char *text_copy(const char *text, st_error *err) {
    size_t size = strlen(text) + 1;
    char *copy = st_alloc(size, 1, err);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

/* "cases/anna.json" -> "anna" */
static void stem_of(const char *path, char *stem, size_t size) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    snprintf(stem, size, "%.*s", (int)(length < size ? length : size - 1), name);
}

/* The case's name is also the default name of its folder. */
static st_status read_id(const st_json_place *root, st_case *c, st_error *err) {
    const char *id = NULL;
    st_status status = st_json_string(root, "case_id", &id, err);
    if (status != ST_OK)
        return status;
    if (id == NULL) {
        stem_of(c->file, c->id, sizeof c->id);
        return ST_OK;
    }
    if (id[0] == 0 || id[0] == '.' || strchr(id, '/') != NULL || strlen(id) >= sizeof c->id)
        return st_fail_at(err, ST_VALUE, c->file, 0, 0,
                          "case_id is \"%.80s\": it takes 1 to %zu characters, no slash, no dot in front", id,
                          sizeof c->id - 1);
    snprintf(c->id, sizeof c->id, "%s", id);
    return ST_OK;
}

static st_status read_seed(const st_json_place *root, st_case *c, st_error *err) {
    int64_t seed = 1;
    st_status status = st_json_integer(root, "seed", 0, INT64_MAX, &seed, err);
    c->seed = (uint64_t)seed;
    return status;
}

/* The record itself, or the name of its file. */
static st_status read_patient(const st_json_place *root, st_case *c, st_error *err) {
    const json_t *patient = json_object_get(root->object, "patient");
    if (json_is_object(patient))
        return st_patient_from_json(patient, c->file, "patient", &c->patient, err);
    if (!json_is_string(patient))
        return st_fail_at(err, ST_VALUE, c->file, 0, 0,
                          "patient is %s: give the record as an object, or the name of its file",
                          patient == NULL ? "missing" : "neither an object nor a text");
    char *path = st_path_beside(c->file, json_string_value(patient), err);
    if (path == NULL)
        return ST_MEMORY;
    st_status status = st_patient_read(path, &c->patient, err);
    free(path);
    return status;
}

/* Three numbers, mm LPS. `where` names the array in messages. */
static st_status read_point(const st_case *c, const json_t *array, const char *where, double point[3], st_error *err) {
    bool right = json_is_array(array) && json_array_size(array) == 3;
    for (size_t k = 0; right && k < 3; k++) {
        const json_t *value = json_array_get(array, k);
        right = json_is_number(value) && fabs(json_number_value(value)) <= COORDINATE_MOST;
        point[k] = right ? json_number_value(value) : 0;
    }
    if (!right)
        return st_fail_at(err, ST_VALUE, c->file, 0, 0, "%s takes [x, y, z], three numbers in mm LPS from -%d to %d",
                          where, COORDINATE_MOST, COORDINATE_MOST);
    return ST_OK;
}

static st_status read_map(const st_json_place *anatomy, st_case *c, st_error *err) {
    const json_t *custom = json_object_get(anatomy->object, "map");
    const char *preset = NULL;
    st_status status = st_json_string(anatomy, "preset", &preset, err);
    if (status != ST_OK)
        return status;
    if (custom == NULL || json_is_null(custom))
        return st_label_map_preset(preset != NULL ? preset : ST_DEFAULT_PRESET, &c->map, err);
    if (preset != NULL)
        return st_fail_at(err, ST_VALUE, c->file, 0, 0, "anatomy has a preset and a map: give one of them");
    if (!json_is_object(custom))
        return st_fail_at(err, ST_VALUE, c->file, 0, 0,
                          "anatomy.map takes an object such as {\"liver\": 1, \"tumour\": 2}");
    return st_label_map_custom(custom, c->file, &c->map, err);
}

/* A name that is known, or one to be drawn when the seed is known. */
static st_status read_variant(const st_json_place *anatomy, st_case *c, st_error *err) {
    const char *name = NULL;
    st_variant variant;
    st_status status = st_json_string(anatomy, "variant", &name, err);
    if (status != ST_OK || name == NULL)
        return status;
    if (strcmp(name, ST_VARIANT_DRAWN) != 0)
        status = st_variant_find(name, &variant, err);
    if (status != ST_OK && err != NULL)
        snprintf(err->field, sizeof err->field, "anatomy.variant");
    snprintf(c->variant, sizeof c->variant, "%s", name);
    return status;
}

static st_status read_anatomy(const st_json_place *root, st_case *c, st_error *err) {
    static const char *const known[] = {"labels", "preset", "map", "root_lps_mm", "variant"};
    char path[128];
    st_json_place anatomy;
    bool found = false;
    const char *labels = NULL;
    st_status status = st_json_object(root, "anatomy", path, sizeof path, &anatomy, &found, err);
    if (status == ST_OK && found)
        status = st_json_only(&anatomy, known, COUNT(known), err);
    if (status == ST_OK && found)
        status = st_json_string(&anatomy, "labels", &labels, err);
    if (status != ST_OK)
        return status;
    if (labels == NULL)
        return st_fail_at(err, ST_VALUE, c->file, 0, 0,
                          "anatomy.labels is missing: give the name of the label map (.nii or .nii.gz)");
    c->labels_file = st_path_beside(c->file, labels, err);
    if (c->labels_file == NULL)
        return ST_MEMORY;
    const json_t *point = json_object_get(anatomy.object, "root_lps_mm");
    if (point != NULL && !json_is_null(point)) {
        c->root_given = true;
        if ((status = read_point(c, point, "anatomy.root_lps_mm", c->root, err)) != ST_OK)
            return status;
    }
    if ((status = read_variant(&anatomy, c, err)) != ST_OK)
        return status;
    return read_map(&anatomy, c, err);
}

static bool lobe_of_name(const char *name, st_lobe *lobe) {
    *lobe = strcmp(name, st_lobe_name(ST_LOBE_RIGHT)) == 0  ? ST_LOBE_RIGHT
            : strcmp(name, st_lobe_name(ST_LOBE_LEFT)) == 0 ? ST_LOBE_LEFT
                                                            : ST_LOBE_NONE;
    return *lobe != ST_LOBE_NONE;
}

static st_status read_tip(const st_case *c, const json_t *item, size_t index, st_tip_request *tip, st_error *err) {
    char where[64];
    snprintf(where, sizeof where, "treatment.tips[%zu]", index);
    if (json_is_integer(item) && json_integer_value(item) >= 0 && json_integer_value(item) < (json_int_t)ST_NONE) {
        tip->kind = ST_TIP_SEGMENT;
        tip->segment = (uint32_t)json_integer_value(item);
        return ST_OK;
    }
    if (json_is_string(item) && lobe_of_name(json_string_value(item), &tip->lobe)) {
        tip->kind = ST_TIP_LOBE;
        return ST_OK;
    }
    const json_t *point = json_object_get(item, "point_lps_mm");
    if (point != NULL && json_object_size(item) == 1) {
        tip->kind = ST_TIP_POINT;
        snprintf(where, sizeof where, "treatment.tips[%zu].point_lps_mm", index);
        return read_point(c, point, where, tip->point, err);
    }
    return st_fail_at(err, ST_VALUE, c->file, 0, 0,
                      "%s takes the number of a segment of tree.vtp, {\"point_lps_mm\": [x, y, z]}, \"right\" or "
                      "\"left\"",
                      where);
}

static st_status read_tips(const st_json_place *treatment, st_case *c, st_error *err) {
    const json_t *tips = json_object_get(treatment->object, "tips");
    c->tips_auto =
        tips == NULL || json_is_null(tips) || (json_is_string(tips) && strcmp(json_string_value(tips), "auto") == 0);
    if (c->tips_auto)
        return ST_OK;
    bool one = json_is_string(tips); /* "right" says the same as ["right"] */
    size_t n = one ? 1 : json_array_size(tips);
    if (n == 0 || n > TIPS_MOST)
        return st_fail_at(err, ST_VALUE, c->file, 0, 0, "treatment.tips takes \"auto\" or a list of 1 to %d tips",
                          TIPS_MOST);
    c->tips = st_alloc(n, sizeof *c->tips, err);
    if (c->tips == NULL)
        return ST_MEMORY;
    c->n_tips = n;
    for (size_t i = 0; i < n; i++) {
        st_status status = read_tip(c, one ? tips : json_array_get(tips, i), i, &c->tips[i], err);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

static st_status read_sessions(const st_json_place *treatment, st_case *c, st_error *err) {
    const json_t *sessions = json_object_get(treatment->object, "sessions");
    if (json_is_string(sessions)) {
        if (strcmp(json_string_value(sessions), "auto") == 0)
            return ST_OK;
        return st_fail_at(err, ST_VALUE, c->file, 0, 0, "treatment.sessions takes \"auto\" or 1 to %d", SESSIONS_MOST);
    }
    int64_t n = 0;
    st_status status = st_json_integer(treatment, "sessions", 1, SESSIONS_MOST, &n, err);
    if (status == ST_OK && n > 1 && !c->tips_auto)
        return st_fail_at(err, ST_VALUE, c->file, 0, 0,
                          "treatment.sessions is %d with tips that are named: they make one session; several need "
                          "tips \"auto\"",
                          (int)n);
    c->sessions = (unsigned)n;
    return status;
}

/* A refusal by a room that knows no case file gets the field that asked; what is wrong inside a file of agents keeps
 * its place there. */
static st_status in_field(const st_case *c, const char *field, st_status status, st_error *err) {
    if (status == ST_OK || err == NULL)
        return status;
    if (status == ST_IO) { /* the file is named, but not who wants it */
        const st_error cause = *err;
        return st_fail_at(err, status, c->file, 0, 0, "%s: %s: %s", field, cause.file, cause.what);
    }
    if (err->file[0] == 0)
        snprintf(err->field, sizeof err->field, "%s", field);
    return status;
}

static st_status add_agents(const st_case *c, const char *file, st_agents *agents, st_error *err) {
    char *path = st_path_beside(c->file, file, err);
    if (path == NULL)
        return ST_MEMORY;
    const st_status status = in_field(c, "treatment.agents", st_agents_add_file(agents, path, err), err);
    free(path);
    return status;
}

/* The agent, out of a file of the user's too, and the protocol that it is given in. */
static st_status read_agent(const st_json_place *treatment, st_case *c, st_error *err) {
    const char *agent = ST_DEFAULT_AGENT, *file = NULL, *protocol = st_modality_name(c->modality);
    st_agents agents = {0};
    st_status status;
    if ((status = st_json_string(treatment, "agent", &agent, err)) != ST_OK ||
        (status = st_json_string(treatment, "agents", &file, err)) != ST_OK ||
        (status = st_json_string(treatment, "protocol", &protocol, err)) != ST_OK ||
        (status = st_agents_init(&agents, err)) != ST_OK)
        return status;
    if (file != NULL)
        status = add_agents(c, file, &agents, err);
    if (status == ST_OK)
        status = in_field(c, "treatment.agent", st_agents_find(&agents, agent, &c->agent, err), err);
    if (status == ST_OK && c->agent.kind == ST_AGENT_OIL)
        status =
            st_fail_at(err, ST_VALUE, c->file, 0, 0,
                       "treatment.agent: %s is an oil; it takes particles, and oil comes with a protocol (protocol "
                       "\"oil\": oil alone)",
                       agent);
    if (status == ST_OK)
        status = in_field(c, "treatment.protocol", st_regimen_of(protocol, &c->agent, &agents, &c->regimen, err), err);
    st_agents_fini(&agents);
    return status;
}

/* Who names no modality gets that of what is infused. */
static void find_modality(const st_json_place *treatment, st_case *c) {
    const json_t *given = json_object_get(treatment->object, "modality");
    for (size_t k = 0; k < c->regimen.n && (given == NULL || json_is_null(given)); k++)
        if (c->regimen.step[k].agent.drug[0] != '\0')
            c->modality = ST_TACE;
}

/* Of the last infusion of a session, as infused; its tips share it. */
static st_status read_dose(const st_json_place *treatment, st_case *c, st_error *err) {
    double ml = 0;
    const st_status status = st_json_number(treatment, "dose_ml", 0, DOSE_MOST, &ml, err);
    if (status == ST_OK && c->endpoint == ST_ENDPOINT_DOSE && !(ml > 0))
        return st_fail_at(
            err, ST_VALUE, c->file, 0, 0,
            "treatment.endpoint: dose needs treatment.dose_ml, the mL of suspension to infuse in a session");
    c->regimen.step[c->regimen.n - 1].infused = ml * ST_ML;
    return status;
}

static st_status read_terminals(const st_json_place *treatment, st_case *c, st_error *err) {
    const st_parameter *limit = &c->parameters.item[ST_P_TERMINALS_LIMIT];
    int64_t terminals = 0;
    st_status status =
        st_json_integer(treatment, "terminals", (int64_t)limit->low, (int64_t)limit->high, &terminals, err);
    c->terminals = (uint32_t)terminals;
    return status;
}

static st_status read_treatment(const st_json_place *root, st_case *c, st_error *err) {
    static const char *const known[] = {"modality", "agent",    "agents",  "protocol", "tips",
                                        "sessions", "endpoint", "dose_ml", "terminals"};
    const char *const endpoints[] = {st_endpoint_name(ST_ENDPOINT_STASIS), st_endpoint_name(ST_ENDPOINT_NEAR_STASIS),
                                     st_endpoint_name(ST_ENDPOINT_SUBSTASIS), st_endpoint_name(ST_ENDPOINT_DOSE)};
    char path[128];
    st_json_place treatment;
    bool found = false;
    st_status status = st_json_object(root, "treatment", path, sizeof path, &treatment, &found, err);
    if (status != ST_OK)
        return status;
    if (!found) {
        c->tips_auto = true;
        status = st_agents_find(NULL, ST_DEFAULT_AGENT, &c->agent, err);
        return status == ST_OK ? st_regimen_of(st_modality_name(ST_TAE), &c->agent, NULL, &c->regimen, err) : status;
    }
    int modality = ST_TAE, endpoint = ST_ENDPOINT_STASIS;
    if ((status = st_json_only(&treatment, known, COUNT(known), err)) != ST_OK ||
        (status = st_json_choice(&treatment, "modality", modality_names, COUNT(modality_names), &modality, err)) !=
            ST_OK ||
        (status = st_json_choice(&treatment, "endpoint", endpoints, COUNT(endpoints), &endpoint, err)) != ST_OK)
        return status;
    c->modality = (st_modality)modality;
    c->endpoint = (st_endpoint)endpoint;
    if ((status = read_agent(&treatment, c, err)) != ST_OK || (status = read_tips(&treatment, c, err)) != ST_OK ||
        (status = read_sessions(&treatment, c, err)) != ST_OK || (status = read_dose(&treatment, c, err)) != ST_OK)
        return status;
    find_modality(&treatment, c);
    return read_terminals(&treatment, c, err);
}

static st_status read_weeks(const st_json_place *root, st_case *c, st_error *err) {
    const json_t *weeks = json_object_get(root->object, "follow_up_weeks");
    bool given = weeks != NULL && !json_is_null(weeks);
    size_t n = given ? json_array_size(weeks) : COUNT(default_weeks);
    const double limit = st_parameter_value(&c->parameters, ST_P_FOLLOW_UP_LIMIT) / ST_WEEK;
    bool right = n > 0 && n <= WEEKS_MOST;
    if (right && (c->weeks = st_alloc(n, sizeof *c->weeks, err)) == NULL)
        return ST_MEMORY;
    c->n_weeks = right ? n : 0;
    for (size_t i = 0; i < c->n_weeks && right; i++) {
        const json_t *week = given ? json_array_get(weeks, i) : NULL;
        c->weeks[i] = given ? json_number_value(week) : default_weeks[i];
        right = (!given || json_is_number(week)) && c->weeks[i] > (i > 0 ? c->weeks[i - 1] : 0) && c->weeks[i] <= limit;
    }
    if (!right)
        return st_fail_at(err, ST_VALUE, c->file, 0, 0,
                          "follow_up_weeks takes 1 to %d ascending numbers above 0 and up to %g (parameter "
                          "follow_up_limit)",
                          WEEKS_MOST, limit);
    return ST_OK;
}

static st_status read_parameters(const st_json_place *root, st_case *c, st_error *err) {
    char path[128];
    st_json_place place;
    bool found = false;
    st_status status = st_json_object(root, "parameters", path, sizeof path, &place, &found, err);
    if (status != ST_OK || !found)
        return status;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)place.object, name, value) {
        if (!json_is_number(value))
            return st_fail_at(err, ST_VALUE, c->file, 0, 0, "parameters.%.80s takes a number", name);
        if ((status = st_parameters_set(&c->parameters, name, json_number_value(value), err)) != ST_OK)
            return status;
    }
    return ST_OK;
}

/* How many samples, and the file that says what varies. */
static st_status read_samples(const st_json_place *root, st_case *c, st_error *err) {
    const char *file = NULL;
    int64_t n = 0;
    st_status status = st_json_integer(root, "samples", 0, ST_SAMPLES_MOST, &n, err);
    c->samples = (unsigned)n;
    if (status == ST_OK)
        status = st_json_string(root, "uncertainty", &file, err);
    if (status != ST_OK)
        return status;
    if (file == NULL)
        return st_uncertainty_init(&c->uncertainty, &c->parameters, err);
    char *path = st_path_beside(c->file, file, err);
    status = path != NULL ? st_uncertainty_read(path, &c->parameters, &c->uncertainty, err) : ST_MEMORY;
    free(path);
    return status;
}

static st_status read_root(const json_t *document, st_case *c, st_error *err) {
    static const char *const known[] = {"case_id",   "seed",       "patient", "anatomy",    "follow_up_weeks",
                                        "treatment", "parameters", "samples", "uncertainty"};
    if (!json_is_object(document))
        return st_fail_at(err, ST_VALUE, c->file, 0, 0, "a case file holds one JSON object");
    const st_json_place root = {c->file, "", document};
    st_status status;
    if ((status = st_json_only(&root, known, COUNT(known), err)) != ST_OK ||
        (status = read_id(&root, c, err)) != ST_OK || (status = read_seed(&root, c, err)) != ST_OK ||
        (status = read_parameters(&root, c, err)) != ST_OK || (status = read_patient(&root, c, err)) != ST_OK ||
        (status = read_anatomy(&root, c, err)) != ST_OK || (status = read_treatment(&root, c, err)) != ST_OK ||
        (status = read_samples(&root, c, err)) != ST_OK)
        return status;
    return read_weeks(&root, c, err);
}

st_status st_case_read(const char *path, st_case *c, st_error *err) {
    memset(c, 0, sizeof *c);
    json_t *document = NULL;
    st_status status = ST_MEMORY;
    if ((c->file = text_copy(path, err)) == NULL)
        goto done;
    if ((status = st_parameters_init(&c->parameters, err)) != ST_OK)
        goto done;
    if ((status = st_json_read(path, &document, err)) != ST_OK)
        goto done;
    status = read_root(document, c, err);
    /* A refusal from a room that does not know which file it served. */
    if (status != ST_OK && err != NULL && err->file[0] == 0)
        snprintf(err->file, sizeof err->file, "%s", path);
done:
    json_decref(document);
    if (status != ST_OK)
        st_case_fini(c);
    return status;
}

void st_case_fini(st_case *c) {
    free(c->file);
    free(c->labels_file);
    free(c->tips);
    free(c->weeks);
    st_uncertainty_fini(&c->uncertainty);
    st_parameters_fini(&c->parameters);
    memset(c, 0, sizeof *c);
}
