"""An endpoint is data: what the protocol's text says is derived, without code for it."""

import tomllib

import polars as pl

from derive.case_tables import Case, derive_cases, read_cases, read_expected, time_of
from derive.trial_tables import PROTOCOL, build_frames
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.protocol.model import Protocol

NEXT_THERAPY = """
| situation | scans | else | ttnt |
| next systemic therapy | 84:20 | systemic 100, death 200 | 100 event NT |
| death without it | 84:20 | death 200 | 200 competing NT-D |
| both on one day | | systemic 200, death 200 | 200 event NT |
| local therapy is none | 84:20 | radiotherapy 100, alive 150 | 150 censored NT-C |
| therapy of the protocol is none | 84:20 | planned-therapy 100, alive 150 | 150 censored NT-C |
| therapy of another cancer is none | 84:20 | other-cancer 100, alive 150 | 150 censored NT-C |
| progression is none | 84:20+N01 | alive 90 | 90 censored NT-C |
"""
# Written here as a protocol would write it: time to the first contact with a radiotherapist.
NEW_ENDPOINT = """
id = "ttrt"
label = "Time to radiotherapy outside the protocol"
role = "exploratory"
origin = "randomised"
[[event]]
frame = "subseq"
date = "start_date"
where = "type = 'rt' AND NOT protocol_defined"
words = "radiotherapy outside the protocol"
rule = "RT"
[[competing]]
frame = "death"
date = "death_date"
words = "death without it"
rule = "RT-D"
[[censor]]
frame = "contact"
date = "alive_date"
words = "last day known to be alive"
rule = "RT-C"
[[switch]]
frame = "surg"
date = "surgery_date"
where = "NOT planned"
words = "surgery that was not planned: censored at the last contact before"
rule = "RT-S"
[estimand]
population = "all"
treatments = "both"
variable = "time"
summary = "cumulative incidence"
"""
RADIOTHERAPY = """
| situation | scans | else | ttrt |
| radiotherapy | 84:20 | radiotherapy 100, death 200 | 100 event RT |
| death | 84:20 | death 200 | 200 competing RT-D |
| neither | 84:20 | alive 150 | 150 censored RT-C |
| surgery first | 84:20 168:20 | nephrectomy 100, radiotherapy 120 | 100 censored RT-S |
| planned surgery first | 84:20 | planned-nephrectomy 70, radiotherapy 120 | 120 event RT |
"""


def with_endpoint(text: str) -> Protocol:
    added = Endpoint.model_validate(tomllib.loads(text))
    return PROTOCOL.model_copy(update={"endpoint": (*PROTOCOL.endpoint, added)})


def test_time_to_next_therapy_comes_from_the_text_of_the_protocol_alone() -> None:
    cases = read_cases(NEXT_THERAPY)
    data = derive_cases(cases)
    for case in cases:
        found = time_of(data, case, reading="ttnt/")
        assert found == read_expected(case.cells["ttnt"]), case.name


def test_an_endpoint_added_as_text_is_derived_with_its_rules_and_words() -> None:
    cases: list[Case] = read_cases(RADIOTHERAPY)
    data = derive_cases(cases, protocol=with_endpoint(NEW_ENDPOINT))
    for case in cases:
        found = time_of(data, case, reading="ttrt/")
        assert found == read_expected(case.cells["ttrt"]), case.name
    words = data.times.filter(pl.col("rule") == "RT-S")["words"].item()
    assert words == "surgery that was not planned: censored at the last contact before"


def test_the_other_endpoints_do_not_notice_one_more() -> None:
    frames = build_frames(dth="| death_date |\n| 200 |", subseq="| start_date |\n| 100 |")
    fewer = derive_datasets(frames, PROTOCOL).times
    more = derive_datasets(frames, with_endpoint(NEW_ENDPOINT)).times
    assert more.filter(pl.col("endpoint") != "ttrt").equals(fewer)
