#!/bin/bash
# Keeps what the fuzzers have found on this machine as seeds, in testdata/fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
module=$("$GO" list -m)
found=$("$GO" env GOCACHE)/fuzz/$module
for dir in $(cd "$found" && find . -type d -name 'Fuzz*'); do
	to=$(dirname "$dir")/testdata/fuzz/$(basename "$dir")
	mkdir -p "$to"
	cp "$found/$dir"/* "$to"
	echo "corpus: $(ls "$to" | wc -l) inputs in $to"
done
