/* What the files of this room share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_COURSE_COURSE_H
#define STASIS_COURSE_COURSE_H

#include <stasis/course.h>

/* Fills the enzyme points, peaks and their times of `course`, from the first session to `end` (s). */
ST_MUST_CHECK st_status st_course_enzymes(const st_insult *insults, size_t n_insults, double end,
                                          const st_parameters *parameters, st_course *course, st_error *err);

#endif
