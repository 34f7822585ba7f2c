/* The network for svZeroDSolver: solved here from the file alone, by elimination, it carries the flow of the tree.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/text.h>
#include <unistd.h>

#include "with_parameters.h"

#include "tree_support.h" /* its `err` comes after that of the set-up */

static const char *const path = "test_svzerod.json";

/* A system of equations, one for the pressure behind each vessel (dyn/cm^2). */
typedef struct network {
    size_t n;
    double *matrix, *right, *resistance; /* [n n], [n], [n] dyn s/cm^5 */
    size_t *before;                      /* [n] the vessel before each, n at an inlet */
    double inlet;
} network;

static json_t *named(json_t *list, const char *key, const char *name) {
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) if (strcmp(json_string_value(json_object_get(item, key)), name) ==
                                          0) return json_object_get(item, "bc_values");
    fail_msg("there is no %s \"%s\"", key, name);
    return NULL;
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

/* Both values of a quantity that does not change. */
static double constant(const json_t *values, const char *key) {
    const json_t *pair = json_object_get(values, key);
    assert_int_equal(json_array_size(pair), 2);
    assert_true(json_number_value(json_array_get(pair, 0)) == json_number_value(json_array_get(pair, 1)));
    return json_number_value(json_array_get(pair, 0));
}

static void read_junctions(network *w, const json_t *root) {
    size_t i, k;
    json_t *junction, *out;
    json_array_foreach(json_object_get(root, "junctions"), i, junction) {
        const json_t *in = json_object_get(junction, "inlet_vessels");
        assert_int_equal(json_array_size(in), 1);
        json_array_foreach(json_object_get(junction, "outlet_vessels"), k, out) {
            const size_t vessel = (size_t)json_integer_value(out);
            assert_in_range(vessel, 0, w->n - 1);
            assert_int_equal(w->before[vessel], w->n);
            w->before[vessel] = (size_t)json_integer_value(json_array_get(in, 0));
        }
    }
}

/* What flows through a vessel leaves the node before it and enters that behind it. */
static void read_vessel(network *w, json_t *root, json_t *vessel, size_t i) {
    json_t *conditions = json_object_get(root, "boundary_conditions");
    const json_t *ends = json_object_get(vessel, "boundary_conditions");
    const json_t *in = json_object_get(ends, "inlet"), *out = json_object_get(ends, "outlet");
    assert_int_equal(json_integer_value(json_object_get(vessel, "vessel_id")), i);
    w->resistance[i] = number(json_object_get(vessel, "zero_d_element_values"), "R_poiseuille");
    const double g = 1 / w->resistance[i];
    w->matrix[i * w->n + i] += g;
    assert_true((in != NULL) == (w->before[i] == w->n));
    if (in) {
        w->inlet = constant(named(conditions, "bc_name", json_string_value(in)), "P");
        w->right[i] += g * w->inlet;
    } else {
        const size_t b = w->before[i];
        w->matrix[i * w->n + b] -= g;
        w->matrix[b * w->n + i] -= g;
        w->matrix[b * w->n + b] += g;
    }
    const json_t *values = out ? named(conditions, "bc_name", json_string_value(out)) : NULL;
    if (values && json_object_get(values, "Q")) {
        assert_true(constant(values, "Q") == 0);
    } else if (values) {
        w->matrix[i * w->n + i] += 1 / number(values, "R");
        w->right[i] += number(values, "Pd") / number(values, "R");
    }
}

/* Gauss, without pivots: the matrix is symmetric and positive definite. The pressures end up in `right`. */
static void eliminate(network *w) {
    const size_t n = w->n;
    for (size_t k = 0; k < n; k++)
        for (size_t i = k + 1; i < n; i++) {
            const double factor = w->matrix[i * n + k] / w->matrix[k * n + k];
            for (size_t j = k; j < n; j++)
                w->matrix[i * n + j] -= factor * w->matrix[k * n + j];
            w->right[i] -= factor * w->right[k];
        }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            w->right[k] -= w->matrix[k * n + j] * w->right[j];
        w->right[k] /= w->matrix[k * n + k];
    }
}

static network solve_file(void) {
    json_t *root, *vessel, *vessels;
    assert_ok(st_json_read(path, &root, &err));
    vessels = json_object_get(root, "vessels");
    const size_t n = json_array_size(vessels);
    network w = {.n = n,
                 .matrix = calloc(n * n, sizeof(double)),
                 .right = calloc(n, sizeof(double)),
                 .resistance = calloc(n, sizeof(double)),
                 .before = calloc(n, sizeof(size_t))};
    assert_true(w.matrix && w.right && w.resistance && w.before);
    size_t i;
    for (i = 0; i < n; i++)
        w.before[i] = n;
    read_junctions(&w, root);
    json_array_foreach(vessels, i, vessel) read_vessel(&w, root, vessel, i);
    eliminate(&w);
    json_decref(root);
    return w;
}

static void assert_same_flow(const st_tree *tree, const st_flow *flow) {
    network w = solve_file();
    double *q = calloc(tree->n, sizeof *q), *p = calloc(tree->n, sizeof *p);
    assert_true(q && p);
    st_flow_solve(flow, tree, q, p);
    assert_int_equal(w.n, tree->n);
    for (uint32_t i = 0; i < tree->n; i++) {
        const double upstream = w.before[i] == w.n ? w.inlet : w.right[w.before[i]];
        const double solved = (upstream - w.right[i]) / w.resistance[i] * ST_ML; /* cm^3/s -> mm^3/s */
        assert_true(fabs(solved - q[i]) <= 1e-9 * fmax(q[i], 1e-3 * q[0]));
        assert_near(w.right[i] * 0.1, p[i], 1e-9); /* dyn/cm^2 -> Pa */
    }
    free(q);
    free(p);
    free(w.matrix);
    free(w.right);
    free(w.resistance);
    free(w.before);
}

/* Two roots, one terminal that is closed. */
static void the_file_carries_the_same_flow(void **state) {
    (void)state;
    st_tree tree = depth_first(6);
    st_flow flow;
    tree.parent[1] = ST_NONE;
    tree.demand[tree.n - 1] = 0;
    assert_ok(st_tree_finish(&tree, &err));
    assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
    assert_ok(st_flow_write_svzerod(path, &tree, &flow, &err));
    assert_same_flow(&tree, &flow);
    st_flow_fini(&flow);
    st_tree_fini(&tree);
    unlink(path);
}

static void a_vessel_alone_is_a_network(void **state) {
    (void)state;
    st_tree tree = depth_first(0);
    st_flow flow;
    assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
    assert_ok(st_flow_write_svzerod(path, &tree, &flow, &err));
    assert_same_flow(&tree, &flow);
    st_flow_set(&flow, &tree, 0, 0);
    assert_int_equal(st_flow_write_svzerod(path, &tree, &flow, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "segment 0 is blocked"));
    st_flow_fini(&flow);
    st_tree_fini(&tree);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_carries_the_same_flow),
        cmocka_unit_test(a_vessel_alone_is_a_network),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
