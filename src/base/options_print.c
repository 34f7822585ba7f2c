/* What a subcommand's table says of itself: help, man page, bash completion.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/options.h>

#include <stdlib.h>
#include <string.h>

enum { PAGE_WIDTH = 88, HELP_COLUMN = 26 };

/* Words of `text`, the first at `column`, later lines indented by `indent`. */
static void put_wrapped(FILE *stream, const char *text, size_t column, size_t indent) {
    for (const char *word = text; *word;) {
        const size_t length = strcspn(word, " ");
        if (column > indent && column + 1 + length > PAGE_WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (word != text) {
            fputc(' ', stream);
            column++;
        }
        fprintf(stream, "%.*s", (int)length, word);
        column += length;
        word += length + strspn(word + length, " ");
    }
    fputc('\n', stream);
}

static void put_entry(FILE *stream, const char *left, const char *text) {
    const size_t used = (size_t)fprintf(stream, "  %s", left);
    if (used + 2 > HELP_COLUMN)
        fprintf(stream, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(stream, "%*s", (int)(HELP_COLUMN - used), "");
    put_wrapped(stream, text, HELP_COLUMN, HELP_COLUMN);
}

static void default_number(const st_option *option, double value, char *text, size_t size) {
    const bool limited = option->low != 0 || option->high != 0;
    if (!limited || (value >= option->low && value <= option->high))
        snprintf(text, size, "%.16g", value);
}

/* The value that holds when the option is not given; nothing when there is none. */
static void default_text(const st_option *option, const void *options, char *text, size_t size) {
    const void *member = (const char *)options + option->offset;
    text[0] = '\0';
    switch (option->kind) {
    case ST_OPTION_INTEGER:
        default_number(option, (double)*(const int64_t *)member, text, size);
        break;
    case ST_OPTION_NUMBER:
        default_number(option, *(const double *)member, text, size);
        break;
    case ST_OPTION_TEXT:
    case ST_OPTION_FILE:
    case ST_OPTION_CHOICE: {
        const char *value = *(const char *const *)member;
        snprintf(text, size, "%s", value ? value : "");
        break;
    }
    case ST_OPTION_FLAG:
    case ST_OPTION_LIST:
        break;
    }
}

/* The help of an option with choices and default, as help and man page print it. */
static void option_text(const st_option *option, const void *options, char *text, size_t size) {
    char value[128];
    default_text(option, options, value, sizeof value);
    const size_t used = (size_t)snprintf(text, size, "%s%s%s", option->help, option->choices ? "; one of " : "",
                                         option->choices ? option->choices : "");
    if (value[0] && used < size)
        snprintf(text + used, size - used, " [%s]", value);
}

static void *defaults_new(const st_command *command) {
    void *options = calloc(1, command->size + 1);
    if (options && command->defaults)
        command->defaults(options);
    return options;
}

static void put_usage(const st_command *command, FILE *stream) {
    fprintf(stream, "stasis %s [options]", command->name);
    for (const st_argument *a = command->arguments; a->name; a++)
        fprintf(stream, a->optional ? " [%s]" : " %s", a->name);
    fputc('\n', stream);
}

void st_command_help(const st_command *command, FILE *stream) {
    char text[512], left[64];
    void *options = defaults_new(command);
    if (!options)
        return;
    fputs("usage: ", stream);
    put_usage(command, stream);
    fputc('\n', stream);
    put_wrapped(stream, command->description, 0, 0);
    if (command->arguments->name)
        fputs("\narguments:\n", stream);
    for (const st_argument *a = command->arguments; a->name; a++)
        put_entry(stream, a->name, a->help);
    fputs("\noptions (default in brackets):\n", stream);
    for (const st_option *o = command->options; o->name; o++) {
        const char letter[] = {'-', o->letter, ',', ' ', '\0'};
        snprintf(left, sizeof left, "%s--%s%s%s", o->letter ? letter : "    ", o->name, o->metavar ? " " : "",
                 o->metavar ? o->metavar : "");
        option_text(o, options, text, sizeof text);
        put_entry(stream, left, text);
    }
    put_entry(stream, "-h, --help", "print this and exit");
    fprintf(stream, "\nexample:\n  %s\n", command->example);
    free(options);
}

/* ---- man page ------------------------------------------------------------- */

/* Text as roff takes it: backslashes and hyphens escaped, no line that looks like a request. */
static void put_roff(FILE *stream, const char *text) {
    if (text[0] == '.' || text[0] == '\'')
        fputs("\\&", stream);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stream);
        else if (*text == '-')
            fputs("\\-", stream);
        else
            fputc(*text, stream);
    }
    fputc('\n', stream);
}

/* A section; each line of `text` is a paragraph. */
static void put_paragraphs(FILE *stream, const char *title, const char *text) {
    char line[2048];
    fprintf(stream, ".SH %s\n", title);
    while (*text) {
        const size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        put_roff(stream, line);
        text += length + (text[length] == '\n');
        if (*text)
            fputs(".PP\n", stream);
    }
}

/* "evidence pool" -> "evidence\\-pool", as roff takes it. */
static void put_page_name(FILE *stream, const char *name, const char *dash) {
    for (; *name; name++)
        if (*name == ' ')
            fputs(dash, stream);
        else
            fputc(*name, stream);
}

void st_command_man(const st_command *command, FILE *stream) {
    char text[512];
    void *options = defaults_new(command);
    if (!options)
        return;
    fputs(".TH STASIS-", stream);
    put_page_name(stream, command->name, "-");
    fprintf(stream, " 1 \"\" \"stasis %s\" \"User Commands\"\n.SH NAME\nstasis\\-", st_version());
    put_page_name(stream, command->name, "\\-");
    fputs(" \\- ", stream);
    put_roff(stream, command->summary);
    fputs(".SH SYNOPSIS\n", stream);
    put_usage(command, stream);
    fputs(".SH DESCRIPTION\n", stream);
    put_roff(stream, command->description);
    for (const st_argument *a = command->arguments; a->name; a++) {
        fprintf(stream, ".TP\n.I %s\n", a->name);
        put_roff(stream, a->help);
    }
    fputs(".SH OPTIONS\nDefaults stand in brackets.\n", stream);
    for (const st_option *o = command->options; o->name; o++) {
        fputs(".TP\n", stream);
        if (o->letter)
            fprintf(stream, "\\fB\\-%c\\fR, ", o->letter);
        fprintf(stream, "\\fB\\-\\-%s\\fR%s%s\n", o->name, o->metavar ? " " : "", o->metavar ? o->metavar : "");
        option_text(o, options, text, sizeof text);
        put_roff(stream, text);
    }
    if (command->output)
        put_paragraphs(stream, "OUTPUT", command->output);
    fputs(".SH EXAMPLE\n.nf\n", stream);
    put_roff(stream, command->example);
    fputs(".fi\n.SH SEE ALSO\n.BR stasis (1)\n", stream);
    free(options);
}

/* ---- bash completion ------------------------------------------------------- */

static void put_completion(const st_command *command, FILE *stream) {
    fprintf(stream, "    '%s')\n        case $before in\n", command->name);
    for (const st_option *o = command->options; o->name; o++) {
        if (o->kind == ST_OPTION_CHOICE) {
            fprintf(stream, "        --%s) COMPREPLY=($(compgen -W \"", o->name);
            for (const char *c = o->choices; *c; c++)
                fputc(*c == ',' ? ' ' : *c, stream);
            fputs("\" -- \"$word\")); return;;\n", stream);
        } else if (o->kind != ST_OPTION_FLAG && o->kind != ST_OPTION_FILE) {
            fprintf(stream, "        --%s) return;;\n", o->name);
        }
    }
    fputs("        esac\n        options=\"--help", stream);
    for (const st_option *o = command->options; o->name; o++)
        fprintf(stream, " --%s", o->name);
    fputs("\";;\n", stream);
}

/* First words, once each. */
static void put_words(const st_command *const *commands, size_t n, FILE *stream) {
    size_t before = 0; /* length of the group that the command before this one opened */
    for (size_t i = 0; i < n; i++) {
        const size_t length = strcspn(commands[i]->name, " ");
        const bool again = i > 0 && commands[i]->name[length] && before == length &&
                           strncmp(commands[i]->name, commands[i - 1]->name, length) == 0;
        if (!again)
            fprintf(stream, " %.*s", (int)length, commands[i]->name);
        before = commands[i]->name[length] ? length : 0;
    }
}

static void put_groups(const st_command *const *commands, size_t n, FILE *stream) {
    for (size_t i = 0; i < n; i++) {
        const char *second = strchr(commands[i]->name, ' ');
        if (second == NULL)
            continue;
        const int length = (int)(second - commands[i]->name);
        fprintf(stream, "    [ \"$name\" = %.*s ] && members=\"$members %s\"\n", length, commands[i]->name, second + 1);
    }
}

void st_command_completion(const st_command *const *commands, size_t n, FILE *stream) {
    fputs("# bash completion of stasis, made from its option tables\n"
          "_stasis() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} name=${COMP_WORDS[1]}\n"
          "    local options= members=\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W \"--help --version",
          stream);
    put_words(commands, n, stream);
    fputs("\" -- \"$word\"))\n        return\n    fi\n", stream);
    put_groups(commands, n, stream);
    fputs("    if [ -n \"$members\" ]; then\n"
          "        if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
          "            COMPREPLY=($(compgen -W \"$members\" -- \"$word\"))\n"
          "            return\n"
          "        fi\n"
          "        name=\"$name ${COMP_WORDS[2]}\"\n"
          "    fi\n"
          "    case $name in\n",
          stream);
    for (size_t i = 0; i < n; i++)
        put_completion(commands[i], stream);
    fputs("    esac\n"
          "    if [[ $word == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _stasis stasis\n",
          stream);
}
