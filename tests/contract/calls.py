"""Random calls of contacts, good and bad, for random_calls.py."""

import uuid

from any_calls import BAD_LIMITS, BAD_OFFSETS, AnyCalls
from second.model import BASE
from second.requests import Request

NAMES = [
    "Jane Smith", "jane smith", "JANE SMITH", "Bob Johnson", "Ünal Öztürk", "ünal öztürk",
    "U\u0308nal O\u0308ztu\u0308rk", "Straße", "STRASSE", "İstanbul", "istanbul", "ΣΊΣΥΦΟΣ",
    "σίσυφος", "ﬃ ligature", "ffi LIGATURE", "\ufdfa", "صلى الله عليه وسلم", "山田太郎", "ｱｲｳ",
    "アイウ", "Ａｃｍｅ", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "e\u0301", "é", "a\u0300\u0316\u0301\u0489", "①②③",
    "½ price", "µ", "μ", "Å", "\u212b", "ſharp", "\u1e9e", "Дмитрий", "דוד", "محمد", "हिन्दी",
    "ไทย", "한국어", "\u1112\u1161\u11ab", "\u200fright\u200e", "zero\u200bwidth", "so\u00adft",
    "\ufeffbom", "a_b%c\\d", "50%", "_", "%", "\\", "'; drop table lvng_contacts; --",
    "<b>bold</b>", "null", "\U0001d5a0\U0001d5a1", "x" * 200, "é" * 200, "\ufdfa" * 200, "👍" * 200,
    "ǰ" * 200, "ΐ" * 200, "ａ" * 200,
]
BAD_NAMES = ["", " ", "\t\n", "\u3000\u2003", "x" * 201, "👍" * 201, "a\nb", "a\tb", "a\x7fb",
             "a\u0085b", "\u001fJane", "Jane\u009f", "\ufdfa" * 201]
EDGES = ["", "", "", " ", "\t", "\u00a0", "\u2003 ", "\u3000", "\r\n", "\u0085", "\u2028"]
COMPANIES = ["Acme Corp", "ACME CORP", "acme", "Ａｃｍｅ Corp", "Müller & Söhne", "100% Öko", "a_b",
             "Jane Smith", "jane@acme.com", "山", "c" * 200, "ﬁrma", "FIRMA", "X\\Y"]
PHONES = ["+1-555-0100", "+49 30 123456", "030/123456", "ext. 12", "☎ 42", "٠١٢٣", "5" * 64]
DOMAINS = ["acme.com", "ACME.com", "x.org", "sub.x.org", "bücher.example", "BÜCHER.example",
           "xn--bcher-kva.example", "straße.example", "strasse.example", "xn--strae-oqa.example",
           "пример.example", "例え。example", "例え.example", "ａcme.com", "a-b.example"]
LOCALS = ["jane", "Jane", "JANE", "bob", "o'neil", "a.b+c", "用户", "ärger", "ÄRGER", "x" * 64,
          "!#$%&'*+/=?^_`{|}~-", "0"]
BAD_EMAILS = ["jane", "@x.org", "jane@", "jane@localhost", "a..b@x.org", ".a@x.org", "a.@x.org",
              "a b@x.org", '"a b"@x.org', "a@b@x.org", "jane@[127.0.0.1]", "a@-x.org", "a@x-.org",
              "a@x..org", "a@.x.org", "a@x_y.org", "a(c)@x.org", "x" * 65 + "@x.org",
              "é" * 33 + "@x.org", "a@" + "b" * 64 + ".org", "a@" + "b." * 127 + "org", "<a@x.org>",
              "a@x.org,b@x.org", "mailto:a@x.org"]
TAGS = ["client", "Client", "CLIENT", " client ", "engineering", "straße", "STRASSE", "", "  ",
        "a b", "a，b", "🏷", "é", "e\u0301", "t" * 64, "\ufdfa", "x\u2028y", "100%", "_"]
BAD_TAGS = ["a,b", ",", "t" * 65, "a\tb", "\u001f", "🏷" * 65]
NOTES = ["", " ", "line\nline\r\n\ttab", "\u0001\u001b[31m\u007f\u0085", "n" * 20_000, "👍" * 20_000,
         "\u2028\u2029", "  kept as given  ", "\ufeffbom", "\ufffe\uffff\U0010ffff"]
SOURCES = ["manual", "meeting", "message", "email"]
WRONG_TYPES = [0, 1.5, -1e300, True, False, {}, [], {"a": 1}, [None], [1], ["a", 2], [[]]]
UNKNOWN = ["tag", "id", "user_id", "created_at", "updated_at", "other_emails", "other_phones",
           "Name", "name ", "", "__proto__", "role", "organizationId", "version", "é"]
SEARCHES = ["jane", "JANE", "a", " ", "e s", "acme.com", "@", "%", "_", "\\", "ß", "ss", "ﬃ", "İ",
            "é", "e\u0301", "الله", "\ufdfa", "\n", "h\nj", "smith\njane", "\u001f", "", "no such",
            "山", "👍", "\u0308", "ﾞ", "xn--", "bücher", "x" * 200]
BAD_IDS = ["1", "not-a-uuid", "550e8400-e29b-41d4-a716-44665544000",
           "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-4466554400000",
           "%7B550e8400-e29b-41d4-a716-446655440000%7D", "550e8400-e29b-41d4-a716-44665544000g",
           "urn:uuid:550e8400-e29b-41d4-a716-446655440000", "extract", "null", "%20", "-"]



class Calls(AnyCalls):
    odd_queries = ["&search=%FF", "&tags=%00", "&company=%C3", "&", "&&", "&search", "&="]

    def __init__(self, random, model, people):
        super().__init__(random, model, people)
        self.kinds = [(self.create, 26), (self.update, 22), (self.read, 14), (self.list, 24),
                      (self.delete, 9), (self.odd, 5)]

    # ---- the routes ----

    def create(self, who):
        return self.with_body(who, "POST", BASE, self.fields(required=True))

    def update(self, who):
        fields = self.fields(required=False)
        contact = self.own(who)
        if contact and self.random.random() < 0.25:  # changes nothing
            fields = {key: contact[key] for key in fields if key in contact and key != "source"}
        return self.with_body(who, "PUT", self.path(who), fields)

    def read(self, who):
        method = self.random.choices(["GET", "HEAD"], [5, 1])[0]
        unknown_parameters = self.random.choice(["", "", "?limit=0&limit=x", "?a=b"])
        return Request(who, method, self.path(who) + unknown_parameters)

    def delete(self, who):
        return Request(who, "DELETE", self.path(who))

    def list(self, who):
        pick, chance = self.random.choice, self.random.random
        pairs = []
        if chance() < 0.5:
            text = self.part_of_a_text(who) if chance() < 0.4 else pick(SEARCHES)
            pairs.append(("search", text))
        if chance() < 0.2:
            pairs.append(("company", pick(COMPANIES + ["", "acme corp", "no such", "a\nb"])))
        if chance() < 0.3:
            some = self.random.sample(TAGS + ["no such", "\u001f"], self.random.randint(0, 3))
            pairs.append(("tags", ",".join(some)))
        if chance() < 0.2:
            pairs.append(("source", self.rarely_bad(SOURCES, ["", "Manual", "x"])))
        if chance() < 0.5:
            pairs.append(("limit", self.rarely_bad(["1", "2", "7", "50", "200"], BAD_LIMITS)))
        if chance() < 0.4:
            good = ["0", "1", "3", "10", "100", "1000000000"]
            pairs.append(("offset", self.rarely_bad(good, BAD_OFFSETS)))
        return Request(who, pick(["GET"] * 9 + ["HEAD"]), self.query(BASE, pairs))

    def odd(self, who):
        """Paths and methods that are none."""
        return self.random.choice([
            Request(who, "PATCH", BASE), Request(who, "DELETE", BASE), Request(who, "get", BASE),
            Request(who, "PATCH", self.path(who)), Request(who, "POST", self.path(who)),
            Request(who, "BREW", self.path(who)), Request(who, "GET", self.path(who) + "/nothing"),
            Request(who, "GET", "/api/v2/nothing"), Request(who, "DELETE", "/api/v2"),
            Request(who, "GET", "/api/v2/Contacts"), Request(who, "GET", "/api"),
        ])

    # ---- their parts ----

    def own(self, who):
        return self.random.choice(self.model.books.get(who) or [None])

    def path(self, who):
        chance = self.random.random()
        contact = self.own(who if chance < 0.85 else self.random.choice(self.people))
        if chance < 0.06:
            return BASE + "/" + self.random.choice(BAD_IDS)
        if contact is None or chance < 0.12:
            return BASE + "/" + str(uuid.UUID(int=self.random.getrandbits(128)))
        return BASE + "/" + (contact["id"].upper() if chance < 0.2 else contact["id"])

    def part_of_a_text(self, who):
        contact = self.own(who)
        value = contact and (contact[self.random.choice(["name", "email", "company"])])
        if not value:
            return "x"
        start = self.random.randrange(len(value))
        part = value[start:start + self.random.randint(1, 12)]
        return self.random.choice([part, part.upper(), part.lower()])

    def fields(self, required):
        """Members of a body: mostly good, here and there a bad one."""
        random, pick = self.random, self.random.choice
        chance = 0.45 if required else 0.25
        fields = {}
        if required or random.random() < chance:
            fields["name"] = self.good_name()
        if random.random() < chance + 0.2:
            fields["email"] = pick(EDGES) + pick(LOCALS) + "@" + pick(DOMAINS) + pick(EDGES)
        for field, pool in (("company", COMPANIES), ("title", NAMES), ("phone", PHONES)):
            if random.random() < chance:
                fields[field] = pick(EDGES) + pick(pool) + pick(EDGES)
        if random.random() < chance:
            fields["tags"] = self.tags()
        if random.random() < chance:
            fields["notes"] = pick(NOTES)
        if required and random.random() < chance:
            fields["source"] = pick(SOURCES)
        while random.random() < 0.2:
            self.spoil(fields)
        return fields

    def good_name(self):
        random = self.random
        name = random.choice(NAMES)
        if len(name) < 100:
            name += random.choice(["", "", f" {random.randrange(30)}"])
        return random.choice(EDGES) + name + random.choice(EDGES)

    def tags(self):
        random = self.random
        if random.random() < 0.1:
            tags = [f"t{number}" for number in range(random.choice([99, 100, 101]))]
            return tags + random.choice([[], ["T1"], [" "], ["t5", "T6 "]])
        return random.choices(TAGS, k=random.randint(0, 6))

    def spoil(self, fields):
        """Makes one member bad, null, blank or unknown."""
        pick = self.random.choice
        field = pick(["name", "email", "phone", "company", "title", "tags", "notes", "source"])
        bad = {
            "name": BAD_NAMES, "email": BAD_EMAILS, "phone": ["5" * 65, "1\n2"],
            "company": ["c" * 201, "a\x1b", "\u0085x\u0085y"], "title": ["t" * 201,
                                                                                         "a\rb"],
            "tags": [[pick(TAGS), pick(BAD_TAGS)], ["client", 7], "client", [None]],
            "notes": ["n" * 20_001, "👍" * 20_001], "source": ["Manual", "", " manual", "import",
                                                              "sms"],
        }
        fields.pop(field, None)
        how = self.random.randrange(5)
        if how == 0:
            fields[field] = None
        elif how == 1:
            fields[field] = pick(["", "  ", "\t"])
        elif how == 2:
            fields[field] = pick(WRONG_TYPES)
        elif how == 3:
            fields[field] = pick(bad[field])
        else:
            fields[pick(UNKNOWN)] = pick([None, 1, "x", []])
