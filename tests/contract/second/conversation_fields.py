"""The fields of conversations, members, messages and receipts, as rest-contract.md limits them.

Each reader gives the values that are stored, or refuses every bad field at once."""

from . import text
from .requests import OPAQUE_ID, UUID, invalid

TYPES = ["direct", "group", "project"]
MEMBER_TYPES = ["user", "twin", "agent"]
MESSAGE_TYPES = ["user", "twin", "agent", "system"]
GREATEST_RUN_LIMIT = 1_000_000_000


def uuid_id(prefix, value):
    """The id in lower case; ValueError where it is malformed."""
    if not isinstance(value, str) or value[:len(prefix)].lower() != prefix or (
            not UUID.fullmatch(value[len(prefix):])):
        raise ValueError(value)
    return value.lower()


def message_id(value):
    return uuid_id("msg_", value)


def opaque_id(value):
    if not isinstance(value, str) or not OPAQUE_ID.fullmatch(value):
        raise ValueError(value)
    return value


def one_of(values):
    def read(value):
        if not isinstance(value, str) or value not in values:
            raise ValueError(value)
        return value
    return read


def name(value):
    if not isinstance(value, str):
        raise ValueError(value)
    value = text.trim(value)
    if len(value) > 200 or text.has_control(value):
        raise ValueError(value)
    return value or None


def description(value):
    if not isinstance(value, str) or len(value) > 2_000:
        raise ValueError(value)
    return value


def content(value):
    if not isinstance(value, str) or len(value) > 40_000 or not text.trim(value):
        raise ValueError(value)
    return value


def json_object(value):
    if not isinstance(value, dict) or len(text.compact(value).encode()) > 16_384:
        raise ValueError(value)
    return value


def settings(value):
    limit = json_object(value).get("agent_run_limit")
    if limit is not None and (not isinstance(limit, text.Number) or not limit.text.isdecimal()
                              or int(limit.text) > GREATEST_RUN_LIMIT):
        raise ValueError(value)
    return value


def boolean(value):
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def ids(read, value):
    """A list of ids, each once."""
    if not isinstance(value, list):
        raise ValueError(value)
    return list(dict.fromkeys(read(each) for each in value))


def type_map(value):
    if not isinstance(value, dict):
        raise ValueError(value)
    return {key: one_of(MEMBER_TYPES)(each) for key, each in value.items()}


def read_fields(fields, readers, required=()):
    """(values, names of the bad ones). In a POST, null is the same as absent."""
    values, bad = {}, []
    for field, value in fields.items():
        if field not in readers:
            bad.append(field)
        elif value is not None:
            try:
                values[field] = readers[field](value)
            except ValueError:
                bad.append(field)
    bad += [field for field in required if fields.get(field) is None]
    return values, bad


def read_changes(fields, readers, cleared):
    """The values of a PATCH; null takes what `cleared` says, or is bad."""
    values, bad = read_fields(fields, readers)
    for field, value in fields.items():
        if field in readers and value is None:
            if field in cleared:
                values[field] = cleared[field]
            else:
                bad.append(field)
    if bad:
        raise invalid(bad)
    return values


def new_conversation(fields, creator):
    values, bad = read_fields(fields, {
        "conversation_type": one_of(TYPES), "member_ids": lambda value: ids(opaque_id, value),
        "name": name, "description": description, "project_id": opaque_id,
        "parent_message_id": message_id, "member_types": type_map, "settings": settings,
    }, ["conversation_type", "member_ids"])
    if "member_ids" in values:
        others = [each for each in values["member_ids"] if each != creator]
        direct = values.get("conversation_type") == "direct"
        if not 1 <= len(others) <= (1 if direct else 1_000):
            bad.append("member_ids")
        # Where no members are named, whether a key is one cannot be said.
        if values["member_ids"] and set(values.get("member_types", {})) - {creator, *others}:
            bad.append("member_types")
        values["member_ids"] = [creator, *others]
    if bad:
        raise invalid(bad)
    return values


def conversation_changes(fields):
    return read_changes(fields, {"name": name, "description": description, "is_archived": boolean,
                                 "settings": settings},
                        {"name": None, "description": None, "settings": {}})


def new_member(fields):
    values, bad = read_fields(fields, {"member_id": opaque_id,
                                       "member_type": one_of(MEMBER_TYPES)}, ["member_id"])
    if bad:
        raise invalid(bad)
    return values["member_id"], values.get("member_type", "user")


def new_message(fields):
    values, bad = read_fields(fields, {
        "content": content, "message_type": one_of(MESSAGE_TYPES),
        "parent_message_id": message_id, "metadata": json_object}, ["content"])
    if bad:
        raise invalid(bad)
    return values


def message_changes(fields):
    return read_changes(fields, {"content": content, "metadata": json_object}, {"metadata": {}})


def receipts(fields):
    values, bad = read_fields(fields, {"message_ids": lambda value: ids(message_id, value)},
                              ["message_ids"])
    if "message_ids" in values and not 1 <= len(values["message_ids"]) <= 500:
        bad.append("message_ids")
    if bad:
        raise invalid(bad)
    return values["message_ids"]
