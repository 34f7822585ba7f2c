/* V10: the hepatic artery occluded.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

st_status check_tissue(validation *v) {
    const st_demand demand = st_demand_from_parameters(&v->parameters);
    const double portal = demand.portal[ST_TUMOUR], before = demand.arterial[ST_TUMOUR] + portal;
    add_interval(v, "V10", "hepatic artery occluded: flow left in metastases", 5, 0, 0, portal / before / ST_PERCENT,
                 "%", "The arterial share of a metastasis is a parameter; no collaterals open.");
    add_open(v, "V10", "hepatic artery occluded: oxygen use of the liver left", "64", "%", "to come");
    return ST_OK;
}
