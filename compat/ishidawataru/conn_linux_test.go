package sctp

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// wait is how long a test waits for what must come.
const wait = 20 * time.Second

// pair returns both ends of an association, with handler at the client's.
func pair(t *testing.T, handler NotificationHandler) (client, server *SCTPConn) {
	t.Helper()
	if ln, err := ListenSCTP("sctp4", nil); errors.Is(err, syscall.EPROTONOSUPPORT) || errors.Is(err, syscall.ESOCKTNOSUPPORT) {
		t.Skip("this kernel has no SCTP: run with -exec, see make realworld")
	} else if err == nil {
		ln.Close()
	}
	laddr, err := ResolveSCTPAddr("sctp4", "127.0.0.1:0")
	check(t, err)
	ln, err := ListenSCTP("sctp4", laddr)
	check(t, err)
	defer ln.Close()
	cfg := SocketConfig{NotificationHandler: handler, InitMsg: InitMsg{NumOstreams: SCTP_MAX_STREAM}}
	client, err = cfg.Dial("sctp4", nil, ln.Addr().(*SCTPAddr))
	check(t, err)
	t.Cleanup(func() { client.Close() })
	server, err = ln.AcceptSCTP()
	check(t, err)
	t.Cleanup(func() { server.Close() })
	check(t, client.SetDeadline(time.Now().Add(wait)))
	check(t, server.SetDeadline(time.Now().Add(wait)))
	return client, server
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, want, have any) {
	t.Helper()
	if want != have {
		t.Fatalf("want %v, have %v", want, have)
	}
}

func TestSndRcvInfoIsTheKernels(t *testing.T) {
	equal(t, uintptr(sndRcvInfoSize), unsafe.Sizeof(SndRcvInfo{}))
	equal(t, uintptr(176), unsafe.Sizeof(Status{}))
}

func TestSCTPConnInfo(t *testing.T) {
	client, server := pair(t, nil)
	b := make([]byte, 100)
	_, err := client.SCTPWrite([]byte("one"), &SndRcvInfo{Stream: 7, PPID: 46})
	check(t, err)
	n, info, err := server.SCTPRead(b)
	check(t, err)
	equal(t, "one", string(b[:n]))
	equal(t, (*SndRcvInfo)(nil), info) // not subscribed to SCTP_EVENT_DATA_IO
	check(t, server.SubscribeEvents(SCTP_EVENT_DATA_IO))
	_, err = client.SCTPWrite([]byte("two"), &SndRcvInfo{Stream: 7, PPID: 46, Flags: SCTP_UNORDERED})
	check(t, err)
	n, info, err = server.SCTPRead(b)
	check(t, err)
	equal(t, "two", string(b[:n]))
	equal(t, uint16(7), info.Stream)
	equal(t, uint32(46), info.PPID)
	equal(t, uint16(SCTP_UNORDERED), info.Flags)

	check(t, client.SetDefaultSentParam(&SndRcvInfo{Stream: 3, PPID: 60}))
	p, err := client.GetDefaultSentParam()
	check(t, err)
	equal(t, uint32(60), p.PPID)
	_, err = client.Write([]byte("three"))
	check(t, err)
	_, info, err = server.SCTPRead(b)
	check(t, err)
	equal(t, uint32(60), info.PPID)
	equal(t, uint16(3), info.Stream)

	st, err := client.GetStatus()
	check(t, err)
	equal(t, SCTP_ESTABLISHED, st.State)
	equal(t, SCTP_ACTIVE, st.PrimaryPeerAddr.State)
}

// Programs take the numbers of their streams from what DialSCTP and ListenSCTP ask for.
func TestDefaultStreams(t *testing.T) {
	pair(t, nil) // or skip
	laddr, err := ResolveSCTPAddr("sctp4", "127.0.0.1:0")
	check(t, err)
	ln, err := ListenSCTP("sctp4", laddr)
	check(t, err)
	defer ln.Close()
	client, err := DialSCTP("sctp4", nil, ln.Addr().(*SCTPAddr))
	check(t, err)
	defer client.Close()
	server, err := ln.AcceptSCTP()
	check(t, err)
	defer server.Close()
	for _, c := range []*SCTPConn{client, server} {
		st, err := c.GetStatus()
		check(t, err)
		equal(t, uint16(SCTP_MAX_STREAM), st.Ostreams)
		equal(t, uint16(SCTP_MAX_STREAM), st.Instreams)
	}
}

// The addresses that Setsockopt and Getsockopt get as numbers may be of variables of a stack,
// which moves when it grows.
func TestSockoptOfStackAddress(t *testing.T) {
	client, _ := pair(t, nil)
	on := uint32(1)
	_, _, err := client.Setsockopt(SCTP_DISABLE_FRAGMENTS, uintptr(unsafe.Pointer(&on)), unsafe.Sizeof(on))
	check(t, err)
	var deep func(n int) uint32
	deep = func(n int) uint32 {
		if n > 0 {
			return deep(n - 1)
		}
		have, size := uint32(0), uint32(4)
		_, _, err := client.Getsockopt(SCTP_DISABLE_FRAGMENTS, uintptr(unsafe.Pointer(&have)), uintptr(unsafe.Pointer(&size)))
		if err != nil {
			return 0
		}
		return have
	}
	for n := range 300 {
		done := make(chan uint32)
		go func() { done <- deep(n) }() // some of the stacks grow amid the call
		equal(t, uint32(1), <-done)
	}
}

// The handler gets the kernel's bytes; without one, the read does.
func TestSCTPConnNotifications(t *testing.T) {
	b := make([]byte, 100)
	raw := make(chan []byte, 1)
	client, server := pair(t, func(n []byte) error { raw <- n; return io.ErrNoProgress })
	for _, c := range []*SCTPConn{client, server} {
		check(t, c.SubscribeEvents(SCTP_EVENT_SENDER_DRY|SCTP_EVENT_DATA_IO))
		flags, err := c.SubscribedEvents()
		check(t, err)
		equal(t, SCTP_EVENT_SENDER_DRY|SCTP_EVENT_DATA_IO, flags)
	}
	_, _, err := client.SCTPRead(b)
	equal(t, io.ErrNoProgress, err)
	have := <-raw
	n, info, err := server.SCTPRead(b)
	check(t, err)
	equal(t, (*SndRcvInfo)(nil), info)
	for _, have := range [][]byte{have, b[:n]} {
		equal(t, 12, len(have))
		equal(t, uint16(SCTP_SENDER_DRY_EVENT), binary.NativeEndian.Uint16(have))
		equal(t, uint32(12), binary.NativeEndian.Uint32(have[4:]))
	}
}

// SCTP_SEND_FAILED, which the package underneath does not offer, comes in the old form.
func TestSCTPConnSendFailed(t *testing.T) {
	raw := make(chan []byte, 10)
	client, server := pair(t, func(n []byte) error { raw <- n; return io.ErrNoProgress })
	check(t, client.SubscribeEvents(SCTP_EVENT_SEND_FAILURE))
	check(t, server.SetReadBuffer(4096))
	check(t, client.SetWriteDeadline(time.Now().Add(time.Second)))
	var err error
	for err == nil {
		_, err = client.SCTPWrite(make([]byte, 1000), &SndRcvInfo{})
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	_, err = server.SCTPWrite(nil, &SndRcvInfo{Flags: SCTP_ABORT})
	check(t, err)
	for {
		if _, err = client.Read(make([]byte, 100)); err != io.ErrNoProgress {
			break
		}
		if n := <-raw; binary.NativeEndian.Uint16(n) == uint16(SCTP_SEND_FAILED) {
			equal(t, uint32(len(n)), binary.NativeEndian.Uint32(n[4:]))
			return
		}
	}
	t.Fatal("no SCTP_SEND_FAILED, but", err)
}

func TestSCTPConnEnds(t *testing.T) {
	client, server := pair(t, nil)
	_, err := client.SCTPWrite(nil, &SndRcvInfo{Flags: SCTP_EOF})
	check(t, err)
	_, err = server.Read(make([]byte, 1))
	equal(t, io.EOF, err)

	client, server = pair(t, nil)
	done := make(chan error, 1)
	go func() {
		_, err := client.Read(make([]byte, 1))
		done <- err
	}()
	raddr := client.RemoteAddr().String()
	check(t, client.Close())
	equal(t, error(syscall.EBADF), <-done)
	equal(t, error(syscall.EBADF), client.Close())
	equal(t, raddr, client.RemoteAddr().String())
	_, err = client.SyscallConn()
	equal(t, error(syscall.EINVAL), err)

	check(t, server.SetReadDeadline(time.Time{}))
	_, err = server.Read(make([]byte, 1))
	equal(t, io.EOF, err)
}

func TestSCTPConnDeadline(t *testing.T) {
	client, _ := pair(t, nil)
	check(t, client.SetReadDeadline(time.Now().Add(time.Millisecond)))
	_, err := client.Read(make([]byte, 1))
	var ne net.Error
	if !errors.As(err, &ne) || !ne.Timeout() {
		t.Fatal(err)
	}
}

// Accepts end with a connection that is not nil, and closed.
func TestSCTPListenerClosed(t *testing.T) {
	pair(t, nil)
	ln, err := ListenSCTP("sctp4", nil)
	check(t, err)
	check(t, ln.Close())
	nc, err := ln.Accept()
	equal(t, error(syscall.EBADF), err)
	equal(t, error(syscall.EBADF), nc.(*SCTPConn).Close())
}

// A one-to-one socket and a one-to-many one that the program makes itself.
func TestNewSCTPConn(t *testing.T) {
	pair(t, nil)
	laddr, err := ResolveSCTPAddr("sctp4", "127.0.0.1:0")
	check(t, err)
	for _, typ := range []int{syscall.SOCK_STREAM, syscall.SOCK_SEQPACKET} {
		ln, err := ListenSCTP("sctp4", laddr)
		check(t, err)
		fd, err := syscall.Socket(syscall.AF_INET, typ, syscall.IPPROTO_SCTP)
		check(t, err)
		check(t, SCTPBind(fd, laddr, SCTP_BINDX_ADD_ADDR))
		id, err := SCTPConnect(fd, ln.Addr().(*SCTPAddr))
		check(t, err)
		c := NewSCTPConn(fd, nil)
		check(t, c.SubscribeEvents(SCTP_EVENT_DATA_IO))
		server, err := ln.AcceptSCTP()
		check(t, err)
		_, err = server.SCTPWrite([]byte("hello"), &SndRcvInfo{PPID: 3})
		check(t, err)
		b := make([]byte, 100)
		check(t, c.SetReadDeadline(time.Now().Add(wait)))
		n, info, err := c.SCTPRead(b)
		check(t, err)
		equal(t, "hello", string(b[:n]))
		equal(t, uint32(3), info.PPID)
		if typ == syscall.SOCK_SEQPACKET {
			equal(t, int32(id), info.AssocID)
			peeled, err := c.PeelOff(id)
			check(t, err)
			_, err = peeled.Write([]byte("peeled off"))
			check(t, err)
			n, err = server.Read(b)
			check(t, err)
			equal(t, "peeled off", string(b[:n]))
			check(t, peeled.Close())
		}
		check(t, c.Close())
		check(t, server.Close())
		check(t, ln.Close())
	}
}
