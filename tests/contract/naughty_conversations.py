#!/usr/bin/env python3
"""Puts naughty strings into every text of a conversation, and compares with what the second
implementation of the contract makes of them.

    naughty_conversations.py --server build/release/apps/lvng-server/lvng-server
"""

import random

import harness
from any_calls import quote
from comparison import Difference
from naughty_list import naughty
from random_conversations import OfConversations
from second import text
from second.conversations import BASE
from second.requests import Request

WHO = ("acme", "usr_naughty")


def with_body(method, target, fields):
    return Request(WHO, method, target, {"Content-Type": "application/json"},
                   text.compact(fields).encode())


def requests(room, string):
    yield with_body("PATCH", room, {"name": string})
    yield with_body("PATCH", room, {"description": string, "settings": {string: [string]}})
    yield with_body("POST", room + "/messages", {"content": string, "metadata": {string: string}})
    yield with_body("POST", BASE, {"conversation_type": "direct", "member_ids": [string],
                                   "member_types": {string: "twin"}, "project_id": string})
    # The request line has a limit of its own, which the longest texts would meet first.
    if len(string) <= 600:
        if string:
            yield Request(WHO, "DELETE", f"{room}/members/{quote(string)}")
        yield Request(WHO, "GET", f"{room}/messages?limit=1&search={quote(string)}")


def read_all(comparison, room):
    """Goes through all messages as they are stored; returns how many calls that took."""
    calls, cursor = 0, ""
    while cursor is not None:
        calls += 1
        target = f"{room}/messages?direction=newer&limit=200&cursor={cursor}"
        cursor = comparison.ask(Request(WHO, "GET", target))[1]["pagination"]["cursor"]
    return calls


def main():
    parser = harness.options(__doc__.split("\n\n", maxsplit=1)[0])
    options = parser.parse_args()
    strings, calls, failures = naughty(), 0, 0
    with harness.running(options.server, options.postgresql) as server:
        comparison = OfConversations(harness.Client(server.port), random.Random(0))
        _, opened = comparison.ask(with_body("POST", BASE, {"conversation_type": "group",
                                                            "member_ids": ["usr_bob"]}))
        room = f"{BASE}/{opened['data']['id']}"
        for string in strings:
            for request in requests(room, string):
                calls += 1
                try:
                    comparison.ask(request)
                except Difference:
                    failures += 1
        calls += read_all(comparison, room)
    print(f"{len(strings)} strings, {calls} calls, {failures} failures")
    raise SystemExit(failures > 0)


if __name__ == "__main__":
    main()
