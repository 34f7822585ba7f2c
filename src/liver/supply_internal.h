/* What the files of the supply share: parts of the organ as domains, and the places where vessels enter.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_LIVER_SUPPLY_INTERNAL_H
#define STASIS_LIVER_SUPPLY_INTERNAL_H

#include "liver_internal.h"

/* domain[box]: the artery of the variant that supplies each voxel of the organ, every domain in one piece; volume of
 * normal liver and of tumour in each. ST_ANATOMY when one is empty. */
st_status domains_find(const st_liver *liver, const st_variant *variant, const st_parameters *parameters,
                       uint8_t **domain, double (*volume)[3], st_error *err);

/* Where a vessel is to enter. */
typedef struct inlet_wish {
    double target[3];      /* mm LPS: as near to it as can be */
    double towards[3];     /* of length 1: whence it comes */
    double diameter;       /* mm */
    const uint8_t *domain; /* [box] the part of the organ it enters is where domain is `index`; NULL: all of it */
    uint8_t index;
} inlet_wish;

/* The surface layer of the organ, where vessels enter. */
typedef struct inlet_search {
    const st_liver *liver;
    const st_parameters *parameters;
    float *depth; /* [box] mm from a voxel of the organ to the nearest one outside */
} inlet_search;
st_status inlet_search_init(const st_liver *liver, const st_parameters *parameters, inlet_search *search,
                            st_error *err);
void inlet_search_fini(inlet_search *search);

/* The nearest place to the target under the surface where the vessel has room and a way out, clear of the inlets that
 * are there already: fills hilum and stump of `inlet`, which has its name. ST_ANATOMY when there is none. */
st_status inlet_place(const inlet_search *search, const inlet_wish *wish, const st_inlet *placed, size_t n_placed,
                      st_inlet *inlet, st_error *err);

#endif
