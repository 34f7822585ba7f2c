/* The program: finds the subcommand, parses, runs, turns an error into a sentence and an exit code.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>

#define COMMAND_ADDRESS(name) &command_##name,
const st_command *const commands[] = {COMMAND_LIST(COMMAND_ADDRESS)};
const size_t n_commands = sizeof commands / sizeof *commands;

/* The name of a member of a group is "evidence pool"; as a file name or one word it is "evidence-pool". */
static bool is_named(const st_command *command, const char *name) {
    const char *own = command->name;
    while (*own && (*own == *name || (*own == ' ' && *name == '-'))) {
        own++;
        name++;
    }
    return *own == '\0' && *name == '\0';
}

st_status command_find(const char *name, const st_command **command, st_error *err) {
    const char *known[sizeof commands / sizeof *commands];
    for (size_t i = 0; i < n_commands; i++) {
        known[i] = commands[i]->name;
        if (is_named(commands[i], name)) {
            *command = commands[i];
            return ST_OK;
        }
    }
    const char *near = st_nearest_name(name, known, n_commands);
    return st_fail(err, ST_USAGE, "there is no subcommand \"%.80s\"%s%s%s", name, near ? "; did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

/* Whether `word` opens names of two words. */
static bool is_group(const char *word) {
    const size_t length = strlen(word);
    for (size_t i = 0; i < n_commands; i++)
        if (strncmp(commands[i]->name, word, length) == 0 && commands[i]->name[length] == ' ')
            return true;
    return false;
}

/* The members of a group, each with its line. */
static void print_group(FILE *stream, const char *group) {
    const size_t length = strlen(group);
    fprintf(stream, "usage: stasis %s SUBCOMMAND [options] ...\n\nsubcommands:\n", group);
    for (size_t i = 0; i < n_commands; i++)
        if (strncmp(commands[i]->name, group, length) == 0 && commands[i]->name[length] == ' ')
            fprintf(stream, "  %-18s %s\n", commands[i]->name, commands[i]->summary);
}

void command_print_exit_codes(FILE *stream, const char *format) {
#define PRINT_STATUS(name, exit_code, text) fprintf(stream, format, exit_code, text);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    ST_STATUS_LIST(PRINT_STATUS)
#pragma GCC diagnostic pop
#undef PRINT_STATUS
}

static void print_help(FILE *stream) {
    fprintf(stream,
            "stasis %s: transarterial embolization of liver metastases, from the catheter to the follow-up\n\n"
            "usage: stasis SUBCOMMAND [options] ...\n\nsubcommands:\n",
            st_version());
    for (size_t i = 0; i < n_commands; i++)
        fprintf(stream, "  %-18s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n`stasis SUBCOMMAND --help` tells the rest; `stasis --version` the version.\n\nexit codes:\n", stream);
    command_print_exit_codes(stream, "  %d  %s\n");
}

static int complain(const char *name, const st_error *err) {
    char text[1024];
    st_error_text(err, text, sizeof text);
    fprintf(stderr, "stasis%s%s: %s\n", name ? " " : "", name ? name : "", text);
    if (err->status == ST_USAGE)
        fprintf(stderr, "try: stasis%s%s --help\n", name ? " " : "", name ? name : "");
    return (int)err->status;
}

static st_status run(const st_command *command, int argc, char **argv, st_error *err) {
    bool help;
    void *options = st_alloc(1, command->size, err);
    if (!options)
        return ST_MEMORY;
    if (command->defaults)
        command->defaults(options);
    st_status status = st_command_parse(command, argc, argv, options, &help, err);
    if (status == ST_OK && help)
        st_command_help(command, stdout);
    else if (status == ST_OK)
        status = command->run(options, err);
    st_command_fini(command, options);
    free(options);
    if (status == ST_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = st_fail(err, ST_IO, "the answer could not be written to standard output: %s", strerror(errno));
    return status;
}

/* glibc keeps ever more freed memory as a process goes on, unless one of its limits is set: a tree of a million
 * terminals then takes 272 MB at most instead of 202. */
static void give_back_memory(void) {
#ifdef __GLIBC__
    (void)mallopt(M_TRIM_THRESHOLD, 128 * 1024);
#endif
}

int main(int argc, char **argv) {
    st_error err = {0};
    give_back_memory();
    if (argc < 2) {
        print_help(stderr);
        return ST_USAGE;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return ST_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("stasis %s\n", st_version());
        return ST_OK;
    }
    int words = 1;
    char name[80];
    snprintf(name, sizeof name, "%s", argv[1]);
    if (is_group(argv[1])) {
        const bool help = argc > 2 && (strcmp(argv[2], "-h") == 0 || strcmp(argv[2], "--help") == 0);
        if (argc == 2 || help) {
            print_group(help ? stdout : stderr, argv[1]);
            return help ? ST_OK : ST_USAGE;
        }
        snprintf(name, sizeof name, "%s %s", argv[1], argv[2]);
        words = 2;
    }
    const st_command *command;
    st_status status = command_find(name, &command, &err);
    if (status != ST_OK)
        return complain(NULL, &err);
    status = run(command, argc - 1 - words, argv + 1 + words, &err);
    return status == ST_OK ? ST_OK : complain(command->name, &err);
}
