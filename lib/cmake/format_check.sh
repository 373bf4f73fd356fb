#!/usr/bin/env bash
# format_check.sh FOLDER…: names the sources that clang-format would change; fails if there are any.
# Not --dry-run: clang-format 14 takes the end of an inline namespace for badly formatted, and
# then writes the same.
set -euo pipefail

bad=0
while IFS= read -r -d '' file; do
    if ! clang-format-14 "$file" | cmp --silent - "$file"; then
        echo "$file: not formatted"
        bad=1
    fi
done < <(find "$@" -name '*.[ch]pp' -print0)
exit "$bad"
