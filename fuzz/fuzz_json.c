/* A case file; the same document as a patient's record, and all that is said about the patient.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

static void patient(const uint8_t *bytes, size_t size) {
    static st_parameters parameters;
    st_error err = {0};
    json_t *document = NULL, *answer = NULL;
    st_patient record;
    if (parameters.arena.block == NULL && st_parameters_init(&parameters, &err) != ST_OK)
        abort();
    if (st_json_parse("fuzz.json", (const char *)bytes, size, &document, &err) != ST_OK)
        return;
    if (st_patient_from_json(document, "fuzz.json", "", &record, &err) == ST_OK &&
        st_patient_check_json(&record, &parameters, &answer, &err) != ST_OK)
        abort(); /* what was read can be judged */
    json_decref(answer);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    st_error err = {0};
    st_case c;
    patient(bytes, size);
    const char *name = fuzz_file(".json", bytes, size);
    if (st_case_read(name, &c, &err) == ST_OK)
        st_case_fini(&c);
    else if (err.what[0] == 0)
        abort(); /* a refusal without a word */
    return 0;
}
