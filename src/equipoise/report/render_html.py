"""From the report value to one HTML file that needs nothing beside it."""

from collections.abc import Iterable, Iterator
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from equipoise.report.page import DesignPage, Report, SubjectPage, number_blocks
from equipoise.report.wording import capital

IS_PAGE = '<body class="subject">'  # tells the page of a subject from any other file
TEMPLATES = ("report.html", "subject.html", "blocks.html", "style.css")


def render_html(report: Report | DesignPage) -> str:
    """The report, or the page of a plan, as one page that needs nothing beside it.

    No script, no request, text escaped, figures inside.
    """
    page = _environment().get_template("report.html")
    return page.render(report=report, numbers=number_blocks(report))


def render_subjects(pages: Iterable[SubjectPage]) -> Iterator[tuple[str, str]]:
    """The name and the HTML of each page of a subject, by the same rules as the report."""
    template = _environment().get_template("subject.html")
    for page in pages:
        yield page.name, template.render(page=page, numbers=number_blocks(page))


def _environment() -> Environment:
    folder = files("equipoise.report") / "templates"
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in TEMPLATES}
    environment = Environment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The SVG is made by the program, which escapes the words in it; all other text is escaped here.
    environment.filters["drawn"] = Markup
    environment.filters["sentence"] = capital
    return environment
