/* How often the one with the higher hazard has the event first.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cox_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts by rank with sums in logarithmic time (Fenwick, Softw Pract Exp 1994;24:327). */
typedef struct counter {
    uint32_t ranks, total;
    uint32_t *sum; /* [ranks + 1] */
} counter;

static void counter_add(counter *c, uint32_t rank, uint32_t count) {
    c->total += count; /* unsigned: taking one out is adding -1 */
    for (uint32_t i = rank; i <= c->ranks; i += i & (~i + 1))
        c->sum[i] += count;
}

/* How many have a rank of at most `rank`. */
static uint32_t counter_upto(const counter *c, uint32_t rank) {
    uint32_t sum = 0;
    for (uint32_t i = rank; i > 0; i -= i & (~i + 1))
        sum += c->sum[i];
    return sum;
}

static void counter_clear(counter *c) {
    c->total = 0;
    memset(c->sum, 0, ((size_t)c->ranks + 1) * sizeof *c->sum);
}

/* Ranks below less ranks above. */
static double balance(const counter *c, uint32_t rank) {
    return (double)counter_upto(c, rank - 1) - (double)(c->total - counter_upto(c, rank));
}

typedef struct pairs {
    const st_survival *s;
    counter at_risk, dead;
    uint32_t *rank;         /* [n] from 1 within a stratum, by place of the survival */
    double *balance, *with; /* [n] concordant less discordant pairs of a subject, and its pairs */
    double sum, n;          /* over pairs */
} pairs;

/* Each event against all who are at risk at its time and outlive it. enters: places by ascending entry, or NULL. */
static void count_later(pairs *c, const uint32_t *member, size_t n, const uint32_t *enters) {
    const st_survival *s = c->s;
    size_t leaver = n;
    for (size_t i = n, next; i > 0; i = next) {
        const double time = s->time[member[i - 1]];
        for (next = i; next > 0 && !(s->time[member[next - 1]] < time); next--)
            if (s->status[member[next - 1]] == 0)
                counter_add(&c->at_risk, c->rank[member[next - 1]], 1);
        for (; enters && leaver > 0 && !(s->start[member[enters[leaver - 1]]] < time); leaver--)
            counter_add(&c->at_risk, c->rank[member[enters[leaver - 1]]], UINT32_MAX);
        for (size_t k = next; k < i; k++) {
            const uint32_t who = member[k];
            if (s->status[who] == 0)
                continue;
            const double more = balance(&c->at_risk, c->rank[who]);
            c->balance[who] += more;
            c->with[who] += c->at_risk.total;
            c->sum += more;
            c->n += c->at_risk.total;
        }
        for (size_t k = next; k < i; k++)
            if (s->status[member[k]] > 0)
                counter_add(&c->at_risk, c->rank[member[k]], 1);
    }
}

/* `sign` times the events so far, as pairs of `who`. */
static void count_dead(pairs *c, uint32_t who, double sign) {
    c->balance[who] -= sign * balance(&c->dead, c->rank[who]);
    c->with[who] += sign * c->dead.total;
}

/* Each subject against the events that it outlives. */
static void count_earlier(pairs *c, const uint32_t *member, size_t n, const uint32_t *enters) {
    const st_survival *s = c->s;
    size_t entered = 0;
    for (size_t i = 0, next; i < n; i = next) {
        const double time = s->time[member[i]];
        for (; enters && entered < n && s->start[member[enters[entered]]] < time; entered++)
            count_dead(c, member[enters[entered]], -1);
        for (next = i; next < n && !(s->time[member[next]] > time); next++)
            if (s->status[member[next]] > 0)
                count_dead(c, member[next], 1);
        for (size_t k = i; k < next; k++)
            if (s->status[member[k]] > 0)
                counter_add(&c->dead, c->rank[member[k]], 1);
        for (size_t k = i; k < next; k++) /* censored at the time of an event: taken to outlive it */
            if (s->status[member[k]] == 0)
                count_dead(c, member[k], 1);
    }
}

/* Ranks of the scores within one stratum; own[n] and order[n] are work. */
static st_status rank_scores(pairs *c, const double *score, const uint32_t *member, size_t n, double *own,
                             uint32_t *order, st_error *err) {
    uint32_t ranks = 0;
    for (size_t i = 0; i < n; i++)
        own[i] = score[c->s->row[member[i]]];
    const st_status status = survival_order(own, n, order, err);
    for (size_t i = 0; i < n && status == ST_OK; i++) {
        ranks += i == 0 || own[order[i]] > own[order[i - 1]];
        c->rank[member[order[i]]] = ranks;
    }
    c->at_risk.ranks = c->dead.ranks = ranks;
    return status;
}

static st_status count(pairs *c, const st_survival_parts *strata, const double *score, st_error *err) {
    const st_survival *s = c->s;
    uint32_t *order = st_alloc(s->n, sizeof *order, err);
    double *own = st_alloc(s->n, sizeof *own, err);
    st_status status = order && own ? ST_OK : ST_MEMORY;
    for (uint32_t k = 0; k < strata->n && status == ST_OK; k++) {
        size_t n;
        const uint32_t *member = part_members(strata, k, &n);
        status = rank_scores(c, score, member, n, own, order, err);
        for (size_t i = 0; i < n && s->start; i++)
            own[i] = s->start[member[i]];
        if (status == ST_OK && s->start)
            status = survival_order(own, n, order, err);
        if (status != ST_OK)
            break;
        counter_clear(&c->at_risk);
        counter_clear(&c->dead);
        count_later(c, member, n, s->start ? order : NULL);
        count_earlier(c, member, n, s->start ? order : NULL);
    }
    free(order);
    free(own);
    return status;
}

/* With C = (1 + sum / n) / 2 the influence of a subject is (its share of concordant pairs - C) * its pairs / n; the
 * variance is the sum of their squares (Therneau & Atkinson, the concordance statistic, 2020). */
static void conclude(const pairs *c, double *concordance, double *se) {
    double variance = 0;
    *concordance = c->n > 0 ? (1 + c->sum / c->n) / 2 : NAN;
    for (size_t i = 0; i < c->s->n; i++) {
        const double influence = ((c->with[i] + c->balance[i]) / 2 - *concordance * c->with[i]) / c->n;
        variance += influence * influence;
    }
    *se = sqrt(variance);
}

st_status cox_concordance(const st_survival *s, const st_survival_parts *strata, const double *score,
                          double *concordance, double *se, st_error *err) {
    pairs c = {.s = s};
    c.rank = st_alloc(s->n, sizeof *c.rank, err);
    c.balance = st_alloc(s->n, sizeof *c.balance, err);
    c.with = st_alloc(s->n, sizeof *c.with, err);
    c.at_risk.sum = st_alloc(s->n + 1, sizeof(uint32_t), err);
    c.dead.sum = st_alloc(s->n + 1, sizeof(uint32_t), err);
    const bool fine = c.rank && c.balance && c.with && c.at_risk.sum && c.dead.sum;
    const st_status status = fine ? count(&c, strata, score, err) : ST_MEMORY;
    if (status == ST_OK)
        conclude(&c, concordance, se);
    free(c.rank);
    free(c.balance);
    free(c.with);
    free(c.at_risk.sum);
    free(c.dead.sum);
    return status;
}
