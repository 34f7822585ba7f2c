/* The XML of a VTK PolyData file, by expat.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "vtp.h"
#include "xml.h"

typedef struct xml {
    XML_Parser parser;
    vtp_file *file;
    char section[16];
    vtp_array *open; /* the DataArray whose text comes */
    unsigned nested; /* elements within it that are open: their text is no data */
    size_t room;
    bool poly_data;
    st_status status; /* of a refusal from within a handler */
    st_error *err;
} xml;

static void refuse(xml *x, st_status status, const char *what, const char *value) {
    x->status = st_fail_at(x->err, status, x->file->name, XML_GetCurrentLineNumber(x->parser),
                           XML_GetCurrentColumnNumber(x->parser) + 1, what, value);
    XML_StopParser(x->parser, XML_FALSE);
}

static void number(xml *x, const XML_Char **pairs, const char *name, uint64_t *value) {
    const char *text = xml_attribute(pairs, name);
    char *end;
    if (!text)
        return;
    const unsigned long long read = strtoull(text, &end, 10);
    if (end == text || *end || text[0] == '-')
        refuse(x, ST_FORMAT, "\"%.80s\" is no count", text);
    else
        *value = read;
}

static void begin_file(xml *x, const XML_Char **pairs) {
    const char *type = xml_attribute(pairs, "type"), *order = xml_attribute(pairs, "byte_order");
    const char *header = xml_attribute(pairs, "header_type"), *compressor = xml_attribute(pairs, "compressor");
    if (!type || strcmp(type, "PolyData") != 0) {
        refuse(x, ST_FORMAT, "the VTK file holds %.80s; PolyData with lines is wanted", type ? type : "nothing named");
        return;
    }
    x->poly_data = true;
    x->file->big_endian = order && strcmp(order, "BigEndian") == 0;
    x->file->header64 = header && strcmp(header, "UInt64") == 0;
    x->file->zlib = compressor != NULL;
    if (compressor && strcmp(compressor, "vtkZLibDataCompressor") != 0)
        refuse(x, ST_FORMAT, "the compressor %.80s is not read; zlib or none is", compressor);
}

static void begin_piece(xml *x, const XML_Char **pairs) {
    if (x->file->pieces++ > 0) {
        refuse(x, ST_FORMAT, "a second Piece begins here; one is read%s", "");
        return;
    }
    number(x, pairs, "NumberOfPoints", &x->file->n_points);
    number(x, pairs, "NumberOfLines", &x->file->n_lines);
    number(x, pairs, "NumberOfVerts", &x->file->n_verts);
}

static void begin_array(xml *x, const XML_Char **pairs) {
    const char *name = xml_attribute(pairs, "Name"), *type = xml_attribute(pairs, "type"),
               *format = xml_attribute(pairs, "format");
    if (x->file->n_arrays == VTP_ARRAYS) {
        refuse(x, ST_FORMAT, "there are too many arrays%s", "");
        return;
    }
    vtp_array *a = &x->file->array[x->file->n_arrays++];
    *a = (vtp_array){.components = 1, .line = XML_GetCurrentLineNumber(x->parser)};
    snprintf(a->section, sizeof a->section, "%s", x->section);
    snprintf(a->name, sizeof a->name, "%s", name ? name : "");
    snprintf(a->type, sizeof a->type, "%s", type ? type : "");
    snprintf(a->format, sizeof a->format, "%s", format ? format : "ascii");
    number(x, pairs, "NumberOfComponents", &a->components);
    a->has_offset = xml_attribute(pairs, "offset") != NULL;
    number(x, pairs, "offset", &a->offset);
    x->open = a;
    x->room = 0;
}

/* What follows is no XML: expat stops here, and the data is found behind the underscore. */
static void begin_appended(xml *x, const XML_Char **pairs) {
    const char *encoding = xml_attribute(pairs, "encoding");
    x->file->appended_base64 = !encoding || strcmp(encoding, "base64") == 0;
    x->file->appended = ""; /* found by find_appended */
    XML_StopParser(x->parser, XML_FALSE);
}

static void begin(void *context, const XML_Char *element, const XML_Char **pairs) {
    static const char *const sections[] = {"Points", "Lines", "Verts", "PointData", "CellData", "FieldData"};
    xml *x = context;
    if (x->open)
        x->nested++;
    else if (strcmp(element, "VTKFile") == 0)
        begin_file(x, pairs);
    else if (strcmp(element, "Piece") == 0)
        begin_piece(x, pairs);
    else if (strcmp(element, "DataArray") == 0)
        begin_array(x, pairs);
    else if (strcmp(element, "AppendedData") == 0)
        begin_appended(x, pairs);
    else
        for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
            if (strcmp(element, sections[i]) == 0)
                snprintf(x->section, sizeof x->section, "%s", element);
}

static void end(void *context, const XML_Char *element) {
    xml *x = context;
    if (x->nested > 0)
        x->nested--;
    else if (strcmp(element, "DataArray") == 0)
        x->open = NULL;
}

static void text(void *context, const XML_Char *bytes, int length) {
    xml *x = context;
    vtp_array *a = x->open;
    if (!a || x->nested > 0)
        return;
    const size_t more = (size_t)length;
    if (a->text_size + more + 1 > x->room) {
        const size_t room = 2 * (a->text_size + more + 1);
        char *grown = realloc(a->text, room);
        if (!grown) {
            refuse(x, ST_MEMORY, "no memory for the array%s", "");
            return;
        }
        a->text = grown;
        x->room = room;
    }
    memcpy(a->text + a->text_size, bytes, more);
    a->text_size += more;
    a->text[a->text_size] = '\0';
}

static st_status find_appended(const char *name, const char *bytes, size_t size, size_t from, vtp_file *file,
                               st_error *err) {
    const char *mark = memchr(bytes + from, '_', size - from);
    if (!mark)
        return st_fail_at(err, ST_FORMAT, name, 0, 0, "the appended data does not begin with an underscore");
    file->appended = mark + 1;
    file->appended_size = size - (size_t)(mark + 1 - bytes);
    return ST_OK;
}

st_status vtp_xml_parse(const char *name, const char *bytes, size_t size, vtp_file *file, st_error *err) {
    *file = (vtp_file){.name = name};
    xml x = {.file = file, .err = err};
    x.parser = xml_parser(&x, begin, end, text, err);
    if (!x.parser)
        return ST_MEMORY;
    st_status status = xml_feed(x.parser, name, bytes, size, &x.status, err);
    if (status == ST_OK && file->appended)
        status = find_appended(name, bytes, size, (size_t)XML_GetCurrentByteIndex(x.parser), file, err);
    XML_ParserFree(x.parser);
    if (status == ST_OK && !x.poly_data)
        status = st_fail_at(err, ST_FORMAT, name, 0, 0, "this is XML, but not a VTK file");
    if (status != ST_OK)
        vtp_file_fini(file);
    return status;
}

void vtp_file_fini(vtp_file *file) {
    for (size_t i = 0; i < file->n_arrays; i++)
        free(file->array[i].text);
    file->n_arrays = 0;
}
