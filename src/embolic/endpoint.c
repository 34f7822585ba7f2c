/* The names of endpoints.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/embolic.h>

const char *st_endpoint_name(st_endpoint endpoint) {
    static const char *const name[ST_ENDPOINTS] = {"stasis", "near-stasis", "substasis", "dose"};
    return name[endpoint];
}
