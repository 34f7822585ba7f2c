/* .vtp: what is written is read back, what others write is understood, what is broken is refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include "tree_support.h"

/* Two zlib blocks of 16 and 8 bytes with the same six numbers, 64-bit header. */
#define ZLIB_POINTS "AgAAAAAAAAAQAAAAAAAAAAgAAAAAAAAACwAAAAAAAAAMAAAAAAAAAA==eJxjYEAFAAAQAAF4nGNgAANHAABJAEI="

/* The same as VTK writes it: one block that is not full, of blocks of 32768 bytes; 32-bit header. */
#define VTK_POINTS "AQAAAACAAAAYAAAADAAAAA==eJxjYMAKHAEAWQBC"

static st_status parse(const char *text, st_tree *tree) {
    err = (st_error){0};
    return st_tree_parse_vtp("test.vtp", text, strlen(text), tree, &err);
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    const char *path = "test_treefile.vtp";
    st_tree tree = depth_first(7), back;
    assert_ok(st_tree_write_vtp(path, &tree, &(st_tree_fields){0}, &err));
    assert_ok(st_tree_read(path, &back, &err));
    assert_same_tree(&tree, &back);
    st_tree_fini(&back);
    uint32_t *number = calloc(tree.n, sizeof *number);
    assert_non_null(number);
    assert_ok(st_tree_write_vtp(
        path, &tree,
        &(st_tree_fields){.flow = tree.demand, .pressure = tree.demand, .territory = number, .lodged = number}, &err));
    assert_ok(st_tree_read(path, &back, &err));
    assert_same_tree(&tree, &back);
    free(number);
    st_tree_fini(&back);
    st_tree_fini(&tree);
    unlink(path);
}

static void a_swc_keeps_the_vessels(void **state) {
    (void)state;
    const char *path = "test_treefile.swc";
    st_tree tree = depth_first(7), back;
    assert_ok(st_tree_write(path, &tree, &(st_tree_fields){0}, &err));
    assert_ok(st_tree_read(path, &back, &err));
    assert_int_equal(tree.n, back.n);
    assert_memory_equal(tree.parent, back.parent, tree.n * sizeof *tree.parent);
    assert_memory_equal(tree.proximal, back.proximal, tree.n * sizeof *tree.proximal);
    assert_memory_equal(tree.distal, back.distal, tree.n * sizeof *tree.distal);
    assert_memory_equal(tree.radius, back.radius, tree.n * sizeof *tree.radius);
    st_tree_fini(&back);
    assert_int_equal(st_tree_write("test_treefile.stl", &tree, &(st_tree_fields){0}, &err), ST_FORMAT);
    assert_int_equal(st_tree_read("test_treefile.stl", &back, &err), ST_FORMAT);
    st_tree_fini(&tree);
    unlink(path);
}

/* Text that ends without a zero, as a piece of memory does. */
static void a_swc_needs_no_closing_zero(void **state) {
    (void)state;
    const char *text = "1 0 0 0 0 1 -1\n2 0 0 0 7 1 1";
    char *bytes = malloc(strlen(text));
    assert_non_null(bytes);
    memcpy(bytes, text, strlen(text));
    st_tree tree;
    assert_ok(st_tree_parse_swc("test.swc", bytes, strlen(text), &tree, &err));
    assert_int_equal(tree.n, 1);
    st_tree_fini(&tree);
    free(bytes);
}

/* Ids in any order, a comment, a node that repeats its parent's place, two roots. */
static void a_swc_of_others_is_understood(void **state) {
    (void)state;
    const char *text =
        "# by hand\n\n30 2 0 0 -10 1.5 20\r\n10 1 0 0 0 2 -1\n20 1 0 0 0 2 10\n 7 0 9 9 9 1 -1\n8 0 9 9 5 1 7\n"
        "11 0 -0 0 0 1 10";
    st_tree tree;
    assert_ok(st_tree_parse_swc("test.swc", text, strlen(text), &tree, &err));
    assert_int_equal(tree.n, 2);
    assert_int_equal(tree.parent[0], ST_NONE);
    assert_int_equal(tree.parent[1], ST_NONE);
    assert_near((double)tree.radius[0], 1.5, 1e-7);
    assert_near((double)tree.distal[1][2], 5, 1e-7);
    st_tree_fini(&tree);
}

static void broken_swc_is_refused_with_its_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t line;
        st_status status;
    } cases[] = {{"", 0, ST_FORMAT},
                 {"1 0 0 0 0 1 -1\n", 0, ST_FORMAT},
                 {"1 0 0 0 0 1 -1\n2 0 0 0 1 1\n", 2, ST_FORMAT},
                 {"1 0 0 0 0 1 -1\n2 0 0 0 1 1 1 5\n", 2, ST_FORMAT},
                 {"1 0 0 0 0 1 -1\n2 0 0 0 nan 1 1\n", 2, ST_FORMAT},
                 {"1 0 0 0 0 1 -1\n2 0 0 0 1 0 1\n", 2, ST_VALUE},
                 {"1 0 0 0 0 1 -1\n1 0 0 0 1 1 1\n", 2, ST_FORMAT},
                 {"1 0 0 0 0 1 -1\n2 0 0 0 1 1 9\n", 2, ST_FORMAT},
                 {"1 0 0 0 0 1 2\n2 0 0 0 1 1 1\n", 0, ST_FORMAT},
                 {"1 0 0 0 0 1 2\n2 0 0 0 0 1 1\n", 1, ST_FORMAT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        st_tree tree;
        err = (st_error){0};
        const st_status status = st_tree_parse_swc("test.swc", cases[i].text, strlen(cases[i].text), &tree, &err);
        if (status != cases[i].status || err.line != cases[i].line || err.what[0] == 0)
            fail_msg("case %zu: status %d, line %zu, \"%s\"", i, (int)status, err.line, err.what);
    }
}

static void an_unwritable_place_is_named(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(1, 1, 20, 1, false);
    assert_int_equal(st_tree_write_vtp("no/such/folder/tree.vtp", &tree, &(st_tree_fields){0}, &err), ST_IO);
    assert_non_null(strstr(err.file, "no/such/folder/tree.vtp"));
    st_tree_fini(&tree);
}

#define PIECE(points, lines)                                                                                           \
    "<?xml version=\"1.0\"?>\n<VTKFile type=\"PolyData\" version=\"0.1\" byte_order=\"LittleEndian\">\n<PolyData>\n"   \
    "<Piece NumberOfPoints=\"" points "\" NumberOfVerts=\"0\" NumberOfLines=\"" lines "\">\n"
#define ASCII(type, name, values)                                                                                      \
    "<DataArray type=\"" type "\" Name=\"" name "\" format=\"ascii\">" values "</DataArray>\n"
#define CLOSE "</Piece></PolyData></VTKFile>\n"

/* Two centrelines from one inlet, as VMTK writes them: the common part stands in both. */
static const char *const centrelines = PIECE("7", "2") "<PointData>\n" ASCII(
    "Float64", "MaximumInscribedSphereRadius",
    "2 2 1 1  2 2 1.5") "</PointData>\n<Points>\n"
                        "<DataArray type=\"Float64\" Name=\"Points\" NumberOfComponents=\"3\" format=\"ascii\">"
                        "0 0 0  0 0 -10  5 0 -15  9 0 -20  0 0 0  0 0 -10  -5 0 "
                        "-15</DataArray></Points>\n<Lines>\n" ASCII("Int64", "connectivity", "0 1 2 3 4 5 6")
                            ASCII("Int64", "offsets", "4 7") "</Lines>\n" CLOSE;

static void overlapping_centrelines_make_one_tree(void **state) {
    (void)state;
    st_tree tree;
    assert_ok(parse(centrelines, &tree));
    assert_int_equal(tree.n, 4); /* trunk, two steps of one branch, one of the other */
    assert_int_equal(tree.n_terminals, 2);
    assert_int_equal(tree.parent[0], ST_NONE);
    assert_int_equal(tree.parent[1], 0);
    assert_int_equal(tree.parent[2], 1);
    assert_int_equal(tree.parent[3], 0);
    assert_near((double)tree.radius[0], 2, 1e-7);
    assert_near((double)tree.radius[1], 1.5, 1e-7);
    assert_near((double)tree.radius[3], 1.75, 1e-7);
    assert_near((double)tree.distal[3][0], -5, 1e-7);
    st_tree_fini(&tree);
}

#define ZIPPED(header, points)                                                                                         \
    "<VTKFile type=\"PolyData\" byte_order=\"LittleEndian\" header_type=\"" header                                     \
    "\" compressor=\"vtkZLibDataCompressor\"><PolyData><Piece NumberOfPoints=\"2\" "                                   \
    "NumberOfLines=\"1\"><PointData>" ASCII(                                                                           \
        "Float32", "Radius",                                                                                           \
        "1 1") "</PointData><Points>"                                                                                  \
               "<DataArray type=\"Float32\" Name=\"Points\" NumberOfComponents=\"3\" format=\"binary\">" points        \
               "</DataArray></Points><Lines>" ASCII("Int32", "connectivity", "0 1")                                    \
                   ASCII("Int32", "offsets", "2") "</Lines></Piece></PolyData></VTKFile>"

/* The same two points: ascii above, here base64 in one run, and zlib blocks (made with another program). */
static void packed_arrays_are_understood(void **state) {
    (void)state;
    st_tree tree;
    /* UInt32 size 24, then six Float32: 0 0 0 0 0 8 */
    assert_ok(parse(PIECE("2", "1") "<PointData>" ASCII(
                        "Float32", "Radius",
                        "1 1") "</PointData><Points>"
                               "<DataArray type=\"Float32\" Name=\"Points\" NumberOfComponents=\"3\" format=\"binary\">"
                               "GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQQ==</DataArray></Points><Lines>" ASCII(
                                   "Int32", "connectivity", "0 1") ASCII("Int32", "offsets", "2") "</Lines>" CLOSE,
                    &tree));
    assert_int_equal(tree.n, 1);
    assert_near((double)tree.distal[0][2], 8, 1e-7);
    st_tree_fini(&tree);
    assert_ok(parse(ZIPPED("UInt64", ZLIB_POINTS), &tree));
    assert_near((double)tree.distal[0][2], 8, 1e-7);
    st_tree_fini(&tree);
    assert_ok(parse(ZIPPED("UInt32", VTK_POINTS), &tree));
    assert_near((double)tree.distal[0][2], 8, 1e-7);
    st_tree_fini(&tree);
}

/* VTK keeps ranges as elements within the array. */
static void elements_within_an_array_are_no_data(void **state) {
    (void)state;
    st_tree tree;
    assert_ok(parse(PIECE("2", "1") "<PointData>" ASCII(
                        "Float32", "Radius",
                        "1 1") "</PointData><Points>"
                               "<DataArray type=\"Float32\" Name=\"Points\" NumberOfComponents=\"3\" format=\"ascii\">"
                               "<InformationKey name=\"L2_NORM_RANGE\"><Value index=\"0\">5</Value></InformationKey>"
                               "0 0 0 0 0 8</DataArray></Points><Lines>" ASCII("Int32", "connectivity", "0 1")
                                   ASCII("Int32", "offsets", "2") "</Lines>" CLOSE,
                    &tree));
    assert_near((double)tree.proximal[0][0], 0, 0);
    assert_near((double)tree.distal[0][2], 8, 1e-7);
    st_tree_fini(&tree);
}

static void reversed_lines_grow_from_the_widest_end(void **state) {
    (void)state;
    st_tree tree;
    assert_ok(parse(
        PIECE("6", "3") "<PointData>" ASCII(
            "Float32", "Radius",
            "3 3 1 1 2 2") "</PointData><Points>"
                           "<DataArray type=\"Float32\" Name=\"Points\" NumberOfComponents=\"3\" format=\"ascii\">"
                           "0 0 0 0 0 9  7 0 9 0 0 9  0 0 9 0 7 9</DataArray></Points><Lines>" ASCII(
                               "Int32", "connectivity", "0 1 2 3 4 5")
                               ASCII("Int32", "offsets", "2 4 6") "</Lines>" CLOSE,
        &tree));
    assert_int_equal(tree.n, 3);
    assert_int_equal(tree.parent[1], 0);
    assert_int_equal(tree.parent[2], 0);
    assert_near((double)tree.distal[1][0], 7, 1e-7);
    st_tree_fini(&tree);
}

static void broken_files_are_refused_with_a_reason(void **state) {
    (void)state;
    static const struct {
        const char *text, *reason;
        st_status status;
    } cases[] = {
        {"", "not valid XML", ST_FORMAT},
        {"<VTKFile type=\"PolyData\"><PolyData>", "not valid XML", ST_FORMAT},
        {"<svg></svg>", "not a VTK file", ST_FORMAT},
        {"<VTKFile type=\"ImageData\"></VTKFile>", "PolyData", ST_FORMAT},
        {"<VTKFile type=\"PolyData\" compressor=\"vtkLZ4DataCompressor\"></VTKFile>", "zlib", ST_FORMAT},
        {PIECE("0", "0") CLOSE, "no lines", ST_FORMAT},
        {PIECE("4000000000", "1") CLOSE, "more points", ST_FORMAT},
        {PIECE("2", "1") CLOSE, "no array Points", ST_FORMAT},
        {PIECE("2", "1") "<Points>" ASCII("Float32", "p", "0 0 0 0 0 1") "</Points>" CLOSE,
         "MaximumInscribedSphereRadius", ST_FORMAT},
        {PIECE("2", "1") "<PointData>" ASCII("Float32", "Radius", "1 -1") "</PointData><Points>" ASCII(
             "Float32", "p", "0 0 0 0 0 1") "</Points><Lines>" ASCII("Int8", "connectivity", "0 1")
             ASCII("Int8", "offsets", "2") "</Lines>" CLOSE,
         "radius -1", ST_VALUE},
        {PIECE("2", "1") "<PointData>" ASCII("Float32", "Radius", "1 1") "</PointData><Points>" ASCII(
             "Float32", "p", "0 0 0 0 0 nan") "</Points>" CLOSE,
         "not finite", ST_FORMAT},
        {PIECE("2", "1") "<PointData>" ASCII("Float32", "Radius", "1 1") "</PointData><Points>" ASCII(
             "Float32", "p", "0 0 0 0 0 1") "</Points><Lines>" ASCII("Int8", "connectivity", "0 5")
             ASCII("Int8", "offsets", "2") "</Lines>" CLOSE,
         "does not exist", ST_FORMAT},
        {PIECE("4", "1") "<PointData>" ASCII("Float32", "Radius", "1 1 1 1") "</PointData><Points>" ASCII(
             "Float32", "p", "0 0 9 0 0 0 1 0 0 0 1 0") "</Points><Lines>" ASCII("Int8", "connectivity", "0 1 2 3 1")
             ASCII("Int8", "offsets", "5") "</Lines>" CLOSE,
         "loop", ST_FORMAT},
        {PIECE("3", "1") "<PointData>" ASCII("Float32", "Radius", "1 1 1") "</PointData><Points>" ASCII(
             "Float32", "p", "0 0 0 1 0 0 0 1 0") "</Points><Lines>" ASCII("Int8", "connectivity", "0 1 2 0")
             ASCII("Int8", "offsets", "4") "</Lines>" CLOSE,
         "loop", ST_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        st_tree tree;
        const st_status status = parse(cases[i].text, &tree);
        if (status != cases[i].status || !strstr(err.what, cases[i].reason))
            fail_msg("case %zu: status %d, \"%s\" instead of \"%s\"", i, (int)status, err.what, cases[i].reason);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_swc_keeps_the_vessels),
        cmocka_unit_test(a_swc_needs_no_closing_zero),
        cmocka_unit_test(a_swc_of_others_is_understood),
        cmocka_unit_test(broken_swc_is_refused_with_its_line),
        cmocka_unit_test(an_unwritable_place_is_named),
        cmocka_unit_test(overlapping_centrelines_make_one_tree),
        cmocka_unit_test(packed_arrays_are_understood),
        cmocka_unit_test(elements_within_an_array_are_no_data),
        cmocka_unit_test(reversed_lines_grow_from_the_widest_end),
        cmocka_unit_test(broken_files_are_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
