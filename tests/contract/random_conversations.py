#!/usr/bin/env python3
"""Compares the conversations of lvng-server with a second implementation, call by call.

    random_conversations.py --server BINARY [--calls 3000] [--seed N] [--postgresql]
"""

import datetime

import harness
from any_calls import quote
from comparison import Comparison, run
from conversation_calls import ConversationCalls
from second import text
from second.conversations import BASE, Clues, Conversations
from second.requests import Request, Window

PEOPLE = [("acme", "usr_ana"), ("acme", "usr_bob"), ("acme", "usr_cid"), ("acme", "twn_ana"),
          ("acme", "agent-7"), ("globex", "usr_ana"), ("globex", "usr_bob")]
NAMES = [None, "Ana", "Ünal Öztürk", "👍🏽 \"quoted\""]
AGENT_RUN_LIMIT = 3


def now(later=0):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(milliseconds=later)
    return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


class OfConversations(Comparison):
    def __init__(self, client, random):
        self.model, self.random = Conversations(AGENT_RUN_LIMIT), random
        super().__init__(client, ConversationCalls(random, self.model, PEOPLE))
        self.tokens = {}

    def step(self):
        request = self.calls.next()
        if request.method in ("DELETE", "HEAD"):
            self.reveal_joins(request.target.lower())
        self.ask(request)

    def reveal_joins(self, target):
        """Whoever has stayed longest becomes admin, so a member can go only once it is known when
        all have come: a GET shows it."""
        for room in self.model.rooms:
            unknown = [each for each in room.members.values() if isinstance(each.joined_at, Window)]
            if room.shown["id"] in target and unknown:
                self.ask(Request((room.tenant, unknown[0].id), "GET",
                                 f"{BASE}/{room.shown['id']}"))

    def ask(self, request):
        self.asked, self.name = now(), self.random.choice(NAMES)
        self.path = request.target.lower()
        return super().ask(request)

    def token(self, request):
        key = (*request.who, self.name)
        if key not in self.tokens:
            named = {} if self.name is None else {"name": self.name}
            self.tokens[key] = harness.token(request.who[1], request.who[0], **named)
        return self.tokens[key]

    def expected(self, request, answer):
        body = self.got(answer) if request.method != "HEAD" else None
        # Two changes within one millisecond take two times all the same.
        clues = Clues(body.get("data") if isinstance(body, dict) else None,
                      Window(self.asked, now(later=1)))
        status, expected = self.model.answer(request, clues, self.name)
        return status, expected if status >= 400 else text.exact(expected)

    def got(self, answer):
        return text.parse(answer.data)

    def made(self, body):
        if "member_id" in body:
            return None, f"{self.path}/{quote(body['member_id'])}"
        data = body["data"]
        if "conversation_id" in data:
            return data["id"], f"{BASE}/{data['conversation_id']}/messages/{data['id']}"
        return data["id"], f"{BASE}/{data['id']}"


if __name__ == "__main__":
    run(__doc__.splitlines()[0], 3000, OfConversations,
        LVNG_AGENT_RUN_LIMIT=str(AGENT_RUN_LIMIT))
