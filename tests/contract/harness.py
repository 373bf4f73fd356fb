"""What the scripts of this folder share: their options, and a server to ask."""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from lvng_server import CONTACTS as BASE  # noqa: E402
from lvng_server import Answer, Client, Server, running, token  # noqa: E402, F401


def options(description):
    """A parser that knows the server to start and the store to start it on."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--server", required=True, help="the lvng-server binary")
    parser.add_argument("--postgresql", action="store_true",
                        help="on the PostgreSQL of LVNG_TEST_POSTGRES, else on a SQLite file")
    return parser
