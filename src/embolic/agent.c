/* One agent: its sizes as a distribution, and how many particles a volume holds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/agent.h>

#include <math.h>

const char *st_agent_kind_name(st_agent_kind kind) {
    return kind == ST_AGENT_OIL ? "oil" : "particles";
}

double st_agent_smallest(const st_agent *agent) {
    return (1 - agent->deformation) * agent->d_min;
}

/* The mean lies between the cuts and the SD is at most their distance, so that a draw is kept at least one time in
 * three. */
double st_agent_draw(const st_agent *agent, st_rng *rng) {
    double d;
    if (!(agent->d_sd > 0))
        return agent->d_min + (agent->d_max - agent->d_min) * st_rng_uniform(rng);
    do
        d = agent->d_mean + agent->d_sd * st_rng_normal(rng);
    while (d < agent->d_min || d > agent->d_max);
    return d;
}

/* The cuts of a normal in units of its SD, the density there, and the probability between them. */
typedef struct cuts {
    double a, b, density_a, density_b, between;
} cuts;

static cuts cuts_of(const st_agent *agent) {
    cuts c = {.a = (agent->d_min - agent->d_mean) / agent->d_sd, .b = (agent->d_max - agent->d_mean) / agent->d_sd};
    c.density_a = exp(-c.a * c.a / 2) / sqrt(2 * M_PI);
    c.density_b = exp(-c.b * c.b / 2) / sqrt(2 * M_PI);
    c.between = (erf(c.b / M_SQRT2) - erf(c.a / M_SQRT2)) / 2;
    return c;
}

/* (b^(k+1) - a^(k+1)) / ((k+1) (b - a)), divided out so that a = b is nothing special. */
static double uniform_moment(double a, double b, unsigned power) {
    double sum = 0;
    for (unsigned i = 0; i <= power; i++)
        sum += pow(a, i) * pow(b, power - i);
    return sum / (power + 1);
}

/* By parts: E d^k = mean E d^(k-1) + (k-1) sd^2 E d^(k-2) + sd (a^(k-1) density(a) - b^(k-1) density(b)) / between. */
static double normal_moment(const st_agent *agent, unsigned power) {
    const cuts c = cuts_of(agent);
    double before = 0, moment = 1;
    for (unsigned k = 1; k <= power; k++) {
        const double edge = pow(agent->d_min, k - 1) * c.density_a - pow(agent->d_max, k - 1) * c.density_b;
        const double next =
            agent->d_mean * moment + (k - 1) * agent->d_sd * agent->d_sd * before + agent->d_sd * edge / c.between;
        before = moment;
        moment = next;
    }
    return moment;
}

double st_agent_moment(const st_agent *agent, unsigned power) {
    return agent->d_sd > 0 ? normal_moment(agent, power) : uniform_moment(agent->d_min, agent->d_max, power);
}

double st_agent_sd(const st_agent *agent) {
    if (!(agent->d_sd > 0))
        return (agent->d_max - agent->d_min) / sqrt(12);
    const cuts c = cuts_of(agent);
    const double shift = (c.density_a - c.density_b) / c.between;
    return agent->d_sd * sqrt(1 + (c.a * c.density_a - c.b * c.density_b) / c.between - shift * shift);
}

double st_agent_per_volume(const st_agent *agent) {
    return agent->packing / (M_PI / 6 * st_agent_moment(agent, 3));
}

double st_agent_concentration(const st_agent *agent, const st_parameters *parameters) {
    return st_agent_per_volume(agent) / st_parameter_value(parameters, ST_P_SUSPENSION_DILUTION);
}
