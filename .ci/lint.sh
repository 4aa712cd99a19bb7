#!/bin/bash
# Checks the form of the source: format, vet, staticcheck, go.mod, and the layers.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}

fail() {
	echo "lint: $1" >&2
	exit 1
}

# What make realworld fetched is not ours.
unformatted=$(find . -path ./.cache -prune -o -name '*.go' -print0 | xargs -0 "$("$GO" env GOROOT)"/bin/gofmt -l)
[ -z "$unformatted" ] || fail "gofmt -w is due for:
$unformatted"
"$GO" vet ./...
"$STATICCHECK" ./...
"$GO" mod tidy -diff || fail "go mod tidy is due"

# Only internal/sys knows the system, and the root package no build tags.
users=$("$GO" list -deps=false -f '{{.ImportPath}} {{join .Imports " "}}' ./... |
	awk '$1 !~ /\/internal\/sys(\/|$)/ && / golang\.org\/x\/sys/ {print $1}')
[ -z "$users" ] || fail "only internal/sys may import golang.org/x/sys, not $users"
tagged=$(grep -lE '^//go:build|^// \+build' ./*.go || true)
named=$(ls | grep -E "_($("$GO" tool dist list | tr '/' '\n' | sort -u | paste -sd '|'))(_test)?\.go$" || true)
[ -z "$tagged$named" ] || fail "the root package must have no build tags, but there is $tagged $named"
echo "lint: ok"
