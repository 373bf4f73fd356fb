#!/usr/bin/env python3
"""Compares lvng-server with a second implementation of the contract, call by call.

    random_calls.py --server build/release/apps/lvng-server/lvng-server [--calls 3000] [--seed N]
"""

import http.client
import json
import random
import re
import sys
import time

import harness
from calls import Calls
from second.model import Clues, Model

PEOPLE = [("acme", "usr_ana"), ("acme", "usr_bob"), ("globex", "usr_ana"), ("default", "usr_bob")]
FRESH_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.A)
VISIBLE = re.compile(r"[!-~]{1,128}")


class Difference(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Difference(what)


class Comparison:
    def __init__(self, client, seed):
        self.client, self.model = client, Model()
        self.calls = Calls(random.Random(seed), self.model, PEOPLE)
        # The last person's tenant is the one of tokens without an organisation.
        self.tokens = {(tenant, user): harness.token(user, None if tenant == "default" else tenant)
                       for tenant, user in PEOPLE}
        self.ids, self.counts, self.not_found = set(), {}, {}

    def step(self):
        request = self.calls.next()
        headers = dict(request.headers)
        if request.who:
            headers["Authorization"] = "Bearer " + self.tokens[request.who]
        try:
            answer = self.client.call(request.method, request.target, headers, request.body)
        except (OSError, http.client.HTTPException) as error:
            print(f"\nno answer: {error!r}\n  {describe(request)}")
            raise Difference("an answer expected") from error
        before = self.last_change(request)
        clues = self.clues(request, answer)
        expected = self.model.answer(request, clues)
        try:
            self.compare(request, answer, *expected)
            self.compare_times(request, answer, clues.changed and before)
        except Difference as difference:
            show(difference, request, answer, expected)
            raise
        key = (request.method, expected[0])
        self.counts[key] = self.counts.get(key, 0) + 1

    def clues(self, request, answer):
        body = request.method != "HEAD" and answer.json()
        contact = body.get("contact") if isinstance(body, dict) else None
        if not isinstance(contact, dict):
            return Clues()
        return Clues(contact.get("id"), contact.get("updated_at"))

    def compare(self, request, answer, status, body):
        expect(answer.status == status, f"status {status} expected")
        self.compare_headers(request, answer, status, body)
        if request.method == "HEAD":
            expect(answer.data == b"", "no body expected")
            return
        got = answer.json()
        if status < 400:
            expect(got == body, "another body expected")
            expect(status != 201 or self.is_fresh(got["contact"]["id"]), "a fresh id expected")
            return
        expect(set(got) == {"success", "error"} and got["success"] is False,
               "an error body expected")
        error = got["error"]
        details = error.get("details", [])
        expect(error["code"] == body["code"], "another code expected")
        expect(error["message"], "a message expected")
        expect(error["request_id"] == answer.headers["X-Request-Id"], "the request id expected")
        expect(sorted(detail["field"] for detail in details) == body["fields"],
               "other fields expected")
        expect(all(detail["message"] for detail in details), "a message for each field expected")
        expect("details" not in error or details, "no empty details expected")
        if "contact_id" in body:
            expect(details[0].get("contact_id") == body["contact_id"], "another holder expected")
        if status == 404:  # whoever asks for whatever: one and the same body
            kind = request.target.partition("?")[0].count("/")
            expect(self.not_found.setdefault(kind, error["message"]) == error["message"],
                   "the message of every other 404 expected")

    def compare_headers(self, request, answer, status, body):
        given = request.headers.get("X-Request-Id", "")
        made = answer.headers["X-Request-Id"]
        if VISIBLE.fullmatch(given):
            expect(made == given, "the given request id expected")
        else:
            expect(made and VISIBLE.fullmatch(made) and made != given, "a new request id expected")
        expect(answer.headers["Content-Type"].split(";")[0] == "application/json", "JSON expected")
        if status == 201:
            expect(answer.headers["Location"] == harness.BASE + "/" + body["contact"]["id"],
                   "a Location expected")
        if status == 401:
            expect(answer.headers["WWW-Authenticate"] == "Bearer", "WWW-Authenticate expected")
        if status == 405:
            expect(sorted(answer.headers["Allow"].split(", ")) == body["allow"],
                   "another Allow expected")

    def is_fresh(self, contact_id):
        fresh = FRESH_ID.fullmatch(contact_id) and contact_id not in self.ids
        self.ids.add(contact_id)
        return fresh

    def last_change(self, request):
        """When the contact that the path names was changed last."""
        wanted = request.target.rpartition("/")[2].lower()
        for contact in self.model.books.get(request.who, []):
            if contact["id"] == wanted:
                return contact["updated_at"]
        return ""

    def compare_times(self, request, answer, before):
        """`before` is the time before a change, or false where nothing was to change: equal
        bodies have shown then that the old time stands."""
        if answer.status in (200, 201) and request.method in ("POST", "PUT"):
            contact = answer.json()["contact"]
            expect(TIMESTAMP.fullmatch(contact["created_at"]), "a time expected")
            expect(TIMESTAMP.fullmatch(contact["updated_at"]), "a time expected")
            expect(not before or contact["updated_at"] > before, "a later time expected")


def describe(request):
    return (f"{request.who} {request.method} {request.target}\n  headers {request.headers}"
            f"\n  body {request.body!r:.2000}")


def show(difference, request, answer, expected):
    print(f"\ndifference: {difference}")
    print(f"  {describe(request)}")
    print(f"  the server: {answer.status} {dict(answer.headers)}\n    {answer.data!r:.4000}")
    print(f"  the model:  {expected[0]}\n    {json.dumps(expected[1]).encode()!r:.4000}")


def main():
    parser = harness.options(__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with harness.running(options.server, options.postgresql) as server:
        comparison = Comparison(harness.Client(server.port), options.seed)
        started = time.monotonic()
        for number in range(options.calls):
            try:
                comparison.step()
            except Difference:
                sys.exit(f"call {number + 1} differs; again with --seed {options.seed}")
        seconds = time.monotonic() - started
    for (method, status), count in sorted(comparison.counts.items()):
        print(f"  {method} {status}: {count}")
    print(f"{options.calls} calls equal in {seconds:.1f} s")


if __name__ == "__main__":
    main()
