/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_STATS_MEDIANS_INTERNAL_H
#define STASIS_STATS_MEDIANS_INTERNAL_H

#include <stasis/meta_medians.h>

/* ST_VALUE with what is wrong in the arms or the level. */
ST_MUST_CHECK st_status medians_check(const st_median_arm *arm, size_t k, double level, st_error *err);

#endif
