/* The folder of a report. New files are collected in a folder of their own inside it; only when all of them are
 * complete do they take their places, so that a run that fails leaves the files of an earlier one as they were.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"maps", "figures"};
static const char *const single_files[] = {"report.html", "result.json", "labels.nii.gz", "tree.vtp", "samples.csv"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STORE_FILES  (COUNT(single_files) + REPORT_MAPS + FIGURES)

/* Every name that a report may hold; of another name it touches none. */
static const char *file_name(size_t index) {
    if (index < COUNT(single_files))
        return single_files[index];
    index -= COUNT(single_files);
    return index < REPORT_MAPS ? report_maps[index].file : figure_files[index - REPORT_MAPS];
}

static char *join(const char *folder, const char *name, st_error *err) {
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = st_alloc(size, 1, err);
    if (path != NULL)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static st_status make_folders(const char *directory, st_error *err) {
    st_status status = st_directory_make(directory, err);
    for (size_t i = 0; i < COUNT(folders) && status == ST_OK; i++) {
        char *path = join(directory, folders[i], err);
        status = path != NULL ? st_directory_make(path, err) : ST_MEMORY;
        free(path);
    }
    return status;
}

st_status store_open(store *s, const char *directory, st_error *err) {
    char name[64];
    *s = (store){0};
    snprintf(name, sizeof name, ".stasis-%ld", (long)getpid());
    st_status status = st_directory_make(directory, err);
    if (status != ST_OK)
        return status;
    s->directory = join(directory, ".", err);
    s->stage = s->directory != NULL ? join(directory, name, err) : NULL;
    status = s->stage != NULL ? make_folders(s->stage, err) : ST_MEMORY;
    if (status != ST_OK)
        store_close(s);
    return status;
}

char *store_path(const store *s, const char *name, st_error *err) {
    return join(s->stage, name, err);
}

/* A file that was staged goes to its place; one that was not is gone from there too. */
static st_status publish(const store *s, const char *name, st_error *err) {
    char *from = join(s->stage, name, err), *to = join(s->directory, name, err);
    st_status status = from != NULL && to != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK && rename(from, to) != 0) {
        const bool absent = errno == ENOENT && access(from, F_OK) != 0;
        if (!absent || (unlink(to) != 0 && errno != ENOENT))
            status = st_fail_at(err, ST_IO, to, 0, 0, "cannot be replaced: %s", strerror(errno));
    }
    free(from);
    free(to);
    return status;
}

st_status store_publish(store *s, st_error *err) {
    st_status status = make_folders(s->directory, err);
    for (size_t i = 0; i < STORE_FILES && status == ST_OK; i++)
        status = publish(s, file_name(i), err);
    return status;
}

void store_close(store *s) {
    for (size_t i = 0; s->stage != NULL && i < STORE_FILES; i++) {
        char *path = join(s->stage, file_name(i), NULL);
        if (path != NULL)
            unlink(path);
        free(path);
    }
    for (size_t i = 0; s->stage != NULL && i < COUNT(folders); i++) {
        char *path = join(s->stage, folders[i], NULL);
        if (path != NULL)
            rmdir(path);
        free(path);
    }
    if (s->stage != NULL)
        rmdir(s->stage);
    free(s->stage);
    free(s->directory);
    *s = (store){0};
}
