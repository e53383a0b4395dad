"""Parts of a report read the same as Markdown."""

import pytest

from reprodx.reporting.markdown import as_markdown, escaped
from reprodx.reporting.page import Bullets, Commands, Facts, Notice, Paragraph, Table


def test_a_table_keeps_its_cells_and_notes() -> None:
    table = Table("t", "Who", ("Class", "n"), (("a|b", "1"), ("c", "2")), notes=("Few.",))
    assert as_markdown(table).split("\n") == [
        "**Who**",
        "",
        "| Class | n |",
        "| --- | --- |",
        r"| a\|b | 1 |",
        "| c | 2 |",
        "",
        "Few.",
    ]


def test_lines_are_lists_quotes_or_text() -> None:
    assert as_markdown(Paragraph("Some words.")) == "Some words."
    assert as_markdown(Bullets(("one", "two"))) == "- one\n- two"
    assert as_markdown(Facts((("Task", "binary"),))) == "- Task: binary"
    assert as_markdown(Notice("Leaky", "Do not use.")) == "> **Leaky.** Do not use."
    assert as_markdown(Notice("Known too late?", "Look.")) == "> **Known too late?** Look."


def test_names_cannot_break_out() -> None:
    assert escaped("<script>\n# x") == "&lt;script&gt; # x"
    assert escaped("*a* `b` c_d\\") == r"\*a\* \`b\` c\_d\\"


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="commands has no form in Markdown"):
        as_markdown(Commands("Run", ("ls",)))
