/* A table of agents, and what is promised of each that is read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <math.h>

static void check(const st_agent *a) {
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 0);
    const double d = st_agent_draw(a, &rng);
    if (a->name[0] == 0 || !(a->d_min > 0) || !(d >= a->d_min) || !(d <= a->d_max))
        abort();
    if (!(a->deformation >= 0 && a->deformation <= 0.6) || !(a->clump >= 1) || !(a->drug_load >= 0) ||
        !(a->resorption > 0))
        abort();
    const double mean = st_agent_moment(a, 1), slack = 1e-9 * a->d_max, n = st_agent_per_volume(a);
    if (!(mean >= a->d_min - slack && mean <= a->d_max + slack) || !(st_agent_sd(a) >= 0) || !(n > 0) || isinf(n))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    st_error err = {0};
    st_agents agents = {0};
    const st_status status = st_agents_parse(&agents, "fuzz.csv", (const char *)bytes, size, &err);
    if (status != ST_OK && (err.what[0] == 0 || agents.n != 0))
        abort(); /* a refusal without a word, or half a table */
    if (status == ST_OK && agents.n == 0)
        abort();
    for (size_t i = 0; i < agents.n; i++)
        check(&agents.item[i]);
    st_agents_fini(&agents);
    return 0;
}
