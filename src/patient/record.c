/* The patient record: read from JSON, and looked up by field name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "record.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef enum { FIELD_NUMBER, FIELD_COUNT, FIELD_TRUTH, FIELD_TEXT, FIELD_LIST } field_kind;

typedef struct record_field {
    const char *path; /* "section.name", or "name" at the root */
    field_kind kind;
    size_t offset, size; /* in st_patient; size of the text */
} record_field;

#define AT(kind, path, member)                                                                                         \
    { path, kind, offsetof(st_patient, member), sizeof((st_patient *)0)->member }
#define FIELD(kind, member) AT(kind, #member, member)
static const record_field fields[] = {
    FIELD(FIELD_TEXT, id),
    FIELD(FIELD_TEXT, sex),
    FIELD(FIELD_NUMBER, age_years),
    FIELD(FIELD_TEXT, tumour.primary_site),
    FIELD(FIELD_TEXT, tumour.differentiation),
    FIELD(FIELD_NUMBER, tumour.mitoses_per_10hpf),
    FIELD(FIELD_NUMBER, tumour.ki67_percent),
    FIELD(FIELD_TRUTH, tumour.metastatic),
    FIELD(FIELD_COUNT, liver.metastases_count),
    FIELD(FIELD_NUMBER, liver.largest_diameter_mm),
    FIELD(FIELD_NUMBER, liver.tumour_burden_percent),
    FIELD(FIELD_TRUTH, liver.hypervascular),
    FIELD(FIELD_TRUTH, liver.resectable),
    FIELD(FIELD_TRUTH, liver.liver_predominant),
    FIELD(FIELD_TEXT, liver.main_portal_vein),
    FIELD(FIELD_TEXT, liver.function),
    FIELD(FIELD_TRUTH, syndrome.functioning),
    FIELD(FIELD_TRUTH, syndrome.carcinoid_syndrome),
    FIELD(FIELD_TEXT, syndrome.type),
    FIELD(FIELD_TRUTH, symptoms.mass_related),
    FIELD(FIELD_LIST, symptoms.hormonal),
    AT(FIELD_TRUTH, "course.rapid_progression", rapid_progression),
    AT(FIELD_COUNT, "performance_status_ecog", ecog),
    FIELD(FIELD_NUMBER, labs.bilirubin_mg_dl),
    FIELD(FIELD_NUMBER, labs.creatinine_mg_dl),
    FIELD(FIELD_NUMBER, labs.chromogranin_a_ng_ml),
    FIELD(FIELD_NUMBER, labs.urinary_5hiaa_mg_24h),
    FIELD(FIELD_TRUTH, conditions.sepsis),
    FIELD(FIELD_TRUTH, conditions.fever),
    FIELD(FIELD_TRUTH, conditions.contrast_allergy),
    FIELD(FIELD_TRUTH, conditions.renal_insufficiency),
    FIELD(FIELD_TRUTH, conditions.peripheral_vascular_disease),
    FIELD(FIELD_TRUTH, conditions.coagulopathy),
    FIELD(FIELD_TRUTH, conditions.carcinoid_heart_disease),
    FIELD(FIELD_TRUTH, work_up.contrast_ultrasound),
    FIELD(FIELD_TRUTH, work_up.ct),
    FIELD(FIELD_TRUTH, work_up.mri),
    FIELD(FIELD_TRUTH, work_up.somatostatin_receptor_imaging),
    FIELD(FIELD_TRUTH, work_up.histology),
    FIELD(FIELD_TRUTH, work_up.chromogranin_a),
    FIELD(FIELD_TRUTH, work_up.urinary_5hiaa),
};
#define N_FIELDS (sizeof fields / sizeof fields[0])

static const char *const sections[] = {"tumour", "liver",      "syndrome", "symptoms",
                                       "course", "conditions", "labs",     "work_up"};
#define N_SECTIONS (sizeof sections / sizeof sections[0])

/* ---- reading -------------------------------------------------------------- */

/* Plausible ranges and choices, data/rules/record.csv. */
typedef struct record_limits {
    st_table table;
    size_t field, low, high, choices;
} record_limits;

static st_status limits_load(record_limits *limits, st_error *err) {
    const char *name = "rules/record.csv";
    size_t size = 0;
    const char *bytes = st_data_find(name, &size);
    if (!bytes)
        return st_fail(err, ST_IO, "the program was built without data/%s", name);
    st_status status = st_table_parse(name, bytes, size, &limits->table, err);
    if (status)
        return status;
    const struct {
        const char *name;
        size_t *column;
    } columns[] = {
        {"field", &limits->field}, {"low", &limits->low}, {"high", &limits->high}, {"choices", &limits->choices}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0] && !status; i++)
        status = st_table_require(&limits->table, columns[i].name, columns[i].column, err);
    if (status)
        st_table_fini(&limits->table);
    return status;
}

static st_status limits_row(const record_limits *limits, const record_field *field, size_t *row, st_error *err) {
    for (*row = 0; *row < limits->table.rows; (*row)++)
        if (!strcmp(st_table_cell(&limits->table, *row, limits->field), field->path))
            return ST_OK;
    return st_fail(err, ST_VALUE, "data/rules/record.csv has no row for %s", field->path);
}

static st_status limits_range(const record_limits *limits, const record_field *field, double *low, double *high,
                              st_error *err) {
    size_t row = 0;
    st_status status = limits_row(limits, field, &row, err);
    if (!status)
        status = st_table_number(&limits->table, row, limits->low, low, err);
    if (!status)
        status = st_table_number(&limits->table, row, limits->high, high, err);
    return status;
}

/* Where in the document a member stands: "patient.labs.bilirubin_mg_dl". */
static void member_path(const st_json_place *place, const char *key, char *path, size_t size) {
    snprintf(path, size, "%s%s%s", place->path, *place->path ? "." : "", key);
}

/* A failure at a member: file and field known, line and column not. */
static st_status fail_member(st_error *err, const st_json_place *place, const char *key, const char *what) {
    char path[128];
    member_path(place, key, path, sizeof path);
    st_status status = st_fail_at(err, ST_VALUE, place->file, 0, 0, "%s", what);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", path);
    return status;
}

static st_status read_number(const st_json_place *place, const char *key, const record_field *field,
                             const record_limits *limits, double *value, st_error *err) {
    double low = 0, high = 0;
    st_status status = limits_range(limits, field, &low, &high, err);
    if (status)
        return status;
    if (field->kind == FIELD_NUMBER)
        return st_json_number(place, key, low, high, value, err);
    int64_t count = -1; /* absent leaves it so: counts are not negative */
    status = st_json_integer(place, key, (int64_t)low, (int64_t)high, &count, err);
    if (!status && count >= 0)
        *value = (double)count;
    return status;
}

/* Words separated by '|' in `choices`; 0 means any text. */
static size_t split_choices(char *choices, const char *word[], size_t capacity) {
    size_t n = 0;
    for (char *rest = choices, *at; n < capacity && (at = strtok_r(rest, "|", &rest));)
        word[n++] = at;
    return n;
}

static st_status read_text(const st_json_place *place, const char *key, const record_field *field,
                           const record_limits *limits, char *text, st_error *err) {
    char choices[128];
    const char *word[8], *value = "";
    size_t row = 0;
    st_status status = limits_row(limits, field, &row, err);
    if (status)
        return status;
    snprintf(choices, sizeof choices, "%s", st_table_cell(&limits->table, row, limits->choices));
    size_t n = split_choices(choices, word, 8);
    if (n) {
        int choice = -1;
        status = st_json_choice(place, key, word, n, &choice, err);
        if (!status && choice >= 0)
            value = word[choice];
    } else {
        status = st_json_string(place, key, &value, err);
    }
    if (status)
        return status;
    if (strlen(value) >= field->size)
        return fail_member(err, place, key, "is longer than the record has room for");
    memcpy(text, value, strlen(value) + 1);
    return ST_OK;
}

static st_status read_hormonal(const st_json_place *place, const char *key, st_patient *patient, st_error *err) {
    const json_t *list = json_object_get(place->object, key);
    const size_t capacity = sizeof patient->symptoms.hormonal / sizeof patient->symptoms.hormonal[0];
    if (!list || json_is_null(list))
        return ST_OK;
    if (!json_is_array(list))
        return fail_member(err, place, key, "must be a list of texts such as [\"flushing\"]; [] means none");
    if (json_array_size(list) > capacity)
        return fail_member(err, place, key, "has more items than the record has room for (16)");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (!item || !*item || strlen(item) >= sizeof patient->symptoms.hormonal[0])
            return fail_member(err, place, key, "holds an item that is not a text of 1 to 31 characters");
        memcpy(patient->symptoms.hormonal[i], item, strlen(item) + 1);
    }
    patient->symptoms.n_hormonal = json_array_size(list);
    patient->symptoms.hormonal_known = true;
    return ST_OK;
}

static st_status read_field(const st_json_place *place, const char *key, const record_field *field,
                            const record_limits *limits, st_patient *patient, st_error *err) {
    void *member = (char *)patient + field->offset;
    switch (field->kind) {
    case FIELD_NUMBER:
    case FIELD_COUNT:
        return read_number(place, key, field, limits, member, err);
    case FIELD_TRUTH:
        return st_json_truth(place, key, member, err);
    case FIELD_TEXT:
        return read_text(place, key, field, limits, member, err);
    case FIELD_LIST:
        return read_hormonal(place, key, patient, err);
    }
    return ST_OK;
}

/* The part of a field's path below `section`, or NULL when it is not in it ("" is the root). */
static const char *key_in_section(const record_field *field, const char *section) {
    const char *dot = strchr(field->path, '.');
    size_t length = dot ? (size_t)(dot - field->path) : 0;
    if (length != strlen(section) || strncmp(field->path, section, length))
        return NULL;
    return dot ? dot + 1 : field->path;
}

static st_status read_section(const st_json_place *place, const char *section, const record_limits *limits,
                              st_patient *patient, st_error *err) {
    const char *known[N_FIELDS + N_SECTIONS];
    size_t n = 0;
    for (size_t i = 0; i < N_FIELDS; i++)
        if (key_in_section(&fields[i], section))
            known[n++] = key_in_section(&fields[i], section);
    for (size_t i = 0; i < N_SECTIONS && !*section; i++)
        known[n++] = sections[i];
    st_status status = st_json_only(place, known, n, err);
    for (size_t i = 0; i < N_FIELDS && !status; i++)
        if (key_in_section(&fields[i], section))
            status = read_field(place, key_in_section(&fields[i], section), &fields[i], limits, patient, err);
    return status;
}

/* Everything unknown. */
static void patient_clear(st_patient *patient) {
    memset(patient, 0, sizeof *patient);
    for (size_t i = 0; i < N_FIELDS; i++) {
        void *member = (char *)patient + fields[i].offset;
        if (fields[i].kind == FIELD_NUMBER || fields[i].kind == FIELD_COUNT)
            *(double *)member = NAN;
        else if (fields[i].kind == FIELD_TRUTH)
            *(int *)member = -1;
    }
}

st_status st_patient_from_json(const json_t *record, const char *file, const char *path, st_patient *patient,
                               st_error *err) {
    st_json_place root = {file, path, record};
    record_limits limits = {0};
    patient_clear(patient);
    if (!json_is_object(record))
        return st_fail_at(err, ST_VALUE, file, 0, 0, "%s must be an object with the fields of a patient record",
                          *path ? path : "the document");
    st_status status = limits_load(&limits, err);
    if (status)
        return status;
    status = read_section(&root, "", &limits, patient, err);
    for (size_t i = 0; i < N_SECTIONS && !status; i++) {
        char inner_path[128];
        st_json_place inner;
        bool found = false;
        status = st_json_object(&root, sections[i], inner_path, sizeof inner_path, &inner, &found, err);
        if (!status && found)
            status = read_section(&inner, sections[i], &limits, patient, err);
    }
    st_table_fini(&limits.table);
    return status;
}

st_status st_patient_read(const char *path, st_patient *patient, st_error *err) {
    json_t *root = NULL;
    st_status status = st_json_read(path, &root, err);
    if (!status)
        status = st_patient_from_json(root, path, "", patient, err);
    json_decref(root);
    return status;
}

/* ---- looking up ----------------------------------------------------------- */

static void fact_text(st_fact *fact, const char *text) {
    fact->known = text && *text;
    snprintf(fact->text, sizeof fact->text, "%s", text ? text : "");
}

static void fact_number(st_fact *fact, double number) {
    fact->numeric = true;
    fact->known = !isnan(number);
    fact->number = number;
    if (fact->known)
        snprintf(fact->text, sizeof fact->text, "%.6g", number);
}

static void fact_list(st_fact *fact, const st_patient *patient) {
    size_t used = 0;
    fact->numeric = true;
    fact->known = patient->symptoms.hormonal_known;
    fact->number = (double)patient->symptoms.n_hormonal;
    snprintf(fact->text, sizeof fact->text, "none");
    for (size_t i = 0; i < patient->symptoms.n_hormonal && used < sizeof fact->text; i++)
        used += (size_t)snprintf(fact->text + used, sizeof fact->text - used, "%s%s", i ? ", " : "",
                                 patient->symptoms.hormonal[i]);
}

static void fact_of_field(const st_patient *patient, const record_field *field, st_fact *fact) {
    const void *member = (const char *)patient + field->offset;
    switch (field->kind) {
    case FIELD_NUMBER:
    case FIELD_COUNT:
        fact_number(fact, *(const double *)member);
        break;
    case FIELD_TRUTH: {
        int truth = *(const int *)member;
        fact_text(fact, truth < 0 ? "" : truth ? "true" : "false");
        break;
    }
    case FIELD_TEXT:
        fact_text(fact, member);
        break;
    case FIELD_LIST:
        fact_list(fact, patient);
        break;
    }
}

bool st_facts_get(const st_facts *facts, const char *variable, st_fact *fact) {
    *fact = (st_fact){0};
    if (!strcmp(variable, "grade")) {
        fact_text(fact, facts->grade);
        return true;
    }
    if (!strcmp(variable, "verdict")) {
        fact_text(fact, facts->verdict);
        return true;
    }
    for (size_t i = 0; i < N_FIELDS; i++)
        if (!strcmp(fields[i].path, variable)) {
            fact_of_field(facts->patient, &fields[i], fact);
            return true;
        }
    return false;
}

const char *st_facts_nearest(const char *variable) {
    const char *known[N_FIELDS];
    for (size_t i = 0; i < N_FIELDS; i++)
        known[i] = fields[i].path;
    const char *nearest = st_nearest_name(variable, known, N_FIELDS);
    return nearest ? nearest : fields[0].path;
}
