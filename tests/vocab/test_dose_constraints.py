"""Dose limits as data: every row of the published tables, and names that plans may use."""

from collections import Counter

import pytest

from equipoise.vocab.dose_constraints import (
    find_constraints,
    read_conformity,
    read_constraints,
    read_tolerances,
)
from equipoise.vocab.structure_names import (
    STRUCTURES,
    check_structures,
    is_structure,
    suggest_structure,
)

# organ | metric volume | 1, 3, 5 fractions (D5.3, AAPM TG-101)
TG_101 = """
OpticChiasm    | Dcc 0.2    | 8 15.3 23
OpticNrv_L     | max 0.035  | 10 17.4 25
Cochlea_R      | max 0.035  | 9 17.1 25
Brainstem      | Dcc 0.5    | 10 18 23
Brainstem      | max 0.035  | 15 23.1 31
SpinalCord     | Dcc 0.35   | 10 18 23
SpinalCord     | Dcc 1.2    | 7 12.3 14.5
SpinalCord     | max 0.035  | 14 21.9 30
CaudaEquina    | Dcc 5      | 14 21.9 30
CaudaEquina    | max 0.035  | 16 24 32
SacralPlex     | Dcc 5      | 14.4 22.5 30
Esophagus      | Dcc 5      | 11.9 17.7 19.5
Esophagus      | max 0.035  | 15.4 25.2 35
BrachialPlex_L | Dcc 3      | 14 20.4 27
BrachialPlex_R | max 0.035  | 17.5 24 30.5
Heart          | Dcc 15     | 16 24 32
Pericardium    | max 0.035  | 22 30 38
GreatVes       | Dcc 10     | 31 39 47
GreatVes       | max 0.035  | 37 45 53
Trachea        | Dcc 4      | 10.5 15 16.5
Bronchus_Main  | max 0.035  | 20.2 30 40
Bronchus       | Dcc 0.5    | 12.4 18.9 21
Bronchus       | max 0.035  | 13.3 23.1 33
Rib            | Dcc 1      | 22 28.8 35
Rib            | max 0.035  | 30 36.9 43
Rib            | Dcc 30     | - 30 -
Skin           | Dcc 10     | 23 30 36.5
Skin           | max 0.035  | 26 33 39.5
Stomach        | Dcc 10     | 11.2 16.5 18
Stomach        | max 0.035  | 12.4 22.2 32
Duodenum       | Dcc 5      | 11.2 16.5 18
Duodenum       | Dcc 10     | 9 11.4 12.5
Duodenum       | max 0.035  | 12.4 22.2 32
Jejunum_Ileum  | Dcc 5      | 11.9 17.7 19.5
Bowel_Small    | max 0.035  | 15.4 25.2 35
Colon          | Dcc 20     | 14.3 24 25
Bowel_Large    | max 0.035  | 18.4 28.2 38
Rectum         | Dcc 20     | 14.3 24 25
Bladder_Wall   | Dcc 15     | 11.4 16.8 18.3
Bladder_Wall   | max 0.035  | 18.4 28.2 38
Femur_Head_L   | Dcc 10     | 14 21.9 30
Kidney_Hilum_R | Dpct 66.7  | 10.6 18.6 23
Kidney_Cortex  | critvol 200 | 8.4 16 17.5
Lungs          | critvol 1500 | 7 11.6 12.5
Lungs          | critvol 1000 | 7.4 12.4 13.5
Liver          | critvol 700 | 9.1 19.2 21
"""
# set | organ | metric volume | fractions | optimal / mandatory (D5.4)
NEWER = """
HyTEC | SpinalCord  | max 0.035 | 1 | 12.4 / 14
HyTEC | SpinalCord  | max 0.035 | 2 | / 17
HyTEC | SpinalCord  | max 0.035 | 3 | / 20.3
HyTEC | SpinalCord  | max 0.035 | 4 | / 23
HyTEC | SpinalCord  | max 0.035 | 5 | / 25.3
HyTEC | Lungs       | mean      | 5 | / 8
HyTEC | Lungs       | Vgy 20    | 3 | 10 / 15
HyTEC | Liver       | mean      | 3 | / 15
HyTEC | Liver       | mean      | 6 | / 20
HyTEC primary liver | Liver | mean | 3 | / 13
HyTEC primary liver | Liver | mean | 6 | / 18
HyTEC | Brain       | Vgy 12    | 1 | 5 / 15
HyTEC | Brain       | Vgy 20    | 3 | / 20
HyTEC | Brain       | Vgy 24    | 5 | / 20
HyTEC | OpticNrv_R  | max 0.035 | 1 | / 10
HyTEC | OpticChiasm | max 0.035 | 3 | / 20
HyTEC | OpticChiasm | max 0.035 | 5 | / 25
UK-2022 layout | SpinalCanal    | Dcc 0.035 | 8 | / 32
UK-2022 layout | BrachialPlex_L | Dcc 0.1 | 5 | 30.5 / 32
UK-2022 layout | BrachialPlex_R | Dcc 0.1 | 8 | 35 / 39
UK-2022 layout | Esophagus      | Dcc 0.1 | 3 | / 25.2
UK-2022 layout | GreatVes       | Dcc 0.1 | 8 | / 65
UK-2022 layout | Bronchus_Main  | Dcc 0.1 | 5 | 35 / 38
UK-2022 layout | Trachea        | Dcc 0.1 | 8 | / 40
UK-2022 layout | Heart          | Dcc 0.1 | 3 | 26 / 30
UK-2022 layout | Heart          | Dcc 0.1 | 8 | 40 / 46
UK-2022 layout | Chestwall      | Dcc 0.1 | 5 | / 43
UK-2022 layout | Chestwall      | Dcc 30  | 8 | / 35
UK-2022 layout | Skin           | Dcc 10  | 5 | / 36.5
UK-2022 layout | Stomach        | Dcc 0.1 | 5 | 33 / 35
UK-2022 layout | Lungs-GTV      | Vgy 20  | 5 | 10 / 15
UK-2022 layout | Lungs-GTV      | mean    | 8 | / 8
UK-2022 contralateral lung | Lung_L | mean | 3 | / 3.6
IBA chart | Duodenum  | Dcc 0.5 | 5 | / 35
IBA chart | Duodenum  | Dcc 5   | 3 | / 16.5
IBA chart | Brainstem | Dcc 0.1 | 3 | 18 / 23.1
"""


def limits_of(organ: str, metric: str, fractions: int, name: str) -> list[tuple[object, float]]:
    kind, _, volume = metric.partition(" ")
    size = float(volume) if volume else None
    found = find_constraints(organ=organ, fractions=fractions, sets=(name,))
    return [(e.optimal, e.mandatory) for e in found if (e.metric, e.volume) == (kind, size)]


@pytest.mark.parametrize("line", TG_101.strip().splitlines())
def test_the_table_of_tg_101_is_there_as_printed(line: str) -> None:
    organ, metric, doses = (cell.strip() for cell in line.split("|"))
    for fractions, dose in zip((1, 3, 5), doses.split(), strict=True):
        expected = [] if dose == "-" else [(None, float(dose))]
        assert limits_of(organ, metric, fractions, "TG-101") == expected


@pytest.mark.parametrize("line", NEWER.strip().splitlines())
def test_newer_limits_are_there_with_their_optimal_value(line: str) -> None:
    name, organ, metric, fractions, doses = (cell.strip() for cell in line.split("|"))
    optimal, _, mandatory = doses.partition("/")
    expected = (float(optimal) if optimal.strip() else None, float(mandatory))
    assert limits_of(organ, metric, int(fractions), name) == [expected]


def test_no_row_is_lost_and_none_stands_twice() -> None:
    rows = read_constraints()
    keys = Counter((e.set, e.organ, e.metric, e.volume, e.fractions) for e in rows)
    assert Counter(e.set for e in rows) == {
        "TG-101": 193,
        "HyTEC": 25,
        "HyTEC primary liver": 2,
        "UK-2022 layout": 45,
        "UK-2022 contralateral lung": 6,
        "IBA chart": 7,
    }
    assert max(keys.values()) == 1


def test_every_row_has_a_valid_organ_a_source_and_an_order_of_limits() -> None:
    for row in read_constraints():
        assert row.organ in STRUCTURES, row.organ
        assert row.source
        assert row.endpoint
        assert row.tag in {"V", "K"}
        assert row.bound in {"at_most", "below"}
        assert row.unit in {"Gy", "%", "cc"}
        assert row.optimal is None or row.optimal < row.mandatory


def test_the_tables_of_plan_metrics_are_there() -> None:
    assert len(read_conformity()) == 11
    assert read_conformity()[4].r50_minor == 5.5
    assert set(read_tolerances()) == {"ptv_v100", "ptv_d98", "ptv_max", "ci", "pci", "gi"}


def test_a_margin_around_an_organ_has_the_limits_of_the_organ() -> None:
    own = find_constraints(organ="SpinalCord", fractions=3)
    assert find_constraints(organ="SpinalCord_PRV03", fractions=3) == own


VALID = """SpinalCord SpinalCanal Esophagus BrachialPlex_L GreatVes A_Aorta V_Venacava_S
Bronchus_Main
Lungs Lung_R Lungs-GTV Lungs-ITV Rib Chestwall Chestwall_L Jejunum_Ileum Bag_Bowel Bladder_Wall
Kidney_L Kidneys Kidney_Cortex Kidney_Hilum_R Liver-GTV BileDuct_Common Glnd_Adrenal_L OpticNrv_R
Femur_Head_L Nrv_Root VB External SpinalCord_PRV03 PTV PTV_01 PTV_01_5000 GTV_02 CTV ITV_03 PTVp_01
""".split()
INVALID = {
    "BowelBag": "Bag_Bowel",
    "Ribs": "Rib",
    "BrachialPlexus": "BrachialPlex_L or BrachialPlex_R",
    "ProxBronchTree": "Bronchus_Main",
    "BODY": "External",
    "Glnd_Adrenal": "Glnd_Adrenal_L or Glnd_Adrenal_R",
    "Chiasm": "OpticChiasm",
    "spinalcord": "SpinalCord",
    "Oesophagus": "Esophagus",
    "SpinalCord_PRV3": "SpinalCord",
    "PTV_1_50": "",
    "Xyz": "",
}


@pytest.mark.parametrize("name", VALID)
def test_a_name_of_tg_263_is_valid(name: str) -> None:
    assert is_structure(name)
    assert check_structures([name], where="plan") == ()


@pytest.mark.parametrize("name", INVALID)
def test_another_name_is_told_with_what_was_meant(name: str) -> None:
    [found] = check_structures([name], where="plan")
    assert (found.code, found.found) == ("unknown-structure", name)
    assert suggest_structure(name) == INVALID[name]
    assert INVALID[name] in found.mend


def test_names_are_short_and_unique_whatever_their_case() -> None:
    assert not is_structure("Kidney_Hilum_L_PRV03")
    [long] = check_structures(["Kidney_Hilum_L_PRV03"], where="plan")
    assert long.mend.startswith("It has 20 characters; at most 16 are allowed.")
    [twice] = check_structures(["PTV_01", "ptv_01", "Liver"], where="plan")[-1:]
    assert (twice.code, twice.found) == ("structure-twice", "PTV_01, ptv_01")
