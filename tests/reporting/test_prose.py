"""Markdown of people in a report: its text is shown, nothing in it runs or fetches."""

from __future__ import annotations

import pytest

from reprodx.reporting.page import Page, Section, render
from reprodx.reporting.prose import prose

CARD = """# Mine

- **Licence**: CC BY

| column | unit |
|---|---|
| `age` | years |
"""


def test_what_a_card_says_is_shown_under_the_headings_of_the_page() -> None:
    html = str(prose("card", CARD).html)
    for shown in ("<h3>Mine</h3>", "<strong>Licence</strong>: CC BY", "<code>age</code>", "<td>years</td>"):
        assert shown in html
    assert "<h6>deep</h6>" in str(prose("card", "###### deep").html)


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "![a](http://far/a.png)",
        "[a]: http://far/a.png\n\n![a]",
        "{{ 7 * 7 }} {% raw %}",
    ],
)
def test_nothing_in_it_runs_or_is_fetched(markdown: str) -> None:
    page = render(Page("t", "h", [], [Section("s", "S", [prose("card", markdown)])]))
    body = page[page.index("<summary>card") :]
    assert not any(tag in body for tag in ("<script", "<img", 'href="javascript', 'src="'))
    assert ("{{ 7 * 7 }}" in body) == ("7" in markdown)
