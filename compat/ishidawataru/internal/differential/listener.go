//go:build linux

package main

import (
	"net"
	"os"
	"syscall"

	"github.com/ishidawataru/sctp"
)

func init() {
	scenarios["listener"] = listener
	scenarios["file"] = file
}

func listener(r *run) {
	ln, addr := listening(sctp.SocketConfig{}, "127.0.0.1/127.0.0.2:0")
	r.do("Addr", func() []any { return results(ln.Addr()) })
	c, err := sctp.DialSCTP("sctp", nil, addr)
	must(err)
	r.do("Accept", func() []any {
		nc, err := ln.Accept()
		return results(nc.LocalAddr(), nc.RemoteAddr().String() == c.LocalAddr().String(), err)
	})
	rc, err := ln.SyscallConn()
	must(err)
	r.do("RawConn.Control", func() []any {
		var n int
		err := rc.Control(func(fd uintptr) { n, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN) })
		return results(n, err)
	})
	r.do("RawConn.Read", func() []any { return results(rc.Read(func(uintptr) bool { return true })) })
	r.do("RawConn.Write", func() []any { return results(rc.Write(func(uintptr) bool { return true })) })
	r.do("Close", func() []any { return results(ln.Close()) })
	r.do("Accept after Close", func() []any {
		c, err := ln.AcceptSCTP()
		return results(c, c.Close(), err)
	})
	r.do("SyscallConn after Close", func() []any {
		_, err := ln.SyscallConn()
		return results(err)
	})
	r.do("Addr after Close", func() []any { return results(ln.Addr()) })
	r.do("Close again", func() []any { return results(ln.Close()) })
	r.do("the association", func() []any { return results(c.Write([]byte("x"))) })

	// The number of a listener that was closed is the next file's.
	ln, _ = listening(sctp.SocketConfig{}, "127.0.0.1:0")
	must(ln.Close())
	other, _ := listening(sctp.SocketConfig{}, "127.0.0.3:0")
	r.do("Addr after Close, and another file", func() []any { return results(ln.Addr()) })
	r.do("Close again, and another file", func() []any { return results(ln.Close()) })
	r.do("the other's Close", func() []any { return results(other.Close()) })
}

func file(r *run) {
	ln, addr := listening(sctp.SocketConfig{}, "127.0.0.1:0")
	fd, err := syscall.Dup(descriptor(ln))
	must(err)
	f := os.NewFile(uintptr(fd), "listener")
	var fl *sctp.SCTPListener
	r.do("FileListener", func() []any {
		var err error
		fl, err = sctp.FileListener(f)
		return results(fl, err)
	})
	must(ln.Close())
	r.do("the file's Close", func() []any { return results(f.Close()) })
	r.do("Addr", func() []any { return results(fl.Addr()) })
	c, err := sctp.DialSCTP("sctp", nil, addr)
	must(err)
	s, err := fl.AcceptSCTP()
	r.do("AcceptSCTP", func() []any { return results(s, err) })
	must2(c.Write([]byte("data")))
	r.do("SCTPRead", func() []any { return message(s) })
	r.do("Close", func() []any { return results(fl.Close()) })

	r.do("FileListener of a closed file", func() []any { return results(sctp.FileListener(f)) })
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	tf, err := tcp.(*net.TCPListener).File()
	must(err)
	r.do("FileListener of TCP", func() []any { return results(sctp.FileListener(tf)) })
	pf, _, err := os.Pipe()
	must(err)
	r.do("FileListener of a pipe", func() []any { return results(sctp.FileListener(pf)) })
	cfd, err := syscall.Dup(descriptor(c))
	must(err)
	cf := os.NewFile(uintptr(cfd), "connection")
	r.do("FileListener of a connection", func() []any { return results(sctp.FileListener(cf)) })
	nfd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, syscall.IPPROTO_SCTP)
	must(err)
	r.do("FileListener of what does not listen", func() []any {
		return results(sctp.FileListener(os.NewFile(uintptr(nfd), "socket")))
	})
}
