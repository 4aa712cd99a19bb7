#!/bin/bash
# Runs programs that nobody here wrote over compat/ishidawataru, with their own tests, on a
# kernel with SCTP:
#
#	.ci/realworld.sh
#
# Their sources come from the module proxy and stay in its cache and in .cache/realworld,
# which also gets the output of each. It prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
KERNEL=${KERNEL:-$PWD/.cache/kernel}
dir=$PWD/.cache/realworld
mkdir -p "$dir"
failed=

# The modules under test, in place of what a release would serve.
cat >"$dir/go.work" <<END
go $(sed -n 's/^go //p' go.mod)

use $PWD
use $PWD/compat/ishidawataru

replace github.com/netsctp/sctp v0.1.0 => $PWD
END

# source prints where the module proxy's copy of a module lies.
source() {
	(cd "$dir" && GOWORK=off GOFLAGS= "$GO" mod download -json "$1") | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p'
}

# run runs go test in a folder and adds a line to the table.
run() {
	local name=$1 folder=$2
	shift 2
	local log=$dir/${name//\//_}.log status=ok
	(cd "$folder" && "$GO" test -count=1 -v -p 1 -exec "$KERNEL" "$@") >"$log" 2>&1 || status=failed
	! grep -q 'this kernel has no SCTP' "$log" || status=failed
	[ $status = ok ] || failed="$failed $name"
	printf '%-40s %-7s %4d passed %3d failed  %s\n' "$name" "$status" \
		"$(grep -c '^--- PASS' "$log")" "$(grep -c '^--- FAIL' "$log")" "${log#"$PWD"/}" | tee -a "$dir/table.txt"
}

: >"$dir/table.txt"

# The incumbent's tests, as if they lay in compat.
incumbent=$(source github.com/ishidawataru/sctp@v0.0.0-20251114114122-19ddcbc6aae2)
{
	echo '{"Replace": {'
	for f in "$incumbent"/*_test.go; do
		echo "\"$PWD/compat/ishidawataru/incumbent_$(basename "$f")\": \"$f\","
	done | sed '$s/,$//'
	echo '}}'
} >"$dir/overlay.json"
GOWORK=$dir/go.work run ishidawataru/sctp compat/ishidawataru -overlay "$dir/overlay.json" .

if [ -n "$failed" ]; then
	echo "realworld: failed:$failed" >&2
	exit 1
fi
