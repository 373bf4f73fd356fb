#!/usr/bin/env python3
"""Compares the contacts of lvng-server with a second implementation of the contract, call by call.

    random_calls.py --server build/release/apps/lvng-server/lvng-server [--calls 3000] [--seed N]
"""

import harness
from calls import Calls
from comparison import Comparison, expect, run
from second.model import Clues, Model
from second.requests import TIMESTAMP

PEOPLE = [("acme", "usr_ana"), ("acme", "usr_bob"), ("globex", "usr_ana"), ("default", "usr_bob")]


class OfContacts(Comparison):
    def __init__(self, client, random):
        self.model = Model()
        super().__init__(client, Calls(random, self.model, PEOPLE))
        # The last person's tenant is the one of tokens without an organisation.
        self.tokens = {(tenant, user): harness.token(user, None if tenant == "default" else tenant)
                       for tenant, user in PEOPLE}
        self.before = False

    def token(self, request):
        return self.tokens[request.who]

    def expected(self, request, answer):
        last_change = self.last_change(request)
        clues = self.clues(request, answer)
        expected = self.model.answer(request, clues)
        # False where nothing was to change: equal bodies show then that the old time stands.
        self.before = clues.changed and last_change
        return expected

    def clues(self, request, answer):
        body = request.method != "HEAD" and answer.json()
        contact = body.get("contact") if isinstance(body, dict) else None
        if not isinstance(contact, dict):
            return Clues()
        return Clues(contact.get("id"), contact.get("updated_at"))

    def got(self, answer):
        return answer.json()

    def made(self, body):
        contact_id = body["contact"]["id"]
        return contact_id, harness.BASE + "/" + contact_id

    def last_change(self, request):
        """When the contact that the path names was changed last."""
        wanted = request.target.rpartition("/")[2].lower()
        for contact in self.model.books.get(request.who, []):
            if contact["id"] == wanted:
                return contact["updated_at"]
        return ""

    def compare(self, request, answer, status, body):
        super().compare(request, answer, status, body)
        if answer.status in (200, 201) and request.method in ("POST", "PUT"):
            contact = answer.json()["contact"]
            expect(TIMESTAMP.fullmatch(contact["created_at"]), "a time expected")
            expect(TIMESTAMP.fullmatch(contact["updated_at"]), "a time expected")
            expect(not self.before or contact["updated_at"] > self.before,
                   "a later time expected")


if __name__ == "__main__":
    run(__doc__.splitlines()[0], 3000, OfContacts)
