"""The contacts of rest-contract.md, sections 1, 2, 5 and 6, in memory.

Written from the contract alone. Lists are scanned from end to end; nothing is clever."""

import urllib.parse

from . import text
from .requests import UUID, Query, Refused, invalid

LIMITS = {"name": 200, "email": 254, "phone": 64, "company": 200, "title": 200, "notes": 20_000}
FIELDS = ["name", "email", "phone", "company", "title", "tags", "notes", "source"]
SOURCES = ["manual", "meeting", "message", "email"]
BASE = "/api/v2/contacts"


class Clues:
    """What only the server can know about one answer: a fresh id, the time of the change."""

    def __init__(self, fresh_id=None, now=None):
        self.fresh_id, self.now = fresh_id, now
        self.changed = False  # set by the model where it takes `now` for a change


class Model:
    def __init__(self):
        self.books = {}  # (tenant, user) -> contacts

    def answer(self, request, clues):
        """(status, body): the body whole, or for an error its code, fields and `contact_id`."""
        try:
            return self.route(request, clues)
        except Refused as refused:
            return refused.answer()

    # ---- the order of checks of section 5 ----

    def route(self, request, clues):
        path, _, query = request.target.partition("?")
        if request.who is None:
            raise Refused(401, "UNAUTHENTICATED")
        if path == BASE:
            allowed = ["GET", "HEAD", "POST"]
        elif path.startswith(BASE + "/") and "/" not in path[len(BASE) + 1:]:
            allowed = ["DELETE", "GET", "HEAD", "PUT"]
        else:
            raise Refused(404, "NOT_FOUND")
        if request.method not in allowed:
            raise Refused(405, "METHOD_NOT_ALLOWED", allow=allowed)
        fields = request.fields() if request.method in ("POST", "PUT") else None
        book = self.books.setdefault(request.who, [])
        if path == BASE:
            if request.method == "POST":
                return self.create(request.who, book, fields, clues)
            return self.list(book, query)
        wanted = urllib.parse.unquote(path[len(BASE) + 1:])
        if not UUID.fullmatch(wanted):
            raise invalid(["id"])
        changes = self.changes_of(fields) if request.method == "PUT" else None
        for contact in book:
            if contact["id"] == wanted.lower():
                if request.method == "PUT":
                    return self.update(book, contact, changes, clues)
                if request.method == "DELETE":
                    book.remove(contact)
                    return 200, {"success": True, "message": "Contact deleted"}
                return 200, {"success": True, "contact": contact}
        raise Refused(404, "NOT_FOUND")

    # ---- the routes ----

    def create(self, who, book, fields, clues):
        given = {key: value for key, value in fields.items()
                 if value is not None or key not in FIELDS}
        bad = [key for key in given if key not in FIELDS]
        contact = {"name": None, "email": None, "phone": None, "company": None, "title": None,
                   "tags": [], "notes": "", "source": "manual"}
        for field in FIELDS:
            if field in given:
                try:
                    contact[field] = value_of(field, given[field])
                except ValueError:
                    bad.append(field)
        if contact["name"] is None:
            bad.append("name")
        if bad:
            raise invalid(bad)
        self.refuse_taken(book, contact["email"], None)
        contact.update(id=clues.fresh_id, user_id=who[1], other_emails=[], other_phones=[],
                       created_at=clues.now, updated_at=clues.now)
        book.append(contact)
        return 201, {"success": True, "contact": contact}

    def changes_of(self, fields):
        changes, bad = {}, []
        for field, value in fields.items():
            if field not in FIELDS or field == "source":
                bad.append(field)
                continue
            try:
                if value is None:
                    changes[field] = {"tags": [], "notes": ""}.get(field)
                else:
                    changes[field] = value_of(field, value)
            except ValueError:
                bad.append(field)
            if field == "name" and changes.get("name") is None:
                bad.append("name")
        if bad:
            raise invalid(bad)
        return changes

    def update(self, book, contact, changes, clues):
        self.refuse_taken(book, changes.get("email"), contact)
        if any(contact[field] != value for field, value in changes.items()):
            contact.update(changes)
            contact["updated_at"], clues.changed = clues.now, True
        return 200, {"success": True, "contact": contact}

    def refuse_taken(self, book, email, own):
        if email is None:
            return
        for contact in book:
            if contact is own or contact["email"] is None:
                continue
            if text.email_key(contact["email"]) == text.email_key(email):
                raise Refused(409, "ALREADY_EXISTS", ["email"], contact_id=contact["id"])

    def list(self, book, query):
        search, company, tags, source, limit, offset = parse_query(query)
        found = [contact for contact in book
                 if (not search or any(search in text.fold(contact[field] or "")
                                       for field in ("name", "email", "company")))
                 and (not company or text.fold(contact["company"] or "") == company)
                 and all(tag in map(text.fold, contact["tags"]) for tag in tags)
                 and (not source or contact["source"] == source)]
        found.sort(key=lambda contact: (text.fold(contact["name"])[:200].encode(), contact["id"]))
        return 200, {"success": True, "contacts": found[offset:offset + limit],
                     "total": len(found), "limit": limit, "offset": offset}


def value_of(field, value):
    """The value that is stored; ValueError where it breaks a rule."""
    if field == "tags":
        return tags_of(value)
    if not isinstance(value, str):
        raise ValueError(field)
    if field == "source":
        if value not in SOURCES:
            raise ValueError(field)
        return value
    if field != "notes":
        value = text.trim(value)
        if not value:
            return None
        if text.has_control(value):
            raise ValueError(field)
    if len(value) > LIMITS[field]:
        raise ValueError(field)
    if field == "email" and text.email_key(value) is None:
        raise ValueError(field)
    return value


def tags_of(value):
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise ValueError("tags")
    kept = []
    for tag in map(text.trim, value):
        if not tag:
            continue
        if "," in tag or len(tag) > 64 or text.has_control(tag):
            raise ValueError("tags")
        if text.fold(tag) not in map(text.fold, kept):
            kept.append(tag)
    if len(kept) > 100:
        raise ValueError("tags")
    return kept


def parse_query(query):
    query = Query(query, ("search", "company", "tags", "source", "limit", "offset"))
    source = query.choice("source", SOURCES)
    limit, offset = query.number("limit", 50, 1, 200), query.number("offset", 0, 0, 1_000_000_000)
    query.check()
    search = query.text("search")
    return (text.fold(search) if text.trim(search) else "", text.fold(query.text("company")),
            [text.fold(text.trim(tag)) for tag in query.text("tags").split(",") if text.trim(tag)],
            source, limit, offset)
