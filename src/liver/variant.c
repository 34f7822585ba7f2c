/* Variants of the hepatic arteries: the table compiled in, one by name, one at random.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/liver.h>
#include <stasis/text.h>
#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { VARIANTS_MOST = 32 };

static const char VARIANTS[] = "variants.csv";

/* As the table has them, in the order of their enums. */
static const char *const ORIGINS[] = {"coeliac", "superior mesenteric", "left gastric"};
static const char *const PARTS[] = {"whole", "right lobe", "left lobe", "right posterior", "left lateral"};

const char *st_origin_name(st_origin origin) {
    switch (origin) {
    case ST_FROM_COELIAC:
        return "coeliac trunk";
    case ST_FROM_MESENTERIC:
        return "superior mesenteric artery";
    case ST_FROM_GASTRIC:
        return "left gastric artery";
    case ST_FROM_GUT:
        return "gut and spleen";
    }
    return "unknown";
}

typedef struct variants {
    size_t n;
    st_variant item[VARIANTS_MOST];
} variants;

/* The place in a list of words of what a cell holds. */
static st_status read_word(const st_table *table, size_t row, const char *name, const char *const *word, size_t n,
                           size_t *place, st_error *err) {
    size_t column;
    st_status status = st_table_require(table, name, &column, err);
    if (status != ST_OK)
        return status;
    const char *cell = st_table_cell(table, row, column);
    for (*place = 0; *place < n; ++*place)
        if (strcmp(word[*place], cell) == 0)
            return ST_OK;
    return st_fail_at(err, ST_FORMAT, table->name, table->line[row], column + 1, "\"%.40s\" is no word for %s", cell,
                      name);
}

static st_status read_artery(const st_table *table, size_t row, struct st_artery *artery, st_error *err) {
    size_t column, origin = 0, part = 0;
    st_status status = st_table_require(table, "artery", &column, err);
    if (status == ST_OK)
        status = read_word(table, row, "origin", ORIGINS, COUNT(ORIGINS), &origin, err);
    if (status == ST_OK)
        status = read_word(table, row, "supplies", PARTS, COUNT(PARTS), &part, err);
    if (status != ST_OK)
        return status;
    *artery = (struct st_artery){.origin = (st_origin)origin, .part = (st_part)part};
    snprintf(artery->name, sizeof artery->name, "%s", st_table_cell(table, row, column));
    return ST_OK;
}

/* A row begins a variant or adds an artery to the one before. */
static st_status read_row(const st_table *table, size_t row, variants *all, st_error *err) {
    size_t name, share;
    double percent;
    st_status status = st_table_require(table, "variant", &name, err);
    if (status == ST_OK)
        status = st_table_require(table, "share_percent", &share, err);
    if (status == ST_OK)
        status = st_table_number(table, row, share, &percent, err);
    if (status != ST_OK)
        return status;
    const char *called = st_table_cell(table, row, name);
    st_variant *variant = all->n > 0 ? &all->item[all->n - 1] : NULL;
    if (variant == NULL || strcmp(variant->name, called) != 0) {
        if (all->n == VARIANTS_MOST || !(percent >= 0))
            return st_fail_at(err, ST_FORMAT, table->name, table->line[row], 0,
                              "the first row of a variant has a share, and there are at most %d", VARIANTS_MOST);
        variant = &all->item[all->n++];
        *variant = (st_variant){.share = percent * ST_PERCENT};
        snprintf(variant->name, sizeof variant->name, "%s", called);
    }
    if (variant->n == ST_INLETS_MOST)
        return st_fail_at(err, ST_FORMAT, table->name, table->line[row], 0, "%s has more than %d arteries", called,
                          ST_INLETS_MOST);
    return read_artery(table, row, &variant->artery[variant->n++], err);
}

static st_status read_variants(variants *all, st_error *err) {
    size_t size;
    st_table table = {0};
    const char *bytes = st_data_find(VARIANTS, &size);
    all->n = 0;
    st_status status = st_table_parse(VARIANTS, bytes, size, &table, err);
    for (size_t row = 0; row < table.rows && status == ST_OK; row++)
        status = read_row(&table, row, all, err);
    st_table_fini(&table);
    return status;
}

static st_status refuse(const variants *all, const char *name, st_error *err) {
    char list[320] = "";
    const char *known[VARIANTS_MOST];
    for (size_t i = 0; i < all->n; i++) {
        const size_t used = strlen(list);
        known[i] = all->item[i].name;
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    const char *near = st_nearest_name(name, known, all->n);
    return st_fail(err, ST_VALUE, "no variant of the hepatic arteries is called \"%.40s\"%s%s%s; there are %s", name,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "", list);
}

st_status st_variant_find(const char *name, st_variant *variant, st_error *err) {
    variants all;
    *variant = (st_variant){0};
    const st_status status = read_variants(&all, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < all.n; i++)
        if (strcmp(all.item[i].name, name) == 0) {
            *variant = all.item[i];
            return ST_OK;
        }
    return refuse(&all, name, err);
}

st_status st_variant_draw(uint64_t seed, st_variant *variant, st_error *err) {
    variants all;
    double sum = 0;
    *variant = (st_variant){0};
    const st_status status = read_variants(&all, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < all.n; i++)
        sum += all.item[i].share;
    st_rng rng = st_rng_stream(seed, ST_RNG_VARIANT, 0);
    double left = st_rng_uniform(&rng) * sum;
    size_t drawn = 0;
    while (drawn + 1 < all.n && left >= all.item[drawn].share)
        left -= all.item[drawn++].share;
    *variant = all.item[drawn];
    return ST_OK;
}

st_status st_variant_choose(const char *name, uint64_t seed, st_variant *variant, st_error *err) {
    return strcmp(name, ST_VARIANT_DRAWN) == 0 ? st_variant_draw(seed, variant, err)
                                               : st_variant_find(name, variant, err);
}
