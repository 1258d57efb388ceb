"""The story of one patient, click by click: screened to locked, then cut and derived."""

from pathlib import Path

from browser.clicks import Desk, put, send
from equipoise.store.embedded import Server
from store.cuts import cut_site
from story.people_at_pages import Trial, pages_read
from story.site_ending import check_cut, check_ledger
from story.site_story import STORY, Step

KINDS = "each => Object.fromEntries(Array.from(each.form.elements, (e) => [e.name, e.type]))"


class Visitor:
    """Somebody at a browser of their own, logged in, and the page on the screen."""

    def __init__(self, desk: Desk, username: str, *, broken: list[str]) -> None:
        self.page = desk.sit_down(username)
        self.status = 0
        self.page.on("pageerror", lambda error: broken.append(f"{self.address}: {error}"))

    @property
    def address(self) -> str:
        """What stands in the line of the address."""
        return self.page.url

    @property
    def words(self) -> str:
        """The status of the page and what is seen of it, on one line."""
        return f"{self.status} {' '.join(self.page.locator('body').inner_text().split())}"

    def open(self, address: str) -> None:
        """Opens a page."""
        answer = self.page.goto(address)
        assert answer is not None, address
        self.status = answer.status

    def press(self, step: Step) -> None:
        """Fills in the form with the button of the step, and presses it."""
        button = self.page.get_by_role("button", name=step.press, exact=True)
        if step.fill:
            kinds = button.evaluate(KINDS)
            for name, text in step.fill.items():
                put(self.page, name, text, kind=kinds[name])
        self.status = send(self.page, button)
        if step.comment:
            for asked in self.page.locator(".finding.soft .confirm input[type=text]").all():
                asked.fill(step.comment)
            self.status = send(self.page, button)


def test_a_patient_is_screened_randomised_treated_scanned_mourned_queried_signed_and_locked(
    desk: Desk, trial_server: Server, tmp_path: Path
) -> None:
    broken: list[str] = []  # what scripts of the pages failed at
    trial = Trial(lambda username: Visitor(desk, username, broken=broken))
    with pages_read(trial.clock):
        for step in STORY:
            trial.do(step)
    assert broken == []
    check_ledger()
    cut_site(trial_server, tmp_path / "cut", reader="dana", with_arms=True)
    check_cut(tmp_path / "cut")
