"""Nobody takes a run for whole in which no browser looked at the site."""

import sys
from pathlib import Path

import pytest

from browser.live_site import find_chromium, open_browser
from browser.notice import NO_BROWSER, tell_unlooked


def test_a_missing_browser_is_told_with_what_to_do() -> None:
    notice = tell_unlooked(["Skipped: for another reason", f"Skipped: {NO_BROWSER}"])
    assert "NOT LOOKED AT" in notice
    assert "apt-get install chromium" in notice
    assert tell_unlooked(["Skipped: for another reason"]) == ""
    assert tell_unlooked([]) == ""


def test_without_a_browser_a_test_is_skipped_and_not_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == ""
    with pytest.raises(pytest.skip.Exception, match=NO_BROWSER), open_browser():
        raise AssertionError("nothing is opened")


def test_a_browser_on_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "google-chrome"
    program.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == str(program)
