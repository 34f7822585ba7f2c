/* Percentages and sums on made-up numbers; the tables, pools and audit of the review that is compiled in.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static st_error err;

/* ---- percentages ---------------------------------------------------------------- */

static void percentages_round_in_whole_numbers(void **state) {
    (void)state;
    assert_int_equal(st_percent_scaled(1, 8, 0, ST_ROUND_HALF_UP), 13); /* 12.5 */
    assert_int_equal(st_percent_scaled(1, 8, 0, ST_ROUND_DOWN), 12);
    assert_int_equal(st_percent_scaled(1, 8, 0, ST_ROUND_UP), 13);
    assert_int_equal(st_percent_scaled(2, 3, 1, ST_ROUND_HALF_UP), 667);
    assert_int_equal(st_percent_scaled(2, 3, 1, ST_ROUND_DOWN), 666);
    assert_int_equal(st_percent_scaled(1, 2, 0, ST_ROUND_UP), 50); /* whole: up is not more */
    assert_int_equal(st_percent_scaled(0, 7, 2, ST_ROUND_UP), 0);
    assert_int_equal(st_percent_scaled(7, 7, 4, ST_ROUND_HALF_UP), 1000000);
    assert_int_equal(st_percent_scaled(999999999, 1000000000, 4, ST_ROUND_DOWN), 999999);
    assert_int_equal(st_percent_scaled(999999999, 1000000000, 4, ST_ROUND_HALF_UP), 1000000);
}

/* Against every count, tried one by one. */
static void feasible_counts_are_all_that_print_so(void **state) {
    (void)state;
    for (uint64_t n = 1; n < 230; n += 3)
        for (int r = 0; r < ST_ROUNDINGS; r++)
            for (uint64_t scaled = 0; scaled <= 100; scaled++) {
                uint64_t first = 0, last = 0, low = n + 1, high = 0;
                for (uint64_t x = 0; x <= n; x++)
                    if (st_percent_scaled(x, n, 0, (st_rounding)r) == scaled) {
                        low = x < low ? x : low;
                        high = x;
                    }
                const bool feasible = st_percent_feasible(scaled, n, 0, (st_rounding)r, &first, &last);
                assert_int_equal(feasible, low <= n);
                if (feasible) {
                    assert_int_equal(first, low);
                    assert_int_equal(last, high);
                }
            }
    uint64_t first, last;
    assert_false(st_percent_feasible(64, 19, 0, ST_ROUND_HALF_UP, &first, &last)); /* 12: 63.2, 13: 68.4 */
    assert_true(st_percent_feasible(632, 19, 1, ST_ROUND_HALF_UP, &first, &last));
    assert_int_equal(first, 12);
    assert_false(st_percent_feasible(101, 19, 0, ST_ROUND_HALF_UP, &first, &last));
}

/* ---- changes of a sum ---------------------------------------------------------------- */

static void changes_of_a_sum_are_all_found(void **state) {
    (void)state;
    const double value[] = {10, 8, 8, 0, 25}; /* 51 */
    const st_alternative other[] = {{0, 2}, {4, 17}, {0, 2}, {0, 10}};
    st_change change[8];
    assert_int_equal(st_changes_of_sum(value, 5, other, 4, 43, change, 8), 4); /* 8, 8 out; 10 -> 2; 25 -> 17 */
    assert_int_equal(change[0].kind, ST_CHANGE_REPLACED);
    assert_int_equal(change[0].item, 0);
    assert_near(change[0].value, 2, 0);
    assert_int_equal(change[1].kind, ST_CHANGE_LEFT_OUT);
    assert_int_equal(change[1].item, 1);
    assert_int_equal(change[2].item, 2);
    assert_int_equal(change[3].item, 4);
    assert_int_equal(st_changes_of_sum(value, 5, other, 4, 76, change, 8), 1);
    assert_int_equal(change[0].kind, ST_CHANGE_TWICE);
    assert_int_equal(change[0].item, 4);
    assert_int_equal(st_changes_of_sum(value, 5, other, 4, 51, change, 8), 0); /* a zero left out is no change */
    assert_int_equal(st_changes_of_sum(value, 5, NULL, 0, 43, change, 1), 2);  /* counted beyond the room */
    assert_int_equal(st_changes_of_sum(value, 0, NULL, 0, 1, change, 8), 0);
}

/* ---- the review ------------------------------------------------------------------------ */

static double sum_of_pool(const st_evidence *e, const char *name, bool denominators) {
    st_pool pool;
    double sum = 0;
    assert_ok(st_pool_init(e, name, &pool, &err));
    for (size_t i = 0; i < pool.n; i++)
        if (pool.row[i].included)
            sum += denominators ? pool.row[i].n : pool.row[i].x;
    st_pool_fini(&pool);
    return sum;
}

static void pools_add_up(void **state) {
    (void)state;
    st_evidence e;
    assert_ok(st_evidence_init(&e, NULL, &err));
    assert_true(e.compiled_in);
    assert_near(sum_of_pool(&e, "objective-response", false), 179, 0);
    assert_near(sum_of_pool(&e, "objective-response", true), 334, 0);
    assert_near(sum_of_pool(&e, "objective-response-studies", false), 179, 0);
    assert_near(sum_of_pool(&e, "objective-response-studies", true), 334, 0);
    assert_near(sum_of_pool(&e, "objective-response-zero", true), 334 + 33, 0);
    assert_near(sum_of_pool(&e, "disease-control", false), 278, 0);
    assert_near(sum_of_pool(&e, "disease-control-mr", false), 278 + 6 + 1 + 5 + 3 + 6, 0);
    assert_near(sum_of_pool(&e, "symptomatic-response", false), 312, 0);
    assert_near(sum_of_pool(&e, "symptomatic-response-items", false), 312 + 9 + 44, 0);
    assert_near(sum_of_pool(&e, "deaths-patients", false), 50, 0);
    assert_near(sum_of_pool(&e, "complications-procedures", true), 1306 - 161, 0);
    assert_near(sum_of_pool(&e, "newer-deaths", false) / sum_of_pool(&e, "newer-deaths", true), 7.0 / 370, 0);
    st_evidence_fini(&e);
}

static const st_pool_row *row_of(const st_pool *pool, const char *label) {
    for (size_t i = 0; i < pool->n; i++)
        if (strcmp(pool->row[i].label, label) == 0)
            return &pool->row[i];
    fail_msg("no row %s in %s", label, pool->name);
    return NULL;
}

static void rows_say_why_they_are_out(void **state) {
    (void)state;
    st_evidence e;
    st_pool pool;
    assert_ok(st_evidence_init(&e, NULL, &err));
    assert_ok(st_pool_init(&e, "objective-response", &pool, &err));
    const st_pool_row *chamberlain = row_of(&pool, "Chamberlain 2000"),
                      *ruutiainen = row_of(&pool, "Ruutiainen 2007 TAE");
    assert_false(chamberlain->included);
    assert_non_null(strstr(chamberlain->note, "CR|PR"));
    assert_false(ruutiainen->included);
    assert_true(row_of(&pool, "Gupta 2003 PNEN")->included);
    assert_string_equal(row_of(&pool, "Loewe 2003")->type, "carcinoid");
    st_pool_fini(&pool);
    assert_ok(st_pool_init(&e, "symptomatic-response", &pool, &err));
    assert_false(row_of(&pool, "Pitt 2008 TACE")->included); /* 32 of 35 printed as 86 % */
    assert_non_null(strstr(row_of(&pool, "Pitt 2008 TACE")->note, "91.4"));
    assert_near(row_of(&pool, "Fiore 2014 (12/19 imputed)")->x, 12, 0);
    assert_string_equal(row_of(&pool, "Brown 1999 (procedures)")->unit, "procedures");
    assert_false(row_of(&pool, "Loewe 2003")->included);
    st_pool_fini(&pool);
    assert_ok(st_pool_init(&e, "carcinoid-pnen-response", &pool, &err));
    assert_int_equal(pool.n, 3);
    assert_near(row_of(&pool, "Eriksson 1998")->n2, 9, 0);
    st_pool_fini(&pool);
    assert_ok(st_pool_init(&e, "median-survival", &pool, &err));
    assert_false(row_of(&pool, "Chamberlain 2000")->included);
    assert_near(row_of(&pool, "Hanssen 1989")->n, 7, 0);
    assert_near(row_of(&pool, "Eriksson 1998 carcinoid")->n, 29, 0);
    assert_near(row_of(&pool, "Eriksson 1998 PNEN")->n, 12, 0);
    assert_near(row_of(&pool, "Sward 2009")->months, 56, 0);
    st_pool_fini(&pool);
    assert_int_equal(st_pool_init(&e, "objective-respons", &pool, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "objective-response"));
    st_evidence_fini(&e);
}

static void every_pool_can_be_made(void **state) {
    (void)state;
    st_evidence e;
    assert_ok(st_evidence_init(&e, NULL, &err));
    assert_true(st_evidence_pools(&e) > 20);
    for (size_t i = 0; i < st_evidence_pools(&e); i++) {
        st_pool pool;
        size_t included = 0;
        assert_ok(st_pool_init(&e, st_evidence_pool_name(&e, i), &pool, &err));
        for (size_t k = 0; k < pool.n; k++) {
            const st_pool_row *r = &pool.row[k];
            assert_non_null(r->label);
            included += r->included;
            if (!r->included)
                assert_true(r->note[0] != 0);
            else if (pool.shape != ST_POOL_MEDIAN)
                assert_true(r->x >= 0 && r->x <= r->n);
            assert_null(strstr(r->note, "recalled"));
        }
        assert_int_equal(included, pool.n_included);
        json_t *json = st_pool_json(&pool);
        assert_non_null(json);
        json_decref(json);
        st_pool_fini(&pool);
    }
    st_evidence_fini(&e);
}

static const st_audit_row *claim_of(const st_audit *audit, const char *begins) {
    for (size_t i = 0; i < audit->n; i++)
        if (strncmp(audit->row[i].claim, begins, strlen(begins)) == 0)
            return &audit->row[i];
    fail_msg("no claim %s", begins);
    return NULL;
}

static void audit_of_the_review(void **state) {
    (void)state;
    static const struct {
        const char *claim;
        st_audit_verdict verdict;
        const char *recomputed;
    } wanted[] = {{"896 patients", ST_AUDIT_DOES_NOT_REPRODUCE, "909"},
                  {"979 TAE", ST_AUDIT_REPRODUCES, "979"},
                  {"50 TAE-related", ST_AUDIT_REPRODUCES, "50"},
                  {"50 deaths = 6%", ST_AUDIT_REPRODUCES, "5.58%"},
                  {"Range of TAE-related", ST_AUDIT_CONTRADICTS_TABLE, "0-13"},
                  {"125 patients", ST_AUDIT_DOES_NOT_REPRODUCE, "133"},
                  {"Median survival ranged", ST_AUDIT_ROUNDS, "9.3-80"},
                  {"Objective tumour response (CR+PR)", ST_AUDIT_DOES_NOT_REPRODUCE, "53.59%"},
                  {"Patients receiving benefit", ST_AUDIT_CONTRADICTS_TABLE, "83.23%"},
                  {"Carrasco: response in 95%", ST_AUDIT_CONTRADICTS_TABLE, "86.96%"},
                  {"Fiore: symptomatic", ST_AUDIT_DOES_NOT_REPRODUCE, "no count of 19"},
                  {"Eriksson: OS 80", ST_AUDIT_REPRODUCES, "80 / 20"},
                  {"In most of studies", ST_AUDIT_DOES_NOT_REPRODUCE, "7 of 15"},
                  {"Gupta: tumour response", ST_AUDIT_REPRODUCES, "66.67% against 35.19%"},
                  {"Clinical response range", ST_AUDIT_CONTRADICTS_TABLE, "6.818-100"},
                  {"Objective tumour response range", ST_AUDIT_DOES_NOT_REPRODUCE, "18.18-100"},
                  {"Table 3, Pitt, TAE", ST_AUDIT_NOT_RECOMPUTABLE, "7 of 52 to 56"},
                  {"Table 3, Fiore, TACE", ST_AUDIT_DOES_NOT_REPRODUCE, "no denominator of 8"},
                  {"Reference of Loewe", ST_AUDIT_CONTRADICTS_TABLE, "[9]"},
                  {"Reference of Hanssen", ST_AUDIT_DOES_NOT_REPRODUCE, "[42]"},
                  {"Progression free", ST_AUDIT_NOT_RECOMPUTABLE, ""},
                  {"Table 2, Loewe, carcinoid, biochemical response PR", ST_AUDIT_ROUNDS, "61.54%"},
                  {"Table 2, Pitt, TACE", ST_AUDIT_DOES_NOT_REPRODUCE, "91.43%"},
                  {"Table 1, Eriksson, PNEN, tumour response: categories", ST_AUDIT_DOES_NOT_REPRODUCE, "9"},
                  {"Reference of Carrasco", ST_AUDIT_CONTRADICTS_TABLE, "[35]"}};
    st_evidence e;
    st_audit audit;
    assert_ok(st_evidence_init(&e, NULL, &err));
    assert_ok(st_audit_init(&e, &audit, &err));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const st_audit_row *r = claim_of(&audit, wanted[i].claim);
        assert_string_equal(st_audit_verdict_name(r->verdict), st_audit_verdict_name(wanted[i].verdict));
        assert_memory_equal(r->recomputed, wanted[i].recomputed, strlen(wanted[i].recomputed));
    }
    const st_audit_row *r = claim_of(&audit, "125 patients");
    assert_int_equal(r->n_ways, 1);
    assert_non_null(strstr(r->way[0].text, "Fiore 2014 TACE"));
    assert_int_equal(claim_of(&audit, "896 patients")->n_ways, 2);
    assert_string_equal(claim_of(&audit, "Median survival ranged")->rounding, "ceiling");
    assert_non_null(strstr(claim_of(&audit, "Table 1, Ho, carcinoid, tumour response SD")->note, "add up to 101"));
    assert_null(strstr(claim_of(&audit, "Table 1, Fiore, tumour response CR")->note, "add up to")); /* 71 + 29 */
    assert_non_null(strstr(claim_of(&audit, "Table 1, Carrasco, carcinoid, tumour response CR")->note, "same count"));
    st_audit_fini(&audit);
    st_evidence_fini(&e);
}

/* ---- a folder of one's own ---------------------------------------------------------------- */

static const char STUDIES[] = "study_id,year,ref,n_patients,n_carcinoid,n_pnen,n_other,tae,tace,procedures,tae_unit,"
                              "tae_only,overlaps\n";
static const char OUTCOMES[] = "table,study_id,arm,modality,outcome,item,category,numerator,denominator,percent,unit,"
                               "months,evaluable,verbatim,line,confidence,note\n";
static const char CLAIMS[] = "claim,where,printed,origin,topic,operation,series,series2,basis,low,high,slack,note\n";

static void put_file(const char *name, const char *head, const char *rows) {
    char path[64];
    snprintf(path, sizeof path, "test_evidence.d/%s.csv", name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(head, f);
    fputs(rows, f);
    fclose(f);
}

static void put_review(const char *studies, const char *outcomes, const char *claims) {
    mkdir("test_evidence.d", 0700);
    put_file("studies", STUDIES, studies);
    put_file("outcomes", OUTCOMES, outcomes);
    put_file("claims", CLAIMS, claims);
}

static void remove_review(void) {
    unlink("test_evidence.d/studies.csv");
    unlink("test_evidence.d/outcomes.csv");
    unlink("test_evidence.d/claims.csv");
    rmdir("test_evidence.d");
}

static const char TWO[] = "A,2001,1,20,20,0,0,30,,,procedures,yes,\nB,2002,2,40,10,30,0,15,25,,patients,no,\n";

static void another_review_is_audited(void **state) {
    (void)state;
    st_evidence e;
    st_audit audit;
    put_review(
        TWO,
        "1,A,carcinoid,TAE,tumour_response,,PR,5,20,25,patients,,,5 (25%) PR,1,high,\n"
        "1,A,carcinoid,TAE,tumour_response,,SD,15,20,75,patients,,,15 (75%) SD,1,high,\n"
        "1,B,all,TAE+TACE,tumour_response,,PR,13,40,32,patients,,,13 (32%) PR,2,high,\n"
        "2,A,carcinoid,TAE,symptom_endocrine,flushing,CR,9,20,45,patients,,,9 (45%) CR,3,high,\n"
        "2,A,carcinoid,TAE,symptom_endocrine,pain,CR,5,20,25,patients,,,5 (25%) CR,3,high,\n"
        "2,B,all,TAE+TACE,symptom_endocrine,flushing,CR,9,40,23,patients,,,9 (23%) CR,4,high,\n"
        "2,B,all,TAE+TACE,symptom_aspecific,,CR,9,40,23,patients,,,9 (23%) CR,4,high,\n",
        "\"60 patients\",t,60,listed,x,sum,studies.n_patients,,,60,,,\n"
        "\"40 patients\",t,40,listed,x,sum,studies.n_patients,,,40,,,\n"
        "\"range\",t,25-33,listed,x,range,pool.objective-response,,,25,33,,\n"
        "\"too low\",t,25-30,listed,x,range,pool.objective-response,,,25,30,,\n"
        "\"average\",t,30,listed,x,average,pool.objective-response,,,30,,,\n"
        "\"mean\",t,29,listed,x,average,pool.objective-response,,,29,,,\n"
        "\"of one\",t,-,listed,x,sum,outcomes.numerator[study_id=A;outcome=tumour_response;category!=PR],,,15,,,\n");
    assert_ok(st_evidence_init(&e, "test_evidence.d", &err));
    assert_false(e.compiled_in);
    assert_ok(st_audit_init(&e, &audit, &err));
    assert_int_equal(audit.row[0].verdict, ST_AUDIT_REPRODUCES);
    assert_int_equal(audit.row[1].verdict, ST_AUDIT_DOES_NOT_REPRODUCE);
    assert_string_equal(audit.row[1].way[0].text, "A 2001 (20) left out");
    assert_int_equal(audit.row[2].verdict, ST_AUDIT_REPRODUCES); /* 25 to 32.5 */
    assert_int_equal(audit.row[3].verdict, ST_AUDIT_CONTRADICTS_TABLE);
    assert_int_equal(audit.row[4].verdict, ST_AUDIT_REPRODUCES); /* 18 of 60 */
    assert_int_equal(audit.row[5].verdict, ST_AUDIT_REPRODUCES); /* (25 + 32.5) / 2 = 28.75 */
    assert_int_equal(audit.row[6].verdict, ST_AUDIT_REPRODUCES);
    st_pool pool;
    assert_ok(st_pool_init(&e, "symptomatic-response", &pool, &err));
    assert_false(pool.row[0].included); /* two items that may overlap */
    assert_true(pool.row[1].included);  /* the same count twice */
    assert_near(pool.row[1].x, 9, 0);
    st_pool_fini(&pool);
    assert_int_equal(claim_of(&audit, "Table 1, B, tumour response PR")->verdict, ST_AUDIT_ROUNDS);
    assert_int_equal(claim_of(&audit, "Table 1, A, carcinoid, tumour response: categories")->verdict,
                     ST_AUDIT_REPRODUCES);
    assert_int_equal(claim_of(&audit, "Table 1, B, tumour response: categories")->verdict, ST_AUDIT_DOES_NOT_REPRODUCE);
    st_audit_fini(&audit);
    st_evidence_fini(&e);
    remove_review();
}

/* One sentence, with the line and the column where there is one. */
static void wrong_tables_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *studies, *outcomes, *says, *field;
    } wrong[] = {{TWO, "1,C,all,TAE,death,,event,1,20,5,patients,,,x,1,high,\n", "not in studies.csv", "study_id"},
                 {TWO, "1,A,all,TAE,death,,event,21,20,5,patients,,,x,1,high,\n", "above its denominator", "numerator"},
                 {TWO, "1,A,all,TAE,death,,event,1.5,20,5,patients,,,x,1,high,\n", "no count", "numerator"},
                 {TWO, "1,A,all,TAE,death,,event,-1,20,5,patients,,,x,1,high,\n", "no count", "numerator"},
                 {TWO, "1,A,all,TAE,death,,event,1e12,,5,patients,,,x,1,high,\n", "no count", "numerator"},
                 {TWO, "1,A,all,TAE,death,,event,0,0,5,patients,,,x,1,high,\n", "is 0", "denominator"},
                 {TWO, "1,A,all,TAE,death,,event,1,20,101,patients,,,x,1,high,\n", "0 to 100", "percent"},
                 {TWO, "1,A,all,TAE,death,,event,1,20,5e0,patients,,,x,1,high,\n", "plain digits", "percent"},
                 {TWO, "1,A,all,TAE,death,,event,1,20,5.00001,patients,,,x,1,high,\n", "4 decimals", "percent"},
                 {TWO, "1,A,all,TAE,death,,event,1,20,5,patients,,,x,1,sure,\n", "high|medium|low", "confidence"},
                 {TWO, "1,A,all,TAE,overall_survival,,median,,,,months,-3,,x,1,high,\n", "below 0", "months"},
                 {"A,2001,1,20,20,1,0,30,,,procedures,yes,\n", "", "less than carcinoids", "n_patients"},
                 {"A,2001,1,20,10,5,6,30,,,procedures,yes,\n", "", "less than carcinoids", "n_patients"},
                 {"A,2001,1,,20,1,0,30,,,procedures,yes,\n", "", "not above 0", "n_patients"},
                 {"A,2001,1,20,20,0,0,30,,,beads,yes,\n", "", "patients|procedures|unclear", "tae_unit"},
                 {"A,2001,1,20,20,0,0,30,,,procedures,yes,\nA,2001,1,20,20,0,0,30,,,procedures,yes,\n", "", "twice",
                  "study_id"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        st_evidence e;
        err = (st_error){0};
        put_review(wrong[i].studies, wrong[i].outcomes, "");
        assert_int_equal(st_evidence_init(&e, "test_evidence.d", &err), ST_VALUE);
        if (strstr(err.what, wrong[i].says) == NULL || err.line < 2)
            fail_msg("case %zu: line %zu: %s", i, err.line, err.what);
        assert_string_equal(err.field, wrong[i].field);
    }
    remove_review();
}

static void wrong_claims_are_refused(void **state) {
    (void)state;
    static const char *const wrong[][2] = {{"c,t,1,listed,x,add,studies.tae,,,1,,,\n", "no operation"},
                                           {"c,t,1,listed,x,sum,studies,,,1,,,\n", "no series"},
                                           {"c,t,1,listed,x,sum,studies.tea,,,1,,,\n", "\"tea\""},
                                           {"c,t,1,listed,x,sum,cells.tae,,,1,,,\n", "\"cells\""},
                                           {"c,t,1,listed,x,sum,studies.tae[ref,,,1,,,\n", "no series"},
                                           {"c,t,1,listed,x,sum,studies.tae[ref],,,1,,,\n", "no condition"},
                                           {"c,t,1,listed,x,sum,studies.tae[rfe=1],,,1,,,\n", "\"rfe\""},
                                           {"c,t,1,listed,x,sum,pool.none,,,1,,,\n", "no pool"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        st_evidence e;
        st_audit audit;
        err = (st_error){0};
        put_review(TWO, "", wrong[i][0]);
        assert_ok(st_evidence_init(&e, "test_evidence.d", &err));
        assert_int_equal(st_audit_init(&e, &audit, &err), ST_VALUE);
        if (strstr(err.what, wrong[i][1]) == NULL)
            fail_msg("case %zu: %s", i, err.what);
        st_evidence_fini(&e);
    }
    remove_review();
}

/* No operation of the list falls over an empty or one-row series. */
static void every_operation_takes_little(void **state) {
    (void)state;
    static const char *const operations[] = {
        "none",    "sum",     "percent",    "feasible", "values", "column",       "first",      "one_unit",
        "average", "range",   "above",      "share",    "ratio",  "all_at_least", "all_report", "higher_median",
        "higher",  "similar", "not_higher", "contains", "count",  "majority"};
    static const char *const series[] = {"",
                                         "studies.tae",
                                         "outcomes.percent",
                                         "outcomes.months",
                                         "pool.deaths-patients",
                                         "pool.carcinoid-pnen-response"};
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        for (size_t k = 0; k < 2 * sizeof series / sizeof series[0]; k++) {
            char claims[256];
            st_evidence e;
            st_audit audit;
            const char *s = series[k / 2];
            snprintf(claims, sizeof claims, "c,t,1,listed,x,%s,%s,%s,%s,%s,,,\n", operations[i], s, k % 2 ? s : "",
                     k % 2 ? "5/0" : "", k % 2 ? "3" : "");
            put_review(k % 2 ? TWO : "A,2001,1,20,20,0,0,,,,unclear,yes,\n",
                       k % 2 ? "" : "1,A,all,TAE,death,,event,1,20,5,patients,,,x,1,high,\n", claims);
            assert_ok(st_evidence_init(&e, "test_evidence.d", &err));
            assert_ok(st_audit_init(&e, &audit, &err));
            assert_non_null(audit.row[0].arithmetic);
            st_audit_fini(&audit);
            st_evidence_fini(&e);
        }
    remove_review();
}

static void the_page_is_written(void **state) {
    (void)state;
    st_evidence e;
    st_audit audit;
    assert_ok(st_evidence_init(&e, NULL, &err));
    assert_ok(st_audit_init(&e, &audit, &err));
    assert_ok(st_audit_page_write("test_evidence.html", &e, &audit, &err));
    assert_int_equal(st_audit_page_write("no/such/folder/page.html", &e, &audit, &err), ST_IO);
    st_audit_fini(&audit);
    st_evidence_fini(&e);
    unlink("test_evidence.html");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentages_round_in_whole_numbers),
        cmocka_unit_test(feasible_counts_are_all_that_print_so),
        cmocka_unit_test(changes_of_a_sum_are_all_found),
        cmocka_unit_test(pools_add_up),
        cmocka_unit_test(rows_say_why_they_are_out),
        cmocka_unit_test(every_pool_can_be_made),
        cmocka_unit_test(audit_of_the_review),
        cmocka_unit_test(another_review_is_audited),
        cmocka_unit_test(wrong_tables_are_refused),
        cmocka_unit_test(wrong_claims_are_refused),
        cmocka_unit_test(every_operation_takes_little),
        cmocka_unit_test(the_page_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
