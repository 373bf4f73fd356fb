"""What random calls of contacts and of conversations share: bodies, media types, numbers."""

import urllib.parse

from second import text
from second.requests import Request

BAD_BODIES = [b"", b" ", b"[]", b'"name"', b"null", b"7", b"{", b"{}}", b'{"name":"a",}',
              b"{'name':'a'}", b'{"name":"a","name":"b"}', b'{"name":"a","n\\u0061me":"b"}',
              b'{"name":"\\u0000"}', b'{"name":"a\\ud800"}', b'{"name":"\\ude00\\ud83d"}',
              b'{"name":"\xff"}', b'{"name":"\xc0\xaf"}', b'{"name":"\xed\xa0\x80"}',
              b'\xef\xbb\xbf{"name":"a"}', b'{"name":NaN}', b'{"name":01}', b'{"name":"a\nb"}',
              b'{"name":"a"} x', b'{"name":"\\x41"}', b'{"na\\u0000me":1}',
              b'{"name":' + b"[" * 32 + b"]" * 32 + b"}", b'{"name":' + b"[" * 50_000,
              b'/**/{"name":"a"}', b"{" + b",".join(b'"k%d":1' % i for i in range(1001)) + b"}"]
WRONG_MEDIA = [None, "text/plain", "application/x-www-form-urlencoded",
               "application/json; charset=latin1", "application/jsonx", "application/vnd.api+json",
               "text/json"]
GOOD_MEDIA = ["application/json", "application/json; charset=utf-8",
              "application/json;charset=UTF-8", "Application/JSON"]
BAD_LIMITS = ["201", "0", "01", "-1", "+1", "1.0", "", "x", "1e1", "٣", "99999999999999999999",
              " 1"]
BAD_OFFSETS = ["1000000001", "00", "-0", "", "4294967296", "18446744073709551617"]
REQUEST_IDS = ["req-1", "!" * 128, "~", "a" * 129, "two words", "caf\xe9"]


def quote(value):
    return urllib.parse.quote(value, safe="")


class AnyCalls:
    """A subclass has `kinds`: makers of requests, each with its weight."""

    def __init__(self, random, model, people):
        self.random, self.model, self.people = random, model, people

    def next(self):
        """A request of one of the people, or of nobody."""
        makers, weights = zip(*self.kinds)
        request = self.random.choices(makers, weights)[0](self.random.choice(self.people))
        if self.random.random() < 0.01:
            request.who = None
        if self.random.random() < 0.3:
            request.headers["X-Request-Id"] = self.random.choice(REQUEST_IDS)
        return request

    def with_body(self, who, method, target, fields):
        """`fields` in any order, or now and then a body or a media type that is none."""
        random = self.random
        fields = dict(random.sample(list(fields.items()), len(fields)))
        body = text.compact(fields, ascii_only=random.random() < 0.3).encode()
        if random.random() < 0.05:
            body = random.choice(BAD_BODIES)
        media = random.choice(WRONG_MEDIA if random.random() < 0.03 else GOOD_MEDIA)
        return Request(who, method, target, {"Content-Type": media} if media else {}, body)

    def query(self, path, pairs):
        """`path` with these parameters, or now and then one twice, unknown ones and bad bytes."""
        pick, chance = self.random.choice, self.random.random
        if chance() < 0.05 and pairs:
            pairs.append(pick(pairs))
        if chance() < 0.1:
            pairs += [("unknown", "1"), ("unknown", "2"), ("Limit", "0")]
        self.random.shuffle(pairs)
        query = "&".join(f"{quote(key)}={quote(value)}" for key, value in pairs)
        if chance() < 0.03:
            query += pick(self.odd_queries)
        if chance() < 0.1:
            query = query.replace("%20", "+")
        return path + ("?" + query if query else "")

    def rarely_bad(self, good, bad):
        return self.random.choice(good if self.random.random() < 0.85 else bad)
