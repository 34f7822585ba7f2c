/* stasis/agent.h - embolic agents and the protocols in which they are given: data, not code.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_AGENT_H
#define STASIS_AGENT_H

#include <stasis/parameters.h>

typedef enum { ST_AGENT_PARTICLES, ST_AGENT_OIL } st_agent_kind;
ST_API const char *st_agent_kind_name(st_agent_kind kind); /* "particles", "oil" */

/* An agent of data/agents.csv, or of the user's file of the same form. */
typedef struct st_agent {
    char name[48], description[160], source[400], drug[48];
    st_agent_kind kind;  /* particles lodge one by one; oil goes as droplets into the microcirculation */
    double d_min, d_max; /* mm */
    double d_mean, d_sd; /* mm: normal, cut at d_min and d_max; uniform between them when d_sd is 0 */
    double deformation;  /* delta: lodges where D < (1 - delta) d */
    double clump;        /* mean number of particles that go as one, geometrically distributed; 1: each alone */
    double packing;      /* particle volume per volume of settled particles, 0..1 */
    double drug_load;    /* g of drug per mm^3 of settled agent; 0: none */
    double resorption;   /* s after which half of it is gone; infinite: it stays */
} st_agent;

/* The agents that can be named. */
typedef struct st_agents {
    st_agent *item;
    const char **trust; /* [n] of the row's weakest number: "measured", "derived" or "assumed" */
    size_t n;
} st_agents;

ST_API ST_MUST_CHECK st_status st_agents_init(st_agents *agents, st_error *err); /* those compiled in */
ST_API void st_agents_fini(st_agents *agents);

/* Adds the agents of a file with the columns of data/agents.csv (docs/embolic.md); one whose name is there already
 * takes its place. Only name, d_min_um and d_max_um must be there. ST_FORMAT for what is no such table, ST_VALUE for a
 * value that is none, with file, line and column; `agents` is then as before. */
ST_API ST_MUST_CHECK st_status st_agents_add_file(st_agents *agents, const char *path, st_error *err);
/* The same from memory; `name` stands in messages. */
ST_API ST_MUST_CHECK st_status st_agents_parse(st_agents *agents, const char *name, const char *bytes, size_t size,
                                               st_error *err);

/* A copy of the agent of that name; `agents` NULL: of those compiled in. ST_VALUE names the nearest one when there is
 * none. */
ST_API ST_MUST_CHECK st_status st_agents_find(const st_agents *agents, const char *name, st_agent *agent,
                                              st_error *err);
/* An agent given by its sizes alone (mm): rigid spheres. ST_VALUE unless 0 < d_min <= d_max. */
ST_API ST_MUST_CHECK st_status st_agent_sized(double d_min, double d_max, st_agent *agent, st_error *err);

ST_API double st_agent_smallest(const st_agent *agent); /* (1 - delta) d_min, mm */
/* One diameter (mm) out of the distribution of sizes. */
ST_API double st_agent_draw(const st_agent *agent, st_rng *rng);
/* The mean of d^power over the distribution, mm^power; power 0 to 3. */
ST_API double st_agent_moment(const st_agent *agent, unsigned power);
ST_API double st_agent_sd(const st_agent *agent); /* of the diameters, after the cut, mm */
/* Particles per mm^3 of settled agent, and per mm^3 of suspension: settled particles, diluted. */
ST_API double st_agent_per_volume(const st_agent *agent);
ST_API double st_agent_concentration(const st_agent *agent, const st_parameters *parameters);

/* ---- protocols: several infusions in order (data/protocols.csv) ---------- */

#define ST_PROTOCOL_STEPS     8
#define ST_PROTOCOL_PARTICLES "*" /* stands for the agent of the treatment */

typedef struct st_protocol_step {
    char agent[48];
    double dose;       /* mm^3 of the agent as prepared, before contrast dilutes it; 0: to the endpoint */
    const char *trust; /* of the dose: "measured", "derived" or "assumed" */
    char note[400];    /* where the dose comes from, what is assumed */
} st_protocol_step;

typedef struct st_protocol {
    char name[48], description[160], source[400];
    st_protocol_step steps[ST_PROTOCOL_STEPS];
    size_t n;
} st_protocol;

typedef struct st_protocols {
    st_protocol *item;
    size_t n;
} st_protocols;

ST_API ST_MUST_CHECK st_status st_protocols_init(st_protocols *protocols, st_error *err); /* those compiled in */
ST_API void st_protocols_fini(st_protocols *protocols);
/* A copy of the protocol of that name; ST_VALUE names the nearest one when there is none. */
ST_API ST_MUST_CHECK st_status st_protocol_find(const char *name, st_protocol *protocol, st_error *err);

/* A protocol with its agents. */
typedef struct st_regimen {
    char protocol[48];
    struct st_regimen_step {
        st_agent agent;
        double dose;     /* mm^3 of the agent as prepared in a session; 0: to the endpoint */
        double infused;  /* mm^3 as infused in a session, so of particles in their suspension; 0: as `dose` says */
    } step[ST_PROTOCOL_STEPS];
    size_t n;
} st_regimen;
/* `particles` stands in for "*"; `agents` NULL: those compiled in. ST_VALUE for an unknown protocol, or one that names
 * an unknown agent. */
ST_API ST_MUST_CHECK st_status st_regimen_of(const char *protocol, const st_agent *particles, const st_agents *agents,
                                             st_regimen *regimen, st_error *err);
/* The smallest particle of all steps as deformed, mm; infinite when there are none. */
ST_API double st_regimen_smallest(const st_regimen *regimen);
/* What the bed of a regimen is made for, mm: that, or for oil alone the `end_diameter`. */
ST_API double st_regimen_width(const st_regimen *regimen, const st_parameters *parameters);

#endif
