#!/usr/bin/env python3
"""Kills lvng-server with SIGKILL under eight writers, again and again, and looks for writes that
were acknowledged and are lost, doubled or half done.

    killed_server.py --server BINARY [--cycles N] [--seed N] [--postgresql]

LVNG_TEST_KILLS overrides the number of cycles.
"""

import http.client
import pathlib
import random
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from kills import arguments, end, kill_under, refuse  # noqa: E402
from ledger import ABSENT, Ledger  # noqa: E402
from lvng_server import CONTACTS, Client, Server, store_for, token  # noqa: E402

WRITERS = 8
READY_WITHIN = 2.0


class Writer:
    """Creates, changes and deletes contacts of its own, in a book that it shares with one other
    writer, and writes down what it was told."""

    def __init__(self, number, random_source):
        self.number, self.random = number, random_source
        self.bearer = token(f"usr_{number // 2}", "acme")
        self.ledger = Ledger()
        self.made = 0
        self.acknowledged = 0
        self.faults = []

    def run(self, port, stopping):
        client = Client(port, self.bearer)
        try:
            while not stopping.is_set():
                self.step(client)
        except (OSError, http.client.HTTPException):
            pass  # the server was killed; what was asked stays in doubt

    def step(self, client):
        there = [name for name, states in self.ledger.states.items()
                 if states != [ABSENT] and len(states) == 1 and name in self.ledger.ids]
        choice = self.random.random()
        if choice < 0.6 or not there:
            self.made += 1
            self.create(client, f"writer {self.number} contact {self.made}")
        elif choice < 0.85:
            self.update(client, self.random.choice(there))
        else:
            self.delete(client, self.random.choice(there))

    def create(self, client, name):
        email = name.replace(" ", ".") + "@example.com"
        self.ledger.ask(name, (email, "first"))
        answer = client.send("POST", CONTACTS, {"name": name, "email": email, "notes": "first",
                                                "phone": f"+1202555{self.made % 10000:04}"})
        if self.told(name, answer, 201):
            self.ledger.ids[name] = answer.json()["contact"]["id"]

    def update(self, client, name):
        self.made += 1
        state = (f"{name}.{self.made}@example.com".replace(" ", "."), f"change {self.made}")
        self.ledger.ask(name, state)
        answer = client.send("PUT", f"{CONTACTS}/{self.ledger.ids[name]}",
                             {"email": state[0], "notes": state[1]})
        self.told(name, answer, 200)

    def delete(self, client, name):
        self.ledger.ask(name, ABSENT)
        answer = client.call("DELETE", f"{CONTACTS}/{self.ledger.ids[name]}")
        self.told(name, answer, 200)

    def told(self, name, answer, success):
        done = answer.status == success
        maybe = answer.status == 503 and b"may have" in answer.data
        if not done and answer.status != 503:
            self.faults.append(f"{name}: unexpected {answer.status} {answer.data[:200]}")
        if not maybe:
            self.ledger.settle(name, done)
        self.acknowledged += done
        return done

    def stored(self, port):
        """Its contacts, as the server lists them. Learns the ids of those it had not."""
        client = Client(port, self.bearer)
        found, offset, total = [], 0, 1
        while offset < total:
            page = client.call("GET", f"{CONTACTS}?limit=200&offset={offset}").json()
            total, offset = page["total"], offset + 200
            for contact in page["contacts"]:
                if contact["name"].startswith(f"writer {self.number} "):
                    found.append((contact["name"], (contact["email"], contact["notes"])))
                    self.ledger.ids[contact["name"]] = contact["id"]
        return found


def check_file(path):
    """Half-done writes, seen from beside the server."""
    database = sqlite3.connect(path)
    questions = {
        "integrity_check": "select * from pragma_integrity_check where integrity_check <> 'ok'",
        "e-mail keys without their contact":
            "select email_key from lvng_contact_emails where (contact_id, email_key) not in"
            " (select id, email_keys from lvng_contacts)",
        "contacts without their e-mail key":
            "select id from lvng_contacts where email_keys <> '' and id not in (select contact_id"
            " from lvng_contact_emails)",
        "phone keys without their contact":
            "select phone_key from lvng_contact_phones where (contact_id, phone_key) not in"
            " (select id, phone_keys from lvng_contacts)",
        "books that count wrong":
            "select user_id, contact_count from lvng_books b where contact_count <> (select"
            " count(*) from lvng_contacts c where c.tenant_id = b.tenant_id"
            " and c.user_id = b.user_id)",
    }
    for what, question in questions.items():
        for row in database.execute(question).fetchall():
            yield f"{what}: {row}"
    database.close()


def one_cycle(server, writers, random_source):
    kill_under(server, [writer.run for writer in writers], random_source.uniform(0.1, 0.8))
    ready = server.start()
    faults = [fault for writer in writers for fault in writer.faults]
    if ready > READY_WITHIN:
        faults.append(f"ready after {ready:.2f} s")
    for writer in writers:
        stored = writer.stored(server.port)
        faults += writer.ledger.differences(stored)
        writer.ledger.adopt(stored)
    return ready, faults


def main():
    options = arguments(__doc__, 20)
    with tempfile.TemporaryDirectory(prefix="lvng-killed-") as folder, \
            store_for(options.postgresql) as store:
        with Server(options.server, folder, store) as server:
            writers = [Writer(number, random.Random(options.random.random()))
                       for number in range(WRITERS)]
            slowest = 0.0
            for cycle in range(1, options.cycles + 1):
                ready, faults = one_cycle(server, writers, options.random)
                if not store:
                    faults += check_file(pathlib.Path(folder) / "lvng.db")
                slowest = max(slowest, ready)
                refuse(cycle, faults)
            acknowledged = sum(writer.acknowledged for writer in writers)
            print(f"{options.cycles} kills, {acknowledged} acknowledged writes, 0 lost, doubled "
                  f"or half done, ready within {slowest:.2f} s")
            end(server, acknowledged, options.cycles * WRITERS)


if __name__ == "__main__":
    main()
