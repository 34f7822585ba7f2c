/* Progress as a person sees it: a bar with ETA on a terminal, one line per finished stage elsewhere.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/base.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct st_meter {
    FILE *stream;
    bool quiet, terminal;
    char stage[64];      /* "" between stages */
    double begun, drawn; /* s */
};

enum { BAR_CELLS = 30 };
static const double REDRAW_SECONDS = 0.1;

st_meter *st_meter_new(FILE *stream, bool quiet) {
    st_meter *meter = calloc(1, sizeof *meter);
    if (meter) {
        meter->stream = stream;
        meter->quiet = quiet;
        meter->terminal = isatty(fileno(stream)) == 1;
    }
    return meter;
}

static void finish(st_meter *meter) {
    fprintf(meter->stream, "%s%-12s %6.2f s%s\n", meter->terminal ? "\r" : "", meter->stage, st_clock() - meter->begun,
            meter->terminal ? "\033[K" : "");
    fflush(meter->stream);
    meter->stage[0] = '\0';
}

static void draw(st_meter *meter, double fraction) {
    const double now = st_clock(), spent = now - meter->begun;
    if (now - meter->drawn < REDRAW_SECONDS)
        return;
    meter->drawn = now;
    char bar[BAR_CELLS + 1];
    const int full = (int)(fraction * BAR_CELLS);
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', (size_t)full);
    bar[BAR_CELLS] = '\0';
    fprintf(meter->stream, "\r%-12s [%s] %3.0f %%", meter->stage, bar, 100 * fraction);
    if (fraction > 0)
        fprintf(meter->stream, "  %.0f s left", ceil(spent * (1 - fraction) / fraction));
    fputs("\033[K", meter->stream);
    fflush(meter->stream);
}

static void report(void *context, const char *stage, double fraction) {
    st_meter *meter = context;
    if (meter->stage[0] && strncmp(meter->stage, stage, sizeof meter->stage - 1) != 0)
        finish(meter);
    if (!meter->stage[0]) {
        snprintf(meter->stage, sizeof meter->stage, "%s", stage);
        meter->begun = st_clock();
    }
    if (fraction >= 1)
        finish(meter);
    else if (meter->terminal)
        draw(meter, fraction > 0 ? fraction : 0);
}

st_progress st_meter_progress(st_meter *meter) {
    const bool mute = !meter || meter->quiet;
    return (st_progress){mute ? NULL : report, meter};
}

void st_meter_free(st_meter *meter) {
    if (meter && meter->stage[0] && meter->terminal) /* a run that stopped midway leaves its bar */
        fputs("\n", meter->stream);
    free(meter);
}
