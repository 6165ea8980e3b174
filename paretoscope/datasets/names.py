"""Names as people write them and as file systems keep them."""

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")


def composed(name: str) -> str:
    """The one spelling (Unicode NFC) under which names are compared; some file systems keep letter and accent apart."""
    return unicodedata.normalize("NFC", name)


def is_text(name: str) -> bool:
    """Whether a name can be written as UTF-8; names on disk are bytes and need not be."""
    return _SURROGATE.search(name) is None


def shown(name: object) -> str:
    """A name or path for people and JSON: bytes that are not UTF-8 appear as `\\xff`."""
    return _SURROGATE.sub(_escaped, str(name))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
