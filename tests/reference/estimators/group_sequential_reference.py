"""Writes group_sequential_reference.json: `python group_sequential_reference.py FOLDER`.

FOLDER holds truth_gs_bounds.json (our own high-precision bounds) and ref_design_ae.json (what
gsDesign and rpact give, with their calls).
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


THIRDS = [1 / 3, 2 / 3, 1.0]


def build_bounds(folder: Path) -> list[dict[str, Any]]:
    """Our own bounds, one-sided."""
    return [
        {
            "method": "bounds",
            "reference": f"high-precision recursion, {one['id']}",
            "data": "none",
            "arguments": {"spent": one["cum_alpha"], "information": one["t"], "two_sided": False},
            "values": {"upper": one["bound"]},
            "digits": 12,
        }
        for one in json.loads((folder / "truth_gs_bounds.json").read_text())
    ]


def build_cases(folder: Path) -> list[dict[str, Any]]:
    """The cases of both files."""
    results = json.loads((folder / "ref_design_ae.json").read_text())["results"]
    others = {one["id"]: one["values"] for one in results}
    cases = build_bounds(folder)
    spent = [2 * share for share in cases[10]["arguments"]["spent"]]
    cases.append(
        {
            "method": "bounds",
            "reference": "rpact 4.5: getDesignGroupSequential(sided = 2, typeOfDesign = 'asOF')",
            "data": "none",
            "arguments": {"spent": spent, "information": THIRDS, "two_sided": True},
            "values": {"upper": others["gs_twosided_sym_k3_OF"]["rpact"]},
            "digits": 9,
            "note": "rpact solves to 1e-10",
        }
    )
    power = others["gs_power_k3"]["prob"]
    for place, drift in enumerate((0.0, 1.0, 2.0, 3.0)):
        cases.append(
            {
                "method": "crossing",
                "reference": "gsDesign 3.11: gsProbability(r = 80)",
                "data": "none",
                "arguments": {
                    "upper": [3.710302873, 2.511427484, 1.993047483],
                    "information": THIRDS,
                    "drift": drift,
                },
                "values": {"upper": power[3 * place : 3 * place + 3]},
                "digits": 7,
                "note": "its grid is exact to 2e-9",
            }
        )
    return cases


if __name__ == "__main__":
    text = ",\n".join(json.dumps(case) for case in build_cases(Path(sys.argv[1])))
    (HERE / "group_sequential_reference.json").write_text(f"[\n{text}\n]\n")
