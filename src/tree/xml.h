/* What the readers of XML share: attributes by name, a parser with its handlers, and expat fed in pieces.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_XML_H
#define STASIS_TREE_XML_H

#include <expat.h>
#include <stasis/base.h>

/* The value of an attribute, NULL when absent. */
const char *xml_attribute(const XML_Char **pairs, const char *name);

/* A parser that hands `context` to its handlers; NULL with `err` filled when there is no memory. */
XML_Parser xml_parser(void *context, XML_StartElementHandler begin, XML_EndElementHandler end,
                      XML_CharacterDataHandler text, st_error *err);

/* Parses until the end or until a handler stops the parser; a handler that refuses sets *refused before. ST_FORMAT with
 * the place for what is no XML. */
st_status xml_feed(XML_Parser parser, const char *name, const char *bytes, size_t size, const st_status *refused,
                   st_error *err);

#endif
