"""Files of YAML that cannot be read, or would be read as something else, are refused with their line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprodx.config.yaml_files import LARGEST_BYTES, checked, complaint, files_of
from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcde", "bcdef", strict=True)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mlp.yaml"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name: mlp\n\ta: 1\n", "line 2: a tab"),
        (b"name: mlp\nname: cnn\n", "line 2: 'name' stands in line 1 too"),
        (b"a: {b: 1, b: 2}\n", "line 1: 'b' stands in line 1 too"),
        (b"1: a\n1: b\n", "line 2: '1' stands in line 1 too"),
        ("a: 1\nb: café\n".encode("latin-1"), "line 2: is not UTF-8"),
        ("name: mlp\n".encode("utf-16"), "line 1: is written in UTF-16"),
        ("name: mlp\n".encode("utf-16-le"), "line 1: is written in UTF-16"),
        (b"a: 1\nb: \x07\n", "line 2: a character that text has not"),
        (b"", "line 1: no setting"),
        (b"# nothing\n", "line 1: no setting"),
        (b"\n- a\n", "line 2: must hold"),
        (b"mlp\n", "line 1: must hold"),
        (b"a: 1\n---\nb: 2\n", "line 2: expected a single document"),
        (b"a: [1\n", "line 2: "),
        (b"a: b: c\n", "line 1: mapping values"),
        (b"a: *b\n", "line 1: found undefined alias"),
        (b"a: &a [*a]\n", "line 1: an alias"),
        (BOMB.encode(), "line 4: more than 10,000 values"),
        (b"a: " + b"[" * 3000, "line 1: more than 50 mappings and lists"),
        (b"no: 1\n", "line 1: YAML takes no for a truth value"),
        (b"a: On\n", "line 1: YAML takes On for a truth value"),
        (b"a: [1, 010]\n", "line 1: YAML takes 010 for another number"),
        (b"a: 12:30\n", "line 1: YAML takes 12:30 for another number"),
        (b"a: 1_000\n", "line 1: YAML takes 1_000 for another number"),
        (b"a: 0x1F\n", "line 1: YAML takes 0x1F for another number"),
        (b"~: 1\n", "line 1: a key must be text"),
        (b"? [a]\n: 1\n", "line 1: a key must be text"),
        (b"a: !!binary aGk=\n", "line 1: 'binary' is no kind of value"),
        (b"a: !!python/object/apply:os.system [ls]\n", "line 1: 'python/object/apply:os.system' is no kind of value"),
    ],
)
def test_what_cannot_be_read_as_it_stands_is_refused_with_its_line(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        checked(path)
    assert str(caught.value).startswith(f"{path}, {words}")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffname: mlp\r\nsizes: [64, 32]\r\n",
        "---\na: &a {b: 0.1}\nc:\n  <<: *a\n  d: -1e-3\n",
        "1: train\n-2: test\n0.5: null\ntrue: val\nFalse: ~\n",
        "a: 'no'\nb: \"010\"\nc: 2020-01-01\nd: .5\ne: 1.\nf: .inf\ng: 08\n",
    ],
)
def test_what_is_read_as_it_stands_passes(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
    assert checked(path).value


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Path.mkdir, "is a folder"),
        (lambda path: path.symlink_to("nowhere"), "is a link that leads nowhere"),
        (lambda path: path.write_bytes(b"#" * (LARGEST_BYTES + 1)), "has 1,048,577 bytes"),
    ],
)
def test_what_is_no_file_of_settings_is_refused(path: Path, damage: Callable[[Path], object], words: str) -> None:
    damage(path)
    with pytest.raises(ConfigError, match=words):
        checked(path)


def test_a_file_that_was_mended_is_read_again(path: Path) -> None:
    path.write_text("a: [\n")
    with pytest.raises(ConfigError):
        checked(path)
    path.write_text("a: []\n")
    assert checked(path).value


def test_hidden_files_are_none_of_ours(tmp_path: Path) -> None:
    for name in ("b.yaml", "a/c.yaml", ".checkpoints/a.yaml", "a/.d.yaml", "e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert files_of(tmp_path) == [tmp_path / "a/c.yaml", tmp_path / "b.yaml"]


def test_a_complaint_without_a_place_names_the_file() -> None:
    assert str(complaint(Path("params.yaml"), ValueError())) == "params.yaml: no YAML: not valid"


def test_a_password_in_a_file_of_settings_is_refused_by_its_line(path: Path) -> None:
    path.write_text("name: mlflow\nuri: postgresql://ann:hunt/er2@db/runs\n")
    with pytest.raises(ConfigError, match="line 2: holds a password") as refused:
        checked(path)
    assert "er2" not in str(refused.value)
