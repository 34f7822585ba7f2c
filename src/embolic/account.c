/* The account of infusions: names and sums.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/embolic.h>

const char *st_endpoint_name(st_endpoint endpoint) {
    static const char *const name[ST_ENDPOINTS] = {"stasis", "near-stasis", "substasis", "dose"};
    return name[endpoint];
}

void st_particles_add(st_particles *sum, const st_particles *particles) {
    sum->injected += particles->injected;
    sum->lodged_tumour += particles->lodged_tumour;
    sum->lodged_normal += particles->lodged_normal;
    sum->refluxed += particles->refluxed;
    sum->passed += particles->passed;
}

void st_oil_add(st_oil *sum, const st_oil *oil) {
    sum->injected += oil->injected;
    sum->tumour += oil->tumour;
    sum->normal += oil->normal;
    sum->portal += oil->portal;
    sum->refluxed += oil->refluxed;
}
