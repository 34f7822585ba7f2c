/* The subcommands, in the order in which --help lists them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CLI_COMMANDS_H
#define STASIS_CLI_COMMANDS_H

#include <stasis/options.h>

#define COMMAND_LIST(X)                                                                                                \
    X(run)                                                                                                             \
    X(check)                                                                                                           \
    X(tree)                                                                                                            \
    X(flow)                                                                                                            \
    X(plan)                                                                                                            \
    X(embolize)                                                                                                        \
    X(convert)                                                                                                         \
    X(metastases)                                                                                                      \
    X(import)                                                                                                          \
    X(evidence_tables)                                                                                                 \
    X(evidence_audit)                                                                                                  \
    X(evidence_pool)                                                                                                   \
    X(evidence_medians)                                                                                                \
    X(evidence_survival)                                                                                               \
    X(evidence_report)                                                                                                 \
    X(parameters)                                                                                                      \
    X(agents)                                                                                                          \
    X(man)                                                                                                             \
    X(completion)

#define COMMAND_DECLARE(name) extern const st_command command_##name;
COMMAND_LIST(COMMAND_DECLARE)
#undef COMMAND_DECLARE

extern const st_command *const commands[];
extern const size_t n_commands;

/* The subcommand of that name; ST_USAGE with the nearest one when there is none. */
ST_MUST_CHECK st_status command_find(const char *name, const st_command **command, st_error *err);

/* Every exit code with its meaning, one per line. */
void command_print_exit_codes(FILE *stream, const char *format);

#endif
