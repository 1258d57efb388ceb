"""What a browser finds in a page: its elements, its ids, its links, its words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The elements of a page in order, and what does not nest; filled while it is read."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """Every id."""
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    def attributes_of(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        """All words on one line."""
        return " ".join(" ".join(self.words).split())


def read_page(html: str) -> Page:
    """The page as elements and words; `broken` names what is not closed where it should be."""
    page, opened = Page(), list[str]()
    parser = HTMLParser(convert_charrefs=True)

    def start(tag: str, attributes: list[tuple[str, str | None]]) -> None:
        page.tags.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            opened.append(tag)

    def end(tag: str) -> None:
        if opened and opened[-1] == tag:
            opened.pop()
        else:
            page.broken.append(f"</{tag}> after {opened[-3:]}")

    def alone(tag: str, attributes: list[tuple[str, str | None]]) -> None:
        page.tags.append((tag, {name: value or "" for name, value in attributes}))

    def words(text: str) -> None:
        if not opened or opened[-1] not in {"style", "script"}:
            page.words.append(text)

    vars(parser).update(
        handle_starttag=start, handle_endtag=end, handle_startendtag=alone, handle_data=words
    )
    parser.feed(html)
    parser.close()
    page.broken.extend(f"<{tag}> is not closed" for tag in opened)
    return page
