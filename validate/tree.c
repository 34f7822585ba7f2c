/* V21: the tree against hepatic arteries that were measured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <math.h>

/* The first joint of the tree with branches: what the proper hepatic artery is to the right and the left one. */
typedef struct first_joint {
    double trunk, wider, narrower; /* mm, diameters */
} first_joint;

static first_joint first_joint_of(const st_tree *tree) {
    uint32_t trunk = 0;
    while (!st_tree_is_terminal(tree, trunk) && tree->next_sibling[tree->first_child[trunk]] == ST_NONE)
        trunk = tree->first_child[trunk];
    first_joint joint = {.trunk = 2 * (double)tree->radius[trunk]};
    for (uint32_t child = tree->first_child[trunk]; child != ST_NONE; child = tree->next_sibling[child]) {
        const double diameter = 2 * (double)tree->radius[child];
        joint.narrower = fmax(joint.narrower, fmin(diameter, joint.wider));
        joint.wider = fmax(joint.wider, diameter);
    }
    return joint;
}

static void check_first_joint(validation *v) {
    static const double PROPER = 2.93, RIGHT = 2.92, LEFT = 2.51; /* mm, Bilir 2021 */
    const first_joint joint = first_joint_of(&v->tree);
    const double square = joint.trunk * joint.trunk;
    add_interval(v, "V21", "diameter of the right hepatic artery", RIGHT, 0, 0, joint.wider, "mm",
                 "Mean of 500 people in CT (Bilir 2021); here the wider branch of the first joint, below a "
                 "trunk of %.2f mm, which is a parameter.",
                 joint.trunk);
    add_interval(v, "V21", "diameter of the left hepatic artery", LEFT, 0, 0, joint.narrower, "mm",
                 "The same 500; here the narrower branch.");
    add_interval(v, "V21", "left over right hepatic artery, diameters", LEFT / RIGHT, 0, 0,
                 joint.narrower / joint.wider, "1",
                 "Of the means of the same 500. The left half of the liver made up here asks for less.");
    add_interval(v, "V21", "left over right hepatic artery, diameters", 0.63, 0.61, 0.65, joint.narrower / joint.wider,
                 "1",
                 "Two models of whole bodies (HuBMAP blood vasculature geometry v1.1: 4.86/7.98 and 5.37/8.21 mm).");
    add_interval(v, "V21", "cross-sections of right and left over that of the proper hepatic artery",
                 (RIGHT * RIGHT + LEFT * LEFT) / (PROPER * PROPER), 0, 0,
                 (joint.wider * joint.wider + joint.narrower * joint.narrower) / square, "1",
                 "Of the means of the same 500; Murray's law with exponent 3 allows no more than 1.26.");
}

static double mean_length(const st_tree *tree, double low, double high) {
    double sum = 0;
    uint64_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if ((double)tree->radius[i] >= low && (double)tree->radius[i] <= high) {
            sum += st_tree_length(tree, i);
            n++;
        }
    return n > 0 ? sum / (double)n : NAN;
}

st_status check_tree(validation *v) {
    static const double RADIUS = 0.08, WITHIN = 0.1; /* mm; relative */
    check_first_joint(v);
    add_interval(
        v, "V21", "length of vessels of 80 um radius", 0.74, 0, 0,
        mean_length(&v->tree, RADIUS * (1 - WITHIN), RADIUS * (1 + WITHIN)), "mm",
        "Smallest radius and smallest length among up to 13 generations in the cast of one human liver, artery, "
        "portal and hepatic veins together (Debbaut 2014, abstract); here the mean over segments of 72 to 88 um.");
    add_interval(
        v, "V21", "exponent of radii at joints of arteries above 1 mm radius", 2.3, 0, 0,
        st_parameter_value(&v->parameters, ST_P_MURRAY_EXPONENT), "1",
        "Systemic arteries, by a model that agrees with casts and angiograms; 3.0 below 0.1 mm (Nakamura & Awa "
        "2014, Physiol Rep 2:e00236). One parameter for all vessels here.");
    return ST_OK;
}
