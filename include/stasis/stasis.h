/* stasis/stasis.h - the whole library.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STASIS_H
#define STASIS_STASIS_H

#include <stasis/evidence_report.h>
#include <stasis/figures.h>
#include <stasis/frame.h>
#include <stasis/meta.h>
#include <stasis/meta_bayes.h>
#include <stasis/meta_checks.h>
#include <stasis/meta_counts.h>
#include <stasis/meta_levels.h>
#include <stasis/meta_medians.h>
#include <stasis/options.h>
#include <stasis/pooled.h>
#include <stasis/report.h>
#include <stasis/statistics.h>
#include <stasis/survival.h>
#include <stasis/trunk.h>
#include <stasis/units.h>

#endif
