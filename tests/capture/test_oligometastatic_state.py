"""The ESTRO/EORTC state: every branch of the tree, and every answer that contradicts another."""

from itertools import product

import pytest

from capture.small_trial import protocol, trial
from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames
from equipoise.protocol.model import Protocol
from naive.oligometastatic import state_as_known

QUESTIONS = "poly_history|oligo_history|late_metastasis|on_systemic_therapy|progressive_lesion"

# Q1 poly, Q2 oligo, Q3 late, Q4 on therapy, Q5 progressive (? = unknown, - = not asked) | class |
# state
BRANCHES = """
N N N - - | de_novo | 1
N N Y N - | de_novo | 2
N N Y Y - | de_novo | 3
N Y - N - | repeat  | 4
N Y - Y Y | repeat  | 5
N Y - Y N | repeat  | 6
Y - - N - | induced | 7
Y - - Y Y | induced | 8
Y - - Y N | induced | 9
? - - - - |         |
? Y - Y Y |         |
? N Y Y - |         |
N ? - - - |         |
N ? N - - |         |
N N ? - - | de_novo |
N N ? N - | de_novo |
N N ? Y - | de_novo |
N N Y ? - | de_novo |
N Y - ? - | repeat  |
N Y - ? Y | repeat  |
N Y - Y ? | repeat  |
Y - - ? - | induced |
Y - - ? Y | induced |
Y - - Y ? | induced |
Y ? ? N ? | induced | 7
"""
CELLS = {"Y": "Y", "N": "N", "-": "", "?": "@unknown"}
LINES = [[c.strip() for c in line.split("|")] for line in BRANCHES.strip().splitlines()]


@pytest.mark.parametrize(("answers", "named", "state"), LINES, ids=[line[0] for line in LINES])
def test_five_answers_come_to_one_of_nine_states_or_stay_unknown(
    answers: str, named: str, state: str
) -> None:
    cells = "|".join(CELLS[answer] for answer in answers.split())
    omd = complete(trial(omd=f"subject|{QUESTIONS}\n01-001|{cells}"), protocol())["omd"]

    assert omd["omd_class"].to_list() == [named or None]
    assert omd["omd_state"].to_list() == [int(state) if state else None]


def test_every_combination_of_answers_comes_to_what_all_ways_to_complete_it_agree_on() -> None:
    ways = list(product((True, False, None), repeat=5))
    lines = [
        f"01-{n:03}|" + "|".join("" if a is None else "Y" if a else "N" for a in way)
        for n, way in enumerate(ways)
    ]
    omd = complete(trial(omd="\n".join([f"subject|{QUESTIONS}", *lines])), protocol())["omd"]

    found = dict(omd.select("subject", "omd_state").iter_rows())
    assert [found[f"01-{n:03}"] for n in range(len(ways))] == [
        state_as_known((way[0], way[1], way[2], way[3], way[4])) for way in ways
    ]


DM = "subject|site|sex|birth_year\n01-001|01|F|1960"
LESION = (
    "subject|lesion|role|kind|site|scan_date|method|ld_mm|prior_rt|intend_sbrt"
    "|in_complete_response|node_station"
)
TWO = f"""{LESION}
01-001|L01|target|non_nodal|lung|2026-03-01|ct|22|N|Y||
01-001|L02|target|non_nodal|liver|2026-03-01|ct|20|N|Y||"""
OMD = f"subject|{QUESTIONS}|n_progressing|max_lesions_ever|omd_date"
DE_NOVO = f"{OMD}\n01-001|N|N|Y|N|||2|"
INDUCED = f"{OMD}\n01-001|Y|||Y|N|0|9|2026-01-10"
LATE = "subject|primary_date|first_metastasis_date\n01-001|2024-01-01|2025-12-01"
LINE = "subject|line|agents|start_date|stop_date\n01-001|1|sunitinib|2025-12-10|"

# what is entered beside a subject of whom all fits | the finding | where
CONTRADICTIONS = [
    ("de novo, all fits", {}, []),
    ("induced, all fits", {"omd": INDUCED, "prior_sys": LINE}, []),
    (
        "two progress, said to be none",
        {"omd": f"{OMD}\n01-001|Y|||Y|N|2|9|", "prior_sys": LINE},
        ["progressing-lesions-differ hard omd"],
    ),
    (
        "none progresses, said to be one",
        {"omd": f"{OMD}\n01-001|Y|||Y|Y|0|9|", "prior_sys": LINE},
        ["progressing-lesions-differ hard omd"],
    ),
    (
        "three progress of two listed",
        {"omd": f"{OMD}\n01-001|Y|||Y|Y|3|9|", "prior_sys": LINE},
        ["more-progressing-than-listed hard omd"],
    ),
    (
        "fewer ever than now",
        {"omd": f"{OMD}\n01-001|N|N|Y|N|||1|"},
        ["more-lesions-now-than-ever hard omd"],
    ),
    (
        "six ever, never polymetastatic",
        {"omd": f"{OMD}\n01-001|N|N|Y|N|||6|"},
        ["many-lesions-never-polymetastatic soft omd"],
    ),
    ("five ever, never polymetastatic", {"omd": f"{OMD}\n01-001|N|N|Y|N|||5|"}, []),
    (
        "five ever, polymetastatic",
        {"omd": f"{OMD}\n01-001|Y|||Y|N||5|", "prior_sys": LINE},
        ["polymetastatic-with-few-lesions soft omd"],
    ),
    (
        "said late, 182 days after",
        {"diag": "subject|primary_date|first_metastasis_date\n01-001|2024-01-01|2024-07-01"},
        ["late-metastasis-within-6-months soft omd"],
    ),
    (
        "said late, 183 days after",
        {"diag": "subject|primary_date|first_metastasis_date\n01-001|2024-01-01|2024-07-02"},
        [],
    ),
    (
        "said early, two years after",
        {"omd": f"{OMD}\n01-001|N|N|N||||2|"},
        ["early-metastasis-after-6-months soft omd"],
    ),
    (
        "on therapy, no line",
        {"omd": f"{OMD}\n01-001|N|Y||Y|N||2|"},
        ["on-therapy-without-line soft omd"],
    ),
    (
        "on therapy, the line came later",
        {"omd": f"{OMD}\n01-001|N|N|Y|Y|||2|", "prior_sys": LINE},
        ["on-therapy-between-lines soft omd"],
    ),
    (
        "on therapy, the line was over before",
        {
            "omd": f"{OMD}\n01-001|N|Y||Y|N||2|2026-01-10",
            "prior_sys": LINE + "2026-01-09",
        },
        ["on-therapy-between-lines soft omd"],
    ),
    (
        "on therapy, the line ends that day",
        {
            "omd": f"{OMD}\n01-001|N|Y||Y|N||2|2026-01-10",
            "prior_sys": LINE + "2026-01-10",
        },
        [],
    ),
    (
        "off therapy, a line goes on",
        {"omd": f"{OMD}\n01-001|N|Y||N|||2|2026-01-10", "prior_sys": LINE},
        ["off-therapy-within-line soft omd"],
    ),
    (
        "nobody knows when it was diagnosed",
        {"omd": f"{OMD}\n01-001|N|Y||N|||2|", "prior_sys": LINE},
        [],
    ),
    (
        "induced, never treated",
        {"omd": f"{OMD}\n01-001|Y|||N|||9|"},
        ["induced-without-therapy soft omd"],
    ),
    (
        "before the first metastasis",
        {"omd": f"{OMD}\n01-001|N|Y||N|||2|2025-11-30"},
        ["omd-before-first-metastasis hard omd"],
    ),
    (
        "de novo long after the first metastasis",
        {"omd": f"{OMD}\n01-001|N|N|Y|N|||2|2026-01-10"},
        ["de-novo-after-first-metastasis soft omd"],
    ),
    (
        "late is answered, though there was oligometastatic disease before",
        {"omd": f"{OMD}\n01-001|N|Y|Y|N|||2|"},
        ["not-applicable-answered soft omd"],
    ),
    (
        "progression is answered, though there was no therapy",
        {"omd": f"{OMD}\n01-001|N|Y||N|N||2|"},
        ["not-applicable-answered soft omd"],
    ),
    (
        "a lesion in complete response is listed and left alone",
        {
            "omd": INDUCED,
            "prior_sys": LINE,
            "les_bl": TWO + "\n01-001|L03|non_target|non_nodal|liver|2026-03-01|ct||N|N|Y|",
        },
        [],
    ),
    (
        "a lesion in complete response is to be irradiated",
        {
            "omd": INDUCED,
            "prior_sys": LINE,
            "les_bl": TWO + "\n01-001|L03|non_target|non_nodal|liver|2026-03-01|ct||N|Y|Y|",
        },
        ["complete-response-irradiated hard les_bl"],
    ),
    (
        "a lesion in complete response is a target",
        {
            "omd": INDUCED,
            "prior_sys": LINE,
            "les_bl": TWO + "\n01-001|L03|target|non_nodal|liver|2026-03-01|ct||N|N|Y|",
        },
        ["complete-response-as-target hard les_bl"],
    ),
    (
        "a complete response of disease that is de novo",
        {"les_bl": TWO + "\n01-001|L03|non_target|non_nodal|liver|2026-03-01|ct||N|N|Y|"},
        ["complete-response-not-induced soft les_bl"],
    ),
]


@pytest.mark.parametrize(
    ("texts", "expected"), [c[1:] for c in CONTRADICTIONS], ids=[c[0] for c in CONTRADICTIONS]
)
def test_an_answer_that_contradicts_another_is_told(
    texts: dict[str, str], expected: list[str]
) -> None:
    usual = {"dm": DM, "diag": LATE, "les_bl": TWO, "omd": DE_NOVO}
    found = check_frames(trial(**{**usual, **texts}), protocol())

    told = [f"{f.code} {f.severity.value} {f.where.split()[0]}" for f in found]
    assert told == expected


def test_lesions_in_complete_response_are_counted_apart() -> None:
    listed = TWO + "\n01-001|L03|non_target|non_nodal|adrenal|2026-03-01|ct||N|N|Y|"
    omd = complete(trial(dm=DM, les_bl=listed, omd=INDUCED), protocol())["omd"].row(0, named=True)

    assert (omd["n_lesions"], omd["n_in_complete_response"], omd["n_organs"]) == (2, 1, 2)


NODES = f"""{LESION.replace("ld_mm", "sa_mm")}
01-001|L01|target|nodal|node_mediastinal|2026-03-01|ct|16|N|Y||4R
01-001|L02|target|nodal|node_mediastinal|2026-03-01|ct|18|N|Y||4R
01-001|L03|non_target|nodal|node_mediastinal|2026-03-01|ct|12|N|Y||7
01-001|L04|non_target|nodal|node_other|2026-03-01|ct|12|N|Y||"""


def test_nodes_count_each_and_by_station_beside_it() -> None:
    omd = complete(trial(dm=DM, les_bl=NODES, omd=DE_NOVO), protocol())["omd"].row(0, named=True)

    assert (omd["n_lesions"], omd["n_lesions_by_station"], omd["n_mets"]) == (4, 3, "4-5")


def test_a_protocol_that_counts_stations_changes_one_rule() -> None:
    omd = complete(trial(dm=DM, les_bl=NODES, omd=DE_NOVO), by_station())["omd"]

    assert omd["n_mets"].to_list() == ["1-3"]


def by_station() -> Protocol:
    """The reference trial with the stratum read from the number by station."""
    form = protocol().form_named("omd")
    items = tuple(
        item.model_copy(
            update={"derived": item.derived.replace("n_lesions ", "n_lesions_by_station ")}
        )
        if item.name == "n_mets"
        else item
        for item in form.item
    )
    forms = tuple(
        form.model_copy(update={"item": items}) if each.form == "omd" else each
        for each in protocol().form
    )
    return protocol().model_copy(update={"form": forms})
