"""Writes group_sequential_reference.json: `python group_sequential_reference.py FOLDER`.

FOLDER holds truth_gs_bounds.json (our own high-precision bounds), ref_design_ae.json (what
gsDesign, rpact and lrstat give, with their calls), group_sequential_bounds.csv (rpact) and
group_sequential_futility.csv (gsDesign).
"""

import csv
import json
import math
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


def build_interim(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Conditional and predictive power, and what is said after stopping."""
    base = {"alpha": 0.025, "sides": 1, "power": 0.9}
    tight = "their bounds differ from the truth by 1e-8"
    power, fixed = others["cond_power"], others["cond_power_fixed_BValue"]
    for look, z in ((1, 0.8), (2, 1.5)):
        yield {
            "method": "conditional_power", "reference": "gsDesign 3.11: gsCP(r = 80)",
            "data": "none",
            "arguments": {"plan": {**base, "information": THIRDS}, "look": look, "z": z},
            "values": {n: [power[f"cp{look}_{n}"]] for n in ("null", "design", "trend")},
            "digits": 6, "note": tight,
        }  # fmt: skip
    bounds = {"name": "bounds", "values": [float("inf"), 1.959963984540054]}
    yield {
        "method": "conditional_power", "reference": "R 4.2.2, formulas of Lan and Wittes (1988)",
        "data": "none",
        "arguments": {
            "plan": {**base, "information": [0.5, 1.0], "efficacy": bounds}, "look": 1, "z": 1.2
        },
        "values": {
            "null": [fixed["null"]], "trend": [fixed["trend"]], "predictive": [fixed["pp_flat"]]
        },
    }  # fmt: skip


EVENTS = {
    "alpha": 0.025, "sides": 1, "power": 0.9, "information": [67 / 200, 134 / 200, 1.0]
}  # fmt: skip


def build_rejection(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Conditional rejection probabilities."""
    rejects = others["rpact_cp_surv"]
    for look, z in ((1, 0.9), (2, 1.7)):
        yield {
            "method": "conditional_power",
            "reference": "rpact 4.5: getAnalysisResults, conditional rejection probability",
            "data": "none", "arguments": {"plan": EVENTS, "look": look, "z": z},
            "values": {"null": [rejects["crp"][look - 1]]},
            "digits": 8, "note": "rpact solves to 1e-10",
        }  # fmt: skip


def build_stopped(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Estimates after stopping."""
    found, tight = others["rpact_analysis_surv"], "their bounds differ from the truth by 1e-8"
    stopped = {"plan": EVENTS, "look": 3, "z": 2.3, "information": 50}
    own = others["lrstat_getCI"]
    for reference, values, digits in (
        (
            "rpact 4.5: getAnalysisResults, stage-wise ordering, log of its hazard ratios",
            [found["final_p"][2], found["median_unbiased"][2], found["final_lo"][2],
             found["final_up"][2]], 6,
        ),
        (
            "lrstat 0.3.3: getCI, stage-wise ordering",
            [own["pvalue"], own["thetahat"], own["lower"], own["upper"]], 5,
        ),
    ):  # fmt: skip
        logs = values if digits == 5 else [values[0], *map(math.log, values[1:])]
        names = ("p_value", "estimate", "lower", "upper")
        yield {
            "method": "stopped", "reference": reference, "data": "none", "arguments": stopped,
            "values": dict(zip(names, ([one] for one in logs), strict=True)),
            "digits": digits, "note": tight if digits == 6 else "lrstat's bounds differ by 1e-6",
        }  # fmt: skip


def build_repeated(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Repeated intervals and p values."""
    found = others["rpact_analysis_surv"]
    for look, z in ((1, 0.9), (2, 1.7), (3, 2.3)):
        yield {
            "method": "repeated", "reference": "rpact 4.5: getAnalysisResults, repeated intervals",
            "data": "none",
            "arguments": {"plan": EVENTS, "look": look, "z": z, "information": 50},
            "values": {
                "p_value": [found["rep_p"][look - 1]],
                "lower": [math.log(found["rci_lo"][look - 1])],
                "upper": [math.log(found["rci_up"][look - 1])],
            },
            "digits": 4 if look == 3 else 5, "note": "rpact searches its p value to 1e-6",
        }  # fmt: skip


def build_scales(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Bounds as hazard ratios, and at the information that came."""
    base = {"alpha": 0.025, "sides": 1, "power": 0.9}
    ratios = others["rpact_samplesize_surv"]
    yield {
        "method": "hazard_ratio", "reference": "rpact 4.5: getSampleSizeSurvival",
        "data": "none",
        "arguments": {
            "plan": {**base, "information": THIRDS, "power": 0.8}, "events": ratios["events"][2]
        },
        "values": {"hazard_ratio": ratios["critHR"]}, "digits": 8,
        "note": "rpact spends to within 1e-8 of alpha",
    }  # fmt: skip
    survival = others["gsSurv_3looks"]
    plan = {**base, "information": THIRDS, "power": 0.8, "futility": LATE_BETA}
    for looks, final in ((3, True), (2, False)):
        yield {
            "method": "recalculated", "reference": "gsDesign 3.11: gsSurv(tol = 1e-6)",
            "data": "none", "arguments": {"plan": plan, "looks": looks, "final": final},
            "values": {
                "upper": survival["upper"][:looks], "lower": survival["lower"][:looks]
            },
            "digits": 6, "note": "gsSurv stops at 1e-6",
        }  # fmt: skip


def build_of_debian() -> Iterator[dict[str, Any]]:
    """rpact 3.3.4, as rpact_numbers.R called it."""
    found = json.loads((HERE / "rpact_numbers.json").read_text())
    base = {"alpha": 0.025, "sides": 1, "power": 0.9, "efficacy": RULES["asP"]}
    plan = {**base, "information": [0.3, 0.6, 1.0]}
    yield {
        "method": "stopped", "reference": "rpact 3.3.4: getAnalysisResults, stage-wise ordering",
        "data": "none",
        "arguments": {"plan": plan, "look": 2, "z": 2.6, "information": 50},
        "values": {name: [value] for name, value in found["stopped"].items()},
        "digits": 5, "note": "rpact solves its limits to 1e-7",
    }  # fmt: skip
    ratios = found["hazard_ratio"]
    yield {
        "method": "hazard_ratio", "reference": "rpact 3.3.4: getSampleSizeSurvival",
        "data": "none",
        "arguments": {
            "plan": {**base, "information": [0.5, 1.0]}, "events": ratios["events"][-1]
        },
        "values": {"hazard_ratio": ratios["ratio"]}, "digits": 8,
        "note": "rpact spends to within 1e-8 of alpha",
    }  # fmt: skip
    yield {
        "method": "inverse_normal", "reference": "rpact 3.3.4: getDesignInverseNormal",
        "data": "none",
        "arguments": {
            "p_values": found["inverse_normal"]["stages"], "information": plan["information"]
        },
        "values": {"z": found["inverse_normal"]["z"]},
    }  # fmt: skip
    for name, futility in (("none", 1.0), ("half", 0.5)):
        yield {
            "method": "fisher", "reference": "rpact 3.3.4: getDesignFisher(userDefinedAlpha)",
            "data": "none",
            "arguments": {"alpha": 0.025, "early": found["fisher"][name][0], "futility": futility},
            "values": {"product": found["fisher"][name][1:]},
        }  # fmt: skip


def build_wedges() -> Iterator[dict[str, Any]]:
    """Futility on two sides: rpact has none at the first look, and spends its beta later."""
    found = json.loads((HERE / "rpact_numbers.json").read_text())["wedge"]
    early, late = (math.expm1(2 * t) / math.expm1(2) for t in THIRDS[:2])
    shares = [0.0, (late - early) / (1 - early), 1.0]
    for binding, theirs in zip((False, True), found, strict=True):
        yield build_case(
            "rpact 3.3.4: getDesignGroupSequential(sided = 2, typeBetaSpending = 'bsHSD')",
            plan={
                "information": THIRDS, "alpha": 0.05, "sides": 2, "power": 0.8,
                "futility": {"name": "shares", "values": shares}, "binding": binding,
            },
            values={
                "upper": theirs["upper"], "lower": [0.0, theirs["lower"], theirs["upper"][-1]],
                "shift": [theirs["shift"]],
            },
            digits=8, note="rpact spends to within 1e-8 of alpha",
        )  # fmt: skip


def build_adaptive(others: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Combination of stages, and the size planned anew."""
    one = others["inverse_normal_comb"]
    yield {
        "method": "inverse_normal", "reference": "R 4.2.2, formula of Lehmacher, Wassmer (1999)",
        "data": "none", "arguments": {"p_values": [0.04, 0.01], "information": [0.5, 1.0]},
        "values": {"last": [one["z"]]},
    }  # fmt: skip
    yield {
        "method": "fisher", "reference": "R 4.2.2: exp(-qchisq(0.975, 4) / 2)",
        "data": "none", "arguments": {"alpha": 0.025},
        "values": {"product": [one["fisher_crit"]]},
    }  # fmt: skip
    again = others["ssr_cp"]["dat"]
    plan = {"alpha": 0.025, "sides": 1, "power": 0.9, "information": [0.5, 1.0]}
    for place, z in enumerate(again["z1"]):
        yield {
            "method": "reestimate", "reference": "gsDesign 3.11: ssrCP", "data": "none",
            "arguments": {"plan": plan, "z": z},
            "values": {"needed": [again["z2"][place]], "as_planned": [again["CP"][place]]},
            "digits": 6, "note": "gsDesign's default grid",
        }  # fmt: skip


def build_all(folder: Path) -> list[dict[str, Any]]:
    """Every case of every file."""
    results = json.loads((folder / "ref_design_ae.json").read_text())["results"]
    others = {one["id"]: one["values"] for one in results}
    return [
        *build_cases(folder),
        *build_designs(folder),
        *build_futility(others),
        *build_classical(others),
        *build_interim(others),
        *build_rejection(others),
        *build_stopped(others),
        *build_repeated(others),
        *build_scales(others),
        *build_wedges(),
        *build_adaptive(others),
        *build_of_debian(),
    ]


if __name__ == "__main__":
    text = ",\n".join(json.dumps(case) for case in build_all(Path(sys.argv[1])))
    (HERE / "group_sequential_reference.json").write_text(f"[\n{text}\n]\n")
