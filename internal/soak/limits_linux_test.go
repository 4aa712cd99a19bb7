package soak_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// makers are the calls that make a descriptor.
var makers = []struct {
	name string
	call func(x *fixture) (close func() error, err error)
}{
	{"Listen", func(*fixture) (func() error, error) { return closer(sctp.Listen("sctp4", "127.0.0.1:0")) }},
	{"ListenPacket", func(*fixture) (func() error, error) { return closer(sctp.ListenPacket("sctp4", "127.0.0.1:0")) }},
	{"Dial", func(x *fixture) (func() error, error) {
		c, err := sctp.Dial("sctp4", x.m.LocalAddr().String())
		if err != nil {
			return nil, err
		}
		return c.(*sctp.Conn).Abort, nil
	}},
	{"Accept", func(x *fixture) (func() error, error) { return closer(x.l.Accept()) }},
	{"PeelOff", func(x *fixture) (func() error, error) { return closer(x.m.PeelOff(x.id)) }},
	{"Conn.File", func(x *fixture) (func() error, error) { return closer(x.c.File()) }},
	{"Listener.File", func(x *fixture) (func() error, error) { return closer(x.l.File()) }},
	{"MultiConn.File", func(x *fixture) (func() error, error) { return closer(x.m.File()) }},
	{"FileConn", func(x *fixture) (func() error, error) { return closer(sctp.FileConn(x.files[0])) }},
	{"FileListener", func(x *fixture) (func() error, error) { return closer(sctp.FileListener(x.files[1])) }},
	{"FilePacketConn", func(x *fixture) (func() error, error) { return closer(sctp.FilePacketConn(x.files[2])) }},
}

func closer[C interface{ Close() error }](c C, err error) (func() error, error) {
	if err != nil {
		return nil, err
	}
	return c.Close, nil
}

// A fixture is what makers work on.
type fixture struct {
	l     *sctp.Listener
	c     *sctp.Conn // waits to be accepted by l
	m     *sctp.MultiConn
	id    sctp.AssocID
	files [3]*os.File
}

// There is no descriptor left. Each call that needs one says so, loses nothing, and works
// when there is one again.
func TestNoDescriptors(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	x := &fixture{l: sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0"), m: sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")}
	c, err := sctp.Dial("sctp4", x.l.Addr().String())
	require.NoError(t, err)
	x.c = c.(*sctp.Conn)
	l2 := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	x.id, err = x.m.Connect(context.Background(), l2.Addr().(*sctp.Addr))
	require.NoError(t, err)
	for i, f := range []interface{ File() (*os.File, error) }{x.c, x.l, x.m} {
		x.files[i], err = f.File()
		require.NoError(t, err)
		defer x.files[i].Close()
	}
	failures := 0
	check := sctptest.Leaks(t)
	for range 3 {
		release := sctptest.UseUpFiles(t)
		for _, m := range makers {
			_, err := m.call(x)
			require.ErrorIs(t, err, syscall.EMFILE, m.name)
			failures++
		}
		release()
		check()
	}
	var closes []func() error
	for _, m := range makers {
		closeIt, err := m.call(x)
		require.NoError(t, err, m.name)
		closes = append(closes, closeIt)
	}
	for i, closeIt := range closes {
		require.NoError(t, closeIt(), makers[i].name)
	}
	check()
	report(t, "%d calls of %d kinds without a descriptor, each EMFILE; each worked afterwards", failures, len(makers))
}

// The system has no file left for a socket (ENFILE), no buffers (ENOBUFS) or no memory.
func TestNoSockets(t *testing.T) {
	check := leaks(t)
	failures := 0
	for _, errno := range []syscall.Errno{syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		for _, m := range makers[:3] {
			x := &fixture{m: sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")}
			err := sctptest.SocketFails(t, errno, func() error {
				_, err := m.call(x)
				return err
			})
			require.ErrorIs(t, err, errno, m.name)
			require.NoError(t, x.m.Close())
			failures++
		}
	}
	check()
	report(t, "%d sockets refused with ENFILE, ENOBUFS and ENOMEM, each told", failures)
}

// All ports are taken. A dial says so, and works when one is free.
func TestNoPorts(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	const ports = 8
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:5000")
	sctptest.Sysctl(t, "net/ipv4/ip_local_port_range", fmt.Sprintf("40000 %d", 40000+ports-1))
	check := leaks(t)
	failures := 0
	for range 3 {
		var conns []*sctp.Conn
		var err error
		for range ports + 1 {
			var c net.Conn
			if c, err = sctp.Dial("sctp4", l.Addr().String()); err != nil {
				break
			}
			conns = append(conns, c.(*sctp.Conn), sctptest.Accept(t, l))
		}
		require.Len(t, conns, 2*ports)
		require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
		failures++
		for _, c := range conns {
			require.NoError(t, c.Abort())
		}
		check()
	}
	report(t, "%d times all of %d ports taken, then EADDRNOTAVAIL; all dialled again afterwards", failures, ports)
}
