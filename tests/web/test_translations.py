"""The Korean of the pages: whole, true to its placeholders, compiled, and chosen by a visitor."""

import gettext
import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from equipoise.capture.codes import Code
from equipoise.capture.roles import Role
from equipoise.store.refusals import RefusedError, StaleVersionError
from equipoise.web.entry.words import code_words
from equipoise.web.shell.refusals import lines_of
from equipoise.web.shell.tags import in_words
from web.entry_texts import html, send
from web.translations import (
    Catalogue,
    Message,
    catalogue_of,
    compile_catalogue,
    read_catalogue,
    texts_of_python,
    texts_of_template,
    texts_of_the_pages,
    write_catalogue,
)
from web.visitors import WHO, log_in, screen_and_ask

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
KEPT = re.compile(r"%\(\w+\)[sd]|</?\w+>")  # what a translation may move and never lose


def catalogue(language: str) -> Catalogue:
    return read_catalogue(catalogue_of(language).read_text(encoding="utf-8"))


def lost(said: Catalogue) -> list[str]:
    """Translations whose placeholders or marks of HTML are not those of the text."""
    return [
        one
        for (one, many), told in said.items()
        if told and sorted(KEPT.findall(many or one)) != sorted(KEPT.findall(told))
    ]


def waiting(said: Catalogue, places: dict[Message, str]) -> list[str]:
    """The texts without a translation, each with its place."""
    return [f"{places[message]}: {message[0]}" for message in places if not said.get(message)]


# ---- the catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_pages_is_translated_and_no_other_kept(language: str) -> None:
    said, places = catalogue(language), texts_of_the_pages()
    mend = f"run .venv/bin/python tests/web/translations.py {language}, fill in, and run it again"
    assert waiting(said, places) == [], mend
    assert set(said) - set(places) == set(), mend


def test_a_text_that_waits_is_told_with_its_place() -> None:
    places = {("Save", ""): "a.html", ("Keep", ""): "b.py", ("new", ""): "c.html"}
    said = {("Save", ""): "저장", ("Keep", ""): ""}
    assert waiting(said, places) == ["b.py: Keep", "c.html: new"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_placeholders_and_marks(language: str) -> None:
    assert lost(catalogue(language)) == []


@pytest.mark.parametrize(
    ("one", "many", "told", "is_lost"),
    [
        ("%(count)s line", "%(count)s lines", "%(count)s줄", False),
        ("%(count)s line", "%(count)s lines", "줄", True),
        ("%(low)s to %(high)s", "", "%(high)s, %(low)s", False),
        ("%(low)s to %(high)s", "", "%(low)s~%(low)s", True),
        ("Next: <strong>%(label)s</strong>", "", "다음: %(label)s", True),
        ("at most %(most)d", "", "%(most)s 이하", True),
        ("Save", "", "", False),  # waits for a translation
    ],
)
def test_a_lost_placeholder_is_seen(one: str, many: str, told: str, is_lost: bool) -> None:
    assert bool(lost({(one, many): told})) is is_lost


def test_korean_speaks_formally_wherever_it_makes_a_sentence() -> None:
    sentences = [told for told in catalogue("ko").values() if re.search(r"[가-힣]\.$", told)]
    assert len(sentences) > 100
    assert [s for s in sentences if not re.search(r"(니다|시오|없음)\.$", s)] == []


def test_korean_uses_the_terms_of_trial_units() -> None:
    told = catalogue("ko")
    for text, term in [
        ("Subject", "시험대상자"),
        ("Randomise", "무작위배정"),
        ("Adverse events", "이상반응"),
        ("Serious adverse event", "중대한 이상반응"),
        ("Baseline", "기저"),
        ("Targets", "표적병변"),
        ("Queries", "질의"),
        ("To verify", "원자료 확인 대상"),
        ("freeze", "동결"),
        ("lock", "잠금"),
        ("Site", "기관"),
        ("Protocol", "시험계획서"),
        ("investigator", "시험책임자"),
    ]:
        assert told[text, ""] == term


# ---- its compiled form


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_form_is_that_of_the_catalogue(language: str) -> None:
    told = {message: words for message, words in catalogue(language).items() if words}
    compiled = catalogue_of(language).with_suffix(".mo").read_bytes()
    assert compiled == compile_catalogue(told, language=language), (
        "write it anew: .venv/bin/python tests/web/translations.py " + language
    )


def test_what_is_compiled_is_read_by_the_standard_library() -> None:
    said = {
        ("Save", ""): "저장",
        ("%(n)s line", "%(n)s lines"): "%(n)s줄",
        ("two\nlines", ""): "두\n줄",
    }
    read = gettext.GNUTranslations(io.BytesIO(compile_catalogue(said, language="ko")))
    assert read.gettext("Save") == "저장"
    assert read.gettext("two\nlines") == "두\n줄"
    assert {read.ngettext("%(n)s line", "%(n)s lines", n) for n in (0, 1, 2)} == {"%(n)s줄"}
    assert read.gettext("not there") == "not there"
    assert read.info()["language"] == "ko"


def test_a_catalogue_is_read_as_it_was_written() -> None:
    said = {
        ("Save", ""): "저장",
        ('a "quoted" \\ text', ""): '"인용" \\',
        ("two\nlines", ""): "두\n줄",
        ("%(n)s line", "%(n)s lines"): "%(n)s줄",
        ("waits", ""): "",
    }
    text = write_catalogue(said, places=dict.fromkeys(said, "here.html"), language="ko")
    assert read_catalogue(text) == said
    assert text.startswith('msgid ""\nmsgstr ""\n"Project-Id-Version')
    folded = 'msgid ""\n"two "\n"parts"\nmsgstr ""\n"두 "\n"부분"\n'
    assert read_catalogue(folded) == {("two parts", ""): "두 부분"}


# ---- the texts of the sources


def test_texts_are_found_in_a_module() -> None:
    text = """
told = _("one %(a)s") % {"a": 1}
WORDS = {1: gettext_lazy("two " "parts")}
many = ngettext("%d day", "%d days", n)
other = print("not this"), _(name), gettext(f"nor {this}")
"""
    found = list(texts_of_python(text))
    assert sorted(found) == [("%d day", "%d days"), ("one %(a)s", ""), ("two parts", "")]


def test_texts_are_found_in_a_template() -> None:
    text = """{% load i18n %}<a title="{% translate 'Its title' %}"></a>
{% translate 'He said "no"' %}
{# {% translate "not this" %} #}{{ _("nor lost") }}
{% blocktranslate with name=a.b %}Hello {{ name }}, 5%{% endblocktranslate %}
{% blocktranslate count n=rows|length %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
<p>plain words</p>"""
    assert list(texts_of_template(text)) == [
        ("Its title", ""),
        ('He said "no"', ""),
        ("nor lost", ""),
        ("Hello %(name)s, 5%%", ""),
        ("%(n)s row", "%(n)s rows"),
    ]


def test_a_text_is_told_with_its_first_place(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text('_("Save")\n_("Other")', encoding="utf-8")
    (tmp_path / "a.html").write_text("{% load i18n %}{% translate 'Save' %}", encoding="utf-8")
    found = texts_of_the_pages(tmp_path)
    assert found["Save", ""] == "a.html"
    assert found["Other", ""] == "views.py"
    assert found["sub investigator", ""] == "names of the program"


# ---- the pages


@pytest.mark.usefixtures("site")
def test_a_browser_that_asks_for_korean_is_answered_in_korean() -> None:
    text = Client().get("/accounts/login/", headers={"Accept-Language": "ko-KR,ko;q=0.9"})
    page = text.content.decode()
    assert '<html lang="ko">' in page
    assert "<h1>로그인</h1>" in page
    assert '<button class="quiet" type="submit" name="language" value="en" lang="en">' in page


@pytest.mark.usefixtures("site")
def test_whoever_chooses_a_language_keeps_it_before_and_after_the_log_in() -> None:
    client = log_in("cho")
    assert '<html lang="en">' in client.get("/").content.decode()
    answer = client.post("/language", {"language": "ko", "next": "/accounts/profile/?a=1"})
    assert answer.headers["Location"] == "/accounts/profile/?a=1"
    assert answer.cookies["django_language"]["httponly"]
    page = client.get("/accounts/profile/").content.decode()
    assert '<html lang="ko">' in page
    assert "내 계정" in page
    assert "연구코디네이터" in page
    client.logout()
    client.cookies["django_language"] = "ko"
    assert "로그인" in client.get("/accounts/login/").content.decode()


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("language", ["xx", "", "../en", "fr"])
def test_a_language_that_the_site_does_not_speak_changes_nothing(language: str) -> None:
    client = log_in("cho")
    client.post("/language", {"language": language})
    assert '<html lang="en">' in client.get("/").content.decode()


@pytest.mark.usefixtures("site")
def test_choosing_a_language_leads_to_no_other_site() -> None:
    answer = Client().post("/language", {"language": "ko", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


@pytest.mark.usefixtures("site")
def test_who_may_not_is_told_in_korean_who_may() -> None:
    client = log_in(WHO[Role.MONITOR])
    client.cookies["django_language"] = "ko"
    page = client.get("/accounts/log/").content.decode()
    assert "현재 역할로는" in page
    assert "시스템 관리자" in page


def test_names_of_the_program_are_words_in_the_language_of_the_reader() -> None:
    assert in_words("sub_investigator") == "sub investigator"
    with override("ko"):
        assert in_words("sub_investigator") == "시험담당자"
        assert in_words("never_heard_of") == "never heard of"
        assert in_words("") == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (Code.WRONG_TYPE, "값의 형식이 맞지 않음: "),
        (Code.REQUIRED_MISSING, "필수 항목이 비어 있음: "),
        (Code.OUT_OF_RANGE, "허용 범위를 벗어남: "),
        (Code.FILE_MISSING, ""),  # no value of an entry
        ("vs-weight-change", ""),  # a check of the protocol speaks its language
    ],
)
def test_what_is_wrong_with_a_value_is_said_ahead_of_the_english_sentence(
    code: str, said: str
) -> None:
    assert code_words(code) == ""
    with override("ko"):
        assert code_words(code) == said


@pytest.mark.usefixtures("site")
def test_an_entry_is_refused_in_korean_and_in_the_exact_words() -> None:
    client = log_in(WHO[Role.COORDINATOR])
    client.cookies["django_language"] = "ko"
    place = (screen_and_ask(), "vs", "SCR")
    page = html(send(client, place, "complete", {"weight_kg": "heavy"}))
    assert re.search(r"값의 형식이 맞지 않음: [a-z]", page)
    assert 'value="heavy"' in page


def test_a_refusal_is_told_by_its_kind_ahead_of_its_exact_words() -> None:
    refused = StaleVersionError("cho saved version 3\nload the form again")
    assert lines_of(refused) == ["cho saved version 3", "load the form again"]
    with override("ko"):
        told = lines_of(refused)
        assert lines_of(RefusedError("no")) == ["no"]
    assert told[0] == "읽으신 후 다른 사용자가 이 기록을 저장했습니다."
    assert told[1:] == ["cho saved version 3", "load the form again"]
