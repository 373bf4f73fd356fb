#!/usr/bin/env python3
"""Stops lvng-server with SIGTERM under load, again and again: every answer must come whole, what
was acknowledged must be there afterwards, and the server must end in time.

    stopped_server.py --server BINARY [--long] [--seed N]
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from lvng_server import CONTACTS, Client, Server, token  # noqa: E402

WRITERS = 8
ENDS_WITHIN = 10.0
HEAD = (b"POST /api/v2/contacts HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n")


class Writer:
    """Creates contacts until the server takes no more, and remembers what it was told."""

    def __init__(self, number):
        self.number, self.made = number, 0
        self.bearer = token(f"usr_{number}", "acme")
        self.acknowledged, self.faults = [], []

    def run(self, port):
        client = Client(port, self.bearer)
        fresh = False
        while True:
            self.made += 1
            name = f"contact {self.made}"
            try:
                answer = client.send("POST", CONTACTS, {"name": name})
            except ConnectionRefusedError:
                return
            except (OSError, http.client.HTTPException) as error:
                if not fresh:  # a connection of this moment may come too late
                    self.faults.append(f"writer {self.number}: {error!r}")
                return
            if answer.status != 201:
                self.faults.append(f"writer {self.number}: {answer.status} {answer.data[:100]}")
            elif answer.json()["contact"]["name"] != name:
                self.faults.append(f"writer {self.number}: the answer to another request")
            self.acknowledged.append(name)
            fresh = answer.headers["Connection"] == "close"

    def lost(self, port):
        client, found, offset, total = Client(port, self.bearer), set(), 0, 1
        while offset < total:
            page = client.call("GET", f"{CONTACTS}?limit=200&offset={offset}").json()
            total, offset = page["total"], offset + 200
            found.update(contact["name"] for contact in page["contacts"])
        return [name for name in self.acknowledged if name not in found]


def half_a_request(port, bearer):
    """A connection whose request has begun, and the rest of it."""
    body = json.dumps({"name": "half"}).encode()
    link = socket.create_connection(("127.0.0.1", port), timeout=20)
    link.sendall(HEAD % (bearer.encode(), len(body)) + body[:5])
    return link, body[5:]


def one_stop(server, random_source, with_dripper):
    writers = [Writer(number) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.run, args=(server.port,)) for writer in writers]
    for thread in threads:
        thread.start()
    faults = []
    half, rest = half_a_request(server.port, writers[0].bearer)
    idle = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    dripper = half_a_request(server.port, writers[0].bearer)[0] if with_dripper else None
    time.sleep(random_source.uniform(0.1, 0.5))

    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    half.sendall(rest)
    answer = http.client.HTTPResponse(half)
    answer.begin()
    if answer.status != 201 or not answer.read():
        faults.append(f"the request that had begun was answered {answer.status}")
    if idle.recv(100):
        faults.append("an idle connection was told something")
    for thread in threads:
        thread.join()
    status = server.process.wait(timeout=30)
    took = time.monotonic() - begun
    for link in filter(None, (half, idle, dripper)):
        link.close()
    if status != 0:
        faults.append(f"the server ended with {status}")
    if took > ENDS_WITHIN:
        faults.append(f"the server ended after {took:.2f} s")
    server.process.stdout.close()
    server.start()
    for writer in writers:
        faults += writer.faults
        faults += [f"writer {writer.number}: {name} is lost" for name in writer.lost(server.port)]
    return took, sum(len(writer.acknowledged) for writer in writers), faults


def second_signal(server):
    """While a stop waits for a client, another signal ends the server at once."""
    link = half_a_request(server.port, token("usr_0", "acme"))[0]
    server.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    if server.process.poll() is not None:
        return ["the server did not wait for a request that had begun"]
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    status, took = server.process.wait(timeout=30), time.monotonic() - begun
    link.close()
    return [] if status == 1 and took < 1 else [f"a second signal: {status} after {took:.2f} s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--long", action="store_true", help="20 stops instead of 4",
                        default=bool(os.environ.get("LVNG_TEST_LONG")))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    random_source = random.Random(options.seed)
    rounds = 20 if options.long else 4
    faults, times, acknowledged = [], [], 0
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="lvng-test-") as folder, \
                Server(options.server, folder) as server:
            # Every fourth time somebody never sends the rest.
            took, told, found = one_stop(server, random_source, number % 4 == 3)
            times.append(took)
            acknowledged += told
            faults += [f"stop {number + 1}: {fault}" for fault in found]
    with tempfile.TemporaryDirectory(prefix="lvng-test-") as folder, \
            Server(options.server, folder) as server:
        faults += second_signal(server)
    print(f"{rounds} stops, the longest {max(times):.2f} s, {acknowledged} acknowledged, "
          f"{len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
