"""Unicode, e-mail and JSON as the contract defines them. Naive on purpose: right before fast."""

import functools
import json
import unicodedata

# Code points with the property White_Space. str.strip() takes U+001C to U+001F too.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + (
    "\u2028\u2029\u202f\u205f\u3000")


def trim(text):
    return text.strip(WHITE_SPACE)


@functools.cache
def fold(text):
    """What texts are compared by: NFKC, then full case folding."""
    return unicodedata.normalize("NFKC", text).casefold()


def has_control(text):
    return any(unicodedata.category(c) == "Cc" for c in text)


ATEXT = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~")


def is_local_part(text):
    return (0 < len(text.encode()) <= 64
            and all(atom and all(c in ATEXT or ord(c) > 0x9F for c in atom)
                    for atom in text.split(".")))


def ascii_label(label):
    """A label as UTS #46 maps it, for letters whose mapping is NFKC and lower case."""
    mapped = unicodedata.normalize("NFKC", label)
    # Non-transitional: sharp s and final sigma stay themselves.
    mapped = "".join(c if c in "ßς" else c.lower() for c in mapped)
    if mapped.isascii():
        return mapped
    return "xn--" + mapped.encode("punycode").decode()


@functools.cache
def email_key(text):
    """The identity key of an address, or None for a text that is none.

    Python's standard library has IDNA 2003 alone, so callers keep to domains that are clear:
    plain letters of one script, digits and hyphens."""
    local, at, domain = text.rpartition("@")
    if not at or "@" in local or not is_local_part(local):
        return None
    labels = [ascii_label(part) for part in domain.replace("。", ".").split(".")]
    ldh = set("abcdefghijklmnopqrstuvwxyz0123456789-")
    if len(labels) < 2 or sum(len(label) + 1 for label in labels) - 1 > 253:
        return None
    for label in labels:
        if not 0 < len(label) <= 63 or not set(label) <= ldh:
            return None
        if label.startswith("-") or label.endswith("-"):
            return None
    return local.lower() + "@" + ".".join(labels)


class BadJson(Exception):
    pass


class Number:
    """A JSON number as it was written: `1`, `1.0` and true are three things."""

    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return isinstance(other, Number) and self.text == other.text

    def __hash__(self):
        return hash(self.text)

    def __repr__(self):
        return self.text


def parse_object(body):
    """The body as a dict, or BadJson."""

    def members(pairs):
        if len({key for key, _ in pairs}) != len(pairs):
            raise BadJson("duplicate key")
        if len(pairs) > 1000:
            raise BadJson("too many members")
        return dict(pairs)

    def refuse(constant):
        raise BadJson(constant)

    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=members, parse_int=Number,
                           parse_float=Number, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise BadJson(str(error)) from error
    if not isinstance(value, dict):
        raise BadJson("no object")
    check(value, 1)
    return value


def check(value, level):
    """Refuses U+0000, lone surrogates and more than 32 levels."""
    if isinstance(value, str):
        if any(c == "\0" or 0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise BadJson("character")
    elif isinstance(value, (dict, list)):
        if level > 32:
            raise BadJson("depth")
        for part in value if isinstance(value, list) else [*value.keys(), *value.values()]:
            check(part, level + 1)


def exact(value):
    """The same value with each integer as a `Number`, to be compared with `parse`."""
    if isinstance(value, dict):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return Number(str(value)) if isinstance(value, int) and not isinstance(value, bool) else value


def parse(body):
    """Any JSON value, numbers as they are written; None where it is no JSON."""
    try:
        return json.loads(body, parse_int=Number, parse_float=Number)
    except ValueError:
        return None


def compact(value, ascii_only=False):
    """JSON text without white space."""
    if isinstance(value, dict):
        return "{" + ",".join(compact(key, ascii_only) + ":" + compact(part, ascii_only)
                              for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(compact(part, ascii_only) for part in value) + "]"
    return value.text if isinstance(value, Number) else json.dumps(value, ensure_ascii=ascii_only)
