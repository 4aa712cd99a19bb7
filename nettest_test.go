package sctp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var nettestPairs = []struct{ name, network, address string }{
	{"IPv4", "sctp4", "127.0.0.1:0"},
	{"IPv6", "sctp6", "[::1]:0"},
	{"Multihomed", "sctp", "127.0.0.1/127.0.0.2:0"},
	{"Wildcard", "sctp", ":0"},
}

func TestNettest(t *testing.T) {
	for _, tt := range nettestPairs {
		t.Run(tt.name, func(t *testing.T) {
			sctptest.NeedKernel(t)
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, tt.network, tt.address)
				return client, server, func() { client.Close(); server.Close() }, nil
			})
		})
	}
}

// TestNettestTLS runs nettest on a crypto/tls pair on top of SCTP. On its own no
// tls.Conn passes, not even over TCP: after a write that timed out it refuses all
// writes (TestTLSWriteTimeoutIsForGood), and PastTimeout, FutureTimeout and
// ConcurrentMethods write again. So a deadlineConn stands on either side of TLS. It
// leaves all else to SCTP: deadlines interrupt its Read and Write, and how much of a
// record a Write that was interrupted has sent must be right to the byte, or the peer
// finds a bad record.
func TestNettestTLS(t *testing.T) {
	sctptest.NeedKernel(t)
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		client, server := sctptest.Pair(t)
		c, s, err := tlsPair(&deadlineConn{Conn: client}, &deadlineConn{Conn: server})
		tc, ts := &tlsDeadlineConn{Conn: c}, &tlsDeadlineConn{Conn: s}
		return tc, ts, func() { tc.stop(); ts.stop() }, err
	})
}

// What makes deadlineConn necessary is no matter of SCTP.
func TestTLSWriteTimeoutIsForGood(t *testing.T) {
	for _, network := range []string{"TCP", "SCTP"} {
		t.Run(network, func(t *testing.T) {
			var client, server net.Conn
			if network == "SCTP" {
				client, server = sctptest.Pair(t)
			} else {
				client, server = loopbackTCP(t)
			}
			c, s, err := tlsPair(client, server)
			require.NoError(t, err)
			defer s.Close()
			defer c.Close()
			require.NoError(t, c.SetWriteDeadline(time.Unix(1, 0)))
			for range 2 {
				_, err = c.Write([]byte("x"))
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.NoError(t, c.SetWriteDeadline(time.Time{})) // in vain
			}
		})
	}
}

func loopbackTCP(t *testing.T) (client, server net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	server, err = l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	return client, server
}

// tlsPair returns TLS on top of a connection's two ends.
func tlsPair(client, server net.Conn) (c, s *tls.Conn, err error) {
	serverTLS, clientTLS := sctptest.TLSConfigs()
	c, s = tls.Client(client, clientTLS), tls.Server(server, serverTLS)
	ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
	defer cancel()
	result := make(chan error, 1)
	go func() { result <- s.HandshakeContext(ctx) }()
	err = c.HandshakeContext(ctx)
	return c, s, errors.Join(err, <-result)
}

// A deadlineConn is a connection for TLS to write to. A Write that a deadline
// interrupts keeps what is left of the record for the next one, and returns no error,
// which would end TLS.
type deadlineConn struct {
	net.Conn

	mu       sync.Mutex
	left     []byte
	deadline atomic.Pointer[time.Time] // of writes
}

func (c *deadlineConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = append(c.left, b...)
	n, err := c.Conn.Write(c.left)
	c.left = c.left[:copy(c.left, c.left[n:])]
	if err != nil && !os.IsTimeout(err) {
		return 0, err
	}
	return len(b), nil
}

func (c *deadlineConn) SetWriteDeadline(t time.Time) error {
	c.deadline.Store(&t)
	return c.Conn.SetWriteDeadline(t)
}

func (c *deadlineConn) SetDeadline(t time.Time) error {
	c.deadline.Store(&t)
	return c.Conn.SetDeadline(t)
}

// interrupted reports whether a deadline has kept back some of what was written.
func (c *deadlineConn) interrupted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.left) > 0
}

// expired reports whether nothing can be written any more.
func (c *deadlineConn) expired() bool {
	t := c.deadline.Load()
	return t != nil && !t.IsZero() && !time.Now().Before(*t)
}

// A tlsDeadlineConn is TLS over a deadlineConn, and returns the errors that this keeps
// from TLS.
type tlsDeadlineConn struct {
	*tls.Conn
	closing sync.Mutex // held by Close
}

func (c *tlsDeadlineConn) Write(b []byte) (int, error) {
	raw := c.NetConn().(*deadlineConn)
	if raw.expired() {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := c.Conn.Write(b)
	if err == nil && raw.interrupted() {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

// Close ignores that the peer was the first: SCTP has no half-close, so TLS cannot
// send its alert any more.
func (c *tlsDeadlineConn) Close() error {
	c.closing.Lock()
	defer c.closing.Unlock()
	if err := c.Conn.Close(); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}

// stop closes the connection beneath TLS, which does not wait for what the peer does not
// read. A Close that has told the peer, but has not closed that itself yet, comes first.
func (c *tlsDeadlineConn) stop() {
	c.closing.Lock()
	defer c.closing.Unlock()
	c.NetConn().Close()
}
