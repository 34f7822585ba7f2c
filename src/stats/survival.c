/* Observations in order of time, and their parts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double JOIN = 1.4901161193847656e-08; /* 2^-26, the root of the machine epsilon, as in R */

/* ---- order ----------------------------------------------------------------------------------- */

/* Bits that ascend as the numbers do; 0 and -0 are one. */
static uint64_t key_of(double value) {
    uint64_t bits;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

typedef struct keyed {
    uint64_t key;
    uint32_t place;
} keyed;

enum { DIGIT = 11, BUCKETS = 1 << DIGIT, DIGITS = 6, FEW = 64 }; /* 6 * 11 bits cover 64 */

/* Few values, such as a stratum of a matched pair. */
static void order_few(const double *value, size_t n, uint32_t *order) {
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && value[order[at - 1]] > value[i]; at--)
            order[at] = order[at - 1];
        order[at] = (uint32_t)i;
    }
}

/* By digits from the last to the first (Knuth, The Art of Computer Programming 5.2.5): stable, and linear. */
st_status survival_order(const double *value, size_t n, uint32_t *order, st_error *err) {
    if (n <= FEW) {
        order_few(value, n, order);
        return ST_OK;
    }
    keyed *from = st_alloc(2 * n, sizeof *from, err), *to = from + n, *const all = from;
    size_t(*count)[BUCKETS] = st_alloc(DIGITS, sizeof *count, err);
    if (from == NULL || count == NULL) {
        free(all);
        free(count);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        from[i] = (keyed){key_of(value[i]), (uint32_t)i};
        for (int d = 0; d < DIGITS; d++)
            count[d][from[i].key >> (d * DIGIT) & (BUCKETS - 1)]++;
    }
    for (int d = 0; d < DIGITS; d++) {
        if (count[d][from[0].key >> (d * DIGIT) & (BUCKETS - 1)] == n)
            continue; /* all alike */
        size_t at = 0;
        for (size_t b = 0; b < BUCKETS; b++) {
            const size_t here = count[d][b];
            count[d][b] = at;
            at += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[d][from[i].key >> (d * DIGIT) & (BUCKETS - 1)]++] = from[i];
        keyed *const swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = from[i].place;
    free(all);
    free(count);
    return ST_OK;
}

/* ---- times that are one ------------------------------------------------------------------------ */

/* Chains of distinct ascending times in value[0 .. n-1] whose neighbours are too near to differ: each takes the first
 * of its chain. `value` keeps the distinct ones, *n how many; first[i] is what value[i] becomes. */
static size_t chain(double *value, size_t *n, double *first) {
    size_t distinct = 0, joined = 0;
    double sum = 0;
    for (size_t i = 0; i < *n; i++)
        if (i == 0 || value[i] > value[distinct - 1])
            value[distinct++] = value[i];
    for (size_t i = 0; i < distinct; i++)
        sum += fabs(value[i]);
    const double near = JOIN * fmax(1, sum / (double)distinct);
    for (size_t i = 0; i < distinct; i++) {
        const bool same = i > 0 && value[i] - value[i - 1] <= near;
        first[i] = same ? first[i - 1] : value[i];
        joined += same;
    }
    *n = distinct;
    return joined;
}

static double joined_time(const double *value, const double *first, size_t n, double time) {
    size_t low = 0, high = n; /* the last value that is not above */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (value[middle] > time)
            high = middle;
        else
            low = middle;
    }
    return first[low];
}

/* The times of `s`, ascending, and its entries. */
static st_status join(st_survival *s, st_error *err) {
    size_t n = s->n;
    const size_t all = s->start ? 2 * n : n;
    double *value = st_alloc(all, sizeof *value, err), *first = value ? st_alloc(all, sizeof *first, err) : NULL;
    uint32_t *order = first && s->start ? st_alloc(n, sizeof *order, err) : NULL;
    st_status status = first && (order || !s->start) ? ST_OK : ST_MEMORY;
    if (status == ST_OK && s->start)
        status = survival_order(s->start, n, order, err);
    if (status == ST_OK && s->start) {
        for (size_t i = 0, stop = 0, enter = 0; i < all; i++)
            value[i] = enter == n || (stop < n && s->time[stop] <= s->start[order[enter]]) ? s->time[stop++]
                                                                                           : s->start[order[enter++]];
    } else if (status == ST_OK) {
        memcpy(value, s->time, n * sizeof *value);
    }
    if (status == ST_OK) {
        size_t distinct = all;
        s->joined = chain(value, &distinct, first);
        for (size_t i = 0; i < n && s->joined > 0 && status == ST_OK; i++) {
            s->time[i] = joined_time(value, first, distinct, s->time[i]);
            if (s->start)
                s->start[i] = joined_time(value, first, distinct, s->start[i]);
            if (s->start && !(s->start[i] < s->time[i]))
                status = st_fail(err, ST_VALUE,
                                 "subject %zu ends within rounding of its entry at %.17g; an end must be "
                                 "after its entry",
                                 (size_t)s->row[i] + 1, s->start[i]);
        }
    }
    free(value);
    free(first);
    free(order);
    return status;
}

/* ---- the object ---------------------------------------------------------------------------------- */

static st_status check(const st_survival_data *d, st_error *err) {
    if (d->n == 0 || d->n >= UINT32_MAX)
        return st_fail(err, ST_VALUE, "%zu subjects; 1 to %lu can be computed", d->n, (unsigned long)UINT32_MAX - 1);
    for (size_t i = 0; i < d->n; i++) {
        if (!isfinite(d->time[i]) || d->time[i] < 0)
            return st_fail(err, ST_VALUE, "the time of subject %zu is %g; it must be 0 or more", i + 1, d->time[i]);
        if (d->start && !(isfinite(d->start[i]) && d->start[i] < d->time[i]))
            return st_fail(err, ST_VALUE, "subject %zu enters at %g and ends at %g; the entry must be before the end",
                           i + 1, d->start[i], d->time[i]);
    }
    return ST_OK;
}

st_status st_survival_init(const st_survival_data *d, st_survival *s, st_error *err) {
    *s = (st_survival){0};
    st_status status = check(d, err);
    if (status != ST_OK)
        return status;
    s->n = d->n;
    s->time = st_alloc(s->n, sizeof *s->time, err);
    s->status = st_alloc(s->n, sizeof *s->status, err);
    s->row = st_alloc(s->n, sizeof *s->row, err);
    if (d->start)
        s->start = st_alloc(s->n, sizeof *s->start, err);
    status = s->time && s->status && s->row && (s->start || !d->start) ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = survival_order(d->time, s->n, s->row, err);
    if (status == ST_OK) {
        for (size_t i = 0; i < s->n; i++) {
            s->time[i] = d->time[s->row[i]] + 0.0; /* -0 is 0 */
            s->status[i] = d->status[s->row[i]];
            s->events += s->status[i] > 0;
            if (d->start)
                s->start[i] = d->start[s->row[i]] + 0.0;
        }
        status = join(s, err);
    }
    if (status != ST_OK)
        st_survival_fini(s);
    return status;
}

void st_survival_fini(st_survival *s) {
    free(s->start);
    free(s->time);
    free(s->status);
    free(s->row);
    *s = (st_survival){0};
}

/* ---- parts ------------------------------------------------------------------------------------------ */

st_status st_survival_split(const st_survival *s, const uint32_t *level, uint32_t n_levels, st_survival_parts *parts,
                            st_error *err) {
    *parts = (st_survival_parts){.n = level ? n_levels : 1};
    parts->first = st_alloc((size_t)parts->n + 1, sizeof *parts->first, err);
    parts->member = st_alloc(s->n, sizeof *parts->member, err);
    if (!parts->first || !parts->member) {
        st_survival_parts_fini(parts);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (level && level[s->row[i]] >= n_levels) {
            st_survival_parts_fini(parts);
            return st_fail(err, ST_VALUE, "subject %zu is of part %lu; there are %lu", (size_t)s->row[i] + 1,
                           (unsigned long)level[s->row[i]], (unsigned long)n_levels);
        }
        parts->first[level ? level[s->row[i]] + 1 : 1]++;
    }
    for (size_t k = 1; k <= parts->n; k++)
        parts->first[k] += parts->first[k - 1];
    for (size_t i = 0; i < s->n; i++) /* first[k] runs to the end of its part, which is where the next one begins */
        parts->member[parts->first[level ? level[s->row[i]] : 0]++] = (uint32_t)i;
    for (size_t k = parts->n; k > 0; k--)
        parts->first[k] = parts->first[k - 1];
    parts->first[0] = 0;
    return ST_OK;
}

void st_survival_parts_fini(st_survival_parts *parts) {
    free(parts->first);
    free(parts->member);
    *parts = (st_survival_parts){0};
}
