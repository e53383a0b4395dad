"""Text without passwords: the one mask before all that is logged, printed, recorded or handed on.

Addresses are taken apart, because no pattern finds where a password ends that holds `@`, `/` or `:`. Where an address
can be read in two ways the reading with the longer password counts: a name of a host may be lost, no secret is kept.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

MASK = "***"
NAMES = (
    r"pass(?:word|wort|wd|phrase|code)|pwd|kennwort|contraseña|mot de passe|secret|credentials?|(?-i:_PASS)"
    r"|(?:api|access|secret|private|account|shared|auth|encryption|storage)[_-]?key(?:[_-]?id)?"
)
"""How the names of settings and variables end that hold a secret, whatever stands before."""
OF_LANGUAGE = r"""["']?\]?\s*[:=]\s*["']?(?:\d{1,5}|<[\w|/]{1,12}>|\[[A-Z]{1,5}\]|str|int)["']?(?:[\s,;)\]}]|$)"""
"""What follows the name of a token of a language, or of how many there are: `pad_token: "[PAD]"`."""
NAMES_OF_ENTRIES = rf"{NAMES}|token(?!{OF_LANGUAGE})"
"""The same where a name stands by itself; in a sentence a token is a word."""
NAMES_IN_QUERY = rf"{NAMES}|token|key|sig(?:nature)?|auth|code|x-amz-(?:signature|credential)|jwt|pass|pw"
"""The same behind the `?` of an address."""
NOTHING = (
    # A name that Markdown shows as code ends with its mark.
    r"""`(?=[\s,.;:)]|$)|"""
    r"""["']?(?:null|none|true|false|~|\?\?\?|\.{3}|\*{3}"""
    r"""|(?:[\w.]+\.)?(?:getpass|getenv|environ)[\w.]*[\[(]\S*|\$\{[^}\n]*\}|\$\(?(?-i:[A-Z_]+)\)?)["']?(?=[,;)\]}]*(?:\s|$))"""
)
"""Values that tell nothing: absent, masked already, or to be filled in from elsewhere."""
QUOTED = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')(?=[\s,;:)\]}]|$)"""

ADDRESS = re.compile(
    r"(?P<before>://)"
    # A password with a space in it, as SQLAlchemy takes it: what stands behind the colon is no port.
    r"(?P<rest>[^\s:/@]+:(?!\d*(?:[/?#\s]|$))[^@\n]*@\S*|\S+)"
)
BARE_ADDRESS = re.compile(
    r"(?P<before>(?<![\w:/@.+-])(?://)?)(?P<value>(?!mailto:)[\w.-]+:[^\s@/:\"']+)"
    r"(?=@(?!sha\d+:)[\w-]+(?:\.[\w-]+)*(?:/|:\d))",
    re.IGNORECASE,
)
"""An address of which somebody forgot the scheme, with a port or path, since `note:ann@example.org` is none."""
WEB = ("http", "https")
PLACEHOLDER = re.compile(r"(?:[\w.-]+:)?\$?\{[^{}@/]*\}|\$?\{[^{}@/]*\}:\$?\{[^{}@/]*\}")
"""A user or password that is to be filled in."""
QUERY = re.compile(
    rf"(?P<before>[?&;#](?:[\w.-]*?(?:{NAMES})|[\w.-]*?token|{NAMES_IN_QUERY})=|%3B(?:PWD|password)%3D)"
    r"(?P<value>[^&\s]+)",
    re.IGNORECASE,
)
SETTING = re.compile(
    # The shell's own PWD is a folder.
    rf"(?P<before>(?<![\w?&;])(?-i:(?!(?:OLD)?PW[D]=/))[\w.-]*?(?:{NAMES_OF_ENTRIES})[\"']?\]?[ \t]*=[ \t]*)"
    rf"(?!{NOTHING})"
    rf"(?P<value>{QUOTED}|\S+)",
    re.IGNORECASE,
)
ENTRY = re.compile(
    rf"(?P<before>(?:^[+ -]?[ \t]*(?:- )?|[{{,]\s*)(?:[\"'][\w.-]*?(?:{NAMES_OF_ENTRIES})[\"'][ \t]*:[ \t]*|"
    rf"[\w.-]*?(?:{NAMES_OF_ENTRIES})[ \t]*:[ \t]+))(?!{NOTHING})"
    rf"(?P<value>{QUOTED}|\S[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
"""A line of YAML, or a member of JSON and of what Python prints of a mapping."""
SAID = re.compile(
    rf"(?P<before>(?<![\w/.-])[\w.-]*?(?:{NAMES})[\"']?:[ \t]+)(?!{NOTHING})(?P<value>\S+)", re.IGNORECASE
)
LITERAL = re.compile(
    rf"(?P<before>(?<!\w)\w*?(?:{NAMES_OF_ENTRIES})[\"']?\]?\s*[:=]\s*)(?!{NOTHING})(?![\"'][<\[{{])(?P<value>{QUOTED})",
    re.IGNORECASE,
)
"""A secret that is written in Python, where values without quotes are names, and `<unk>` is a token of a language."""
OPTION = re.compile(
    rf"(?P<before>(?<!\S)--[\w-]*?(?:{NAMES_OF_ENTRIES})[ \t]+|\bcurl\b[^\n|;]*? (?:-u|--user)[ =]?(?=[^\s:/]+:)"
    rf"|\bmachine[ \t]+\S+\s+login[ \t]+\S+\s+password[ \t]+)(?!{NOTHING})(?P<value>{QUOTED}|\S+)",
    re.IGNORECASE,
)
"""On a command line, or in `.netrc`."""
COMMENT = re.compile(
    rf"(?P<before>\#[^\n]*?(?:{NAMES})[\"']?[ \t]*[:=][ \t]*)(?!{NOTHING})(?P<value>(?=\S*\d)[^\s\"'#]\S{{5,}})",
    re.IGNORECASE,
)
"""A secret in a comment of Python: one word, with a digit, since a comment is a sentence more often."""
HEADER = re.compile(
    # What an ethics committee gives is an authorization too.
    r"(?P<before>\b(?:(?:proxy-)?authorization|x-api-key|x-auth-token|(?:set-)?cookie)[\"']?\s*[:=]\s*[\"']?)"
    r"(?P<value>(?:bearer|basic|digest|token|negotiate|apikey|aws4[\w-]*)[ \t][^\"'\r\n]+|[^\s\"'=;]+=[^\"'\r\n]+"
    r"|[^\s\"']{8,}(?=[\"']|\s*$))",
    re.IGNORECASE | re.MULTILINE,
)
SCHEME_OF_HEADER = re.compile(r"(?P<before>\b(?:bearer|basic)\s+)(?P<value>[A-Za-z0-9._~+/=-]{16,})", re.IGNORECASE)
SHAPES = re.compile(
    r"(?P<before>)(?P<value>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[opusr]_\w{30,}|\bgithub_pat_\w{20,}|\bgl(?:pat|rt|dt|ptt)-[\w-]{20,}|\bhf_[A-Za-z0-9]{30,}|\bdapi[0-9a-f]{32}\b"
    r"|\bxox[abeprs]-[\w-]{10,}|\bxapp-\d-[\w-]{20,}|(?<=hooks\.slack\.com/services/)[\w/]{20,}"
    r"|\bsk-(?=[\w-]*\d)[\w-]{32,}|\bsk_live_\w{16,}|\bAIza[\w-]{35}|\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[\w-]{50,}"
    r"|\bdckr_pat_[\w-]{20,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))"
)
"""Keys that are known by their look: of AWS, GitHub, GitLab, Hugging Face, Databricks, Slack, Google, package indexes,
JSON web tokens, PEM."""
IN_TEXT = (QUERY, HEADER, SETTING, ENTRY, SAID, OPTION)
IN_CODE = (QUERY, LITERAL, COMMENT)
NAMED = re.compile(
    r"pass|pwd?|kennwort|contraseña|curl|secret|credential|key|token|auth|sig|code|jwt|cookie", re.IGNORECASE
)
"""One of which every pattern above needs: most texts have none."""


def without_secrets(text: str, *, is_code: bool = False) -> str:
    """Return a text with every secret in it masked; a text without secrets comes back as it is.

    Args:
        text: Of any kind: a message, an address, YAML, JSON, a command line, a traceback.
        is_code: Whether it is Python, where `token=token` hands on a name and tells nothing.

    Returns:
        The text with `***` for users with their passwords, keys, tokens.

    >>> without_secrets("postgresql+psycopg://{}@db/mlflow is closed".format("ann:p@ss/w:rd"))
    'postgresql+psycopg://***@db/mlflow is closed'
    >>> without_secrets("GET https://host/api?run=5&{}=abc".format("token"))
    'GET https://host/api?run=5&token=***'
    """
    masked = SHAPES.sub(_masked, SCHEME_OF_HEADER.sub(_masked, ADDRESS.sub(_without_user, text)))
    masked = masked if is_code else BARE_ADDRESS.sub(_masked, masked)
    if NAMED.search(masked):
        for pattern in IN_CODE if is_code else IN_TEXT:
            masked = pattern.sub(_masked, masked)
    return masked


def has_secret(text: str, *, is_code: bool = False) -> bool:
    """Tell whether a text holds something that `without_secrets` masks."""
    return without_secrets(text, is_code=is_code) != text


def is_ambiguous(address: str) -> bool:
    """Tell whether programs may take another part of an address for the password than a person means.

    They would print the rest of it, as the name of a host or as a port.

    Args:
        address: Of a server or database.

    Returns:
        Whether user or password hold a sign that is to be written as `%40`, `%2F`, `%3F` or `%23`.

    >>> [is_ambiguous("postgresql://{}@db/mlflow".format(user)) for user in ("ann:p@ss", "ann:p%40ss")]
    [True, False]
    """
    found = ADDRESS.search(address)
    if found is None:
        return False
    user, at, _ = found["rest"].rpartition("@")
    authority = _authority(found["rest"])
    is_user = bool(at) and ("@" in authority or ":" in authority)
    return is_user and any(sign in user for sign in "@/?# ")


def mask_output() -> None:
    """Mask what this process says from now on: records of every logger, warnings, and the traceback it may end with.

    Records are masked where they are made, so that handlers of other libraries, such as Hydra's, print them masked.
    """
    if getattr(logging.getLogRecordFactory(), "func", None) is not _masked_record:
        logging.setLogRecordFactory(functools.partial(_masked_record, logging.getLogRecordFactory()))
    warnings.formatwarning = functools.partial(_masked_warning, _plain(warnings.formatwarning))
    sys.excepthook = _end


def _masked_record(make: Any, *args: Any, **kwargs: Any) -> logging.LogRecord:
    record: logging.LogRecord = make(*args, **kwargs)
    try:
        said = record.getMessage()
    except (TypeError, ValueError):
        # The handler says that arguments do not fit.
        return record
    if has_secret(said):
        record.msg, record.args = without_secrets(said), ()
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = without_secrets("".join(traceback.format_exception(*record.exc_info)).rstrip())
    return record


def _masked_warning(form: Any, *args: Any, **kwargs: Any) -> str:
    return without_secrets(form(*args, **kwargs))


def _plain(form: Any) -> Any:
    return form.args[0] if getattr(form, "func", None) is _masked_warning else form


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(without_secrets("".join(traceback.format_exception(kind, error, trace))))


def _without_user(found: re.Match[str]) -> str:
    user, at, host = found["rest"].rpartition("@")
    authority = _authority(found["rest"])
    # Without both signs an `@` belongs to a path, such as that of a package.
    if not (at and user) or not ("@" in authority or ":" in authority):
        return found[0]
    # A name alone tells nothing, but to web servers it may be a token.
    if PLACEHOLDER.fullmatch(user):
        return found[0]
    is_web = found.string[max(0, found.start() - len(WEB[1])) : found.start()].lower().endswith(WEB)
    return found[0] if not is_web and re.fullmatch(r"[\w.-]+", user) else f"{found['before']}{MASK}@{host}"


def _authority(rest: str) -> str:
    return re.split(r"[/?#]", rest, maxsplit=1)[0]


def _masked(found: re.Match[str]) -> str:
    value = found["value"]
    if value.strip(" \"'") == MASK:
        return found[0]
    quote = value[0] if value[0] in "\"'" and value[-1] == value[0] and len(value) > 1 else ""
    # YAML takes a bare asterisk for an alias.
    quote = quote or ('"' if found.re is ENTRY else "")
    return f"{found['before']}{quote}{MASK}{quote}"
