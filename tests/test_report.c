/* The report: maps that agree with the labels, a page that stands alone, a folder that is whole or untouched.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "../src/report/angiogram.h"
#include "../src/report/canvas.h"
#include "../src/report/page.h"

#include <dirent.h>
#include <signal.h>
#include <stasis/units.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define LABELS    "test_report.nii.gz"
#define CASE      "test_report.json"
#define OUT       "test_report_out"
#define NAME      "a<b> & \\\"c\\\"" /* as JSON writes it */
#define NAME_HTML "a&lt;b&gt; &amp; &quot;c&quot;"

static const char *const files[] = {
    "report.html",
    "result.json",
    "labels.nii.gz",
    "tree.vtp",
    "maps/arterial_baseline.nii.gz",
    "maps/arterial_remaining.nii.gz",
    "maps/portal.nii.gz",
    "maps/oxygen.nii.gz",
    "maps/necrosis.nii.gz",
    "maps/lipiodol_ct.nii.gz",
    "maps/lodged.nii.gz",
    "figures/angiogram_before.png",
    "figures/angiogram_after.png",
    "figures/territories.png",
    "figures/necrosis.png",
    "figures/lipiodol_ct.png",
    "figures/infusion.svg",
    "figures/follow_up.svg",
};
enum { FILES = sizeof files / sizeof files[0], FIRST_MAP = 4, MAP_LODGED = FIRST_MAP + REPORT_MAPS - 1 };

static st_error err;
static st_case kase;
static st_result result;

/* ---- a small organ, run once --------------------------------------------------------- */

/* `treatment` is further members of it, each with a comma behind. */
static st_status run_small(unsigned lesions, const char *treatment, st_case *c, st_result *r) {
    st_labels labels = support_labels(0.8, 2, lesions, 11);
    st_status status = st_labels_write(LABELS, &labels, &err);
    st_labels_fini(&labels);
    FILE *f = fopen(CASE, "w");
    if (status != ST_OK || f == NULL)
        return ST_IO;
    fprintf(f,
            "{\"case_id\": \"" NAME "\", \"patient\": {}, \"anatomy\": {\"labels\": \"" LABELS "\", "
            "\"preset\": \"lits\"}, \"treatment\": {%s\"agent\": \"tag-300-500\", \"terminals\": 2000}}",
            treatment);
    fclose(f);
    status = st_case_read(CASE, c, &err);
    return status == ST_OK ? st_case_run(c, 0, NULL, NULL, r, &err) : status;
}

static int set_up(void **state) {
    (void)state;
    return run_small(2, "", &kase, &result) == ST_OK ? 0 : -1;
}

static void join(char *path, size_t size, const char *folder, const char *name) {
    assert_true(snprintf(path, size, "%s/%s", folder, name) < (int)size);
}

static void remove_all(const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0)
        return;
    if (S_ISDIR(info.st_mode)) {
        DIR *folder = opendir(path);
        for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
            char inner[1024];
            join(inner, sizeof inner, path, e->d_name);
            if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
                remove_all(inner);
        }
        closedir(folder);
    }
    assert_int_equal(remove(path), 0);
}

static size_t count_entries(const char *path) {
    size_t n = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n - 2; /* . and .. */
}

static int tear_down(void **state) {
    (void)state;
    st_result_fini(&result);
    st_case_fini(&kase);
    remove_all(OUT);
    unlink(LABELS);
    unlink(CASE);
    return 0;
}

static void write_fresh(void) {
    remove_all(OUT);
    assert_ok(st_report_write(OUT, &kase, &result, 2, NULL, &err));
}

static char *content(const char *name, size_t *size) {
    char path[1024], *bytes;
    join(path, sizeof path, OUT, name);
    assert_ok(st_file_read(path, 1u << 30, &bytes, size, &err));
    return bytes;
}

/* ---- maps ------------------------------------------------------------------------------ */

/* The voxels of a map, after checking that its header has the geometry of the labels. */
static float *read_map(const char *name, char **bytes) {
    enum { DIM = 40, DIM_SIZE = 16, SPACING = 80, SPACING_SIZE = 16, FORMS = 252, FORMS_SIZE = 76, DATA = 352 };
    size_t size, labels_size;
    char *labels = content("labels.nii.gz", &labels_size);
    *bytes = content(name, &size);
    assert_int_equal(size, DATA + sizeof(float) * st_geometry_voxels(&result.liver.input));
    assert_memory_equal(*bytes + DIM, labels + DIM, DIM_SIZE);
    assert_memory_equal(*bytes + SPACING, labels + SPACING, SPACING_SIZE);
    assert_memory_equal(*bytes + FORMS, labels + FORMS, FORMS_SIZE);
    free(labels);
    return (float *)(void *)(*bytes + DATA);
}

static void maps_lie_on_the_input_and_are_zero_outside(void **state) {
    (void)state;
    write_fresh();
    for (size_t i = FIRST_MAP; i <= MAP_LODGED; i++) {
        char *bytes;
        const float *map = read_map(files[i], &bytes);
        double inside = 0;
        for (size_t v = 0; v < st_geometry_voxels(&result.liver.input); v++) {
            if (result.labels.label[v] == 0 && i != MAP_LODGED) /* particles of the stump may lie outside */
                assert_true(map[v] == 0);
            inside += map[v];
        }
        assert_true(inside > 0 || strstr(files[i], "necrosis") != NULL);
        free(bytes);
    }
}

static void maps_agree_with_the_volumes(void **state) {
    (void)state;
    char *bytes;
    const double voxel = st_geometry_voxel_volume(&result.liver.input);
    write_fresh();
    const float *baseline = read_map("maps/arterial_baseline.nii.gz", &bytes);
    size_t fed = 0, labelled = 0;
    for (size_t v = 0; v < st_geometry_voxels(&result.liver.input); v++) {
        fed += baseline[v] > 0;
        labelled += result.labels.label[v] != 0;
    }
    assert_int_equal(fed, labelled);
    assert_near((double)labelled * voxel, result.liver.volume, 1e-9);
    free(bytes);
    const float *necrosis = read_map("maps/necrosis.nii.gz", &bytes);
    double tumour = 0;
    for (size_t v = 0; v < st_geometry_voxels(&result.liver.input); v++)
        tumour += result.labels.label[v] == 2 ? necrosis[v] * voxel : 0;
    assert_true(tumour > 0);
    assert_near(tumour, result.summary.tumour_necrosis * result.liver.tumour_volume, 1e-5);
    free(bytes);
}

static void perfusion_is_in_ml_per_min_per_100_ml(void **state) {
    (void)state;
    char *bytes;
    double inflow = 0;
    write_fresh();
    const float *map = read_map("maps/arterial_baseline.nii.gz", &bytes);
    for (size_t v = 0; v < st_geometry_voxels(&result.liver.input); v++)
        inflow += map[v] / 100 * st_geometry_voxel_volume(&result.liver.input) / ST_ML;
    assert_near(inflow, st_demand_arterial_total(&result.demand, &result.liver) / ST_ML_MIN, 0.02);
    free(bytes);
}

static void every_lodged_particle_is_in_the_map(void **state) {
    (void)state;
    char *bytes;
    double total = 0;
    uint64_t lodged = 0, rest = 0;
    write_fresh();
    const float *map = read_map("maps/lodged.nii.gz", &bytes);
    for (size_t v = 0; v < st_geometry_voxels(&result.liver.input); v++)
        total += map[v];
    for (uint32_t i = 0; i < result.tree.n; i++)
        lodged += result.lodged[i];
    for (size_t s = 0; s < result.plan.n_sessions; s++)
        rest += result.sessions[s].particles.lodged_tumour + result.sessions[s].particles.lodged_normal;
    assert_true(rest > 0 && lodged >= rest);
    assert_true(total == (double)lodged);
    free(bytes);
}

/* Tags nest; what stands alone is meta and img. */
static void every_tag_is_closed(const char *page) {
    char open[64][16];
    size_t depth = 0;
    for (const char *at = strchr(page, '<'); at != NULL; at = strchr(at + 1, '<')) {
        const bool closing = at[1] == '/';
        const char *name = at + 1 + closing;
        const size_t length = strcspn(name, " >");
        assert_true(length > 0 && length < sizeof open[0]);
        assert_non_null(strchr(name, '>'));
        if (name[0] == '!' || strncmp(name, "meta", length) == 0 || strncmp(name, "img", length) == 0)
            continue;
        if (!closing) {
            assert_true(depth < 64);
            snprintf(open[depth++], sizeof open[0], "%.*s", (int)length, name);
        } else if (depth == 0 || strncmp(open[depth - 1], name, length) != 0 || open[depth - 1][length] != 0) {
            fail_msg("</%.*s> closes <%s>", (int)length, name, depth > 0 ? open[depth - 1] : "");
        } else {
            depth--;
        }
    }
    assert_int_equal(depth, 0);
}

/* ---- the oil ------------------------------------------------------------------------------- */

static double own_number(const st_result *r, size_t voxel) {
    return st_parameter_value(&kase.parameters, r->liver.tissue[voxel] == ST_TUMOUR ? ST_P_CT_TUMOUR : ST_P_CT_LIVER);
}

/* What the CT numbers say of the oil in the organ, mm^3. */
static double oil_on_ct(const st_result *r) {
    float *hu = calloc(r->tissue.voxels, sizeof *hu);
    double sum = 0;
    assert_non_null(hu);
    assert_ok(report_oil_ct(&kase, r, hu, &err));
    for (size_t v = 0; v < r->tissue.voxels; v++) {
        const double own = own_number(r, v), oil = st_parameter_value(&kase.parameters, ST_P_CT_OIL);
        const uint32_t terminal = r->tissue.terminal[v];
        if (terminal == ST_NONE)
            assert_true(hu[v] == 0);
        else if (r->territory[terminal] == 0) /* of no tip */
            assert_true((double)hu[v] == own);
        sum += terminal != ST_NONE ? ((double)hu[v] - own) / (oil - own) : 0;
    }
    free(hu);
    return sum * st_geometry_voxel_volume(&r->liver.geometry);
}

static double oil_in_tissue(const st_result *r) {
    double sum = 0;
    for (size_t s = 0; s < r->plan.n_sessions; s++)
        sum += r->sessions[s].oil.tumour + r->sessions[s].oil.normal + r->sessions[s].oil.portal;
    return sum;
}

static void the_ct_holds_all_oil_and_else_the_tissue(void **state) {
    (void)state;
    assert_true(oil_in_tissue(&result) > 100);
    assert_near(oil_on_ct(&result), oil_in_tissue(&result), 1e-5);
}

/* A terminal that feeds no voxel gives its oil to its neighbours. */
static void oil_of_a_terminal_without_tissue_is_not_lost(void **state) {
    (void)state;
    st_result r = result;
    uint32_t rich = 0, other = ST_NONE;
    for (uint32_t i = 0; i < r.tree.n; i++)
        if (r.oil[i] > r.oil[rich])
            rich = i;
    r.tissue.terminal = calloc(r.tissue.voxels, sizeof *r.tissue.terminal);
    assert_non_null(r.tissue.terminal);
    for (size_t v = 0; v < r.tissue.voxels; v++) {
        const uint32_t t = result.tissue.terminal[v];
        other = other == ST_NONE && t != ST_NONE && t != rich && r.territory[t] == r.territory[rich] ? t : other;
    }
    assert_int_not_equal(other, ST_NONE);
    for (size_t v = 0; v < r.tissue.voxels; v++)
        r.tissue.terminal[v] = result.tissue.terminal[v] == rich ? other : result.tissue.terminal[v];
    assert_near(oil_on_ct(&r), oil_in_tissue(&r), 1e-5);
    free(r.tissue.terminal);
}

/* The report of a small case with this treatment; free() the page. */
static char *page_of(const char *treatment) {
    st_case c;
    st_result r;
    size_t size;
    remove_all(OUT);
    assert_ok(run_small(2, treatment, &c, &r));
    assert_ok(st_report_write(OUT, &c, &r, 2, NULL, &err));
    st_result_fini(&r);
    st_case_fini(&c);
    return content("report.html", &size);
}

static void without_oil_there_is_no_ct_of_it(void **state) {
    (void)state;
    char *page = page_of("\"protocol\": \"TAE-bland\", ");
    assert_null(strstr(page, "lipiodol"));
    assert_null(strstr(page, "Where the oil stayed"));
    assert_non_null(strstr(page, "Where each particle stopped"));
    assert_int_not_equal(access(OUT "/figures/lipiodol_ct.png", F_OK), 0);
    assert_int_not_equal(access(OUT "/maps/lipiodol_ct.nii.gz", F_OK), 0);
    free(page);
}

static void oil_alone_is_reported_without_particles(void **state) {
    (void)state;
    char *page = page_of("\"protocol\": \"oil\", ");
    every_tag_is_closed(page);
    assert_non_null(strstr(page, "protocol oil: 10 mL of lipiodol; "));
    assert_non_null(strstr(page, "CT after treatment, simulated"));
    assert_non_null(strstr(page, "Where the oil stayed"));
    assert_null(strstr(page, "Where each particle stopped"));
    assert_null(strstr(page, "tag-300-500"));
    assert_int_equal(access(OUT "/figures/infusion.svg", F_OK), 0);
    free(page);
}

/* ---- the page ----------------------------------------------------------------------------- */

static void the_page_loads_nothing(void **state) {
    (void)state;
    static const char *const forbidden[] = {"<script", "<link", "href=", "@import", "url(", "<iframe", "<object"};
    size_t size;
    write_fresh();
    char *page = content("report.html", &size);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        if (strstr(page, forbidden[i]) != NULL)
            fail_msg("report.html holds %s", forbidden[i]);
    size_t images = 0;
    for (const char *at = strstr(page, "src=\""); at != NULL; at = strstr(at + 1, "src=\""), images++)
        assert_int_equal(strncmp(at + 5, "data:image/", 11), 0);
    assert_int_equal(images, FIGURES); /* every figure */
    free(page);
}

static void the_page_is_well_formed_and_escaped(void **state) {
    (void)state;
    size_t size;
    write_fresh();
    char *page = content("report.html", &size);
    assert_int_equal(strlen(page), size);
    every_tag_is_closed(page);
    assert_null(strstr(page, "a<b>"));
    assert_non_null(strstr(page, "<h1>" NAME_HTML "</h1>"));
    assert_non_null(strstr(page, "Research software, not a medical device."));
    assert_null(strstr(page, ">nan<"));
    free(page);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static void a_run_leaves_these_files_and_no_other(void **state) {
    (void)state;
    write_fresh();
    for (size_t i = 0; i < FILES; i++) {
        size_t size;
        free(content(files[i], &size));
        assert_true(size > 0);
    }
    assert_int_equal(count_entries(OUT), 6); /* four files, maps, figures */
    assert_int_equal(count_entries(OUT "/maps"), REPORT_MAPS);
    assert_int_equal(count_entries(OUT "/figures"), FIGURES);
}

static void an_unwritable_folder_is_an_io_error(void **state) {
    (void)state;
    remove_all(OUT);
    FILE *f = fopen(OUT, "w"); /* a file stands in the way */
    assert_non_null(f);
    fclose(f);
    err = (st_error){0};
    assert_int_equal((int)st_report_write(OUT, &kase, &result, 1, NULL, &err), ST_IO);
    assert_int_equal((int)st_report_write(OUT "/deeper", &kase, &result, 1, NULL, &err), ST_IO);
    assert_true(err.what[0] != 0);
    struct stat info;
    assert_int_equal(stat(OUT, &info), 0);
    assert_true(S_ISREG(info.st_mode) && info.st_size == 0);
}

/* A disk that takes no more than `bytes` per file. */
static st_status write_on_small_disk(rlim_t bytes) {
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){bytes, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    err = (st_error){0};
    const st_status status = st_report_write(OUT, &kase, &result, 2, NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    return status;
}

static void a_full_disk_leaves_earlier_results_as_they_were(void **state) {
    (void)state;
    static const rlim_t limits[] = {100, 5000, 100000}; /* in the maps, in the labels or the tree, in the page */
    char *before[FILES];
    size_t size[FILES];
    write_fresh();
    for (size_t i = 0; i < FILES; i++)
        before[i] = content(files[i], &size[i]);
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
        assert_int_equal((int)write_on_small_disk(limits[k]), ST_IO);
        assert_true(err.what[0] != 0);
        for (size_t i = 0; i < FILES; i++) {
            size_t now_size;
            char *now = content(files[i], &now_size);
            assert_int_equal(now_size, size[i]);
            assert_memory_equal(now, before[i], size[i]);
            free(now);
        }
        assert_int_equal(count_entries(OUT), 6);
    }
    for (size_t i = 0; i < FILES; i++)
        free(before[i]);
}

static void a_folder_in_the_place_of_a_file_is_refused(void **state) {
    (void)state;
    remove_all(OUT);
    assert_ok(st_directory_make(OUT "/report.html", &err));
    err = (st_error){0};
    assert_int_equal((int)st_report_write(OUT, &kase, &result, 1, NULL, &err), ST_IO);
    assert_non_null(strstr(err.file, "report.html"));
    char path[64];
    join(path, sizeof path, OUT, "result.json");
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_second_run_replaces_its_own_files_only(void **state) {
    (void)state;
    st_case bare_case;
    st_result bare;
    size_t size;
    write_fresh();
    FILE *f = fopen(OUT "/figures/mine.txt", "w");
    assert_non_null(f);
    fputs("mine", f);
    fclose(f);
    assert_ok(run_small(0, "", &bare_case, &bare)); /* no tumour: no session, no curve of one */
    assert_ok(st_report_write(OUT, &bare_case, &bare, 1, NULL, &err));
    char *mine = content("figures/mine.txt", &size);
    assert_string_equal(mine, "mine");
    free(mine);
    assert_int_not_equal(access(OUT "/figures/infusion.svg", F_OK), 0);
    assert_int_not_equal(access(OUT "/figures/follow_up.svg", F_OK), 0);
    assert_int_not_equal(access(OUT "/figures/territories.png", F_OK), 0);
    assert_int_not_equal(access(OUT "/figures/lipiodol_ct.png", F_OK), 0);
    assert_int_not_equal(access(OUT "/maps/lipiodol_ct.nii.gz", F_OK), 0);
    char *page = content("report.html", &size);
    every_tag_is_closed(page);
    assert_non_null(strstr(page, "No session was simulated"));
    free(page);
    st_result_fini(&bare);
    st_case_fini(&bare_case);
}

static void the_same_result_gives_the_same_bytes(void **state) {
    (void)state;
    char *first[FILES];
    size_t size[FILES];
    write_fresh();
    for (size_t i = 2; i < FILES; i++) /* the page and result.json tell the time */
        first[i] = content(files[i], &size[i]);
    assert_ok(st_report_write(OUT, &kase, &result, 1, NULL, &err));
    for (size_t i = 2; i < FILES; i++) {
        size_t again_size;
        char *again = content(files[i], &again_size);
        assert_int_equal(again_size, size[i]);
        assert_memory_equal(again, first[i], size[i]);
        free(again);
        free(first[i]);
    }
}

/* ---- contrast is conserved ---------------------------------------------------------------------- */

/* What flowed in by time t lies in the segments or has left through the terminals. */
static void contrast_that_entered_is_somewhere(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(8, 1, 20, 0.5, false);
    double *leaves = calloc(tree.n, sizeof *leaves);
    assert_non_null(leaves);
    contrast_arrival(&tree, tree.demand, leaves);
    const double end = leaves[tree.n - 1];
    for (double time = end / 8; time < 3 * end; time += end / 8) {
        double held = 0, left = 0;
        for (uint32_t i = 0; i < tree.n; i++) {
            held += contrast_filled(&tree, leaves, i, time) * acos(-1) * tree.radius[i] * tree.radius[i] *
                    st_tree_length(&tree, i);
            if (st_tree_is_terminal(&tree, i) && time > leaves[i])
                left += (time - leaves[i]) * tree.demand[i];
        }
        assert_near(held + left, time * tree.demand[0], 1e-6);
    }
    tree.demand[1] = 0; /* a closed vessel does not fill, nor what is beyond */
    contrast_arrival(&tree, tree.demand, leaves);
    assert_true(contrast_filled(&tree, leaves, 1, 2 * end) == 0);
    assert_true(contrast_filled(&tree, leaves, 3, 2 * end) == 0);
    free(leaves);
    st_tree_fini(&tree);
}

static double sum_of_view(const view *v) {
    double sum = 0;
    for (size_t i = 0; i < v->width * v->height; i++)
        sum += v->thickness[i] * v->pixel * v->pixel;
    return sum;
}

static double one(const void *context, size_t voxel) {
    (void)context;
    (void)voxel;
    return 1;
}

static void the_picture_holds_the_volume_it_shows(void **state) {
    (void)state;
    view v;
    st_tree tree;
    assert_ok(st_tree_init(&tree, 1, &err));
    tree.parent[0] = ST_NONE;
    tree.distal[0][0] = 20;
    tree.distal[0][2] = 13;
    tree.radius[0] = 0.05F; /* narrower than a pixel */
    tree.demand[0] = 1;
    assert_ok(st_tree_finish(&tree, &err));
    assert_ok(view_init(&v, &result.liver, &tree, 10, 400, &err));
    const double leaves = 1;
    assert_ok(view_vessels(&v, &tree, &leaves, 2, &err));
    assert_near(sum_of_view(&v), acos(-1) * 0.05 * 0.05 * st_tree_length(&tree, 0), 1e-5);
    memset(v.thickness, 0, v.width * v.height * sizeof *v.thickness);
    assert_ok(view_voxels(&v, &result.liver, one, NULL, v.thickness, &err));
    assert_near(sum_of_view(&v), result.liver.volume, 1e-3);
    view_fini(&v);
    st_tree_fini(&tree);
}

static bool has(const figure *f, const char *text) {
    const size_t n = strlen(text);
    for (size_t i = 0; i + n <= f->size; i++)
        if (memcmp(f->bytes + i, text, n) == 0)
            return true;
    return false;
}

/* Where no lesion is measurable there is no sum of diameters to draw, nor a line of progression. */
static void a_course_without_targets_shows_no_diameters(void **state) {
    (void)state;
    static const char progression[] = "stroke-dasharray:2";
    figure with = {0}, without = {0};
    st_result r = result;
    r.course.n_targets = 0;
    assert_ok(figure_course(&kase, &result, &with, &err));
    assert_ok(figure_course(&kase, &r, &without, &err));
    assert_true(has(&with, progression) && !has(&without, progression));
    free(with.bytes);
    free(without.bytes);
}

static void the_scale_bar_fits_its_picture(void **state) {
    (void)state;
    assert_true(scale_bar_length(300) == 50 && scale_bar_length(150) == 50);
    assert_true(scale_bar_length(149) == 20 && scale_bar_length(44) == 10 && scale_bar_length(3.5) == 1);
}

/* A tip may reach more lesions than a line of text holds. */
static void the_plan_names_every_lesion_of_a_tip(void **state) {
    (void)state;
    enum { LESIONS = 300 };
    st_lesion lesions[LESIONS] = {0};
    double share[LESIONS];
    for (uint16_t l = 0; l < LESIONS; l++) {
        lesions[l].id = (uint16_t)(l + 1);
        share[l] = 0.25;
    }
    st_tip tip = {.lesion_share = share};
    st_session session = {.tips = &tip, .n_tips = 1};
    const st_result r = {.liver = {.lesions = lesions, .n_lesions = LESIONS}, .plan = {&session, 1}};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    page_plan(out, &kase, &r);
    fclose(out);
    assert_non_null(strstr(text, "<td>L1 25, L2 25"));
    assert_non_null(strstr(text, ", L300 25</td>"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_lie_on_the_input_and_are_zero_outside),
        cmocka_unit_test(maps_agree_with_the_volumes),
        cmocka_unit_test(perfusion_is_in_ml_per_min_per_100_ml),
        cmocka_unit_test(every_lodged_particle_is_in_the_map),
        cmocka_unit_test(the_ct_holds_all_oil_and_else_the_tissue),
        cmocka_unit_test(oil_of_a_terminal_without_tissue_is_not_lost),
        cmocka_unit_test(without_oil_there_is_no_ct_of_it),
        cmocka_unit_test(oil_alone_is_reported_without_particles),
        cmocka_unit_test(the_page_loads_nothing),
        cmocka_unit_test(the_page_is_well_formed_and_escaped),
        cmocka_unit_test(a_run_leaves_these_files_and_no_other),
        cmocka_unit_test(an_unwritable_folder_is_an_io_error),
        cmocka_unit_test(a_full_disk_leaves_earlier_results_as_they_were),
        cmocka_unit_test(a_folder_in_the_place_of_a_file_is_refused),
        cmocka_unit_test(a_second_run_replaces_its_own_files_only),
        cmocka_unit_test(the_same_result_gives_the_same_bytes),
        cmocka_unit_test(contrast_that_entered_is_somewhere),
        cmocka_unit_test(the_picture_holds_the_volume_it_shows),
        cmocka_unit_test(a_course_without_targets_shows_no_diameters),
        cmocka_unit_test(the_scale_bar_fits_its_picture),
        cmocka_unit_test(the_plan_names_every_lesion_of_a_tip),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
