/* A .gxl tree, and the order that every sweep relies on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    return fuzz_tree(st_tree_parse_gxl, bytes, size);
}
