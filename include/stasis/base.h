/* stasis/base.h - status and errors, memory, random numbers, threads, progress, files.
 *
 * Every fallible function returns an st_status and, on failure, fills the
 * st_error its caller gave. The library never exits, aborts or prints.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_BASE_H
#define STASIS_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define ST_API __attribute__((visibility("default")))
#define ST_MUST_CHECK __attribute__((warn_unused_result))
#define ST_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define ST_API
#define ST_MUST_CHECK
#define ST_PRINTF(fmt, args)
#endif

/* ---- status and error --------------------------------------------------- */

/* One list gives the enum, the text and the exit code of the program
 * (docs/exit-codes.md and `stasis --help` are made from it too). */
#define ST_STATUS_LIST(X)                                                                   \
    X(ST_OK, 0, "success")                                                                  \
    X(ST_USAGE, 1, "the command line was not understood")                                   \
    X(ST_IO, 2, "a file could not be read or written")                                      \
    X(ST_FORMAT, 3, "a file is not what its name or its header says")                       \
    X(ST_VALUE, 4, "a value is unknown, missing, of the wrong type or out of its range")    \
    X(ST_ANATOMY, 5, "the label map does not describe a liver that can be computed")        \
    X(ST_MEMORY, 6, "not enough memory")                                                    \
    X(ST_NUMERIC, 7, "a computation did not reach a result that may be trusted")            \
    X(ST_INTERRUPTED, 8, "stopped on request")

typedef enum {
#define ST_STATUS_ENUM(name, exit_code, text) name = exit_code,
    ST_STATUS_LIST(ST_STATUS_ENUM)
#undef ST_STATUS_ENUM
} st_status;

/* What went wrong and where. `line` and `column` count from 1; 0 means unknown. */
typedef struct st_error {
    st_status status;
    char what[512];  /* one sentence: what is wrong and what would be right */
    char file[256];  /* input it was found in, or "" */
    char field[128]; /* dotted path or column name inside that input, or "" */
    size_t line, column;
} st_error;

/* The one-line text of a status code. */
ST_API const char *st_status_text(st_status status);

/* Fill `err` (which may be NULL) with a formatted sentence; returns `status`,
 * so that a function can write: return st_fail(err, ST_VALUE, "..."); */
ST_API st_status st_fail(st_error *err, st_status status, const char *format, ...) ST_PRINTF(3, 4);

/* The same with a place: file (NULL for none), line and column (0 for none). */
ST_API st_status st_fail_at(st_error *err, st_status status, const char *file, size_t line, size_t column,
                            const char *format, ...) ST_PRINTF(6, 7);

/* "file:line:column: field: what" into `buffer`; parts that are unknown are left out. */
ST_API void st_error_text(const st_error *err, char *buffer, size_t size);

/* The known name nearest to `name` by edit distance, or NULL when none is near:
 * for "unknown field agnt; did you mean agent?". */
ST_API const char *st_nearest_name(const char *name, const char *const *known, size_t n_known);

/* ---- memory ------------------------------------------------------------- */

/* n * size zeroed bytes; NULL with `err` filled when they cannot be had or the
 * product overflows. Zero elements give a valid pointer. Free with free(). */
ST_API void *st_alloc(size_t n, size_t size, st_error *err);

/* An arena hands out small pieces that are all freed at once. Zero-initialise it. */
typedef struct st_arena {
    struct st_arena_block *block;
} st_arena;
ST_API void *st_arena_alloc(st_arena *arena, size_t bytes, st_error *err); /* zeroed, aligned for any type */
ST_API char *st_arena_copy(st_arena *arena, const char *text, size_t length, st_error *err);
ST_API void st_arena_fini(st_arena *arena);

/* ---- random numbers ------------------------------------------------------ */

/* Counter-based (Philox4x32-10, Salmon et al. 2011, by Random123): a stream is
 * keyed by seed, purpose and item, never by thread, so a result is the same at
 * any number of threads. */
typedef enum {
    ST_RNG_METASTASES = 1,
    ST_RNG_TERMINALS,
    ST_RNG_INFUSION,
    ST_RNG_TEST,
    ST_RNG_FEEDERS,
    ST_RNG_VARIANT,
    ST_RNG_CLOSURE,
    ST_RNG_SAMPLES,
    ST_RNG_BOOTSTRAP,
} st_rng_purpose;

typedef struct st_rng {
    uint32_t counter[4], key[2], block[4];
    unsigned used;
} st_rng;

ST_API st_rng st_rng_stream(uint64_t seed, st_rng_purpose purpose, uint64_t item);
ST_API uint32_t st_rng_u32(st_rng *rng);
ST_API double st_rng_uniform(st_rng *rng);                    /* in [0, 1), 53 bits */
ST_API double st_rng_normal(st_rng *rng);                     /* mean 0, SD 1 */
ST_API uint32_t st_rng_below(st_rng *rng, uint32_t bound);    /* 0 .. bound-1, unbiased */

/* ---- threads ------------------------------------------------------------- */

/* Calls body(context, begin, end) for pieces that cover 0..n once, on at most
 * `threads` threads (0: all the machine has). Pieces depend on n alone. A body
 * writes only what belongs to its own items. */
ST_API void st_parallel_for(size_t n, int threads, void (*body)(void *context, size_t begin, size_t end),
                            void *context);

/* ---- progress ------------------------------------------------------------ */

/* A stage tells how far it is (fraction 0..1); it never prints. May be NULL. */
typedef struct st_progress {
    void (*report)(void *context, const char *stage, double fraction);
    void *context;
} st_progress;
ST_API void st_progress_report(const st_progress *progress, const char *stage, double fraction);

/* A progress writer for `stream`: a bar with percentage and ETA when it is a
 * terminal, one line with the time taken per finished stage otherwise. */
typedef struct st_meter st_meter;
ST_API st_meter *st_meter_new(FILE *stream, bool quiet);
ST_API st_progress st_meter_progress(st_meter *meter);
ST_API void st_meter_free(st_meter *meter);

/* ---- files --------------------------------------------------------------- */

/* Whole file into memory, at most `limit` bytes (more is ST_FORMAT); the buffer
 * carries a closing zero that `size` does not count. Free with free(). A file
 * that begins as gzip is unpacked; one that is cut or corrupt is ST_FORMAT. */
ST_API ST_MUST_CHECK st_status st_file_read(const char *path, size_t limit, char **bytes, size_t *size, st_error *err);

/* Writing by temporary name, sync and rename, so that no failure leaves a half
 * file or harms an earlier one. Write to `stream`, then commit or abandon. */
typedef struct st_writer {
    FILE *stream;
    char *path, *temporary;
} st_writer;
ST_API ST_MUST_CHECK st_status st_writer_open(st_writer *writer, const char *path, st_error *err);
ST_API ST_MUST_CHECK st_status st_writer_commit(st_writer *writer, st_error *err);
ST_API void st_writer_abandon(st_writer *writer);

/* For libraries that open their own file: the temporary name to hand them (same
 * directory, same suffix as `path`), and the sync and rename that follow. */
ST_API ST_MUST_CHECK st_status st_temporary_name(const char *path, char **temporary, st_error *err);
ST_API ST_MUST_CHECK st_status st_replace_file(const char *temporary, const char *path, st_error *err);

/* mkdir -p; ST_IO with the reason when it cannot, or is not writable. */
ST_API ST_MUST_CHECK st_status st_directory_make(const char *path, st_error *err);

/* `name` relative to the folder of the file `base` (absolute names stay). Free with free(). */
ST_API char *st_path_beside(const char *base, const char *name, st_error *err);

/* Seconds on a clock that never jumps. */
ST_API double st_clock(void);

/* ---- data compiled in ---------------------------------------------------- */

/* A file of the project's data/ folder, for example "agents.csv"; NULL when there is none. */
ST_API const char *st_data_find(const char *name, size_t *size);

/* "0.1.0" */
ST_API const char *st_version(void);

#endif
