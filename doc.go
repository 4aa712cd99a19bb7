// Package sctp provides SCTP sockets with the API of package net: the Stream Control
// Transmission Protocol (RFC 9260) of the Linux kernel, through its sockets (RFC 6458).
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
// What SCTP has beyond that is on the concrete types: assert the net.Conn to a *Conn, or
// use [DialSCTP] and [ListenSCTP]. A [MultiConn] is a one-to-many socket, with many
// associations, and a [net.PacketConn].
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
// SCTP carries messages in streams, each of which keeps its own order. [Conn.WriteMsg]
// sends one with a stream and a payload protocol identifier (PPID), [Conn.ReadMsg]
// reads one, and [Conn.Messages] iterates over whole ones. PPIDs are in host order
// everywhere: NGAP's 60 is 60. [Conn.Write] and [Conn.Read] treat the messages as a
// stream of bytes. Many small messages cost less with [Conn.ReadBatch] and
// [Conn.WriteBatch].
//
// # Events
//
// The kernel reports what happens to an association as events (notifications), in their
// order among the messages. A Conn or MultiConn returns those that it was subscribed to, as
// the Event of a [Message]:
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
// Each socket option is a pair of methods of [Options], which the Options method of a Conn,
// Listener or MultiConn returns and, inside a Control function, [NewOptions].
// docs/kernel.md lists the C names.
//
// # Ends and errors
//
// When an association ends, blocked and later calls return; the table at [Conn] lists their
// errors. SCTP has no half-close. [Conn.Close] returns at once, [Conn.Shutdown] waits until
// the peer has everything, and [Conn.Abort] ends the association without waiting. A
// crypto/tls Conn sends an alert when it is closed: after the peer has ended the association
// its Close returns EPIPE, where it returns nil over TCP.
//
// Errors are *net.OpError, except those of [ParseAddr] and [ResolveAddr], which are
// *net.AddrError and *net.DNSError. If an association was lost or could not be set up, the
// OpError contains an [*AssocError] with the cause that the peer gave, over an
// *os.SyscallError. errors.Is works with [net.ErrClosed], [os.ErrDeadlineExceeded], the
// errors of contexts, and errnos such as syscall.ECONNREFUSED.
//
// # Defaults
//
// SCTP_NODELAY is on, as with package net's TCP. Associations ask for the kernel's 10
// outbound streams; see [InitMsg]. Listeners and MultiConns have SO_REUSEADDR. Addresses are never
// shown in IPv4-mapped form.
//
// # What package net has besides
//
// [Dialer] has no KeepAlive and KeepAliveConfig, because SCTP sends heartbeats by itself (see
// [Options.SetPeerAddrParams]), no DualStack, which package net has deprecated, no Cancel,
// which a context replaces, and no MultipathTCP, because every association may have several
// paths. [ListenConfig] has no KeepAlive and MultipathTCP for the same reasons. A Conn has no
// ReadFrom and WriteTo, because nothing is gained by splicing messages.
//
// # Systems
//
// The package needs Linux with the module sctp. It compiles for every system; where there is
// no SCTP, its functions return [errors.ErrUnsupported].
package sctp
