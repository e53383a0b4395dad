"""What identifies the comparison, and how it and its runs are repeated."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.provenance import differing_settings, provenance_section
from reprodx.reporting.page import Commands, Facts, Paragraph, Table


def test_hashes_margin_seeds_and_versions_are_named(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    facts = provenance_section(evidence_of(two)).blocks[0]
    assert isinstance(facts, Facts)
    found = dict(facts.items)
    assert found["Data hash"] == "d" * 64
    assert found["Split hash"] == "5" * 64
    assert found["Margin"].startswith("0.02, stated in the runs' configuration")
    assert found["Bootstrap"] == "200 resamples, seed 0"
    assert "scikit-learn" in found["Versions"]
    assert "Cross-validation hash" not in found


def test_commands_repeat_the_comparison_and_each_run(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    whole, runs = [block for block in provenance_section(evidence_of(two)).blocks if isinstance(block, Commands)]
    assert whole.lines == ("reprodx compare run0 run1 --reference run0 --margin 0.02",)
    assert runs.lines[1] == (
        "reprodx run model=forest 'model.hidden_sizes=[64, 32]' seed=0  "
        "# run forest00000000000000000000000000, commit abcdef012345"
    )


def test_only_differing_settings_are_listed(
    compared: Callable[..., Comparison], two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    assert differing_settings(evidence_of(two)) == {"model.name": ["logistic", "forest"]}
    seeds = differing_settings(evidence_of(compared(seeds=2)))
    assert seeds == {"model.name": ["logistic", "forest"]}
    tables = {block.key: block for block in provenance_section(evidence_of(two)).blocks if isinstance(block, Table)}
    assert tables["differing-settings"].rows == (("model.name", "logistic", "forest"),)
    assert tables["runs"].rows[0] == (
        *("logistic seed 0", "logistic", "logistic" + "0" * 24, "0", "0", "0.400", "0" * 12, "abcdef012345"),
    )


def test_files_have_no_run_to_repeat(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    contenders = tuple(
        replace(one, members=tuple(replace(m, sources=(replace(m.sources[0], run=None),)) for m in one.members))
        for one in two.cases.contenders
    )
    blocks = provenance_section(evidence_of(changed(two, contenders=contenders))).blocks
    assert len([block for block in blocks if isinstance(block, Commands)]) == 1
    assert any(isinstance(block, Paragraph) and "predictions are files" in block.text for block in blocks)
    tables = {block.key: block for block in blocks if isinstance(block, Table)}
    assert list(tables) == ["runs"]
    assert tables["runs"].rows[0][2] == "file"
