/* Texts put together piece by piece.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void words_add(words *w, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int more = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    const size_t wanted = w->length + (more > 0 ? (size_t)more : 0) + 1;
    if (wanted > w->capacity) {
        const size_t capacity = 2 * wanted + 64;
        char *text = realloc(w->text, capacity);
        if (text == NULL) {
            w->failed = true;
        } else {
            w->text = text;
            w->capacity = capacity;
        }
    }
    if (more > 0 && wanted <= w->capacity)
        w->length += (size_t)vsnprintf(w->text + w->length, w->capacity - w->length, format, again);
    va_end(again);
}

const char *words_keep(words *w, st_arena *arena, st_error *err) {
    const char *kept = NULL;
    if (w->failed)
        st_fail(err, ST_MEMORY, "no memory for a text of the audit");
    else
        kept = st_arena_copy(arena, w->text != NULL ? w->text : "", w->length, err);
    free(w->text);
    *w = (words){0};
    return kept;
}

void put_plain(words *w, const char *word) {
    for (const char *at = word; *at != 0; at++)
        words_add(w, "%c", *at == '_' ? ' ' : *at);
}
