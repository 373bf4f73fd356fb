"""What the routes of contacts and of conversations share: requests, refusals, query parameters."""

import re
import urllib.parse

from . import text

JSON_TYPE = re.compile(r'application/json\s*(;\s*charset\s*=\s*("utf-8"|utf-8)\s*)?', re.I)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
OPAQUE_ID = re.compile(r"[!-~]{1,128}")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.A)


class Refused(Exception):
    """An error answer: status, code, names of the bad fields, and what else is to be in it."""

    def __init__(self, status, code, fields=(), **more):
        super().__init__(code)
        self.status, self.code, self.fields, self.more = status, code, sorted(set(fields)), more

    def answer(self):
        return self.status, {"code": self.code, "fields": self.fields, **self.more}


def invalid(fields):
    return Refused(400, "VALIDATION_ERROR", fields)


class Request:
    def __init__(self, who, method, target, headers=None, body=None):
        self.who = who  # (tenant, user), or None for no credential that holds
        self.method, self.target = method, target
        self.headers, self.body = headers or {}, body

    def fields(self):
        """The members of the body."""
        if not JSON_TYPE.fullmatch(self.headers.get("Content-Type", "").strip()):
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE")
        try:
            return text.parse_object(self.body)
        except text.BadJson as error:
            raise Refused(400, "INVALID_JSON") from error


def is_text(data):
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


class Query:
    """The known parameters of a query; `check` refuses all bad ones at once. An unknown one is
    ignored, but must be text as well."""

    def __init__(self, query, names):
        pairs = [tuple(urllib.parse.unquote_to_bytes(part.replace("+", " "))
                       for part in pair.partition("=")[::2])
                 for pair in query.split("&") if pair]
        self.given = {}
        self.bad = [key.decode() for key, value in pairs if not is_text(value)]
        for name in names:
            values = [value for key, value in pairs if key == name.encode() and is_text(value)]
            if len(values) > 1:
                self.bad.append(name)
            if values:
                self.given[name] = values[0].decode()

    def text(self, name):
        return self.given.get(name, "")

    def number(self, name, default, low, high):
        digits = self.given.get(name, str(default))
        if not re.fullmatch("0|[1-9][0-9]{0,9}", digits, re.A) or not low <= int(digits) <= high:
            self.bad.append(name)
            return default
        return int(digits)

    def choice(self, name, values):
        """One of `values`, or None where it is absent."""
        if name in self.given and self.given[name] not in values:
            self.bad.append(name)
        return self.given.get(name)

    def check(self):
        if self.bad:
            raise invalid(self.bad)


class Window:
    """Between which two times something was done: RFC 3339, as the answers show them."""

    def __init__(self, first, last):
        self.first, self.last = first, last

    def check(self, at, after="", not_before=""):
        """The time `at` that an answer shows; a text that is none where it lies outside, or too
        early."""
        if isinstance(at, str) and TIMESTAMP.fullmatch(at) and self.first <= at <= self.last and (
                after < at >= not_before):
            return at
        return f"{self!r}, after {after!r}, not before {not_before!r}"

    def __repr__(self):
        return f"a time from {self.first} to {self.last}"
