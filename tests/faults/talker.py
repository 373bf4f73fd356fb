"""One of those who talk while the server is killed, for killed_conversations.py."""

import http.client
import time

from ledger import ABSENT, Ledger
from lvng_server import CONVERSATIONS, Client, token

TENANT = "acme"
THERE = "there"


class Sent:
    """When a message was asked for and acknowledged, and what the answer said."""

    def __init__(self, asked, message):
        self.asked, self.answered = asked, time.monotonic()
        self.place = message["conversation_id"], message["number"]
        self.path = path_of(message)


def path_of(message):
    return f"{CONVERSATIONS}/{message['conversation_id']}/messages/{message['id']}"


def content_of(name, edits):
    return f"{name}, edited {edits} times"


class Talker:
    """Sends, edits, deletes and reads in rooms that it shares with all others, lets guests of its
    own come and go there, and opens and deletes conversations that are its alone."""

    def __init__(self, number, random_source):
        self.random = random_source
        self.user = f"usr_{number}"
        self.bearer = token(self.user, TENANT)
        self.rooms = []
        # The ids of these ledgers are paths. The state of a message: (edits, whether it lives).
        self.messages, self.guests, self.conversations = Ledger(), Ledger(), Ledger()
        self.sent = {}                            # name -> Sent
        self.read, self.perhaps_read = set(), []  # ids; lists of ids, each read whole or not at all
        self.made, self.acknowledged, self.faults = 0, 0, []

    def run(self, port, stopping):
        client = Client(port, self.bearer)
        kinds = [(self.send, 40), (self.edit, 12), (self.delete, 8), (self.mark_read, 16),
                 (self.move_guest, 16), (self.open_or_delete, 8)]
        steps, weights = zip(*kinds)
        try:
            while not stopping.is_set():
                self.random.choices(steps, weights)[0](client)
        except (OSError, http.client.HTTPException):
            pass  # the server was killed; what was asked stays in doubt

    # ---- what it does ----

    def send(self, client):
        name, room = self.new_name("message"), self.random.choice(self.rooms)
        asked = time.monotonic()
        answer = self.write(self.messages, name, (0, True), 201, lambda: client.send(
            "POST", room + "/messages", {"content": content_of(name, 0),
                                         "metadata": {"name": name}}))
        if answer:
            self.sent[name] = Sent(asked, answer.json()["data"])
            self.messages.ids[name] = self.sent[name].path

    def edit(self, client):
        name, (edits, _) = self.one_of(self.messages, lambda state: state[1])
        if name:
            self.write(self.messages, name, (edits + 1, True), 200, lambda: client.send(
                "PATCH", self.messages.ids[name], {"content": content_of(name, edits + 1)}))

    def delete(self, client):
        name, (edits, _) = self.one_of(self.messages, lambda state: state[1])
        if name:
            self.write(self.messages, name, (edits, False), 200,
                       lambda: client.call("DELETE", self.messages.ids[name]))

    def mark_read(self, client):
        room = self.random.choice(self.rooms)
        page = client.call("GET", room + "/messages?limit=20").json()["data"]
        ids = [each["id"] for each in self.random.sample(page, len(page) // 2)]
        if not ids:
            return
        self.perhaps_read.append(ids)
        done, certain = self.told("a receipt", client.send("POST", room + "/read-receipts",
                                                           {"message_ids": ids}), 200)
        if certain:
            self.perhaps_read.pop()
        if done:
            self.read.update(ids)

    def move_guest(self, client):
        name, _ = self.one_of(self.guests)
        if name and self.random.random() < 0.5:  # they leave by themselves
            bearer = {"Authorization": f"Bearer {token(name, TENANT)}"}
            self.write(self.guests, name, ABSENT, 200, lambda: client.call(
                "DELETE", f"{self.guests.ids[name]}/members/{name}", bearer))
            return
        name, room = self.new_name("guest").replace(" ", "_"), self.random.choice(self.rooms)
        self.guests.ids[name] = room
        self.write(self.guests, name, THERE, 201,
                   lambda: client.send("POST", room + "/members", {"member_id": name}))

    def open_or_delete(self, client):
        name, _ = self.one_of(self.conversations)
        if name and self.random.random() < 0.5:
            self.write(self.conversations, name, ABSENT, 200,
                       lambda: client.call("DELETE", self.conversations.ids[name]))
            return
        name = self.new_name("conversation")
        answer = self.write(self.conversations, name, THERE, 201, lambda: client.send(
            "POST", CONVERSATIONS, {"name": name, "conversation_type": "group",
                                    "member_ids": ["usr_silent"]}))
        if answer:
            self.conversations.ids[name] = f"{CONVERSATIONS}/{answer.json()['data']['id']}"

    # ---- their parts ----

    def new_name(self, kind):
        self.made += 1
        return f"{kind} {self.made} of {self.user}"

    def one_of(self, ledger, fits=lambda state: True):
        """The name and the state of one that is surely there; (None, (0, True)) if none is."""
        known = [(name, states[0]) for name, states in ledger.states.items()
                 if len(states) == 1 and states[0] is not ABSENT and fits(states[0])]
        return self.random.choice(known) if known else (None, (0, True))

    def write(self, ledger, name, state, success, call):
        """Asks for `state`; the answer, or None where that was not done."""
        ledger.ask(name, state)
        answer = call()
        done, certain = self.told(name, answer, success)
        if certain:
            ledger.settle(name, done)
        return answer if done else None

    def told(self, name, answer, success):
        """Whether it was done, and whether that is certain."""
        done = answer.status == success
        if not done and answer.status != 503:
            self.faults.append(f"{name}: unexpected {answer.status} {answer.data[:200]}")
        self.acknowledged += done
        return done, done or b"may have" not in answer.data
