/* A tree from a .gxl as VascuSynth and OpenCCO write it: nodes with a position, edges with a radius and a flow.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"
#include "names.h"
#include "xml.h"

typedef enum { ELSEWHERE, POSITION, RADIUS, FLOW } gxl_attribute;

typedef struct gxl {
    XML_Parser parser;
    const char *name;
    names nodes;
    double *point; /* [3 nodes] NaN until a node gives its position */
    size_t node_room;
    graph_vessel *vessel;
    uint32_t n_vessels;
    size_t vessel_room;

    uint32_t node; /* that is open, ST_NONE outside */
    bool in_edge;  /* the last vessel is open */
    gxl_attribute attribute;
    unsigned values; /* of the position so far */
    bool in_number;
    char text[64]; /* of the number */
    size_t length;
    st_status status; /* of a refusal from within a handler */
    st_error *err;
} gxl;

static void stop(gxl *x, st_status status) {
    if (x->status == ST_OK)
        x->status = status;
    XML_StopParser(x->parser, XML_FALSE);
}

static void refuse(gxl *x, st_status status, const char *what, const char *value) {
    if (x->status == ST_OK)
        stop(x, st_fail_at(x->err, status, x->name, XML_GetCurrentLineNumber(x->parser),
                           XML_GetCurrentColumnNumber(x->parser) + 1, what, value));
}

/* ---- nodes and vessels ----------------------------------------------------------- */

/* The array with room for one more item than n; NULL when there is none, and the array is as it was. */
static void *with_room(gxl *x, void *array, size_t n, size_t *room, size_t size) {
    if (n < *room)
        return array;
    const size_t more = *room ? 2 * *room : 1024;
    void *grown = more < UINT32_MAX / 4 ? realloc(array, more * size) : NULL;
    if (grown)
        *room = more;
    else
        stop(x, st_fail_at(x->err, ST_MEMORY, x->name, 0, 0, "no memory for more than %zu nodes or edges", n));
    return grown;
}

/* The number of a node that is named, for the first time or again. */
static uint32_t node_of(gxl *x, const char *name) {
    uint32_t node = 0;
    const uint32_t known = x->nodes.n;
    if (names_add(&x->nodes, name, &node, x->err) != ST_OK) {
        stop(x, ST_MEMORY);
        return 0;
    }
    if (node < known)
        return node;
    double *point = with_room(x, x->point, node, &x->node_room, 3 * sizeof *point);
    if (point) {
        x->point = point;
        for (size_t k = 0; k < 3; k++)
            point[3 * (size_t)node + k] = NAN;
    }
    return node;
}

static void begin_node(gxl *x, const XML_Char **pairs) {
    const char *id = xml_attribute(pairs, "id");
    if (!id) {
        refuse(x, ST_FORMAT, "a node has no id%s", "");
        return;
    }
    x->node = node_of(x, id);
    x->values = 0;
    if (x->status == ST_OK && !isnan(x->point[3 * (size_t)x->node]))
        refuse(x, ST_FORMAT, "there is a node \"%.80s\" already", id);
}

static void begin_edge(gxl *x, const XML_Char **pairs) {
    const char *from = xml_attribute(pairs, "from"), *to = xml_attribute(pairs, "to");
    if (!from || !to) {
        refuse(x, ST_FORMAT, "an edge does not say its \"%s\"", from ? "to" : "from");
        return;
    }
    graph_vessel *vessel = with_room(x, x->vessel, x->n_vessels, &x->vessel_room, sizeof *vessel);
    if (!vessel)
        return;
    x->vessel = vessel;
    vessel += x->n_vessels++;
    *vessel = (graph_vessel){.from = node_of(x, from), .to = node_of(x, to)};
    x->in_edge = true;
}

static void end_node(gxl *x) {
    if (x->values == 2) /* of a tree in a plane */
        x->point[3 * (size_t)x->node + 2] = 0;
    if (x->values < 2)
        refuse(x, ST_FORMAT, "the node \"%.80s\" has no position of two or three numbers", x->nodes.name[x->node]);
    else if (!graph_place(x->point + 3 * (size_t)x->node))
        refuse(x, ST_VALUE, "the node \"%.80s\" is farther away than a tree holds", x->nodes.name[x->node]);
    x->node = ST_NONE;
}

static void end_edge(gxl *x) {
    if (!(x->vessel[x->n_vessels - 1].radius > 0))
        refuse(x, ST_FORMAT, "this edge has no radius%s", "");
    x->in_edge = false;
}

/* ---- numbers ---------------------------------------------------------------------- */

static void take_number(gxl *x) {
    char *end;
    const double value = strtod(x->text, &end);
    while (isspace((unsigned char)*end))
        end++;
    if (end == x->text || *end || !isfinite(value)) {
        refuse(x, ST_VALUE, "\"%.60s\" is no number", x->text);
        return;
    }
    if (x->attribute == POSITION) {
        if (x->values == 3)
            refuse(x, ST_FORMAT, "a position has more than three numbers%s", "");
        else
            x->point[3 * (size_t)x->node + x->values++] = value;
    } else if (x->attribute == FLOW) {
        x->vessel[x->n_vessels - 1].demand = fmax(value, 0);
    } else {
        x->vessel[x->n_vessels - 1].radius = value;
        if (!graph_radius_right(value))
            refuse(x, ST_VALUE, "the radius is %.60s; above 0 and up to 1000 mm is right", x->text);
    }
}

/* Both programs write a blank before the name of an attribute. */
static gxl_attribute attribute_of(const gxl *x, const char *name) {
    name += strspn(name, " ");
    if (x->node != ST_NONE)
        return strcmp(name, "position") == 0 ? POSITION : ELSEWHERE;
    if (x->in_edge)
        return strcmp(name, "radius") == 0 ? RADIUS : strcmp(name, "flow") == 0 ? FLOW : ELSEWHERE;
    return ELSEWHERE;
}

/* ---- the handlers ------------------------------------------------------------------ */

static void begin(void *context, const XML_Char *element, const XML_Char **pairs) {
    gxl *x = context;
    const bool outside = x->node == ST_NONE && !x->in_edge;
    if (x->in_number) {
        refuse(x, ST_FORMAT, "an element <%.80s> stands within a number", element);
    } else if (strcmp(element, "node") == 0 && outside) {
        begin_node(x, pairs);
    } else if (strcmp(element, "edge") == 0 && outside) {
        begin_edge(x, pairs);
    } else if (strcmp(element, "attr") == 0) {
        const char *name = xml_attribute(pairs, "name");
        x->attribute = attribute_of(x, name ? name : "");
    } else if (x->attribute != ELSEWHERE && (strcmp(element, "float") == 0 || strcmp(element, "int") == 0)) {
        x->in_number = true;
        x->length = 0;
        x->text[0] = '\0';
    }
}

static void end(void *context, const XML_Char *element) {
    gxl *x = context;
    if (x->in_number) {
        x->in_number = false;
        take_number(x);
    } else if (strcmp(element, "attr") == 0) {
        x->attribute = ELSEWHERE;
    } else if (strcmp(element, "node") == 0 && x->node != ST_NONE) {
        end_node(x);
    } else if (strcmp(element, "edge") == 0 && x->in_edge) {
        end_edge(x);
    }
}

static void text(void *context, const XML_Char *bytes, int length) {
    gxl *x = context;
    const size_t more = (size_t)length;
    if (!x->in_number)
        return;
    if (more >= sizeof x->text - x->length) {
        refuse(x, ST_VALUE, "a number is longer than numbers are%s", "");
        return;
    }
    memcpy(x->text + x->length, bytes, more);
    x->length += more;
    x->text[x->length] = '\0';
}

/* ---- the door ----------------------------------------------------------------------- */

static st_status to_tree(const gxl *x, st_tree *tree, st_error *err) {
    for (uint32_t i = 0; i < x->nodes.n; i++)
        if (isnan(x->point[3 * (size_t)i]))
            return st_fail_at(err, ST_FORMAT, x->name, 0, 0, "an edge leads to the node \"%.80s\", which is not there",
                              x->nodes.name[i]);
    if (x->n_vessels == 0)
        return st_fail_at(err, ST_FORMAT, x->name, 0, 0, "it has no edges; a graph (GXL) of vessels is wanted");
    return tree_from_edges(
        &(graph){
            .name = x->name, .n_nodes = x->nodes.n, .n_vessels = x->n_vessels, .point = x->point, .vessel = x->vessel},
        tree, err);
}

st_status st_tree_parse_gxl(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err) {
    gxl x = {.name = name, .node = ST_NONE, .err = err};
    *tree = (st_tree){0};
    x.parser = xml_parser(&x, begin, end, text, err);
    if (!x.parser)
        return ST_MEMORY;
    st_status status = xml_feed(x.parser, name, bytes, size, &x.status, err);
    XML_ParserFree(x.parser);
    if (status == ST_OK)
        status = to_tree(&x, tree, err);
    names_fini(&x.nodes);
    free(x.point);
    free(x.vessel);
    return status;
}
