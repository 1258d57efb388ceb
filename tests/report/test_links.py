"""Where links lead: file names and anchors that no id of a subject can mislead."""

import pytest

from equipoise.report.links import anchor_of, link_entries, page_href, page_name
from equipoise.report.shell import Column, Link, Row, Shell, fill


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("01-012", "01-012.html"),
        ("a b", "a~20~b.html"),
        ("../../etc", "~2e~~2e~~2f~~2e~~2e~~2f~etc.html"),
        ('"><script>', "~22~~3e~~3c~script~3e~.html"),
        ("대한", "~b300~~d55c~.html"),
        ("", "~.html"),
    ],
)
def test_the_file_of_a_page_has_only_plain_letters(subject: str, name: str) -> None:
    assert page_name(subject) == name


def test_different_subjects_have_different_files() -> None:
    ids = ["a", "a~", "~61~", "a b", "a_b", "a/b", "x" * 300, "x" * 301, ""]
    assert len({page_name(each) for each in ids}) == len(ids)
    assert max(len(page_name(each)) for each in ids) <= 90


def test_an_anchor_is_the_id_of_the_entry() -> None:
    assert anchor_of("01-012/les_fu/M9.L01") == "01-012/les_fu/M9.L01"
    assert anchor_of('x" onclick="') == "x~22~~20~onclick~3d~~22~"


def test_entries_are_linked_on_the_page_or_on_that_of_a_subject() -> None:
    assert link_entries(["01-012/dth"]) == (Link(words="dth", href="#01-012/dth"),)
    assert link_entries(["01-012/dth"], page="p/01-012.html") == (
        Link(words="01-012/dth", href="p/01-012.html#01-012/dth"),
    )


def test_the_folder_of_pages_is_written_as_an_address() -> None:
    assert page_href("report DC1-subjects", subject="01-012") == (
        "report%20DC1-subjects/01-012.html"
    )


def test_a_row_has_links_for_each_of_its_cells_or_none() -> None:
    shell = Shell(id="t", title="T", columns=(Column(heading="A"), Column(heading="B")))
    whole = Row(cells=("a", "b"), links=((), (Link(words="b", href="#b"),)))
    assert fill(shell, rows=[whole]).rows == (whole,)
    with pytest.raises(ValueError, match="1 links in row"):
        fill(shell, rows=[Row(cells=("a", "b"), links=((),))])
