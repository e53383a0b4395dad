"""Overrides that Hydra cannot read are refused with the quotes that they need; the others are read as Hydra does."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.config.override_grammar import parse, shell_quoted
from reprodx.errors import ConfigError

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


@pytest.mark.parametrize(
    "text",
    ["é.csv", "a=b.csv", "f(1).csv", "a;b", "a#b", "~/x", "a'b", 'a"b', "年", "(a)", "a\\'b", "foo(3)", "[[[["],
)
def test_text_that_needs_quotes_is_shown_with_them(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse([f"data.path={text}"], may_sweep=False)
    message = str(caught.value)
    assert message.startswith(f"data.path={text}: needs quotes; write ")
    (typed,) = shlex.split(message.partition("write ")[2])
    (parsed,) = parse([typed], may_sweep=False)
    assert parsed.value() == text


@given(TEXT)
def test_quoted_text_is_read_back(text: str) -> None:
    (typed,) = shlex.split(shell_quoted("data.path", text))
    (parsed,) = parse([typed], may_sweep=False)
    assert parsed.value().replace("\\${", "${") == text


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("data.missing=[<0.5,NA]", 'write \'data.missing=["<0.5","NA"]\''),
        ("data.missing={a:b", "write a mapping as '{key: "),
        ("data.path", "is no setting; give KEY=VALUE"),
        ("", "is no setting"),
        ("=x", "is no key"),
        ("data path=x", "'data path' is no key"),
        ("a..b=x", "'a..b' is no key"),
        ("seed=range(a,b)", "mismatch type argument"),
        ("data.x=" + "[" * 500 + "]" * 500, "too many brackets"),
        (
            "data.target=2023_01",
            "2023_01 would be read as a number without the underscore; write 'data.target=\"2023_01\"'",
        ),
        ("data.missing=[1_000,a]", '1_000 would be read as a number without the underscore; write "1_000"'),
        ("data.path=a,b", "several runs, with -m; write 'data.path=\"a,b\"' or as a list 'data.path="),
        ("model=mlp,cnn", "several runs, with -m$"),
        ("seed=range(1,3)", "several runs, with -m$"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(override: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse([override], may_sweep=False)
    assert words in f"{caught.value}$"
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_hydra_reads_passes() -> None:
    overrides = [
        "~model.x",
        "+a.b=1",
        "++a={b: c}",
        "model@x=mlp",
        "data.path=x_1/2_3.csv",
        'a="1_0"',
        "hydra/launcher=j",
    ]
    assert [one.key_or_group for one in parse(overrides, may_sweep=False)][:2] == ["model.x", "a.b"]
    assert parse(["seed=1,2"], may_sweep=True)[0].is_sweep_override()
