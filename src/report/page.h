/* The parts of report.html.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_PAGE_H
#define STASIS_PAGE_H

#include "html.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What was found (tables.c). */
void page_liver(FILE *out, const st_result *r);
void page_tree(FILE *out, const st_result *r);
void page_tissue(FILE *out, const st_result *r);
void page_follow_up(FILE *out, const st_result *r);

/* What was planned (tables_plan.c). */
void page_plan(FILE *out, const st_case *c, const st_result *r);
void page_feeders(FILE *out, const st_case *c, const st_result *r);

/* What was infused (tables_infusion.c). */
void page_oil(FILE *out, const st_case *c, const st_result *r);
void page_particles(FILE *out, const st_case *c, const st_result *r);

/* How sure that is (tables_samples.c). */
void page_samples(FILE *out, const st_result *r);

/* What it rests on (tables_basis.c). */
void page_eligibility(FILE *out, const st_result *r);
void page_parameters(FILE *out, const st_case *c);
void page_provenance(FILE *out, const st_case *c, const st_result *r);

#endif
