"""A site filled with a small rehearsed trial: the same entries and arms, deed by deed, in time."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from click.testing import CliRunner
from django.db import transaction

from equipoise.capture.frames import Frames
from equipoise.capture.lifecycle import FormState
from equipoise.capture.queries import QueryState
from equipoise.capture.roles import MAY, Role, Verb, grant_for, sees_arms
from equipoise.cli.main import main
from equipoise.derive.cut import apply_cut, cut_dates
from equipoise.protocol.parse import shipped_protocol
from equipoise.randomise.sealed_seed import KeyRefusedError, open_seed
from equipoise.simulate.entering import Entering, plan_entering
from equipoise.simulate.rehearsal import Rehearsal
from equipoise.store.actions.enrol import enrol
from equipoise.store.deed import Deed
from equipoise.store.demo import Demo, Opened, open_demo, read_demo_accounts, rehearse_demo
from equipoise.store.demo_secrets import DEMO_KEY, DEMO_PASSWORD
from equipoise.store.embedded import Server
from equipoise.store.fill import Filling, Staff, fill_site
from equipoise.store.ledger import Line, read_head, read_lines
from equipoise.store.models import (
    Account,
    FormEntry,
    Query,
    SealedSeed,
    Signature,
    Site,
    Subject,
    Vault,
)
from equipoise.store.permission import find_grants
from equipoise.store.read_allocations import read_allocations
from equipoise.store.read_entries import read_frames
from equipoise.store.read_rehearsed import Rehearsed, read_rehearsed
from equipoise.store.refusals import NotAllowedError
from equipoise.store.verify import verify_trial
from store.cuts import cut_site, report_of, write_rehearsed
from store.people import texts
from store.trial_database import close_connections, copy_template, keep_as_template

NOW = datetime(2026, 11, 26, 13, tzinfo=UTC)  # late in the evening at every site
FILLED = "trial_filled"
SETTLED = timedelta(days=4)  # by then whatever happened is typed
DEMO = Demo(protocol=shipped_protocol(), texts=texts(), scenario="S2", seed=20, now=NOW, subjects=8)

TOLD: list[float] = []


@pytest.fixture(scope="module")
def opened(trial_server: Server) -> Opened:
    """The trial filled once, and kept as a template."""
    copy_template(trial_server)
    opened = open_demo(DEMO, progress=TOLD.append)
    keep_as_template(trial_server, template=FILLED)
    return opened


@pytest.fixture
def told(opened: Opened) -> list[float]:
    """The shares of the filling that were told while it went on."""
    return TOLD


@pytest.fixture
def site(trial_server: Server, opened: Opened) -> Iterator[Opened]:
    """The filled site."""
    copy_template(trial_server, template=FILLED)
    yield opened
    close_connections()


@cache
def rehearsed() -> Rehearsal:
    return rehearse_demo(DEMO)


@cache
def entering() -> Entering:
    return plan_entering(rehearsed(), DEMO.protocol)


def lines_of(verb: Verb) -> list[Line]:
    return [line for line in read_lines() if line.verb == verb]


def cut(frames: Frames, on: date) -> Frames:
    """What had happened by a day."""
    cutoffs = pl.DataFrame(
        {"replicate": [0], "cutoff_date": [on]}, schema_overrides={"replicate": pl.Int32}
    )
    return apply_cut(frames, DEMO.protocol, cutoffs=cutoffs)


def rows_of(frame: pl.DataFrame, *, numbers: dict[str, str] | None = None) -> list[str]:
    """The rows of a form, with subjects by the numbers that the site gave them."""
    rows = frame.with_columns(pl.col("subject").replace(numbers or {}))
    return sorted(str(row) for row in rows.select(sorted(rows.columns)).iter_rows(named=True))


def test_verification_finds_nothing(site: Opened) -> None:
    verified = verify_trial()
    assert verified.findings == ()
    assert verified.lines > 500


def test_the_trial_says_by_its_first_line_that_it_is_rehearsed(site: Opened) -> None:
    assert read_rehearsed() == Rehearsed(scenario="S2", seed=20)
    first = next(iter(read_lines()))
    assert (first.number, first.verb) == (1, Verb.OPEN_TRIAL)


def test_one_account_a_role_is_shown_to_who_looks(site: Opened) -> None:
    shown = {username: (role, at) for role, username, at in read_demo_accounts()}
    assert set(shown) == set(site.accounts.values())
    home = find_grants(site.accounts[Role.COORDINATOR])[0].site
    assert shown["coordinator"] == ("coordinator", home)
    assert shown["dsmb-statistician"] == ("dsmb statistician", "")


def test_progress_runs_from_nothing_to_all(told: list[float]) -> None:
    assert told == sorted(told)
    assert (told[0], round(told[-1], 1)) == (0.0, 1.0)


def test_every_arm_is_the_rehearsed_one(site: Opened) -> None:
    reader = Deed(actor=site.accounts[Role.DSMB_STATISTICIAN], at=NOW)
    arms = dict(read_allocations(reader).select("subject", "arm").iter_rows())
    assert arms == {site.numbers[each.subject]: each.arm for each in entering().subjects}
    assert len(arms) == 8
    assert set(arms.values()) == {"A", "B"}


def test_entries_read_back_are_the_rehearsed_ones(site: Opened) -> None:
    day = (NOW - SETTLED).date()
    read = read_frames(DEMO.protocol)
    stored, wanted = cut(read.frames, day), cut(rehearsed().frames, day)
    for form in DEMO.protocol.form:
        if form.form != DEMO.protocol.randomisation.form:
            expected = rows_of(wanted[form.form], numbers=dict(site.numbers))
            assert rows_of(stored[form.form]) == expected, form.form
    said = ["subject", "randomised_date", *(factor.item for factor in DEMO.protocol.stratum)]
    given = rehearsed().frames["rand"].select(said)
    assert rows_of(read.frames["rand"].select(said)) == rows_of(given, numbers=dict(site.numbers))


def test_an_earlier_line_holds_what_was_rehearsed_by_then(site: Opened) -> None:
    days = sorted(each.day for each in entering().subjects)
    day = days[len(days) // 2] + timedelta(days=7)
    until = datetime.combine(day + SETTLED, time(), tzinfo=UTC)
    line = max(line.number for line in read_lines() if line.at < until)
    assert line < read_head().number
    stored = cut(read_frames(DEMO.protocol, upto=line).frames, day)
    wanted = cut(rehearsed().frames, day)
    there = [each.subject for each in entering().subjects if each.day <= day]
    assert 0 < len(there) < 8
    numbers = [site.numbers[each] for each in there]
    for form in DEMO.protocol.form:
        if form.date_item and form.form != DEMO.protocol.randomisation.form:
            known = stored[form.form].filter(pl.col("subject").is_in(numbers))
            then = wanted[form.form].filter(pl.col("subject").is_in(there))
            assert rows_of(known) == rows_of(then, numbers=dict(site.numbers)), form.form


def test_the_first_cut_was_reached_a_month_ago() -> None:
    first = DEMO.protocol.cut[0].id
    reached = cut_dates(rehearsed().frames, DEMO.protocol, cut=first)["cutoff_date"][0]
    assert abs(NOW.date() - timedelta(days=30) - reached) <= timedelta(days=3)


def test_instants_run_forward_by_day_at_the_site_and_never_past_now(site: Opened) -> None:
    zones = {row.code: ZoneInfo(row.time_zone) for row in Site.objects.all()}
    lines = list(read_lines())
    instants = [line.at for line in lines]
    assert instants == sorted(instants)
    assert instants[-1] <= NOW - timedelta(hours=1)
    assert not any("clock" in json.loads(line.content) for line in lines)  # none came too late
    told = [by.at.astimezone(zones[by.site]).hour for by in lines if by.subject and by.role]
    assert {hour for hour in told if not 9 <= hour < 20} == set()


def test_deeds_of_a_subject_are_on_the_days_that_its_forms_say(site: Opened) -> None:
    zones = {row.code: ZoneInfo(row.time_zone) for row in Site.objects.all()}

    def days(verb: Verb) -> dict[str, date]:
        return {e.subject: e.at.astimezone(zones[e.site]).date() for e in lines_of(verb)}

    given = {site.numbers[each.subject]: each for each in entering().subjects}
    assert days(Verb.ENROL) == {number: each.consent_day for number, each in given.items()}
    for verb in (Verb.SIGN_ELIGIBILITY, Verb.RANDOMISE):
        assert days(verb) == {number: each.day for number, each in given.items()}


def test_every_role_has_an_account_that_may_do_what_the_role_may(site: Opened) -> None:
    assert set(site.accounts) == set(Role)
    patients = Counter(Subject.objects.values_list("site", flat=True))
    home = patients.most_common(1)[0][0]
    for role, username in site.accounts.items():
        grants = find_grants(username)
        assert [grant.role for grant in grants] == [role]
        for verb in Verb:
            may = grant_for(grants, verb=verb, site=home) is not None
            assert may == (role in MAY[verb]), (role, verb)


def test_everybody_logs_in_with_the_printed_password(site: Opened) -> None:
    accounts = list(Account.objects.all())
    assert len(accounts) > len(Role)  # other sites have people of their own
    hashed = {account.password for account in accounts}
    assert len(hashed) == 1
    assert accounts[0].check_password(DEMO_PASSWORD)


def test_accounts_do_their_deeds_and_no_others(site: Opened) -> None:
    home = find_grants(site.accounts[Role.COORDINATOR])[0].site
    deed = Deed(actor=site.accounts[Role.COORDINATOR], at=NOW)
    number = enrol(home, deed=deed).answer["subject"]
    assert Subject.objects.filter(number=number, site=home).exists()
    with pytest.raises(NotAllowedError):
        enrol(home, deed=replace(deed, actor=site.accounts[Role.MONITOR]))
    for role in (Role.MONITOR, Role.BLINDED_STATISTICIAN, Role.BLINDED_READER, Role.ADMINISTRATOR):
        reader = Deed(actor=site.accounts[role], at=NOW)
        if not sees_arms(role):
            with pytest.raises(NotAllowedError):
                read_allocations(reader)
    other = next(row.code for row in Site.objects.exclude(code=home))
    with pytest.raises(NotAllowedError):
        enrol(other, deed=deed)


def test_each_deed_was_done_by_who_does_it(site: Opened) -> None:
    done = {(line.verb, line.role) for line in read_lines() if line.subject}
    assert {role for verb, role in done if verb == Verb.COMPLETE_FORM} == {
        Role.COORDINATOR, Role.RADIATION_ONCOLOGIST
    }  # fmt: skip
    assert {
        (Verb.SIGN_ELIGIBILITY, Role.INVESTIGATOR),
        (Verb.VERIFY, Role.MONITOR),
        (Verb.SIGN, Role.INVESTIGATOR),
        (Verb.FREEZE, Role.DATA_MANAGER),
        (Verb.LOCK, Role.DATA_MANAGER),
        (Verb.OPEN_QUERY, Role.MONITOR),
        (Verb.ANSWER_QUERY, Role.COORDINATOR),
        (Verb.RECORD_DEVIATION, ""),
    } <= done
    assert all(line.reason for line in read_lines() if line.verb == Verb.CHANGE_FORM)


def test_the_site_stands_in_every_state_that_there_is_to_look_at(site: Opened) -> None:
    states = set(FormEntry.objects.values_list("state", flat=True))
    assert {FormState.COMPLETE, FormState.SIGNED, FormState.FROZEN, FormState.LOCKED} <= states
    queries = Counter(Query.objects.values_list("state", flat=True))
    assert queries == {QueryState.ANSWERED: 4, QueryState.CLOSED: 4}
    assert Signature.objects.filter(is_valid=True).count() > 8


def test_the_key_of_the_demo_opens_the_seed_and_another_does_not(site: Opened) -> None:
    sealed = SealedSeed.objects.get().sealed
    open_seed(sealed, key=DEMO_KEY)
    with pytest.raises(KeyRefusedError):
        open_seed(sealed, key="another key than that of the demo")


def test_identities_are_made_up_and_only_in_the_vault(site: Opened) -> None:
    assert Vault.objects.count() == 8
    assert not any("Person 0" in line.content for line in read_lines())


def one_subject(site: Opened, *, arm: str, without: str = "") -> Filling:
    """The first subject of the accounts' site once more, as if rehearsed in this arm."""
    home = find_grants(site.accounts[Role.COORDINATOR])[0].site
    first = next(each for each in entering().subjects if each.site == home)
    typed = tuple(
        each
        for each in entering().typed
        if each.subject == first.subject and each.day <= first.day and each.form != without
    )
    accounts = {(role, home): username for role, username in site.accounts.items()}
    return Filling(
        entering=Entering(subjects=(replace(first, arm=arm),), typed=typed),
        protocol=DEMO.protocol,
        staff=Staff(accounts=accounts, zones={home: "Asia/Seoul"}),
        seed=open_seed(SealedSeed.objects.get().sealed, key=DEMO_KEY),
        until=NOW,
    )


def test_a_subject_that_draws_another_arm_than_rehearsed_leaves_nothing(site: Opened) -> None:
    head, refused = read_head(), []
    for arm in ("A", "B"):
        try:
            with transaction.atomic():
                fill_site(one_subject(site, arm=arm))
                transaction.set_rollback(True)
        except ValueError as refusal:
            refused.append(str(refusal))
        assert read_head() == head
        assert Subject.objects.count() == 8
    (words,) = refused
    assert "was rehearsed in arm" in words


def test_a_subject_that_is_not_known_to_be_eligible_is_refused(site: Opened) -> None:
    head = read_head()
    with pytest.raises(ValueError, match="not eligible, or not known to be"):
        fill_site(one_subject(site, arm="A", without="imdc"))
    assert read_head() == head


def test_what_lies_ahead_is_not_done(site: Opened) -> None:
    head = read_head()
    fill_site(replace(one_subject(site, arm="A"), until=NOW - timedelta(days=3650)))
    assert read_head() == head


def test_a_report_from_a_cut_is_that_of_the_same_entries_as_a_folder(
    site: Opened, trial_server: Server, tmp_path: Path
) -> None:
    """Byte for byte but for the source in the stamp: the rehearsed entries never saw a database."""
    write_rehearsed(DEMO, site.numbers, folder=tmp_path / "folder")
    head = read_head()

    reader = site.accounts[Role.DSMB_STATISTICIAN]
    cut_site(trial_server, tmp_path / "cut", reader=reader, with_arms=True)

    from_cut = report_of(tmp_path / "cut", cut="DC1")
    from_folder = report_of(tmp_path / "folder", cut="DC1")
    assert from_cut.pages == from_folder.pages
    assert from_cut.data_digest == from_folder.data_digest  # also what no page shows
    assert len(from_cut.pages) == 1 + 8
    assert "No patient stands behind" in from_cut.pages["report.html"]
    assert from_cut.source == f"line {head.number}, head {head.digest}"
    assert from_folder.source.startswith("digest ")


def test_a_blinded_reader_gets_no_arm_and_no_form_that_tells_one(
    site: Opened, trial_server: Server, tmp_path: Path
) -> None:
    reader, head = site.accounts[Role.BLINDED_STATISTICIAN], read_head()
    said = cut_site(trial_server, tmp_path / "cut", reader=reader)
    tells = {form.form for form in DEMO.protocol.form if form.reveals_arm}
    written = {file.stem for file in (tmp_path / "cut").glob("*.csv")}
    assert written == {form.form for form in DEMO.protocol.form} - tells | {"entry_lines"}
    hidden = (said["blinded"], set(said["left_out"]), said["visits_left_out"])
    assert hidden == (True, tells, ["W6"])
    lines = (tmp_path / "cut" / "entry_lines.csv").read_text()
    assert not [told for told in (*tells, "ecog/W6", "vs/W6") if f"/{told}" in lines]
    assert FormEntry.objects.filter(form="ecog", key="W6").exists()  # of the irradiated alone
    derived = json.loads(
        CliRunner().invoke(main, ["derive", str(tmp_path / "cut"), "--json"]).stdout
    )
    codes = [finding["code"] for finding in derived["findings"]]
    assert (codes.count("cut-blinded"), "file-missing" in codes) == (1, False)
    assert (derived["stamp"]["blinded"], derived["stamp"]["ledger_line"]) == (True, head.number)
    head = read_head()
    with pytest.raises(AssertionError, match="no role that may read allocations"):
        cut_site(trial_server, tmp_path / "other", reader=reader, with_arms=True)
    assert read_head() == head  # neither reading is noted
    assert not (tmp_path / "other").exists()


def test_every_entry_of_a_cut_knows_the_line_that_wrote_it(
    site: Opened, trial_server: Server, tmp_path: Path
) -> None:
    reader = site.accounts[Role.DATA_MANAGER]
    upto = read_head().number // 2
    said = cut_site(trial_server, tmp_path / "cut", reader=reader, upto=upto)
    told = dict(pl.read_csv(tmp_path / "cut" / "entry_lines.csv").iter_rows())
    assert said["ledger_line"] == upto
    assert len(told) == said["entries"] > 100
    lines = {line.number: line for line in read_lines(upto=upto)}
    for entry, number in told.items():
        subject, form, *key = entry.split("/")
        place = [subject, form, *(key or [""])]
        saved = [c for c in json.loads(lines[number].content)["changes"] if c["key"] == place]
        assert saved, entry
    texts = [file.read_text() for file in (tmp_path / "cut").iterdir()]
    assert not any("Person 0" in text or "H0" in text for text in texts)  # what the vault holds
    story = CliRunner().invoke(
        main, ["explain", str(tmp_path / "cut"), "--subject", "01-001", "--json"]
    )
    entries = json.loads(story.stdout)["story"]["entries"]
    assert {e["entry"]: e["ledger_line"] for e in entries}.items() <= told.items()
    assert len(entries) > 5
    assert {lines[number].verb for number in told.values()} <= {
        Verb.SAVE_FORM, Verb.COMPLETE_FORM, Verb.CHANGE_FORM, Verb.RANDOMISE
    }  # fmt: skip
