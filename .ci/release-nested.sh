#!/bin/bash
# Makes the go.mod of the nested modules that have releases those of a release, when the
# root's is there:
#
#	.ci/release-nested.sh v0.1.0
#
# They require the root of the same version, and replace nothing. Commit that apart from
# the main line, and tag it.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
for module in compat/ishidawataru metrics; do
	(
		cd "$module"
		"$GO" mod edit -dropreplace github.com/netsctp/sctp -require "github.com/netsctp/sctp@$1"
		GOFLAGS=-mod=mod GOWORK=off "$GO" mod tidy
		"$GO" build ./...
	)
	git add "$module"
done
