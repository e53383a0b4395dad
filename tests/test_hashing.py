"""Hashes follow content and names, nothing else."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reprodx.hashing import sha256_of_code, sha256_of_json, sha256_of_path

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), values))
def test_the_order_of_keys_does_not_count(content: dict[str, object]) -> None:
    assert sha256_of_json(content) == sha256_of_json(dict(reversed(content.items())))


def test_a_folder_counts_by_names_and_bytes(tmp_path: Path) -> None:
    digests = set()
    for name, text in [("a", "1"), ("a", "2"), ("b", "1")]:
        folder = tmp_path / f"{name}{text}"
        folder.mkdir()
        (folder / name).write_text(text)
        digests.add(sha256_of_path(folder))
    assert len(digests) == 3


def test_the_code_version_covers_modules_and_packages() -> None:
    assert sha256_of_code("errors") != sha256_of_code("schemas") != sha256_of_code("splits")
    assert sha256_of_code("errors", "splits") == sha256_of_code("splits", "errors")
