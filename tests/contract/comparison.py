"""What is compared of every answer, for random_calls.py and random_conversations.py."""

import http.client
import json
import random
import re
import sys
import time

import harness

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
VISIBLE = re.compile(r"[!-~]{1,128}")


class Difference(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Difference(what)


class Comparison:
    """A server and a model that are asked the same. A subclass has `expected(request, answer)`,
    the (status, body) of the model; `got(answer)`, the body to hold against it; `token(request)`;
    and `made(body)`, the id and the place of what a 201 has made, id None where it has none."""

    def __init__(self, client, calls):
        self.client, self.calls = client, calls
        self.ids, self.counts, self.not_found = set(), {}, {}

    def step(self):
        self.ask(self.calls.next())

    def ask(self, request):
        headers = dict(request.headers)
        if request.who:
            headers["Authorization"] = "Bearer " + self.token(request)
        try:
            answer = self.client.call(request.method, request.target, headers, request.body)
        except (OSError, http.client.HTTPException) as error:
            print(f"\nno answer: {error!r}\n  {describe(request)}")
            raise Difference("an answer expected") from error
        expected = self.expected(request, answer)
        try:
            self.compare(request, answer, *expected)
        except Difference as difference:
            show(difference, request, answer, expected)
            raise
        key = (request.method, expected[0])
        self.counts[key] = self.counts.get(key, 0) + 1
        return expected

    def compare(self, request, answer, status, body):
        expect(answer.status == status, f"status {status} expected")
        self.compare_headers(request, answer, status, body)
        if request.method == "HEAD":
            expect(answer.data == b"", "no body expected")
        elif status >= 400:
            self.compare_error(request, answer, body)
        else:
            expect(self.got(answer) == body, "another body expected")
            expect(status != 201 or self.is_fresh(self.made(body)[0]), "a fresh id expected")

    def compare_error(self, request, answer, body):
        got = answer.json()
        expect(isinstance(got, dict) and set(got) == {"success", "error"}
               and got["success"] is False, "an error body expected")
        error = got["error"]
        details = error.get("details", [])
        expect(error["code"] == body["code"], "another code expected")
        expect(error["message"], "a message expected")
        expect(error["request_id"] == answer.headers["X-Request-Id"], "the request id expected")
        expect(all(detail["message"] for detail in details), "a message for each field expected")
        expect("details" not in error or details, "no empty details expected")
        if "strangers" in body:
            expect([(detail["field"], detail["message"]) for detail in details]
                   == [("message_ids", each) for each in body["strangers"]],
                   "other strangers expected")
        else:
            expect(sorted(detail["field"] for detail in details) == body["fields"],
                   "other fields expected")
        if "contact_id" in body:
            expect(details[0].get("contact_id") == body["contact_id"], "another holder expected")
        if body["code"] == "NOT_FOUND":  # whoever asks for whatever: one and the same body
            kind = body.get("missing", request.target.partition("?")[0].count("/"))
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
            expect(answer.headers["Location"] == self.made(body)[1], "a Location expected")
        if status == 401:
            expect(answer.headers["WWW-Authenticate"] == "Bearer", "WWW-Authenticate expected")
        if status == 405:
            expect(sorted(answer.headers["Allow"].split(", ")) == body["allow"],
                   "another Allow expected")

    def is_fresh(self, made):
        """Whether it is a new id that holds a UUID of version 7. None: there is none to judge."""
        fresh = made is None or (made not in self.ids
                                 and UUID7.fullmatch(made.rpartition("_")[2]))
        self.ids.add(made)
        return fresh


def describe(request):
    return (f"{request.who} {request.method} {request.target}\n  headers {request.headers}"
            f"\n  body {request.body!r:.2000}")


def show(difference, request, answer, expected):
    print(f"\ndifference: {difference}")
    print(f"  {describe(request)}")
    print(f"  the server: {answer.status} {dict(answer.headers)}\n    {answer.data!r:.4000}")
    text = json.dumps(expected[1], default=repr).encode()
    print(f"  the model:  {expected[0]}\n    {text!r:.4000}")


def run(description, calls, compare_with, **settings):
    """The whole of such a script: `calls` by default, compared by `compare_with(client, random)`
    on a server of these settings."""
    parser = harness.options(description)
    parser.add_argument("--calls", type=int, default=calls)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with harness.running(options.server, options.postgresql, **settings) as server:
        comparison = compare_with(harness.Client(server.port), random.Random(options.seed))
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
