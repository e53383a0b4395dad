"""No password survives in a text that it is embedded in, and a text without one comes back as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reprodx.redaction import MASK, has_secret, is_ambiguous, without_secrets

SIGNS = st.characters(min_codepoint=33, max_codepoint=0x17F, exclude_categories=("C", "Z"))
STARTS = st.sampled_from(["", *"@/:?#%=&,;.)(!$*|<>{}[]+-~"])
PASSWORDS = st.tuples(STARTS, st.text(SIGNS, min_size=1, max_size=12)).map(lambda parts: f"{parts[0]}zq{parts[1]}qz")
"""Recognisable at both ends, with any sign that no program takes for a space."""
SURROUNDINGS = st.sampled_from(["", "tracking failed: ", "retry 3 of 5 at 12:04, ", "('", '{"uri": "'])
SCHEMES = ("http", "https", "postgresql+psycopg", "mysql", "s3", "ssh", "git+https")
EMBEDDED = st.sampled_from(
    [
        *(f"{scheme}://ann:{{}}@db.example.org:5432/runs" for scheme in SCHEMES),
        "password={} host=db",
        "MLFLOW_TRACKING_PASSWORD={}",
        "AWS_SECRET_ACCESS_KEY = {}",
        "db.password: {}",
        "+  api_key: {}",
        "clientSecret={}",
        "reprodx run --password {}",
        "wrong password: {} (of ann)",
    ]
)


@given(PASSWORDS, EMBEDDED, SURROUNDINGS)
def test_no_part_of_a_password_survives(password: str, embedded: str, before: str) -> None:
    masked = without_secrets(before + embedded.format(password) + "\nline after")
    assert "zq" not in masked
    assert "qz" not in masked
    assert masked.endswith("\nline after")
    assert without_secrets(masked) == masked


@given(PASSWORDS, st.sampled_from(["token", "key", "sig", "api_key", "X-Amz-Signature", "access_token", "password"]))
def test_what_an_address_asks_with_is_masked_and_the_rest_of_it_stays(password: str, name: str) -> None:
    masked = without_secrets(f"https://host/api?run=5&{name}={quote(password, safe='')}&page=2#top")
    assert masked == f"https://host/api?run=5&{name}={MASK}&page=2#top"


@given(st.text(st.characters(exclude_characters="\\\"'\n\r\x00", exclude_categories=("C",)), min_size=1))
def test_a_quoted_value_is_masked_to_its_end(password: str) -> None:
    for text in ("password='zq{}qz' dbname=runs", '{{"x": 1, "token":"zq{}qz", "y": 2}}', "{{'secret': 'zq{}qz'}}"):
        masked = without_secrets(text.format(password))
        assert "zq" not in masked
        assert masked == without_secrets(masked)
        assert masked.replace(MASK, "") == text.format("").replace("zqqz", "")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mysql://ann:my pass@db/runs is away", "mysql://***@db/runs is away"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("{'Authorization': 'Basic YTpi'}", "{'Authorization': '***'}"),
        ("origin https://gh0token@github.com/o/r.git", "origin https://***@github.com/o/r.git"),
        ("sent Bearer abcdefghijklmnop1234 to it", "sent Bearer *** to it"),
        ("id AKIAABCDEFGHIJKLMNOP.", "id ***."),
        ("password='it\\'s here' user=ann", "password='***' user=ann"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "***"),
        ("Driver={x};UID=ann;PWD=abc;Database=d", "Driver={x};UID=ann;PWD=***"),
        ("os.environ['MY_API_KEY'] = 'abc'", "os.environ['MY_API_KEY'] = '***'"),
        ("# Passwort: abc", "# Passwort: ***"),
        ("curl --user ann:abc https://host", "curl --user *** https://host"),
        ("machine host login ann password abc", "machine host login ann password ***"),
        ("odbc_connect=UID%3Dann%3BPWD%3Dabc&x=1", "odbc_connect=UID%3Dann%3BPWD%3D***&x=1"),
        ("to https://hooks.slack.com/services/T0000/B0000/abcdefghij", "to https://hooks.slack.com/services/***"),
        ("store ann:abc@127.0.0.1:1: closed", "store ***@127.0.0.1:1: closed"),
        ("tracking.uri=oauth2:abc@gitlab.com/o/r.git", "tracking.uri=***@gitlab.com/o/r.git"),
        ("//ann:abc@host/x is away", "//***@host/x is away"),
        ("Cookie: session=abc; x=1", "Cookie: ***"),
        ("url: /api?token=abc (Caused by x)", "url: /api?token=*** (Caused by x)"),
    ],
)
def test_every_form_of_a_secret_is_known(text: str, masked: str) -> None:
    assert without_secrets(text) == masked
    assert without_secrets(masked) == masked
    assert has_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:5000/#/experiments/1",
        "https://host/@scope/package and mail to ann@example.org",
        "git@github.com:owner/repository.git",
        "s3://bucket/a@b",
        "postgresql+psycopg://mlflow@database/mlflow",
        "postgresql://{user}:{password}@db and postgresql://${USER}:${PASSWORD}@db",
        "ssh://git@github.com/owner/repository",
        "models:/heart@champion",
        "sqlite:////home/ann/mlflow.db",
        "password: null",
        "password: ${oc.env:DB_PASSWORD}",
        "max_tokens: 256",
        "PWD=/home/ann",
        'pad_token: "[PAD]"',
        "start_token=2, unk_token: <unk>",
        "Authorization: of the ethics committee, 2019/33",
        "Cookie: none",
        "password = getpass.getpass()",
        'password=os.environ["DB_PASSWORD"]',
        "say `password=`, not more",
        "the package sk-contrib-something-with-a-very-long-name",
        "docker run --user 1000:1000 image",
        "python:3.11@sha256:0123, mailto:ann@example.org/x, contact:ann@example.org",
        "cat: /etc/passwd: No such file",
    ],
)
def test_a_text_without_secrets_stays(text: str) -> None:
    assert without_secrets(text) == text


def test_what_the_repository_holds_stays() -> None:
    listed = subprocess.run(["git", "ls-files", "src", "conf", "docs"], capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if Path(name).suffix in {".py", ".yaml", ".md", ".toml"}:
            assert not has_secret(Path(name).read_text(), is_code=name.endswith(".py")), name


def test_names_of_python_are_no_secrets_and_literals_are() -> None:
    assert not has_secret("def read(password: str, token=token): unk_token = '<unk>'", is_code=True)
    assert not has_secret("pad_token = '[PAD]'  # password: as in the file", is_code=True)
    assert without_secrets("x = 1  # password: hunter2", is_code=True) == "x = 1  # password: ***"
    assert without_secrets("password = 'abc'; url = 'http://u:p@h/'", is_code=True) == (
        "password = '***'; url = 'http://***@h/'"
    )


def test_masked_yaml_is_yaml() -> None:
    masked = without_secrets("name: mlflow\nuri: postgresql://ann:a/b@db/runs\npassword: a b # c\n")
    assert yaml.safe_load(masked) == {"name": "mlflow", "uri": "postgresql://***@db/runs", "password": MASK}


@pytest.mark.parametrize("password", ["a@b", "a/b", "a?b", "a#b", "a b"])
def test_an_address_that_programs_read_in_two_ways_is_told(password: str) -> None:
    assert is_ambiguous(f"postgresql://ann:{password}@db/runs")
    assert not is_ambiguous(f"postgresql://ann:{quote(password, safe='')}@db/runs")


def test_what_a_process_says_is_masked_whoever_says_it() -> None:
    """In a process of its own: hooks of a process cannot be undone."""
    program = """
import logging, warnings
from reprodx.redaction import mask_output
mask_output(); mask_output()
logging.basicConfig(level="INFO")
other = logging.getLogger("hydra")
other.propagate = False
other.addHandler(logging.StreamHandler())
logging.info("to %s", "http://ann:hunter2@host")
other.error("retry with password=%s", "hunter2")
warnings.warn("http://ann:hunter2@host is old")
try:
    raise ValueError("token=hunter2")
except ValueError:
    logging.exception("it failed")
raise RuntimeError("postgresql://ann:hunter2@host refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr
    for line in ("to http://***@host", "password=***", "http://***@host is old", "token=***", "://***@host refused"):
        assert line in done.stderr
