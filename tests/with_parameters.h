/* A group of tests that shares the parameters as compiled in.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_WITH_PARAMETERS_H
#define STASIS_TESTS_WITH_PARAMETERS_H

#include "support.h"

static st_parameters parameters;

static int set_up(void **state) {
    (void)state;
    st_error err = {0};
    return (int)st_parameters_init(&parameters, &err);
}

static int tear_down(void **state) {
    (void)state;
    st_parameters_fini(&parameters);
    return 0;
}

#endif
