#!/bin/bash
# Checks the nested modules, each of which has dependencies or a name of its own: format,
# go.mod, vet with this Go and with the one of go.mod, staticcheck, and the tests that need
# no SCTP; and that those that users import build elsewhere than on Linux.
#
#	STATICCHECK=staticcheck .ci/modules.sh [folder...]
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
root=$PWD
tmp=$root/.cache/modules
mkdir -p "$tmp"
export GOWORK=off

fail() {
	echo "modules: $1" >&2
	exit 1
}

[ $# -gt 0 ] || set -- $(find . -path ./.cache -prune -o -path './*/go.mod' -printf '%P\n' | sed 's|/go.mod$||' | sort)
for dir; do
	start=$SECONDS
	cd "$root/$dir"
	unformatted=$("$("$GO" env GOROOT)"/bin/gofmt -l .)
	[ -z "$unformatted" ] || fail "gofmt -w is due in $dir for:
$unformatted"
	if grep -q 'github.com/netsctp/sctp v' go.mod && ! grep -q '^replace github.com/netsctp/sctp ' go.mod; then
		# Its go.mod is to be released as it is. In a copy, the root is this one.
		rm -rf "$tmp/$dir"
		mkdir -p "$tmp/$dir"
		cp -r . "$tmp/$dir"
		cd "$tmp/$dir"
		"$GO" mod edit -replace "github.com/netsctp/sctp=$root"
		"$GO" mod tidy
		cp go.mod tidy.mod
		"$GO" mod edit -dropreplace github.com/netsctp/sctp tidy.mod
		diff -u "$root/$dir/go.mod" tidy.mod || fail "go mod tidy is due in $dir"
	else
		"$GO" mod tidy -diff || fail "go mod tidy is due in $dir"
	fi
	"$GO" vet ./...
	# The replace of the root may not want a newer Go than the module.
	GOTOOLCHAIN=go$(sed -n 's/^go //p' go.mod) "$GO" vet ./...
	"$STATICCHECK" ./...
	"$GO" test ./...
	case $dir in
	internal/*) ;;
	*)
		for os in windows darwin js; do
			arch=amd64
			[ $os != js ] || arch=wasm
			GOOS=$os GOARCH=$arch CGO_ENABLED=0 "$GO" build ./...
		done
		# What it says where there is no SCTP, on a system that every machine with Node.js has.
		wasm=$("$GO" env GOROOT)/lib/wasm/go_js_wasm_exec
		if [ "$dir" = compat/ishidawataru ] && [ -x "$wasm" ] && command -v node >/dev/null; then
			GOOS=js GOARCH=wasm "$GO" test -exec "$wasm" .
		fi
		;;
	esac
	echo "modules: $dir ok in $((SECONDS - start))s"
done
