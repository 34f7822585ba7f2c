/* Counter-based random numbers: Philox4x32-10 by Random123.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/base.h>

#include <math.h>
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <Random123/philox.h>
#pragma GCC diagnostic pop

st_rng st_rng_stream(uint64_t seed, st_rng_purpose purpose, uint64_t item) {
    return (st_rng){
        .counter = {0, (uint32_t)purpose, (uint32_t)item, (uint32_t)(item >> 32)},
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .used = 4,
    };
}

uint32_t st_rng_u32(st_rng *rng) {
    if (rng->used == 4) {
        philox4x32_ctr_t counter;
        philox4x32_key_t key;
        for (int i = 0; i < 4; i++)
            counter.v[i] = rng->counter[i];
        for (int i = 0; i < 2; i++)
            key.v[i] = rng->key[i];
        const philox4x32_ctr_t out = philox4x32(counter, key);
        for (int i = 0; i < 4; i++)
            rng->block[i] = out.v[i];
        rng->counter[0]++;
        rng->used = 0;
    }
    return rng->block[rng->used++];
}

double st_rng_uniform(st_rng *rng) {
    const uint64_t high = st_rng_u32(rng) >> 5, low = st_rng_u32(rng) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

double st_rng_normal(st_rng *rng) { /* Box & Muller 1958 */
    const double u = 1 - st_rng_uniform(rng), v = st_rng_uniform(rng);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

uint32_t st_rng_below(st_rng *rng, uint32_t bound) { /* Lemire 2019 */
    uint64_t product = (uint64_t)st_rng_u32(rng) * bound;
    const uint32_t threshold = -bound % bound;
    while ((uint32_t)product < threshold)
        product = (uint64_t)st_rng_u32(rng) * bound;
    return (uint32_t)(product >> 32);
}
