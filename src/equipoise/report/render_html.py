"""From the report value to one HTML file that needs nothing beside it."""

from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from equipoise.report.page import Report, number_blocks
from equipoise.report.wording import capital

TEMPLATES = ("report.html", "blocks.html", "style.css")


def render_html(report: Report) -> str:
    """The report as one page: no script, no request, text escaped, figures inside."""
    page = _environment().get_template("report.html")
    return page.render(report=report, numbers=number_blocks(report))


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
