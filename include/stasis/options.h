/* stasis/options.h - one table per subcommand gives parsing, --help with live
 * defaults and units, the man page and bash completion.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_OPTIONS_H
#define STASIS_OPTIONS_H

#include <stasis/base.h>

typedef enum {
    ST_OPTION_FLAG,    /* bool: present or not */
    ST_OPTION_INTEGER, /* int64_t within [low, high] */
    ST_OPTION_NUMBER,  /* double within [low, high] */
    ST_OPTION_TEXT,    /* const char * */
    ST_OPTION_FILE,    /* const char *, completed as a file name */
    ST_OPTION_CHOICE,  /* const char *, one of `choices` (comma separated) */
    ST_OPTION_LIST,    /* st_option_list: may be given more than once */
} st_option_kind;

typedef struct st_option_list {
    const char **item; /* freed by st_command_fini */
    size_t n;
} st_option_list;

typedef struct st_option {
    const char *name; /* "terminals" for --terminals; NULL ends the table */
    char letter;      /* 'o' for -o, or 0 */
    st_option_kind kind;
    const char *metavar; /* "N", "FILE" */
    const char *help;    /* one sentence, unit included; the default is appended by the program */
    size_t offset;       /* of the member in the subcommand's options struct, whose value beforehand is the default;
                          * a number out of its range there means that it is not given */
    double low, high;    /* for numbers; both 0: no limit */
    const char *choices;
} st_option;

typedef struct st_argument {
    const char *name; /* "LABELS"; NULL ends the table */
    const char *help;
    size_t offset; /* of a const char * member */
    bool optional;
} st_argument;

typedef struct st_command {
    const char *name;        /* "tree" */
    const char *summary;     /* one line */
    const char *description; /* paragraphs for --help and the man page */
    const char *output;      /* for the man page: what JSON and CSV hold, a paragraph a line; NULL: nothing to add */
    const char *example;     /* lines that run as they stand */
    const st_argument *arguments;
    const st_option *options;
    size_t size;                                          /* of the options struct */
    void (*defaults)(void *options);                      /* fills the struct; may be NULL (all zero) */
    st_status (*run)(const void *options, st_error *err); /* the subcommand */
} st_command;

/* Parse argv (after the subcommand's name) into `options` (command->size bytes,
 * defaults already in). *help is set when -h or --help was given. ST_USAGE
 * names the option, what it got and what it takes; unknown ones come with the nearest. */
ST_API ST_MUST_CHECK st_status st_command_parse(const st_command *command, int argc, char **argv, void *options,
                                                bool *help, st_error *err);
ST_API void st_command_fini(const st_command *command, void *options);
ST_API void st_command_help(const st_command *command, FILE *stream);
ST_API void st_command_man(const st_command *command, FILE *stream); /* roff, section 1: stasis-NAME */
ST_API void st_command_completion(const st_command *const *commands, size_t n, FILE *stream); /* bash */

#endif
