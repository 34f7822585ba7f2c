/* Trees in the formats of others: .gxl, tables of nodes and edges, meshes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "tree_support.h"

static void assert_same_vessels(const st_tree *a, const st_tree *b) {
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->parent, b->parent, a->n * sizeof *a->parent);
    assert_memory_equal(a->proximal, b->proximal, a->n * sizeof *a->proximal);
    assert_memory_equal(a->distal, b->distal, a->n * sizeof *a->distal);
    assert_memory_equal(a->radius, b->radius, a->n * sizeof *a->radius);
    for (uint32_t i = 0; i < a->n; i++)
        assert_near(a->demand[i], b->demand[i], 1e-12);
}

static char *bytes_of(const char *path, size_t *size) {
    char *bytes;
    assert_ok(st_file_read(path, 1 << 30, &bytes, size, &err));
    return bytes;
}

static void assert_written_twice_the_same(const char *path, const char *look, const st_tree *tree) {
    size_t n, m;
    assert_ok(st_tree_write(path, tree, &(st_tree_fields){0}, &err));
    char *first = bytes_of(look, &n);
    assert_ok(st_tree_write(path, tree, &(st_tree_fields){0}, &err));
    char *second = bytes_of(look, &m);
    assert_int_equal(n, m);
    assert_memory_equal(first, second, n);
    free(first);
    free(second);
}

/* More than one compressed block of each array, and one that is not full. */
static void a_vtp_of_many_blocks_comes_back(void **state) {
    (void)state;
    const char *path = "test_treeformats.vtp";
    st_tree tree = depth_first(14), back;
    assert_written_twice_the_same(path, path, &tree);
    assert_ok(st_tree_read(path, &back, &err));
    assert_same_tree(&tree, &back);
    st_tree_fini(&back);
    st_tree_fini(&tree);
    unlink(path);
}

/* ---- .gxl ---------------------------------------------------------------------- */

static void a_gxl_keeps_vessels_and_flow(void **state) {
    (void)state;
    const char *path = "test_treeformats.gxl";
    st_tree tree = depth_first(7), back;
    assert_written_twice_the_same(path, path, &tree);
    assert_ok(st_tree_read(path, &back, &err));
    assert_same_vessels(&tree, &back);
    st_tree_fini(&back);
    st_tree_fini(&tree);
    unlink(path);
}

static st_status parse_gxl(const char *text, st_tree *tree) {
    err = (st_error){0};
    return st_tree_parse_gxl("test.gxl", text, strlen(text), tree, &err);
}

#define NODE(id, x, y, z)                                                                                              \
    "<node id=\"" id "\">\n  <attr name=\" nodeType\">\n <string> bifurication </string>\n</attr>\n"                   \
    "<attr name=\" position\">\n <tup>\n  <float>" x "</float>\n<float>" y "</float>\n" z "</tup>\n</attr>\n</node>\n"
#define AT(value) "<float>" value "</float>\n"
#define EDGE(id, from, to, more)                                                                                       \
    "<edge id=\"" id "\" to=\"" to "\" from=\"" from "\">" more                                                        \
    "<attr name=\" resistance\"><float>7</float></attr></edge>\n"
#define RADIUS(value) "<attr name=\" radius\">\n<float>" value "</float></attr>"
#define FLOW(value)   "<attr name=\" flow\"><float> " value " </float></attr>"
#define GXL(body)                                                                                                      \
    "<gxl><graph id=\"g\" edgeids=\" true\"><info_graph><attr name=\" pPerf\"><float>13300</float></attr>"             \
    "</info_graph>\n" body "</graph></gxl>\n"

/* As the programs write them: attributes that mean nothing here, edges before the nodes they name. */
static void a_gxl_of_others_is_understood(void **state) {
    (void)state;
    st_tree tree;
    assert_ok(parse_gxl(GXL(EDGE("e1", "n0", "n1", FLOW("30") RADIUS("2")) NODE("n0", "0", "0", AT("0"))
                                NODE("n1", "0", "0", AT("-10")) NODE("n2", "0", "5", AT("-1.5e1"))
                                    NODE("n7", "1", "-5", AT("-15")) EDGE("e2", "n1", "n2", FLOW("10") RADIUS("1.5"))
                                        EDGE("e3", "n1", "n7", FLOW("20") RADIUS("1.25"))),
                        &tree));
    assert_int_equal(tree.n, 3);
    assert_int_equal(tree.n_terminals, 2);
    assert_int_equal(tree.parent[2], 0);
    assert_near(tree.demand[0], 30, 1e-12);
    assert_near((double)tree.radius[2], 1.25, 0);
    assert_near((double)tree.distal[1][2], -15, 0);
    assert_near((double)tree.distal[2][0], 1, 0);
    st_tree_fini(&tree);
    /* in a plane */
    assert_ok(parse_gxl(GXL(NODE("a", "0", "1", "") NODE("b", "3", "5", "") EDGE("e", "a", "b", RADIUS("1"))), &tree));
    assert_near(st_tree_length(&tree, 0), 5, 1e-12);
    st_tree_fini(&tree);
}

static void broken_gxl_is_refused_with_a_reason(void **state) {
    (void)state;
    static const struct {
        const char *text, *reason;
        st_status status;
    } cases[] = {
        {"", "XML", ST_FORMAT},
        {"<gxl>", "XML", ST_FORMAT},
        {GXL(""), "no edges", ST_FORMAT},
        {GXL(NODE("a", "0", "0", AT("0"))), "no edges", ST_FORMAT},
        {GXL(NODE("a", "0", "0", AT("0")) EDGE("e", "a", "b", RADIUS("1"))), "\"b\", which is not there", ST_FORMAT},
        {GXL(NODE("a", "0", "0", AT("0")) NODE("a", "1", "0", AT("0"))), "already", ST_FORMAT},
        {GXL("<node id=\"a\"></node>"), "no position", ST_FORMAT},
        {GXL("<node></node>"), "no id", ST_FORMAT},
        {GXL("<edge from=\"a\"/>"), "\"to\"", ST_FORMAT},
        {GXL(NODE("a", "0", "0", AT("0") AT("0"))), "more than three", ST_FORMAT},
        {GXL("<node id=\"a\"><attr name=\"position\"><tup><float>1<attr/></float></tup></attr></node>"),
         "within a number", ST_FORMAT},
        {GXL(NODE("a", "0", "nan", AT("0"))), "no number", ST_VALUE},
        {GXL(NODE("a", "0", "", AT("0"))), "no number", ST_VALUE},
        {GXL(NODE("a", "0", "1e300", AT("0"))), "farther", ST_VALUE},
        {GXL(NODE("a", "0", "0", AT("0")) NODE("b", "0", "0", AT("1")) EDGE("e", "a", "b", FLOW("1"))), "no radius",
         ST_FORMAT},
        {GXL(EDGE("e", "a", "b", RADIUS("0"))), "radius is 0", ST_VALUE},
        {GXL(EDGE("e", "a", "b", RADIUS("-1"))), "radius is -1", ST_VALUE},
        {GXL(EDGE("e", "a", "b", RADIUS("1e-300"))), "radius is 1e-300", ST_VALUE},
        {GXL(NODE("a", "0", "0", AT("0")) EDGE("e", "a", "a", RADIUS("1"))), "one place", ST_FORMAT},
        {GXL(NODE("a", "0", "0", AT("0")) NODE("b", "0", "0", AT("0")) EDGE("e", "a", "b", RADIUS("1"))), "one place",
         ST_FORMAT},
        {GXL(NODE("a", "0", "0", AT("0")) NODE("b", "0", "0", AT("1")) EDGE("e", "a", "b", RADIUS("1"))
                 EDGE("f", "a", "b", RADIUS("1"))),
         "same two nodes", ST_FORMAT},
        {GXL(NODE("a", "0", "0", AT("0")) NODE("b", "0", "0", AT("1")) NODE("c", "0", "1", AT("1"))
                 EDGE("e", "a", "b", RADIUS("1")) EDGE("f", "b", "c", RADIUS("1")) EDGE("g", "c", "a", RADIUS("1"))),
         "loop", ST_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        st_tree tree;
        const st_status status = parse_gxl(cases[i].text, &tree);
        if (status != cases[i].status || !strstr(err.what, cases[i].reason))
            fail_msg("case %zu: status %d, \"%s\" instead of \"%s\"", i, (int)status, err.what, cases[i].reason);
    }
}

/* ---- tables ---------------------------------------------------------------------- */

static void tables_keep_the_tree(void **state) {
    (void)state;
    const char *nodes = "test_treeformats.nodes.csv", *edges = "test_treeformats.edges.csv";
    st_tree tree = depth_first(7), back;
    assert_written_twice_the_same(nodes, edges, &tree);
    assert_written_twice_the_same(edges, nodes, &tree);
    assert_ok(st_tree_read(nodes, &back, &err));
    assert_same_tree(&tree, &back);
    st_tree_fini(&back);
    assert_ok(st_tree_write(edges, &tree, &(st_tree_fields){.pressure = tree.demand}, &err));
    assert_ok(st_tree_read(edges, &back, &err));
    assert_same_tree(&tree, &back);
    st_tree_fini(&back);
    st_table table;
    assert_ok(st_table_read(edges, &table, &err));
    double mmhg;
    assert_ok(st_table_number(&table, 5, st_table_column(&table, "pressure_mmhg"), &mmhg, &err));
    assert_near(mmhg * ST_MMHG, tree.demand[5], 1e-12);
    st_table_fini(&table);
    unlink(nodes);
    assert_int_equal(st_tree_read(edges, &back, &err), ST_IO);
    assert_string_equal(err.file, nodes);
    unlink(edges);
    st_tree_fini(&tree);
}

static st_status parse_csv(const char *nodes, const char *edges, st_tree *tree) {
    err = (st_error){0};
    return st_tree_parse_csv(&(st_bytes){"n.csv", nodes, strlen(nodes)}, &(st_bytes){"e.csv", edges, strlen(edges)},
                             tree, &err);
}

static void tables_of_others_are_understood(void **state) {
    (void)state;
    st_tree tree;
    assert_ok(parse_csv("z_mm,y_mm,x_mm,node,note\n0,0,0,hilum,\n-10,0,0,fork,here\n-15,5,1,\"left, end\",\n",
                        "radius_mm,to,from,flow_ml_min\n2,fork,hilum,\n1.5,\"left, end\",fork,6\n", &tree));
    assert_int_equal(tree.n, 2);
    assert_int_equal(tree.parent[1], 0);
    assert_near((double)tree.distal[1][0], 1, 0);
    assert_near((double)tree.distal[1][2], -15, 0);
    assert_near(tree.demand[0], 6 * ST_ML_MIN, 1e-12);
    assert_int_equal(tree.measured[0], 0);
    st_tree_fini(&tree);
}

static void broken_tables_are_refused_with_their_line(void **state) {
    (void)state;
#define TWO  "node,x_mm,y_mm,z_mm\na,0,0,0\nb,0,0,1\n"
#define FROM "from,to,radius_mm,lesion,measured,flow_ml_min\n"
    static const struct {
        const char *nodes, *edges, *reason, *file;
        size_t line;
        st_status status;
    } cases[] = {
        {"", FROM "a,b,1,,,\n", "", "n.csv", 0, ST_FORMAT},
        {"node,x_mm,y_mm\na,0,0\n", FROM "a,b,1,,,\n", "z_mm", "n.csv", 0, ST_FORMAT},
        {"node,x_mm,y_mm,z_mm\n", FROM "a,b,1,,,\n", "no nodes", "n.csv", 0, ST_FORMAT},
        {TWO "a,1,1,1\n", FROM "a,b,1,,,\n", "before", "n.csv", 4, ST_FORMAT},
        {TWO ",1,1,1\n", FROM "a,b,1,,,\n", "no name", "n.csv", 4, ST_FORMAT},
        {TWO "c,1,,1\n", FROM "a,b,1,,,\n", "y_mm is empty", "n.csv", 4, ST_VALUE},
        {TWO "c,1,nan,1\n", FROM "a,b,1,,,\n", "", "n.csv", 4, ST_VALUE},
        {TWO "c,1,1e39,1\n", FROM "a,b,1,,,\n", "farther", "n.csv", 4, ST_VALUE},
        {TWO, FROM, "no edges", "e.csv", 0, ST_FORMAT},
        {TWO, "from,to\na,b\n", "radius_mm", "e.csv", 0, ST_FORMAT},
        {TWO, FROM "a,c,1,,,\n", "\"c\" is no node", "e.csv", 2, ST_FORMAT},
        {TWO, FROM "a,b,,,,\n", "radius_mm is empty", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,b,0,,,\n", "radius is 0", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,b,-1,,,\n", "radius is -1", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,b,1001,,,\n", "radius is 1001", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,b,1,70000,,\n", "lesion is 70000", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,b,1,0.5,,\n", "lesion is 0.5", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,b,1,,2,\n", "measured is 2", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,b,1,,,inf\n", "", "e.csv", 2, ST_VALUE},
        {TWO, FROM "a,a,1,,,\n", "one place", "e.csv", 0, ST_FORMAT},
        {TWO "c,0,-0,0\n", FROM "a,c,1,,,\n", "one place", "e.csv", 0, ST_FORMAT},
        {TWO, FROM "a,b,1,,,\na,b,1,,,\n", "same two nodes", "e.csv", 0, ST_FORMAT},
        {TWO "c,1,1,1\n", FROM "a,b,1,,,\nb,c,1,,,\nc,a,1,,,\n", "loop", "e.csv", 0, ST_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        st_tree tree;
        const st_status status = parse_csv(cases[i].nodes, cases[i].edges, &tree);
        if (status != cases[i].status || !strstr(err.what, cases[i].reason) || strcmp(err.file, cases[i].file) != 0 ||
            (cases[i].line > 0 && err.line != cases[i].line) || err.what[0] == 0)
            fail_msg("case %zu: status %d, %s:%zu: \"%s\" instead of \"%s\"", i, (int)status, err.file, err.line,
                     err.what, cases[i].reason);
    }
}

/* ---- meshes ------------------------------------------------------------------------ */

typedef struct mesh {
    size_t n; /* vertices, and as many triangles */
    double (*vertex)[3], *scalar;
    size_t (*triangle)[3];
} mesh;

static mesh mesh_of(size_t n) {
    const mesh m = {n, calloc(n, sizeof *m.vertex), calloc(n, sizeof *m.scalar), calloc(n, sizeof *m.triangle)};
    assert_true(m.vertex && m.scalar && m.triangle);
    return m;
}

static void mesh_free(mesh *m) {
    free(m->vertex);
    free(m->scalar);
    free(m->triangle);
}

static mesh read_obj(const char *path) {
    size_t size, n = 0, v = 0, f = 0;
    char *text = bytes_of(path, &size);
    for (const char *at = text; (at = strstr(at, "\nv ")); at++)
        n++;
    mesh m = mesh_of(n);
    assert_non_null(strstr(text, "# SPACE=LPS\n"));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (line[0] == 'v') {
            double *p = m.vertex[v++];
            assert_int_equal(sscanf(line, "v %lf %lf %lf", &p[0], &p[1], &p[2]), 3);
        } else if (line[0] == 'f') {
            size_t *corner = m.triangle[f++];
            assert_int_equal(sscanf(line, "f %zu %zu %zu", &corner[0], &corner[1], &corner[2]), 3);
        }
    }
    assert_int_equal(v, n);
    assert_int_equal(f, n);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            assert_in_range(m.triangle[i][k], 1, n);
            m.triangle[i][k]--;
        }
    free(text);
    return m;
}

static uint32_t u32(const char *at) {
    const unsigned char *b = (const unsigned char *)at;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static double f32(const char *at) {
    const uint32_t bits = u32(at);
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static mesh read_mz3(const char *path) {
    size_t size;
    char *bytes = bytes_of(path, &size); /* unpacked */
    assert_memory_equal(bytes, "MZ\013\0", 4);
    const size_t n = u32(bytes + 8);
    assert_int_equal(u32(bytes + 4), n);
    assert_int_equal(u32(bytes + 12), 0);
    assert_int_equal(size, 16 + n * (12 + 12 + 4));
    mesh m = mesh_of(n);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 3; k++) {
            m.triangle[i][k] = u32(bytes + 16 + 12 * i + 4 * k);
            m.vertex[i][k] = f32(bytes + 16 + 12 * n + 12 * i + 4 * k);
        }
        m.scalar[i] = f32(bytes + 16 + 24 * n + 4 * i);
    }
    free(bytes);
    return m;
}

static void minus(const double a[3], const double b[3], double c[3]) {
    for (int k = 0; k < 3; k++)
        c[k] = a[k] - b[k];
}

static double dot(const double a[3], const double b[3]) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void normal_of(const mesh *m, size_t i, double normal[3]) {
    double u[3], v[3];
    minus(m->vertex[m->triangle[i][1]], m->vertex[m->triangle[i][0]], u);
    minus(m->vertex[m->triangle[i][2]], m->vertex[m->triangle[i][0]], v);
    for (int k = 0; k < 3; k++)
        normal[k] = u[(k + 1) % 3] * v[(k + 2) % 3] - u[(k + 2) % 3] * v[(k + 1) % 3];
}

/* From the axis of a segment to a point, square to the axis; answers where along it (0 to 1) the point stands. */
static double from_axis(const st_tree *tree, uint32_t segment, const double p[3], double out[3]) {
    double a[3], d[3], to[3];
    for (int k = 0; k < 3; k++) {
        a[k] = (double)tree->proximal[segment][k];
        d[k] = (double)tree->distal[segment][k] - a[k];
    }
    minus(p, a, to);
    const double t = dot(to, d) / dot(d, d);
    for (int k = 0; k < 3; k++)
        out[k] = to[k] - t * d[k];
    return t;
}

/* Each segment is a prism of the sides that are promised: its corners lie on the vessel, its area is that of the prism,
 * its triangles look outward. */
static void a_mesh_is_the_tubes_of_the_tree(void **state) {
    (void)state;
    const char *path = "test_treeformats.obj";
    st_tree tree = depth_first(5);
    assert_written_twice_the_same(path, path, &tree);
    mesh m = read_obj(path);
    size_t first = 0;
    for (uint32_t i = 0; i < tree.n; i++) {
        const double r = (double)tree.radius[i];
        const size_t sides = (size_t)fmax(4, round(12 * sqrt(r / (double)tree.radius[0])));
        double area = 0, out[3], normal[3];
        for (size_t k = first; k < first + 2 * sides; k++) {
            const double t = from_axis(&tree, i, m.vertex[k], out);
            assert_near(sqrt(dot(out, out)), r, 1e-4);
            assert_true(fabs(t - (k < first + sides ? 0 : 1)) < 1e-4);
            normal_of(&m, k, normal);
            area += 0.5 * sqrt(dot(normal, normal));
            for (int c = 0; c < 3; c++) {
                assert_in_range(m.triangle[k][c], first, first + 2 * sides - 1);
                from_axis(&tree, i, m.vertex[m.triangle[k][c]], out);
                assert_true(dot(normal, out) > 0);
            }
        }
        assert_near(area, 2 * (double)sides * r * sin(M_PI / (double)sides) * st_tree_length(&tree, i), 1e-4);
        first += 2 * sides;
    }
    assert_int_equal(first, m.n);
    mesh_free(&m);
    st_tree_fini(&tree);
    unlink(path);
}

/* The same in RAS, with the radius of each vertex. */
static void a_mz3_is_the_same_mesh_in_ras(void **state) {
    (void)state;
    const char *text = "test_treeformats.obj", *path = "test_treeformats.mz3";
    st_tree tree = depth_first(5), back;
    assert_ok(st_tree_write(text, &tree, &(st_tree_fields){0}, &err));
    assert_written_twice_the_same(path, path, &tree);
    mesh a = read_obj(text), b = read_mz3(path);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.triangle, b.triangle, a.n * sizeof *a.triangle);
    for (size_t i = 0; i < a.n; i++) {
        assert_true(fabs(a.vertex[i][0] + b.vertex[i][0]) < 1e-4);
        assert_true(fabs(a.vertex[i][1] + b.vertex[i][1]) < 1e-4);
        assert_true(fabs(a.vertex[i][2] - b.vertex[i][2]) < 1e-4);
    }
    assert_near(b.scalar[0], (double)tree.radius[0], 0);
    assert_near(b.scalar[b.n - 1], (double)tree.radius[tree.n - 1], 0);
    assert_int_equal(st_tree_read(path, &back, &err), ST_FORMAT);
    assert_non_null(strstr(err.what, ".nodes.csv"));
    mesh_free(&a);
    mesh_free(&b);
    st_tree_fini(&tree);
    unlink(text);
    unlink(path);
}

static void an_unwritable_place_is_named(void **state) {
    (void)state;
    static const char *const names[] = {"x.vtp", "x.swc", "x.gxl", "x.nodes.csv", "x.edges.csv", "x.obj", "x.mz3"};
    st_tree tree = depth_first(1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "no/such/folder/%s", names[i]);
        err = (st_error){0};
        assert_int_equal(st_tree_write(path, &tree, &(st_tree_fields){0}, &err), ST_IO);
        assert_non_null(strstr(err.file, "no/such/folder/x."));
    }
    st_tree_fini(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vtp_of_many_blocks_comes_back),
        cmocka_unit_test(a_gxl_keeps_vessels_and_flow),
        cmocka_unit_test(a_gxl_of_others_is_understood),
        cmocka_unit_test(broken_gxl_is_refused_with_a_reason),
        cmocka_unit_test(tables_keep_the_tree),
        cmocka_unit_test(tables_of_others_are_understood),
        cmocka_unit_test(broken_tables_are_refused_with_their_line),
        cmocka_unit_test(a_mesh_is_the_tubes_of_the_tree),
        cmocka_unit_test(a_mz3_is_the_same_mesh_in_ras),
        cmocka_unit_test(an_unwritable_place_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
