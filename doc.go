// Package sctp is package net, with SCTP: the stream control transmission protocol
// (RFC 9260) of the Linux kernel, through its sockets (RFC 6458).
//
// A [Conn] is an association on a one-to-one socket and a [net.Conn]; a [Listener]
// is a [net.Listener]. Every name that has a twin in package net has the twin's
// signature and behaviour, so that net/http, crypto/tls and io.Copy do not notice:
//
//	l, err := sctp.Listen("sctp", "10.0.0.1/10.1.0.1:8080")
//	if err != nil {
//		log.Fatal(err)
//	}
//	http.Serve(l, nil)
//
// What SCTP has beyond that is reached by type assertion, or with [DialSCTP] and
// [ListenSCTP]. A [MultiConn] is a one-to-many socket, with many associations, and a
// [net.PacketConn].
//
// # Addresses
//
// An [Addr] is a port with any number of IP addresses. Each address of the peer is a
// path of the association, which survives as long as one of them works. In text they
// stand between slashes: "10.0.0.1/10.1.0.1:3868". The networks are "sctp", "sctp4"
// and "sctp6".
//
// # Messages
//
// SCTP carries messages, in streams of which each keeps its own order. [Conn.WriteMsg]
// sends one with a stream and a payload protocol identifier (PPID), [Conn.ReadMsg]
// reads one, and [Conn.Messages] iterates over whole ones. PPIDs are in host order
// everywhere: NGAP's 60 is 60. [Conn.Write] and [Conn.Read] treat the messages as a
// stream of bytes.
//
// # Events
//
// The kernel tells what happens to an association with events (notifications), in
// band: in their order among the messages. A Conn or MultiConn shows those that it was
// subscribed to, as the Event of a [Message]:
//
//	switch ev := m.Event.(type) {
//	case nil:
//		handle(m.Data)
//	case *sctp.AssocChange:
//		log.Print(ev.State, ev.Cause)
//	}
//
// # Options
//
// What the kernel does through a socket option is a method of [Options], which a Conn, a
// Listener and a MultiConn have; inside a Control function, [NewOptions] makes them.
// docs/kernel.md lists the C names.
//
// # Ends and errors
//
// However an association ends, every call that waits and every later one returns; the
// documentation of [Conn] has the table of what. SCTP has no half-close. [Conn.Close]
// returns at once, [Conn.Shutdown] waits until the peer has everything, [Conn.Abort]
// waits for nothing.
//
// Errors are *net.OpError. Where an association was lost or not set up there is an
// [*AssocError] inside, with the cause that the peer gave; below it an
// *os.SyscallError. errors.Is works with [net.ErrClosed], [os.ErrDeadlineExceeded],
// the errors of contexts, and errnos such as syscall.ECONNREFUSED.
//
// # Defaults
//
// SCTP_NODELAY is on, as with package net's TCP. Associations ask for the kernel's 10
// outbound streams; see [InitMsg]. Listeners have SO_REUSEADDR. Addresses are never
// shown in IPv4-mapped form.
//
// # Systems
//
// The package needs Linux with the module sctp. It compiles everywhere, and returns
// [errors.ErrUnsupported] where there is no SCTP.
package sctp
