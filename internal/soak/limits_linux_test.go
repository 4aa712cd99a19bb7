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

// makers are the calls that make a descriptor, and whether that is of a new file: the others
// duplicate one.
var makers = []struct {
	name string
	file bool
	call func(x *fixture) (close func() error, err error)
}{
	{"Listen", true, func(*fixture) (func() error, error) { return closer(sctp.Listen("sctp4", "127.0.0.1:0")) }},
	{"ListenPacket", true, func(*fixture) (func() error, error) { return closer(sctp.ListenPacket("sctp4", "127.0.0.1:0")) }},
	{"Dial", true, func(x *fixture) (func() error, error) {
		c, err := sctp.Dial("sctp4", x.m.LocalAddr().String())
		if err != nil {
			return nil, err
		}
		return c.(*sctp.Conn).Abort, nil
	}},
	{"Accept", true, func(x *fixture) (func() error, error) { return closer(x.l.Accept()) }},
	{"PeelOff", true, func(x *fixture) (func() error, error) { return closer(x.m.PeelOff(x.ids[0])) }},
	{"ShutdownAssoc", true, func(x *fixture) (func() error, error) {
		ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
		defer cancel()
		return func() error { return nil }, x.m.ShutdownAssoc(ctx, x.ids[1])
	}},
	{"Conn.File", false, func(x *fixture) (func() error, error) { return closer(x.c.File()) }},
	{"Listener.File", false, func(x *fixture) (func() error, error) { return closer(x.l.File()) }},
	{"MultiConn.File", false, func(x *fixture) (func() error, error) { return closer(x.m.File()) }},
	{"FileConn", false, func(x *fixture) (func() error, error) { return closer(sctp.FileConn(x.files[0])) }},
	{"FileListener", false, func(x *fixture) (func() error, error) { return closer(sctp.FileListener(x.files[1])) }},
	{"FilePacketConn", false, func(x *fixture) (func() error, error) { return closer(sctp.FilePacketConn(x.files[2])) }},
	{"Conn.Detach", false, func(x *fixture) (func() error, error) { return closer(x.c.Detach()) }},
	{"Listener.Detach", false, func(x *fixture) (func() error, error) { return closer(x.l.Detach()) }},
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
	peers []*sctp.Conn // of m's associations
	ids   []sctp.AssocID
	files [3]*os.File
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	x := &fixture{l: sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0"), m: sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")}
	c, err := sctp.Dial("sctp4", x.l.Addr().String())
	require.NoError(t, err)
	x.c = c.(*sctp.Conn)
	_, err = x.c.Write([]byte("waits"))
	require.NoError(t, err)
	for range 2 {
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		id, err := x.m.Connect(context.Background(), l.Addr().(*sctp.Addr))
		require.NoError(t, err)
		x.ids, x.peers = append(x.ids, id), append(x.peers, sctptest.Accept(t, l))
		require.NoError(t, l.Close())
	}
	for i, f := range []interface{ File() (*os.File, error) }{x.c, x.l, x.m} {
		x.files[i], err = f.File()
		require.NoError(t, err)
	}
	return x
}

// works checks that nothing was lost: what waits to be accepted waits still, with its
// message, and the associations go on.
func (x *fixture) works(t *testing.T) {
	t.Helper()
	b := make([]byte, 100)
	for i, id := range x.ids {
		_, err := x.m.WriteMsg([]byte("goes on"), &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
		n, err := x.peers[i].Read(b)
		require.NoError(t, err)
		require.Equal(t, "goes on", string(b[:n]))
	}
	c := sctptest.Accept(t, x.l)
	n, err := c.Read(b)
	require.NoError(t, err)
	require.Equal(t, "waits", string(b[:n]))
	require.NoError(t, c.Abort())
	dialled, err := sctp.Dial("sctp4", x.l.Addr().String()) // for the next that accepts
	require.NoError(t, err)
	require.NoError(t, x.c.Abort())
	require.NoError(t, x.files[0].Close())
	x.c = dialled.(*sctp.Conn)
	x.files[0], err = x.c.File()
	require.NoError(t, err)
	_, err = x.c.Write([]byte("waits"))
	require.NoError(t, err)
}

// makeAll makes every descriptor, and closes it and everything else. It calls made after each.
func (x *fixture) makeAll(t *testing.T, made func(name string)) {
	t.Helper()
	var closes []func() error
	for _, m := range makers {
		closeIt, err := m.call(x)
		require.NoError(t, err, m.name)
		closes = append(closes, closeIt)
		made(m.name)
	}
	for i, closeIt := range closes {
		require.NoError(t, closeIt(), makers[i].name)
	}
	for _, f := range x.files {
		require.NoError(t, f.Close())
	}
	for _, c := range x.peers {
		require.NoError(t, c.Abort())
	}
	require.NoError(t, x.m.Close())
}

// There is no descriptor left. Each call that needs one says so, loses nothing, and works
// when there is one again.
func TestNoDescriptors(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	check := leaks(t)
	x := newFixture(t)
	failures := 0
	for range 3 {
		same := sctptest.Leaks(t)
		release := sctptest.UseUpFiles(t)
		for _, m := range makers {
			_, err := m.call(x)
			require.ErrorIs(t, err, syscall.EMFILE, m.name)
			failures++
		}
		release()
		same()
		x.works(t)
	}
	x.makeAll(t, func(string) {})
	check()
	report(t, "%d calls of %d kinds without a descriptor, each EMFILE; each worked afterwards", failures, len(makers))
}

// The system has no file left (fs.file-max). Each call that makes one says so and loses
// nothing; those that duplicate a descriptor do not notice.
func TestNoFiles(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.NeedTestBed(t, "takes the files")
	check := leaks(t)
	x := newFixture(t)
	failures, made := 0, 0
	for range 3 {
		same := sctptest.Leaks(t)
		for _, m := range makers[:len(makers)-2] { // but those that leave nothing behind
			var closeIt func() error
			err := sctptest.WithoutFiles(t, func() (err error) {
				closeIt, err = m.call(x)
				return err
			})
			if m.file {
				require.ErrorIs(t, err, syscall.ENFILE, m.name)
				failures++
				continue
			}
			require.NoError(t, err, m.name)
			require.NoError(t, closeIt(), m.name)
			made++
		}
		same()
		x.works(t)
	}
	x.makeAll(t, func(string) {})
	check()
	report(t, "%d calls without a file, each ENFILE, and %d that need none; each worked afterwards", failures, made)
}

// The kernel refuses a socket, or the descriptor of one: no file is left in the system
// (ENFILE), no buffers (ENOBUFS) or no memory. Each call says so, and loses nothing.
func TestNoSockets(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	const (
		peelOff      = 122  // SCTP_SOCKOPT_PEELOFF_FLAGS
		dupCloseExec = 1030 // F_DUPFD_CLOEXEC
	)
	check := leaks(t)
	x := newFixture(t)
	failures := 0
	for _, errno := range []syscall.Errno{syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		same := sctptest.Leaks(t)
		for _, m := range makers {
			call := func() error { _, err := m.call(x); return err }
			var err error
			switch {
			case m.name == "Accept":
				err = sctptest.AcceptFails(t, errno, call)
			case m.name == "PeelOff" || m.name == "ShutdownAssoc":
				err = sctptest.OptionFails(t, peelOff, errno, call)
			case m.file:
				err = sctptest.SocketFails(t, errno, call)
			default:
				err = sctptest.FcntlFails(t, dupCloseExec, errno, call)
			}
			require.ErrorIs(t, err, errno, m.name)
			failures++
		}
		same()
		x.works(t)
	}
	x.makeAll(t, func(string) {})
	check()
	report(t, "%d calls of %d kinds refused with ENFILE, ENOBUFS and ENOMEM, each told; each worked afterwards", failures, len(makers))
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
