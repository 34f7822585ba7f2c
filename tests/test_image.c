/* Volumes: NIfTI of every kind, damaged files, INRIMAGE, components, distances.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

#include <nifti1.h>
#include <nifti2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char folder[64];

static const char *in_folder(const char *name) {
    static char path[4][160];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void write_bytes(const char *path, const void *bytes, size_t size, bool packed) {
    if (packed) {
        gzFile file = gzopen(path, "wb");
        assert_int_equal(gzwrite(file, bytes, (unsigned)size), size);
        assert_int_equal(gzclose(file), Z_OK);
        return;
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static size_t read_bytes(const char *path, unsigned char *bytes, size_t most) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t n = fread(bytes, 1, most, file);
    fclose(file);
    return n;
}

/* ---- NIfTI made by hand -------------------------------------------------------------- */

enum { NX = 5, NY = 4, NZ = 3, N = NX * NY * NZ };

static nifti_1_header plain_header(int datatype, int bits) {
    nifti_1_header h = {.sizeof_hdr = 348, .dim = {3, NX, NY, NZ, 1, 1, 1, 1}, .vox_offset = 352, .magic = "n+1"};
    h.datatype = (short)datatype;
    h.bitpix = (short)bits;
    for (int i = 0; i < 4; i++)
        h.pixdim[i] = (float)(i == 0 ? 1 : i);
    h.sform_code = 1;
    h.srow_x[0] = 2;
    h.srow_y[1] = 3;
    h.srow_z[2] = 4;
    return h;
}

/* Header, four bytes without extension, voxels. */
static size_t assemble(const nifti_1_header *h, const void *voxels, size_t size, unsigned char *file) {
    memcpy(file, h, sizeof *h);
    memset(file + 348, 0, 4);
    memcpy(file + 352, voxels, size);
    return 352 + size;
}

static void flip(unsigned char *bytes, size_t width, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < width / 2; k++) {
            const unsigned char keep = bytes[i * width + k];
            bytes[i * width + k] = bytes[i * width + width - 1 - k];
            bytes[i * width + width - 1 - k] = keep;
        }
}

/* The other byte order, field by field. */
static void flip_file(unsigned char *file, size_t width) {
    nifti_1_header h;
    memcpy(&h, file, sizeof h);
#define FLIP(field)     flip((unsigned char *)&h.field, sizeof h.field, 1)
#define FLIP_ALL(field) flip((unsigned char *)h.field, sizeof h.field[0], sizeof h.field / sizeof h.field[0])
    FLIP(sizeof_hdr);
    FLIP(datatype);
    FLIP(bitpix);
    FLIP(vox_offset);
    FLIP(scl_slope);
    FLIP(scl_inter);
    FLIP(qform_code);
    FLIP(sform_code);
    FLIP_ALL(dim);
    FLIP_ALL(pixdim);
    FLIP_ALL(srow_x);
    FLIP_ALL(srow_y);
    FLIP_ALL(srow_z);
    memcpy(file, &h, sizeof h);
    flip(file + 352, width, N);
}

static void read_as_labels(const char *path, unsigned scale) {
    st_error err = {0};
    st_labels labels;
    assert_ok(st_labels_read(path, &labels, &err));
    assert_int_equal(st_geometry_voxels(&labels.geometry), N);
    for (int i = 0; i < N; i++)
        assert_int_equal(labels.label[i], scale * (unsigned)i);
    st_labels_fini(&labels);
}

static void test_datatypes(void **state) {
    (void)state;
    unsigned char file[352 + 8 * N];
#define TYPE(code, type)                                                                                               \
    do {                                                                                                               \
        type voxel[N];                                                                                                 \
        for (int i = 0; i < N; i++)                                                                                    \
            voxel[i] = (type)i;                                                                                        \
        const nifti_1_header h = plain_header(code, 8 * (int)sizeof(type));                                            \
        const size_t size = assemble(&h, voxel, sizeof voxel, file);                                                   \
        write_bytes(in_folder("type.nii"), file, size, false);                                                         \
        read_as_labels(in_folder("type.nii"), 1);                                                                      \
        write_bytes(in_folder("type.nii.gz"), file, size, true);                                                       \
        read_as_labels(in_folder("type.nii.gz"), 1);                                                                   \
        flip_file(file, sizeof(type));                                                                                 \
        write_bytes(in_folder("type.nii"), file, size, false);                                                         \
        read_as_labels(in_folder("type.nii"), 1);                                                                      \
    } while (0)
    TYPE(DT_UINT8, uint8_t);
    TYPE(DT_INT8, int8_t);
    TYPE(DT_UINT16, uint16_t);
    TYPE(DT_INT16, int16_t);
    TYPE(DT_UINT32, uint32_t);
    TYPE(DT_INT32, int32_t);
    TYPE(DT_UINT64, uint64_t);
    TYPE(DT_INT64, int64_t);
    TYPE(DT_FLOAT32, float);
    TYPE(DT_FLOAT64, double);
}

static void test_slope(void **state) {
    (void)state;
    unsigned char file[352 + N];
    uint8_t voxel[N];
    for (int i = 0; i < N; i++)
        voxel[i] = (uint8_t)(i + 4);
    nifti_1_header h = plain_header(DT_UINT8, 8);
    h.scl_slope = 0.5f;
    h.scl_inter = -2;
    for (int i = 0; i < N; i++)
        voxel[i] = (uint8_t)(2 * i + 4);
    write_bytes(in_folder("slope.nii"), file, assemble(&h, voxel, N, file), false);
    read_as_labels(in_folder("slope.nii"), 1);
}

static st_geometry geometry_of(const nifti_1_header *h) {
    st_error err = {0};
    unsigned char file[352 + N];
    const uint8_t voxel[N] = {0};
    st_labels labels;
    write_bytes(in_folder("form.nii"), file, assemble(h, voxel, N, file), false);
    assert_ok(st_labels_read(in_folder("form.nii"), &labels, &err));
    const st_geometry geometry = labels.geometry;
    st_labels_fini(&labels);
    return geometry;
}

static void assert_point(const st_geometry *g, double x, double y, double z, const double wanted[3]) {
    const double index[3] = {x, y, z};
    double p[3], back[3];
    st_geometry_to_lps(g, index, p);
    st_geometry_to_voxel(g, p, back);
    for (int i = 0; i < 3; i++) {
        assert_true(fabs(p[i] - wanted[i]) < 1e-5);
        assert_true(fabs(back[i] - index[i]) < 1e-9);
    }
}

static void test_orientation(void **state) {
    (void)state;
    nifti_1_header h = plain_header(DT_UINT8, 8);
    h.srow_x[3] = 10; /* sform alone; and above a qform */
    st_geometry g = geometry_of(&h);
    assert_point(&g, 1, 1, 1, (const double[3]){-12, -3, 4});
    assert_near(g.spacing[1], 3, 1e-9);
    h.qform_code = 1;
    h.quatern_d = 1; /* half a turn around z */
    h.qoffset_z = 7;
    g = geometry_of(&h);
    assert_point(&g, 1, 1, 1, (const double[3]){-12, -3, 4});
    h.sform_code = 0; /* qform alone: x and y turned, spacing 1, 2, 3 */
    g = geometry_of(&h);
    assert_point(&g, 1, 1, 1, (const double[3]){1, 2, 10});
    h.pixdim[0] = -1; /* z the other way */
    g = geometry_of(&h);
    assert_point(&g, 1, 1, 1, (const double[3]){1, 2, 4});
    assert_near(st_geometry_voxel_volume(&g), 6, 1e-9);
    h.qform_code = 0; /* spacing alone */
    g = geometry_of(&h);
    assert_point(&g, 1, 1, 1, (const double[3]){-1, -2, 3});
}

/* ---- files that must be refused ---------------------------------------------------------- */

static void refused(const char *path, st_status wanted, const char *says) {
    st_error err = {0};
    st_labels labels;
    const st_status status = st_labels_read(path, &labels, &err);
    char text[1024];
    st_error_text(&err, text, sizeof text);
    if (status != wanted || !strstr(text, says))
        fail_msg("status %d, \"%s\"; wanted %d, \"%s\"", status, text, wanted, says);
    assert_null(labels.label);
}

static void test_values(void **state) {
    (void)state;
    const struct {
        float value;
        const char *says;
    } bad[] = {{1.5f, "1.5"}, {-1, "-1"}, {70000, "70000"}, {NAN, "nan"}, {INFINITY, "inf"}};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        unsigned char file[352 + 4 * N];
        float voxel[N] = {0};
        voxel[(2 * NY + 1) * NX + 3] = bad[k].value;
        const nifti_1_header h = plain_header(DT_FLOAT32, 32);
        write_bytes(in_folder("bad.nii"), file, assemble(&h, voxel, sizeof voxel, file), false);
        refused(in_folder("bad.nii"), ST_VALUE, bad[k].says);
        refused(in_folder("bad.nii"), ST_VALUE, "3, 1, 2"); /* the voxel */
    }
}

static void test_cut_files(void **state) {
    (void)state;
    unsigned char file[352 + N], packed[1024];
    uint8_t voxel[N];
    for (int i = 0; i < N; i++)
        voxel[i] = (uint8_t)(i * 37);
    const nifti_1_header h = plain_header(DT_UINT8, 8);
    const size_t size = assemble(&h, voxel, N, file);
    for (size_t n = 0; n < size; n += 13) {
        write_bytes(in_folder("cut.nii"), file, n, false);
        refused(in_folder("cut.nii"), ST_FORMAT, "cut.nii");
    }
    write_bytes(in_folder("whole.nii.gz"), file, size, true);
    const size_t n_packed = read_bytes(in_folder("whole.nii.gz"), packed, sizeof packed);
    for (size_t n = 20; n < n_packed; n += 5) {
        write_bytes(in_folder("cut.nii.gz"), packed, n, false);
        refused(in_folder("cut.nii.gz"), ST_FORMAT, "truncated");
    }
    packed[n_packed - 6] ^= 0x55; /* the checksum */
    write_bytes(in_folder("cut.nii.gz"), packed, n_packed, false);
    refused(in_folder("cut.nii.gz"), ST_FORMAT, "corrupt");
}

static void refused_header(const nifti_1_header *h, const char *says) {
    unsigned char file[352 + 8 * N];
    const uint8_t voxel[8 * N] = {0};
    write_bytes(in_folder("header.nii"), file, assemble(h, voxel, sizeof voxel, file), false);
    refused(in_folder("header.nii"), ST_FORMAT, says);
}

static void test_headers(void **state) {
    (void)state;
    const nifti_1_header good = plain_header(DT_UINT8, 8);
#define BAD(says, ...)                                                                                                 \
    do {                                                                                                               \
        nifti_1_header h = good;                                                                                       \
        __VA_ARGS__;                                                                                                   \
        refused_header(&h, says);                                                                                      \
    } while (0)
    BAD("not NIfTI", h.sizeof_hdr = 347);
    BAD("magic", memcpy(h.magic, "abc", 4));
    BAD("pair", memcpy(h.magic, "ni1", 4));
    BAD("dimensions", h.dim[0] = 2);
    BAD("dimensions", h.dim[0] = -3);
    BAD("volume", h.dim[0] = 4; h.dim[4] = 2);
    BAD("along y", h.dim[2] = 0);
    BAD("along z", h.dim[3] = -7);
    BAD("voxels", h.dim[1] = h.dim[2] = h.dim[3] = 32767);
    BAD("truncated", h.dim[1] = h.dim[2] = 1000);
    BAD("datatype", h.datatype = DT_COMPLEX64);
    BAD("bits", h.bitpix = 16);
    BAD("offset", h.vox_offset = 100);
    BAD("offset", h.vox_offset = 1e30f);
    BAD("offset", h.vox_offset = NAN);
    BAD("spacing", h.pixdim[2] = 0);
    BAD("spacing", h.pixdim[2] = NAN);
    BAD("singular", h.srow_z[2] = 0);
    BAD("number of mm", h.srow_x[3] = INFINITY);
    BAD("unit", h.xyzt_units = NIFTI_UNITS_METER);
    BAD("quaternion", h.qform_code = 1; h.quatern_b = 2);
    BAD("scl_inter", h.scl_slope = 1; h.scl_inter = NAN);
    /* a gzip file may hold more than its size, but not a thousand times as much */
    unsigned char file[352 + N];
    const uint8_t voxel[N] = {0};
    nifti_1_header h = good;
    h.dim[1] = h.dim[2] = 10000;
    write_bytes(in_folder("bomb.nii.gz"), file, assemble(&h, voxel, N, file), true);
    refused(in_folder("bomb.nii.gz"), ST_FORMAT, "truncated");
}

static void test_no_file(void **state) {
    (void)state;
    refused(in_folder("absent.nii"), ST_IO, "absent.nii");
    refused(folder, ST_IO, "not a file");
    write_bytes(in_folder("empty.nii"), "", 0, false);
    refused(in_folder("empty.nii"), ST_FORMAT, "truncated");
}

/* ---- writing ------------------------------------------------------------------------------- */

static st_labels sample(unsigned scale, int version) {
    st_error err = {0};
    st_labels labels = {.description = "some words"};
    const uint32_t n[3] = {NX, NY, NZ};
    const double to_lps[3][4] = {{0, -1.5, 0.1, 10}, {2.25, 0, 0, -3}, {0, 0.2, 3, 1.0 / 3}};
    assert_ok(st_geometry_init(&labels.geometry, n, to_lps, &err));
    labels.geometry.nifti.version = version;
    labels.label = calloc(N, sizeof *labels.label);
    for (unsigned i = 0; i < N; i++)
        labels.label[i] = (uint16_t)(scale * i);
    return labels;
}

static void test_round_trip(void **state) {
    (void)state;
    static const char *const names[] = {"round.nii", "round.nii.gz"};
    for (int k = 0; k < 8; k++) {
        st_error err = {0};
        const unsigned scale = k & 1 ? 1000 : 1;
        const int version = k & 2 ? 2 : 1;
        const char *path = in_folder(names[k / 4]);
        st_labels out = sample(scale, version), in, again;
        assert_ok(st_labels_write(path, &out, &err));
        assert_ok(st_labels_read(path, &in, &err));
        assert_memory_equal(in.label, out.label, N * sizeof *in.label);
        assert_string_equal(in.description, "some words");
        assert_int_equal(in.geometry.nifti.version, version);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 4; j++)
                assert_true(fabs(in.geometry.to_lps[i][j] - out.geometry.to_lps[i][j]) < 1e-6);
        /* a second round keeps every bit */
        assert_ok(st_labels_write(path, &in, &err));
        assert_ok(st_labels_read(path, &again, &err));
        const st_nifti_orientation *a = &again.geometry.nifti, *b = &in.geometry.nifti;
        assert_memory_equal(again.geometry.to_lps, in.geometry.to_lps, sizeof in.geometry.to_lps);
        assert_memory_equal(a->pixdim, b->pixdim, sizeof a->pixdim);
        assert_memory_equal(a->quatern, b->quatern, sizeof a->quatern);
        assert_memory_equal(a->qoffset, b->qoffset, sizeof a->qoffset);
        assert_memory_equal(a->srow, b->srow, sizeof a->srow);
        assert_int_equal(a->qform_code, b->qform_code);
        assert_int_equal(a->sform_code, b->sform_code);
        st_labels_fini(&out);
        st_labels_fini(&in);
        st_labels_fini(&again);
    }
}

static void test_same_bytes(void **state) {
    (void)state;
    st_error err = {0};
    unsigned char a[1024], b[1024];
    st_labels labels = sample(3, 1);
    assert_ok(st_labels_write(in_folder("a.nii.gz"), &labels, &err));
    assert_ok(st_labels_write(in_folder("b.nii.gz"), &labels, &err));
    const size_t n = read_bytes(in_folder("a.nii.gz"), a, sizeof a);
    assert_int_equal(read_bytes(in_folder("b.nii.gz"), b, sizeof b), n);
    assert_memory_equal(a, b, n);
    st_labels_fini(&labels);
}

static void test_map(void **state) {
    (void)state;
    st_error err = {0};
    st_labels labels = sample(1, 1), in;
    float value[N];
    for (int i = 0; i < N; i++)
        value[i] = (float)(2 * i);
    assert_ok(st_map_write(in_folder("map.nii.gz"), &labels.geometry, value, "mmHg", &err));
    assert_ok(st_labels_read(in_folder("map.nii.gz"), &in, &err)); /* whole numbers can be read as labels */
    for (int i = 0; i < N; i++)
        assert_int_equal(in.label[i], 2 * i);
    assert_string_equal(in.description, "mmHg");
    st_labels_fini(&in);
    st_labels_fini(&labels);
}

static void test_writing_refused(void **state) {
    (void)state;
    st_error err = {0};
    st_labels labels = sample(1, 1);
    assert_int_equal(st_labels_write(in_folder("labels.img"), &labels, &err), ST_VALUE);
    assert_int_equal(st_labels_write(in_folder("nowhere/labels.nii"), &labels, &err), ST_IO);
    assert_non_null(strstr(err.file, "nowhere"));
    assert_int_equal(access(in_folder("labels.img"), F_OK), -1);
    st_labels_fini(&labels);
}

static void test_geometry(void **state) {
    (void)state;
    st_error err = {0};
    const uint32_t n[3] = {NX, NY, NZ}, origin[3] = {1, 2, 1}, size[3] = {3, 2, 2};
    const double flat[3][4] = {{1, 2, 0, 0}, {2, 4, 0, 0}, {0, 0, 1, 0}};
    st_geometry bad;
    assert_int_equal(st_geometry_init(&bad, n, flat, &err), ST_VALUE);
    st_labels labels = sample(1, 1);
    const st_geometry box = st_geometry_crop(&labels.geometry, origin, size);
    double whole[3], cut[3], back[3];
    st_geometry_to_lps(&labels.geometry, (const double[3]){2, 3, 2}, whole);
    st_geometry_to_lps(&box, (const double[3]){1, 1, 1}, cut);
    st_geometry_to_voxel(&box, cut, back);
    for (int i = 0; i < 3; i++) {
        assert_true(fabs(whole[i] - cut[i]) < 1e-12);
        assert_true(fabs(back[i] - 1) < 1e-12);
    }
    /* a map on the box lies where the box lies */
    const float value[12] = {0};
    st_labels in;
    assert_ok(st_map_write(in_folder("box.nii"), &box, value, "", &err));
    assert_ok(st_labels_read(in_folder("box.nii"), &in, &err));
    st_geometry_to_lps(&in.geometry, (const double[3]){1, 1, 1}, back);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(whole[i] - back[i]) < 1e-5);
    st_labels_fini(&in);
    st_labels_fini(&labels);
}

/* ---- components and distances against brute force ---------------------------------------------- */

static void flood(const uint32_t n[3], const uint8_t *mask, uint32_t *id, size_t i, uint32_t mark) {
    size_t stack[4096], depth = 0;
    stack[depth++] = i;
    id[i] = mark;
    while (depth > 0) {
        const size_t at = stack[--depth];
        const int64_t x = (int64_t)(at % n[0]), y = (int64_t)(at / n[0] % n[1]), z = (int64_t)(at / n[0] / n[1]);
        for (int k = 0; k < 27; k++) {
            const int64_t p = x + k % 3 - 1, q = y + k / 3 % 3 - 1, r = z + k / 9 - 1;
            if (p < 0 || q < 0 || r < 0 || p >= n[0] || q >= n[1] || r >= n[2])
                continue;
            const size_t to = (size_t)((r * n[1] + q) * n[0] + p);
            if (mask[to] && id[to] == 0) {
                id[to] = mark;
                stack[depth++] = to;
            }
        }
    }
}

static void test_components(void **state) {
    (void)state;
    enum { MOST = 13 * 11 * 9 };
    for (uint64_t trial = 0; trial < 60; trial++) {
        st_error err = {0};
        st_rng rng = st_rng_stream(trial, ST_RNG_TEST, 0);
        const uint32_t n[3] = {1 + st_rng_below(&rng, 13), 1 + st_rng_below(&rng, 11), 1 + st_rng_below(&rng, 9)};
        const size_t voxels = (size_t)n[0] * n[1] * n[2];
        const double share = 0.3 * st_rng_uniform(&rng);
        uint8_t mask[MOST];
        uint32_t id[MOST], wanted[MOST] = {0}, count, marks = 0, size[MOST + 1] = {0}, twin[MOST + 1] = {0};
        for (size_t i = 0; i < voxels; i++)
            mask[i] = st_rng_uniform(&rng) < share ? 7 : 0;
        for (size_t i = 0; i < voxels; i++)
            if (mask[i] && wanted[i] == 0)
                flood(n, mask, wanted, i, ++marks);
        assert_ok(st_components(n, mask, id, &count, &err));
        assert_int_equal(count, marks);
        for (size_t i = 0; i < voxels; i++) {
            assert_int_equal(id[i] != 0, wanted[i] != 0);
            if (id[i] == 0)
                continue;
            assert_true(id[i] <= count);
            size[id[i]]++;
            assert_true(twin[id[i]] == 0 || twin[id[i]] == wanted[i]);
            twin[id[i]] = wanted[i];
        }
        for (uint32_t k = 1; k < count; k++) /* largest first, then the one that begins first */
            assert_true(size[k] > size[k + 1] || (size[k] == size[k + 1] && twin[k] < twin[k + 1]));
    }
}

static void test_distance(void **state) {
    (void)state;
    enum { MOST = 9 * 8 * 7 };
    for (uint64_t trial = 0; trial < 40; trial++) {
        st_error err = {0};
        st_rng rng = st_rng_stream(trial, ST_RNG_TEST, 1);
        const uint32_t n[3] = {1 + st_rng_below(&rng, 9), 1 + st_rng_below(&rng, 8), 1 + st_rng_below(&rng, 7)};
        const double h[3] = {0.5 + st_rng_uniform(&rng), 0.7, 0.5 + 3 * st_rng_uniform(&rng)};
        const size_t voxels = (size_t)n[0] * n[1] * n[2];
        uint8_t mask[MOST];
        float distance[MOST];
        for (size_t i = 0; i < voxels; i++)
            mask[i] = trial == 0 || st_rng_uniform(&rng) < 0.97; /* 0: nothing but what lies beyond the grid */
        assert_ok(st_distance(n, h, mask, distance, &err));
        for (size_t i = 0; i < voxels; i++) {
            const int64_t at[3] = {(int64_t)(i % n[0]), (int64_t)(i / n[0] % n[1]), (int64_t)(i / n[0] / n[1])};
            double best = INFINITY;
            for (int64_t z = -1; z <= n[2]; z++)
                for (int64_t y = -1; y <= n[1]; y++)
                    for (int64_t x = -1; x <= n[0]; x++) {
                        const bool inside = x >= 0 && y >= 0 && z >= 0 && x < n[0] && y < n[1] && z < n[2];
                        if (inside && mask[(z * n[1] + y) * n[0] + x])
                            continue;
                        const double d[3] = {h[0] * (double)(x - at[0]), h[1] * (double)(y - at[1]),
                                             h[2] * (double)(z - at[2])};
                        best = fmin(best, sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]));
                    }
            assert_true(fabs((double)distance[i] - best) < 1e-5);
        }
    }
}

/* ---- INRIMAGE -------------------------------------------------------------------------------- */

static size_t inrimage(unsigned char *file, const char *keys, const void *voxels, size_t size) {
    memset(file, '\n', 256);
    const int n = snprintf((char *)file, 253, "#INRIMAGE-4#{\nXDIM=2\nYDIM=3\nZDIM=2\nVX=0.5\nVY=2\nVZ=4\n%s", keys);
    file[n] = '\n';
    memcpy(file + 252, "##}\n", 4);
    memcpy(file + 256, voxels, size);
    return 256 + size;
}

static const char EIGHT[] = "VDIM=1\nTYPE=unsigned fixed\nPIXSIZE=8 bits\nSCALE=2**0\nCPU=decm\n";

static void test_inrimage(void **state) {
    (void)state;
    static const char *const sixteen[] = {"TYPE=unsigned fixed\nPIXSIZE=16 bits\nCPU=decm",
                                          "TYPE=unsigned fixed\nPIXSIZE=16 bits\nCPU=sun"};
    unsigned char file[512], eight[12], low_first[24], high_first[24];
    const unsigned char *voxels[] = {eight, low_first, high_first};
    for (unsigned i = 0; i < 12; i++) {
        eight[i] = (unsigned char)(20 * i);
        low_first[2 * i] = high_first[2 * i + 1] = (unsigned char)(5000 * i & 255);
        low_first[2 * i + 1] = high_first[2 * i] = (unsigned char)(5000 * i >> 8);
    }
    for (int k = 0; k < 6; k++) {
        st_error err = {0};
        st_labels labels;
        const size_t size =
            inrimage(file, k / 2 == 0 ? EIGHT : sixteen[k / 2 - 1], voxels[k / 2], k / 2 == 0 ? 12 : 24);
        const char *path = in_folder(k % 2 ? "x.inr.gz" : "x.inr");
        write_bytes(path, file, size, k % 2 == 1);
        assert_ok(st_inrimage_read(path, "PSR", &labels, &err));
        for (unsigned i = 0; i < 12; i++)
            assert_int_equal(labels.label[i], (k / 2 == 0 ? 20 : 5000) * i);
        assert_int_equal(labels.geometry.n[1], 3);
        assert_point(&labels.geometry, 1, 2, 1, (const double[3]){-4, 0.5, 4});
        st_labels_fini(&labels);
    }
}

static void inrimage_refused(const char *keys, const char *axes, size_t size, st_status wanted, const char *says) {
    unsigned char file[512];
    const unsigned char voxels[24] = {0};
    st_error err = {0};
    st_labels labels;
    write_bytes(in_folder("bad.inr"), file, inrimage(file, keys, voxels, size), false);
    const st_status status = st_inrimage_read(in_folder("bad.inr"), axes, &labels, &err);
    if (status != wanted || !strstr(err.what, says))
        fail_msg("status %d, \"%s\"; wanted %d, \"%s\"", status, err.what, wanted, says);
}

static void test_inrimage_refused(void **state) {
    (void)state;
    inrimage_refused(EIGHT, "LPX", 12, ST_VALUE, "LPX");
    inrimage_refused(EIGHT, "LRS", 12, ST_VALUE, "LRS");
    inrimage_refused(EIGHT, "LP", 12, ST_VALUE, "LP");
    inrimage_refused(EIGHT, NULL, 12, ST_VALUE, "axes");
    inrimage_refused(EIGHT, "LPS", 11, ST_FORMAT, "truncated");
    inrimage_refused("TYPE=float\nPIXSIZE=32 bits", "LPS", 24, ST_FORMAT, "TYPE=float");
    inrimage_refused("TYPE=unsigned fixed", "LPS", 12, ST_FORMAT, "PIXSIZE");
    inrimage_refused("PIXSIZE=8 bits\nVDIM=3", "LPS", 12, ST_FORMAT, "VDIM=3");
    inrimage_refused("PIXSIZE=8 bits\nXDIM=0", "LPS", 12, ST_FORMAT, "XDIM=0");
    inrimage_refused("PIXSIZE=8 bits\nXDIM=1e30", "LPS", 12, ST_FORMAT, "XDIM=1e30");
    inrimage_refused("PIXSIZE=8 bits\nXDIM=32000\nYDIM=32000\nZDIM=32000", "LPS", 12, ST_FORMAT, "voxels");
    inrimage_refused("PIXSIZE=8 bits\nVX=-1", "LPS", 12, ST_FORMAT, "VX=-1");
    st_error err = {0};
    st_labels labels;
    write_bytes(in_folder("bad.inr"), "#INRIMAGE-4#{\n", 14, false);
    assert_int_equal(st_inrimage_read(in_folder("bad.inr"), "LPS", &labels, &err), ST_FORMAT);
    unsigned char text[300];
    memset(text, 'x', sizeof text);
    write_bytes(in_folder("bad.inr"), text, sizeof text, false);
    assert_int_equal(st_inrimage_read(in_folder("bad.inr"), "LPS", &labels, &err), ST_FORMAT);
    assert_non_null(strstr(err.what, "not INRIMAGE"));
}

static int start(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "stasis-image-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int stop(void **state) {
    (void)state;
    static const char *const names[] = {"type.nii",   "type.nii.gz", "slope.nii",    "form.nii",   "bad.nii",
                                        "cut.nii",    "cut.nii.gz",  "whole.nii.gz", "header.nii", "bomb.nii.gz",
                                        "empty.nii",  "round.nii",   "round.nii.gz", "a.nii.gz",   "b.nii.gz",
                                        "map.nii.gz", "box.nii",     "x.inr",        "x.inr.gz",   "bad.inr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    return rmdir(folder); /* fails when a temporary file was left */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_datatypes),       cmocka_unit_test(test_slope),
        cmocka_unit_test(test_orientation),     cmocka_unit_test(test_values),
        cmocka_unit_test(test_cut_files),       cmocka_unit_test(test_headers),
        cmocka_unit_test(test_no_file),         cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_same_bytes),      cmocka_unit_test(test_map),
        cmocka_unit_test(test_writing_refused), cmocka_unit_test(test_geometry),
        cmocka_unit_test(test_components),      cmocka_unit_test(test_distance),
        cmocka_unit_test(test_inrimage),        cmocka_unit_test(test_inrimage_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
