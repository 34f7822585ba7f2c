/* Errors, memory, random numbers, threads, files, parameters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "support.h"

static st_error err;

static void an_error_tells_place_and_reason(void **state) {
    (void)state;
    char text[256];
    st_fail_at(&err, ST_FORMAT, "a.json", 3, 7, "bad %d", 5);
    st_error_text(&err, text, sizeof text);
    assert_string_equal(text, "a.json:3:7: bad 5");
    st_fail(&err, ST_VALUE, "plain");
    st_error_text(&err, text, sizeof text);
    assert_string_equal(text, "plain");
    assert_int_equal(st_fail(NULL, ST_IO, "nobody asks"), ST_IO);
}

static void the_nearest_name_is_near(void **state) {
    (void)state;
    static const char *const known[] = {"agent", "tips", "endpoint"};
    assert_string_equal(st_nearest_name("agnt", known, 3), "agent");
    assert_string_equal(st_nearest_name("endpint", known, 3), "endpoint");
    assert_null(st_nearest_name("zzzzzz", known, 3));
    assert_string_equal(st_nearest_name("end", known, 3), "endpoint");
}

static void an_arena_gives_zeroed_aligned_pieces(void **state) {
    (void)state;
    st_arena arena = {0};
    for (size_t size = 0; size < 300000; size = 3 * size + 1) {
        unsigned char *p = st_arena_alloc(&arena, size, &err);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 255, size);
    }
    assert_null(st_arena_alloc(&arena, SIZE_MAX - 8, &err));
    assert_null(st_alloc(SIZE_MAX / 2, 16, &err));
    assert_int_equal(err.status, ST_MEMORY);
    st_arena_fini(&arena);
}

/* Known answer of Philox4x32-10 for counter and key zero (Random123, kat_vectors). */
static void random_numbers_are_philox(void **state) {
    (void)state;
    st_rng zero = {0};
    zero.used = 4;
    const uint32_t wanted[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    for (int i = 0; i < 4; i++)
        assert_int_equal(st_rng_u32(&zero), wanted[i]);
}

static void random_numbers_have_their_distribution(void **state) {
    (void)state;
    enum { N = 200000 };
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 1);
    double sum = 0, square = 0, below[7] = {0};
    for (int i = 0; i < N; i++) {
        const double x = st_rng_normal(&rng), u = st_rng_uniform(&rng);
        assert_true(u >= 0 && u < 1);
        sum += x;
        square += x * x;
        below[st_rng_below(&rng, 7)]++;
    }
    assert_true(fabs(sum / N) < 5 / sqrt(N));
    assert_true(fabs(square / N - 1) < 5 * sqrt(2.0 / N));
    double chi2 = 0;
    for (int i = 0; i < 7; i++)
        chi2 += (below[i] - N / 7.0) * (below[i] - N / 7.0) / (N / 7.0);
    assert_true(chi2 < 30); /* six degrees of freedom: p below 4e-5 */
}

static void streams_differ_by_every_key(void **state) {
    (void)state;
    const st_rng stream[] = {st_rng_stream(1, ST_RNG_TEST, 1), st_rng_stream(2, ST_RNG_TEST, 1),
                             st_rng_stream(1, ST_RNG_INFUSION, 1), st_rng_stream(1, ST_RNG_TEST, 2),
                             st_rng_stream(1 + ((uint64_t)1 << 32), ST_RNG_TEST, 1)};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < i; j++) {
            st_rng a = stream[i], b = stream[j];
            assert_true(st_rng_u32(&a) != st_rng_u32(&b) || st_rng_u32(&a) != st_rng_u32(&b));
        }
}

static void add_one(void *context, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++)
        ((int *)context)[i]++;
}

static void threads_cover_every_item_once(void **state) {
    (void)state;
    for (size_t n = 0; n < 5000; n = 3 * n + 1) {
        int *count = calloc(n + 1, sizeof *count);
        assert_non_null(count);
        st_parallel_for(n, 3, add_one, count);
        for (size_t i = 0; i <= n; i++)
            assert_int_equal(count[i], i < n);
        free(count);
    }
}

static void put(const char *path, const char *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    fclose(f);
}

static void a_file_is_read_whole_plain_or_gzip(void **state) {
    (void)state;
    char *bytes;
    size_t size;
    put("test_base.bin", "abc", 3);
    assert_ok(st_file_read("test_base.bin", 100, &bytes, &size, &err));
    assert_int_equal(size, 3);
    assert_string_equal(bytes, "abc");
    free(bytes);
    assert_int_equal(st_file_read("test_base.bin", 2, &bytes, &size, &err), ST_FORMAT);
    gzFile gz = gzopen("test_base.bin", "wb");
    for (int i = 0; i < 100000; i++)
        gzprintf(gz, "%d\n", i * 7919);
    gzclose(gz);
    assert_ok(st_file_read("test_base.bin", 1 << 24, &bytes, &size, &err));
    assert_true(size > 700000);
    free(bytes);
    struct stat info;
    assert_int_equal(stat("test_base.bin", &info), 0);
    assert_int_equal(truncate("test_base.bin", info.st_size / 2), 0);
    assert_int_equal(st_file_read("test_base.bin", 1 << 24, &bytes, &size, &err), ST_FORMAT);
    assert_non_null(strstr(err.what, "truncated"));
    assert_null(bytes);
    unlink("test_base.bin");
    assert_int_equal(st_file_read("test_base.bin", 100, &bytes, &size, &err), ST_IO);
    assert_int_equal(st_file_read(".", 100, &bytes, &size, &err), ST_IO);
}

static void writing_replaces_all_or_nothing(void **state) {
    (void)state;
    char *bytes;
    size_t size;
    st_writer writer;
    put("test_base.txt", "old", 3);
    assert_ok(st_writer_open(&writer, "test_base.txt", &err));
    fputs("half", writer.stream);
    st_writer_abandon(&writer);
    assert_ok(st_file_read("test_base.txt", 100, &bytes, &size, &err));
    assert_string_equal(bytes, "old");
    free(bytes);
    assert_ok(st_writer_open(&writer, "test_base.txt", &err));
    fputs("new", writer.stream);
    assert_ok(st_writer_commit(&writer, &err));
    assert_ok(st_file_read("test_base.txt", 100, &bytes, &size, &err));
    assert_string_equal(bytes, "new");
    free(bytes);
    unlink("test_base.txt");
    assert_int_equal(st_writer_open(&writer, "no/such/place.txt", &err), ST_IO);
    assert_string_equal(err.file, "no/such/place.txt");
}

static void folders_are_made_to_any_depth(void **state) {
    (void)state;
    assert_ok(st_directory_make("test_base_a/b//c/", &err));
    assert_ok(st_directory_make("test_base_a/b/c", &err));
    put("test_base_a/file", "x", 1);
    assert_int_equal(st_directory_make("test_base_a/file/d", &err), ST_IO);
    unlink("test_base_a/file");
    rmdir("test_base_a/b/c");
    rmdir("test_base_a/b");
    rmdir("test_base_a");
    char *path = st_path_beside("cases/anna.json", "liver.nii", &err);
    assert_string_equal(path, "cases/liver.nii");
    free(path);
    path = st_path_beside("cases/anna.json", "/data/liver.nii", &err);
    assert_string_equal(path, "/data/liver.nii");
    free(path);
}

static void parameters_keep_their_range(void **state) {
    (void)state;
    st_parameters p;
    assert_ok(st_parameters_init(&p, &err));
    for (int i = 0; i < ST_PARAMETER_COUNT; i++) {
        const st_parameter *item = &p.item[i];
        assert_true(item->low <= item->value && item->value <= item->high);
        assert_true(strcmp(item->trust, "measured") == 0 || strcmp(item->trust, "derived") == 0 ||
                    strcmp(item->trust, "assumed") == 0);
        assert_true(item->source[0] && item->description[0]);
    }
    assert_near(st_parameter_value(&p, ST_P_INLET_PRESSURE), 90 * 133.322387415, 1e-12);
    assert_ok(st_parameters_set_text(&p, "inlet_pressure=100", &err));
    assert_near(st_parameter_value(&p, ST_P_INLET_PRESSURE), 100 * 133.322387415, 1e-12);
    assert_true(p.item[ST_P_INLET_PRESSURE].changed);
    assert_int_equal(st_parameters_set(&p, "inlet_pressure", 1000, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "50 to 160 mmHg"));
    assert_int_equal(st_parameters_set(&p, "inlet_presure", 90, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "inlet_pressure"));
    assert_int_equal(st_parameters_set(&p, "inlet_pressure", NAN, &err), ST_VALUE);
    assert_int_equal(st_parameters_set_text(&p, "inlet_pressure", &err), ST_USAGE);
    assert_int_equal(st_parameters_set_text(&p, "inlet_pressure=9x", &err), ST_USAGE);
    st_parameters_fini(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_tells_place_and_reason),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_pieces),
        cmocka_unit_test(random_numbers_are_philox),
        cmocka_unit_test(random_numbers_have_their_distribution),
        cmocka_unit_test(streams_differ_by_every_key),
        cmocka_unit_test(threads_cover_every_item_once),
        cmocka_unit_test(a_file_is_read_whole_plain_or_gzip),
        cmocka_unit_test(writing_replaces_all_or_nothing),
        cmocka_unit_test(folders_are_made_to_any_depth),
        cmocka_unit_test(parameters_keep_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
