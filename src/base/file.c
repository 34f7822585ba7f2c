/* Files: read whole, written by temporary name, sync and rename.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/base.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static st_status refuse_read(const char *path, int code, st_error *err) {
    return st_fail_at(err, code == ENOMEM ? ST_MEMORY : ST_IO, path, 0, 0, "cannot be read: %s", strerror(code));
}

static st_status refuse_write(const char *path, int code, st_error *err) {
    return st_fail_at(err, ST_IO, path, 0, 0, "cannot be written: %s", strerror(code));
}

/* ---- reading ------------------------------------------------------------- */

static st_status read_error(gzFile file, const char *path, st_error *err) {
    int code = Z_OK;
    const char *text = gzerror(file, &code);
    if (code == Z_ERRNO)
        return refuse_read(path, errno, err);
    if (code == Z_BUF_ERROR)
        return st_fail_at(err, ST_FORMAT, path, 0, 0, "the gzip data is truncated: the file ends too early");
    return st_fail_at(err, ST_FORMAT, path, 0, 0, "the gzip data is corrupt (%s)", text);
}

/* Appends what is left of `file`; *size grows, the buffer keeps a spare byte. */
static st_status read_all(gzFile file, const char *path, size_t limit, char **bytes, size_t *size, st_error *err) {
    size_t capacity = 64 * 1024;
    for (;;) {
        char *more = realloc(*bytes, capacity + 1);
        if (!more)
            return st_fail_at(err, ST_MEMORY, path, 0, 0, "no memory for %zu bytes", capacity);
        *bytes = more;
        while (*size < capacity) {
            const size_t room = capacity - *size;
            const int got = gzread(file, *bytes + *size, room < 1u << 30 ? (unsigned)room : 1u << 30);
            int code = Z_OK;
            gzerror(file, &code);
            if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END))
                return read_error(file, path, err);
            if (got == 0)
                return ST_OK;
            *size += (size_t)got;
            if (*size > limit)
                return st_fail_at(err, ST_FORMAT, path, 0, 0, "holds more than the %zu bytes that are read", limit);
        }
        capacity *= 2;
    }
}

st_status st_file_read(const char *path, size_t limit, char **bytes, size_t *size, st_error *err) {
    struct stat info;
    *bytes = NULL;
    *size = 0;
    if (stat(path, &info) != 0)
        return refuse_read(path, errno, err);
    if (!S_ISREG(info.st_mode))
        return st_fail_at(err, ST_IO, path, 0, 0, "is not a file");
    gzFile file = gzopen(path, "rb");
    if (!file)
        return refuse_read(path, errno, err);
    const st_status status = read_all(file, path, limit, bytes, size, err);
    gzclose(file);
    if (status == ST_OK) {
        (*bytes)[*size] = '\0';
    } else {
        free(*bytes);
        *bytes = NULL;
        *size = 0;
    }
    return status;
}

/* ---- writing ------------------------------------------------------------- */

st_status st_temporary_name(const char *path, char **temporary, st_error *err) {
    const char *slash = strrchr(path, '/');
    const size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    const size_t size = strlen(path) + 32;
    *temporary = st_alloc(size, 1, err);
    if (!*temporary)
        return ST_MEMORY;
    snprintf(*temporary, size, "%.*s.%ld~%s", (int)folder, path, (long)getpid(), path + folder);
    return ST_OK;
}

st_status st_replace_file(const char *temporary, const char *path, st_error *err) {
    const int descriptor = open(temporary, O_RDONLY);
    bool done = descriptor >= 0 && fsync(descriptor) == 0;
    int code = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (done && rename(temporary, path) != 0) {
        done = false;
        code = errno;
    }
    if (done)
        return ST_OK;
    unlink(temporary);
    return refuse_write(path, code, err);
}

st_status st_writer_open(st_writer *writer, const char *path, st_error *err) {
    *writer = (st_writer){0};
    st_status status = st_temporary_name(path, &writer->temporary, err);
    if (status == ST_OK && !(writer->path = st_alloc(strlen(path) + 1, 1, err)))
        status = ST_MEMORY;
    if (status == ST_OK) {
        strcpy(writer->path, path);
        writer->stream = fopen(writer->temporary, "wb");
        if (!writer->stream)
            status = refuse_write(path, errno, err);
    }
    if (status != ST_OK)
        st_writer_abandon(writer);
    return status;
}

st_status st_writer_commit(st_writer *writer, st_error *err) {
    errno = 0;
    const bool failed = ferror(writer->stream) != 0;
    const bool closed = fclose(writer->stream) == 0;
    writer->stream = NULL;
    st_status status = ST_OK;
    if (failed || !closed) {
        status = refuse_write(writer->path, errno ? errno : EIO, err);
        unlink(writer->temporary);
    } else {
        status = st_replace_file(writer->temporary, writer->path, err);
    }
    free(writer->path);
    free(writer->temporary);
    *writer = (st_writer){0};
    return status;
}

void st_writer_abandon(st_writer *writer) {
    if (writer->stream) {
        fclose(writer->stream);
        unlink(writer->temporary);
    }
    free(writer->path);
    free(writer->temporary);
    *writer = (st_writer){0};
}

/* ---- paths --------------------------------------------------------------- */

/* One folder; there already is as good as made. */
static st_status make_one(const char *path, st_error *err) {
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return ST_OK;
    const int code = errno;
    if (stat(path, &info) == 0)
        return S_ISDIR(info.st_mode) ? ST_OK
                                     : st_fail_at(err, ST_IO, path, 0, 0, "is there already and is not a folder");
    return st_fail_at(err, ST_IO, path, 0, 0, "the folder cannot be made: %s", strerror(code));
}

st_status st_directory_make(const char *path, st_error *err) {
    char *part = st_alloc(strlen(path) + 1, 1, err);
    if (!part)
        return ST_MEMORY;
    st_status status = path[0] ? ST_OK : st_fail(err, ST_IO, "the name of a folder is empty");
    for (size_t i = 1; path[0] && path[i - 1] && status == ST_OK; i++)
        if ((path[i] == '/' || path[i] == '\0') && path[i - 1] != '/') {
            memcpy(part, path, i);
            part[i] = '\0';
            status = make_one(part, err);
        }
    free(part);
    if (status == ST_OK && access(path, W_OK | X_OK) != 0)
        status = st_fail_at(err, ST_IO, path, 0, 0, "the folder is not writable: %s", strerror(errno));
    return status;
}

char *st_path_beside(const char *base, const char *name, st_error *err) {
    const char *slash = strrchr(base, '/');
    const size_t folder = slash && name[0] != '/' ? (size_t)(slash - base) + 1 : 0;
    const size_t size = folder + strlen(name) + 1;
    char *path = st_alloc(size, 1, err);
    if (path)
        snprintf(path, size, "%.*s%s", (int)folder, base, name);
    return path;
}
