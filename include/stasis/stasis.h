/* stasis/stasis.h - the whole library.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STASIS_H
#define STASIS_STASIS_H

#include <stasis/figures.h>
#include <stasis/frame.h>
#include <stasis/meta.h>
#include <stasis/options.h>
#include <stasis/report.h>
#include <stasis/statistics.h>
#include <stasis/survival.h>
#include <stasis/trunk.h>
#include <stasis/units.h>

#endif
