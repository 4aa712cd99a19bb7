//go:build linux

package main

import (
	"fmt"
	"syscall"

	"github.com/ishidawataru/sctp"
)

func init() {
	scenarios["raw"] = raw
	scenarios["one-to-many"] = oneToMany
}

func socket(typ int) int {
	fd, err := syscall.Socket(syscall.AF_INET, typ, syscall.IPPROTO_SCTP)
	must(err)
	return fd
}

func raw(r *run) {
	ln, addr := listening(sctp.SocketConfig{}, "127.0.0.1/127.0.0.2:0")
	fd := socket(syscall.SOCK_STREAM)
	r.do("SCTPBind", func() []any { return results(sctp.SCTPBind(fd, resolved("127.0.0.5:0"), sctp.SCTP_BINDX_ADD_ADDR)) })
	r.do("SCTPBind of flags 0", func() []any { return results(sctp.SCTPBind(fd, resolved("127.0.0.5:0"), 0)) })
	r.do("SCTPBind of flags 3", func() []any { return results(sctp.SCTPBind(fd, resolved("127.0.0.5:0"), 3)) })
	r.do("SCTPBind of an address that is not ours", func() []any {
		return results(sctp.SCTPBind(fd, resolved("192.0.2.1:0"), sctp.SCTP_BINDX_ADD_ADDR))
	})
	r.do("SCTPBind of IPv6", func() []any {
		return results(sctp.SCTPBind(fd, resolved("[::1]:0"), sctp.SCTP_BINDX_ADD_ADDR))
	})
	r.do("SCTPBind of no descriptor", func() []any {
		return results(sctp.SCTPBind(-1, resolved("127.0.0.1:0"), sctp.SCTP_BINDX_ADD_ADDR))
	})
	c := sctp.NewSCTPConn(fd, nil)
	r.do("LocalAddr", func() []any { return results(c.LocalAddr()) })
	r.do("RemoteAddr", func() []any { return results(c.RemoteAddr()) })
	fd2 := socket(syscall.SOCK_STREAM)
	early := sctp.NewSCTPConn(fd2, nil)
	r.do("Write before a connection", func() []any { return results(early.Write([]byte("x"))) })
	r.do("Read before a connection", func() []any { return results(early.Read(make([]byte, 1))) })
	r.do("SCTPConnect refused", func() []any { return results(sctp.SCTPConnect(fd2, loopback(9))) })
	r.do("SCTPConnect of no descriptor", func() []any { return results(sctp.SCTPConnect(-1, addr)) })
	r.do("SCTPConnect of nil", func() []any { return results(sctp.SCTPConnect(fd2, nil)) })
	r.do("SCTPConnect of IPv6", func() []any { return results(sctp.SCTPConnect(fd2, resolved("[::1]:9"))) })
	r.do("SCTPConnect", func() []any {
		id, err := sctp.SCTPConnect(fd, addr)
		return results(r.assoc(int32(id)), err)
	})
	r.do("SCTPConnect again", func() []any { return results(sctp.SCTPConnect(fd, addr)) })
	s, err := ln.AcceptSCTP()
	must(err)
	r.do("LocalAddr then", func() []any { return results(c.LocalAddr()) })
	r.do("RemoteAddr then", func() []any { return results(c.RemoteAddr()) })
	r.do("SubscribeEvents", func() []any { return results(c.SubscribeEvents(sctp.SCTP_EVENT_DATA_IO | sctp.SCTP_EVENT_SHUTDOWN)) })
	r.do("SubscribedEvents", func() []any { return results(c.SubscribedEvents()) })
	must2(s.SCTPWrite([]byte("data"), &sctp.SndRcvInfo{PPID: 3}))
	r.do("SCTPRead", func() []any { return message(c) })
	flags, _, _ := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFL, 0)
	r.do("non-blocking then", func() []any { return results(flags&syscall.O_NONBLOCK != 0) })
	r.do("SubscribedEvents then", func() []any { return results(c.SubscribedEvents()) })
	r.do("SCTPWrite", func() []any { return results(c.SCTPWrite([]byte("data"), &sctp.SndRcvInfo{Stream: 1})) })
	r.do("descriptor", func() []any { return results(descriptor(c) == fd) })
	r.do("PeelOff", func() []any { return results(c.PeelOff(0)) })
	r.do("the peer's Close", func() []any { return results(s.Close()) })
	for i := range 2 {
		r.do(fmt.Sprint("read ", i), func() []any { return next(r, c) })
	}
	r.do("Close", func() []any { return results(c.Close()) })
	r.do("the descriptor after Close", func() []any {
		_, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE)
		return results(err)
	})

	fd3 := socket(syscall.SOCK_STREAM)
	r.do("SCTPBind of two", func() []any {
		return results(sctp.SCTPBind(fd3, resolved("127.0.0.5/127.0.0.6:0"), sctp.SCTP_BINDX_ADD_ADDR))
	})
	port := sctp.NewSCTPConn(fd3, nil).LocalAddr().(*sctp.SCTPAddr).Port
	r.do("SCTPBind without one", func() []any {
		return results(sctp.SCTPBind(fd3, resolved(fmt.Sprint("127.0.0.6:", port)), sctp.SCTP_BINDX_REM_ADDR))
	})
	r.do("LocalAddr without one", func() []any { return results(sctp.NewSCTPConn(fd3, nil).LocalAddr()) })
	for _, fd := range []int{-1, 9999} {
		c := sctp.NewSCTPConn(fd, nil)
		r.do(fmt.Sprint("Read of descriptor ", fd), func() []any { return results(c.Read(make([]byte, 1))) })
		r.do(fmt.Sprint("Write of descriptor ", fd), func() []any { return results(c.Write([]byte("x"))) })
		r.do(fmt.Sprint("LocalAddr of descriptor ", fd), func() []any { return results(c.LocalAddr()) })
		r.do(fmt.Sprint("SubscribeEvents of descriptor ", fd), func() []any { return results(c.SubscribeEvents(1)) })
		r.do(fmt.Sprint("Close of descriptor ", fd), func() []any { return results(c.Close()) })
	}
}

func oneToMany(r *run) {
	ln, addr := listening(sctp.SocketConfig{}, "127.0.0.1:0")
	fd := socket(syscall.SOCK_SEQPACKET)
	must(sctp.SCTPBind(fd, resolved("127.0.0.5:0"), sctp.SCTP_BINDX_ADD_ADDR))
	var ids []int
	var peers []*sctp.SCTPConn
	for i := range 2 {
		r.do(fmt.Sprint("SCTPConnect ", i), func() []any {
			id, err := sctp.SCTPConnect(fd, addr)
			ids = append(ids, id)
			return results(r.assoc(int32(id)), err)
		})
		s, err := ln.AcceptSCTP()
		must(err)
		peers = append(peers, s)
		if i == 0 {
			// Another association needs another end.
			ln, addr = listening(sctp.SocketConfig{}, "127.0.0.1:0")
		}
	}
	c := sctp.NewSCTPConn(fd, nil)
	must(c.SubscribeEvents(sctp.SCTP_EVENT_DATA_IO | sctp.SCTP_EVENT_SHUTDOWN))
	for i, s := range peers {
		withInfo(s)
		must2(s.SCTPWrite([]byte("data"), &sctp.SndRcvInfo{PPID: 3}))
		r.do(fmt.Sprint("SCTPRead ", i), func() []any { return message(c) })
		r.do(fmt.Sprint("SCTPWrite ", i), func() []any {
			return results(c.SCTPWrite([]byte("data"), &sctp.SndRcvInfo{PPID: 4, AssocID: int32(ids[i])}))
		})
		r.do(fmt.Sprint("peer's SCTPRead ", i), func() []any { return message(s) })
		r.do(fmt.Sprint("SCTPLocalAddr ", i), func() []any { return results(c.SCTPLocalAddr(ids[i])) })
		r.do(fmt.Sprint("SCTPRemoteAddr ", i), func() []any { return results(c.SCTPRemoteAddr(ids[i])) })
	}
	r.do("LocalAddr", func() []any { return results(c.LocalAddr()) })
	r.do("RemoteAddr", func() []any { return results(c.RemoteAddr()) })
	r.do("SCTPGetPrimaryPeerAddr", func() []any { return results(c.SCTPGetPrimaryPeerAddr()) })
	r.do("Write to nobody", func() []any { return results(c.Write([]byte("x"))) })
	r.do("SCTPWrite to no association", func() []any {
		return results(c.SCTPWrite([]byte("x"), &sctp.SndRcvInfo{AssocID: 98765}))
	})
	r.do("PeelOff of no association", func() []any { return results(c.PeelOff(98765)) })
	var peeled *sctp.SCTPConn
	r.do("PeelOff", func() []any {
		var err error
		peeled, err = c.PeelOff(ids[0])
		return results(peeled, err)
	})
	r.do("Write of what is peeled off", func() []any { return results(peeled.Write([]byte("peeled off"))) })
	r.do("Close of what is peeled off", func() []any { return results(peeled.Close()) })
	r.do("abort of the other", func() []any {
		return results(c.SCTPWrite([]byte("reason"), &sctp.SndRcvInfo{AssocID: int32(ids[1]), Flags: sctp.SCTP_ABORT}))
	})
	r.do("the other's read", func() []any { return message(peers[1]) })
	r.do("Close", func() []any { return results(c.Close()) })
}
