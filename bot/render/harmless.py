"""Text from outside as Discord may show it: nothing hidden in it, nothing that acts.

What can go wrong: a model quotes a page that holds `@everyone`, an invite, a link behind friendly
words, letters that cannot be seen. Delivery forbids mentions and unfurling as well; here the text
itself is made to be text, so that neither mistake alone reaches a person.

Everything passes `visible` and then exactly one of `escaped` (prose), `in_code` (inline code),
`in_fence` (code blocks) and `address` (links): nothing else may be put into a message.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.render.layout import clean

BREAK = "\u200b"
"""Between two characters that would act together; shown as nothing."""
MOST_MARKS = 4
"""Accents on one letter: no script needs more, and more paint over the lines around."""
LONGEST_ADDRESS = 1_000

_HIDDEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e0fff]"
)
# Joiners shape Arabic and Indic letters and join emoji; between Latin letters they only hide.
_JOINERS = re.compile(
    "(?<![^\x00-\u02ff])[\u200c\u200d]+|([\u200c\u200d])[\u200c\u200d]*(?=[^\x00-\u02ff\u200c\u200d])"
    "|[\u200c\u200d]"
)
_TAGS = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f)|[\U000e0000-\U000e007f]"
)  # Of the tag letters only those that make a flag: others smuggle text.
_SELECTORS = re.compile(
    "(?<![^\x00-\x22\x24-\x29\x2b-\x2f\x3a-\x7f])[\ufe00-\ufe0f]+|([\ufe00-\ufe0f])[\ufe00-\ufe0f]*"
)

_MARKABLE = re.compile(
    "[^\x00-\u02ff\u0370-\u0482\u1e00-\u20cf\u2100-\u2cee\u3000-\u3029\u3030-\u3098"
    "\u309b-\ua66e\uac00-\ud7a3\uff00-\uffef\U0001f000-\U0001faff\U00020000-\U0003ffff]"
)
"""What may be an accent that stands over the letter before it; most scripts have none here."""
_ADDRESS = re.compile(r"[hH][tT][tT][pP][sS]?://[^\s<>]+")
_FRONT = re.compile(r"[^/]*//[^/?#]*")
_OTHER_PORT = re.compile(r":(?:0\d*)?$")
"""A port that is none, or would be written otherwise."""
_TRAILING = re.compile(r"[.,:;!?'\"\]}*_~|`\\]+$")
_MARKUP = re.compile(r"([\\*_~`|\[\]<])")
_ACTS = re.compile(r"(?i)\\<(?=@[!&]?\d|#\d|a?:\w+:\d|t:-?\d|/[^>\n]+:\d|id:|[a-z.+-]+:)")
_CALLS = re.compile(r"(?i)@(?=everyone|here)|(?<!\w)@(?=[\w!&])")
_CALLED = re.compile(r"(?i)@(?=everyone|here)|<(?=@[!&]?\d|#\d)")
_SCHEMES = re.compile(r"(?i)(https?|steam|discord):(?=//)")
_GATES = re.compile(r"(?i)(discord(?:app)?|dsc|invite)\.(?=(?:gg|gift|new|com)\b)")
_SHORTCODE = re.compile(r":(?=[a-z][\w+-]*:)")
_ACTING = re.compile(r"(?i)[\\*_~`|\[\]<@:]|(?:discord(?:app)?|dsc|invite)\.")
"""One of these is in whatever `_plain` has to change, but for the start of a line."""
_LINE_START = re.compile(r">|(?:#{1,3}|-#?)(?=\s|$)")
_NUMBERED = re.compile(r"(\d+)([.)])")
_ACTING_HOSTS = re.compile(
    r"(?:.*\.)?(?:discord\.(?:gg|gift|new|me|io)|dsc\.gg|invite\.gg|discord(?:app)?\.com)\.?"
)
_READING = re.compile(r"/(?:developers|safety|blog|company|terms|privacy|guidelines)(?:/|$)")


def visible(text: str) -> str:
    """`text` without what cannot be seen or paints over its surroundings; every letter of every
    script stays, also of those written from the right."""
    text = clean(text)
    if text.isascii():
        return text
    text = _TAGS.sub(r"\1", _HIDDEN.sub("", text))
    return _few_marks(_SELECTORS.sub(r"\1", _JOINERS.sub(r"\1", text)))


def _few_marks(text: str) -> str:
    if not _MARKABLE.search(text):
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def escaped(text: str, *, line_start: bool = False) -> str:
    """Prose: markup shows itself, addresses are bare and not unfurled, nobody is called.

    `text` is whole up to where other markup follows: cut in two and put together again it could
    act across the seam.
    """
    if line_start:
        text = text.lstrip()
    out, at = [], 0
    for begin, end, shown in addresses(text):
        if shown is not None:
            out += [_plain(text[at:begin], line_start and not at), f"<{shown}>"]
            at = end
    out.append(_plain(text[at:], line_start and not at))
    return "".join(out)


def addresses(text: str) -> Iterator[tuple[int, int, str | None]]:
    """Where addresses stand in `text`, and each as `address` lets it be shown."""
    for found in _ADDRESS.finditer(text):
        link = _trimmed(found[0])
        if not _FRONT.match(link)[0].isascii():  # type: ignore[index]
            # Where words have no spaces between, the sentence goes on right behind the host.
            link = _trimmed(re.match(r"[!-~]+", link)[0])  # type: ignore[index]
        yield found.start(), found.start() + len(link), address(link)


def bare(text: str) -> str:
    """A title or label: where Discord makes no links of addresses, they stay just text."""
    return _plain(text, False)


def _plain(text: str, line_start: bool) -> str:
    if _ACTING.search(text):
        text = _ACTS.sub(rf"\\<{BREAK}", _MARKUP.sub(r"\\\1", text))
        text = _CALLS.sub(f"@{BREAK}", text)
        text = _SCHEMES.sub(rf"\1:{BREAK}", text)
        text = _GATES.sub(rf"\1{BREAK}.", text)
        text = _SHORTCODE.sub(r"\:", text)
    if line_start:
        text = _NUMBERED.sub(r"\1\\\2", text, count=1) if _NUMBERED.match(text) else text
        text = "\\" + text if _LINE_START.match(text) else text
    return text


def _trimmed(link: str) -> str:
    """Without the punctuation of the sentence it stands in."""
    while True:
        link = _TRAILING.sub("", link)
        if not link.endswith(")") or link.count("(") >= link.count(")"):
            return link
        link = link[:-1]


def address(link: str) -> str | None:
    """`link` as it may stand between angle brackets; None when it is not one to be followed by a
    tap: not http, with a user's name before the host (`https://bank.example@evil.example`), or
    one on which Discord itself acts, like an invite. Its host is in ASCII, so that letters that
    look alike look different."""
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if _OTHER_PORT.search(parts.netloc) is not None:
        return None
    if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(r"[A-Za-z0-9.:-]+", host):
        return None
    if "@" in parts.netloc or (
        "." not in host.strip(".") and ":" not in host and host != "localhost"
    ):
        return None
    if _ACTING_HOSTS.fullmatch(host) and not _READING.match(parts.path):
        return None
    where = f"[{host}]" if ":" in host else host
    rest = link.partition("://")[2][len(parts.netloc) :]
    if _GATES.search(rest):
        return None
    made = f"{parts.scheme.lower()}://{where}{f':{port}' if port else ''}{_encoded(rest)}"
    return made if len(made) <= LONGEST_ADDRESS else None


def _encoded(rest: str) -> str:
    bad = '`<>"|\\^*~@{}[] '
    return "".join(f"%{ord(c):02X}" if c in bad else c for c in rest)


def host(link: str) -> str:
    """The host of what `address` returned."""
    return urlsplit(link).hostname or ""


def in_code(text: str) -> str:
    """Inline code. Three backticks would open a block even inside it, and whether the service
    looks for calls in it is not said."""
    text = _CALLED.sub(rf"\g<0>{BREAK}", " ".join(text.split("\n")))
    while "``" in text:
        text = text.replace("``", f"`{BREAK}`")
    if not text.strip():
        return f"`{text or ' '}`"
    if "`" not in text:
        return f"`{text}`"
    front = " " if text.startswith("`") else ""
    back = " " if text.endswith("`") else ""
    return f"``{front}{text}{back}``"


def in_fence(code: str) -> str:
    """The inside of a code block, which three backticks in it would end."""
    while "``" in code:
        code = code.replace("``", f"`{BREAK}`")
    return code if code.strip() else " "
