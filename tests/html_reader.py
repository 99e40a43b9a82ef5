"""Reads the HTML of notebooks back: its text, its marks, and nothing else may be there."""

from __future__ import annotations

import re
from html.parser import HTMLParser

ELEMENTS = {"div", "mark", "span", "bdi", "b", "table", "tr", "th", "td"}
STYLE = re.compile(r"[a-z0-9:;.# -]*")  # neither quotes nor url(...)


class Reader(HTMLParser):
    """What stands in a piece of HTML.

    Attributes:
        sentences: the text of each sentence, without the labels in its marks.
        marks: of each sentence: (text, caption, style) of its marks, by their ends.
        text: all text.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sentences: list[str] = []
        self.marks: list[list[tuple[str, str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self._marks: list[list[str]] = []  # text, caption, style of each open mark
        self._sentence = 0  # depth of the element of the current one
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        names = dict(attrs)
        style = names.get("style") or ""
        assert names.keys() <= {"style", "dir"}
        assert STYLE.fullmatch(style), style
        assert names.get("dir", "auto") in ("auto", "ltr", "rtl")
        self._open.append(tag)
        if tag == "div" and "line-height:2" in style:
            assert names["dir"] in ("auto", "ltr", "rtl")  # each sentence has a direction of its own
            self._sentence = len(self._open)
            self.sentences.append("")
            self.marks.append([])
        if tag == "mark":
            self._marks.append(["", "", style])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "mark":
            text, caption, style = self._marks.pop()
            self.marks[-1].append((text, caption.strip(), style))
        if len(self._open) < self._sentence:
            self._sentence = 0

    def handle_data(self, data: str) -> None:
        self.text += data
        if not self._sentence:
            return
        if "span" in self._open:
            self._marks[-1][1] += data
            return
        self.sentences[-1] += data
        for mark in self._marks:
            mark[0] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment
