#!/bin/bash
# Runs the tests of the nested modules that need SCTP, on a kernel that has it: metrics, and
# gRPC in internal/grpctest.
#
#	.ci/frameworks.sh [go test's flags]
#
# All run on one machine. It prints a table; the output of each is in .cache/frameworks.
set -euo pipefail
cd "$(dirname "$0")/.."
export GO=${GO:-go} KERNEL=${KERNEL:-$PWD/.cache/kernel} GOWORK=off CGO_ENABLED=${CGO_ENABLED:-0}
export DIR=$PWD/.cache/frameworks
mkdir -p "$DIR"

# The emulator and the kernel, before the first test's time begins to run.
"$KERNEL" -fetch "$("$GO" env GOARCH)"
"$KERNEL" -session bash -c '
	failed=
	for module in metrics internal/grpctest; do
		log=$DIR/$(basename "$module").log status=ok
		(cd "$module" && "$GO" test -v -count=1 -p 1 -timeout 8m -exec "\"$KERNEL\" -v" "$@" ./...) >"$log" 2>&1 || status=failed
		! grep -q "this kernel has no SCTP" "$log" || status=failed
		[ $status = ok ] || failed="$failed $module"
		printf "%-20s %-7s %4d passed %3d failed  %s\n" "$module" $status \
			"$(grep -c "^--- PASS" "$log")" "$(grep -c "^--- FAIL" "$log")" ".cache/frameworks/${log##*/}"
	done
	[ -z "$failed" ] || { echo "frameworks: failed:$failed" >&2; exit 1; }
' frameworks "$@"
