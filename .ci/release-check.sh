#!/bin/bash
# Checks what a release would serve, before there is one:
#
#	.ci/release-check.sh v0.1.0
#
# In a clone of what is committed it does what CONTRIBUTING.md says of a release, writes
# what the tags serve into a folder that is a module proxy, and runs .ci/newcomer.sh with it.
# Nothing stays.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
version=$1
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
[ -z "$(git status --porcelain)" ] || echo "release-check: what is not committed is not looked at" >&2

git clone -q --no-local . "$dir/repo"
mkdir "$dir/proxy"
# What the tags do not serve comes from where it always does; without the last resort, which
# would ask the repository's host for the real release.
export GOPROXY="file://$dir/proxy,$("$GO" env GOPROXY | sed 's/,direct$//')"
export GONOSUMDB='github.com/netsctp/*' GOWORK=off
(cd internal/release && "$GO" build -o "$dir/release" .)
serve() { "$dir/release" -repo "$dir/repo" -proxy "$dir/proxy" -module github.com/netsctp/sctp "$@"; }

git -C "$dir/repo" tag -f "$version" >/dev/null
serve "$version"
(
	cd "$dir/repo"
	export GOMODCACHE=$dir/cache
	GO=$GO .ci/release-nested.sh "$version"
	git -c user.name=release -c user.email=release@localhost commit -qam "release of the nested modules"
)
for module in compat/ishidawataru metrics; do
	git -C "$dir/repo" tag -f "$module/$version" >/dev/null
	serve "$module/$version"
done
GO=$GO .ci/newcomer.sh "$version"
echo "release-check: ok"
