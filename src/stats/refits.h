/* What refits share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_REFITS_H
#define STASIS_STATS_REFITS_H

#include <stasis/meta_checks.h>

extern const st_meta_line refits_none; /* all NaN */
st_meta_line refits_line(const st_meta_fit *fit);

/* Without one study a model may have no fit (a moderator that no longer varies, no events left): that is a gap in a
 * table, not the end of it. */
static inline bool refits_tolerable(st_status status) {
    return status == ST_OK || status == ST_VALUE || status == ST_NUMERIC;
}

#endif
