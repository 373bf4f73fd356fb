"""The include scan finds what it is there for: made-up files that break a rule, and good ones."""

import tempfile
import unittest
from pathlib import Path

import includes

BAD = [
    ("include/lvng/crm/a.hpp", "<fmt/format.h>"),
    ("include/lvng/crm/a.hpp", '"text/unicode.hpp"'),
    ("include/lvng/crm/a.hpp", "<sqlite3.h>"),
    ("lib/text/a.cpp", "<lvng/crm/ports/environment.hpp>"),
    ("lib/text/a.cpp", "<fstream>"),
    ("lib/text/a.cpp", "<Poco/Net/MailMessage.h>"),
    ("lib/text/a.hpp", "<unicode/unistr.h>"),
    ("lib/contacts/rules/a.cpp", "<random>"),
    ("lib/contacts/rules/a.cpp", "<unicode/unistr.h>"),
    ("lib/contacts/rules/a.cpp", '"unit_of_work.hpp"'),
    ("lib/contacts/a.cpp", '"adapters/sql/contacts.hpp"'),
    ("lib/contacts/a.cpp", "<sqlite3.h>"),
    ("lib/crm.cpp", "<Poco/Foundation.h>"),
    ("lib/crm.cpp", "<curl/curl.h>"),
    ("lib/crm.cpp", "<unistd.h>"),
    ("lib/adapters/sql/a.cpp", "<sqlite3.h>"),
    ("lib/adapters/sql/a.cpp", '"adapters/sqlite/connection.hpp"'),
    ("lib/adapters/sqlite/a.cpp", '"unit_of_work.hpp"'),
    ("lib/adapters/sqlite/a.cpp", "<openssl/evp.h>"),
    ("lib/adapters/postgresql/a.cpp", "<Poco/Data/Session.h>"),
    ("lib/adapters/postgresql/a.cpp", "<sqlite3.h>"),
    ("lib/adapters/auth/a.cpp", '"adapters/sql/contacts.hpp"'),
    ("lib/adapters/unknown/a.cpp", '"adapters/sql/contacts.hpp"'),
    ("apps/lvng-server/api/a.cpp", '"text/unicode.hpp"'),
    ("apps/lvng-server/api/a.cpp", "<Poco/Net/HTTPServer.h>"),
    ("apps/lvng-server/http/a.cpp", '"api/contacts.hpp"'),
    ("apps/lvng-server/http/a.cpp", "<Poco/Data/Session.h>"),
    ("apps/lvng-server/http/a.cpp", '"front/client.hpp"'),
    ("apps/lvng-server/front/a.cpp", '"api/contacts.hpp"'),
    ("apps/lvng-server/front/head_parser.cpp", "<sys/socket.h>"),
    ("apps/lvng-server/main.cpp", "<sqlite3.h>"),
    ("apps/lvng-server/elsewhere/a.cpp", "<string>"),
    ("examples/a.cpp", '"http/router.hpp"'),
    ("examples/a.cpp", "<sqlite3.h>"),
    ("lib/crm.cpp", "WHAT_A_MACRO_SAYS"),
]

GOOD = [
    ("include/lvng/crm/a.hpp", "<lvng/crm/error.hpp>"),
    ("lib/text/a.cpp", "<unicode/unistr.h>"),
    ("lib/contacts/rules/a.cpp", '"text/unicode.hpp"'),
    ("lib/contacts/a.cpp", "<fmt/format.h>"),
    ("lib/defaults.cpp", "<sys/random.h>"),
    ("lib/adapters/sqlite/a.cpp", "<sqlite3.h>"),
    ("lib/adapters/sqlite/a.cpp", '"adapters/sql/contacts.hpp"'),
    ("lib/adapters/auth/a.cpp", "<openssl/evp.h>"),
    ("lib/adapters/postgresql/a.cpp", "<libpq-fe.h>"),
    ("lib/adapters/postgresql/a.cpp", '"adapters/sql/contacts.hpp"'),
    ("lib/adapters/postgresql/poco_session.cpp", "<Poco/Data/Session.h>"),
    ("apps/lvng-server/api/a.cpp", '"http/router.hpp"'),
    ("apps/lvng-server/http/poco_handler.cpp", "<Poco/Net/HTTPServer.h>"),
    ("apps/lvng-server/front/a.cpp", "<sys/socket.h>"),
    ("examples/a.cpp", "<lvng/crm/crm.hpp>"),
]

# What the quoted includes above name.
BESIDE = [
    "lib/text/unicode.hpp", "lib/unit_of_work.hpp", "lib/adapters/sql/contacts.hpp",
    "lib/adapters/sqlite/connection.hpp", "apps/lvng-server/api/contacts.hpp",
    "apps/lvng-server/http/router.hpp", "apps/lvng-server/front/client.hpp",
]


def findings(path, line):
    """What the scan says about a tree whose file `path` holds `line`."""
    with tempfile.TemporaryDirectory() as folder:
        for name in [*BESIDE, path]:
            file = Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        (Path(folder) / path).write_text(f"#pragma once\n\n{line}\n")
        return includes.scan(folder)


class IncludesTest(unittest.TestCase):
    def test_forbidden_includes_are_found(self):
        for path, operand in BAD:
            with self.subTest(path=path, operand=operand):
                found = findings(path, f"#include {operand}")
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{path}:3: "), found)

    def test_allowed_includes_pass(self):
        for path, operand in GOOD:
            with self.subTest(path=path, operand=operand):
                self.assertEqual(findings(path, f"#include {operand}"), [])

    def test_spacing_and_comments_do_not_hide_an_include(self):
        include = "include <curl/curl.h>"
        for line in [f"  #  {include}", f"#{include} // why", f"#{include} /* why */"]:
            with self.subTest(line=line):
                self.assertEqual(len(findings("lib/crm.cpp", line)), 1)

    def test_an_include_of_nothing_is_found(self):
        self.assertEqual(len(findings("lib/crm.cpp", '#include "text/no_such.hpp"')), 1)


if __name__ == "__main__":
    unittest.main()
