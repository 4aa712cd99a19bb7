//go:build linux

package main

// A difference is a row of README.md's table, with why it is so and the lines that show it.
type difference struct {
	was, is, do string
	why         string
	shown       []shown
}

// A shown is a line that differs.
type shown struct{ scenario, step, was, is string }

// alsoWas has what the incumbent does at other times where a difference shows.
var alsoWas = map[[2]string]string{
	// Whether a writer is woken goes by what the peer still acknowledges.
	{"waiting", "the writer"}: "still waits",
}

// differences are all that there are.
var differences = []difference{
	{
		was: "SetDeadline, SetReadDeadline and SetWriteDeadline returned EOPNOTSUPP",
		is:  "they work",
		do:  "look for deadlines that were set and never fired; net.Error's Timeout tells them",
		why: "the package's sockets are non-blocking",
		shown: []shown{
			{"closed", "SetDeadline", "syscall.Errno operation not supported", "syscall.Errno bad file descriptor"},
			{"closed", "SetReadDeadline", "syscall.Errno operation not supported", "syscall.Errno bad file descriptor"},
			{"closed", "SetWriteDeadline", "syscall.Errno operation not supported", "syscall.Errno bad file descriptor"},
			{"deadlines", "SetDeadline", "syscall.Errno operation not supported", "nil"},
			{"deadlines", "SetReadDeadline", "syscall.Errno operation not supported", "nil"},
			{"deadlines", "SetWriteDeadline", "syscall.Errno operation not supported", "nil"},
			{"deadlines", "Write", "1, nil", "0, *net.OpError write sctp 127.0.0.1:port->127.0.0.1:port: i/o timeout (timeout)"},
			{"deadlines", "Read", "4, nil", "0, *net.OpError read sctp 127.0.0.1:port->127.0.0.1:port: i/o timeout (timeout)"},
			{"deadlines", "SetDeadline of the wrapped", "syscall.Errno operation not supported", "nil"},
			{"deadlines", "SetReadDeadline of the wrapped", "syscall.Errno operation not supported", "nil"},
			{"deadlines", "SetWriteDeadline of the wrapped", "syscall.Errno operation not supported", "nil"},
		},
	},
	{
		was: "a call that waited held a thread",
		is:  "it holds none",
		do:  "nothing",
		why: "the package's sockets are non-blocking",
		shown: []shown{
			{"options", "dialled, non-blocking", "false", "true"},
			{"options", "accepted, non-blocking", "false", "true"},
			{"waiting", "calls that wait hold", `"each a thread"`, `"no thread"`},
			{"waiting", "a writer that waits holds", `"each a thread"`, `"no thread"`},
			{"waiting", "an Accept that waits holds", `"each a thread"`, `"no thread"`},
		},
	},
	{
		was: "Close left an Accept waiting; a Read that waited returned io.EOF, and a Write EPIPE",
		is:  "all return syscall.EBADF",
		do:  "end loops at syscall.EBADF, too",
		why: "a call tells its own Close from the peer's end",
		shown: []shown{
			{"waiting", "the reader", "0, *errors.errorString EOF", "0, syscall.Errno bad file descriptor"},
			{"waiting", "the writer", "0, syscall.Errno broken pipe", "0, syscall.Errno bad file descriptor"},
			{"waiting", "the Accept", "still waits", "*sctp.SCTPConn, syscall.Errno bad file descriptor"},
		},
	},
	{
		was: "a listener that was closed kept the number of its descriptor, another file's by then, and closed that with the next Close",
		is:  "SyscallConn returns EINVAL, and Close EBADF",
		do:  "nothing",
		why: "a descriptor that was closed is never used again",
		shown: []shown{
			{"listener", "SyscallConn after Close", "nil", "syscall.Errno invalid argument"},
			{"listener", "Addr after Close, and another file", "127.0.0.3:port2", "127.0.0.1:port2"},
			{"listener", "Close again, and another file", "nil", "syscall.Errno bad file descriptor"},
			{"listener", "the other's Close", "syscall.Errno bad file descriptor", "nil"},
		},
	},
	{
		was: "LocalAddr, RemoteAddr and a listener's Addr became nil when the association had ended or after Close",
		is:  "they stay those of the set-up",
		do:  "do not use nil as the sign of an end",
		why: "addresses are for logs, too",
		shown: []shown{
			{"closed", "LocalAddr", "nil", "127.0.0.1:port1"},
			{"closed", "RemoteAddr", "nil", "127.0.0.1:port2"},
			{"ends", "Close, peer's RemoteAddr", "nil", "127.0.0.1:port2"},
			{"ends", "Close, own RemoteAddr", "nil", "127.0.0.1:port1"},
			{"ends", "SCTP_EOF alone, own RemoteAddr", "nil", "127.0.0.1:port1"},
			{"ends", "SCTP_EOF with a message, own RemoteAddr", "nil", "127.0.0.1:port1"},
			{"ends", "SCTP_ABORT alone, own RemoteAddr", "nil", "127.0.0.1:port1"},
			{"ends", "SCTP_ABORT with a reason, own RemoteAddr", "nil", "127.0.0.1:port1"},
			{"ends", "aborted, RemoteAddr", "nil", "127.0.0.1:port3"},
			{"listener", "Addr after Close", "nil", "127.0.0.1/127.0.0.2:port1"},
		},
	},
	{
		was: "with an error, SCTPRead and the Read of an SCTPSndRcvInfoWrappedConn returned the number -1",
		is:  "0",
		do:  "look at the error",
		why: "io.Reader has no negative numbers",
		shown: []shown{
			{"closed", "SCTPRead", "-1, nil *SndRcvInfo, syscall.Errno bad file descriptor", "0, nil *SndRcvInfo, syscall.Errno bad file descriptor"},
			{"closed", "Read of the wrapped", "-1, syscall.Errno bad file descriptor", "0, syscall.Errno bad file descriptor"},
			{"ends", "Close, own read", "-1, , nil *SndRcvInfo, syscall.Errno bad file descriptor", "0, , nil *SndRcvInfo, syscall.Errno bad file descriptor"},
			{"ends", "aborted, read", "-1, , nil *SndRcvInfo, syscall.Errno connection reset by peer", "0, , nil *SndRcvInfo, syscall.Errno connection reset by peer"},
			{"one-to-many", "the other's read", "-1, , nil *SndRcvInfo, syscall.Errno connection reset by peer", "0, , nil *SndRcvInfo, syscall.Errno connection reset by peer"},
		},
	},
	{
		was: "after an ABORT one read returned ECONNRESET, and then reads ENOTCONN and writes EPIPE",
		is:  "all return ECONNRESET",
		do:  "nothing",
		why: "it stays known how the association has ended",
		shown: []shown{
			{"ends", "aborted, read again", "-1, , nil *SndRcvInfo, syscall.Errno transport endpoint is not connected", "0, , nil *SndRcvInfo, syscall.Errno connection reset by peer"},
			{"ends", "aborted, write", "0, syscall.Errno broken pipe", "0, syscall.Errno connection reset by peer"},
			{"notifications", "abort, then 2", `"", nil *SndRcvInfo, syscall.Errno transport endpoint is not connected`, `"", nil *SndRcvInfo, syscall.Errno connection reset by peer`},
		},
	},
	{
		was: "a Read into an empty buffer took a byte of the message and returned 1",
		is:  "it takes nothing and returns 0",
		do:  "nothing",
		why: "the message stays whole",
		shown: []shown{
			{"short reads", "Read of nothing", "1, nil", "0, nil"},
			{"short reads", "Read of nothing, and no nil", "1, nil", "0, nil"},
			{"short reads", "the message then", "8, 3233343536373839, {stream 2, SSN 2, flags 0x0, PPID 0x7, context 0, TTL 0, TSN first+2, cumTSN 0, assoc1}, nil", "10, 30313233343536373839, {stream 2, SSN 2, flags 0x0, PPID 0x7, context 0, TTL 0, TSN first+2, cumTSN 0, assoc1}, nil"},
		},
	},
	{
		was: "PeelOff returned a wrong descriptor",
		is:  "the association's",
		do:  "nothing",
		why: "the incumbent's struct is not the kernel's",
		shown: []shown{
			{"one-to-many", "Write of what is peeled off", "0, syscall.Errno socket operation on non-socket", "10, nil"},
			{"one-to-many", "Close of what is peeled off", "syscall.Errno bad file descriptor", "nil"},
		},
	},
	{
		was: "Get- and SetDefaultSentParam had the PPID in network order",
		is:  "in host order, as SCTPWrite and SCTPRead",
		do:  "remove the swap around them",
		why: "one order everywhere",
		shown: []shown{
			{"options", "SCTPRead of a Write then", "10, 62792064656661756c74, {stream 2, SSN 0, flags 0x0, PPID 0x3c000000, context 0, TTL 0, TSN first+0, cumTSN 0, assoc1}, nil", "10, 62792064656661756c74, {stream 2, SSN 0, flags 0x0, PPID 0x3c, context 0, TTL 0, TSN first+0, cumTSN 0, assoc1}, nil"},
		},
	},
	{
		was: "SCTP_EOF was 1<<4, which does nothing",
		is:  "the kernel's 0x200: the association is shut down behind the message, which may be empty",
		do:  "nothing",
		why: "the name says so",
		shown: []shown{
			{"constants", "SCTP_EOF", "16", "512"},
			{"ends", "SCTP_EOF alone, peer's read 1", "still waits", "0, , nil *SndRcvInfo, *errors.errorString EOF"},
			{"ends", "SCTP_EOF alone, peer's write", "4, nil", "0, syscall.Errno broken pipe"},
			{"ends", "SCTP_EOF alone, peer's SCTPRemoteAddr", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_EOF alone, peer's primary address", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_EOF alone, peer's status", "nil", "syscall.Errno invalid argument"},
			{"ends", "SCTP_EOF alone, own read", "4, 64617461, nil *SndRcvInfo, nil", "0, , nil *SndRcvInfo, *errors.errorString EOF"},
			{"ends", "SCTP_EOF with a message, peer's read 1", "still waits", "4, 6c617374, nil *SndRcvInfo, nil"},
			{"ends", "SCTP_EOF with a message, peer's write", "4, nil", "0, syscall.Errno broken pipe"},
			{"ends", "SCTP_EOF with a message, peer's SCTPRemoteAddr", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_EOF with a message, peer's primary address", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_EOF with a message, peer's status", "nil", "syscall.Errno invalid argument"},
			{"ends", "SCTP_EOF with a message, own read", "4, 64617461, nil *SndRcvInfo, nil", "0, , nil *SndRcvInfo, *errors.errorString EOF"},
		},
	},
	{
		was: "SCTP_ABORT returned EINVAL on a connection",
		is:  "the association is aborted and the connection closed; Close still returns nil",
		do:  "nothing",
		why: "the kernel has it for one-to-many sockets only",
		shown: []shown{
			{"ends", "SCTP_ABORT alone", "0, syscall.Errno invalid argument", "0, nil"},
			{"ends", "SCTP_ABORT alone, peer's read 1", "still waits", "0, , nil *SndRcvInfo, syscall.Errno connection reset by peer"},
			{"ends", "SCTP_ABORT alone, peer's write", "4, nil", "0, syscall.Errno connection reset by peer"},
			{"ends", "SCTP_ABORT alone, peer's SCTPRemoteAddr", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_ABORT alone, peer's primary address", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_ABORT alone, peer's status", "nil", "syscall.Errno invalid argument"},
			{"ends", "SCTP_ABORT alone, own read", "4, 64617461, nil *SndRcvInfo, nil", "0, , nil *SndRcvInfo, syscall.Errno bad file descriptor"},
			{"ends", "SCTP_ABORT alone, own write", "0, syscall.Errno broken pipe", "0, syscall.Errno bad file descriptor"},
			{"ends", "SCTP_ABORT with a reason", "0, syscall.Errno invalid argument", "0, nil"},
			{"ends", "SCTP_ABORT with a reason, peer's read 1", "still waits", "0, , nil *SndRcvInfo, syscall.Errno connection reset by peer"},
			{"ends", "SCTP_ABORT with a reason, peer's write", "4, nil", "0, syscall.Errno connection reset by peer"},
			{"ends", "SCTP_ABORT with a reason, peer's SCTPRemoteAddr", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_ABORT with a reason, peer's primary address", "127.0.0.1:port2, nil", "nil *SCTPAddr, syscall.Errno invalid argument"},
			{"ends", "SCTP_ABORT with a reason, peer's status", "nil", "syscall.Errno invalid argument"},
			{"ends", "SCTP_ABORT with a reason, own read", "4, 64617461, nil *SndRcvInfo, nil", "0, , nil *SndRcvInfo, syscall.Errno bad file descriptor"},
			{"ends", "SCTP_ABORT with a reason, own write", "0, syscall.Errno broken pipe", "0, syscall.Errno bad file descriptor"},
		},
	},
	{
		was: "the constants of StatusState and PeerState were not those that GetStatus returned: an established association was SCTP_COOKIE_ECHOED",
		is:  "they are the kernel's",
		do:  "remove numbers that stand for them",
		why: "GetStatus can be compared with them",
		shown: []shown{
			{"constants", "SCTP_UNCONFIRMED", "0", "3"},
			{"constants", "SCTP_ACTIVE", "1", "2"},
			{"constants", "SCTP_INACTIVE", "2", "0"},
			{"constants", "SCTP_CLOSED", "0", "1"},
			{"constants", "SCTP_BOUND", "1", "-1"},
			{"constants", "SCTP_LISTEN", "2", "-2"},
			{"constants", "SCTP_COOKIE_WAIT", "3", "2"},
			{"constants", "SCTP_COOKIE_ECHOED", "4", "3"},
			{"constants", "SCTP_ESTABLISHED", "5", "4"},
			{"constants", "SCTP_SHUTDOWN_PENDING", "6", "5"},
			{"constants", "SCTP_SHUTDOWN_SENT", "7", "6"},
			{"constants", "SCTP_SHUTDOWN_RECEIVED", "8", "7"},
			{"constants", "SCTP_SHUTDOWN_ACK_SENT", "9", "8"},
			{"options", "GetStatus", `"assoc2", 4, false, 0, 10, 10, 1452, "assoc2", 020000007f0000010000000000000000, 2, false, 4380, 1500, nil`, `"assoc2", 4, true, 0, 10, 10, 1452, "assoc2", 020000007f0000010000000000000000, 2, true, 4380, 1500, nil`},
		},
	},
	{
		was: "a notification went to the handler in pieces of the read's buffer",
		is:  "whole",
		do:  "nothing",
		why: "a handler can decode it",
		shown: []shown{
			{"handler", "buffer of 8, <nil>, 1", `0, nil *SndRcvInfo, *errors.errorString EOF, 8, "8 bytes", true, 4, "4 bytes", true`, `0, nil *SndRcvInfo, *errors.errorString EOF, 12, "058000000c000000 assoc3 ", false`},
			{"handler", "buffer of 8, boom, 1", `0, nil *SndRcvInfo, *errors.errorString boom, 8, "8 bytes", true`, `0, nil *SndRcvInfo, *errors.errorString boom, 12, "058000000c000000 assoc4 ", false`},
		},
	},
	{
		was: "the handler's slice was the read's buffer",
		is:  "its own memory",
		do:  "nothing",
		why: "it is whole, whatever the buffer",
		shown: []shown{
			{"handler", "buffer of 1000, <nil>, 1", `0, nil *SndRcvInfo, *errors.errorString EOF, 12, "058000000c000000 assoc1 ", true`, `0, nil *SndRcvInfo, *errors.errorString EOF, 12, "058000000c000000 assoc1 ", false`},
			{"handler", "buffer of 1000, boom, 1", `0, nil *SndRcvInfo, *errors.errorString boom, 12, "058000000c000000 assoc2 ", true`, `0, nil *SndRcvInfo, *errors.errorString boom, 12, "058000000c000000 assoc2 ", false`},
		},
	},
	{
		was: "a notification longer than the buffer of a read without handler came in several reads",
		is:  "it is cut",
		do:  "use a buffer of 4096 bytes",
		why: "its rest would pass for a message",
		shown: []shown{
			{"notifications", "SHUTDOWN in pieces of 8, 1", "4, nil *SndRcvInfo, nil", "0, nil *SndRcvInfo, *errors.errorString EOF"},
		},
	},
	{
		was: "the Read of an SCTPSndRcvInfoWrappedConn left the SndRcvInfo of a notification as the buffer was",
		is:  "it is zero",
		do:  "nothing",
		why: "it would pass for that of the last message",
		shown: []shown{
			{"wrapped", "Read of a notification", `44, eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee, "058000000c000000 assoc1 ", nil`, `44, 0000000000000000000000000000000000000000000000000000000000000000, "058000000c000000 assoc1 ", nil`},
		},
	},
	{
		was: `0.0.0.0 listened for IPv6 too, with the network "sctp"`,
		is:  "for IPv4 only",
		do:  "use an address without IPs",
		why: "so does package net",
		shown: []shown{
			{"listen", `"sctp" [{<nil> }] 0`, "*sctp.SCTPListener, nil, 127.0.0.1/[::1%lo]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, 127.0.0.1:port1, *sctp.SCTPConn, nil, nil *sctp.SCTPConn, syscall.Errno connection refused, nil"},
			{"listen", `"sctp" [{0.0.0.0 }] 0`, "*sctp.SCTPListener, nil, 127.0.0.1/[::1%lo]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, 127.0.0.1:port1, *sctp.SCTPConn, nil, nil *sctp.SCTPConn, syscall.Errno connection refused, nil"},
		},
	},
	{
		was: "the ::1 of a wildcard's Addr had the zone lo",
		is:  "only link-local addresses have zones",
		do:  "nothing",
		why: "the address is the same wherever it is shown",
		shown: []shown{
			{"listen", `"sctp" nil`, "*sctp.SCTPListener, nil, 127.0.0.1/[::1%lo]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, 127.0.0.1/[::1]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil"},
			{"listen", `"sctp" [] 0`, "*sctp.SCTPListener, nil, 127.0.0.1/[::1%lo]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, 127.0.0.1/[::1]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil"},
			{"listen", `"sctp" [{:: }] 0`, "*sctp.SCTPListener, nil, 127.0.0.1/[::1%lo]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, 127.0.0.1/[::1]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil"},
			{"listen", `"sctp6" nil`, "*sctp.SCTPListener, nil, [::1%lo]:port1, nil *sctp.SCTPConn, syscall.Errno connection refused, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, [::1]:port1, nil *sctp.SCTPConn, syscall.Errno connection refused, *sctp.SCTPConn, nil, nil"},
			{"listen", `"sctp6" [] 0`, "*sctp.SCTPListener, nil, [::1%lo]:port1, nil *sctp.SCTPConn, syscall.Errno connection refused, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, [::1]:port1, nil *sctp.SCTPConn, syscall.Errno connection refused, *sctp.SCTPConn, nil, nil"},
			{"listen", `"sctp6" [{:: }] 0`, "*sctp.SCTPListener, nil, [::1%lo]:port1, nil *sctp.SCTPConn, syscall.Errno connection refused, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, [::1]:port1, nil *sctp.SCTPConn, syscall.Errno connection refused, *sctp.SCTPConn, nil, nil"},
			{"listen", `"tcp" nil`, "*sctp.SCTPListener, nil, 127.0.0.1/[::1%lo]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil", "*sctp.SCTPListener, nil, 127.0.0.1/[::1]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil"},
		},
	},
	{
		was: "a Port beyond 65535, or an IP of neither 4 nor 16 bytes, was used as far as it went",
		is:  "EINVAL",
		do:  "nothing",
		why: "it is a mistake",
		shown: []shown{
			{"dial", `"sctp" to port 70000`, "nil *sctp.SCTPConn, syscall.Errno connection refused", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"sctp" to port -1`, "nil *sctp.SCTPConn, syscall.Errno connection refused", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"sctp" to three bytes`, "nil *sctp.SCTPConn, syscall.Errno network is unreachable", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"sctp4" to port 70000`, "nil *sctp.SCTPConn, syscall.Errno connection refused", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"sctp4" to port -1`, "nil *sctp.SCTPConn, syscall.Errno connection refused", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"sctp6" to three bytes`, "nil *sctp.SCTPConn, syscall.Errno network is unreachable", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"listen", `"sctp" [{?010203 }] 0`, "nil *sctp.SCTPListener, syscall.Errno cannot assign requested address", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
			{"listen", `"sctp" [{127.0.0.1 }] 70000`, "*sctp.SCTPListener, nil, 127.0.0.1:4464, *sctp.SCTPConn, nil, nil *sctp.SCTPConn, syscall.Errno connection refused, nil", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
			{"listen", `"sctp" [{127.0.0.1 }] -1`, "*sctp.SCTPListener, nil, 127.0.0.1:port1, *sctp.SCTPConn, nil, nil *sctp.SCTPConn, syscall.Errno connection refused, nil", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
			{"listen", `"sctp4" [{127.0.0.1 }] 70000`, "*sctp.SCTPListener, nil, 127.0.0.1:4464, *sctp.SCTPConn, nil, nil *sctp.SCTPConn, syscall.Errno connection refused, nil", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
			{"listen", `"sctp4" [{127.0.0.1 }] -1`, "*sctp.SCTPListener, nil, 127.0.0.1:port1, *sctp.SCTPConn, nil, nil *sctp.SCTPConn, syscall.Errno connection refused, nil", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
			{"listen", `"sctp6" [{?010203 }] 0`, "nil *sctp.SCTPListener, syscall.Errno cannot assign requested address", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
		},
	},
	{
		was: "an empty network and a nil address to dial panicked",
		is:  `an empty network is "sctp", a nil address is EINVAL`,
		do:  "nothing",
		why: "a library does not panic at arguments",
		shown: []shown{
			{"dial", `"sctp" to nil`, "panics: runtime error: invalid memory address or nil pointer dereference", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"sctp4" to nil`, "panics: runtime error: invalid memory address or nil pointer dereference", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"sctp6" to nil`, "panics: runtime error: invalid memory address or nil pointer dereference", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
			{"dial", `"" to one`, "panics: runtime error: index out of range [-1]", "*sctp.SCTPConn, nil, 127.0.0.1:port1, 127.0.0.1/127.0.0.2:port2, 127.0.0.1:port2, nil, 127.0.0.1:port1, nil, nil, nil"},
			{"listen", `"" nil`, "panics: runtime error: index out of range [-1]", "*sctp.SCTPListener, nil, 127.0.0.1/[::1]:port1, *sctp.SCTPConn, nil, *sctp.SCTPConn, nil, nil"},
		},
	},
	{
		was: "DialSCTP to an address without IPs returned EINVAL",
		is:  "it dials this machine, as package net does",
		do:  "nothing",
		why: "so does package net",
		shown: []shown{
			{"dial", `"sctp" to an empty address`, "nil *sctp.SCTPConn, syscall.Errno invalid argument", "*sctp.SCTPConn, nil, 127.0.0.1:port1, 127.0.0.1/127.0.0.2:port2, 127.0.0.1:port2, nil, 127.0.0.1:port1, nil, nil, nil"},
			{"dial", `"sctp4" to an empty address`, "nil *sctp.SCTPConn, syscall.Errno invalid argument", "*sctp.SCTPConn, nil, 127.0.0.1:port1, 127.0.0.1/127.0.0.2:port2, 127.0.0.1:port2, nil, 127.0.0.1:port1, nil, nil, nil"},
			{"dial", `"sctp6" to an empty address`, "nil *sctp.SCTPConn, syscall.Errno invalid argument", "nil *sctp.SCTPConn, syscall.Errno connection refused"},
		},
	},
	{
		was: "DialSCTP from an address of one family to one of the other waited as long as the kernel tried",
		is:  "EINVAL at once",
		do:  "nothing",
		why: "the kernel has no route",
		shown: []shown{
			{"dial", `"sctp" from IPv6`, "still waits", "nil *sctp.SCTPConn, syscall.Errno invalid argument"},
		},
	},
	{
		was: "an SCTPWrite of nothing with an SndRcvInfo sent a message of one zero byte",
		is:  "EINVAL: SCTP has no empty message",
		do:  "do not write nothing",
		why: "the peer cannot tell it from a message",
		shown: []shown{
			{"messages", "empty SCTPWrite", "0, nil", "0, syscall.Errno invalid argument"},
			{"messages", "empty SCTPWrite of no nil", "0, nil", "0, syscall.Errno invalid argument"},
			{"messages", "what came first", "1, 00, {stream 0, SSN 11, flags 0x0, PPID 0x5, context 0, TTL 0, TSN first+14, cumTSN 0, assoc1}, nil", "3, 656e64, {stream 0, SSN 11, flags 0x0, PPID 0x6, context 0, TTL 0, TSN first+14, cumTSN 0, assoc1}, nil"},
		},
	},
	{
		was: "ListenSCTP and DialSCTP set the IPAddrs of an empty laddr",
		is:  "they leave it alone",
		do:  "nothing",
		why: "an argument is the caller's",
		shown: []shown{
			{"dial", `"sctp" from an empty address, then laddr`, "[{IP:0.0.0.0 Zone:}]", "[]"},
			{"dial", `"sctp4" from an empty address, then laddr`, "[{IP:0.0.0.0 Zone:}]", "[]"},
			{"dial", `"sctp6" from an empty address, then laddr`, "[{IP::: Zone:}]", "[]"},
			{"listen", `"sctp" [] 0, then laddr`, "[{IP::: Zone:}]", "[]"},
			{"listen", `"sctp4" [] 0, then laddr`, "[{IP:0.0.0.0 Zone:}]", "[]"},
			{"listen", `"sctp6" [] 0, then laddr`, "[{IP::: Zone:}]", "[]"},
		},
	},
	{
		was: "linux/386 was unsupported",
		is:  "it works; ErrUnsupported is still there, and never returned",
		do:  "nothing",
		why: "the package does",
		shown: []shown{
			{"386", "ListenSCTP", "false, SCTP is unsupported on linux/386", "true, <nil>"},
		},
	},
	{
		was: "Control was called before InitMsg was set",
		is:  "after it: what Control sets with SCTP_INITMSG stands",
		do:  "nothing",
		why: "it has the last word",
		shown: []shown{
			{"config", "Control's InitMsg, and another, client", "4, 4, 9, nil", "4, 4, 4, nil"},
			{"config", "Control's InitMsg, and another, server", "4, 9, 4, nil", "4, 4, 4, nil"},
		},
	},
	{
		was: "NewSCTPConn used the descriptor as it was",
		is:  "the first read, write or deadline makes its socket non-blocking, and SyscallConn has a copy of it then",
		do:  "do not read from it by other ways",
		why: "reads wait without a thread",
		shown: []shown{
			{"raw", "non-blocking then", "false", "true"},
			{"raw", "descriptor", "true", "false"},
		},
	},
	{
		was: "FileListener took every file, and Accept failed",
		is:  "EINVAL or ENOTSOCK for what is no listener of SCTP",
		do:  "look at the error of FileListener",
		why: "the error comes where the mistake is",
		shown: []shown{
			{"file", "FileListener of TCP", "*sctp.SCTPListener, nil", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
			{"file", "FileListener of a pipe", "*sctp.SCTPListener, nil", "nil *sctp.SCTPListener, syscall.Errno socket operation on non-socket"},
			{"file", "FileListener of a connection", "*sctp.SCTPListener, nil", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
			{"file", "FileListener of what does not listen", "*sctp.SCTPListener, nil", "nil *sctp.SCTPListener, syscall.Errno invalid argument"},
		},
	},
	{
		was: "the Read and Write of a RawConn panicked",
		is:  "they work; those of a listener return EINVAL",
		do:  "nothing",
		why: "the package has them",
		shown: []shown{
			{"listener", "RawConn.Read", "panics: not implemented", "*net.OpError raw-read sctp 127.0.0.1/127.0.0.2:port: invalid argument"},
			{"listener", "RawConn.Write", "panics: not implemented", "*net.OpError raw-write sctp 127.0.0.1/127.0.0.2:port: invalid argument"},
			{"options", "RawConn.Read", "panics: not implemented", "nil"},
			{"options", "RawConn.Write", "panics: not implemented", "nil"},
		},
	},
	{
		was: "sockets that were accepted stayed open in the programs that are run",
		is:  "they are closed there, as all others",
		do:  "pass them in ExtraFiles of exec.Cmd",
		why: "a program that is run is not to keep associations",
		shown: []shown{
			{"options", "accepted, close on exec", "false", "true"},
		},
	},
	{
		was: "SO_REUSEADDR was off, and SO_BROADCAST on",
		is:  "SO_REUSEADDR is on for listeners and what they accept, SO_BROADCAST off",
		do:  "nothing",
		why: "a server can be restarted; SCTP has no broadcast",
		shown: []shown{
			{"options", "dialled, SO_BROADCAST", "1, nil", "0, nil"},
			{"options", "accepted, SO_REUSEADDR", "0, nil", "1, nil"},
			{"options", "accepted, SO_BROADCAST", "1, nil", "0, nil"},
		},
	},
	{
		was: "SCTP_NODELAY was off",
		is:  "it is on, as with TCP in package net",
		do:  "set it off with Setsockopt if many short messages should wait for each other",
		why: "a short message does not wait for an acknowledgement",
		shown: []shown{
			{"options", "Getsockopt NODELAY", "0, 4, 00000000, nil", "0, 4, 01000000, nil"},
		},
	},
	{
		was: "SCTP_I_WANT_MAPPED_V4_ADDR was on: in IPv6 sockets, IPv4 addresses were mapped",
		is:  "it is off in them",
		do:  "expect a sockaddr_in in notifications and in a Status",
		why: "an address is the same wherever it is shown",
		shown: []shown{
			{"options", "Getsockopt I_WANT_MAPPED_V4_ADDR of an IPv6 socket", "0, 4, 1, nil", "0, 4, 0, nil"},
		},
	},
	{
		was: "Getsockopt of SCTP_EVENTS returned what was subscribed to",
		is:  "what the package has subscribed to, without SCTP_EVENT_DATA_IO",
		do:  "use SubscribedEvents",
		why: "the package needs some events itself",
		shown: []shown{
			{"options", "Getsockopt EVENTS", "0, 10, 00000000000100000000, nil", "0, 10, 00010000000101000000, nil"},
		},
	},
}
