"""Bodies for json_bodies.py: as fragments in a member's place, as whole bodies, and on fields."""

import json

TYPED = True  # good JSON, but not the text that the member takes


def fragments():
    """(bytes of a value, its meaning): the text that it says, TYPED, or None for no JSON."""
    yield from ((value, TYPED) for value in GOOD_VALUES)
    yield from ((value, None) for value in BAD_VALUES)
    yield from ((b'"' + text + b'"', meaning) for text, meaning in GOOD_STRINGS)
    yield from ((b'"' + text + b'"', None) for text in BAD_STRINGS)
    # All 32 bytes that a string must escape, raw and escaped.
    for byte in range(0x20):
        yield b'"a' + bytes([byte]) + b'z"', None
        yield b'"a\\u%04xz"' % byte, f"a{chr(byte)}z" if byte else None
    # Every two-character escape there is, and every letter that is none.
    for letter in range(0x21, 0x7F):
        meaning = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}.get(chr(letter))
        if chr(letter) in '"\\/':
            meaning = chr(letter)
        if chr(letter) != "u":
            yield b'"\\' + bytes([letter]) + b'."', meaning and meaning + "."
    for depth in (31, 32, 1000, 100_000):
        yield b"[" * depth + b"]" * depth, TYPED if depth < 32 else None
        yield b'{"a":' * depth + b"1" + b"}" * depth, TYPED if depth < 32 else None
    yield b"[" * 31 + b"[" * 100_000, None


GOOD_VALUES = [
    b"0", b"-0", b"1", b"-1", b"10", b"123456789", b"1.5", b"-1.5", b"0.0", b"1e5", b"1E5", b"1e+5",
    b"1e-5", b"0e0", b"0e+1", b"1.0E+2", b"123.456e78", b"1e999", b"-1e999", b"1e-999",
    b"18446744073709551616", b"9223372036854775808", b"-9223372036854775809", b"9" * 400,
    b"0." + b"1" * 400, b"true", b"false", b"[]", b"{}", b"[[]]", b"[1,2,3]", b"[1 , 2]", b"[null]",
    b'["a"]', b'{"a":1}', b'{"a":{"b":[{}]}}', b'{"":0}', b'{"a":1,"A":2}', b'[ ]', b"{ }",
    b"\t[\n]\r ", b'{"a" : 1 , "b" : 2}', b"[" + b"1," * 5000 + b"1]", b'[{"a":1},{"a":1}]',
    b'{"\\u0061":1,"b":1}',
]

BAD_VALUES = [
    b"", b" ", b"nul", b"nulll", b"Null", b"NULL", b"True", b"TRUE", b"tru", b"fals", b"truefalse",
    b"nan", b"NaN", b"-NaN", b"Infinity", b"-Infinity", b"+Infinity", b"inf", b"undefined", b"None",
    b"+1", b"+0", b"01", b"-01", b"00", b"-", b"--1", b"1.", b"-1.", b".5", b"-.5", b"1.e1", b"1e",
    b"1e+", b"1e-", b"1E", b"1e1.5", b"0x1F", b"0b1", b"0o7", b"1_000", b"1,5", b"1 000", b"1.2.3",
    b"1e5e5", b"1-1", b"- 1", b"1a", b"0.1.2", b"\xef\xbc\x91", b"1\xc2\xa0", b"\xd9\xa1", b"$1",
    b"'a'", b"`a`", b"a", b'a"', b'"a', b'"', b'"a""', b'"a" "b"', b'"a"b', b'"a\\"', b"[", b"]",
    b"{", b"[1", b"[1,", b"[1,]", b"[,1]", b"[1,,2]", b"[1 2]", b"[1}", b"[1]]", b"[,]", b"[1:2]",
    b"[a]", b"[1,\n", b"[-]", b"[\x00]", b"[\x0c]", b"[\x0b1]", b"[\xa01]", b"[\xe2\x80\x8b]",
    b"[\xff]", b"{1:2}", b"{a:1}", b"{'a':1}", b'{"a"}', b'{"a":}', b'{"a":1,}', b'{"a" 1}',
    b'{"a":1 "b":2}', b'{,"a":1}', b'{"a":1,,"b":2}', b'{"a"::1}', b'{"a",1}', b'{"a":1]',
    b'{null:1}', b'{[]:1}', b'{"a":1}}', b'{"a":"b"', b'{"a":"b', b'{"a', b'{"a":1;"b":2}',
    b'{"a":1,"a":1}', b'{"a":1,"\\u0061":2}', b'{"a":1,"b":2,"a":null}', b'{"":1,"":2}',
    b'{"\\u0000":1}', b'{"\\ud800":1}', b"1 // one", b"/* one */ 1", b"1 # one", b"[1 /**/]",
    b"<null>", b"\xe2\x88\x9e", b"\\u0031", b"[" * 40, b'{"a":' * 40, b"]" * 40,
    b"{" + b",".join(b'"k%d":1' % number for number in range(1001)) + b"}",
]

GOOD_STRINGS = [
    (b"", ""), (b" ", " "), (b"a", "a"), (b"\\u0061", "a"), (b"\\u00E9\\u00e9", "éé"),
    (b"\\/", "/"), (b"/", "/"), (b"\\\\", "\\"), (b"\\\\u0000", "\\u0000"), (b"\\\\\\\\n", "\\\\n"),
    (b"\\\"", '"'), (b"\x7f", "\x7f"), (b"\\u007f", "\x7f"), (b"\xc2\x80", "\u0080"),
    (b"\xc2\xa0", "\u00a0"), (b"\xdf\xbf", "\u07ff"), (b"\xe0\xa0\x80", "\u0800"),
    (b"\xe2\x80\xa8\xe2\x80\xa9", "\u2028\u2029"), (b"\xed\x9f\xbf", "\ud7ff"),
    (b"\xee\x80\x80", "\ue000"), (b"\xef\xbb\xbf", "\ufeff"), (b"\xef\xbf\xbd", "\ufffd"),
    (b"\xef\xbf\xbe", "\ufffe"), (b"\xef\xbf\xbf", "\uffff"), (b"\\uffff\\uFFFE", "\uffff\ufffe"),
    (b"\xef\xb7\x90", "\ufdd0"), (b"\xf0\x90\x80\x80", "\U00010000"), (b"\xf0\x9f\x98\x80", "😀"),
    (b"\xf4\x8f\xbf\xbf", "\U0010ffff"), (b"\\ud83d\\ude00", "😀"),
    (b"\\uD83D\\uDE00\\ud83d\\ude00", "😀😀"), (b"\\udbff\\udfff", "\U0010ffff"),
    (b"\\ud800\\udc00", "\U00010000"), (b"\\ud7ff\\ue000", "\ud7ff\ue000"),
    (b"e\xcc\x81", "e\u0301"), (b"\xc3\xa9", "é"), (b"\\u0065\\u0301", "e\u0301"),
    (b"\xe2\x84\xab", "\u212b"), (b"\xef\xb7\xba", "\ufdfa"), (b"// no comment", "// no comment"),
    (b"/* no comment */", "/* no comment */"), (b"null", "null"), (b"[1,2]", "[1,2]"),
    (b"{}", "{}"), (b"a\\u2028b", "a\u2028b"), (b"\\u0022\\u005c\\u002F", '"\\/'),
    (b"\\b\\f\\n\\r\\t", "\b\f\n\r\t"), (b"  kept  ", "  kept  "),
    (b"\\u200B\\u200e\\ufeff", "\u200b\u200e\ufeff"), (b"x" * 20_000, "x" * 20_000),
    (b"\xf0\x9f\x91\x8d" * 20_000, "👍" * 20_000), (b"\\ud83d\\udc4d" * 20_000, "👍" * 20_000),
]

BAD_STRINGS = [
    b"\\u", b"\\u0", b"\\u00", b"\\u006", b"\\u00g1", b"\\u 061", b"\\u-061", b"\\u+061",
    b"\\U0061", b"\\x61", b"\\0", b"\\u{61}", b"\\'", b"\\a", b"\\v", b"\\e", b"\\ ", b"\\\n",
    b"\\", b"\\\xc3\xa9", b"\\u00\xc3\xa9", b"\\u0000", b"a\\u0000", b"\\ud800", b"\\udbff",
    b"\\udc00", b"\\udfff", b"\\ud83d", b"\\ud83da", b"\\ud83d\\n", b"\\ud83d\\u0061",
    b"\\ud83d\\ud83d", b"\\ude00\\ud83d", b"\\ud83d \\ude00", b"\\ud83d\\\\ude00", b"\\ude00",
    b"\\ud83d\\ude0", b"\\ud83d\\uDE", b"\\uD83D\\u", b"\\ud83d\\ude00\\ude00", b"\x00", b"\x1f",
    b"\t", b"\n", b"\r", b"\x1b[31m", b"\x80", b"\xbf", b"\xc0", b"\xc0\x80", b"\xc0\xaf",
    b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xc3\xc3\xa9", b"\xe0\x80\x80", b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf", b"\xe2\x82", b"\xe2(\xa1", b"\xe2\x28\xa1", b"\xed\xa0\x80", b"\xed\xaf\xbf",
    b"\xed\xb0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf0\x80\x80\x80",
    b"\xf0\x80\x80\xaf", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf0\x28\x8c\xbc",
    b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf7\xbf\xbf\xbf", b"\xf8\x88\x80\x80\x80",
    b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xe9", b"caf\xe9",
    b"\x81\x40",
]


def wholes():
    """(whole body, the fields that must be stored, or None for a body that is refused)."""
    good = b'{"name":"Jane"}'
    jane = {"name": "Jane"}
    for body in (good, b" " + good, good + b"\n", b"\t\r\n " + good + b" \r\n\t",
                 b'{ "name" : "Jane" }',
                 b'{"n\\u0061me":"Jane"}', b'{"\\u006e\\u0061\\u006d\\u0065":"J\\u0061ne"}',
                 b'{\n"name"\n:\n"Jane"\n}', b'{"name":"Jane","email":null,"tags":null}',
                 good + b" " * 100_000):
        yield body, jane
    for body in (b"", b" ", b"\n", b"\x00", b"[]", b"[" + good + b"]", b'"Jane"', b"1", b"-0",
                 b"true", b"false", b"null",
                 good + good, good + b"," + good, good + b",", good + b"]", good + b"}",
                 good + b"x", good + b"\x00", good + b"//", good + b"/**/", good + b"#",
                 b"\xef\xbb\xbf" + good, b"\xef\xbb\xbf", b"\xfe\xff",
                 good.decode().encode("utf-16"), good.decode().encode("utf-16-le"),
                 good.decode().encode("utf-32"), b"\x0c" + good, b"\xa0" + good, b"\xc2\xa0" + good,
                 b"\xe2\x80\x8b" + good, good + b"\x0b", good + b"\xff", good[:-1], good[1:],
                 good[:-2] + b"}", good.replace(b":", b""), good.replace(b":", b"="),
                 good.replace(b'"', b"'"), b"{name:\"Jane\"}", b'{"name":"Jane",}',
                 b'{,"name":"Jane"}', b"{}}", b"{{}}", b"{", b"}", b'{"', b'{"name', b'{"name"',
                 b'{"name":', b'{"name":"', b'{"name":"Jane"', b'{"name":"Jane",',
                 b'{"name":"Jane","name":"Jane"}', b'{"name":"Jane","n\\u0061me":"Bob"}',
                 b'{"name\\u0000":"Jane"}', b'{"name":"Jane"};', b"name=Jane", b"<name>Jane</name>",
                 b"--- name: Jane", b"Jane", b"{\"a\":" * 100_000, b"[" * 100_000, b"{" * 100_000,
                 b'{"name":"' + b"x" * 900_000):
        yield body, None


def fields():
    """(body, names of the bad fields, fields that must be stored where there are none)."""
    for given, named, stored in ON_FIELDS:
        yield json.dumps(given, ensure_ascii=False).encode(), named, stored


def jane(**more):
    return {"name": "Jane", **more}


MANY = [f"t{number}" for number in range(101)]
EMPTY = {"email": None, "phone": None, "company": None, "title": None, "tags": [], "notes": "",
         "source": "manual", "other_emails": [], "other_phones": []}
ON_FIELDS = [
    ({}, ["name"], None),
    ({"name": None}, ["name"], None),
    ({"name": ""}, ["name"], None),
    ({"name": " \t\u3000"}, ["name"], None),
    ({"name": 7}, ["name"], None),
    ({"name": ["Jane"]}, ["name"], None),
    ({"name": {"first": "Jane"}}, ["name"], None),
    ({"name": False}, ["name"], None),
    ({"name": "x" * 201}, ["name"], None),
    ({"name": "👍" * 201}, ["name"], None),
    ({"name": "a\nb"}, ["name"], None),
    ({"name": "a\x7f"}, ["name"], None),
    ({"name": "a\u0085b"}, ["name"], None),
    ({"name": "\x1fJane"}, ["name"], None),
    (jane(tag="a"), ["tag"], None),
    (jane(Name="a"), ["Name"], None),
    (jane(**{"": "a"}), [""], None),
    (jane(id="550e8400-e29b-41d4-a716-446655440000"), ["id"], None),
    (jane(user_id="usr_bob"), ["user_id"], None),
    (jane(other_emails=[]), ["other_emails"], None),
    (jane(other_phones=None), ["other_phones"], None),
    (jane(created_at="2026-04-01T12:00:00.000Z"), ["created_at"], None),
    (jane(__proto__={}), ["__proto__"], None),
    (jane(role="admin", organizationId="globex", is_admin=True),
     ["role", "organizationId", "is_admin"], None),
    (jane(email=7), ["email"], None),
    (jane(email=["jane@acme.com"]), ["email"], None),
    (jane(email="jane"), ["email"], None),
    (jane(email="jane@"), ["email"], None),
    (jane(email="@acme.com"), ["email"], None),
    (jane(email="jane@localhost"), ["email"], None),
    (jane(email="jane@[127.0.0.1]"), ["email"], None),
    (jane(email='"jane"@acme.com'), ["email"], None),
    (jane(email="jane@acme..com"), ["email"], None),
    (jane(email="jane@-acme.com"), ["email"], None),
    (jane(email="jane@ac_me.com"), ["email"], None),
    (jane(email="j ane@acme.com"), ["email"], None),
    (jane(email="jane@acme.com, bob@acme.com"), ["email"], None),
    (jane(email="Jane <jane@acme.com>"), ["email"], None),
    (jane(email="x" * 65 + "@acme.com"), ["email"], None),
    (jane(email="x" * 64 + "@" + ".".join(["b" * 62] * 3) + ".com"), ["email"], None),
    (jane(phone=5550100), ["phone"], None),
    (jane(phone="5" * 65), ["phone"], None),
    (jane(phone="1\r2"), ["phone"], None),
    (jane(company=True), ["company"], None),
    (jane(company="x" * 201), ["company"], None),
    (jane(title={}), ["title"], None),
    (jane(title="x" * 201), ["title"], None),
    (jane(tags="client"), ["tags"], None),
    (jane(tags={"0": "client"}), ["tags"], None),
    (jane(tags=[1]), ["tags"], None),
    (jane(tags=["a", None]), ["tags"], None),
    (jane(tags=[["a"]]), ["tags"], None),
    (jane(tags=["a,b"]), ["tags"], None),
    (jane(tags=["t" * 65]), ["tags"], None),
    (jane(tags=["a\tb"]), ["tags"], None),
    (jane(tags=MANY), ["tags"], None),
    (jane(notes=7), ["notes"], None),
    (jane(notes=["a"]), ["notes"], None),
    (jane(notes="n" * 20_001), ["notes"], None),
    (jane(source="Manual"), ["source"], None),
    (jane(source=""), ["source"], None),
    (jane(source="import"), ["source"], None),
    (jane(source=1), ["source"], None),
    ({"emial": "x", "email": "x", "phone": 1, "tags": 2, "source": "x", "notes": None,
      "title": "a"},
     ["emial", "email", "phone", "tags", "source", "name"], None),
    (jane(), None, {**EMPTY, "name": "Jane"}),
    (jane(email=None, phone=None, company=None, title=None, tags=None, notes=None, source=None),
     None, EMPTY),
    (jane(email="", phone=" ", company="\t", title="\u3000", tags=[" ", ""], notes=""), None,
     EMPTY),
    ({"name": "\u2003\tJane \u0085"}, None, {"name": "Jane"}),
    ({"name": "x" * 200}, None, {"name": "x" * 200}),
    ({"name": " " + "👍" * 200 + " "}, None, {"name": "👍" * 200}),
    ({"name": "\ufdfa" * 200}, None, {"name": "\ufdfa" * 200}),
    ({"name": "\u200fדוד\u200e"}, None, {"name": "\u200fדוד\u200e"}),
    (jane(email=" Jane.O'Neil+x@Acme.COM "), None, {"email": "Jane.O'Neil+x@Acme.COM"}),
    (jane(email="用户@例え.example"), None, {"email": "用户@例え.example"}),
    (jane(email="x" * 64 + "@" + ".".join(["b" * 61] * 3) + ".ab"), None,
     {"email": "x" * 64 + "@" + ".".join(["b" * 61] * 3) + ".ab"}),
    (jane(phone=" call me "), None, {"phone": "call me"}),
    (jane(phone="5" * 64), None, {"phone": "5" * 64}),
    (jane(tags=MANY[:100] + ["T1", " t2 ", "", "t1"]), None, {"tags": MANY[:100]}),
    (jane(tags=[" Client ", "client", "CLIENT", "straße", "STRASSE", "t" * 64]), None,
     {"tags": ["Client", "straße", "t" * 64]}),
    (jane(notes="\x01\x1b\x7f\u0085\r\n\t "), None, {"notes": "\x01\x1b\x7f\u0085\r\n\t "}),
    (jane(source="email"), None, {"source": "email"}),
    (jane(source="meeting", company=" Acme  Corp "), None, {"source": "meeting",
                                                            "company": "Acme  Corp"}),
]
