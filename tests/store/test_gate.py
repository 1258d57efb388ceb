"""The gate: permission, decision, rows and one line in one transaction, or nothing."""

import json

from equipoise.store.embedded import Server
from equipoise.store.ledger import read_lines
from equipoise.store.models import Subject
from equipoise.store.verify import verify_trial
from store.people import open_sites, screen


def test_a_deed_writes_rows_and_one_line(trial: Server) -> None:
    open_sites()
    assert screen("01") == "01-001"
    line = list(read_lines())[-1]
    assert (line.verb, line.actor, line.role, line.site, line.subject) == (
        "enrol", "cho", "coordinator", "01", "01-001",
    )  # fmt: skip
    assert json.loads(line.content)["changes"] == [
        {"table": "site", "key": ["01"], "values": {"screened": [0, 1]}},
        {"table": "subject", "key": ["01-001"],
         "values": {"screened_date": [None, "2026-03-02"], "site": [None, "01"]}},
    ]  # fmt: skip
    assert Subject.objects.get().site_id == "01"


def test_replay_of_the_ledger_is_the_tables(trial: Server) -> None:
    open_sites()
    screen("01")
    screen("02")
    assert verify_trial().findings == ()
