"""What the end of a run says, loudly, where no browser was found."""

from collections.abc import Iterable

NO_BROWSER = "no Chromium was found"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def tell_unlooked(reasons: Iterable[str]) -> str:
    """The notice, given why tests were skipped; empty where no browser was missing."""
    if not any(NO_BROWSER in reason for reason in reasons):
        return ""
    return (
        f"NOT LOOKED AT IN A BROWSER: {NO_BROWSER} ({', '.join(NAMES)}).\n"
        "No click, no key and no page's accessibility was tested. Install one, for example by\n"
        "apt-get install chromium, and run pytest tests/browser."
    )
