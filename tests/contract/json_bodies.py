#!/usr/bin/env python3
"""Posts JSON bodies, good, bad and odd, and checks what becomes of each.

A bad one is 400, a good one is stored and comes back code point for code point; nothing is a 5xx,
and every request gets an answer.

    json_bodies.py --server build/release/apps/lvng-server/lvng-server
"""

import sys

import harness
from json_cases import fields, fragments, wholes


class Check:
    def __init__(self, client):
        self.client, self.bearer = client, harness.token("usr_json", "acme")
        self.count, self.failures = 0, 0

    def post(self, body):
        self.count += 1
        return self.client.post(self.bearer, body)

    def fail(self, body, answer, what):
        self.failures += 1
        print(f"{what}\n  body   {body!r:.300}\n  answer {answer.status} {answer.data!r:.300}")

    def refused(self, body, code, named=None):
        answer = self.post(body)
        error = (answer.json() or {}).get("error", {})
        names = sorted(detail["field"] for detail in error.get("details", []))
        if answer.status != 400 or error.get("code") != code:
            self.fail(body, answer, f"400 {code} expected")
        elif named is not None and names != sorted(named):
            self.fail(body, answer, f"the fields {named} expected")

    def stored(self, body, expected):
        """`expected`: fields and their values, as the answer to the POST and a GET must show."""
        answer = self.post(body)
        contact = (answer.json() or {}).get("contact")
        if answer.status != 201 or not contact:
            return self.fail(body, answer, "201 expected")
        again = self.client.call("GET", f"{harness.BASE}/{contact['id']}",
                                 {"Authorization": f"Bearer {self.bearer}"})
        for given in (answer, again):
            shown = (given.json() or {}).get("contact") or {}
            different = {key: value for key, value in expected.items() if shown.get(key) != value}
            if different:
                return self.fail(body, given, f"{different!r:.300} expected")
        return None


def main():
    parser = harness.options(__doc__.splitlines()[0])
    options = parser.parse_args()
    with harness.running(options.server, options.postgresql) as server:
        check = Check(harness.Client(server.port))
        for fragment, meaning in fragments():
            body = b'{"name":"x","notes":' + fragment + b"}"
            if meaning is None:
                check.refused(body, "INVALID_JSON")
            elif isinstance(meaning, str):
                check.stored(body, {"notes": meaning})
            else:
                check.refused(body, "VALIDATION_ERROR", ["notes"])
        for body, meaning in wholes():
            if meaning is None:
                check.refused(body, "INVALID_JSON")
            else:
                check.stored(body, meaning)
        on_syntax = check.count
        for body, named, meaning in fields():
            if named:
                check.refused(body, "VALIDATION_ERROR", named)
            else:
                check.stored(body, meaning)
    print(f"{on_syntax} bodies on syntax and {check.count - on_syntax} on fields,"
          f" {check.failures} failures")
    sys.exit(check.failures > 0)


if __name__ == "__main__":
    main()
