module github.com/ishidawataru/sctp

go 1.23.0

require (
	github.com/netsctp/sctp v0.1.0
	golang.org/x/sys v0.15.0
)
