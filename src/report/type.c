/* Typography: text of unknown origin made fit to be shown, statistics in italics, lines broken.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "type.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- making text fit to be shown --------------------------------------------------- */

/* Bytes of the character at `s`, 0 when it is none that cairo would show (Unicode 15, table 3-7, less noncharacters).
 */
static size_t character(const unsigned char *s, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    if (length == 0)
        return 0;
    *code = length == 1 ? s[0] : s[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        *code = *code << 6 | (s[i] & 0x3f);
    }
    const bool surrogate = *code >> 11 == 0x1b,
               none = (*code & 0xfffe) == 0xfffe || (*code >= 0xfdd0 && *code <= 0xfdef);
    return *code < least[length] || *code > 0x10ffff || surrogate || none ? 0 : length;
}

void type_plain(const char *text, size_t most, char out[TYPE_TEXT]) {
    static const char unknown[] = "\xef\xbf\xbd";
    const unsigned char *s = (const unsigned char *)(text != NULL ? text : "");
    size_t n = 0, last = 0, count = 0; /* `last`: where the last character begins */
    while (*s != 0 && count < most && n + 2 * sizeof unknown < TYPE_TEXT) {
        uint32_t code = 0;
        const size_t length = character(s, &code);
        const bool thin = code == 0x2009 || code == 0x200a || code == 0x202f;
        const bool blank = code < 0x20 || (code >= 0x7f && code <= 0xa0);
        last = n;
        if (length == 0) {
            memcpy(out + n, unknown, sizeof unknown - 1);
            n += sizeof unknown - 1;
        } else if (thin || blank) {
            out[n++] = thin ? TYPE_THIN[0] : ' ';
        } else {
            memcpy(out + n, s, length);
            n += length;
        }
        s += length == 0 ? 1 : length;
        count++;
    }
    if (*s != 0) {
        memcpy(out + last, TYPE_ELLIPSIS, sizeof TYPE_ELLIPSIS - 1);
        n = last + sizeof TYPE_ELLIPSIS - 1;
    }
    out[n] = 0;
}

/* What stands for a piece of a line of statistics. `whole`: only where no letter or digit touches it. */
typedef struct sign {
    const char *from, *to;
    bool whole;
} sign;
#define SLANTED(letter) TYPE_ITALIC letter TYPE_UPRIGHT
#define SQUARED         "\xc2\xb2"
static const sign signs[] = {
    {"tau2", SLANTED("\xcf\x84") SQUARED, true},
    {"tau^2", SLANTED("\xcf\x84") SQUARED, true},
    {"chi2", SLANTED("\xcf\x87") SQUARED, true},
    {"chi^2", SLANTED("\xcf\x87") SQUARED, true},
    {"I2", SLANTED("I") SQUARED, true},
    {"I^2", SLANTED("I") SQUARED, true},
    {"H2", SLANTED("H") SQUARED, true},
    {"R2", SLANTED("R") SQUARED, true},
    {"tau", SLANTED("\xcf\x84"), true},
    {"Q", SLANTED("Q"), true},
    {"QM", SLANTED("QM"), true},
    {"F", SLANTED("F"), true},
    {"k", SLANTED("k"), true},
    {"n", SLANTED("n"), true},
    {"p", SLANTED("p"), true},
    {"P", SLANTED("P"), true},
    {"t", SLANTED("t"), true},
    {"z", SLANTED("z"), true},
    {"<=", "\xe2\x89\xa4", false},
    {">=", "\xe2\x89\xa5", false},
    {" - ", " " TYPE_DASH " ", false},
    {" %", TYPE_THIN "%", false},
};

/* A letter alone is a symbol only before "=", "<", ">" or "(": "p < 0.05", "Q(11)", and not "arm k". */
static bool is_symbol(const char *after) {
    while (*after == ' ')
        after++;
    return *after != 0 && strchr("=<>(", *after) != NULL;
}

static const sign *sign_at(const char *text, const char *at) {
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        const sign *s = &signs[i];
        const size_t length = strlen(s->from);
        if (strncmp(at, s->from, length) != 0)
            continue;
        const bool touched = (at > text && (isalnum((unsigned char)at[-1]) || (at[-1] & 0x80))) ||
                             isalnum((unsigned char)at[length]) || (at[length] & 0x80);
        if (!s->whole || (!touched && (length > 2 || s->from[length - 1] == '2' || is_symbol(at + length))))
            return s;
    }
    return NULL;
}

/* A hyphen before a digit is a minus or stands in a range; between two names, "Mantel-Haenszel", it joins them. */
static const char *dash_at(const char *text, const char *at) {
    if (at[0] != '-')
        return NULL;
    if (at > text && islower((unsigned char)at[-1]) && isupper((unsigned char)at[1]) && islower((unsigned char)at[2]))
        return TYPE_DASH;
    if (!isdigit((unsigned char)at[1]) && !(at[1] == '.' && isdigit((unsigned char)at[2])))
        return NULL;
    if (at == text || strchr(" (=[,<>", at[-1]) != NULL)
        return TYPE_MINUS;
    return isdigit((unsigned char)at[-1]) ? TYPE_DASH : NULL;
}

void type_statistics(const char *text, char out[TYPE_TEXT]) {
    char plain[TYPE_TEXT];
    size_t n = 0;
    type_plain(text, TYPE_TEXT, plain);
    for (const char *at = plain; *at != 0;) {
        const sign *s = sign_at(plain, at);
        const char *dash = dash_at(plain, at);
        const char *to = s != NULL ? s->to : dash != NULL ? dash : at;
        const size_t length = s != NULL || dash != NULL ? strlen(to) : 1;
        if (n + length + sizeof TYPE_ELLIPSIS > TYPE_TEXT)
            break;
        memcpy(out + n, to, length);
        n += length;
        at += s != NULL ? strlen(s->from) : 1;
    }
    out[n] = 0;
}

/* ---- showing it -------------------------------------------------------------------- */

void type_set(canvas *c) {
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(c->cr, options);
    cairo_font_options_destroy(options);
    c->family = "Helvetica";
}

st_status type_measure_begin(canvas *c, figure *nothing, st_error *err) {
    const st_status status = canvas_begin(c, nothing, 1, 1, 1, err);
    if (status == ST_OK)
        type_set(c);
    return status;
}

st_status type_measure_end(canvas *c, st_error *err) {
    figure *nothing = c->out;
    const st_status status = canvas_end(c, err);
    free(nothing->bytes);
    *nothing = (figure){0};
    return status;
}

/* Where the font has no glyph for a character. */
static const char FALLBACK[] = "sans-serif";

/* Whether the font that is set lacks the character. */
static bool lacks(cairo_t *cr, const char *s, size_t length) {
    cairo_glyph_t one[4], *glyph = one;
    int n = 4;
    cairo_scaled_font_text_to_glyphs(cairo_get_scaled_font(cr), 0, 0, s, (int)length, &glyph, &n, NULL, NULL, NULL);
    const bool missing = n > 0 && glyph[0].index == 0;
    if (glyph != one)
        cairo_glyph_free(glyph);
    return missing;
}

typedef struct pen {
    const canvas *c;
    type t;
    double x, y;
    bool italic, raised, shows;
} pen;

static void set_pen(const pen *p, const char *family) {
    const double raised_size = 0.72;
    canvas with = *p->c;
    with.family = family;
    canvas_font(&with, p->t.size * (p->raised ? raised_size : 1),
                p->italic ? CAIRO_FONT_SLANT_ITALIC : CAIRO_FONT_SLANT_NORMAL,
                p->t.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
}

/* A run in one font. */
static void put(pen *p, const char *s, size_t length) {
    const double rise = 0.36;
    char run[TYPE_TEXT];
    cairo_text_extents_t extents;
    memcpy(run, s, length);
    run[length] = 0;
    cairo_text_extents(p->c->cr, run, &extents);
    if (p->shows) {
        cairo_move_to(p->c->cr, p->x, p->y - (p->raised ? rise * p->t.size : 0));
        cairo_show_text(p->c->cr, run);
    }
    p->x += extents.x_advance;
}

/* Between two marks: in runs of characters that the font has and has not. */
static void put_mixed(pen *p, const char *s, size_t length) {
    size_t begin = 0, at = 0;
    bool missing = false;
    set_pen(p, p->c->family);
    while (at < length) {
        uint32_t code;
        const size_t bytes = character((const unsigned char *)s + at, &code);
        const bool ascii = code < 0x80, lacking = !ascii && lacks(p->c->cr, s + at, bytes);
        if (lacking != missing) {
            if (missing)
                set_pen(p, FALLBACK);
            put(p, s + begin, at - begin);
            set_pen(p, p->c->family);
            begin = at;
            missing = lacking;
        }
        at += bytes;
    }
    if (missing)
        set_pen(p, FALLBACK);
    put(p, s + begin, length - begin);
}

static void put_marked(pen *p, const char *text) {
    static const char marks[] = TYPE_ITALIC TYPE_RAISED TYPE_UPRIGHT TYPE_THIN;
    const double thin = 1.0 / 6, lean = 0.07; /* room for the lean of a letter beside an upright one */
    while (*text != 0) {
        const size_t length = strcspn(text, marks);
        if (length > 0)
            put_mixed(p, text, length);
        text += length;
        if (*text == TYPE_THIN[0])
            p->x += thin * p->t.size;
        else if (*text == TYPE_UPRIGHT[0]) {
            p->x += p->italic ? lean * p->t.size : 0;
            p->italic = p->raised = false;
        } else if (*text != 0)
            *(*text == TYPE_ITALIC[0] ? &p->italic : &p->raised) = true;
        text += *text != 0;
    }
}

double type_width(const canvas *c, type t, const char *text) {
    pen p = {.c = c, .t = t};
    put_marked(&p, text);
    return p.x;
}

void type_show(const canvas *c, double x, double y, anchor at, type t, const char *text) {
    const double before = at == LEFT ? 0 : type_width(c, t, text) * (at == MIDDLE ? 0.5 : 1);
    pen p = {.c = c, .t = t, .x = x - before, .y = y, .shows = true};
    put_marked(&p, text);
}

void type_fit(const canvas *c, type t, double width, char text[TYPE_TEXT]) {
    size_t n = strlen(text);
    while (n > 0 && type_width(c, t, text) > width) {
        const size_t ellipsis = sizeof TYPE_ELLIPSIS - 1;
        if (n > ellipsis && strcmp(text + n - ellipsis, TYPE_ELLIPSIS) == 0)
            n -= ellipsis;
        do /* to the beginning of the last character */
            n--;
        while (n > 0 && ((unsigned char)text[n] >> 6 == 2 || text[n] == ' '));
        while (n > 0 && text[n - 1] == ' ')
            n--;
        strcpy(text + n, TYPE_ELLIPSIS);
        n += ellipsis;
        if (n == ellipsis)
            break;
    }
}

size_t type_break(const canvas *c, type t, double width, char *text, const char **line, size_t most) {
    size_t n = 0;
    while (n < most) {
        char *fits = NULL;
        line[n++] = text;
        for (char *space = strchr(text, ' '); n < most; space = strchr(space + 1, ' ')) {
            if (space != NULL)
                *space = 0;
            const bool narrow = type_width(c, t, text) <= width;
            if (space == NULL && (narrow || fits == NULL))
                return n;
            if (space != NULL)
                *space = ' ';
            if (narrow || fits == NULL)
                fits = space;
            if (!narrow)
                break;
        }
        if (fits == NULL)
            return n;
        *fits = 0;
        text = fits + 1;
    }
    return n;
}
