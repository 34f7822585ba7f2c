/* V10: the hepatic artery occluded.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

st_status check_tissue(validation *v) {
    const st_demand demand = st_demand_from_parameters(&v->parameters);
    const st_oxygen_demand normal = st_oxygen_demand_of(ST_NORMAL, &v->parameters);
    double control, occluded;
    st_oxygen_voxel(demand.arterial[ST_NORMAL], demand.portal[ST_NORMAL], &normal, &v->parameters, 0, NULL, NULL,
                    &control);
    st_oxygen_voxel(0, demand.portal[ST_NORMAL], &normal, &v->parameters, 0, NULL, NULL, &occluded);
    add_interval(v, "V10", "hepatic artery occluded: oxygen use of the liver, of control", 64, 0, 0,
                 occluded / control / ST_PERCENT, "%",
                 "Dogs. The portal vein keeps its flow; here its blood keeps the oxygen of the fasting state too.");
    const double portal = demand.portal[ST_TUMOUR], before = demand.arterial[ST_TUMOUR] + portal;
    add_interval(v, "V10", "hepatic artery occluded: flow in metastases, of control", 5, 0, 0,
                 portal / before / ST_PERCENT, "%",
                 "Follows from a parameter, the arterial share of a metastasis; no collaterals open.");
    return ST_OK;
}
