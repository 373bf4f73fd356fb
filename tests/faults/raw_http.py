#!/usr/bin/env python3
"""Sends lvng-server what no proper client sends, at once and in small pieces, and looks for
answers that must not be, stored rows, hangs and broken lines in the log.

    raw_http.py --server BINARY
"""

import argparse
import json
import pathlib
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from lvng_server import CONTACTS, Client, Server, token  # noqa: E402
from raw_requests import ACCEPTED, CUT, REFUSED, STORING  # noqa: E402

PIECE = 5
PATIENCE = 1.0  # seconds until an answer, and the end of the connection, must be there
AFTER = b"GET /healthz?after HTTP/1.1\r\nHost: a\r\nX-Request-Id: after\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: last\r\nConnection: close\r\n\r\n"


def answers_in(data):
    """The statuses of the answers that `data` holds, and nothing but answers."""
    statuses = []
    while data:
        head, mark, rest = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        if not mark or not lines[0].startswith(b"HTTP/1.1 "):
            raise ValueError(f"this is no answer: {data[:100]!r}")
        fields = dict(line.lower().split(b": ", 1) for line in lines[1:])
        length = int(fields[b"content-length"])
        if len(rest) < length:
            raise ValueError("an answer is not whole")
        body, data = rest[:length], rest[length:]
        statuses.append(lines[0].split(b" ")[1].decode())
        if int(statuses[-1]) >= 400:
            error = json.loads(body)["error"]
            if not error["code"] or fields[b"x-request-id"].decode() != error["request_id"].lower():
                raise ValueError(f"an error does not name its request: {body!r}")
        for name in (b"date", b"x-content-type-options"):
            if name not in fields:
                raise ValueError(f"an answer lacks {name.decode()}")
    return statuses


def talk(port, data, piece, shut=False):
    """What is answered until the server closes, and whether it has."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for start in range(0, len(data), piece):
                link.sendall(data[start:start + piece])
            if shut:
                link.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has closed, as it may
        out = b""
        try:
            while part := link.recv(65536):
                out += part
        except ConnectionResetError:
            pass
        except TimeoutError:
            return out, False
        return out, True


def fault_of(name, out, closed, wanted):
    """What is wrong with the answer to a row; nothing where it is right. `wanted`: the possible
    rows of statuses."""
    if not closed:
        return f"{name}: still open after {PATIENCE} s, answered {out[:60]!r}"
    try:
        statuses = answers_in(out)
    except (ValueError, KeyError) as error:
        return f"{name}: {error}"
    return None if statuses in wanted else f"{name}: answered {statuses}, wanted one of {wanted}"


def check(port, rows, wanted_of, after, shut=False):
    bearer = token("usr_raw", "acme").encode()
    for name, data, statuses in rows:
        data = data.replace(b"{token}", bearer) + after
        for piece in (len(data), PIECE):
            if piece == PIECE and len(data) > 2000:
                continue
            out, closed = talk(port, data, piece, shut)
            fault = fault_of(name, out, closed, wanted_of(statuses.split()))
            if fault:
                yield f"{fault} (pieces of {piece})"
        begun = time.monotonic()
        if Client(port).call("GET", "/healthz").status != 200 or time.monotonic() - begun > 1:
            yield f"{name}: the next connection was not served"


def stored(port):
    return Client(port, token("usr_raw", "acme")).call("GET", CONTACTS).json()["total"]


def check_all(port):
    def one_of(statuses):
        return [[] if status == "close" else [status] for status in statuses]

    def all_of(statuses):
        return [[*statuses, "200"]]  # and the last request

    yield from check(port, REFUSED, one_of, AFTER)
    yield from check(port, CUT, one_of, b"", shut=True)
    yield from check(port, ACCEPTED, all_of, LAST)
    if stored(port) != 0:
        yield f"{stored(port)} contacts were stored by requests that were refused"
    yield from check(port, STORING, all_of, LAST)
    wanted = 2 * sum(len(statuses.split()) for _, _, statuses in STORING)
    if stored(port) != wanted:
        yield f"{stored(port)} contacts are stored, not {wanted}"


def broken_lines(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            yield f"a broken line in the log: {line[:200]}"
            continue
        if entry.get("id") == "after" and entry["status"] < 400:
            yield f"a request was taken that must not be one: {line[:200]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lvng-test-") as folder:
        log = pathlib.Path(folder) / "log"
        with log.open("wb") as log_file:
            server = Server(options.server, folder, LVNG_LOG="debug")
            server.log = log_file
            with server:
                faults = list(check_all(server.port))
                status = server.stop()
        if status != 0:
            faults.append(f"the server ended with {status}")
        faults += broken_lines(log)  # whole, as the server has ended
    rows = len(REFUSED) + len(CUT) + len(ACCEPTED) + len(STORING)
    print(f"{rows} rows, {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
