"""What Hydra and its kin say, in one line that names file or key."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from reprodx.config.complaints import first_line
from reprodx.config.composition import compose
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree("conf", tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "conf"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: mlp\n\ta: 1\n", r"^conf/model/mlp\.yaml, line 2: a tab"),
        ("name:\tmlp\n", r"^conf/model/mlp\.yaml, line 1: a tab"),
        ("defaults:\n  - nosuch\n", r"^conf/model/mlp\.yaml, line 2: its defaults name conf/model/nosuch\.yaml"),
        ("defaults: [/data: hart_disease]\n", r"line 1: .*conf/data/hart_disease\.yaml.* 'heart_disease'"),
        ("name: ${nosuch}\n", r"^model\.name: Interpolation key 'nosuch' not found"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(conf: Path, text: str, words: str) -> None:
    (conf / "model/mlp.yaml").write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        compose()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["model=3"], "^model=3: names no option; Valid: char_rnn"),
        (["model={a: 1}"], "names no option"),
        (["hydra/launcher=nosuch"], "no such plugin of Hydra"),
        (["model=mpl"], "^model=mpl: no such option; did you mean 'mlp'"),
        (["model=logistic", "model.c=1"], r"^model\.c: no such key"),
        (["data.groups=[sex]"], r"^data\.groups: .* of another shape: .*'~data\.groups' '\+data\.groups=\[sex\]'"),
    ],
)
def test_an_override_that_fits_nothing_is_named(overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        compose(overrides)


def test_a_missing_default_is_named_with_the_line_that_asks_for_it(conf: Path) -> None:
    (conf / "model/mlp.yaml").unlink()
    with pytest.raises(ConfigError, match=r"^conf/config\.yaml, line 6: its defaults name conf/model/mlp\.yaml"):
        compose()


def test_an_error_without_words_gives_those_of_its_cause() -> None:
    error = ValueError("")
    error.__cause__ = ValueError("bad\nmore")
    assert first_line(error) == "bad"
    assert first_line(ValueError("")) == "ValueError"
    assert first_line(ValueError("no such thing\n    full_key: model.dropout")) == "model.dropout: no such thing"
