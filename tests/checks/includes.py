"""Who may include whom: docs/architecture.md, "What links what".

Usage: includes.py ROOT. Every include of every source must be allowed by the first row of LAYERS
that matches the file. What no row allows is refused, so a new library needs a new line here.
"""

import functools
import re
import sys
from pathlib import Path

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*(.*?)\s*(?://.*)?$')
OPERAND = re.compile(r'^([<"])([^>"]+)[>"]$')

# What an include can be. In patterns `*` is a part of a name without a dot, `**` is any rest.
STD = ["<*>"]
PUBLIC = ["<lvng/crm/**>"]
FMT = ["<fmt/**>"]
ICU = ["<unicode/**>"]
PHONE = ["<phonenumbers/**>"]
SQLITE = ["<sqlite3.h>"]
POSTGRESQL = ["<libpq-fe.h>"]
OPENSSL = ["<openssl/**>"]
CURL = ["<curl/curl.h>"]
# Poco's foundation has no folder of its own, and none of its networking goes without it.
POCO_BASE = ["<Poco/*.h>"]
POCO_NET = ["<Poco/Net/**>"]
POCO_DATA = ["<Poco/Data/Session.h>", "<Poco/Data/PostgreSQL/**>"]
PLATFORM = [
    "<arpa/inet.h>", "<errno.h>", "<fcntl.h>", "<poll.h>", "<pthread.h>", "<signal.h>", "<time.h>", "<unistd.h>",
    "<sys/**>",
]

# Public headers that are more than values, and standard headers with a clock, chance or I/O.
IMPURE = [
    "<lvng/crm/ports/**>",
    "<lvng/crm/auth.hpp>", "<lvng/crm/crm.hpp>", "<lvng/crm/postgresql.hpp>",
    "<lvng/crm/sqlite.hpp>",
    "<lvng/crm/testing.hpp>", "<lvng/crm/transaction.hpp>",
    "<condition_variable>", "<cstdio>", "<ctime>", "<filesystem>", "<fstream>", "<future>",
    "<iostream>", "<mutex>", "<random>", "<thread>",
]

TEXT = ['"text/**"']
RULES = ['"**/rules/**"']
SQL = ['"adapters/sql/**"']
ANY_ADAPTER = ['"adapters/**"']
HTTP = ['"http/**"']
API = ['"api/**"']
FRONT = ['"front/**"', "<arpa/inet.h>", "<netinet/*.h>"]
OURS = ['"**"']

PURE = PUBLIC + STD + FMT + TEXT
APP = PUBLIC + STD + FMT + POCO_BASE + PLATFORM
EXAMPLE = PUBLIC + STD

# (files, may include, must not include although it may). The first match decides.
LAYERS = [
    ("include/**", PUBLIC + STD, []),

    ("lib/text/**.cpp", PURE + ICU + PHONE, IMPURE),
    ("lib/text/**", PURE, IMPURE),
    ("lib/**/rules/**", PURE + RULES, IMPURE),
    ("lib/adapters/sql/**", PURE + RULES + SQL, []),
    ("lib/adapters/sqlite/**", PURE + RULES + SQL + ['"adapters/sqlite/**"'] + SQLITE + PLATFORM, []),
    # The one file that lets Poco open a session.
    ("lib/adapters/postgresql/poco_session.cpp",
     PUBLIC + STD + ['"adapters/postgresql/**"'] + POSTGRESQL + POCO_BASE + POCO_DATA + PLATFORM, []),
    ("lib/adapters/postgresql/**",
     PURE + RULES + SQL + ['"adapters/postgresql/**"'] + POSTGRESQL + PLATFORM, []),
    ("lib/adapters/auth/**", PURE + ['"adapters/auth/**"', '"adapters/curl/**"'] + OPENSSL, []),
    ("lib/adapters/curl/**", PURE + ['"adapters/curl/**"'] + CURL + PLATFORM, []),
    # The operating system's clock and random numbers.
    ("lib/defaults.cpp", PUBLIC + STD + OURS + PLATFORM, ANY_ADAPTER),
    ("lib/**", PUBLIC + STD + FMT + OURS, ANY_ADAPTER),

    # The one file on this side of the boundary that knows Poco's server.
    ("apps/lvng-server/http/poco_handler.**", APP + HTTP + POCO_NET, []),
    ("apps/lvng-server/http/**", APP + HTTP, []),
    ("apps/lvng-server/api/**", APP + HTTP + API + ['"openapi/**"'], []),
    ("apps/lvng-server/openapi/**", APP, []),
    # Bytes in, bytes out: no socket.
    ("apps/lvng-server/front/head_parser.**", STD + HTTP + FRONT, IMPURE),
    ("apps/lvng-server/front/body_reader.**", STD + HTTP + FRONT, IMPURE),
    ("apps/lvng-server/front/**", APP + HTTP + FRONT + POCO_NET, []),
    ("apps/lvng-server/commands/**", APP + OURS + POCO_NET, []),
    ("apps/lvng-server/*.*", APP + OURS + POCO_NET, []),

    # A host's own tables and server need their libraries; the routes come from lvng-server-app.
    ("examples/own_tables_too**", EXAMPLE + SQLITE, []),
    ("examples/poco_http_server**", EXAMPLE + POCO_BASE + POCO_NET + HTTP + API, []),
    ("examples/**", EXAMPLE, []),
]

# Where a quoted include is looked up. Tests may see everything and are not scanned.
ROOTS = {"lib": "lib", "apps": "apps/lvng-server", "examples": "apps/lvng-server"}


@functools.cache
def compiled(pattern):
    kinds = {"**": ".*", "*": "[^/.]*"}
    parts = re.split(r"(\*+)", pattern)
    return re.compile("".join(kinds.get(part, re.escape(part)) for part in parts))


def matches(text, patterns):
    return any(compiled(pattern).fullmatch(text) for pattern in patterns)


def complaint(root, path, operand):
    """What is wrong with one include of one file; nothing where it is allowed."""
    parsed = OPERAND.match(operand)
    if not parsed:
        return f"include {operand} cannot be checked"
    layer = next((row for row in LAYERS if matches(path, [row[0]])), None)
    if layer is None:
        return "no row of LAYERS matches this file"
    if not matches(operand, layer[1]) or matches(operand, layer[2]):
        return f"{layer[0]} must not include {operand}"
    folder = ROOTS.get(path.split("/")[0], "")
    if parsed[1] == '"' and not (root / folder / parsed[2]).is_file():
        return f'{operand} is not a file below {folder or "the project"}'
    return None


def scan(root):
    """All complaints about the sources below `root`, as `file:line: complaint`."""
    root = Path(root)
    findings = []
    for top in ("include", "lib", "apps", "examples"):
        for file in tree.files(root / top, tree.SOURCES) if (root / top).is_dir() else []:
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                wrong = complaint(root, path, include[1]) if include else None
                if wrong:
                    findings.append(f"{path}:{number}: {wrong}")
    return findings


if __name__ == "__main__":
    sys.exit(tree.report(scan(sys.argv[1]), "includes"))
