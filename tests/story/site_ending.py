"""What stands at the end of the story, however its pages were driven: ledger, states, times."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from equipoise.cli.main import main
from equipoise.store.ledger import read_lines
from equipoise.store.models import FormEntry, Query
from equipoise.store.verify import verify_trial
from story.site_story import DIED, PROGRESSED, RANDOMISED


def run(*words: str) -> Any:
    """What a command says as JSON; AssertionError with its words where it fails."""
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def check_ledger() -> None:
    """Every deed stands in the ledger once, by who did it; everything is locked."""
    assert verify_trial().findings == ()
    done = Counter((line.verb, line.actor) for line in read_lines(subject="01-001"))
    for deed in (
        ("enrol", "cho"), ("sign_eligibility", "ivy"), ("randomise", "cho"), ("open_query", "mo"),
        ("answer_query", "cho"), ("close_query", "mo"), ("change_form", "cho"), ("verify", "mo"),
        ("sign", "ivy"), ("freeze", "dana"), ("lock", "dana"),
    ):  # fmt: skip
        assert done[deed] == 1, deed
    assert set(FormEntry.objects.values_list("state", flat=True)) == {"locked"}
    assert list(Query.objects.values_list("state", flat=True)) == ["closed"]


def check_cut(cut: Path) -> None:
    """The cut derives the progression and the death that the pages were told, in the arm drawn."""
    told = run("derive", str(cut))
    assert told["findings"] == []
    times = {
        (row["endpoint"], row["convention"] or ""): (row["end_date"], row["days"], row["cause"])
        for row in told["times"]
        if row["subject"] == "01-001"
    }
    days = (PROGRESSED - RANDOMISED).days + 1
    assert times["pfs", "ema"] == (PROGRESSED.isoformat(), days, 1)
    assert times["os", ""][0] == DIED.isoformat()
    assert (cut / "allocations.csv").read_text() == "subject,arm\n01-001,B\n"
