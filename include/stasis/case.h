/* stasis/case.h - the two objects that carry everything: what was asked, what was found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CASE_H
#define STASIS_CASE_H

#include <stasis/course.h>
#include <stasis/embolic.h>
#include <stasis/plan.h>
#include <stasis/samples.h>
#include <stasis/tissue.h>

/* What a case file that does not say gets. */
#define ST_DEFAULT_AGENT "pva-75-150"
#define ST_DEFAULT_PRESET "stasis"

typedef enum { ST_TAE, ST_TACE } st_modality;
ST_API const char *st_modality_name(st_modality modality);

typedef enum { ST_TIP_SEGMENT, ST_TIP_POINT, ST_TIP_LOBE } st_tip_kind;

/* A tip the user names: a segment of tree.vtp, a point (mm LPS), or "right" / "left" (lobar). */
typedef struct st_tip_request {
    st_tip_kind kind;
    uint32_t segment;
    double point[3];
    st_lobe lobe;
} st_tip_request;

/* Read-only after st_case_read. */
typedef struct st_case {
    char id[64];
    uint64_t seed;
    char *file;                 /* the case file, for messages */
    st_patient patient;
    char *labels_file;
    st_label_map map;
    bool root_given;
    double root[3];             /* mm LPS */
    char variant[32];           /* of the arteries: a name, ST_VARIANT_DRAWN, or "" when none is asked for */
    st_modality modality;
    st_agent agent;             /* the particles of the treatment */
    st_regimen regimen;         /* what is infused through a tip, in order */
    bool tips_auto;
    st_tip_request *tips;
    size_t n_tips;
    unsigned sessions;          /* 0: by need */
    st_endpoint endpoint;
    double *weeks;              /* of follow-up, ascending */
    size_t n_weeks;
    uint32_t terminals;         /* 0: as many as the agent needs */
    unsigned samples;           /* of the infusions, with uncertain numbers drawn anew; 0: none */
    st_uncertainty uncertainty; /* what varies */
    st_parameters parameters;
} st_case;
ST_API ST_MUST_CHECK st_status st_case_read(const char *path, st_case *c, st_error *err);
ST_API void st_case_fini(st_case *c);

typedef struct st_session_result {
    st_infusion *infusions;     /* [n_tips * regimen.n], in the plan's order of tips, each tip's steps in order */
    size_t n_infusions;
    st_oil oil;                 /* summed */
    st_particles particles;     /* summed */
    double embolic_volume;      /* mm^3 */
    double tip_flow_left;       /* of the tips' baseline flow, 0..1 */
    double tumour_arterial_left, normal_arterial_left; /* of baseline arterial flow, 0..1, whole liver */
    double *lesion_necrosis;    /* [n_lesions] of the volume viable before this session, 0..1 */
    double normal_necrotic_volume; /* mm^3, by this session */
} st_session_result;

typedef struct st_timing {
    double tree, flow, plan, infusion, tissue, course, samples, report, total; /* s */
} st_timing;

typedef struct st_result {
    st_labels labels;           /* as read */
    st_liver liver;
    st_demand demand;
    st_supply supply;
    st_grade grade;
    char grade_reason[256];
    st_eligibility eligibility; /* with count, size and burden from the image where the record has none */
    st_patient patient;         /* the record so completed */
    st_tree tree;
    st_tree_growth growth;
    st_tree_measures measures;
    double *reached_through;    /* [n_lesions * supply.n] of a lesion's arterial flow, what comes through each inlet */
    double *flow_before, *flow_after; /* [segments] mm^3/s */
    double *pressure_before, *pressure_after; /* [segments] Pa, at the distal point */
    uint32_t *lodged;           /* [segments] particles */
    double *lodged_volume;      /* [segments] mm^3 */
    double *oil;                /* [segments] mm^3 of oil in the tissue of a terminal */
    uint32_t *territory;        /* [segments] 0, or the number (1..) of the tip over all sessions */
    st_reach reach;             /* every vessel that a microcatheter enters; zero without lesions */
    st_feeders feeders;
    st_plan plan;
    st_session_result *sessions; /* [plan.n_sessions] */
    st_tissue tissue;
    st_tissue_summary summary;  /* at the end */
    st_course course;
    st_samples samples; /* of all sessions together; n 0: none */
    st_timing timing;
    char notes[16][256];        /* what a reader must know: synthetic lesions, rules used, things not modelled */
    size_t n_notes;
} st_result;

/* The main job, stage after stage. Stops with ST_INTERRUPTED when *stop becomes nonzero (may be NULL). */
ST_API ST_MUST_CHECK st_status st_case_run(const st_case *c, int threads, const st_progress *progress,
                                           const volatile int *stop, st_result *result, st_error *err);
ST_API void st_result_fini(st_result *result);

/* result.json of docs/formats.md. */
ST_API ST_MUST_CHECK st_status st_result_json(const st_case *c, const st_result *result, json_t **root, st_error *err);
/* The n infusions through one tip as they stand there: each of them under "infusions"; beside them particles and oil
 * summed, flow from before the first to after the last, the rest as the last left it. */
ST_API json_t *st_infusions_json(const st_infusion *infusion, size_t n);
/* One tip: its vessel and its shares of the flow. */
ST_API json_t *st_tip_json(const st_tip *tip, size_t n_lesions);
/* Lesion by lesion its feeders, ranked. */
ST_API json_t *st_feeders_json(const st_tree *tree, const st_reach *reach, const st_feeders *feeders);
/* Every entry with what is beyond it. */
ST_API json_t *st_reach_json(const st_tree *tree, const st_reach *reach);

#endif
