/* A subcommand's line, parsed by its table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/options.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *at(void *options, size_t offset) {
    return (char *)options + offset;
}

/* "--threads", or "-o, --output" would be longer than a message needs. */
static st_status refuse(const st_option *option, st_error *err, const char *value, const char *wanted) {
    return st_fail(err, ST_USAGE, "--%s got \"%.80s\"; it takes %s", option->name, value, wanted);
}

static bool within(const st_option *option, double value) {
    return (option->low == 0 && option->high == 0) || (value >= option->low && value <= option->high);
}

static st_status refuse_number(const st_option *option, st_error *err, const char *value, const char *kind) {
    char wanted[96];
    if (option->low == 0 && option->high == 0)
        snprintf(wanted, sizeof wanted, "%s", kind);
    else
        snprintf(wanted, sizeof wanted, "%s from %g to %g", kind, option->low, option->high);
    return refuse(option, err, value, wanted);
}

static st_status set_integer(const st_option *option, const char *value, int64_t *member, st_error *err) {
    char *end;
    errno = 0;
    const long long number = strtoll(value, &end, 10);
    if (end == value || *end || errno || !within(option, (double)number))
        return refuse_number(option, err, value, "a whole number");
    *member = number;
    return ST_OK;
}

static st_status set_number(const st_option *option, const char *value, double *member, st_error *err) {
    char *end;
    const double number = strtod(value, &end);
    if (end == value || *end || !isfinite(number) || !within(option, number))
        return refuse_number(option, err, value, "a number");
    *member = number;
    return ST_OK;
}

static st_status set_choice(const st_option *option, const char *value, const char **member, st_error *err) {
    const size_t length = strlen(value);
    for (const char *choice = option->choices; *choice;) {
        const size_t n = strcspn(choice, ",");
        if (n == length && strncmp(choice, value, n) == 0) {
            *member = value;
            return ST_OK;
        }
        choice += n + (choice[n] == ',');
    }
    char wanted[160];
    snprintf(wanted, sizeof wanted, "one of %s", option->choices);
    return refuse(option, err, value, wanted);
}

static st_status append(st_option_list *list, const char *value, st_error *err) {
    const char **more = realloc(list->item, (list->n + 1) * sizeof *more);
    if (!more)
        return st_fail(err, ST_MEMORY, "no memory for the options");
    list->item = more;
    list->item[list->n++] = value;
    return ST_OK;
}

static st_status set(const st_option *option, const char *value, void *options, st_error *err) {
    void *member = at(options, option->offset);
    switch (option->kind) {
    case ST_OPTION_FLAG:
        *(bool *)member = true;
        return ST_OK;
    case ST_OPTION_INTEGER:
        return set_integer(option, value, member, err);
    case ST_OPTION_NUMBER:
        return set_number(option, value, member, err);
    case ST_OPTION_CHOICE:
        return set_choice(option, value, member, err);
    case ST_OPTION_LIST:
        return append(member, value, err);
    case ST_OPTION_TEXT:
    case ST_OPTION_FILE:
        *(const char **)member = value;
        return ST_OK;
    }
    return ST_OK;
}

static st_status refuse_unknown(const st_command *command, const char *name, st_error *err) {
    enum { MOST = 64 };
    const char *known[MOST];
    size_t n = 0;
    for (const st_option *o = command->options; o->name && n < MOST; o++)
        known[n++] = o->name;
    const char *near = st_nearest_name(name, known, n);
    return st_fail(err, ST_USAGE, "there is no option --%s%s%s%s", name, near ? "; did you mean --" : "",
                   near ? near : "", near ? "?" : "");
}

/* "--name", "--name=value", "-o", "-ovalue": the option and the value that came attached, or NULL. */
static st_status find(const st_command *command, const char *word, const st_option **option, const char **value,
                      st_error *err) {
    char name[64];
    const bool is_long = word[1] == '-';
    const char *text = word + (is_long ? 2 : 1);
    const size_t length = is_long ? strcspn(text, "=") : 1;
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), text);
    *value = text[length] ? text + length + is_long : NULL;
    for (*option = command->options; (*option)->name; ++*option)
        if (is_long ? strcmp((*option)->name, name) == 0 : (*option)->letter == name[0])
            return ST_OK;
    if (is_long)
        return refuse_unknown(command, name, err);
    return st_fail(err, ST_USAGE, "there is no option -%s", name);
}

static st_status take_option(const st_command *command, int argc, char **argv, int *i, void *options, st_error *err) {
    const st_option *option;
    const char *value;
    st_status status = find(command, argv[*i], &option, &value, err);
    if (status != ST_OK)
        return status;
    if (option->kind == ST_OPTION_FLAG && value)
        return st_fail(err, ST_USAGE, "--%s takes no value, and got \"%.80s\"", option->name, value);
    if (option->kind != ST_OPTION_FLAG && !value) {
        if (++*i == argc)
            return st_fail(err, ST_USAGE, "--%s needs a value (%s)", option->name, option->metavar);
        value = argv[*i];
    }
    return set(option, value, options, err);
}

st_status st_command_parse(const st_command *command, int argc, char **argv, void *options, bool *help, st_error *err) {
    const st_argument *argument = command->arguments;
    bool only_arguments = false;
    *help = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (!only_arguments && strcmp(word, "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)) {
            *help = true;
            return ST_OK;
        } else if (!only_arguments && word[0] == '-' && word[1]) {
            const st_status status = take_option(command, argc, argv, &i, options, err);
            if (status != ST_OK)
                return status;
        } else if (argument->name) {
            *(const char **)at(options, argument++->offset) = word;
        } else {
            return st_fail(err, ST_USAGE, "\"%.80s\" is one argument too many", word);
        }
    }
    if (argument->name && !argument->optional)
        return st_fail(err, ST_USAGE, "%s is missing: %s", argument->name, argument->help);
    return ST_OK;
}

void st_command_fini(const st_command *command, void *options) {
    for (const st_option *option = command->options; option->name; option++)
        if (option->kind == ST_OPTION_LIST)
            free(((st_option_list *)at(options, option->offset))->item);
}
