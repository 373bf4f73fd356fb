"""Every relative link in a page of the project leads to a file, and to a heading of it.

Usage: links.py ROOT.
"""

import re
import sys
from pathlib import Path

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*?)\s*$")
OUTSIDE = re.compile(r"^[a-z]+:")


def prose(page):
    """The page's lines with their numbers, code blocks left out."""
    in_code = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code:
            yield number, line


def anchors(page):
    """What the headings of a page are called in links: as GitHub and GitLab make it."""
    headings = (HEADING.match(line) for _, line in prose(page))
    kept = (re.sub(r"[^\w\- ]", "", heading[1].lower()) for heading in headings if heading)
    return {text.replace(" ", "-") for text in kept}


def scan(root):
    """All links that lead nowhere, as `file:line: link`."""
    root = Path(root)
    findings = []
    for page in tree.files(root, {".md"}):
        for number, line in prose(page):
            for link in LINK.findall(line):
                if OUTSIDE.match(link):
                    continue
                path, _, anchor = link.partition("#")
                target = (page.parent / path) if path else page
                if not target.exists():
                    findings.append(f"{page.relative_to(root)}:{number}: no file {link}")
                elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                    findings.append(f"{page.relative_to(root)}:{number}: no heading {link}")
    return findings


if __name__ == "__main__":
    sys.exit(tree.report(scan(sys.argv[1]), "links"))
