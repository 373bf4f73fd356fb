#!/usr/bin/env python3
"""Puts naughty strings into every text field: each comes back as the contract trims it, or is 400.

What is to happen is asked of the second implementation; beside it every text is put before the
`@` of an e-mail address, which comes back or is 400, and everything stored is searched for.

    naughty_strings.py --server build/release/apps/lvng-server/lvng-server
"""

import json
import sys
import urllib.parse

import harness
from naughty_list import naughty
from second import text
from second.model import Clues, Model
from second.requests import Request

FIELDS = ["name", "company", "title", "phone", "tags", "notes"]
WHO = ("acme", "usr_naughty")


class Check:
    def __init__(self, client):
        self.client, self.model = client, Model()
        self.bearer = harness.token(WHO[1], WHO[0])
        self.calls, self.failures = 0, 0

    def call(self, method, target, fields=None):
        """The answer, compared with the model's; its contact, where there is one."""
        body = None if fields is None else json.dumps(fields).encode()
        media = {"Content-Type": "application/json"} if fields is not None else {}
        answer = self.client.call(method, target, {"Authorization": f"Bearer {self.bearer}",
                                                   **media}, body)
        self.calls += 1
        contact = (answer.json() or {}).get("contact") or {}
        clues = Clues(contact.get("id"), contact.get("updated_at"))
        status, expected = self.model.answer(Request(WHO, method, target, media, body), clues)
        got = answer.json() or {}
        if status >= 400:
            error = got.get("error", {})
            got = {"code": error.get("code"),
                   "fields": [each["field"] for each in error.get("details", [])]}
        if answer.status != status or got != expected:
            self.fail(f"{method} {target:.200} {fields!r:.300}", answer,
                      f"{status} {expected!r:.300}")
        return contact

    def fail(self, what, answer, expected):
        self.failures += 1
        print(f"{what}\n  answer   {answer.status} {answer.data!r:.300}\n  expected {expected}")

    def field(self, field, string):
        contact = self.call("POST", harness.BASE, {"name": "Jane",
                                                   field: [string] if field == "tags" else string})
        if contact:
            self.call("GET", f"{harness.BASE}/{contact['id']}")

    def searches(self, string):
        # The request line has a limit of its own, which the longest texts would meet first.
        if "\0" not in string and len(string) <= 600:
            for parameter in ("search", "company", "tags"):
                query = urllib.parse.urlencode({parameter: string}, quote_via=urllib.parse.quote)
                self.call("GET", f"{harness.BASE}?limit=1&{query}")

    def local_part(self, string):
        given = f"{string}@naughty.example"
        answer = self.client.post(self.bearer, json.dumps({"name": "Jane",
                                                           "email": given}).encode())
        self.calls += 1
        body = answer.json() or {}
        contact, error = body.get("contact"), body.get("error")
        if answer.status == 201 and contact["email"] == text.trim(given):
            self.client.call("DELETE", f"{harness.BASE}/{contact['id']}",
                             {"Authorization": f"Bearer {self.bearer}"})
        elif answer.status != 400 or [each["field"] for each in error["details"]] != ["email"]:
            self.fail(f"email {given!r:.200}", answer, "the same back, or 400 naming email")


def main():
    parser = harness.options(__doc__.splitlines()[0])
    options = parser.parse_args()
    strings = naughty()
    with harness.running(options.server, options.postgresql) as server:
        check = Check(harness.Client(server.port))
        for string in strings:
            for field in FIELDS:
                check.field(field, string)
            check.local_part(string)
        for string in strings:
            check.searches(string)
    print(f"{len(strings)} strings, {check.calls} calls, {check.failures} failures")
    sys.exit(check.failures > 0)


if __name__ == "__main__":
    main()
