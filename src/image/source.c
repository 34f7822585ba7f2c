/* Reading of image files that may be gzip, with every shortage named.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Deflate cannot shrink data by more than 1032 to 1 (RFC 1951: 258 bytes from 2 bits). */
static const uint64_t DEFLATE_MOST = 1032;

st_status image_size_check(const char *path, const int64_t n[3], st_error *err) {
    for (int i = 0; i < 3; i++)
        if (n[i] < 1 || n[i] > ST_IMAGE_AXIS_LIMIT)
            return st_fail_at(err, ST_FORMAT, path, 0, 0, "the header gives %lld voxels along %c; 1 to %u are read",
                              (long long)n[i], "xyz"[i], ST_IMAGE_AXIS_LIMIT);
    const uint64_t voxels = (uint64_t)n[0] * (uint64_t)n[1] * (uint64_t)n[2]; /* below 2^45 */
    if (voxels > ST_IMAGE_VOXEL_LIMIT || voxels > SIZE_MAX / sizeof(double))
        return st_fail_at(err, ST_FORMAT, path, 0, 0, "the header gives %lld x %lld x %lld voxels; at most %llu are read",
                          (long long)n[0], (long long)n[1], (long long)n[2], (unsigned long long)ST_IMAGE_VOXEL_LIMIT);
    return ST_OK;
}

st_status image_source_open(image_source *source, const char *path, st_error *err) {
    struct stat info;
    *source = (image_source){.path = path};
    if (stat(path, &info) != 0)
        return st_fail_at(err, ST_IO, path, 0, 0, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return st_fail_at(err, ST_IO, path, 0, 0, "is not a file");
    source->file = gzopen(path, "rb");
    if (!source->file)
        return st_fail_at(err, errno == ENOMEM ? ST_MEMORY : ST_IO, path, 0, 0, "cannot be read: %s", strerror(errno));
    gzbuffer(source->file, 256 * 1024);
    source->most = (uint64_t)info.st_size;
    if (!gzdirect(source->file))
        source->most *= DEFLATE_MOST;
    return ST_OK;
}

static st_status cut(const image_source *source, st_error *err) {
    int code = Z_OK;
    const char *text = gzerror(source->file, &code);
    if (code == Z_ERRNO)
        return st_fail_at(err, ST_IO, source->path, 0, 0, "cannot be read: %s", strerror(errno));
    if (code == Z_DATA_ERROR)
        return st_fail_at(err, ST_FORMAT, source->path, 0, 0, "the gzip data is corrupt (%s)", text);
    if (code == Z_BUF_ERROR)
        return st_fail_at(err, ST_FORMAT, source->path, 0, 0, "the gzip data is truncated: the file ends too early");
    return st_fail_at(err, ST_FORMAT, source->path, 0, 0, "is truncated: it ends before its image does");
}

st_status image_source_read(image_source *source, void *bytes, size_t size, st_error *err) {
    unsigned char *to = bytes;
    while (size > 0) {
        const unsigned piece = size > (1u << 30) ? 1u << 30 : (unsigned)size;
        const int got = gzread(source->file, to, piece);
        if (got <= 0)
            return cut(source, err);
        to += got;
        size -= (size_t)got;
    }
    return ST_OK;
}

st_status image_source_skip(image_source *source, uint64_t size, st_error *err) {
    char buffer[4096];
    st_status status = ST_OK;
    for (uint64_t left = size; left > 0 && status == ST_OK;) {
        const size_t piece = left < sizeof buffer ? (size_t)left : sizeof buffer;
        status = image_source_read(source, buffer, piece, err);
        left -= piece;
    }
    return status;
}

st_status image_source_holds(const image_source *source, uint64_t offset, uint64_t size, st_error *err) {
    if (offset <= source->most && size <= source->most - offset)
        return ST_OK;
    return st_fail_at(err, ST_FORMAT, source->path, 0, 0,
                      "is truncated, or its header is wrong: %llu bytes of image data do not fit into a file of its size",
                      (unsigned long long)size);
}

st_status image_source_finish(image_source *source, st_error *err) {
    char more;
    int code = Z_OK;
    const int got = gzread(source->file, &more, 1);
    gzerror(source->file, &code);
    return got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END) ? cut(source, err) : ST_OK;
}

void image_source_close(image_source *source) {
    if (source->file)
        gzclose(source->file);
    source->file = NULL;
}
