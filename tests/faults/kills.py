"""What the scripts that kill lvng-server have in common."""

import argparse
import os
import random
import threading
import time


def arguments(doc, cycles):
    """The options of the command line, with `cycles` to make and a `random` source."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--server", required=True)
    parser.add_argument("--cycles", type=int, default=cycles)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--postgresql", action="store_true",
                        help="on the PostgreSQL of LVNG_TEST_POSTGRES, else on a SQLite file")
    options = parser.parse_args()
    options.cycles = int(os.environ.get("LVNG_TEST_KILLS", options.cycles))
    options.random = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    return options


def kill_under(server, runs, seconds):
    """Kills the server that `runs`, called with its port and an event that stops them, have used
    for so long."""
    stopping = threading.Event()
    threads = [threading.Thread(target=run, args=(server.port, stopping)) for run in runs]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    server.kill()
    stopping.set()
    for thread in threads:
        thread.join()


def refuse(cycle, faults):
    """Ends the script where there are faults."""
    if faults:
        print(f"cycle {cycle}: {len(faults)} faults", *faults[:20], sep="\n  ")
        raise SystemExit(1)


def end(server, done, needed):
    """The server must stop well, and so much must have been done."""
    if server.stop() != 0:
        raise SystemExit("the server did not end cleanly")
    if done < needed:
        raise SystemExit("too little was done to say anything")
