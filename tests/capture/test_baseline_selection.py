"""Which baseline lesions may be targets (RECIST 1.1, 3.1; D3.1): each check, and what is sound."""

import pytest

from capture.small_trial import protocol, trial
from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames

HEAD = (
    "subject|lesion|role|kind|site|scan_date|method|slice_mm|ld_mm|sa_mm|soft_tissue_mm|appearance"
    "|prior_rt|intend_sbrt"
)
# One line a lesion, `organ role size ...`; beside it the findings, a code and the lesions it names.
T, N = "target", "non_target"
CASES = {
    "two targets an organ, lungs are one": (["lung T 30", "lung T 25", "liver T 12"], {}),
    "three in the lungs": (
        ["lung T 30", "lung T 25", "lung T 20"],
        {"too-many-targets-in-organ": "L01 L02 L03"},
    ),
    "both adrenals are one organ": (
        ["adrenal T 30", "adrenal T 25", "adrenal T 20"],
        {"too-many-targets-in-organ": "L01 L02 L03"},
    ),
    "kidney and renal bed are one organ": (
        ["renal_bed T 30", "contralateral_kidney T 25", "renal_bed T 20"],
        {"too-many-targets-in-organ": "L01 L02 L03"},
    ),
    "all lymph nodes are one organ": (
        ["node_other T 30", "node_mediastinal T 25", "node_other T 20"],
        {"too-many-targets-in-organ": "L01 L02 L03"},
    ),
    "non-targets do not count": (["lung T 30", "lung T 25", "lung N 20", "lung N 9"], {}),
    "CT of 10 mm": (["lung T 10"], {}),
    "CT under 10 mm": (["lung T 9.9"], {"target-too-small": "L01"}),
    "calliper of 10 mm": (["skin T 10 method=clinical"], {}),
    "calliper under 10 mm": (["skin T 9 method=clinical"], {"target-too-small": "L01"}),
    "twice a slice over 5 mm": (["lung T 16 slice=8"], {}),
    "under twice the slice": (["lung T 15 slice=8"], {"target-under-two-slices": "L01"}),
    "a slice of 5 mm": (["lung T 10 slice=5"], {}),
    "chest X-ray of 20 mm": (["lung T 20 method=xray"], {}),
    "chest X-ray under 20 mm": (
        ["lung T 19 method=xray"],
        {"target-too-small-for-x-ray": "L01"},
    ),
    "node of 15 mm": (["node_other T 15"], {}),
    "node of 10 to under 15 mm is non-target": (["node_other N 14.9"], {}),
    "node under 15 mm as target": (["node_other T 14.9"], {"target-node-too-small": "L01"}),
    "node under 10 mm": (["node_other N 9.9"], {"node-is-normal": "L01"}),
    "bone with soft tissue of 10 mm": (["bone_spine T 20 soft=10 look=lytic"], {}),
    "bone with soft tissue under 10 mm": (
        ["bone_spine T 20 soft=9 look=lytic"],
        {"bone-target-without-soft-tissue": "L01"},
    ),
    "bone without soft tissue": (
        ["bone_other T 20"],
        {"bone-target-without-soft-tissue": "L01"},
    ),
    "bone without soft tissue is non-target": (["bone_other N 20 look=lytic"], {}),
    "blastic as target": (["bone_other T 20 soft=20 look=blastic"], {"blastic-target": "L01"}),
    "blastic is non-target": (["bone_other N 40 soft=20 look=blastic"], {}),
    "blastic in the lung": (["lung N 9 look=blastic"], {"appearance-of-another-organ": "L01"}),
    "simple cyst": (["liver N 20 look=simple_cyst"], {"simple-cyst-listed": "L01"}),
    "cystic metastasis as target": (["liver T 20 look=cystic_metastasis"], {}),
    "the largest are targets": (["lung T 30", "lung T 25", "lung N 25"], {}),
    "a larger one is non-target": (
        ["lung T 30", "lung T 20", "lung N 25"],
        {"larger-lesion-not-target": "L03"},
    ),
    "larger, and there is room": (["lung T 20", "lung N 25"], {"larger-lesion-not-target": "L02"}),
    "smaller, though there is room": (["lung T 30", "lung N 25"], {}),
    "larger, but not measurable": (["node_other T 20", "bone_spine N 30"], {}),
    "larger, irradiated before": (["lung T 20", "lung N 25 irradiated"], {}),
    "an organ without target": (["lung T 20", "liver N 12"], {"larger-lesion-not-target": "L02"}),
    "an organ without target, five elsewhere": (
        ["lung T 20", "lung T 20", "adrenal T 20", "adrenal T 20", "pancreas T 20", "liver N 12"],
        {},
    ),
    "primary tumour to be resected": (["primary_kidney T 40"], {"primary-tumour-target": "L01"}),
    "primary tumour as non-target": (["lung T 20", "primary_kidney N 70"], {}),
}


def lesion_row(number: int, said: str) -> str:
    """A line of the form from a line of the table."""
    site, role, size, *rest = said.split()
    more = dict(word.split("=") for word in rest if "=" in word)
    node = site.startswith("node_")
    cells = [
        *("01-001", f"L{number:02}", {"T": T, "N": N}[role], "nodal" if node else "non_nodal"),
        *(site, "2026-03-01", more.get("method", "ct"), more.get("slice", "2.5")),
        *("" if node else size, size if node else "", more.get("soft", ""), more.get("look", "")),
        *("Y" if "irradiated" in rest else "N", "N"),
    ]
    return "|".join(cells)


@pytest.mark.parametrize("name", CASES)
def test_every_row_of_the_baseline_selection(name: str) -> None:
    lesions, wanted = CASES[name]
    lines = [HEAD, *(lesion_row(number, said) for number, said in enumerate(lesions, start=1))]
    frames = trial(
        dm="subject|site|sex|birth_year\n01-001|01|F|1960",
        diag="subject|primary_date|histology|nephrectomy|first_metastasis_date\n"
        "01-001|2026-01-01|clear_cell|planned|2026-02-01",
        les_bl="\n".join(lines),
    )
    told: dict[str, list[str]] = {}
    for finding in check_frames(frames, protocol()):
        told.setdefault(finding.code, []).append(finding.entry.rsplit("/", 1)[-1])
    assert {code: " ".join(names) for code, names in told.items()} == wanted


def test_the_primary_tumour_is_no_metastasis() -> None:
    lines = [
        HEAD,
        *(lesion_row(n, s) for n, s in enumerate(["lung T 20", "primary_kidney N 70"], 1)),
    ]
    frames = trial(
        dm="subject|site|sex|birth_year\n01-001|01|F|1960",
        omd="subject|poly_history|oligo_history|late_metastasis\n01-001|N|N|N",
        les_bl="\n".join(lines),
    )
    omd = complete(frames, protocol())["omd"].row(0, named=True)
    assert (omd["n_lesions"], omd["n_organs"], omd["max_diameter_mm"]) == (1, 1, 20.0)
