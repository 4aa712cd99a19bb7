#!/bin/bash
# Runs every fuzzer for a number of executions; those of decoders try 101 variants in each:
#
#	.ci/fuzz.sh 5000
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
count=$1
# Those that have one: to ask the tests of each, all would have to be built.
for package in $(grep -rlE '^func Fuzz' --include='*_test.go' --exclude-dir=.cache . | xargs -n 1 dirname | sort -u); do
	for fuzzer in $("$GO" test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		start=$SECONDS
		"$GO" test -run '^$' -fuzz "^$fuzzer\$" -fuzztime "${count}x" -fuzzminimizetime 10x "$package" >.cache/fuzz.log 2>&1 || {
			cat .cache/fuzz.log >&2
			echo "fuzz: $fuzzer failed" >&2
			exit 1
		}
		echo "fuzz: $fuzzer ok, $count executions in $((SECONDS - start))s"
	done
done
