#!/usr/bin/env python3
"""Kills lvng-server with SIGKILL while eight talk, again and again, and looks for messages,
receipts and members that were acknowledged and are lost, doubled or half there.

    killed_conversations.py --server BINARY [--cycles N] [--seed N] [--postgresql]

LVNG_TEST_KILLS overrides the number of cycles.
"""

import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from kills import arguments, end, kill_under, refuse  # noqa: E402
from ledger import ABSENT  # noqa: E402
from lvng_server import CONVERSATIONS, Client, Server, store_for  # noqa: E402
from talk import Tables, Talk, key_of  # noqa: E402
from talker import THERE, Talker, content_of, path_of  # noqa: E402

TALKERS = 8
ROOMS = 3
READY_WITHIN = 2.0


def open_rooms(port, talkers):
    """The paths of rooms in which all of them are."""
    client = Client(port, talkers[0].bearer)
    for number in range(ROOMS):
        answer = client.send("POST", CONVERSATIONS, {
            "name": f"room {number}", "conversation_type": "group",
            "member_ids": [talker.user for talker in talkers[1:]]})
        yield f"{CONVERSATIONS}/{answer.json()['data']['id']}"


def check_messages(talker, talk):
    """Against what it was told. It learns what had been in doubt."""
    names = {path: name for name, path in talker.messages.ids.items()}
    stored = []
    for key, messages in talk.messages.items():
        for message in messages:
            if message["user_id"] != talker.user:
                continue
            path = path_of(message)
            name = names.get(path) or message["metadata"].get("name", path)
            edits, lives = talk.edits[(key, message["number"])], not message["deleted_at"]
            stored.append((name, (edits, lives)))
            if talker.messages.ids.setdefault(name, path) != path:
                yield f"{name} has two ids"
            if message["content"] != (content_of(name, edits) if lives else ""):
                yield f"{name} says {message['content']!r} after {edits} edits"
            sent = talker.sent.get(name)
            if sent and sent.place != (message["conversation_id"], message["number"]):
                yield f"{name} is not where the answer said"
    yield from settle(talker.messages, stored)


def check_receipts(talker, talk):
    read, markable = set(), set()
    for key, messages in talk.messages.items():
        for message in messages:
            if (key, talker.user, message["number"]) in talk.receipts:
                read.add(message["id"])
            if message["user_id"] != talker.user and not message["deleted_at"]:
                markable.add(message["id"])
    for lost in (talker.read & markable) - read:
        yield f"{talker.user} had read {lost}"
    for perhaps in talker.perhaps_read:
        news = (set(perhaps) & markable) - talker.read
        if news & read and news - read:
            yield f"{talker.user} has half read {perhaps}"
    if read - talker.read - {each for perhaps in talker.perhaps_read for each in perhaps}:
        yield f"{talker.user} has read what they never marked"
    talker.read, talker.perhaps_read = talker.read | read, []


def check_guests(talker, talk):
    stored = []
    for key, user in talk.members:
        if user in talker.guests.ids:
            stored.append((user, THERE))
            if key != key_of(talker.guests.ids[user]):
                yield f"{user} is in another room"
    yield from settle(talker.guests, stored)


def check_conversations(talker, talk):
    """Those of its own."""
    ledger, stored = talker.conversations, []
    for conversation in talk.conversations.values():
        if conversation.name.endswith(f" of {talker.user}"):
            stored.append((conversation.name, THERE))
            key = conversation.key
            ledger.ids.setdefault(conversation.name, f"{CONVERSATIONS}/conv_" + "-".join(
                (key[:8], key[8:12], key[12:16], key[16:20], key[20:])))
    yield from settle(ledger, stored)
    gone = talk.gone()
    for name, path in ledger.ids.items():
        if ledger.states[name] == [ABSENT] and key_of(path) not in gone:
            yield f"{name} went without its event"


def settle(ledger, stored):
    yield from ledger.differences(stored)
    ledger.adopt(stored)


def check_order(talkers):
    """Whatever was acknowledged before another was asked for has the smaller number."""
    rooms = {}
    for talker in talkers:
        for name, sent in talker.sent.items():
            room, number = sent.place
            rooms.setdefault(room, []).append((number, name, sent))
    for sends in rooms.values():
        latest = 0.0
        for number, name, sent in sorted(sends, key=lambda each: each[0]):
            if sent.answered < latest:
                yield f"{name} came before those that have smaller numbers than its {number}"
            latest = max(latest, sent.asked)


def one_cycle(server, talkers, random_source):
    kill_under(server, [talker.run for talker in talkers], random_source.uniform(0.1, 0.8))
    return server.start()


def faults_of(server, tables, talkers, ready):
    if ready > READY_WITHIN:
        yield f"ready after {ready:.2f} s"
    checked = server.run("check")
    if checked.returncode != 0:
        yield f"check ends with {checked.returncode}: {checked.stdout} {checked.stderr}"
    talk = Talk(tables, server.port, talkers[0].bearer, talkers[0].rooms)
    yield from talk.faults()
    for talker in talkers:
        yield from talker.faults
        for check in (check_messages, check_receipts, check_guests, check_conversations):
            yield from check(talker, talk)
    yield from check_order(talkers)


def main():
    options = arguments(__doc__, 20)
    with tempfile.TemporaryDirectory(prefix="lvng-killed-") as folder, \
            store_for(options.postgresql) as store, \
            Server(options.server, folder, store) as server:
        talkers = [Talker(number, random.Random(options.random.random()))
                   for number in range(TALKERS)]
        rooms = list(open_rooms(server.port, talkers))
        for talker in talkers:
            talker.rooms = rooms
        slowest = 0.0
        for cycle in range(1, options.cycles + 1):
            ready = one_cycle(server, talkers, options.random)
            slowest = max(slowest, ready)
            faults = list(faults_of(server, Tables(folder, store), talkers, ready))
            refuse(cycle, faults)
        acknowledged = sum(talker.acknowledged for talker in talkers)
        print(f"{options.cycles} kills, {acknowledged} acknowledged writes, 0 lost, doubled or "
              f"half done, ready within {slowest:.2f} s")
        end(server, acknowledged, options.cycles * TALKERS)


if __name__ == "__main__":
    main()
