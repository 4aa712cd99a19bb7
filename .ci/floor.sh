#!/bin/bash
# Builds, vets and tests with the Go that is set, which must be the one of go.mod, and with
# exactly the modules of go.mod:
#
#	GOTOOLCHAIN=go1.23.0 .ci/floor.sh ./...
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
want=go$(sed -n 's/^go //p' go.mod)
have=$("$GO" env GOVERSION)
if [ "$have" != "$want" ]; then
	echo "floor: this is $have, not $want of go.mod: set GOTOOLCHAIN=$want" >&2
	exit 1
fi
"$GO" mod verify
"$GO" build ./...
"$GO" vet ./...
"$GO" test "$@"
echo "floor: ok with $have, $("$GO" list -m -f '{{if not (or .Main .Indirect)}}{{.Path}} {{.Version}}{{end}}' all | paste -sd ' ' | sed 's/ \([^v]\)/, \1/g; s/^, //')"
