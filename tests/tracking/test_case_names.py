"""What of a report is about single cases."""

from __future__ import annotations

from reprodx.tracking.case_names import without_cases


def test_a_report_keeps_all_but_its_cases() -> None:
    page = (
        '<ol>\n<li><a href="#metrics">Metrics</a></li>\n<li><a href="#failures">Failures</a></li>\n</ol>\n'
        '<section id="metrics"><img class="sheet" src="data:image/png;base64,AAAA" alt="a">kept</section>\n'
        '<section id="failures" aria-labelledby="f">\n<td>P-4711</td>\n</section>\n'
        '<section id="samples">\n<p>word for word</p>\n</section>\n<section id="limits">kept</section>\n'
    )
    left = without_cases(page)
    assert left == (
        '<ol>\n<li><a href="#metrics">Metrics</a></li>\n</ol>\n'
        '<section id="metrics">kept</section>\n<section id="limits">kept</section>\n'
    )
