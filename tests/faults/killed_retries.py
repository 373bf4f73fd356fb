#!/usr/bin/env python3
"""Kills lvng-server with SIGKILL while sixteen clients send the same keyed requests, again and
again, and looks whether each was done once and answered alike, before the kill and after.

    killed_retries.py --server BINARY [--cycles N] [--seed N] [--postgresql]

LVNG_TEST_KILLS overrides the number of cycles.
"""

import http.client
import json
import pathlib
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from kills import arguments, end, kill_under, refuse  # noqa: E402
from lvng_server import CONTACTS, Client, Server, store_for, token  # noqa: E402

REPEATERS = 16
BEARER = token("usr_ana", "acme")


class Answers:
    """What each key was answered, by whom ever it was sent."""

    def __init__(self):
        self.lock = threading.Lock()
        self.first = {}     # key -> status, place, tag and body
        self.asked = set()  # keys of which no answer came yet
        self.replays = 0
        self.faults = []

    def send(self, client, key):
        with self.lock:
            self.asked.add(key)
        answer = client.call("POST", CONTACTS, {"Content-Type": "application/json",
                                                "Idempotency-Key": key},
                             json.dumps({"name": key}))
        if answer.status == 503:
            return
        told = (answer.status, answer.headers["Location"], answer.headers["ETag"], answer.data)
        replayed = answer.headers["Idempotency-Replayed"] == "true"
        with self.lock:
            self.asked.discard(key)
            self.replays += replayed
            if answer.status != 201:
                self.faults.append(f"{key}: {answer.status} {answer.data[:200]}")
            elif self.first.setdefault(key, told) != told:
                self.faults.append(f"{key}: {told}, before that {self.first[key]}")


def repeat(port, answers, cycle, stopping):
    """Sends one key after the other; all repeaters have the same ones."""
    client = Client(port, BEARER)
    number = 0
    try:
        while not stopping.is_set():
            number += 1
            answers.send(client, f"cycle-{cycle}-{number}")
    except (OSError, http.client.HTTPException):
        pass  # the server was killed; what was asked stays in doubt


def stored(client):
    """The names of all contacts."""
    names, total = [], 1
    while len(names) < total:
        page = client.call("GET", f"{CONTACTS}?limit=200&offset={len(names)}").json()
        total = page["total"]
        names += [contact["name"] for contact in page["contacts"]]
    return names


def one_cycle(server, answers, cycle, random_source):
    def run(port, stopping):
        repeat(port, answers, cycle, stopping)

    kill_under(server, [run] * REPEATERS, random_source.uniform(0.1, 0.6))
    server.start()
    client = Client(server.port, BEARER)
    # What was in doubt is settled by asking again; what was answered is answered alike.
    mine = f"cycle-{cycle}-"
    again = sorted(answers.asked) + [key for key in answers.first if key.startswith(mine)][-50:]
    for key in again:
        answers.send(client, key)
    names = stored(client)
    if sorted(names) != sorted(answers.first):
        twice = {name for name in names if names.count(name) > 1}
        answers.faults.append(f"twice: {sorted(twice)[:5]}, "
                              f"lost: {sorted(set(answers.first) - set(names))[:5]}, "
                              f"never answered: {sorted(set(names) - set(answers.first))[:5]}")


def main():
    options = arguments(__doc__, 10)
    with tempfile.TemporaryDirectory(prefix="lvng-retries-") as folder, \
            store_for(options.postgresql) as store:
        with Server(options.server, folder, store) as server:
            answers = Answers()
            for cycle in range(1, options.cycles + 1):
                one_cycle(server, answers, cycle, options.random)
                refuse(cycle, answers.faults)
            print(f"{options.cycles} kills, {len(answers.first)} keys done once, "
                  f"{answers.replays} replays alike")
            end(server, answers.replays, options.cycles * REPEATERS)


if __name__ == "__main__":
    main()
