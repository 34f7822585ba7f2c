/* What the readers of XML share: attributes by name, a parser with its handlers, and expat fed in pieces.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xml.h"

#include <string.h>

const char *xml_attribute(const XML_Char **pairs, const char *name) {
    for (; pairs[0]; pairs += 2)
        if (strcmp(pairs[0], name) == 0)
            return pairs[1];
    return NULL;
}

XML_Parser xml_parser(void *context, XML_StartElementHandler begin, XML_EndElementHandler end,
                      XML_CharacterDataHandler text, st_error *err) {
    XML_Parser parser = XML_ParserCreate(NULL);
    if (!parser) {
        (void)st_fail(err, ST_MEMORY, "no memory for the XML parser");
        return NULL;
    }
    XML_SetUserData(parser, context);
    XML_SetElementHandler(parser, begin, end);
    XML_SetCharacterDataHandler(parser, text);
    return parser;
}

st_status xml_feed(XML_Parser parser, const char *name, const char *bytes, size_t size, const st_status *refused,
                   st_error *err) {
    enum { PIECE = 1 << 20 };
    for (size_t at = 0; at <= size;) {
        const size_t piece = size - at < PIECE ? size - at : PIECE;
        const enum XML_Status parsed = XML_Parse(parser, bytes + at, (int)piece, at + piece == size);
        if (*refused != ST_OK || XML_GetErrorCode(parser) == XML_ERROR_ABORTED)
            return *refused;
        if (parsed != XML_STATUS_OK)
            return st_fail_at(err, ST_FORMAT, name, XML_GetCurrentLineNumber(parser),
                              XML_GetCurrentColumnNumber(parser) + 1, "this is not valid XML: %s",
                              XML_ErrorString(XML_GetErrorCode(parser)));
        at += piece;
        if (at == size)
            break;
    }
    return ST_OK;
}
