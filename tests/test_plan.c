/* Tips: what they reach, and that no better set was overlooked.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/plan.h>
#include <stasis/units.h>

#include "support.h"

static st_parameters parameters;
static st_error err;

static int set_up(void **state) {
    (void)state;
    return st_parameters_init(&parameters, &err) ||
           st_parameters_set(&parameters, "microcatheter_diameter", 0.4, &err) ||
           st_parameters_set(&parameters, "segmental_share", 0.5, &err);
}

static int tear_down(void **state) {
    (void)state;
    st_parameters_fini(&parameters);
    return 0;
}

enum { LESIONS = 4 };
static st_lesion lesions[LESIONS] = {{.id = 1, .volume = 900, .lobe = ST_LOBE_LEFT},
                                     {.id = 2, .volume = 500, .lobe = ST_LOBE_RIGHT},
                                     {.id = 3, .volume = 300, .lobe = ST_LOBE_RIGHT},
                                     {.id = 4, .volume = 200, .lobe = ST_LOBE_LEFT}};
static const st_liver liver = {.lesions = lesions, .n_lesions = LESIONS};

/* Splits `terminals` at random, depth first. */
static void split(st_tree *tree, uint32_t *n, uint32_t parent, uint32_t terminals, st_rng *rng) {
    const uint32_t i = (*n)++;
    tree->parent[i] = parent;
    tree->radius[i] = (float)(2 * cbrt(terminals / 16.0));
    if (terminals == 1) {
        tree->demand[i] = 1 + st_rng_uniform(rng);
        tree->lesion[i] = (uint16_t)(st_rng_below(rng, 3) == 0 ? 1 + st_rng_below(rng, LESIONS) : 0);
        return;
    }
    const uint32_t left = 1 + st_rng_below(rng, terminals - 1);
    split(tree, n, i, left, rng);
    split(tree, n, i, terminals - left, rng);
}

static st_tree random_tree(uint64_t seed, uint32_t terminals) {
    st_tree tree;
    st_rng rng = st_rng_stream(seed, ST_RNG_TEST, 0);
    assert_ok(st_tree_init(&tree, 2 * terminals - 1, &err));
    uint32_t n = 0;
    split(&tree, &n, ST_NONE, terminals, &rng);
    assert_ok(st_tree_finish(&tree, &err));
    return tree;
}

static bool below(const st_tree *tree, uint32_t segment, uint32_t tip) {
    for (; segment != ST_NONE; segment = tree->parent[segment])
        if (segment == tip)
            return true;
    return false;
}

/* mm^3/s beyond `tip` to one lesion (0: normal liver), terminal by terminal. */
static double beyond(const st_tree *tree, uint32_t tip, uint16_t lesion) {
    double sum = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i) && tree->lesion[i] == lesion && below(tree, i, tip))
            sum += tree->demand[i];
    return sum;
}

/* mm^3/s to lesion `l` (from 0) that the reach has for an entry: beyond it, or of that what passes no further entry. */
static double part_of(const st_reach *reach, size_t l, size_t entry, bool direct) {
    for (size_t k = reach->first[l]; k < reach->first[l + 1]; k++)
        if (reach->part[k].entry == entry)
            return direct ? reach->part[k].direct : reach->part[k].flow;
    return 0;
}

static size_t entry_of(const st_reach *reach, uint32_t segment) {
    for (size_t i = 0; i < reach->n; i++)
        if (reach->segment[i] == segment)
            return i;
    return SIZE_MAX;
}

/* Wide all the way, asked of every vessel on the way. */
static bool enterable(const st_tree *tree, uint32_t segment) {
    for (; segment != ST_NONE; segment = tree->parent[segment])
        if (2 * (double)tree->radius[segment] < 0.4)
            return false;
    return true;
}

/* Where the way of a catheter to a terminal of a lesion ends: it goes down until a vessel feeds nearly that lesion
 * alone or the next one is too narrow. */
static uint32_t way_ends(const st_tree *tree, uint32_t terminal, uint16_t lesion) {
    uint32_t end = ST_NONE;
    for (uint32_t i = terminal; i != ST_NONE; i = tree->parent[i]) {
        const bool pure = beyond(tree, i, lesion) >= 0.95 * tree->demand[i];
        if (enterable(tree, i) && (pure || end == ST_NONE))
            end = i;
    }
    return end;
}

static void the_reach_is_what_lies_beyond(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        st_tree tree = random_tree(seed, 60);
        tree.radius[3] = 0.1F; /* and behind it nothing is entered, however wide */
        st_reach reach;
        assert_ok(st_plan_reach(&tree, LESIONS, &parameters, &reach, &err));
        assert_true(reach.n > 0);
        for (uint32_t s = 0; s < tree.n; s++) {
            const size_t i = entry_of(&reach, s);
            assert_int_equal(i != SIZE_MAX, enterable(&tree, s));
            assert_int_equal(st_catheter_check(&tree, &parameters, s, &err), i != SIZE_MAX ? ST_OK : ST_VALUE);
            if (i == SIZE_MAX)
                continue;
            assert_true(fabs(reach.normal[i] - beyond(&tree, s, 0)) < 1e-9);
            assert_true(fabs(reach.tumour[i] - tree.tumour_demand[s]) < 1e-9);
            for (uint16_t l = 0; l < LESIONS; l++)
                assert_true(fabs(part_of(&reach, l, i, false) - beyond(&tree, s, (uint16_t)(l + 1))) < 1e-9);
        }
        double all = reach.normal_total;
        for (uint16_t l = 0; l < LESIONS; l++)
            all += reach.lesion_total[l];
        assert_true(fabs(all - tree.demand[0]) < 1e-9);
        st_reach_fini(&reach);
        st_tree_fini(&tree);
    }
}

static void feeders_are_where_the_way_of_a_catheter_ends(void **state) {
    (void)state;
    for (uint64_t seed = 200; seed < 230; seed++) {
        st_tree tree = random_tree(seed, 60);
        st_reach reach;
        st_feeders feeders;
        assert_ok(st_plan_reach(&tree, LESIONS, &parameters, &reach, &err));
        assert_ok(st_plan_feeders(&reach, &parameters, &feeders, &err));
        for (uint16_t l = 0; l < LESIONS; l++) {
            double ends[2 * 60 - 1] = {0}, sum = 0;
            const double all = beyond(&tree, 0, (uint16_t)(l + 1));
            for (uint32_t i = 0; i < tree.n; i++)
                if (st_tree_is_terminal(&tree, i) && tree.lesion[i] == l + 1)
                    ends[way_ends(&tree, i, (uint16_t)(l + 1))] += tree.demand[i];
            for (size_t k = feeders.first[l]; k < feeders.first[l + 1]; k++) {
                const st_feeder *f = &feeders.feeder[k];
                const uint32_t segment = reach.segment[f->entry];
                assert_true(fabs(f->share - ends[segment] / all) < 1e-9);
                assert_true(fabs(f->through - beyond(&tree, segment, (uint16_t)(l + 1)) / all) < 1e-9);
                assert_true(f->share > 0 && f->through >= f->share - 1e-12 && f->through <= 1 + 1e-12);
                assert_true(k == feeders.first[l] || feeders.feeder[k - 1].share >= f->share);
                ends[segment] = 0; /* named once */
                sum += f->share;
            }
            for (uint32_t i = 0; i < tree.n; i++)
                assert_true(ends[i] <= 0); /* and none is forgotten */
            assert_true(fabs(feeders.reached[l] - sum) < 1e-12 && sum <= 1 + 1e-12);
            assert_true(all <= 0 || fabs(sum - 1) < 1e-9); /* the root is entered */
        }
        st_feeders_fini(&feeders);
        st_reach_fini(&reach);
        st_tree_fini(&tree);
    }
}

/* A trunk 0 that forks into 1 and 4; terminals 2, 3 behind 1 and 5, 6 behind 4. */
static st_tree fork_of_forks(void) {
    static const uint32_t parent[] = {ST_NONE, 0, 1, 1, 0, 4, 4};
    static const float radius[] = {1, 0.5F, 0.3F, 0.1F, 0.5F, 0.1F, 0.1F};
    static const double demand[] = {0, 0, 6, 2, 0, 3, 9};
    static const uint16_t lesion[] = {0, 0, 1, 1, 0, 2, 0};
    st_tree tree;
    assert_ok(st_tree_init(&tree, 7, &err));
    for (uint32_t i = 0; i < 7; i++) {
        tree.parent[i] = parent[i];
        tree.radius[i] = radius[i];
        tree.demand[i] = demand[i];
        tree.lesion[i] = lesion[i];
    }
    assert_ok(st_tree_finish(&tree, &err));
    return tree;
}

static void feeders_of_a_small_tree(void **state) {
    (void)state;
    st_tree tree = fork_of_forks();
    st_reach reach;
    st_feeders feeders;
    assert_ok(st_plan_reach(&tree, 3, &parameters, &reach, &err));
    assert_int_equal(reach.n, 4); /* 0, 1, 2, 4 */
    assert_ok(st_plan_feeders(&reach, &parameters, &feeders, &err));
    assert_int_equal(feeders.first[1], 1); /* 1 feeds nothing but the lesion: not told apart beyond it */
    assert_int_equal(reach.segment[feeders.feeder[0].entry], 1);
    assert_near(feeders.feeder[0].share, 1, 1e-15);
    assert_near(feeders.feeder[0].through, 1, 1e-15);
    assert_int_equal(feeders.first[2], 2); /* not the trunk, which hands everything on */
    assert_int_equal(reach.segment[feeders.feeder[1].entry], 4);
    assert_near(feeders.feeder[1].share, 1, 1e-15);
    assert_near(reach.tumour[feeders.feeder[1].entry], 3, 1e-15);
    assert_near(reach.normal[feeders.feeder[1].entry], 9, 1e-15);
    assert_int_equal(feeders.first[3], 2); /* nothing feeds the third lesion */
    assert_true(feeders.reached[2] <= 0);
    st_feeders_fini(&feeders);
    st_reach_fini(&reach);

    tree.lesion[3] = 0; /* 2 of the 8 behind 1 to normal liver: now it is worth going on to 2 */
    assert_ok(st_plan_reach(&tree, 3, &parameters, &reach, &err));
    assert_ok(st_plan_feeders(&reach, &parameters, &feeders, &err));
    assert_int_equal(feeders.first[1], 1);
    assert_int_equal(reach.segment[feeders.feeder[0].entry], 2);
    st_feeders_fini(&feeders);
    st_reach_fini(&reach);
    tree.lesion[6] = 1; /* lesion 1 has 6 behind 2 and 9, of 12 with lesion 2's, behind 4 */
    assert_ok(st_plan_reach(&tree, 3, &parameters, &reach, &err));
    assert_ok(st_plan_feeders(&reach, &parameters, &feeders, &err));
    assert_int_equal(feeders.first[1], 2);
    assert_int_equal(reach.segment[feeders.feeder[0].entry], 4);
    assert_near(feeders.feeder[0].share, 0.6, 1e-15);
    assert_int_equal(reach.segment[feeders.feeder[1].entry], 2);
    assert_near(feeders.feeder[1].share, 0.4, 1e-15);
    st_feeders_fini(&feeders);
    st_reach_fini(&reach);
    tree.lesion[6] = 0;
    tree.lesion[3] = 1;

    assert_int_equal(st_plan_reach(&tree, 1, &parameters, &reach, &err), ST_VALUE); /* two lesions, not one */
    tree.radius[0] = 0.1F;                                                          /* no catheter gets in */
    assert_ok(st_plan_reach(&tree, 3, &parameters, &reach, &err));
    assert_int_equal(reach.n, 0);
    assert_ok(st_plan_feeders(&reach, &parameters, &feeders, &err));
    assert_int_equal(feeders.first[3], 0);
    assert_near(reach.lesion_total[0], 8, 1e-15);
    st_feeders_fini(&feeders);
    st_reach_fini(&reach);
    st_tree_fini(&tree);
}

static void a_tip_that_no_catheter_gets_to(void **state) {
    (void)state;
    st_tree tree = fork_of_forks();
    tree.radius[1] = 0.15F;
    assert_ok(st_catheter_check(&tree, &parameters, 4, &err));
    assert_int_equal(st_catheter_check(&tree, &parameters, 7, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "0 to 6"));
    assert_int_equal(st_catheter_check(&tree, &parameters, 6, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "segment 6 is 0.2 mm wide"));
    assert_non_null(strstr(err.what, "0.4 mm"));
    assert_int_equal(st_catheter_check(&tree, &parameters, 2, &err), ST_VALUE); /* wide, behind a narrow one */
    assert_non_null(strstr(err.what, "segment 1, on the way to it, is 0.3 mm wide"));
    st_tree_fini(&tree);
}

static void every_vessel_has_the_nearest_tip_above_it(void **state) {
    (void)state;
    st_tree tree = fork_of_forks();
    st_plan plan;
    uint32_t territory[7];
    assert_ok(st_plan_given(&tree, 3, (const uint32_t[]){4, 0, 6}, 3, &plan, &err));
    st_plan_territories(&plan, &tree, territory);
    static const uint32_t wanted[] = {2, 2, 2, 2, 1, 1, 3};
    assert_memory_equal(territory, wanted, sizeof wanted);
    st_plan_fini(&plan);
    assert_ok(st_plan_given(&tree, 3, (const uint32_t[]){1}, 1, &plan, &err));
    st_plan_territories(&plan, &tree, territory);
    static const uint32_t one[] = {0, 1, 1, 1, 0, 0, 0};
    assert_memory_equal(territory, one, sizeof one);
    st_plan_fini(&plan);
    st_tree_fini(&tree);
}

static double lobe_flow(const st_tree *tree, uint32_t tip, st_lobe lobe) {
    double sum = 0;
    for (uint16_t l = 0; l < LESIONS; l++)
        sum += lesions[l].lobe == lobe ? beyond(tree, tip, (uint16_t)(l + 1)) : 0;
    return sum;
}

static void sessions_cover_lobe_by_lobe(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        st_tree tree = random_tree(seed, 60);
        st_plan plan;
        assert_ok(st_plan_auto(&liver, &tree, &parameters, 0, &plan, &err));
        assert_int_equal(plan.n_sessions, 2);
        assert_int_equal(plan.sessions[0].lobe, ST_LOBE_LEFT); /* 1100 against 800 mm^3 */
        assert_int_equal(plan.sessions[1].lobe, ST_LOBE_RIGHT);
        assert_near(plan.sessions[1].time, 4 * ST_WEEK, 1e-12);
        for (size_t s = 0; s < 2; s++) {
            const st_session *session = &plan.sessions[s];
            const double total = lobe_flow(&tree, 0, session->lobe);
            double covered = 0;
            for (size_t t = 0; t < session->n_tips; t++) {
                for (size_t u = 0; u < t; u++)
                    assert_false(below(&tree, session->tips[t].segment, session->tips[u].segment) ||
                                 below(&tree, session->tips[u].segment, session->tips[t].segment));
                covered += lobe_flow(&tree, session->tips[t].segment, session->lobe);
                for (uint16_t l = 0; l < LESIONS; l++) {
                    const double all = beyond(&tree, 0, (uint16_t)(l + 1));
                    const double part = beyond(&tree, session->tips[t].segment, (uint16_t)(l + 1));
                    assert_true(fabs(session->tips[t].lesion_share[l] - (all > 0 ? part / all : 0)) < 1e-9);
                }
            }
            if (total > 0)
                assert_true(fabs(session->coverage - covered / total) < 1e-9);
            if (total > 0)
                assert_true(session->coverage >= 0.9);
        }
        st_plan_fini(&plan);
        st_tree_fini(&tree);
    }
}

/* Every set of vessels none below another, by inclusion and exclusion of segments in order. */
typedef struct rival {
    const st_tree *tree;
    const st_session *session;
    double total, normal;
    uint64_t better;
} rival;

static void try_sets(rival *r, uint32_t next, const uint32_t *chosen, size_t n, double covered, double normal) {
    if (n > r->session->n_tips || normal >= r->normal * (1 - 1e-9))
        return; /* more tips or no less normal liver: no better */
    if (covered >= r->session->coverage * r->total * (1 - 1e-9)) {
        r->better++;
        return;
    }
    for (uint32_t i = next; i < r->tree->n; i++) {
        bool free =
            2 * (double)r->tree->radius[i] >= 0.4 && r->tree->demand[i] <= 0.5 * r->tree->demand[0] * (1 + 1e-12);
        for (size_t k = 0; k < n && free; k++)
            free = !below(r->tree, i, chosen[k]);
        if (!free)
            continue;
        uint32_t more[16];
        if (n >= 15)
            return;
        memcpy(more, chosen, n * sizeof *chosen);
        more[n] = i;
        try_sets(r, i + 1, more, n + 1, covered + lobe_flow(r->tree, i, r->session->lobe),
                 normal + beyond(r->tree, i, 0));
    }
}

static void no_set_spares_more_with_as_few_tips(void **state) {
    (void)state;
    for (uint64_t seed = 100; seed < 140; seed++) {
        st_tree tree = random_tree(seed, 12);
        st_plan plan;
        assert_ok(st_plan_auto(&liver, &tree, &parameters, 0, &plan, &err));
        for (size_t s = 0; s < plan.n_sessions; s++) {
            rival r = {&tree, &plan.sessions[s], lobe_flow(&tree, 0, plan.sessions[s].lobe), 0, 0};
            for (size_t t = 0; t < plan.sessions[s].n_tips; t++)
                r.normal += plan.sessions[s].tips[t].normal_flow;
            if (r.total > 0 && plan.sessions[s].coverage >= 0.9)
                try_sets(&r, 0, (const uint32_t[16]){0}, 0, 0, 0);
            assert_int_equal(r.better, 0);
        }
        st_plan_fini(&plan);
        st_tree_fini(&tree);
    }
}

static void as_many_sessions_as_asked_for(void **state) {
    (void)state;
    st_tree tree = random_tree(7, 60);
    st_plan plan;
    assert_ok(st_plan_auto(&liver, &tree, &parameters, 3, &plan, &err));
    assert_int_equal(plan.n_sessions, 3);
    assert_int_equal(plan.sessions[2].lobe, plan.sessions[0].lobe);
    st_plan_fini(&plan);
    const st_liver healthy = {0};
    assert_int_equal(st_plan_auto(&healthy, &tree, &parameters, 2, &plan, &err), ST_VALUE); /* another liver's tree */
    for (uint32_t i = 0; i < tree.n; i++)
        tree.lesion[i] = 0;
    assert_ok(st_tree_finish(&tree, &err));
    assert_ok(st_plan_auto(&healthy, &tree, &parameters, 2, &plan, &err));
    assert_int_equal(plan.n_sessions, 0);
    st_plan_fini(&plan);
    st_tree_fini(&tree);
}

static void tips_by_name(void **state) {
    (void)state;
    st_tree tree = random_tree(3, 60);
    st_plan plan;
    const uint32_t nested[] = {5, 1}, twice[] = {1, 1}, beyond_end[] = {999};
    assert_ok(st_plan_given(&tree, LESIONS, nested, 2, &plan, &err));
    assert_int_equal(plan.n_sessions, 1);
    assert_int_equal(plan.sessions[0].tips[0].segment, 5);
    const bool inside = below(&tree, 5, 1);
    const double tumour = tree.tumour_demand[1] + (inside ? 0 : tree.tumour_demand[5]);
    assert_true(fabs(plan.sessions[0].coverage - tumour / tree.tumour_demand[0]) < 1e-9);
    const double normal = beyond(&tree, 1, 0) + (inside ? 0 : beyond(&tree, 5, 0));
    assert_true(fabs(plan.sessions[0].normal_share - normal / beyond(&tree, 0, 0)) < 1e-9);
    st_plan_fini(&plan);
    assert_int_equal(st_plan_given(&tree, LESIONS, twice, 2, &plan, &err), ST_VALUE);
    assert_int_equal(st_plan_given(&tree, LESIONS, beyond_end, 1, &plan, &err), ST_VALUE);
    st_tree_fini(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reach_is_what_lies_beyond),
        cmocka_unit_test(feeders_are_where_the_way_of_a_catheter_ends),
        cmocka_unit_test(feeders_of_a_small_tree),
        cmocka_unit_test(a_tip_that_no_catheter_gets_to),
        cmocka_unit_test(every_vessel_has_the_nearest_tip_above_it),
        cmocka_unit_test(sessions_cover_lobe_by_lobe),
        cmocka_unit_test(no_set_spares_more_with_as_few_tips),
        cmocka_unit_test(as_many_sessions_as_asked_for),
        cmocka_unit_test(tips_by_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
