#!/usr/bin/env python3
"""Takes PostgreSQL away from a running lvng-server, in every way a database goes away, and looks
for requests that hang, answers other than 503 meanwhile, and acknowledged writes that are lost.

    postgresql_outage.py --server BINARY --postgres-script SCRIPT

The PostgreSQL is one of its own, made by SCRIPT in a temporary folder.
"""

import argparse
import http.client
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from lvng_server import CONTACTS, Client, Server, token  # noqa: E402

WRITERS = 8
STATEMENT_TIMEOUT = 5.0
SLOWEST = STATEMENT_TIMEOUT + 2.0
SERVING_WITHIN = 5.0


class Postgres:
    """A throw-away PostgreSQL that can be killed, paused and started again."""

    def __init__(self, script, folder):
        self.script, self.folder = script, folder
        self.url = None

    def do(self, verb):
        done = subprocess.run(["bash", self.script, verb, self.folder], check=True, timeout=120,
                              stdout=subprocess.PIPE, text=True)
        return done.stdout.strip().splitlines()

    def start(self):
        self.url = self.do("start")[-1]

    def terminate_backends(self):
        subprocess.run(["psql", "-X", "-q", "-At", self.url, "-c",
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where application_name like 'lvng%'"],
                       check=True, timeout=60, stdout=subprocess.DEVNULL)


class Load:
    """Writers that never stop asking, and what they were told."""

    def __init__(self, port):
        self.port = port
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.acknowledged, self.faults = set(), []
        self.unavailable, self.slowest, self.last_success = 0, 0.0, 0.0
        self.threads = [threading.Thread(target=self.write, args=(number,))
                        for number in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def write(self, number):
        client = Client(self.port, token(f"usr_{number}", "acme"))
        count = 0
        while not self.stopping.is_set():
            count += 1
            name = f"writer {number} contact {count}"
            started = time.monotonic()
            try:
                answer = client.send("POST", CONTACTS, {"name": name})
            except (OSError, http.client.HTTPException) as broken:
                with self.lock:
                    self.faults.append(f"{name}: no answer, {broken!r}")
                client = Client(self.port, client.bearer)
                continue
            self.told(name, answer, time.monotonic() - started)
            if answer.status == 503:
                time.sleep(0.05)

    def told(self, name, answer, took):
        with self.lock:
            self.slowest = max(self.slowest, took)
            if answer.status == 201:
                self.acknowledged.add(name)
                self.last_success = time.monotonic()
            elif answer.status == 503:
                self.unavailable += 1
                if not answer.headers.get("Retry-After"):
                    self.faults.append(f"{name}: 503 without Retry-After")
            else:
                self.faults.append(f"{name}: {answer.status} {answer.data[:200]}")

    def serving_again(self, since):
        """The seconds from `since` until a write succeeded; it waits for that."""
        while time.monotonic() < since + 30:
            with self.lock:
                if self.last_success > since:
                    return self.last_success - since
            time.sleep(0.01)
        return 30.0

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def lost(self):
        stored = set()
        for number in range(WRITERS):
            client = Client(self.port, token(f"usr_{number}", "acme"))
            offset, total = 0, 1
            while offset < total:
                page = client.call("GET", f"{CONTACTS}?limit=200&offset={offset}").json()
                total, offset = page["total"], offset + 200
                stored.update(contact["name"] for contact in page["contacts"])
        return self.acknowledged - stored


def outages(postgres):
    """Each way to go away: its name, how it goes, and how it comes back."""
    for _ in range(3):
        yield "killed", lambda: postgres.do("kill"), postgres.start
    for _ in range(10):
        yield "all backends terminated", postgres.terminate_backends, lambda: None
    yield "stopped for 8 s", lambda: (postgres.do("pause"), time.sleep(8)), \
        lambda: postgres.do("resume")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True)
    parser.add_argument("--postgres-script", required=True)
    options = parser.parse_args()
    if not shutil.which("psql") or not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin")):
        print("PostgreSQL is not installed")
        raise SystemExit(77)
    with tempfile.TemporaryDirectory(prefix="lvng-outage-") as folder:
        pathlib.Path(folder).chmod(0o755)  # PostgreSQL's own user goes through it
        postgres = Postgres(options.postgres_script, folder + "/postgres")
        postgres.start()
        try:
            with Server(options.server, folder, postgres.url) as server:
                run(server, postgres)
        finally:
            postgres.do("stop")


def run(server, postgres):
    load = Load(server.port)
    faults = []
    try:
        for name, go_away, come_back in outages(postgres):
            time.sleep(0.5)
            go_away()
            come_back()
            took = load.serving_again(time.monotonic())
            print(f"{name}: serving again after {took:.2f} s", flush=True)
            if took > SERVING_WITHIN:
                faults.append(f"{name}: serving again after {took:.2f} s")
    finally:
        load.stop()
    faults += load.faults + [f"{name} is lost" for name in sorted(load.lost())]
    if load.slowest > SLOWEST:
        faults.append(f"an answer took {load.slowest:.2f} s")
    if server.stop() != 0:
        faults.append("the server did not end cleanly")
    print(f"{len(load.acknowledged)} acknowledged writes, {load.unavailable} times 503, the "
          f"slowest answer took {load.slowest:.2f} s, {len(faults)} faults")
    if faults:
        print(*faults[:20], sep="\n")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
