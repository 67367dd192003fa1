"""Pages of the site as a browser finds them: links, resources, anchors, text."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from html.parser import HTMLParser

_APART = ("dt", "dd", "td", "th", "div", "p", "li", "h1", "h2", "h3", "a", "span", "text", "br", "code", "summary")
_EMPTY = ("meta", "link", "input", "br", "path", "rect", "i")


@dataclass
class Page(HTMLParser):
    """A page that was read."""

    html: str
    links: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    title: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._inside: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.words += " " if tag in _APART else ""
        if tag not in _EMPTY:
            self._inside.append(tag)
        for name, value in attrs:
            if name == "id":
                self.anchors.append(value or "")
            elif name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href", "srcset", "action", "poster", "data", "xlink:href"):
                self.resources.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._inside[:3] == ["html", "head", "title"]:
            self.title += data
        elif "script" not in self._inside and "style" not in self._inside:
            self.words += data

    @property
    def text(self) -> str:
        return " ".join(self.words.split())


def target(page: str, link: str) -> tuple[str, str]:
    """The file that a link of a page leads to, and the anchor in it."""
    path, _, anchor = link.partition("#")
    return (posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page), anchor


def text_of(files: dict[str, str], path: str) -> str:
    """The words of one page of the site."""
    return Page(files[path]).text
