"""An amendment over HTTP: its files read, told in words, kept, approved, and entries carried."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from equipoise.store.embedded import Server
from equipoise.store.models import FormEntry, LedgerLine, ProtocolVersion, Verification
from equipoise.store.verify import verify_trial
from store.entries import completed
from store.people import screen, texts
from web.visitors import log_in

UPLOAD, MIGRATE = "/study/protocol/upload/", "/study/protocol/migrate/"
TRIAL = texts()["trial.toml"]
NEWER = re.sub(r'\nversion = "[^"]+"', '\nversion = "2.0"', TRIAL, count=1)
ICF = texts()["forms/icf.toml"].replace("consent_version", "consent_form")
ICF = ICF.replace(
    'name = "consent_form"', 'name = "consent_form"\nrenamed_from = "consent_version"'
)
RECONSENT = texts()["forms/reconsent.toml"].replace("icf__consent_version", "icf__consent_form")
FILES = {"trial.toml": NEWER, "icf.toml": ICF, "reconsent.toml": RECONSENT}


@pytest.fixture
def dana(site: Server) -> Client:
    """The data manager."""
    return log_in("dana")


def file(name: str, content: str | bytes) -> SimpleUploadedFile:
    said = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, said, content_type="text/plain")


def read(client: Client, files: dict[str, str], *, status: int = 200, **beside: str) -> str:
    """What is told of the files, of which nothing is kept yet."""
    trial = [file("trial.toml", text) for name, text in files.items() if name == "trial.toml"]
    forms = [file(name, text) for name, text in files.items() if name != "trial.toml"]
    before = LedgerLine.objects.count()
    answer = client.post(UPLOAD, {"trial": trial, "forms": forms, **beside})
    told = answer.content.decode()
    assert answer.status_code == status, told
    assert LedgerLine.objects.count() == before
    return told


def sealed_in(told: str) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', told)
    assert found is not None
    return found[1]


def keep_amendment(client: Client) -> ProtocolVersion:
    answer = client.post(UPLOAD, {"sealed": sealed_in(read(client, FILES))})
    assert answer.status_code == 302
    return ProtocolVersion.objects.get(number=2)


def approve(version: ProtocolVersion, *sites: str) -> None:
    for site in sites:
        sent = {"version": str(version.number), "site": site, "from_date": "2026-04-01"}
        assert log_in("paul").post("/study/protocol/approve/", sent).status_code == 302


def plan_of(client: Client, version: ProtocolVersion, site: str = "01") -> str:
    number = version.approval_set.get(site=site).pk
    return client.get(MIGRATE, {"approval": number}).content.decode()


def test_what_a_version_changes_is_told_before_it_is_kept(dana: Client) -> None:
    told = read(dana, FILES)
    assert "<strong>form icf, item consent_version</strong>: renamed to consent_form" in told
    assert "the item is now consent_form: its values are carried over" in told
    assert "version &#x27;1.0&#x27; becomes &#x27;2.0&#x27;" in told
    assert ProtocolVersion.objects.count() == 1
    answer = dana.post(UPLOAD, {"sealed": sealed_in(told), "request_id": "u1"}, follow=True)
    assert "kept as number 2" in answer.content.decode()
    assert "no site" in answer.content.decode()
    version = ProtocolVersion.objects.get(number=2)
    changed = {"trial.toml": NEWER, "forms/icf.toml": ICF, "forms/reconsent.toml": RECONSENT}
    assert version.texts == {**texts(), **changed}
    line = LedgerLine.objects.get(verb="upload_protocol")
    assert (line.actor, line.role, line.request_id) == ("dana", "data_manager", "web:u1")


def test_every_problem_of_the_text_stands_with_its_place_and_its_mend(dana: Client) -> None:
    wrong = NEWER.replace("planned_subjects = 88", 'planned_subjects = "many"')
    told = read(dana, {"trial.toml": wrong, "dm.toml": "form = ["}, status=422)
    assert "problems stand in the text" in told
    assert "trial.toml: randomisation.planned_subjects" in told
    assert "<code>forms/dm.toml</code>" in told
    assert "Mend the line and column named." in told
    assert 'name="sealed"' not in told


def test_files_that_are_none_of_a_protocol_are_refused_in_words(dana: Client) -> None:
    assert "Choose the files that changed" in read(dana, {}, status=422)
    for name in ("notes.docx", "<b>.toml", "a b.toml", ".toml"):
        assert "is no file of a protocol" in read(dana, {name: "x = 1"}, status=422)
    latin = file("trial.toml", NEWER.encode("utf-16"))
    answer = dana.post(UPLOAD, {"trial": latin})
    assert answer.status_code == 422
    assert "the text is not UTF-8" in answer.content.decode()


def test_forms_that_are_not_sent_stay_unless_the_files_are_all_of_it(dana: Client) -> None:
    alone = read(dana, {"trial.toml": NEWER}, status=422, is_whole="yes")
    assert "in the text. Nothing is kept" in alone
    assert "form icf" not in read(dana, {"trial.toml": NEWER})


def test_line_ends_of_another_system_change_nothing(dana: Client) -> None:
    assert "word for word" in read(dana, {"trial.toml": TRIAL.replace("\n", "\r\n")})


def test_the_same_version_is_told_and_refused(dana: Client) -> None:
    told = read(dana, {"trial.toml": TRIAL})
    assert "it says the same as number 1" in told
    assert 'name="sealed"' not in told
    planned = TRIAL.replace("planned_subjects = 88", "planned_subjects = 90")
    named_alike = read(dana, {"trial.toml": planned})
    assert "Better give it another name" in named_alike
    assert "88 becomes 90" in named_alike
    again = sealed_in(named_alike)
    assert dana.post(UPLOAD, {"sealed": again}).status_code == 302
    assert "word for word" in (told := dana.post(UPLOAD, {"sealed": again}).content.decode()), told


def test_what_was_not_looked_at_is_not_kept(dana: Client) -> None:
    sealed = sealed_in(read(dana, FILES))
    for forged in ("", "e30:1:2", sealed[:-3] + "abc"):
        answer = dana.post(UPLOAD, {"sealed": forged})
        assert answer.status_code == 422
        assert "This page is too old" in answer.content.decode()
    assert ProtocolVersion.objects.count() == 1


def test_block_sizes_are_told_to_nobody_but_who_holds_the_sequence(dana: Client) -> None:
    sizes = re.sub(r"block_sizes = \[.*\]", "block_sizes = [2, 8]", NEWER)
    told = read(dana, {"trial.toml": sizes})
    assert "block" not in told.split("<main")[1]


def test_forms_already_entered_keep_their_version_until_they_are_carried(dana: Client) -> None:
    subject = screen("01")
    completed((subject, "icf"), "consent_date=2026-03-01 consent_version=1.0")
    old = ProtocolVersion.objects.get(number=1)
    version = keep_amendment(dana)
    approve(version, "01")
    assert FormEntry.objects.get().protocol == old
    assert "protocol 1.0" in log_in("cho").get(f"/entry/form/{subject}/icf/").content.decode()


def test_what_would_move_is_shown_and_then_done_with_a_reason(dana: Client) -> None:
    subject = screen("01")
    completed((subject, "dm"), "site=01 sex=M birth_year=1961")
    completed((subject, "icf"), "consent_date=2026-03-01 consent_version=1.0")
    marked = {"entry": ["dm@1", "icf@1"]}
    assert log_in("mo").post(f"/casebook/{subject}/verify/", marked).status_code == 302
    version = keep_amendment(dana)
    approve(version, "01", "02")
    told = plan_of(dana, version)
    assert "2 entries would be carried over" in told
    rows = re.findall(r'<th scope="row">([\w ]+)</th><td class="right">(\d)</td>'
                      r'<td class="right">(\d)</td>', told)  # fmt: skip
    assert rows == [("Subject", "1", "0"), ("Informed consent", "1", "1")]
    assert "consent_version: the item is now consent_form" in told
    assert "0 entries would be carried over" in plan_of(dana, version, "02")
    sent = {"approval": str(version.approval_set.get(site="01").pk)}
    assert "Say why" in dana.post(MIGRATE, sent).content.decode()
    assert FormEntry.objects.filter(protocol=version).count() == 0
    answer = dana.post(MIGRATE, sent | {"reason": "amendment 1"}, follow=True)
    assert "2 entries of 1 subjects" in answer.content.decode()
    moved = FormEntry.objects.get(form="icf")
    assert moved.values == {"consent_date": "2026-03-01", "consent_form": "1.0"}
    assert (moved.state, Verification.objects.get(form="dm").is_valid) == ("complete", True)
    line = LedgerLine.objects.get(verb="migrate_entries")
    assert (line.actor, line.subject, line.reason) == ("dana", subject, "amendment 1")
    assert verify_trial().findings == ()
    assert "0 entries would be carried over" in plan_of(dana, version)


def test_nothing_is_carried_where_nothing_is_approved(dana: Client) -> None:
    for asked in ("x", "0", "99999", "9999999999", "' OR 1=1"):
        assert dana.get(MIGRATE, {"approval": asked}).status_code == 404
        assert dana.post(MIGRATE, {"approval": asked, "reason": "r"}).status_code == 404
    assert 'value="99999"' not in dana.get(MIGRATE).content.decode()


def test_an_entry_of_a_form_that_was_taken_out_is_still_read(dana: Client) -> None:
    subject = screen("01")
    completed((subject, "mh", "1"), "condition=Gout system=other autoimmune=N ongoing=Y")
    without = {name: text for name, text in texts().items() if name.startswith("forms/")}
    forms = [file(n.removeprefix("forms/"), t) for n, t in without.items() if "/mh." not in n]
    trial = file("trial.toml", NEWER.replace('"mh", ', ""))
    told = dana.post(UPLOAD, {"trial": trial, "forms": forms, "is_whole": "yes"}).content.decode()
    assert "<strong>form mh</strong>: removed: Medical history" in told
    assert "the form is gone: its entries stay" in told
    assert dana.post(UPLOAD, {"sealed": sealed_in(told)}).status_code == 302
    version = ProtocolVersion.objects.get(number=2)
    approve(version, "01")
    assert f'they stay</h2><p class="written">{subject}/mh/1' in plan_of(dana, version)
    cho = log_in("cho")
    assert "Gout" in cho.get(f"/entry/form/{subject}/mh/1/").content.decode()
    assert cho.get(f"/entry/form/{subject}/mh/").status_code == 404  # no new one
