"""Reads /metrics of a server that was used, on its own port, and has promtool judge it.

Usage: metrics_page.py --server BINARY [--postgresql]. Skipped (77) where there is no promtool.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.dont_write_bytecode = True

from lvng_server import CONTACTS, CONVERSATIONS, Client, Server, store_for, token

METRICS_TOKEN = "a-token-of-scrapers"


def require(held, what):
    if not held:
        raise SystemExit(what)


def use(port):
    """Answers of every class but 5xx, on several routes."""
    ana = Client(port, token("usr_ana", "acme"))
    contact = ana.send("POST", CONTACTS, {"name": "Jane"}).json()["contact"]
    ana.call("GET", f"{CONTACTS}/{contact['id']}")
    ana.call("GET", f"{CONTACTS}/canary")
    ana.send("POST", CONVERSATIONS, {"conversation_type": "group", "member_ids": ["usr_bob"]})
    ana.call("GET", CONVERSATIONS)
    Client(port).call("GET", CONTACTS)
    Client(port).call("BREW", "/canary")


def metrics_port(log):
    """Where the server says that it serves its figures."""
    for line in log.read_text().splitlines():
        url = json.loads(line).get("url")
        if url:
            return int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/metrics", url)[1])
    raise SystemExit("the log names no address of the figures")


def judge(page):
    require("canary" not in page, "what a client wrote is among the figures")
    lines = [line for line in page.splitlines() if not line.startswith("#")]
    require(len(lines) < 2000, f"{len(lines)} series are too many")
    for name in ("http_server_request_duration_seconds_count", "lvng_store_up", "lvng_workers",
                 "lvng_connections", "lvng_failed_authentications_total"):
        require(any(line.startswith(name) for line in lines), f"{name} is missing")
    verdict = subprocess.run(["promtool", "check", "metrics"], input=page, text=True,
                             capture_output=True, timeout=60)
    words = verdict.stdout + verdict.stderr
    require(verdict.returncode == 0 and not words, f"promtool finds fault: {words}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--server", required=True)
    arguments.add_argument("--postgresql", action="store_true")
    options = arguments.parse_args()
    if not shutil.which("promtool"):
        print("promtool, of Debian's package prometheus, is not to be found")
        raise SystemExit(77)
    with tempfile.TemporaryDirectory(prefix="lvng-test-") as folder, \
            store_for(options.postgresql) as store:
        log = Path(folder, "log")
        server = Server(options.server, folder, store, LVNG_LOG="info",
                        LVNG_METRICS_LISTEN="127.0.0.1:0", LVNG_METRICS_TOKEN=METRICS_TOKEN)
        with log.open("wb") as server.log, server:
            use(server.port)
            require(Client(server.port, METRICS_TOKEN).call("GET", "/metrics").status == 404,
                    "the figures are on the port for everybody too")
            port = metrics_port(log)
            require(Client(port).call("GET", "/metrics").status == 401, "no token is asked for")
            answer = Client(port, METRICS_TOKEN).call("GET", "/metrics")
            require(answer.status == 200, f"the figures are answered {answer.status}")
            judge(answer.data.decode())
            if options.postgresql:
                require(b"lvng_store_pool_size" in answer.data, "the pool does not show")
            require(server.stop() == 0, "the server does not end well")


if __name__ == "__main__":
    main()
