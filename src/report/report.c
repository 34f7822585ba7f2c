/* Everything a run leaves in its folder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report_internal.h"

#include <stasis/text.h>

#include <stdlib.h>

const char *const figure_files[FIGURES] = {
    [FIGURE_BEFORE] = "figures/angiogram_before.png", [FIGURE_AFTER] = "figures/angiogram_after.png",
    [FIGURE_TERRITORIES] = "figures/territories.png", [FIGURE_NECROSIS] = "figures/necrosis.png",
    [FIGURE_OIL_CT] = "figures/lipiodol_ct.png",      [FIGURE_INFUSION] = "figures/infusion.svg",
    [FIGURE_COURSE] = "figures/follow_up.svg",
};

/* How far the bar is when each part is done, by the time it takes. */
static const double DONE_DATA = 0.6, DONE_FIGURES = 0.95;

size_t report_tips(const st_result *result) {
    size_t tips = 0;
    for (size_t s = 0; s < result->plan.n_sessions; s++)
        tips += result->plan.sessions[s].n_tips;
    return tips;
}

static st_status write_labels(const store *s, const st_result *result, st_error *err) {
    char *path = store_path(s, "labels.nii.gz", err);
    st_status status = path != NULL ? st_labels_write(path, &result->labels, err) : ST_MEMORY;
    free(path);
    return status;
}

static st_status write_tree(const store *s, const st_result *result, st_error *err) {
    const st_tree_fields fields = {.flow = result->flow_after,
                                   .pressure = result->pressure_after,
                                   .territory = result->territory,
                                   .lodged = result->lodged};
    char *path = store_path(s, "tree.vtp", err);
    st_status status = path != NULL ? st_tree_write_vtp(path, &result->tree, &fields, err) : ST_MEMORY;
    free(path);
    return status;
}

static st_status draw_figures(const st_case *c, const st_result *result, int threads, figure *f, st_error *err) {
    st_status status = figure_angiograms(c, result, &f[FIGURE_BEFORE], &f[FIGURE_AFTER], err);
    if (status == ST_OK)
        status = figure_slices(c, result, threads, f, err);
    if (status == ST_OK)
        status = figure_infusion(c, result, &f[FIGURE_INFUSION], err);
    if (status == ST_OK)
        status = figure_course(c, result, &f[FIGURE_COURSE], err);
    return status;
}

static st_status write_figures(const store *s, const figure *figures, st_error *err) {
    st_status status = ST_OK;
    for (size_t i = 0; i < FIGURES && status == ST_OK; i++) {
        if (figures[i].bytes == NULL)
            continue;
        char *path = store_path(s, figure_files[i], err);
        st_writer writer;
        status = path != NULL ? st_writer_open(&writer, path, err) : ST_MEMORY;
        if (status == ST_OK) {
            fwrite(figures[i].bytes, 1, figures[i].size, writer.stream);
            status = st_writer_commit(&writer, err);
        }
        free(path);
    }
    return status;
}

static st_status write_json(const store *s, const st_case *c, const st_result *result, st_error *err) {
    json_t *root = NULL;
    char *path = store_path(s, "result.json", err);
    st_status status = path != NULL ? st_result_json(c, result, &root, err) : ST_MEMORY;
    if (status == ST_OK)
        status = st_json_write(path, root, err);
    json_decref(root);
    free(path);
    return status;
}

static st_status write_samples(const store *s, const st_result *result, st_error *err) {
    if (result->samples.n == 0)
        return ST_OK;
    char *path = store_path(s, "samples.csv", err);
    st_status status = path != NULL ? st_samples_write_csv(path, &result->samples, err) : ST_MEMORY;
    free(path);
    return status;
}

static st_status write_page(const store *s, const st_case *c, const st_result *result, const figure *figures,
                            st_error *err) {
    char *path = store_path(s, "report.html", err);
    st_status status = path != NULL ? page_write(path, c, result, figures, err) : ST_MEMORY;
    free(path);
    return status;
}

st_status st_report_write(const char *directory, const st_case *c, st_result *result, int threads,
                          const st_progress *progress, st_error *err) {
    const double begun = st_clock();
    figure figures[FIGURES] = {0};
    store s;
    st_progress_report(progress, "report", 0);
    st_status status = store_open(&s, directory, err);
    if (status != ST_OK)
        return status;
    if ((status = report_write_maps(&s, c, result, threads, err)) != ST_OK ||
        (status = write_labels(&s, result, err)) != ST_OK || (status = write_tree(&s, result, err)) != ST_OK)
        goto done;
    st_progress_report(progress, "report", DONE_DATA);
    if ((status = draw_figures(c, result, threads, figures, err)) != ST_OK ||
        (status = write_figures(&s, figures, err)) != ST_OK)
        goto done;
    st_progress_report(progress, "report", DONE_FIGURES);
    result->timing.report = st_clock() - begun;
    result->timing.total += result->timing.report;
    if ((status = write_samples(&s, result, err)) == ST_OK && (status = write_json(&s, c, result, err)) == ST_OK &&
        (status = write_page(&s, c, result, figures, err)) == ST_OK)
        status = store_publish(&s, err);
    st_progress_report(progress, "report", 1);
done:
    for (size_t i = 0; i < FIGURES; i++)
        free(figures[i].bytes);
    store_close(&s);
    return status;
}
