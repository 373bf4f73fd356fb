"""What is sent by hand, and how it must be answered: the table of strict rules, row by row.

A row is (name, bytes, statuses). `statuses` says what may be answered: "400", or "400 501" where
either is right, and "close" where nothing need be said. After it the connection is closed, and
the request that follows the row on the same connection must never be answered. The rows of
ACCEPTED are answered in full, in their order, and the connection goes on."""

BODY = b'{"name":"Jane"}'
HOST = b"Host: a\r\n"
JSON = HOST + b"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"


def get(headers=HOST, line=b"GET /healthz HTTP/1.1"):
    return line + b"\r\n" + headers + b"\r\n"


def post(framing, body=BODY, version=b"HTTP/1.1"):
    return b"POST /api/v2/contacts " + version + b"\r\n" + JSON + framing + b"\r\n" + body


def chunked(body):
    return post(b"Transfer-Encoding: chunked\r\n", body)


LENGTH = b"Content-Length: 15\r\n"
CHUNK = b"f\r\n" + BODY + b"\r\n0\r\n\r\n"

LINE_ENDS = [
    ("bare LF after the request line", b"GET /healthz HTTP/1.1\nHost: a\r\n\r\n", "400"),
    ("bare LF after a header", get(b"Host: a\nX: y\r\n"), "400"),
    ("bare LF for the empty line", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\n", "400"),
    ("only bare LFs", b"GET /healthz HTTP/1.1\nHost: a\n\n", "400"),
    ("bare CR after the request line", b"GET /healthz HTTP/1.1\rHost: a\r\r", "400"),
    ("bare CR in a value", get(HOST + b"X: a\rb\r\n"), "400"),
    ("bare CR before a name", get(HOST + b"\rX: a\r\n"), "400"),
    ("CR CR LF", get(b"Host: a\r\r\n"), "400"),
    ("LF CR", b"GET /healthz HTTP/1.1\n\rHost: a\n\r\n\r", "400"),
    ("U+0000 in the target", b"GET /health\0z HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
    ("U+0000 in a value", get(HOST + b"X: a\0b\r\n"), "400"),
    ("U+0000 in a name", get(HOST + b"X\0: a\r\n"), "400"),
    ("two empty lines first", b"\r\n\r\n" + get(), "400"),
    ("a bare LF first", b"\n" + get(), "400"),
]

REQUEST_LINES = [
    (name, line + b"\r\n" + HOST + b"\r\n", statuses) for name, line, statuses in [
        ("no version", b"GET /healthz", "400"),
        ("no target", b"GET HTTP/1.1", "400"),
        ("no method", b"/healthz HTTP/1.1", "400"),
        ("method alone", b"GET", "400"),
        ("leading blank", b" GET /healthz HTTP/1.1", "400"),
        ("leading tab", b"\tGET /healthz HTTP/1.1", "400"),
        ("double blank before the target", b"GET  /healthz HTTP/1.1", "400"),
        ("double blank before the version", b"GET /healthz  HTTP/1.1", "400"),
        ("trailing blank", b"GET /healthz HTTP/1.1 ", "400"),
        ("trailing text", b"GET /healthz HTTP/1.1 x", "400"),
        ("tab for a blank", b"GET\t/healthz\tHTTP/1.1", "400"),
        ("vertical tab for a blank", b"GET\x0b/healthz HTTP/1.1", "400"),
        ("blank in the target", b"GET /health z HTTP/1.1", "400"),
        ("version 2.0", b"GET /healthz HTTP/2.0", "400 505"),
        ("version 0.9", b"GET /healthz HTTP/0.9", "400 505"),
        ("version 1.2", b"GET /healthz HTTP/1.2", "400 505"),
        ("version 1.10", b"GET /healthz HTTP/1.10", "400 505"),
        ("version 11", b"GET /healthz HTTP/11", "400 505"),
        ("version 1.", b"GET /healthz HTTP/1.", "400 505"),
        ("version of another protocol", b"GET /healthz HTCPCP/1.1", "400 505"),
        ("version in lower case", b"GET /healthz http/1.1", "400 505"),
        ("version with letters", b"GET /healthz HTTP/1.x", "400 505"),
        ("method no token", b"G(T /healthz HTTP/1.1", "400"),
        ("method with a colon", b"GET: /healthz HTTP/1.1", "400"),
        ("method of 33 bytes", b"A" * 33 + b" /healthz HTTP/1.1", "400"),
        ("CONNECT", b"CONNECT a:443 HTTP/1.1", "400"),
        ("target no path", b"GET healthz HTTP/1.1", "400"),
        ("target of another scheme", b"GET ftp://a/ HTTP/1.1", "400"),
        ("target with a fragment", b"GET /healthz#a HTTP/1.1", "400"),
        ("target with raw UTF-8", "GET /ü HTTP/1.1".encode(), "400"),
        ("target with DEL", b"GET /\x7f HTTP/1.1", "400"),
        ("target with a broken escape", b"GET /%zz HTTP/1.1", "400"),
        ("target with half an escape", b"GET /healthz% HTTP/1.1", "400"),
        ("target with %00", b"GET /healthz%00 HTTP/1.1", "400"),
        ("absolute form with a user", b"GET http://u@b/healthz HTTP/1.1", "400"),
        ("absolute form without a host", b"GET http:///healthz HTTP/1.1", "400"),
        ("absolute form with a port of letters", b"GET http://b:x/healthz HTTP/1.1", "400"),
        ("star for GET", b"GET * HTTP/1.1", "400"),
        ("target over 8 KiB", b"GET /" + b"a" * 9000 + b" HTTP/1.1", "414"),
    ]
]

HEADERS = [
    (name, get(headers), statuses) for name, headers, statuses in [
        ("no Host", b"X: y\r\n", "400"),
        ("two Hosts", HOST + HOST, "400"),
        ("two Hosts that differ", HOST + b"host: b\r\n", "400"),
        ("empty Host", b"Host:\r\n", "400"),
        ("Host with a path", b"Host: a/b\r\n", "400"),
        ("Host with a blank", b"Host: a b\r\n", "400"),
        ("Host with a user", b"Host: u@a\r\n", "400"),
        ("Host with a port of letters", b"Host: a:x\r\n", "400"),
        ("Host with two ports", b"Host: a:80:80\r\n", "400"),
        ("Host with a broken literal", b"Host: [::zz]\r\n", "400"),
        ("Host with an open bracket", b"Host: [::1\r\n", "400"),
        ("Host twice in a list", b"Host: a, b\r\n", "400"),
        ("blank before the colon", b"Host : a\r\n", "400"),
        ("tab before the colon", HOST + b"X\t: a\r\n", "400"),
        ("blank in a name", HOST + b"X Y: a\r\n", "400"),
        ("no name", HOST + b": a\r\n", "400"),
        ("no colon", HOST + b"X\r\n", "400"),
        ("name in UTF-8", HOST + "ü: a\r\n".encode(), "400"),
        ("folded with a blank", HOST + b"X: a\r\n b\r\n", "400"),
        ("folded with a tab", HOST + b"X: a\r\n\tb\r\n", "400"),
        ("folded Transfer-Encoding", HOST + b"Transfer-Encoding:\r\n chunked\r\n", "400"),
        ("folded first header", b" Host: a\r\n" + HOST, "400"),
        ("blank line that is none", HOST + b" \r\n", "400"),
        ("control character in a value", HOST + b"X: \x01\r\n", "400"),
        ("escape character in a value", HOST + b"X: \x1b[31m\r\n", "400"),
        ("DEL in a value", HOST + b"X: \x7f\r\n", "400"),
        ("two Authorizations", HOST + b"Authorization: a\r\nAuthorization: b\r\n", "400"),
        ("name over 64 bytes", HOST + b"X" * 65 + b": a\r\n", "431"),
        ("value over 8 KiB", HOST + b"X: " + b"a" * 8200 + b"\r\n", "431"),
        ("65 headers", HOST + b"X: a\r\n" * 64, "431"),
        ("1,000 headers", HOST + b"X: a\r\n" * 1000, "431"),
        ("headers over 32 KiB", HOST + (b"X: " + b"a" * 8000 + b"\r\n") * 5, "431"),
        ("another expectation", HOST + b"Expect: 200-ok\r\n", "417"),
        ("two expectations", HOST + b"Expect: 100-continue\r\n" * 2, "417"),
    ]
]

LENGTHS = [
    (name, post(framing), statuses) for name, framing, statuses in [
        ("length +15", b"Content-Length: +15\r\n", "400"),
        ("length -15", b"Content-Length: -15\r\n", "400"),
        ("length 0x0f", b"Content-Length: 0x0f\r\n", "400"),
        ("length 15.0", b"Content-Length: 15.0\r\n", "400"),
        ("length 1e1", b"Content-Length: 1e1\r\n", "400"),
        ("length 1 5", b"Content-Length: 1 5\r\n", "400"),
        ("length 15,15", b"Content-Length: 15,15\r\n", "400"),
        ("length 15, 15", b"Content-Length: 15, 15\r\n", "400"),
        ("length 1,0", b"Content-Length: 1,0\r\n", "400"),
        ("length \"15\"", b'Content-Length: "15"\r\n', "400"),
        ("length 15;", b"Content-Length: 15;\r\n", "400"),
        ("length 15 and a letter", b"Content-Length: 15a\r\n", "400"),
        ("empty length", b"Content-Length:\r\n", "400"),
        ("length of a blank", b"Content-Length: \r\n", "400"),
        ("length after a tab", b"Content-Length:\t15\r\n", "400"),
        ("length before a blank", b"Content-Length: 15 \r\n", "400"),
        ("length of 20 digits", b"Content-Length: 18446744073709551631\r\n", "400"),
        ("length over 63 bits", b"Content-Length: 9223372036854775808\r\n", "400"),
        ("length twice", LENGTH + LENGTH, "400"),
        ("length twice, differing", LENGTH + b"Content-Length: 0\r\n", "400"),
        ("length twice, one in capitals", LENGTH + b"CONTENT-LENGTH: 15\r\n", "400"),
        ("length in other digits", "Content-Length: ١٥\r\n".encode(), "400"),
        ("a large length", b"Content-Length: 9223372036854775807\r\n", "413"),
        ("length and chunked", LENGTH + b"Transfer-Encoding: chunked\r\n", "400"),
        ("chunked and length", b"Transfer-Encoding: chunked\r\n" + LENGTH, "400"),
        ("length and identity", LENGTH + b"Transfer-Encoding: identity\r\n", "400 501"),
        ("length and an unknown coding", LENGTH + b"Transfer-Encoding: x\r\n", "400 501"),
    ]
]

CODINGS = [
    (name, post(b"Transfer-Encoding" + value + b"\r\n", CHUNK), "400 501") for name, value in [
        ("coding gzip", b": gzip"),
        ("coding identity", b": identity"),
        ("coding chunked, chunked", b": chunked, chunked"),
        ("coding gzip, chunked", b": gzip, chunked"),
        ("coding chunked, gzip", b": chunked, gzip"),
        ("coding with a parameter", b": chunked;q=1"),
        ("coding in quotes", b': "chunked"'),
        ("coding xchunked", b": xchunked"),
        ("coding chunkedx", b": chunkedx"),
        ("coding with a comma", b": chunked,"),
        ("coding after a comma", b": ,chunked"),
        ("coding in capitals", b": CHUNKED"),
        ("empty coding", b":"),
        ("coding after a tab", b":\tchunked"),
        ("coding after a vertical tab", b":\x0bchunked"),
        ("coding before a blank", b": chunked "),
        ("blank before the colon", b" : chunked"),
        ("coding as an encoded word", b": =?utf-8?Q?chunked?="),
        ("coding twice", b": chunked\r\nTransfer-Encoding: chunked"),
        ("coding twice, one unknown", b": x\r\nTransfer-Encoding: chunked"),
    ]
] + [("chunked for HTTP/1.0",
      post(b"Transfer-Encoding: chunked\r\n", CHUNK, b"HTTP/1.0"), "400")]

CHUNKS = [
    (name, chunked(body), statuses) for name, body, statuses in [
        ("chunk without a size", b"\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk size 0xf", b"0xf\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk size +f", b"+f\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk size -f", b"-f\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("blank before a chunk size", b" f\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("blank after a chunk size", b"f \r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk extension", b"f;a=b\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("empty chunk extension", b"f;\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("extension of the last chunk", b"f\r\n" + BODY + b"\r\n0;a\r\n\r\n", "400"),
        ("LF after a chunk size", b"f\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("CR after a chunk size", b"f\r" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk size of 17 digits", b"0000000000000000f\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk size that overflows", b"1000000000000000f\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk size of 64 bits", b"ffffffffffffffff\r\n" + BODY + b"\r\n0\r\n\r\n", "413"),
        ("chunk over the limit", b"100001\r\n" + BODY, "413"),
        ("chunk longer than its size", b"e\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("chunk shorter than its size", b"10\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
        ("LF after chunk data", b"f\r\n" + BODY + b"\n0\r\n\r\n", "400"),
        ("nothing after chunk data", b"f\r\n" + BODY + b"0\r\n\r\n", "400"),
        ("trailer", b"f\r\n" + BODY + b"\r\n0\r\nX: y\r\n\r\n", "400"),
        ("trailer that frames", b"f\r\n" + BODY + b"\r\n0\r\nContent-Length: 1\r\n\r\n", "400"),
        ("bare LF at the end", b"f\r\n" + BODY + b"\r\n0\r\n\n", "400"),
        ("no empty line at the end", b"f\r\n" + BODY + b"\r\n0\r\n", "400"),
        ("a letter for a size", b"g\r\n" + BODY + b"\r\n0\r\n\r\n", "400"),
    ]
]

NO_HTTP = [
    ("TLS hello", bytes.fromhex("16030100c8010000c40303") + b"\x7f" * 200, "400 close"),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 505"),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", "400 close"),
    ("noise", bytes((i * 37 + 5) % 256 for i in range(400)), "400 close"),
    ("SMTP", b"EHLO a\r\n\r\n", "400"),
    ("an object", BODY + b"\r\n\r\n", "400"),
]

REFUSED = LINE_ENDS + REQUEST_LINES + HEADERS + LENGTHS + CODINGS + CHUNKS + NO_HTTP

# Cut off: the client shuts its side after these bytes.
CUT = [
    ("cut in the request line", b"GET /heal", "400 close"),
    ("cut in a header", b"GET /healthz HTTP/1.1\r\nHos", "400 close"),
    ("cut before the empty line", b"GET /healthz HTTP/1.1\r\nHost: a\r\n", "400 close"),
    ("cut before the body", post(LENGTH, b""), "400 close"),
    ("cut in the body", post(LENGTH, BODY[:-1]), "400 close"),
    ("cut in a chunk size", chunked(b"f"), "400 close"),
    ("cut in a chunk", chunked(b"f\r\n" + BODY[:-1]), "400 close"),
    ("cut before the last chunk", chunked(b"f\r\n" + BODY + b"\r\n"), "400 close"),
    ("cut in the last chunk", chunked(b"f\r\n" + BODY + b"\r\n0\r\n"), "400 close"),
]

# What is right, or wrong in a way that leaves no doubt where the next request begins.
ACCEPTED = [
    ("plain", get(), "200"),
    ("an empty line first", b"\r\n" + get(), "200"),
    ("no blank after the colon", get(b"Host:a\r\n"), "200"),
    ("tabs around a value", get(HOST + b"X:\t a\tb \t\r\n"), "200"),
    ("encoded word in a value", get(HOST + b"X: =?utf-8?Q?a=0D=0A?=\r\n"), "200"),
    ("bytes over 127 in a value", get(HOST + b"X: \xfc\r\n"), "200"),
    ("absolute form", get(line=b"GET http://b/healthz HTTP/1.1"), "200"),
    ("Host with a port", get(b"Host: [::1]:8080\r\n"), "200"),
    ("override headers", get(HOST + b"X-HTTP-Method-Override: DELETE\r\n"), "200"),
    ("unknown method", get(line=b"get /healthz HTTP/1.1"), "405"),
    ("dots in the path", get(line=b"GET /a/../healthz HTTP/1.1"), "404"),
    ("64 headers", get(HOST + b"X: a\r\n" * 63), "200"),
    ("three in a row", get() * 3, "200 200 200"),
    ("a body that nobody wants", get(HOST + b"Content-Length: 5\r\n") + b"GET /" + get(),
     "200 200"),
    ("chunks that nobody wants", get(HOST + b"Transfer-Encoding: chunked\r\n")
     + b"5\r\nGET /\r\n0\r\n\r\n" + get(), "200 200"),
    ("no length", post(b"", b"") + get(), "411 200"),
    ("no token", b"POST /api/v2/contacts HTTP/1.1\r\nHost: a\r\n" + LENGTH + b"\r\n" + BODY
     + get(), "401 200"),
    ("another media type", b"POST /api/v2/contacts HTTP/1.1\r\nHost: a\r\n"
     b"Authorization: Bearer {token}\r\nContent-Type: text/plain\r\n" + LENGTH + b"\r\n" + BODY
     + get(), "415 200"),
    ("broken JSON", post(b"Content-Length: 1\r\n", b"{") + get(), "400 200"),
]
STORING = [
    ("a length", post(LENGTH), "201"),
    ("chunks", chunked(CHUNK), "201"),
    ("many chunks", chunked(b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"),
     "201"),
    ("a long chunk size", chunked(b"000000000000000f\r\n" + BODY + b"\r\n0\r\n\r\n"), "201"),
    ("two in a row", post(LENGTH) + chunked(CHUNK), "201 201"),
]
