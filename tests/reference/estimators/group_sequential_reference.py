"""Writes group_sequential_reference.json: `python group_sequential_reference.py FOLDER`.

FOLDER holds truth_gs_bounds.json (our own high-precision bounds), ref_design_ae.json (what
gsDesign, rpact and lrstat give, with their calls), group_sequential_bounds.csv (rpact) and
group_sequential_futility.csv (gsDesign).
"""

import csv
import json
import sys
from collections.abc import Iterator
from itertools import groupby
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


RPACT = "rpact 4.5: getDesignGroupSequential, getDesignCharacteristics"
GSDESIGN = "gsDesign 3.11: gsDesign"
RULES = {
    "asOF": {"name": "lan-demets-obrien-fleming"},
    "asP": {"name": "lan-demets-pocock"},
    "asHSD": {"name": "hwang-shih-decani", "parameter": -4},
    "OF": {"name": "obrien-fleming"},
    "P": {"name": "pocock"},
}
LATE_BETA = {"name": "hwang-shih-decani", "parameter": -2}


def build_case(
    reference: str, *, plan: dict[str, Any], values: dict[str, Any], digits: int, note: str
) -> dict[str, Any]:
    """A case of a whole design."""
    return {
        "method": "design", "reference": reference, "data": "none", "arguments": plan,
        "values": values, "digits": digits, "note": note,
    }  # fmt: skip


def build_designs(folder: Path) -> Iterator[dict[str, Any]]:
    """rpact's bounds, inflation and expected size, and gsDesign's with futility."""
    rows = list(csv.DictReader((folder / "group_sequential_bounds.csv").open()))
    for (name, _, sides), looks in groupby(rows, key=lambda r: (r["design"], r["k"], r["sided"])):
        own = list(looks)
        yield build_case(
            f"{RPACT}(typeOfDesign = '{name}', sided = {sides})",
            plan={
                "information": [float(one["information"]) for one in own],
                "alpha": 0.025 * int(sides), "sides": int(sides), "power": 0.8,
                "efficacy": RULES[name],
            },
            values={
                "upper": [float(one["z"]) for one in own],
                "inflation": [float(own[0]["inflation"])],
                "expected_ratio": [float(own[0]["asn_ratio_h1"])],
            },
            digits=7,
            note="rpact spends to within 1e-8 of alpha",
        )  # fmt: skip
    rows = list(csv.DictReader((folder / "group_sequential_futility.csv").open()))
    for binding, looks in groupby(rows, key=lambda r: r["binding"]):
        own = list(looks)
        yield build_case(
            f"{GSDESIGN}(test.type = {3 if binding == 'TRUE' else 4}, sfl = sfHSD, sflpar = -2)",
            plan={
                "information": [float(one["information"]) for one in own],
                "alpha": 0.025, "sides": 1, "power": 0.9, "futility": LATE_BETA,
                "binding": binding == "TRUE",
            },
            values={
                "upper": [float(one["upper"]) for one in own],
                "lower": [float(one["lower"]) for one in own],
                "inflation": [float(own[0]["inflation"])],
            },
            digits=3 if binding == "TRUE" else 5,
            note="gsDesign's default grid and tolerance",
        )  # fmt: skip


def build_futility(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """gsDesign's four types of futility on its finest grid."""
    for kind, digits in ((3, 4), (4, 6), (5, 5), (6, 6)):
        theirs = others[f"gs_futility_testtype{kind}_k3"]
        plan = {
            "information": THIRDS, "alpha": 0.025, "sides": 1, "power": 0.8,
            "futility": LATE_BETA, "binding": kind in (3, 5),
        }  # fmt: skip
        if kind > 4:
            plan["harm_alpha"] = 0.2
        yield build_case(
            f"{GSDESIGN}(test.type = {kind}, sfl = sfHSD, sflpar = -2, r = 80)",
            plan=plan,
            values={
                "upper": theirs["upper"], "lower": theirs["lower"],
                "inflation": theirs["n.I"][-1:], "expected_information": theirs["en"],
                "chances_above": theirs["upper_prob"],
            },
            digits=digits,
            note="gsDesign iterates to 1e-6; ours spend alpha and beta to 1e-14",
        )  # fmt: skip


def build_classical(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Wang-Tsiatis and Haybittle-Peto."""
    five = [0.2, 0.4, 0.6, 0.8, 1.0]
    base = {"alpha": 0.025, "sides": 1, "power": 0.9}
    yield build_case(
        f"{RPACT}(typeOfDesign = 'OF', tolerance = 1e-10)",
        plan={**base, "information": five, "efficacy": RULES["OF"]},
        values={"upper": others["gs_classic_OF_k5"]["rpact"]},
        digits=7, note="rpact spends to within 1e-8 of alpha",
    )  # fmt: skip
    yield build_case(
        f"{RPACT}(typeOfDesign = 'HP', constantBoundsHP = 3, tolerance = 1e-10)",
        plan={**base, "information": THIRDS, "efficacy": {"name": "haybittle-peto"}},
        values={"upper": others["gs_haybittle_peto_k3"]["rpact"]},
        digits=8, note="rpact spends to within 1e-8 of alpha",
    )  # fmt: skip


def build_all(folder: Path) -> list[dict[str, Any]]:
    """Every case of every file."""
    results = json.loads((folder / "ref_design_ae.json").read_text())["results"]
    others = {one["id"]: one["values"] for one in results}
    return [
        *build_cases(folder),
        *build_designs(folder),
        *build_futility(others),
        *build_classical(others),
    ]


if __name__ == "__main__":
    text = ",\n".join(json.dumps(case) for case in build_all(Path(sys.argv[1])))
    (HERE / "group_sequential_reference.json").write_text(f"[\n{text}\n]\n")
