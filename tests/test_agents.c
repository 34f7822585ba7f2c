/* Agents and protocols as data: every row consistent, every bad row refused where it is bad, sizes as they are drawn.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>

#include "with_parameters.h"

static st_error err;

/* The mean of d^power by Simpson's rule over the density itself, mm^power. */
static double integral(const st_agent *agent, unsigned power) {
    enum { STEPS = 20000 };
    const double a = agent->d_min, h = (agent->d_max - a) / STEPS;
    double sum = 0, weight = 0;
    for (int i = 0; i <= STEPS; i++) {
        const double d = a + h * i, z = agent->d_sd > 0 ? (d - agent->d_mean) / agent->d_sd : 0;
        const double w = (i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2) * exp(-z * z / 2);
        sum += w * pow(d, power);
        weight += w;
    }
    return sum / weight;
}

static void check_sizes(const st_agent *a) {
    for (unsigned power = 0; power <= 3; power++)
        assert_near(st_agent_moment(a, power), integral(a, power), 1e-9);
    const double variance = integral(a, 2) - integral(a, 1) * integral(a, 1);
    assert_true(fabs(st_agent_sd(a) - sqrt(fmax(variance, 0))) < 1e-6);
    assert_near(st_agent_per_volume(a) * M_PI / 6 * integral(a, 3), a->packing, 1e-9);
}

static void every_agent_compiled_in_is_consistent(void **state) {
    (void)state;
    st_agents agents;
    assert_ok(st_agents_init(&agents, &err));
    assert_true(agents.n >= 19);
    assert_string_equal(agents.item[0].name, ST_DEFAULT_AGENT);
    for (size_t i = 0; i < agents.n; i++) {
        const st_agent *a = &agents.item[i];
        st_agent again;
        assert_true(a->description[0] != 0 && a->source[0] != 0 && agents.trust[i] != NULL);
        assert_true(0 < a->d_min && a->d_min <= a->d_max && a->d_mean >= a->d_min && a->d_mean <= a->d_max);
        assert_true(a->deformation >= 0 && a->deformation <= 0.6 && a->clump >= 1 && a->packing > 0);
        assert_true((a->drug[0] != 0) == (a->drug_load > 0) && a->resorption > 0);
        check_sizes(a);
        assert_ok(st_agents_find(NULL, a->name, &again, &err));
        assert_memory_equal(a, &again, sizeof again);
    }
    st_agents_fini(&agents);
}

static void units_are_those_inside(void **state) {
    (void)state;
    st_agent a;
    assert_ok(st_agents_find(NULL, "deb-100-300", &a, &err));
    assert_near(a.drug_load, 37.5e-6, 1e-12); /* 37.5 mg in a mL: g in a mm^3 */
    assert_string_equal(a.drug, "doxorubicin");
    assert_true(isinf(a.resorption));
    assert_ok(st_agents_find(NULL, "gelatin-sponge", &a, &err));
    assert_near(a.resorption, 14 * ST_DAY, 1e-12);
    assert_near(a.d_max, 1.0, 1e-12);
    assert_ok(st_agents_find(NULL, "lipiodol", &a, &err));
    assert_int_equal(a.kind, ST_AGENT_OIL);
    assert_near(a.d_mean, 0.043, 1e-12);
    assert_near(a.d_sd, 0.020, 1e-12);
}

static void draws_follow_the_distribution(void **state) {
    (void)state;
    enum { DRAWS = 200000 };
    static const st_agent agent[] = {{.d_min = 0.075, .d_max = 0.15, .d_mean = 0.1125, .packing = 1},
                                     {.d_min = 0.05, .d_max = 0.2, .d_mean = 0.06, .d_sd = 0.05, .packing = 1},
                                     {.d_min = 0.1, .d_max = 0.3, .d_mean = 0.3, .d_sd = 0.2, .packing = 1},
                                     {.d_min = 0.1, .d_max = 0.3, .d_mean = 0.2, .d_sd = 0.001, .packing = 1},
                                     {.d_min = 0.1, .d_max = 0.1, .d_mean = 0.1, .packing = 1}};
    for (size_t i = 0; i < sizeof agent / sizeof *agent; i++) {
        const st_agent *a = &agent[i];
        double sum = 0, squares = 0, cubes = 0;
        st_rng rng = st_rng_stream(1, ST_RNG_TEST, i);
        for (int k = 0; k < DRAWS; k++) {
            const double d = st_agent_draw(a, &rng);
            assert_true(d >= a->d_min && d <= a->d_max);
            sum += d / DRAWS;
            squares += d * d / DRAWS;
            cubes += d * d * d / DRAWS;
        }
        const double sd = st_agent_sd(a);
        assert_true(fabs(sum - st_agent_moment(a, 1)) <= 4 * sd / sqrt(DRAWS) + 1e-12);
        assert_true(fabs(sqrt(fmax(squares - sum * sum, 0)) - sd) <= 0.01 * sd + 1e-8);
        assert_near(cubes, st_agent_moment(a, 3), 0.01);
        if (a->d_sd != 0.001) /* Simpson's steps see a peak as narrow as that badly */
            check_sizes(a);
    }
}

static void one_diameter_takes_one_number_of_a_uniform(void **state) {
    (void)state;
    st_agent a;
    assert_ok(st_agents_find(NULL, ST_DEFAULT_AGENT, &a, &err));
    st_rng one = st_rng_stream(7, ST_RNG_TEST, 0), two = one;
    assert_near(st_agent_draw(&a, &one), 0.075 + (0.15 - 0.075) * st_rng_uniform(&two), 1e-15);
    assert_true(st_rng_u32(&one) == st_rng_u32(&two));
}

/* docs/model.md: 1.2e6 spheres of 100 um in a settled mL at 0.62, 2.8e6 of 75 um, 1.5e5 of 200 um. */
static void settled_spheres_per_volume(void **state) {
    (void)state;
    static const double um[] = {75, 100, 200}, per_ml[] = {2.8e6, 1.2e6, 1.5e5};
    st_agent a;
    for (int i = 0; i < 3; i++) {
        assert_ok(st_agent_sized(um[i] * ST_UM, um[i] * ST_UM, &a, &err));
        assert_near(a.packing, 0.62, 1e-12);
        assert_near(st_agent_per_volume(&a) * ST_ML, per_ml[i], 0.02);
        const double dilution = st_parameter_value(&parameters, ST_P_SUSPENSION_DILUTION);
        assert_near(st_agent_concentration(&a, &parameters) * dilution, st_agent_per_volume(&a), 1e-12);
    }
    assert_true(a.clump >= 1 && a.clump <= 1 && isinf(a.resorption) && a.drug[0] == 0);
    assert_int_equal(st_agent_sized(0, 0.1, &a, &err), ST_VALUE);
    assert_int_equal(st_agent_sized(NAN, 0.1, &a, &err), ST_VALUE);
}

#define HEAD "name,d_min_um,d_max_um\n"
#define ALL                                                                                                            \
    "name,kind,d_min_um,d_max_um,d_mean_um,d_sd_um,deformation,clump,packing,drug,drug_mg_per_ml,resorption_days,"     \
    "trust\n"

static st_status parse(st_agents *agents, const char *text) {
    err = (st_error){0};
    return st_agents_parse(agents, "mine.csv", text, strlen(text), &err);
}

static void a_users_file_adds_and_replaces(void **state) {
    (void)state;
    st_agents agents;
    st_agent a;
    assert_ok(st_agents_init(&agents, &err));
    const size_t before = agents.n;
    assert_ok(parse(&agents, HEAD "mine,50,60\n" ST_DEFAULT_AGENT ",80,90\n"));
    assert_int_equal(agents.n, before + 1);
    assert_ok(st_agents_find(&agents, "mine", &a, &err));
    assert_near(a.d_min, 0.05, 1e-12);
    assert_near(a.packing, 0.62, 1e-12); /* what a row leaves open is a rigid sphere's */
    assert_int_equal(a.kind, ST_AGENT_PARTICLES);
    assert_true(!(a.deformation > 0) && !(a.clump > 1) && isinf(a.resorption));
    assert_ok(st_agents_find(&agents, ST_DEFAULT_AGENT, &a, &err));
    assert_near(a.d_max, 0.09, 1e-12);
    assert_string_equal(agents.item[0].name, ST_DEFAULT_AGENT);
    assert_ok(st_agents_find(NULL, ST_DEFAULT_AGENT, &a, &err));
    assert_near(a.d_max, 0.15, 1e-12); /* those compiled in stay */
    assert_ok(parse(&agents, ALL "all,oil,10,120,120,110,0.6,1000,1,drug,5,2,derived\n"));
    assert_ok(st_agents_find(&agents, "all", &a, &err));
    assert_near(a.drug_load, 5e-6, 1e-12);
    assert_near(a.d_mean, 0.12, 1e-12);
    assert_int_equal(a.kind, ST_AGENT_OIL);
    assert_string_equal(agents.trust[agents.n - 1], "derived");
    assert_int_equal(st_agents_find(&agents, "min", &a, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "did you mean \"mine\""));
    st_agents_fini(&agents);
}

static void the_example_is_an_agent(void **state) {
    (void)state;
    char path[512];
    st_agents agents;
    st_agent a;
    const char *source = getenv("STASIS_SOURCE");
    snprintf(path, sizeof path, "%s/examples/agents.csv", source != NULL ? source : ".");
    assert_ok(st_agents_init(&agents, &err));
    assert_ok(st_agents_add_file(&agents, path, &err));
    assert_ok(st_agents_find(&agents, "example-beads", &a, &err));
    check_sizes(&a);
    assert_int_equal(st_agents_add_file(&agents, "/nonexistent/agents.csv", &err), ST_IO);
    st_agents_fini(&agents);
}

static void a_bad_row_is_refused_where_it_is_bad(void **state) {
    (void)state;
    static const struct {
        const char *text, *field, *says;
        st_status status;
        size_t line;
    } bad[] = {
        {HEAD "a,50,60\nb,0,60\n", "d_min_um", "takes 1 to 10000, not 0", ST_VALUE, 3},
        {HEAD "a,50,0\n", "d_max_um", "not 0", ST_VALUE, 2},
        {HEAD "a,-5,60\n", "d_min_um", "not -5", ST_VALUE, 2},
        {HEAD "a,,60\n", "d_min_um", "is empty", ST_VALUE, 2},
        {HEAD "a,nan,60\n", "d_min_um", "no finite number", ST_VALUE, 2},
        {HEAD "a,50,x\n", "d_max_um", "no finite number", ST_VALUE, 2},
        {HEAD "a,50,1e9\n", "d_max_um", "not 1e+09", ST_VALUE, 2},
        {HEAD "a,70,60\n", "d_min_um", "is 70, above d_max_um, 60", ST_VALUE, 2},
        {HEAD ",50,60\n", "name", "takes a name", ST_VALUE, 2},
        {HEAD "*,50,60\n", "name", "takes a name", ST_VALUE, 2},
        {HEAD "a,50,60\n\na,50,70\n", "name", "line 2 already", ST_VALUE, 4},
        {HEAD "a\tb,50,60\n", "name", "without control characters", ST_VALUE, 2},
        {HEAD "a\xff,50,60\n", "", "UTF-8", ST_FORMAT, 2},
        {HEAD "a-name-that-is-longer-than-any-that-can-be-kept-here,50,60\n", "name", "at most 47", ST_VALUE, 2},
        {ALL "a,oill,50,60,,,,,,,,,\n", "kind", "did you mean \"oil\"", ST_VALUE, 2},
        {ALL "a,,50,60,70,1,,,,,,,\n", "d_mean_um", "takes 50 to 60, not 70", ST_VALUE, 2},
        {ALL "a,,50,60,40,1,,,,,,,\n", "d_mean_um", "takes 50 to 60, not 40", ST_VALUE, 2},
        {ALL "a,,50,60,55,,,,,,,,\n", "d_sd_um", "is empty beside d_mean_um", ST_VALUE, 2},
        {ALL "a,,50,60,,5,,,,,,,\n", "d_mean_um", "is empty beside d_sd_um", ST_VALUE, 2},
        {ALL "a,,50,60,55,-1,,,,,,,\n", "d_sd_um", "not -1", ST_VALUE, 2},
        {ALL "a,,50,60,55,11,,,,,,,\n", "d_sd_um", "takes 0 to 10, not 11", ST_VALUE, 2},
        {ALL "a,,50,60,55,0,,,,,,,\n", "d_sd_um", "above 0", ST_VALUE, 2},
        {ALL "a,,50,60,,,0.7,,,,,,\n", "deformation", "takes 0 to 0.6, not 0.7", ST_VALUE, 2},
        {ALL "a,,50,60,,,-0.1,,,,,,\n", "deformation", "not -0.1", ST_VALUE, 2},
        {ALL "a,,50,60,,,,0.5,,,,,\n", "clump", "takes 1 to 1000, not 0.5", ST_VALUE, 2},
        {ALL "a,,50,60,,,,1001,,,,,\n", "clump", "not 1001", ST_VALUE, 2},
        {ALL "a,,50,60,,,,,0,,,,\n", "packing", "not 0", ST_VALUE, 2},
        {ALL "a,,50,60,,,,,1.1,,,,\n", "packing", "not 1.1", ST_VALUE, 2},
        {ALL "a,,50,60,,,,,,x,-1,,\n", "drug_mg_per_ml", "not -1", ST_VALUE, 2},
        {ALL "a,,50,60,,,,,,x,,,\n", "drug_mg_per_ml", "beside drug", ST_VALUE, 2},
        {ALL "a,,50,60,,,,,,,3,,\n", "drug", "beside drug_mg_per_ml", ST_VALUE, 2},
        {ALL "a,,50,60,,,,,,,,0,\n", "resorption_days", "not 0", ST_VALUE, 2},
        {ALL "a,,50,60,,,,,,,,,measurd\n", "trust", "did you mean \"measured\"", ST_VALUE, 2},
        {"name,d_min_um\na,50\n", "", "no column \"d_max_um\"", ST_FORMAT, 1},
        {"name,d_min_um,d_max_um,deformaton\na,50,60,0\n", "", "did you mean \"deformation\"", ST_FORMAT, 1},
        {"name,d_min_um,d_max_um,name\na,50,60,b\n", "", "two columns \"name\"", ST_FORMAT, 1},
        {HEAD, "", "1 to 1000 agents", ST_FORMAT, 0},
        {HEAD "a,50\n", "", "2 cells", ST_FORMAT, 2},
        {"", "", "empty", ST_FORMAT, 0},
    };
    st_agents agents;
    assert_ok(st_agents_init(&agents, &err));
    const size_t before = agents.n;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (parse(&agents, bad[i].text) != bad[i].status || strcmp(err.field, bad[i].field) != 0 ||
            strstr(err.what, bad[i].says) == NULL || err.line != bad[i].line || strcmp(err.file, "mine.csv") != 0)
            fail_msg("%s: answered %d, %s:%zu: %s: %s", bad[i].text, (int)err.status, err.file, err.line, err.field,
                     err.what);
        assert_int_equal(agents.n, before);
    }
    st_agents_fini(&agents);
}

static void every_protocol_names_agents_that_there_are(void **state) {
    (void)state;
    st_protocols all;
    assert_ok(st_protocols_init(&all, &err));
    assert_true(all.n >= 7);
    for (size_t i = 0; i < all.n; i++) {
        const st_protocol *p = &all.item[i];
        st_agent a;
        assert_true(p->n >= 1 && p->description[0] != 0 && p->source[0] != 0);
        for (size_t k = 0; k < p->n; k++) {
            const st_protocol_step *step = &p->steps[k];
            if (strcmp(step->agent, ST_PROTOCOL_PARTICLES) != 0)
                assert_ok(st_agents_find(NULL, step->agent, &a, &err));
            assert_true(step->dose >= 0 && step->dose <= 20 * ST_ML && step->trust != NULL && step->note[0] != 0);
            assert_true(step->dose > 0 || k + 1 == p->n); /* at the endpoint it ends */
        }
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(p->name, all.item[k].name); /* the rows of each stand together */
    }
    st_protocols_fini(&all);
}

static void the_protocols_of_the_review(void **state) {
    (void)state;
    st_protocol p;
    assert_ok(st_protocol_find("TAE", &p, &err));
    assert_int_equal(p.n, 2);
    assert_string_equal(p.steps[0].agent, "lipiodol");
    assert_near(p.steps[0].dose, 5 * ST_ML, 1e-12);
    assert_string_equal(p.steps[0].trust, "assumed");
    assert_non_null(strstr(p.steps[0].note, "(50%)"));
    assert_string_equal(p.steps[1].agent, ST_PROTOCOL_PARTICLES);
    assert_true(!(p.steps[1].dose > 0));
    st_agent a;
    assert_ok(st_protocol_find("TACE", &p, &err));
    assert_ok(st_agents_find(NULL, p.steps[0].agent, &a, &err));
    assert_near(a.drug_load * p.steps[0].dose, 0.050, 0.01); /* 50 mg */
    assert_ok(st_protocol_find("TACE-epirubicin", &p, &err));
    assert_ok(st_agents_find(NULL, p.steps[0].agent, &a, &err));
    assert_near(a.drug_load * p.steps[0].dose, 0.050, 0.01);
    assert_int_equal(st_protocol_find("TACE-epirubicine", &p, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "did you mean \"TACE-epirubicin\""));
    assert_int_equal(st_protocol_find("", &p, &err), ST_VALUE);
    assert_int_equal(p.n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_agent_compiled_in_is_consistent),
        cmocka_unit_test(units_are_those_inside),
        cmocka_unit_test(draws_follow_the_distribution),
        cmocka_unit_test(one_diameter_takes_one_number_of_a_uniform),
        cmocka_unit_test(settled_spheres_per_volume),
        cmocka_unit_test(a_users_file_adds_and_replaces),
        cmocka_unit_test(the_example_is_an_agent),
        cmocka_unit_test(a_bad_row_is_refused_where_it_is_bad),
        cmocka_unit_test(every_protocol_names_agents_that_there_are),
        cmocka_unit_test(the_protocols_of_the_review),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
