/* stasis man, stasis completion: what the option tables say, for the installation.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"

#include <stddef.h>

typedef struct man_options {
    const char *name;
} man_options;

static void print_entry(const st_command *command) {
    fputs(".TP\n.BR stasis\\-", stdout);
    for (const char *c = command->name; *c; c++)
        putchar(*c == ' ' ? '-' : *c);
    printf(" (1)\n%s\n", command->summary);
}

static void print_overview(void) {
    printf(
        ".TH STASIS 1 \"\" \"stasis %s\" \"User Commands\"\n.SH NAME\nstasis \\- transarterial embolization of liver "
        "metastases, from the catheter to the follow\\-up\n.SH SYNOPSIS\nstasis SUBCOMMAND [options] ...\n"
        ".SH SUBCOMMANDS\n",
        st_version());
    for (size_t i = 0; i < n_commands; i++)
        print_entry(commands[i]);
    fputs(".SH EXIT STATUS\n", stdout);
    command_print_exit_codes(stdout, ".TP\n%d\n%s\n");
}

static st_status man_run(const void *options, st_error *err) {
    const man_options *o = options;
    const st_command *command;
    if (!o->name) {
        print_overview();
        return ST_OK;
    }
    const st_status status = command_find(o->name, &command, err);
    if (status == ST_OK)
        st_command_man(command, stdout);
    return status;
}

static st_status completion_run(const void *options, st_error *err) {
    (void)options;
    (void)err;
    st_command_completion(commands, n_commands, stdout);
    return ST_OK;
}

static const st_argument man_arguments[] = {
    {"SUBCOMMAND", "its page; the overview when not given", offsetof(man_options, name), true}, {0}};
static const st_argument no_arguments[] = {{0}};
static const st_option no_options[] = {{0}};

const st_command command_man = {
    .name = "man",
    .summary = "print a man page",
    .description = "Prints the man page of a subcommand, or the overview, as roff.",
    .example = "stasis man run | man -l -",
    .arguments = man_arguments,
    .options = no_options,
    .size = sizeof(man_options),
    .run = man_run,
};

const st_command command_completion = {
    .name = "completion",
    .summary = "print the bash completion",
    .description = "Prints what bash needs to complete subcommands, options and file names.",
    .example = "source <(stasis completion)",
    .arguments = no_arguments,
    .options = no_options,
    .run = completion_run,
};
