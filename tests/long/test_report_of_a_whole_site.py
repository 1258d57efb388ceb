"""The reference trial of 88 subjects, filled into a site and cut, reports as from its folder."""

from datetime import UTC, datetime
from pathlib import Path

from equipoise.capture.roles import Role
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.demo import Demo, open_demo
from equipoise.store.embedded import Server
from equipoise.store.verify import verify_trial
from store.cuts import cut_site, report_of, write_rehearsed
from store.people import texts

NOW = datetime(2026, 11, 26, 13, tzinfo=UTC)


def test_a_report_from_the_whole_site_is_that_of_its_rehearsal(
    trial: Server, tmp_path: Path
) -> None:
    demo = Demo(protocol=shipped_protocol(), texts=texts(), scenario="S2", seed=20, now=NOW)
    opened = open_demo(demo)
    write_rehearsed(demo, opened.numbers, folder=tmp_path / "folder")
    reader = opened.accounts[Role.DSMB_STATISTICIAN]
    said = cut_site(trial, tmp_path / "cut", reader=reader, with_arms=True)

    from_cut = report_of(tmp_path / "cut", cut="DC1")
    from_folder = report_of(tmp_path / "folder", cut="DC1")

    assert said["entries"] > 7000
    assert from_cut.pages == from_folder.pages
    assert from_cut.data_digest == from_folder.data_digest
    assert len(from_cut.pages) == 1 + 88
    assert verify_trial(head=said["ledger_head"]).findings == ()
