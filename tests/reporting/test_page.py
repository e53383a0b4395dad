"""Any page becomes one escaped, well-formed file."""

from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.reporting.page import (
    Bullets,
    Commands,
    Facts,
    Flow,
    FlowStep,
    Folded,
    KeyNumber,
    KeyNumbers,
    Notice,
    Page,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Table,
    render,
    write_page,
)


def page_of(text: str) -> Page:
    """Return a page with every kind of block but figures, the same text wherever there may be any."""
    step = FlowStep(text, text, (text,))
    table = Table("rows", text, (text, "words", "n"), ((text, text, "1"),), ("words",), (text,))
    return Page(
        title=text,
        headline=text,
        opening=[Notice(text, text, is_alarming=True), KeyNumbers((KeyNumber(text, text, text, text),))],
        sections=[
            Section("one", text, [Paragraph(text), table, Flow(step, step, step, (step, step, step))]),
            Section("two", text, [Commands(text, (text,)), Facts(((text, text),)), Bullets((text,))]),
            Section("three", text, [Folded(text, Table("folded", text, (text,), ()))]),
            Section("four", text, [Pictures((Picture(text, text, 3, 2, text),))]),
        ],
    )


class Reader(HTMLParser):
    """Collects tags and texts, and checks that what is opened is closed."""

    VOID = frozenset({"meta", "link", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_text_is_shown_as_it_is_and_opens_no_tag(text: str) -> None:
    reader, plain = Reader(render(page_of(text))), Reader(render(page_of("plain")))
    assert reader.open == []
    assert [tag for tag, _ in reader.tags] == [tag for tag, _ in plain.tags]
    assert text.strip() in "".join(reader.texts)


def test_every_block_shows_all_that_it_holds() -> None:
    words = [f"word{number}" for number in range(9)]
    flow = Flow(
        *(FlowStep(word, word, (word,)) for word in words[:3]), parts=(FlowStep(words[3], words[4], (words[5],)),)
    )
    table = Table("rows", words[6], ("a", "b"), ((words[7], words[8]),))
    text = render(Page("title", "headline", [], [Section("one", "heading", [flow, table])]))
    assert all(word in text for word in [*words, "title", "headline", "heading"])


def test_a_picture_has_its_size_and_its_words() -> None:
    picture = Picture("none", "data:image/png;base64,AA", 300, 200, "two pictures")
    tags = Reader(render(Page("t", "h", [], [Section("one", "s", [Pictures((picture,))])]))).tags
    (found,) = [attributes for tag, attributes in tags if tag == "img"]
    expected = {"src": picture.source, "width": "300", "height": "200", "alt": "two pictures"}
    assert expected.items() <= found.items()


def test_columns_of_words_are_set_left_and_rows_are_named() -> None:
    tags = Reader(render(page_of("x"))).tags
    cells = [attributes.get("class") for tag, attributes in tags if tag == "td"]
    assert cells == ["text", None]
    assert [attributes["scope"] for tag, attributes in tags if tag == "th"] == ["col", "col", "col", "row", "col"]


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    write_page(path, page_of("first"))
    first = path.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(jinja2.Template, "render", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_page(path, page_of("second"))
    assert path.read_bytes() == first
    write_page(path, page_of("second"))
    assert path.read_bytes() != first
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
