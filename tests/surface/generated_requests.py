#!/usr/bin/env python3
"""Has schemathesis make requests out of /openapi.json, good ones and bad ones, and hold every answer
against that document.

    generated_requests.py --server BINARY [--postgresql] [--examples N] [--seed N]

All its checks but `positive_data_acceptance`, for which 410, 412 and 422 are no answers to valid
data. Skipped (77) where there is no schemathesis.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
sys.dont_write_bytecode = True

from lvng_server import running, token

FEWEST_REQUESTS = 2000


def generate(server, options):
    """What schemathesis reports of one run; its words go to stdout."""
    report = pathlib.Path(server.folder, "report.json")
    ended = subprocess.run(
        ["schemathesis", "run", f"http://127.0.0.1:{server.port}/openapi.json",
         "--header", f"Authorization: Bearer {token('usr_ana', 'acme')}",
         # It asks for a token of its own.
         "--exclude-path", "/metrics",
         "--checks", "all", "--exclude-checks", "positive_data_acceptance",
         "--max-examples", str(options.examples), "--seed", str(options.seed),
         "--suppress-health-check", "all", "--request-timeout", "30", "--no-color",
         "--report", "json", "--report-json-path", str(report)],
        cwd=server.folder, timeout=900)
    if not report.exists():
        raise SystemExit(f"schemathesis ended with {ended.returncode} and without a report")
    return ended.returncode, json.loads(report.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--examples", type=int, default=60, help="for each operation")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = parser.parse_args()
    if not shutil.which("schemathesis"):
        print("schemathesis, of PyPI, is not to be found")
        raise SystemExit(77)
    with running(options.server, options.postgresql) as server:
        status, report = generate(server, options)
        requests = report["test_cases"]["generated"]
        untested = report["operations"]["selected"] - report["operations"]["tested"]
        print(f"seed {options.seed}: {requests} requests, {untested} operations without one")
        if status != 0 or report["failures"] or report["errors"] or untested:
            raise SystemExit("schemathesis finds fault")
        if requests < FEWEST_REQUESTS:
            raise SystemExit(f"fewer than {FEWEST_REQUESTS} requests")


if __name__ == "__main__":
    main()
