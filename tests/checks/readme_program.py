"""The program on the front page, and what the page says it prints.

Usage: readme_program.py write README FILE    takes the program out
       readme_program.py run README PROGRAM   runs it and compares
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def block(page, language):
    """The page's only code block in `language`."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    if len(blocks) != 1:
        sys.exit(f"README.md has {len(blocks)} blocks of {language}, not 1")
    return blocks[0]


def run(page, program):
    """Runs the program in an empty folder: it may leave files. The exit code of the check."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([program], cwd=folder, capture_output=True, text=True, timeout=60)
    wanted = block(page, "text")
    if done.returncode == 0 and done.stdout == wanted:
        return 0
    print(f"exit {done.returncode}, stderr: {done.stderr}\n--- printed\n{done.stdout}")
    print(f"--- README.md says\n{wanted}")
    return 1


if __name__ == "__main__":
    verb, readme, file = sys.argv[1:]
    text = Path(readme).read_text()
    if verb == "write":
        Path(file).write_text(block(text, "cpp"))
    else:
        sys.exit(run(text, Path(file).resolve()))
