/* CSV after RFC 4180, a row at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { BLOCK = 1 << 20, END = -1 };

/* ---- bytes --------------------------------------------------------------------------------- */

st_status rows_open(rows *r, const char *path, st_error *err) {
    struct stat info;
    *r = (rows){.name = path, .next_line = 1};
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return st_fail_at(err, ST_IO, path, 0, 0, "is a folder, not a file");
    r->buffer = st_alloc(BLOCK, 1, err);
    if (!r->buffer)
        return ST_MEMORY;
    r->file = gzopen(path, "rb");
    if (!r->file) {
        free(r->buffer);
        return st_fail_at(err, ST_IO, path, 0, 0, "cannot be read: %s", strerror(errno));
    }
    return ST_OK;
}

void rows_memory(rows *r, const char *name, const char *bytes, size_t size) {
    *r = (rows){.name = name, .next_line = 1, .at = bytes, .end = bytes + size, .ended = true};
}

void rows_close(rows *r) {
    if (r->file)
        gzclose(r->file);
    free(r->buffer);
    free(r->text);
    free(r->begin);
    free(r->column);
    *r = (rows){0};
}

static st_status refill(rows *r, st_error *err) {
    const int got = gzread(r->file, r->buffer, BLOCK);
    int code = Z_OK;
    const char *text = gzerror(r->file, &code);
    if (got < 0 && code == Z_ERRNO)
        return st_fail_at(err, ST_IO, r->name, 0, 0, "cannot be read: %s", strerror(errno));
    if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END))
        return st_fail_at(err, ST_FORMAT, r->name, r->next_line, 0, "the gzip data is cut or corrupt (%s)", text);
    r->at = r->buffer;
    r->end = r->buffer + got;
    r->ended = got == 0;
    return ST_OK;
}

/* The next byte without taking it, or END. */
static st_status peek(rows *r, int *byte, st_error *err) {
    if (r->at == r->end && !r->ended) {
        const st_status status = refill(r, err);
        if (status != ST_OK)
            return status;
    }
    *byte = r->at < r->end ? (unsigned char)*r->at : END;
    return ST_OK;
}

static void take(rows *r) {
    r->at++;
    r->offset++;
}

static st_status refuse(const rows *r, st_error *err, const char *what) {
    return st_fail_at(err, ST_FORMAT, r->name, r->next_line, r->offset + 1, "%s", what);
}

/* ---- cells --------------------------------------------------------------------------------- */

static st_status put(rows *r, int byte, st_error *err) {
    if (r->used == r->capacity) {
        const size_t capacity = r->capacity ? 2 * r->capacity : 256;
        char *text = realloc(r->text, capacity);
        if (!text)
            return st_fail_at(err, ST_MEMORY, r->name, r->line, 0, "no memory for a row of %zu bytes", capacity);
        r->text = text;
        r->capacity = capacity;
    }
    r->text[r->used++] = (char)byte;
    return ST_OK;
}

static st_status begin_cell(rows *r, st_error *err) {
    if (r->cells == r->room) {
        const size_t room = r->room ? 2 * r->room : 16;
        size_t *begin = realloc(r->begin, room * sizeof *begin);
        if (begin)
            r->begin = begin;
        size_t *column = realloc(r->column, room * sizeof *column);
        if (column)
            r->column = column;
        if (!begin || !column)
            return st_fail_at(err, ST_MEMORY, r->name, r->line, 0, "no memory for a row of %zu cells", room);
        r->room = room;
    }
    r->begin[r->cells] = r->used;
    r->column[r->cells++] = r->offset + 1;
    return ST_OK;
}

/* A byte of a cell: its zero and a line's end are for the caller. */
static st_status take_byte(rows *r, int byte, st_error *err) {
    if (byte == 0)
        return refuse(r, err, "a zero byte: this is no text file in UTF-8");
    take(r);
    return put(r, byte, err);
}

static st_status plain_cell(rows *r, st_error *err) {
    int byte;
    st_status status;
    while ((status = peek(r, &byte, err)) == ST_OK && byte != END && byte != ',' && byte != '\n' && byte != '\r')
        if ((status = take_byte(r, byte, err)) != ST_OK)
            break;
    return status;
}

static st_status quoted_cell(rows *r, st_error *err) {
    const size_t line = r->next_line;
    int byte;
    st_status status = ST_OK;
    take(r);
    while (status == ST_OK && (status = peek(r, &byte, err)) == ST_OK) {
        if (byte == END)
            return st_fail_at(err, ST_FORMAT, r->name, line, r->column[r->cells - 1],
                              "a quoted cell that begins here is never closed");
        if (byte == '"') {
            take(r);
            if ((status = peek(r, &byte, err)) != ST_OK || byte != '"')
                break;
        }
        status = take_byte(r, byte, err);
        if (byte == '\n') {
            r->next_line++;
            r->offset = 0;
        }
    }
    if (status == ST_OK && byte != END && byte != ',' && byte != '\n' && byte != '\r')
        status = refuse(r, err, "text follows the closing quote of a cell; a comma or the end of the line should");
    return status;
}

static st_status end_line(rows *r, st_error *err) {
    int byte;
    st_status status = peek(r, &byte, err);
    if (status == ST_OK && byte == '\r') {
        take(r);
        status = peek(r, &byte, err);
    }
    if (status == ST_OK && byte == '\n')
        take(r);
    r->next_line++;
    r->offset = 0;
    return status;
}

static st_status read_row(rows *r, st_error *err) {
    int byte = ',';
    r->line = r->next_line;
    r->cells = r->used = 0;
    while (byte == ',') {
        st_status status = begin_cell(r, err);
        if (status == ST_OK)
            status = peek(r, &byte, err);
        if (status == ST_OK)
            status = byte == '"' ? quoted_cell(r, err) : plain_cell(r, err);
        if (status == ST_OK)
            status = put(r, 0, err);
        if (status == ST_OK)
            status = peek(r, &byte, err);
        if (status != ST_OK)
            return status;
        if (byte == ',')
            take(r);
    }
    return end_line(r, err);
}

/* ---- text ---------------------------------------------------------------------------------- */

/* Length of the character at `s` by the table of well-formed UTF-8 (Unicode 15, table 3-7); 0 when it is none. */
static size_t utf8_length(const unsigned char *s) {
    const unsigned lead = s[0];
    if (lead < 0x80)
        return 1;
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                          : lead >= 0xE0 && lead <= 0xEF ? 3
                          : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                         : 0;
    if (length == 0 || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    return length;
}

static st_status check_text(const rows *r, st_error *err) {
    for (size_t i = 0; i < r->cells; i++)
        for (const unsigned char *s = (const unsigned char *)rows_cell(r, i); *s;) {
            const size_t length = utf8_length(s);
            if (length == 0)
                return st_fail_at(err, ST_FORMAT, r->name, r->line, r->column[i],
                                  "the cell that begins here is not UTF-8 (byte 0x%02X); save the table as UTF-8", *s);
            s += length;
        }
    return ST_OK;
}

/* The mark that some programs put before UTF-8. */
static st_status skip_mark(rows *r, st_error *err) {
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    int byte;
    const st_status status = peek(r, &byte, err);
    if (status == ST_OK && r->end - r->at >= (ptrdiff_t)sizeof mark && memcmp(r->at, mark, sizeof mark) == 0)
        r->at += sizeof mark;
    return status;
}

st_status rows_next(rows *r, bool *more, st_error *err) {
    for (;;) {
        int byte;
        st_status status = r->next_line == 1 && r->offset == 0 ? skip_mark(r, err) : ST_OK;
        if (status == ST_OK)
            status = peek(r, &byte, err);
        *more = status == ST_OK && byte != END;
        if (!*more)
            return status;
        status = read_row(r, err);
        if (status == ST_OK)
            status = check_text(r, err);
        if (status != ST_OK)
            return status;
        if (r->header_cells == 0)
            r->header_cells = r->cells;
        const bool empty = r->cells == 1 && rows_cell(r, 0)[0] == '\0';
        if (empty && r->header_cells > 1)
            continue;
        if (r->cells != r->header_cells)
            return st_fail_at(err, ST_FORMAT, r->name, r->line, 0, "%zu cells, but the header has %zu columns",
                              r->cells, r->header_cells);
        return ST_OK;
    }
}
