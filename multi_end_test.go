package sctp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// hubOf returns a socket with n associations, and their other ends.
func hubOf(t *testing.T, n int, d sctp.Dialer) (m *sctp.MultiConn, conns []*sctp.Conn) {
	t.Helper()
	m = sctptest.ListenMulti(t, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange}}, "sctp4", "127.0.0.1:0")
	for range n {
		c, err := d.Dial("sctp4", m.LocalAddr().String())
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		conns = append(conns, c.(*sctp.Conn))
	}
	sctptest.Eventually(t, func() bool {
		ids, err := m.Assocs()
		return err == nil && len(ids) == n
	}, "%d associations", n)
	return m, conns
}

// Unread input of any association aborts none, and all that was written arrives.
func TestMultiConnShutdown(t *testing.T) {
	for _, reader := range []bool{false, true} {
		m, conns := hubOf(t, 3, sctp.Dialer{})
		for _, c := range conns {
			_, err := c.Write([]byte("unread"))
			require.NoError(t, err)
		}
		const n = 100
		for range n {
			require.NoError(t, m.WriteAll(make([]byte, 1000), nil))
		}
		if reader {
			read := make(chan error, 1)
			go func() {
				var err error
				for err == nil {
					_, err = m.ReadMsg(make([]byte, 10))
				}
				read <- err
			}()
			defer func() { require.ErrorIs(t, sctptest.Receive(t, read), net.ErrClosed) }()
			sctptest.AwaitParked(t, 1)
		}
		done := make(chan error, 1)
		go func() { done <- m.Shutdown(context.Background()) }()
		for _, c := range conns {
			b, err := io.ReadAll(c)
			require.NoError(t, err)
			require.Len(t, b, n*1000)
		}
		require.NoError(t, sctptest.Receive(t, done))
		_, err := m.WriteTo([]byte("x"), conns[0].LocalAddr())
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorIs(t, m.Shutdown(context.Background()), net.ErrClosed)
		require.ErrorIs(t, m.Close(), net.ErrClosed)
	}
}

// What was written to an association that is not up yet is delivered too.
func TestMultiConnShutdownWaitsForSetUps(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	server := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "192.0.2.1:0")
	m := sctptest.ListenMulti(t, sctp.ListenConfig{Control: sctptest.ShortTimers}, "sctp4", ":0")
	peer := &sctp.Addr{IPs: sctptest.IPs("192.0.2.2", "192.0.2.1"), Port: server.LocalAddr().(*sctp.Addr).Port}
	_, err := m.WriteTo([]byte("hello"), peer)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- m.Shutdown(context.Background()) }()
	n, _, err := server.ReadFrom(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, 5, n)
	require.NoError(t, sctptest.Receive(t, done))
}

func TestMultiConnShutdownInterrupted(t *testing.T) {
	for _, before := range []bool{true, false} {
		m, conns := hubOf(t, 2, sctp.Dialer{ReadBuffer: 4 << 10})
		for range 5 { // more than fits the window of conns, which do not read
			require.NoError(t, m.WriteAll(make([]byte, 8000), nil))
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if before {
			cancel()
		}
		done := make(chan error, 1)
		go func() { done <- m.Shutdown(ctx) }()
		if !before {
			sctptest.AwaitParked(t, 1)
			cancel()
		}
		err := sctptest.Receive(t, done)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, "shutdown", sctptest.OpError(t, err).Op)
		for _, c := range conns {
			_, err := io.ReadAll(c)
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}
	}
}

// An association that is lost while Shutdown waits is told, and one that was lost before
// is not.
func TestMultiConnShutdownTellsWhatIsLost(t *testing.T) {
	m, conns := hubOf(t, 3, sctp.Dialer{ReadBuffer: 4 << 10})
	require.NoError(t, conns[0].Abort())
	sctptest.Eventually(t, func() bool {
		ids, err := m.Assocs()
		return err == nil && len(ids) == 2
	}, "two associations")
	ids, err := m.Assocs()
	require.NoError(t, err)
	for range 5 { // more than fits its window
		_, err := m.WriteTo(make([]byte, 8000), conns[1].LocalAddr())
		require.NoError(t, err)
	}
	done := make(chan error, 1)
	go func() { done <- m.Shutdown(context.Background()) }()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, conns[1].Abort())
	err = sctptest.Receive(t, done)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	var ae *sctp.AssocError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, sctp.AssocCommLost, ae.State)
	require.Contains(t, ids, ae.Assoc)
}

// ShutdownAssoc knows the outcome whether or not anybody reads, and leaves the other
// associations alone.
func TestMultiConnShutdownAssoc(t *testing.T) {
	for _, reader := range []bool{false, true} {
		m, conns := hubOf(t, 2, sctp.Dialer{})
		ids, err := m.Assocs()
		require.NoError(t, err)
		read := make(chan error, 1)
		if reader {
			go func() {
				for b := make([]byte, 10); ; {
					if _, err := m.ReadMsg(b); err != nil {
						read <- err
						return
					}
				}
			}()
			sctptest.AwaitParked(t, 1)
		}
		for _, c := range conns {
			_, err := c.Write([]byte("unread"))
			require.NoError(t, err)
		}
		_, err = m.WriteMsg([]byte("hello"), &sctp.SndInfo{Assoc: ids[0]})
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() { done <- m.ShutdownAssoc(context.Background(), ids[0]) }()
		b, err := io.ReadAll(conns[0])
		require.NoError(t, err)
		require.Equal(t, "hello", string(b))
		require.NoError(t, sctptest.Receive(t, done))
		require.ErrorIs(t, m.ShutdownAssoc(context.Background(), ids[0]), syscall.ENOTCONN)
		_, err = m.WriteMsg([]byte("on"), &sctp.SndInfo{Assoc: ids[1]})
		require.NoError(t, err)
		n, err := conns[1].Read(make([]byte, 10))
		require.NoError(t, err)
		require.Equal(t, 2, n)

		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.ErrorIs(t, m.ShutdownAssoc(ctx, ids[1]), context.Canceled)
		_, err = io.ReadAll(conns[1])
		require.ErrorIs(t, err, syscall.ECONNRESET)
		if reader {
			require.NoError(t, m.Close())
			require.ErrorIs(t, sctptest.Receive(t, read), net.ErrClosed)
		}
	}
}

// What is being set up is no association to shut down yet.
func TestMultiConnShutdownAssocOfASetUp(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "192.0.2.1:0")
	id, err := m.StartConnect(&sctp.Addr{IPs: sctptest.IPs("192.0.2.2"), Port: 9})
	require.NoError(t, err)
	require.ErrorIs(t, m.ShutdownAssoc(context.Background(), id), syscall.ECONNABORTED)
	requireSilence(t, m)
}

func TestMultiConnSetLinger(t *testing.T) {
	for _, tt := range []struct {
		sec  int
		want error
	}{{0, syscall.ECONNRESET}, {5, nil}, {-1, nil}} {
		m, conns := hubOf(t, 1, sctp.Dialer{})
		require.NoError(t, m.SetLinger(0))
		require.NoError(t, m.SetLinger(tt.sec))
		require.NoError(t, m.Close())
		_, err := io.ReadAll(conns[0])
		require.True(t, errors.Is(err, tt.want), "%v", err)
		require.ErrorIs(t, m.SetLinger(0), net.ErrClosed)
	}
}

// As a UDPConn's, the errors name the local address as their source.
func TestMultiConnErrorsNameTheSource(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	_, err := m.WriteTo([]byte("x"), (*sctp.Addr)(nil))
	require.Nil(t, sctptest.OpError(t, err).Addr)
	require.ErrorIs(t, err, syscall.EINVAL)
	require.NoError(t, m.Close())
	_, err = m.ReadMsg(make([]byte, 10))
	for _, err := range []error{err, m.Close(), m.SetReadBuffer(1), m.Shutdown(context.Background())} {
		oe := sctptest.OpError(t, err)
		require.Equal(t, m.LocalAddr(), oe.Source)
		require.Nil(t, oe.Addr)
	}
}
