"""New lesions on FDG-PET and growing nodes: which count, and from when (D3.4)."""

import pytest

from derive.trial_tables import day, derive, read_table, scans

SCANS = """
| visit | day | L01 |
| BL    | -10 | 20  |
| M3    | 84  | 20  |
| M6    | 168 | 20  |
| M9    | 252 | 20  |
"""
HEAD = "| visit | lesion | scan_date | site | method | baseline_pet | seen_on_ct | certainty | mm |"
# Sightings `day:method:PET at baseline:...`, then the day of progression, and what is left out.
PET = """
| situation                                  | first                 | second              | progression | left out             |
| CT                                         | 84:ct                 |                     | 84          |                      |
| PET, negative at baseline                  | 84:pet_ct:negative    |                     | 84          |                      |
| PET, positive at baseline                  | 84:pet_ct:positive    |                     |             | positive-at-baseline |
| PET, none at baseline, never CT            | 84:pet_ct:not_done    |                     |             | seen-on-pet-alone    |
| PET, nothing said of baseline              | 84:pet_ct             |                     |             | seen-on-pet-alone    |
| PET, none at baseline, CT at that visit    | 84:pet_ct:not_done:ct |                     | 84          |                      |
| PET, none at baseline, CT later            | 84:pet_ct:not_done    | 168:ct              | 84          |                      |
| PET, none at baseline, MRI later           | 84:pet_ct:not_done    | 168:mri             | 84          |                      |
| PET, none at baseline, CT later, equivocal | 84:pet_ct:not_done    | 168:ct:?            |             | seen-on-pet-alone    |
| PET, none at baseline, PET again           | 84:pet_ct:not_done    | 168:pet_ct:not_done |             | seen-on-pet-alone    |
| PET positive at baseline, CT later         | 84:pet_ct:positive    | 168:ct              | 168         | positive-at-baseline |
| PET equivocal, then negative at baseline   | 84:pet_ct:negative:?  | 168:ct              | 84          |                      |
| PET equivocal throughout                   | 84:pet_ct:negative:?  |                     |             | never-unequivocal    |
"""  # noqa: E501
NODES = """
| situation                   | first  | second   | third  | progression | left out    |
| node of 10 mm               | 84:10  |          |        | 84          |             |
| node under 10 mm            | 84:9.9 |          |        |             | normal-node |
| 9 to 11 mm is not disease   | 84:9   | 168:11   |        |             | both        |
| 9 to 14 mm has really grown | 84:9   | 168:14   |        | 168         | normal-node |
| 9.9 to 14.8 mm lacks 0.1 mm | 84:9.9 | 168:14.8 |        |             | both        |
| held against the smallest   | 84:6   | 168:8    | 252:11 | 252         | normal-node |
| growth comes at the third   | 84:8   | 168:11   | 252:13 | 252         | both        |
"""


def sighting_row(number: int, said: str) -> str:
    """A line of the form newles from `day:method:PET at baseline:ct or ?`."""
    when, method, *rest = said.split(":")
    pet = next((word for word in rest if word not in ("ct", "?")), "")
    sure = "equivocal" if "?" in rest else "unequivocal"
    on_ct = "true" if "ct" in rest else ""
    return f"| M{3 * number} | N01 | {when} | lung | {method} | {pet} | {on_ct} | {sure} | 12 |"


def node_row(number: int, said: str) -> str:
    """A line of the form newles from `day:mm`."""
    when, mm = said.split(":")
    return f"| M{3 * number} | N01 | {when} | node_other | ct | | | unequivocal | {mm} |"


def lines_of(row: dict[str, str]) -> list[str]:
    return [row[name] for name in ("first", "second", "third") if name in row]


@pytest.mark.parametrize("row", read_table(PET), ids=lambda row: row["situation"])
def test_every_row_of_the_pet_rules(row: dict[str, str]) -> None:
    rows = [sighting_row(n, said) for n, said in enumerate(lines_of(row), start=1)]
    check(row, rows)


@pytest.mark.parametrize("row", read_table(NODES), ids=lambda row: row["situation"])
def test_a_new_node_must_reach_10_mm_and_have_really_grown(row: dict[str, str]) -> None:
    rows = [node_row(n, said) for n, said in enumerate(lines_of(row), start=1)]
    check(row, rows)


def check(row: dict[str, str], rows: list[str]) -> None:
    """The first progression and the codes of what is left out are those of the row."""
    data = derive(scans(SCANS, newles="\n".join([HEAD, *rows])))
    found = data.sources["progression"]["progression_date"].sort().to_list()
    wanted = [day(int(row["progression"]))] if "progression" in row else []
    assert found[:1] == wanted
    codes = set(data.left_out["code"])
    both = {"normal-node", "node-without-growth"}
    assert codes == ({row["left out"]} if row.get("left out", "both") != "both" else both) or (
        not codes and "left out" not in row
    )


def test_a_lesion_confirmed_on_ct_later_names_both_entries() -> None:
    rows = [sighting_row(1, "84:pet_ct:not_done"), sighting_row(2, "168:ct")]
    data = derive(scans(SCANS, newles="\n".join([HEAD, *rows])))
    first = data.sources["progression"].sort("progression_date")["entries"][0].to_list()
    assert first == ["01-001/newles/M3.N01", "01-001/newles/M6.N01"]
