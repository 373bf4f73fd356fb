"""The files of the project, without what is built or kept beside them."""

from pathlib import Path

NOT_OURS = {".git", "build", "lvng-data"}
SOURCES = {".cpp", ".hpp"}


def files(root, suffixes=None):
    """Every file below `root` with one of `suffixes` (all where there are none), in path order."""
    found = []
    for entry in sorted(Path(root).iterdir()):
        if entry.name in NOT_OURS or entry.is_symlink():
            continue
        if entry.is_dir():
            found += files(entry, suffixes)
        elif suffixes is None or entry.suffix in suffixes:
            found.append(entry)
    return found


def report(findings, what):
    """Prints the findings one a line; the exit code of the check."""
    for finding in findings:
        print(finding)
    print(f"{what}: {len(findings)} bad")
    return 1 if findings else 0
