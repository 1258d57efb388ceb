"""Copies the numbers that the analysis is held to from the collection of R results.

python extract.py COLLECTION.json > reference.json
"""

import json
import sys
from pathlib import Path

WANTED = (
    "km_sim_trial_log-log",
    "km_followup_reverse_sim_trial",
    "logrank_sim_pfs_strat",
    "cox_sim_pfs_strat_efron",
    "cox_sim_pfs_confint",
    "cox_zph_sim_pfs_km",
    "cox_interaction_sim_pfs",
    "milestone_diff_sim_pfs_365",
    "rmst_sim_pfs_365",
    "rmst_survfit_sim_pfs_545",
    "cif_gray_sim_trial",
    "cluster_aj_lesions",
)

if __name__ == "__main__":
    collection = json.loads(Path(sys.argv[1]).read_text())["results"]
    found = {result["id"]: result for result in collection}
    kept = {
        name: {key: found[name][key] for key in ("r_function", "data", "call", "values")}
        for name in WANTED
    }
    sys.stdout.write(json.dumps(kept, indent=1) + "\n")
