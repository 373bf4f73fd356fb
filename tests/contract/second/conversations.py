"""The conversations of rest-contract.md, sections 1, 3, 5 and 6, in memory.

Written from the contract alone. Every number is counted anew whenever it is shown."""

import urllib.parse

from . import conversation_fields as rules
from . import text
from .requests import Query, Refused, Window, invalid

BASE = "/api/v2/conversations"


class Clues:
    """What only the server can know: ids and times. `data` is that of its answer, `window` when
    it was made."""

    def __init__(self, data, window):
        self.data, self.window = data, window

    def __getitem__(self, field):
        return self.data.get(field) if isinstance(self.data, dict) else None

    def dicts(self):
        """Each object in the answer, at any depth."""
        waiting = [self.data]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                yield value
            if isinstance(value, (dict, list)):
                waiting += value.values() if isinstance(value, dict) else value


def differ(shown, changes):
    """Whether anything would change. The order of an object's members is kept, so it counts."""
    return any(text.compact(shown[field]) != text.compact(value)
               for field, value in changes.items())


class Member:
    def __init__(self, user, member_type, role, joined_at, after):
        self.id, self.type, self.role = user, member_type, role
        self.joined_at = joined_at  # a `Window` until the server has shown it
        self.after = after          # the last message before they came
        self.read = set()           # ids of messages


class Room:
    """A conversation."""

    def __init__(self, tenant, shown):
        self.tenant, self.shown = tenant, shown
        self.members, self.former = {}, {}  # by id; member types of those who left
        self.messages, self.agentic = [], []
        self.pair = None  # the two ids, where a second direct conversation is this one

    def show(self):
        return {**self.shown, "member_count": len(self.members)}

    def enter(self, user, member_type, role, joined_at):
        self.members[user] = Member(user, self.former.get(user, member_type), role, joined_at,
                                    len(self.messages))

    def expel(self, user):
        member = self.members.pop(user)
        self.former[user] = member.type
        if member.role == "admin" and self.members:
            heir = min(self.members.values(),
                       key=lambda each: (each.type != "user", each.joined_at, each.id))
            heir.role = "admin"

    def message(self, wanted):
        """The message of that id, or None."""
        return next((each for each in self.messages if each["id"] == wanted), None)

    def total(self):
        return sum(each["deleted_at"] is None for each in self.messages)

    def unread(self, user):
        member = self.members[user]
        return sum(each["number"] > member.after and each["user_id"] != user
                   and each["deleted_at"] is None and each["id"] not in member.read
                   for each in self.messages)

    def agent_run(self):
        run = 0
        while run < len(self.agentic) and self.agentic[-1 - run]:
            run += 1
        return run


class Conversations:
    def __init__(self, agent_run_limit=0):
        self.agent_run_limit = agent_run_limit
        self.rooms = []
        self.names = {}  # (tenant, user) -> name, of those who have asked
        self.routes = [
            ((None,), {"GET": self.list, "POST": self.create}),
            (("id",), {"GET": self.get, "PATCH": self.update, "DELETE": self.delete}),
            (("id", "members"), {"POST": self.add_member}),
            (("id", "members", "memberId"), {"DELETE": self.remove_member}),
            (("id", "messages"), {"GET": self.messages, "POST": self.send}),
            (("id", "messages", "messageId"), {"PATCH": self.edit, "DELETE": self.erase}),
            (("id", "read-receipts"), {"POST": self.mark_read}),
        ]

    def answer(self, request, clues, name=None):
        """(status, body): the body whole, or for an error its code, fields and the kind of what
        is `missing`. `name` is that of the token, if it has one."""
        if request.who is not None:
            self.names[request.who] = name or self.names.get(request.who, request.who[1])
        self.learn(clues)
        try:
            return self.route(request, clues)
        except Refused as refused:
            return refused.answer()

    def learn(self, clues):
        """Times that earlier answers did not tell."""
        for found in clues.dicts():
            for room in self.rooms:
                if room.shown["id"] == found.get("id"):
                    for shown in found.get("members", []):
                        member = room.members.get(shown["id"])
                        if member and isinstance(member.joined_at, Window):
                            member.joined_at = member.joined_at.check(shown["joined_at"])
                if room.shown["id"] == found.get("conversation_id"):
                    message = room.message(found["id"])
                    if message and isinstance(message["deleted_at"], Window):
                        at = message["deleted_at"].check(found["deleted_at"])
                        message["deleted_at"] = message["updated_at"] = at

    # ---- the order of checks of section 5 ----

    def route(self, request, clues):
        path, _, query = request.target.partition("?")
        if request.who is None:
            raise Refused(401, "UNAUTHENTICATED")
        parts = path[len(BASE) + 1:].split("/") if path.startswith(BASE + "/") else [None]
        if not path.startswith(BASE) or (parts == [None] and path != BASE):
            raise Refused(404, "NOT_FOUND", missing="route")
        for template, handlers in self.routes:
            if len(template) == len(parts) and all(
                    name in ("id", "memberId", "messageId") and part is not None or name == part
                    for name, part in zip(template, parts)):
                break
        else:
            raise Refused(404, "NOT_FOUND", missing="route")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in handlers:
            allowed = [*handlers, "HEAD"] if "GET" in handlers else [*handlers]
            raise Refused(405, "METHOD_NOT_ALLOWED", allow=sorted(allowed))
        given = [request.fields()] if method in ("POST", "PATCH") else (
            [query] if method == "GET" else [])
        ids = [self.path_id(name, part) for name, part in zip(template, parts)
               if name in ("id", "memberId", "messageId")]
        return handlers[method](request.who, *ids, *given, clues)

    def path_id(self, name, part):
        read = {"id": lambda value: rules.uuid_id("conv_", value), "memberId": rules.opaque_id,
                "messageId": rules.message_id}[name]
        try:
            return read(urllib.parse.unquote(part))
        except ValueError as error:
            raise invalid([name]) from error

    def room(self, who, wanted):
        """The conversation and the caller as its member."""
        for room in self.rooms:
            if room.tenant == who[0] and room.shown["id"] == wanted and who[1] in room.members:
                return room, room.members[who[1]]
        raise Refused(404, "NOT_FOUND", missing="conversation")

    def visible_message(self, who, wanted):
        return any(room.tenant == who[0] and who[1] in room.members and room.message(wanted)
                   for room in self.rooms)

    # ---- conversations ----

    def create(self, who, fields, clues):
        values = rules.new_conversation(fields, who[1])
        members, parent = values["member_ids"], values.get("parent_message_id")
        if parent and not self.visible_message(who, parent):
            raise Refused(404, "NOT_FOUND", missing="parent")
        pair = values["conversation_type"] == "direct" and not parent and (
            "project_id" not in values) and set(members) or None
        for room in self.rooms:
            if pair and room.tenant == who[0] and room.pair == pair:
                for user in pair - set(room.members):
                    room.enter(user, None, "member", clues.window)
                return 200, {"success": True, "data": room.show()}
        now = clues.window.check(clues["created_at"])
        room = Room(who[0], {
            "id": clues["id"], "name": values.get("name"),
            "conversation_type": values["conversation_type"],
            "description": values.get("description"), "project_id": values.get("project_id"),
            "parent_message_id": parent, "is_archived": False,
            "settings": values.get("settings", {}), "created_by": who[1], "created_at": now,
            "updated_at": now})
        room.pair = pair
        for user in members:
            room.enter(user, values.get("member_types", {}).get(user, "user"),
                       "admin" if user == who[1] else "member", now)
        self.rooms.append(room)
        return 201, {"success": True, "data": room.show()}

    def list(self, who, query, clues):
        query = Query(query, ("type", "unread", "archived", "limit", "offset"))
        wanted = query.choice("type", rules.TYPES)
        unread = query.choice("unread", ["true", "false"]) == "true"
        archived = query.choice("archived", ["true", "false"]) == "true"
        limit = query.number("limit", 20, 1, 100)
        offset = query.number("offset", 0, 0, 1_000_000_000)
        query.check()
        found = [room for room in self.rooms
                 if room.tenant == who[0] and who[1] in room.members
                 and (not wanted or room.shown["conversation_type"] == wanted)
                 and (not unread or room.unread(who[1]) > 0)
                 and (archived or not room.shown["is_archived"])]
        found.sort(key=lambda room: room.shown["id"])
        found.sort(key=lambda room: room.shown["updated_at"], reverse=True)
        data = [{**room.show(), "unread_count": room.unread(who[1]),
                 "last_message": room.messages[-1] if room.messages else None}
                for room in found[offset:offset + limit]]
        return 200, {"success": True, "data": data,
                     "pagination": {"limit": limit, "offset": offset, "total": len(found)}}

    def get(self, who, wanted, query, clues):
        room, _ = self.room(who, wanted)
        members = sorted(room.members.values(), key=lambda each: (each.joined_at, each.id))
        return 200, {"success": True, "data": {**room.show(), "members": [
            {"id": each.id, "display_name": self.names.get((who[0], each.id), each.id),
             "role": each.role, "member_type": each.type, "joined_at": each.joined_at}
            for each in members]}}

    def update(self, who, wanted, fields, clues):
        changes = rules.conversation_changes(fields)
        room, caller = self.room(who, wanted)
        if caller.role != "admin":
            raise Refused(403, "FORBIDDEN")
        if differ(room.shown, changes):
            changes["updated_at"] = clues.window.check(clues["updated_at"],
                                                       after=room.shown["updated_at"])
            room.shown.update(changes)
        return 200, {"success": True, "data": room.show()}

    def delete(self, who, wanted, clues):
        room, caller = self.room(who, wanted)
        if caller.role == "admin":
            self.rooms.remove(room)
            return 200, {"success": True, "deleted": True}
        room.expel(who[1])
        return 200, {"success": True, "left": True}

    # ---- members ----

    def add_member(self, who, wanted, fields, clues):
        user, member_type = rules.new_member(fields)
        room, _ = self.room(who, wanted)
        if user in room.members:
            return 200, {"success": True, "added": False, "member_id": user}
        if room.shown["conversation_type"] == "direct" or len(room.members) >= 1_001:
            raise Refused(409, "CONFLICT")
        room.enter(user, member_type, "member", clues.window)
        return 201, {"success": True, "added": True, "member_id": user}

    def remove_member(self, who, wanted, user, clues):
        room, caller = self.room(who, wanted)
        if user != who[1] and caller.role != "admin":
            raise Refused(403, "FORBIDDEN")
        if user not in room.members:
            raise Refused(404, "NOT_FOUND", missing="member")
        room.expel(user)
        if not room.members:
            self.rooms.remove(room)
        return 200, {"success": True, "removed": True, "member_id": user}

    # ---- messages ----

    def send(self, who, wanted, fields, clues):
        values = rules.new_message(fields)
        room, caller = self.room(who, wanted)
        parent, kind = values.get("parent_message_id"), values.get("message_type", caller.type)
        if kind == "system" and caller.role != "admin":
            raise Refused(403, "FORBIDDEN")
        if parent and not room.message(parent):
            raise Refused(404, "NOT_FOUND", missing="parent")
        limit = room.shown["settings"].get("agent_run_limit")
        limit = self.agent_run_limit if limit is None else int(limit.text)
        agentic = bool({kind, caller.type} & {"twin", "agent"})
        if agentic and limit and room.agent_run() >= limit:
            raise Refused(409, "CONFLICT")
        now = clues.window.check(clues["created_at"], not_before=room.shown["updated_at"])
        room.messages.append({
            "id": clues["id"], "conversation_id": room.shown["id"],
            "number": len(room.messages) + 1, "user_id": who[1], "content": values["content"],
            "message_type": kind, "parent_message_id": parent,
            "metadata": values.get("metadata", {}), "created_at": now, "updated_at": now,
            "edited_at": None, "deleted_at": None})
        room.agentic.append(agentic)
        room.shown["updated_at"] = now
        return 201, {"success": True, "data": room.messages[-1]}

    def messages(self, who, wanted, query, clues):
        query = Query(query, ("cursor", "limit", "direction", "around", "search"))
        limit = query.number("limit", 50, 1, 200)
        direction = query.choice("direction", ["older", "newer"])
        search = query.text("search") if text.trim(query.text("search")) else ""
        places = {}
        for name in ("cursor", "around"):
            if query.text(name) or name == "around" and name in query.given:
                try:
                    places[name] = rules.message_id(query.text(name))
                except ValueError:
                    query.bad.append(name)
        if "around" in query.given and ("direction" in query.given or search
                                        or query.text("cursor")):
            query.bad.append("around")
        query.check()
        room, _ = self.room(who, wanted)
        for name, place in places.items():
            if not room.message(place):
                raise invalid([name])
        if "around" in places:
            return self.around(room, room.message(places["around"]), limit, clues)
        found = [each for each in room.messages if not search or (
            each["deleted_at"] is None and text.fold(search) in text.fold(each["content"]))]
        total = len(found) if search else room.total()
        if direction != "newer":
            found.reverse()
        if "cursor" in places:
            start = room.message(places["cursor"])["number"]
            found = [each for each in found if (each["number"] > start if direction == "newer"
                                                else each["number"] < start)]
        more = len(found) > limit
        return 200, {"success": True, "data": found[:limit], "pagination": {
            "cursor": found[limit - 1]["id"] if more else None, "hasMore": more, "total": total}}

    def around(self, room, pivot, limit, clues):
        """The contract says `about half a page on each side`: how much is asked of the server."""
        newer, older = len(room.messages) - pivot["number"], pivot["number"] - 1
        ids = [each.get("id") for each in clues.data] if isinstance(clues.data, list) else []
        above = ids.index(pivot["id"]) if pivot["id"] in ids else 0
        below = len(ids) - above - 1
        half = (limit - 1) // 2
        if not (min(newer, half) <= above <= newer and min(older, half) <= below <= older
                and above + below < limit):
            above, below = min(newer, half), min(older, half)
        first, last = pivot["number"] + above, pivot["number"] - below
        page = room.messages[last - 1:first][::-1]
        return 200, {"success": True, "data": page, "pagination": {
            "cursor": page[-1]["id"] if last > 1 else None, "hasMore": last > 1,
            "newer_cursor": page[0]["id"] if above < newer else None, "total": room.total()}}

    def own_message(self, who, wanted, message, admins):
        room, caller = self.room(who, wanted)
        found = room.message(message)
        if not found:
            raise Refused(404, "NOT_FOUND", missing="message")
        if found["user_id"] != who[1] and not (admins and caller.role == "admin"):
            raise Refused(403, "FORBIDDEN")
        return found

    def edit(self, who, wanted, message, fields, clues):
        changes = rules.message_changes(fields)
        found = self.own_message(who, wanted, message, admins=False)
        if found["deleted_at"] is not None:
            raise Refused(409, "CONFLICT")
        if differ(found, changes):
            now = clues.window.check(clues["updated_at"], not_before=found["updated_at"])
            found.update(changes, updated_at=now, edited_at=now)
        return 200, {"success": True, "data": found}

    def erase(self, who, wanted, message, clues):
        found = self.own_message(who, wanted, message, admins=True)
        if found["deleted_at"] is None:
            found.update(content="", metadata={}, deleted_at=clues.window,
                         updated_at=clues.window)
        return 200, {"success": True, "deleted": True}

    # ---- read receipts ----

    def mark_read(self, who, wanted, fields, clues):
        ids = rules.receipts(fields)
        room, caller = self.room(who, wanted)
        strangers = [each for each in ids if not room.message(each)]
        if strangers:
            raise Refused(404, "NOT_FOUND", ["message_ids"], missing="messages",
                          strangers=strangers[:10])
        caller.read.update(ids)
        return 200, {"success": True, "marked_read": len(ids)}
