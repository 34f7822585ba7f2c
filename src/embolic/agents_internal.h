/* What the files of agents and protocols share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_AGENTS_INTERNAL_H
#define STASIS_AGENTS_INTERNAL_H

#include <stasis/agent.h>
#include <stasis/text.h>

/* The agents of a table; what a row leaves open is as in `standard`. */
st_status agents_read_table(const st_table *table, const st_agent *standard, st_agents *agents, st_error *err);

/* Of an agent, at most. */
#define DEFORMATION_MOST 0.6
#define CLUMP_MOST       1000

/* The constant text that `text` equals ("measured", "derived", "assumed"), or NULL. */
const char *agents_trust(const char *text);

/* ST_VALUE at a cell of the table. */
st_status agents_refuse(const st_table *table, size_t row, const char *column, st_error *err, const char *format, ...)
    ST_PRINTF(5, 6);

#endif
