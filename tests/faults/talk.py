"""What a killed server has left of its conversations, for killed_conversations.py: whether it is
whole in itself, whatever anybody was told."""

import collections
import csv
import io
import os
import sqlite3
import subprocess
import urllib.parse

from lvng_server import Client


class Tables:
    """The tables, read from beside the server."""

    def __init__(self, folder, store):
        self.path = f"{folder}/lvng.db"
        self.url = store and urllib.parse.urlsplit(os.environ["LVNG_TEST_POSTGRES"])._replace(
            path=urllib.parse.urlsplit(store).path).geturl()

    def hexed(self, column):
        """An id as 32 digits."""
        return f"encode(uuid_send({column}), 'hex')" if self.url else f"lower(hex({column}))"

    def answers(self, questions):
        """For each question its rows, as tuples of texts; null is an empty one."""
        if self.url:
            return self.answers_of_psql(questions)
        database = sqlite3.connect(self.path)
        found = [database.execute(question).fetchall() for question in questions]
        database.close()
        return [[tuple("" if each is None else str(each) for each in row) for row in rows]
                for rows in found]

    def answers_of_psql(self, questions):
        asked = [part for question in questions for part in ("-c", question, "-c", "\\echo /end")]
        done = subprocess.run(["psql", "-X", "-q", "--csv", "-t", self.url, *asked], check=True,
                              timeout=60, stdout=subprocess.PIPE, text=True)
        return [[tuple(row) for row in csv.reader(io.StringIO(rows))]
                for rows in done.stdout.split("/end\n")[:-1]]


def key_of(conversation_id):
    """How the tables' answers name a conversation."""
    return conversation_id.rpartition("_")[2].replace("-", "")


def all_messages(client, room):
    cursor = ""
    while cursor is not None:
        page = client.call("GET", f"{room}/messages?direction=newer&limit=200&cursor={cursor}")
        yield from page.json()["data"]
        cursor = page.json()["pagination"]["cursor"]


Event = collections.namedtuple("Event", "conversation number type at message user about")
Conversation = collections.namedtuple("Conversation", "key name last_number last_event event_at")


class Talk:
    """`messages` are those of the rooms, as the server lists them; all else is from the tables."""

    def __init__(self, tables, port, bearer, rooms):
        client = Client(port, bearer)
        self.messages = {key_of(room): list(all_messages(client, room)) for room in rooms}
        id_of, conversation = tables.hexed("id"), tables.hexed("conversation_id")
        rows, events, members, receipts, with_rows, self.late = tables.answers([
            f"select {id_of}, name, last_number, last_event, event_at from lvng_conversations",
            f"select {conversation}, number, type, at, message_number, by_user, about"
            f" from lvng_events union all select {conversation}, event_number, 'message:new',"
            " created_at, number, null, null from lvng_messages order by 1, 2",
            f"select {conversation}, user_id from lvng_members",
            f"select {conversation}, user_id, number from lvng_receipts",
            " union ".join(f"select {conversation} from {table}" for table in (
                "lvng_messages", "lvng_receipts", "lvng_members", "lvng_former_members")),
            f"select {id_of} from lvng_conversations c where updated_at <> coalesce("
            "(select max(created_at) from lvng_messages m where m.tenant_id = c.tenant_id"
            " and m.conversation_id = c.id), created_at)"])
        self.conversations = {key: Conversation(key, name, *map(int, counters))
                              for key, name, *counters in rows}
        self.events = collections.defaultdict(list)
        for key, number, kind, at, message, user, about in events:
            self.events[key].append(Event(key, int(number), kind, int(at), int(message or 0), user,
                                          about.split("\x1f")))
        self.members = set(members)
        self.receipts = {(key, user, int(number)) for key, user, number in receipts}
        self.with_rows = {key for key, in with_rows}
        self.edits = collections.Counter(
            (event.conversation, event.message) for events in self.events.values()
            for event in events if event.type == "message:updated")

    def gone(self):
        """The conversations that left nothing but the news of their deletion."""
        return {key for key, events in self.events.items()
                if key not in self.conversations and key not in self.with_rows
                and [event.type for event in events] == ["conversation:deleted"]}

    def faults(self):
        """A sentence for each."""
        for key in (set(self.events) | self.with_rows) - set(self.conversations) - self.gone():
            yield f"{key} is half deleted"
        for key, in self.late:
            yield f"{key} was not updated when its last message was sent"
        for conversation in self.conversations.values():
            for fault in self.faults_in(conversation, self.events[conversation.key],
                                        self.messages.get(conversation.key, [])):
                yield f"{conversation.name}: {fault}"

    def faults_in(self, conversation, events, messages):
        if [event.number for event in events] != list(range(1, conversation.last_event + 1)):
            yield f"its events are not 1 to {conversation.last_event}"
        times = [event.at for event in events] + [conversation.event_at]
        if times != sorted(times):
            yield "the times of its events go back"
        numbers = [message["number"] for message in messages]
        if numbers != list(range(1, conversation.last_number + 1)):
            yield f"its messages are not 1 to {conversation.last_number}"
        told = collections.Counter((event.type, event.message) for event in events)
        deleted = [message["number"] for message in messages if message["deleted_at"]]
        for kind, once in (("message:new", numbers), ("message:deleted", deleted),
                           ("conversation:created", [0]), ("conversation:deleted", [])):
            found = sorted(told_of for each, told_of in told.elements() if each == kind)
            if found != once:
                yield f"{kind} is not told once for each"
        yield from self.faults_of_members(conversation.key, events)
        yield from self.faults_of_receipts(conversation.key, events, messages)

    def faults_of_members(self, key, events):
        members = set(events[0].about) if events else set()
        for event in events:
            user = event.about[0]
            if event.type.startswith("member:"):
                if (event.type == "member:added") == (user in members):
                    yield f"{event.type} comes twice for {user}"
                members ^= {user}
        if members != {user for each, user in self.members if each == key}:
            yield "its members are not those of its events"

    def faults_of_receipts(self, key, events, messages):
        numbers = {message["id"]: message["number"] for message in messages}
        told = [(key, event.user, numbers.get(each)) for event in events
                if event.type == "messages:read" for each in event.about]
        if sorted(told) != sorted(each for each in self.receipts if each[0] == key):
            yield "its receipts are not those of its events"
