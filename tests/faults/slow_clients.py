#!/usr/bin/env python3
"""Surrounds healthy clients of lvng-server with slow ones, then with idle ones, then with more
than there are descriptors for.

    slow_clients.py --server BINARY [--long] [--sanitized]

Slow: heads that drip, bodies that drip, readers that stop. Healthy clients must not feel them,
they must be closed in time, and memory and descriptors come back. Idle: 1,000 kept alive must
cost little memory, no thread, and the active ones nothing. `--long` takes the real time limits,
else they are a fifth of that.
"""

import argparse
import os
import pathlib
import resource
import selectors
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from lvng_server import CONTACTS, Client, running, token  # noqa: E402

SLOW_OF_A_KIND = 200
IDLE = 1000
ACTIVE = 16
HEALTHY_P99 = 0.2
IDLE_BYTES = 12 * 1024
BEARER = token("usr_slow", "acme")
START = f"Host: a\r\nAuthorization: Bearer {BEARER}\r\n"
BODY_HEAD = (f"POST {CONTACTS} HTTP/1.1\r\n{START}Content-Type: application/json\r\n"
             "Content-Length: 500\r\n\r\n").encode()
# More than the system takes for a client that does not read, and little work to make.
PAGES = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 200


class Process:
    """What the system says of the server."""

    def __init__(self, pid):
        self.pid = pid

    def status(self, name):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise KeyError(name)

    def resident(self):
        return self.status("VmRSS") * 1024

    def threads(self):
        return self.status("Threads")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def sockets(self):
        """Without the files of the store, which opens more of them for more readers at once."""
        return sum(self.is_socket(number) for number in os.listdir(f"/proc/{self.pid}/fd"))

    def is_socket(self, number):
        try:
            return os.readlink(f"/proc/{self.pid}/fd/{number}").startswith("socket:")
        except FileNotFoundError:  # closed meanwhile
            return False


class Healthy:
    """Clients that ask again and again, and how long each answer took."""

    def __init__(self, port, count):
        self.times, self.faults, self.stopping = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(port, number % 4 == 0))
                        for number in range(count)]

    def run(self, port, writes):
        client = Client(port, BEARER)
        while not self.stopping.is_set():
            begun = time.monotonic()
            try:
                answer = (client.send("POST", CONTACTS, {"name": "healthy"}) if writes
                          else client.call("GET", CONTACTS + "?limit=1"))
            except OSError as error:
                self.faults.append(f"a healthy client: {error!r}")
                return
            self.times.append(time.monotonic() - begun)
            if answer.status not in (200, 201):
                self.faults.append(f"a healthy client was answered {answer.status}")
            time.sleep(0.01)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def p99(self):
        return sorted(self.times)[int(0.99 * (len(self.times) - 1))]


def connect(port, small=False):
    link = socket.socket()
    if small:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect(("127.0.0.1", port))
    link.setblocking(False)
    return link


class Drippers:
    """Connections that send a byte a second until they are closed."""

    def __init__(self, port, first):
        self.begun = time.monotonic()
        self.selector = selectors.DefaultSelector()
        self.open, self.said, self.closed_after = {}, {}, []
        for _ in range(SLOW_OF_A_KIND):
            link = connect(port)
            link.sendall(first)
            self.open[link] = self.begun + 1
            self.said[link] = b""
            self.selector.register(link, selectors.EVENT_READ)

    def step(self):
        now = time.monotonic()
        for link, due in list(self.open.items()):
            if due <= now:
                self.open[link] = now + 1
                try:
                    link.send(b"a")
                except OSError:
                    self.end(link)
        for key, _ in self.selector.select(0.05):
            link = key.fileobj
            try:
                data = link.recv(65536)
            except OSError:
                data = b""
            self.said[link] += data
            if not data and link in self.open:
                self.end(link)

    def end(self, link):
        self.selector.unregister(link)
        del self.open[link]
        link.close()
        self.closed_after.append(time.monotonic() - self.begun)

    def faults(self, kind, limit):
        if self.open:
            yield f"{len(self.open)} {kind} were not closed"
        elif max(self.closed_after) > limit:
            yield f"{kind} were closed after {max(self.closed_after):.1f} s"
        refused = sum(said.startswith(b"HTTP/1.1 408 ") for said in self.said.values())
        if refused < SLOW_OF_A_KIND:
            yield f"only {refused} {kind} were answered 408"


def settle(value, bar, seconds=15):
    """The value once it is under the bar, or after that time."""
    end = time.monotonic() + seconds
    while value() > bar and time.monotonic() < end:
        time.sleep(0.1)
    return value()


def slow(server, limit, sanitized):
    process = Process(server.process.pid)

    def stuck_readers():
        links = [connect(server.port, small=True) for _ in range(SLOW_OF_A_KIND)]
        for link in links:
            link.sendall(PAGES)
        return links

    # Once without being measured: what is allocated at first use stays.
    for link in stuck_readers():
        link.close()
    sockets = settle(process.sockets, 10)
    resident = process.resident()

    with Healthy(server.port, 8) as healthy:
        heads = Drippers(server.port, b"GET /healthz HTTP/1.1\r\nX-")
        bodies = Drippers(server.port, BODY_HEAD + b"{")
        stuck = stuck_readers()
        while (heads.open or bodies.open) and time.monotonic() < heads.begun + limit + 5:
            heads.step()
            bodies.step()
        settled = settle(process.sockets, sockets + 8, 60 if sanitized else limit + 5)
    faults = healthy.faults + [*heads.faults("heads", limit), *bodies.faults("bodies", limit)]
    if healthy.p99() > HEALTHY_P99 and not sanitized:
        faults.append(f"healthy p99 {healthy.p99() * 1000:.0f} ms")
    if settled > sockets + 8:
        faults.append(f"{settled} connections while {sockets + 8} are in use")
    for link in stuck:
        link.close()
    grown = settle(process.resident, resident + 20_000_000) - resident
    if grown > 20_000_000 and not sanitized:
        faults.append(f"{grown / 1e6:.1f} MB more than before")
    print(f"slow: healthy p99 {healthy.p99() * 1000:.1f} ms of {len(healthy.times)}, closed after "
          f"{max(heads.closed_after, default=0):.1f} and {max(bodies.closed_after, default=0):.1f}"
          f" s, {grown / 1e6:+.1f} MB")
    return faults


def active_p99(port, seconds):
    with Healthy(port, ACTIVE) as healthy:
        time.sleep(seconds)
    return healthy.p99(), healthy.faults


def middle(values):
    return sorted(values)[len(values) // 2]


def idle(server, rounds, seconds, sanitized):
    process = Process(server.process.pid)
    _, faults = active_p99(server.port, 1)
    alone, beside = [], []

    def measure(into):
        p99, found = active_p99(server.port, seconds)
        into.append(p99)
        faults.extend(found)

    for number in range(rounds):
        if number % 2 == 0:  # in turns, as the book grows and the machine has moods
            measure(alone)
        before, threads = process.resident(), process.threads()
        links = [connect(server.port) for _ in range(IDLE)]
        for link in links:
            link.setblocking(True)
            link.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            link.recv(4096)
        each = (process.resident() - before) / IDLE
        if each > IDLE_BYTES and not sanitized:
            faults.append(f"{each:.0f} bytes for each idle connection")
        if process.threads() > threads:
            faults.append(f"{process.threads() - threads} threads more")
        measure(beside)
        for link in links:
            link.close()
        settle(process.descriptors, 40)
        if number % 2 == 1:
            measure(alone)
        print(f"idle: {each:.0f} bytes each, p99 {alone[-1] * 1000:.1f} ms alone, "
              f"{beside[-1] * 1000:.1f} ms beside them")
    ratio = middle(beside) / middle(alone)
    # One round on a shared machine says little.
    if ratio > (1.2 if rounds > 2 else 3) and not sanitized:
        faults.append(f"beside idle connections p99 is {ratio:.2f} times as long")
    return faults


def exhausted(server):
    """When there is no descriptor for who comes, nobody else notices."""
    process = Process(server.process.pid)
    client = Client(server.port)
    client.call("GET", "/healthz")
    limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    few = process.descriptors() + 50
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (few, limits[1]))
    links = [connect(server.port) for _ in range(200)]
    faults = []
    for _ in range(20):
        if client.call("GET", "/healthz").status != 200:
            faults.append("without descriptors an open connection was not served")
    for link in links:
        link.close()
    settle(process.descriptors, few - 40)
    if Client(server.port).call("GET", "/healthz").status != 200:
        faults.append("with descriptors again a new connection was not served")
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--long", action="store_true",
                        default=bool(os.environ.get("LVNG_TEST_LONG")))
    parser.add_argument("--sanitized", action="store_true",
                        help="memory and time are the sanitizer's, and not looked at")
    options = parser.parse_args()
    limit = 10 if options.long else 2
    limits = {f"LVNG_{name}_TIMEOUT": f"{limit}s" for name in ("HEADER", "BODY", "WRITE")}
    with running(options.server, **limits) as server:
        # How long a sanitized server takes says nothing.
        faults = slow(server, limit + (30 if options.sanitized else 1), options.sanitized)
    with running(options.server) as server:
        faults += idle(server, 7 if options.long else 1, 4 if options.long else 1,
                       options.sanitized)
        faults += exhausted(server)
    print(f"{len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
