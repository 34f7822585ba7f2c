/* The scales of an axis, its round ticks, and how numbers are written beside it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "axis.h"
#include "type.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Relative room for rounding where a value should lie on a tick. */
static const double NEARLY = 1e-9;
static const double FULL = 100; /* percent */

/* ---- numbers ----------------------------------------------------------------------- */

double axis_step(double range, double wanted) {
    const double raw = range / wanted, power = pow(10, floor(log10(raw)));
    const double first = raw / power;
    return power * (first <= 1 ? 1 : first <= 2 ? 2 : first <= 5 ? 5 : 10);
}

int axis_digits(double step) {
    return step >= 1 ? 0 : (int)ceil(-log10(step) - NEARLY);
}

/* "-1.2e-07" as "-1.2 x 10" with a raised -7, in proper signs. */
static void write_power(double value, char text[AXIS_TEXT]) {
    char plain[AXIS_TEXT];
    snprintf(plain, sizeof plain, "%.1e", fabs(value));
    const char *e = strchr(plain, 'e');
    const int exponent = (int)strtol(e + 1, NULL, 10);
    const bool one = strncmp(plain, "1.0", 3) == 0;
    const int length = strncmp(plain + 1, ".0", 2) == 0 ? 1 : 3;
    snprintf(text, AXIS_TEXT, "%s%.*s%s10" TYPE_RAISED "%s%d" TYPE_UPRIGHT, value < 0 ? TYPE_MINUS : "",
             one ? 0 : length, plain, one ? "" : TYPE_THIN "\xc3\x97" TYPE_THIN, exponent < 0 ? TYPE_MINUS : "",
             abs(exponent));
}

void axis_number(double value, int digits, char text[AXIS_TEXT]) {
    const double many = 1e9, grouped = 1e4;
    const int fine = 9;
    char plain[AXIS_TEXT];
    if (isnan(value)) {
        text[0] = 0;
        return;
    }
    if (isinf(value)) {
        snprintf(text, AXIS_TEXT, "%s\xe2\x88\x9e", value < 0 ? TYPE_MINUS : "");
        return;
    }
    if (fabs(value) >= many || (digits > fine && fabs(value) > 0)) {
        write_power(value, text);
        return;
    }
    snprintf(plain, sizeof plain, "%.*f", digits > fine ? 0 : digits, fabs(value));
    const bool zero = strspn(plain, "0.") == strlen(plain);
    const size_t length = strspn(plain, "0123456789"), sign = value < 0 && !zero ? strlen(TYPE_MINUS) : 0;
    size_t n = sign;
    memcpy(text, TYPE_MINUS, sign);
    for (size_t i = 0; plain[i] != 0 && n + 2 < AXIS_TEXT; i++) {
        if (fabs(value) >= grouped && i > 0 && i < length && (length - i) % 3 == 0)
            text[n++] = TYPE_THIN[0];
        text[n++] = plain[i];
    }
    text[n] = 0;
}

/* Two digits that count; three where a ratio is near 1; whole numbers from 100 on. */
static void write_ratio(double ratio, char text[AXIS_TEXT]) {
    const double whole = 100, usual = 0.1, least = 1e-3, most = 1e6;
    if (ratio > 0 && (ratio < least || ratio >= most) && isfinite(ratio))
        write_power(ratio, text);
    else
        axis_number(ratio,
                    ratio >= whole                   ? 0
                    : ratio >= usual || !(ratio > 0) ? 2
                                                     : 1 - (int)floor(log10(ratio)),
                    text);
}

void axis_estimate(st_axis_scale scale, double value, double span, char text[AXIS_TEXT]) {
    const double shown = axis_shown(scale, value);
    const bool percent = scale == ST_SCALE_LOGISTIC || scale == ST_SCALE_PERCENT;
    const int least = percent ? 1 : 0, most = 9;
    const double counts = percent ? 5 : 0.5; /* spans below it want another digit */
    if (scale == ST_SCALE_EXP) {
        write_ratio(shown, text);
        return;
    }
    const double large = 1e7, small = 1e-9;
    if ((span >= large || (span > 0 && span < small)) && isfinite(shown)) {
        if (fabs(shown) > 0)
            write_power(shown, text);
        else
            snprintf(text, AXIS_TEXT, "0");
        return;
    }
    const double digits = (percent ? 1 : 2) - (span > 0 ? floor(log10(span / counts)) : 0);
    axis_number(shown, (int)fmin(fmax(digits, least), most), text);
}

/* ---- scales ------------------------------------------------------------------------ */

double axis_shown(st_axis_scale scale, double value) {
    switch (scale) {
    case ST_SCALE_EXP:
        return exp(value);
    case ST_SCALE_LOGISTIC:
        return FULL / (1 + exp(-value));
    case ST_SCALE_PERCENT:
        return FULL * value;
    case ST_SCALE_PLAIN:
        break;
    }
    return value;
}

double axis_most(st_axis_scale scale) {
    const double plain = 1e100, logarithm = 230;
    return scale == ST_SCALE_EXP || scale == ST_SCALE_LOGISTIC ? logarithm : plain;
}

static double coordinate(const axis *a, double value) {
    const bool own = a->scale == ST_SCALE_EXP || (a->scale == ST_SCALE_LOGISTIC && !a->even);
    return own ? value : axis_shown(a->scale, value);
}

double axis_share(const axis *a, double value) {
    return (coordinate(a, value) - a->from) / (a->to - a->from);
}

double axis_share_of_tick(const axis *a, size_t tick) {
    return (a->tick[tick] - a->from) / (a->to - a->from);
}

/* ---- ticks ------------------------------------------------------------------------- */

static void add_tick(axis *a, double coordinate_, const char *text) {
    if (a->n == AXIS_TICKS_MOST)
        return;
    a->tick[a->n] = coordinate_;
    snprintf(a->text[a->n++], AXIS_TEXT, "%s", text);
}

static void add_number(axis *a, double coordinate_, double shown, int digits) {
    char text[AXIS_TEXT];
    axis_number(shown, digits, text);
    add_tick(a, coordinate_, text);
}

/* Multiples of one step that enclose low..high, at most `wanted` of them if that can be. */
static double enclose(double low, double high, size_t wanted, double *first, double *last) {
    double step = 1;
    for (size_t steps = wanted > 2 ? wanted - 1 : 1; steps >= 1; steps--) {
        step = axis_step(high - low, (double)steps);
        *first = floor(low / step + NEARLY);
        *last = ceil(high / step - NEARLY);
        if (*last - *first + 1 <= (double)wanted)
            break;
    }
    return step;
}

static void choose_even(axis *a, size_t wanted) {
    double first, last;
    const double step = enclose(a->from, a->to, wanted, &first, &last);
    a->from = first * step;
    a->to = last * step;
    for (double k = first; k <= last; k++)
        add_number(a, k * step, k * step, axis_digits(step));
}

/* The place of a ratio in the row ..., 0.1, 0.2, 0.5, 1 (place 0), 2, 5, 10, ... and back. */
static double ratio_at(int place) {
    static const double first[] = {1, 2, 5};
    const int third = (place % 3 + 3) % 3, decade = (place - third) / 3;
    return decade >= 0 ? first[third] * pow(10, decade) : first[third] / pow(10, -decade);
}

static int place_below(double ratio) {
    int place = 3 * (int)floor(log10(ratio)) - 1;
    while (ratio_at(place + 1) <= ratio * (1 + NEARLY))
        place++;
    return place;
}

static int place_above(double ratio) {
    const int place = place_below(ratio);
    return ratio_at(place) >= ratio * (1 - NEARLY) ? place : place + 1;
}

/* Long rows are written as powers, all but 1. */
static void add_ratio(axis *a, int place, bool powers) {
    const double ratio = ratio_at(place);
    const int digits = place >= 0 ? 0 : (2 - place) / 3;
    char text[AXIS_TEXT];
    if (powers && place != 0)
        write_power(ratio, text);
    else
        axis_number(ratio, digits, text);
    add_tick(a, log(ratio), text);
}

static int multiple_below(int place, int of) {
    return place >= 0 ? place / of * of : -((-place + of - 1) / of * of);
}

static void choose_decades(axis *a, int below, int above, size_t wanted) {
    const int long_row = 12; /* 10 to the -4 or 4 */
    int stride = 3;
    while ((size_t)(-multiple_below(-above, stride) - multiple_below(below, stride)) / (size_t)stride + 1 > wanted + 1)
        stride += 3;
    int first = -multiple_below(-below, stride), last = multiple_below(above, stride);
    if (last <= first || stride > 3) {
        below = first = multiple_below(below, stride);
        above = last = -multiple_below(-above, stride);
    }
    const bool powers = first < -long_row || last > long_row;
    a->from = log(ratio_at(below));
    a->to = log(ratio_at(above));
    for (int place = first; place <= last; place += stride)
        add_ratio(a, place, powers);
}

static void choose_ratios(axis *a, size_t wanted) {
    const double low = exp(a->from), high = exp(a->to), narrow = 3;
    double first, last;
    const double step = enclose(low, high, wanted, &first, &last);
    if (high / low < narrow && first >= 1) {
        a->from = log(first * step);
        a->to = log(last * step);
        for (double k = first; k <= last; k++)
            add_number(a, log(k * step), k * step, axis_digits(step));
        return;
    }
    const int below = place_below(low), above = place_above(high);
    if ((size_t)(above - below) + 1 > wanted) {
        choose_decades(a, below, above, wanted);
        return;
    }
    a->from = log(ratio_at(below));
    a->to = log(ratio_at(above));
    for (int place = below; place <= above; place++)
        add_ratio(a, place, false);
}

static double logit_of_percent(double percent) {
    return log(percent / (FULL - percent));
}

/* Percents on a scale of logits, the roundest first, as many as have room. */
static size_t gather_percents(const axis *a, size_t wanted, double *chosen) {
    static const double round[] = {50, 10,  90,   1,  99, 20,  80,   5,    95,    30,    70,    2,
                                   98, 0.1, 99.9, 40, 60, 0.5, 99.5, 0.01, 99.99, 0.001, 99.999};
    size_t n = 0;
    for (size_t i = 0; i < sizeof round / sizeof round[0] && n < wanted; i++) {
        const double at = logit_of_percent(round[i]);
        bool free_ = at >= a->from && at <= a->to;
        for (size_t k = 0; k < n && free_; k++)
            free_ = fabs(at - logit_of_percent(chosen[k])) * (double)wanted >= a->to - a->from;
        if (free_)
            chosen[n++] = round[i];
    }
    return n;
}

static void choose_logits(axis *a, size_t wanted) {
    const double low = axis_shown(ST_SCALE_LOGISTIC, a->from), high = axis_shown(ST_SCALE_LOGISTIC, a->to);
    double chosen[AXIS_TICKS_MOST], first, last;
    size_t n = gather_percents(a, wanted < AXIS_TICKS_MOST ? wanted : AXIS_TICKS_MOST, chosen);
    if (n < 4 && high - low > NEARLY) {
        const double step = enclose(low, high, wanted, &first, &last);
        for (double k = first; k <= last; k++)
            if (k * step > low && k * step < high)
                add_number(a, logit_of_percent(k * step), k * step, axis_digits(step));
        return;
    }
    while (n > 0) { /* ascending */
        size_t least = 0;
        for (size_t k = 1; k < n; k++)
            least = chosen[k] < chosen[least] ? k : least;
        const double tenths = 10 * chosen[least];
        const int digits = fabs(tenths / 10 - round(tenths / 10)) < NEARLY ? 0
                           : fabs(tenths - round(tenths)) < NEARLY         ? 1
                                                                           : 3;
        add_number(a, logit_of_percent(chosen[least]), chosen[least], digits);
        chosen[least] = chosen[--n];
    }
}

/* Where all values are one, room on both sides of it. */
static void widen(axis *a) {
    const bool logs = a->scale == ST_SCALE_EXP || (a->scale == ST_SCALE_LOGISTIC && !a->even);
    const double large = fmax(fabs(a->from), fabs(a->to)), middle = (a->from + a->to) / 2;
    if (a->to - a->from > NEARLY * large && a->to - a->from > DBL_MIN / NEARLY)
        return;
    const double half = logs ? 0.7 : large > DBL_MIN / NEARLY ? large / 10 : 1;
    a->from = middle - half;
    a->to = middle + half;
    if (a->scale == ST_SCALE_LOGISTIC && a->even) {
        a->from = fmax(a->from, 0);
        a->to = fmin(a->to, FULL);
    }
}

axis axis_choose(st_axis_scale scale, bool even, double low, double high, size_t wanted) {
    const double most = axis_most(scale);
    axis a = {.scale = scale, .even = even};
    wanted = wanted < 2 ? 2 : wanted;
    a.from = coordinate(&a, fmax(fmin(low, high), -most));
    a.to = coordinate(&a, fmin(fmax(low, high), most));
    widen(&a);
    if (scale == ST_SCALE_EXP)
        choose_ratios(&a, wanted);
    else if (scale == ST_SCALE_LOGISTIC && !even)
        choose_logits(&a, wanted);
    else
        choose_even(&a, wanted);
    return a;
}

axis axis_choose_months(double high, size_t wanted) {
    static const double first[] = {1, 2, 3, 6, 12, 24};
    double step = first[0];
    for (size_t i = 0; i < sizeof first / sizeof first[0] && ceil(high / step) + 1 > (double)wanted; i++)
        step = first[i];
    while (ceil(high / step) + 1 > (double)wanted)
        step += step < 5 * 12 ? 12 : step;
    axis a = {.scale = ST_SCALE_PLAIN, .to = step * fmax(ceil(high / step - NEARLY), 1)};
    for (double k = 0; k * step <= a.to * (1 + NEARLY); k++)
        add_number(&a, k * step, k * step, 0);
    return a;
}
