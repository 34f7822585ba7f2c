/* What the files of pooling share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_POOLED_INTERNAL_H
#define STASIS_POOLED_INTERNAL_H

#include <stasis/pooled.h>

static const double POOLED_LEVEL = 0.95;

/* The same rows by every other way that applies. */
st_status pooled_ways(st_pooled *p, const st_meta_data *data, st_error *err);

#endif
