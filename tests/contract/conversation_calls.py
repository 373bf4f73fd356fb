"""Random calls of conversations, good and bad, for random_conversations.py."""

import uuid

from any_calls import BAD_LIMITS, BAD_OFFSETS, AnyCalls, quote
from calls import BAD_NAMES, EDGES, NAMES, NOTES, SEARCHES, UNKNOWN, WRONG_TYPES
from second import text
from second.conversation_fields import MEMBER_TYPES, MESSAGE_TYPES, TYPES
from second.conversations import BASE
from second.requests import Request
from second.text import Number

# Some never ask; ids differ by case, and hold what a path would take for something else.
SILENT = ["usr_silent", "USR_ANA", "a/b?c=1#%2F&+", "!~", "s" * 128]
BAD_OPAQUE_IDS = ["", " ", "usr ana", "usr_\u00e9", "s" * 129, "a\tb", "\u007f"]
UUID = "550e8400-e29b-41d4-a716-446655440000"
BAD_UUIDS = ["", "1", UUID[:-1], UUID + "0", UUID.replace("-", ""), "{" + UUID + "}",
             UUID[:-1] + "g", "null", " ", "-"]
NUMBERS = ["-0", "0.10", "1e400", "1E+2", "12345678901234567890123"]
OBJECTS = [{}, {"a": Number("1"), "b": [True, None, "é"]},
           {"b": [True, None, "é"], "a": Number("1")}, {"a": Number("1.0")},
           {"numbers": [Number(each) for each in NUMBERS]}, {"\u2028": "\\/\"\b\f"},
           {"deep": {"x": [[[{"y": {}}]]]}}, {"": ""}, {"control": "\u0001\u001f\u007f\u0085"}]
ROOMY = 16_384 - len('{"x":""}')
EDGE_OBJECTS = [{"x": "n" * ROOMY}, {"x": "é" * (ROOMY // 2)}, {"x": "\n" * (ROOMY // 2)},
                {"x": "\u0001" * (ROOMY // 6)}]
BAD_OBJECTS = [{"x": "n" * (ROOMY + 1)}, {"x": "é" * (ROOMY // 2 + 1)},
               {"x": "\u0001" * (ROOMY // 6 + 1)}, [], "{}", Number("0"), True]
LIMITS = [None, Number("0"), Number("1"), Number("2"), Number("1000000000")]
BAD_RUN_LIMITS = [Number("1000000001"), Number("-1"), Number("1.0"), Number("1e0"), "1", True, [],
                  {}, Number("18446744073709551617")]
CONTENTS = NAMES + [each for each in NOTES if text.trim(each)] + ["c" * 40_000, "👍" * 40_000]
BAD_CONTENTS = ["", " ", "\u3000\n\t", "c" * 40_001, "👍" * 40_001]


class ConversationCalls(AnyCalls):
    odd_queries = ["&search=%FF", "&cursor=%00", "&type=%C3", "&", "&&", "&search", "&="]

    def __init__(self, random, model, people):
        super().__init__(random, model, people)
        self.kinds = [
            (self.create, 7), (self.list, 12), (self.get, 9), (self.update, 6), (self.delete, 2),
            (self.add_member, 8), (self.remove_member, 7), (self.send, 26), (self.messages, 16),
            (self.edit, 7), (self.erase, 5), (self.mark_read, 9), (self.odd, 3)]

    # ---- conversations ----

    def create(self, who):
        random, pick = self.random, self.random.choice
        kind = pick(TYPES)
        others = [pick(self.members_of(who)) for _ in range(1 if kind == "direct" else
                                                            random.randint(1, 6))]
        if random.random() < 0.04:
            others = [f"m{number}" for number in range(pick([999, 1_000, 1_001]))] + others[:1]
        fields = {"conversation_type": kind, "member_ids": others + random.choices(
            [[], [who[1]], others[:2]], [8, 1, 1])[0]}
        if random.random() < 0.3:
            typed = random.sample(others + [who[1]], random.randint(0, min(3, len(others))))
            fields["member_types"] = {each: pick(MEMBER_TYPES) for each in typed}
        if random.random() < 0.2:
            fields["project_id"] = pick(["proj_1", "proj_2", "p" * 128])
        if random.random() < 0.15:
            fields["parent_message_id"] = self.message_id(self.room(who))
        fields.update(self.settable())
        return self.with_body(who, "POST", BASE, self.spoilt(fields, {
            "conversation_type": ["", "Direct", "direct "], "project_id": BAD_OPAQUE_IDS,
            "member_ids": [[], [who[1]], ["usr_bob", pick(BAD_OPAQUE_IDS)], [None], "usr_bob",
                           ["usr_bob", "usr_cid"]],
            "member_types": [{"usr_nobody": "user"}, {others[0]: "admin"}, {others[0]: None},
                             ["user"]],
            "parent_message_id": ["msg_" + each for each in BAD_UUIDS] + [UUID],
        }))

    def settable(self):
        """Some of what may be set by creation and change alike."""
        random, pick, fields = self.random, self.random.choice, {}
        if random.random() < 0.4:
            fields["name"] = pick(EDGES) + pick(NAMES) + pick(EDGES)
        if random.random() < 0.3:
            fields["description"] = pick(["", " ", "kept\r\n as it is ", "d" * 2_000, "👍" * 2_000])
        if random.random() < 0.3:
            fields["settings"] = self.object()
            if random.random() < 0.5:
                fields["settings"] = {**pick(OBJECTS), "agent_run_limit": pick(LIMITS)}
        return fields

    def list(self, who):
        pick, chance, pairs = self.random.choice, self.random.random, []
        if chance() < 0.3:
            pairs.append(("type", self.rarely_bad(TYPES, ["", "Group", "x"])))
        if chance() < 0.3:
            pairs.append(("unread", self.rarely_bad(["true", "false"], ["", "TRUE", "1"])))
        if chance() < 0.4:
            pairs.append(("archived", self.rarely_bad(["true", "false"], ["", "yes", "0"])))
        if chance() < 0.5:
            pairs.append(("limit", self.rarely_bad(["1", "2", "7", "100"], ["101"] + BAD_LIMITS)))
        if chance() < 0.4:
            pairs.append(("offset", self.rarely_bad(["0", "1", "3", "1000000000"], BAD_OFFSETS)))
        return Request(who, pick(["GET"] * 9 + ["HEAD"]), self.query(BASE, pairs))

    def get(self, who):
        method = self.random.choice(["GET"] * 5 + ["HEAD"])
        unknown_parameters = self.random.choice(["", "", "?limit=0&limit=x", "?a=b"])
        return Request(who, method, self.path(who)[0] + unknown_parameters)

    def update(self, who):
        path, room = self.path(who)
        fields = self.settable()
        if self.random.random() < 0.3:
            fields["is_archived"] = self.random.random() < 0.3
        for field in list(fields):
            if self.random.random() < 0.1:
                fields[field] = None
        if room and self.random.random() < 0.25:  # changes nothing
            fields = {field: room.shown[field] for field in fields}
        return self.with_body(who, "PATCH", path, self.spoilt(fields, {
            "is_archived": [None, "true", Number("1"), Number("0")],
            "conversation_type": TYPES, "member_ids": [[]], "project_id": ["proj_1"]}))

    def delete(self, who):
        return Request(who, "DELETE", self.path(who)[0])

    # ---- members ----

    def add_member(self, who):
        path, room = self.path(who)
        if self.rooms(who) and self.random.random() < 0.2:  # where the bound is near
            room = max(self.rooms(who), key=lambda each: len(each.members))
            path = BASE + "/" + room.shown["id"]
        pool = self.members_of(who)
        fields = {"member_id": self.random.choice(pool + list(room.former) if room else pool)}
        if self.random.random() < 0.5:
            fields["member_type"] = self.random.choice(MEMBER_TYPES)
        return self.with_body(who, "POST", path + "/members", self.spoilt(fields, {
            "member_id": BAD_OPAQUE_IDS, "member_type": ["", "User", "system"]}))

    def remove_member(self, who):
        path, room = self.path(who)
        pool = list(room.members) if room and self.random.random() < 0.7 else self.members_of(who)
        member = self.random.choice([who[1], *pool, *pool])
        if self.random.random() < 0.05:
            member = self.random.choice(BAD_OPAQUE_IDS[1:])
        return Request(who, "DELETE", f"{path}/members/{quote(member)}")

    # ---- messages ----

    def send(self, who):
        path, room = self.path(who)
        fields = {"content": self.random.choice(CONTENTS)}
        if self.random.random() < 0.6:
            fields["message_type"] = self.random.choice(MESSAGE_TYPES + ["twin", "agent"])
        if self.random.random() < 0.2:
            fields["parent_message_id"] = self.message_id(room)
        if self.random.random() < 0.3:
            fields["metadata"] = self.object()
        return self.with_body(who, "POST", path + "/messages", self.spoilt(fields, {
            "content": BAD_CONTENTS, "message_type": ["", "User", "bot"], "metadata": BAD_OBJECTS,
            "parent_message_id": ["msg_" + each for each in BAD_UUIDS] + [UUID]}))

    def messages(self, who):
        pick, chance, pairs = self.random.choice, self.random.random, []
        path, room = self.path(who)
        if chance() < 0.5:
            pairs.append(("limit", self.rarely_bad(["1", "2", "3", "4", "200"], BAD_LIMITS)))
        if chance() < 0.35:
            pairs.append(("direction", self.rarely_bad(["older", "newer"], ["", "Newer", "x"])))
        if chance() < 0.3:
            pairs.append(("cursor", pick([self.message_id(room)] * 12 + [""] + BAD_UUIDS)))
        if chance() < (0.4 if not pairs else 0.04):
            pairs.append(("around", pick([self.message_id(room)] * 12 + [""] + BAD_UUIDS)))
        if chance() < 0.3:
            pairs.append(("search", self.part_of_a_text(room) if chance() < 0.5 else
                          pick(SEARCHES)))
        return Request(who, pick(["GET"] * 9 + ["HEAD"]), self.query(path + "/messages", pairs))

    def edit(self, who):
        path, room, message = self.message_path(who)
        fields = {}
        if self.random.random() < 0.7:
            fields["content"] = self.random.choice(CONTENTS)
        if self.random.random() < 0.5:
            fields["metadata"] = self.random.choice([None, self.object()])
        if message and self.random.random() < 0.25:  # changes nothing
            fields = {field: message[field] for field in fields}
        return self.with_body(who, "PATCH", path, self.spoilt(fields, {
            "content": [None, *BAD_CONTENTS], "metadata": BAD_OBJECTS, "message_type": ["user"]}))

    def erase(self, who):
        return Request(who, "DELETE", self.message_path(who)[0])

    def mark_read(self, who):
        random = self.random
        path, room = self.path(who)
        ids = [each["id"] for each in room.messages] if room else []
        ids = random.sample(ids, random.randint(min(len(ids), 1), min(len(ids), 5)))
        chance = random.random()
        if chance < 0.1:
            ids += [self.message_id(None) for _ in range(random.choice([1, 12]))]
        elif chance < 0.12:
            ids += [self.some_id("msg_") for _ in range(random.choice([495, 500, 501]))]
        ids = [each.upper() if random.random() < 0.05 else each for each in ids]
        ids += ids[:random.randint(0, 2)]
        return self.with_body(who, "POST", path + "/read-receipts", self.spoilt(
            {"message_ids": ids}, {"message_ids": [[], [random.choice(BAD_UUIDS)], [UUID], [None],
                                                   UUID, {}]}))

    # ---- what is none ----

    def odd(self, who):
        """Paths and methods that are none."""
        room, message = self.path(who)[0], self.message_path(who)[0]
        return Request(who, *self.random.choice([
            ("PUT", BASE), ("DELETE", BASE), ("get", BASE), ("PUT", room), ("POST", room),
            ("BREW", room), ("GET", room + "/members"), ("PATCH", room + "/members"),
            ("GET", room + "/members/usr_bob"), ("PATCH", room + "/members/usr_bob"),
            ("PUT", room + "/messages"), ("DELETE", room + "/messages"), ("GET", message),
            ("POST", message), ("GET", room + "/read-receipts"), ("PUT", room + "/read-receipts"),
            ("GET", room + "/nothing"), ("GET", message + "/nothing"), ("POST", room + "/receipts"),
            ("GET", "/api/v2/Conversations"), ("GET", "/api/v2/conversation")]))

    # ---- their parts ----

    def rooms(self, who):
        return [room for room in self.model.rooms
                if room.tenant == who[0] and who[1] in room.members]

    def room(self, who):
        """Mostly one of their oldest, so that some get crowded; here and there somebody else's."""
        rooms = self.rooms(who)
        if not rooms or self.random.random() < 0.05:
            rooms = self.model.rooms
        place = int(self.random.expovariate(0.6))
        return rooms[min(place, len(rooms) - 1)] if rooms else None

    def path(self, who):
        """The path of a conversation, and the conversation, or None where there is none."""
        chance, room = self.random.random(), self.room(who)
        if chance < 0.02:
            bad = self.random.choice([UUID, "msg_" + UUID, "conv-" + UUID, "%20", "null"] + [
                "conv_" + quote(each) for each in BAD_UUIDS])
            return f"{BASE}/{bad}", None
        if room is None or chance < 0.04:
            return f"{BASE}/{self.some_id('conv_')}", None
        wanted = room.shown["id"]
        return BASE + "/" + (wanted.upper() if chance < 0.1 else wanted), room

    def message_path(self, who):
        """The path of a message, its conversation and itself, or None."""
        path, room = self.path(who)
        own = [each for each in room.messages if each["user_id"] == who[1]] if room else []
        if own and self.random.random() < 0.6:
            message = self.random.choice(own)
            return f"{path}/messages/{message['id']}", room, message
        wanted = self.message_id(room)
        if self.random.random() < 0.05:
            wanted = self.random.choice(["msg_" + quote(each) for each in BAD_UUIDS] + [UUID])
        return f"{path}/messages/{wanted}", room, None

    def message_id(self, room):
        """Mostly of a message in `room`, but perhaps of one elsewhere, or of none."""
        chance = self.random.random()
        if room is None or not room.messages or chance < 0.1:
            room = self.random.choice(self.model.rooms) if self.model.rooms else None
        if room is None or not room.messages or chance < 0.05:
            return self.some_id("msg_")
        wanted = self.random.choice(room.messages)["id"]
        return wanted.upper() if chance > 0.95 else wanted

    def some_id(self, prefix):
        return prefix + str(uuid.UUID(int=self.random.getrandbits(128)))

    def members_of(self, who):
        return [user for tenant, user in self.people if tenant == who[0]] + SILENT

    def object(self):
        return self.random.choice(OBJECTS * 3 + EDGE_OBJECTS)

    def part_of_a_text(self, room):
        found = [each["content"] for each in room.messages if each["content"]] if room else []
        if not found:
            return "x"
        value = self.random.choice(found)
        start = self.random.randrange(min(len(value), 1_000))
        part = value[start:start + self.random.randint(1, 12)]
        return self.random.choice([part, part.upper(), part.lower()])

    def spoilt(self, fields, bad):
        """`fields`, now and then with members that are bad, null or unknown."""
        pick = self.random.choice
        bad = {"name": BAD_NAMES, "description": ["d" * 2_001, "👍" * 2_001], "settings":
               BAD_OBJECTS + [{"agent_run_limit": each} for each in BAD_RUN_LIMITS], **bad}
        while self.random.random() < 0.08:
            field = pick(list(bad))
            fields[field] = self.random.choices(
                [pick(bad[field]), None, pick(["", "  "]), pick(WRONG_TYPES)], [6, 1, 1, 1])[0]
            if self.random.random() < 0.2:
                fields[pick(UNKNOWN)] = pick([None, 1, "x", []])
        return fields
