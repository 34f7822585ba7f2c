/* A table of claims, or of pools where the bytes begin with "name", put in the place of the review's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

static void check_pools(const st_evidence *evidence) {
    for (size_t i = 0; i < st_evidence_pools(evidence); i++) {
        st_pool pool;
        st_error err = {0};
        const st_status status = st_pool_init(evidence, st_evidence_pool_name(evidence, i), &pool, &err);
        if (status != ST_OK && err.what[0] == 0)
            abort();
        for (size_t k = 0; status == ST_OK && k < pool.n; k++)
            if (pool.row[k].included && pool.shape != ST_POOL_MEDIAN &&
                !(pool.row[k].x >= 0 && pool.row[k].x <= pool.row[k].n))
                abort();
        if (status == ST_OK)
            st_pool_fini(&pool);
    }
}

static void check_audit(const st_evidence *evidence) {
    st_audit audit;
    st_error err = {0};
    const st_status status = st_audit_init(evidence, &audit, &err);
    if (status != ST_OK && err.what[0] == 0)
        abort();
    for (size_t i = 0; status == ST_OK && i < audit.n; i++)
        if (audit.row[i].verdict >= ST_AUDIT_VERDICTS || audit.row[i].recomputed == NULL || audit.row[i].claim == NULL)
            abort();
    if (status == ST_OK)
        st_audit_fini(&audit);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static st_evidence evidence; /* read once, gone at the end */
    st_error err = {0};
    if (evidence.n_studies == 0 && st_evidence_init(&evidence, NULL, &err) != ST_OK)
        abort();
    const bool pools = size >= 4 && memcmp(bytes, "name", 4) == 0;
    st_table *table = &evidence.table[pools ? ST_EVIDENCE_POOLS : ST_EVIDENCE_CLAIMS];
    const st_table own = *table;
    if (st_table_parse("fuzz.csv", (const char *)bytes, size, table, &err) == ST_OK && table->rows <= 64) {
        if (pools)
            check_pools(&evidence);
        else
            check_audit(&evidence);
    }
    st_table_fini(table);
    *table = own;
    return 0;
}
