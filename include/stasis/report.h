/* stasis/report.h - figures, report.html, maps and tree of a finished case.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_REPORT_H
#define STASIS_REPORT_H

#include <stasis/case.h>

/* Everything `stasis run` leaves in `directory` (made when absent): report.html, result.json,
 * labels.nii.gz, maps/, tree.vtp, figures/. Files are replaced one by one, each atomically. */
ST_API ST_MUST_CHECK st_status st_report_write(const char *directory, const st_case *c, st_result *result,
                                               int threads, const st_progress *progress, st_error *err);

#endif
