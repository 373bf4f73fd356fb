"""What does not belong in the tree: notes to oneself, and paths of somebody's machine.

Usage: words.py ROOT.
"""

import re
import sys
from pathlib import Path

import tree

# Written apart, so that this file is no finding of its own.
WORDS = re.compile("|".join(["TO" "DO", "FIX" "ME", r"(?<![\w.])/(?:home|root|Users)/\w"]))


def scan(root):
    """All such words, as `file:line: word`."""
    findings = []
    for file in tree.files(root):
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue  # a test's bytes
        for number, line in enumerate(text.splitlines(), 1):
            for word in WORDS.findall(line):
                findings.append(f"{file.relative_to(root)}:{number}: {word}")
    return findings


if __name__ == "__main__":
    sys.exit(tree.report(scan(Path(sys.argv[1])), "words"))
