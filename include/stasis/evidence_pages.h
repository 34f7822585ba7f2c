/* stasis/evidence_pages.h - pages about evidence, to be read by people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EVIDENCE_PAGES_H
#define STASIS_EVIDENCE_PAGES_H

#include <stasis/evidence.h>

/* The audit as one HTML file that needs nothing else: headline claims, then the tables cell by cell. Atomic; ST_IO. */
ST_API ST_MUST_CHECK st_status st_audit_page_write(const char *path, const st_evidence *evidence, const st_audit *audit,
                                                   st_error *err);

#endif
