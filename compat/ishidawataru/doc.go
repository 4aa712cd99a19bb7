// Package sctp has the API of github.com/ishidawataru/sctp, version
// v0.0.0-20251114114122-19ddcbc6aae2, over github.com/netsctp/sctp: for programs that
// import that path and want deadlines that work, a Close that wakes everybody, and no thread
// for a call that waits, without a change of theirs but a line in go.mod:
//
//	replace github.com/ishidawataru/sctp => github.com/netsctp/sctp/compat/ishidawataru v0.1.0
//
// New programs should import github.com/netsctp/sctp. README.md lists the differences.
package sctp
