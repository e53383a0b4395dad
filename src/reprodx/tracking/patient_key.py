"""The key of a project, by which ids of patients become names that nobody else can undo and that join its runs.

It lies in `.cache/patient_key`, is never logged, and `make clean` keeps it. Whoever has it can say which id a hash is
of by hashing every possible id; whoever has not cannot, as he could with hashes without a key.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import sync, temporary_prefix
from reprodx.artifacts.locations import home
from reprodx.errors import ArtifactCorruptError

if TYPE_CHECKING:
    import polars as pl

KEY_FILE = Path(".cache/patient_key")
"""Below the root of the original repository."""
NUM_BYTES = 32
HASH_DIGITS, FINGERPRINT_DIGITS = 32, 16
"""Hexadecimal: 128 bits of an id, which no two of a trillion patients share by chance, and 64 of the key."""
TEXT, JSON = "t", "j"
"""What was sealed: text as it stands, or another value as JSON."""
SEALED = re.compile(rf"sealed\.([{TEXT}{JSON}])((?:[0-9a-f]{{2}}){{17,}})")
"""What an id in settings becomes."""


@dataclass(frozen=True)
class PatientKey:
    """A secret, and what it makes of ids."""

    secret: bytes

    @property
    def fingerprint(self) -> str:
        """What tells it from another key without giving it away."""
        return hmac.digest(self.secret, b"fingerprint", "sha256").hex()[:FINGERPRINT_DIGITS]

    def hash_of(self, name: str) -> str:
        """Return what stands for an id wherever cases are told apart.

        Source: RFC 2104 (HMAC), with SHA-256, cut to 128 bits.

        >>> PatientKey(b"k" * 32).hash_of("P-17")
        'f40a85927bebaf538f6c24ab886b1a3e'
        """
        return hmac.digest(self.secret, b"id:" + name.encode(), "sha256").hex()[:HASH_DIGITS]

    def hashed(self, ids: pl.Series) -> pl.Series:
        """Return the hashes of a column of ids, text without nulls."""
        names = ids.unique()
        return ids.replace_strict(names, [self.hash_of(name) for name in names], return_dtype=names.dtype)

    def sealed(self, value: Any) -> str:
        """Return what stands for an id in settings, from which whoever has the key can get it back.

        Source: RFC 5297 (AES-SIV): equal ids are sealed alike, and a changed seal does not open.

        >>> key = PatientKey(b"k" * 32)
        >>> key.opened(key.sealed("P-17")), key.opened(key.sealed(102))
        ('P-17', 102)
        """
        kind, content = (TEXT, value) if isinstance(value, str) else (JSON, json.dumps(value))
        return f"sealed.{kind}{self._cipher().encrypt(content.encode(), [kind.encode()]).hex()}"

    def opened(self, token: str) -> Any:
        """Return the id that was sealed; the token itself where another key sealed it, or nothing did."""
        from cryptography.exceptions import InvalidTag

        match = SEALED.fullmatch(token)
        if match is None:
            return token
        kind, content = match.groups()
        try:
            text = self._cipher().decrypt(bytes.fromhex(content), [kind.encode()]).decode()
        except InvalidTag:
            return token
        return text if kind == TEXT else json.loads(text)

    def _cipher(self) -> Any:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        return AESSIV(hmac.digest(self.secret, b"settings", "sha512"))


def find_key() -> PatientKey | None:
    """Return the key of the project that one stands in.

    Returns:
        None where it has none yet.

    Raises:
        ArtifactCorruptError: If the file is no key.
    """
    path = home() / KEY_FILE
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except ValueError:
        secret = b""
    if len(secret) != NUM_BYTES:
        raise ArtifactCorruptError(
            f"{KEY_FILE} is damaged: restore it from a backup; without it (remove it) new runs do not join those that "
            "are on a server"
        )
    return PatientKey(secret)


def find_own(fingerprint: str) -> PatientKey | None:
    """Return the key of the project that one stands in, if it has this fingerprint; else None."""
    key = find_key()
    return key if key is not None and key.fingerprint == fingerprint else None


def own_key() -> PatientKey:
    """Return the key of the project that one stands in.

    Returns:
        A new one where there was none.

    Raises:
        ArtifactCorruptError: If the file is no key.
    """
    found = find_key()
    if found is not None:
        return found
    path = home() / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    # Readable by its owner alone from the first moment; a parallel trial that was quicker has made the key of both.
    descriptor, name = tempfile.mkstemp(prefix=temporary_prefix(path), dir=path.parent)
    try:
        os.write(descriptor, f"{secrets.token_hex(NUM_BYTES)}\n".encode())
        os.close(descriptor)
        sync(Path(name))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(name)
        sync(path.parent)
    finally:
        Path(name).unlink()
    return own_key()
