//go:build linux

package main

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/ishidawataru/sctp"
)

func init() { scenarios["options"] = options }

func options(r *run) {
	c, s := pair(sctp.SocketConfig{}, sctp.SocketConfig{})
	r.do("GetDefaultSentParam", func() []any { return results(c.GetDefaultSentParam()) })
	r.do("SetDefaultSentParam", func() []any {
		return results(c.SetDefaultSentParam(&sctp.SndRcvInfo{Stream: 2, PPID: 60, Context: 9, TTL: 30000}))
	})
	r.do("GetDefaultSentParam then", func() []any { return results(c.GetDefaultSentParam()) })
	withInfo(s)
	must2(c.Write([]byte("by default")))
	r.do("SCTPRead of a Write then", func() []any { return message(s) })
	must2(c.SCTPWrite([]byte("not by default"), &sctp.SndRcvInfo{}))
	r.do("SCTPRead of an SCTPWrite then", func() []any { return message(s) })
	r.do("SetDefaultSentParam of no stream", func() []any {
		return results(c.SetDefaultSentParam(&sctp.SndRcvInfo{Stream: 200}))
	})

	r.do("GetSackTimer", func() []any { return sackTimer(r, c) })
	r.do("SetSackTimer", func() []any { return results(c.SetSackTimer(&sctp.SackTimer{SackDelay: 40, SackFrequency: 3})) })
	r.do("GetSackTimer then", func() []any { return sackTimer(r, c) })
	r.do("SetSackTimer of too much", func() []any { return results(c.SetSackTimer(&sctp.SackTimer{SackDelay: 501})) })

	r.do("SetInitMsg", func() []any { return results(c.SetInitMsg(3, 4, 5, 600)) })
	r.do("SetInitMsg of zeros", func() []any { return results(c.SetInitMsg(0, 0, 0, 0)) })
	r.do("GetStatus", func() []any {
		st, err := c.GetStatus()
		p := st.PrimaryPeerAddr
		p.Address[2], p.Address[3] = 0, 0
		return results(r.assoc(int32(st.AssocID)), st.State, st.State == sctp.SCTP_ESTABLISHED, st.Penddata,
			st.Instreams, st.Ostreams, st.FragmentationPoint, r.assoc(int32(p.AssocID)), p.Address[:16], p.State,
			p.State == sctp.SCTP_ACTIVE, p.CWND, p.MTU, err)
	})
	r.do("SCTPLocalAddr", func() []any { return results(c.SCTPLocalAddr(0)) })
	r.do("SCTPLocalAddr of no association", func() []any { return results(c.SCTPLocalAddr(54321)) })
	r.do("SCTPRemoteAddr", func() []any { return results(s.SCTPRemoteAddr(0)) })
	r.do("SCTPRemoteAddr of no association", func() []any { return results(s.SCTPRemoteAddr(54321)) })
	r.do("SCTPGetPrimaryPeerAddr", func() []any { return results(c.SCTPGetPrimaryPeerAddr()) })
	r.do("SetWriteBuffer", func() []any { return results(c.SetWriteBuffer(1)) })
	r.do("GetWriteBuffer", func() []any { return results(c.GetWriteBuffer()) })
	r.do("SetReadBuffer", func() []any { return results(c.SetReadBuffer(-1)) })
	r.do("GetReadBuffer", func() []any { return results(c.GetReadBuffer()) })

	for _, flags := range []int{0, sctp.SCTP_EVENT_DATA_IO, all, sctp.SCTP_EVENT_SEND_FAILURE, sctp.SCTP_EVENT_SHUTDOWN | 1<<20} {
		r.do(fmt.Sprintf("SubscribeEvents %#x", flags), func() []any { return results(c.SubscribeEvents(flags)) })
		r.do(fmt.Sprintf("SubscribedEvents %#x", flags), func() []any { return results(c.SubscribedEvents()) })
	}

	for _, o := range []struct {
		name        string
		option, len uintptr
	}{
		{"RTOINFO", sctp.SCTP_RTOINFO, 16},
		{"ASSOCINFO", sctp.SCTP_ASSOCINFO, 20},
		{"INITMSG", sctp.SCTP_INITMSG, 8},
		{"NODELAY", sctp.SCTP_NODELAY, 4},
		{"AUTOCLOSE", sctp.SCTP_AUTOCLOSE, 4},
		{"ADAPTATION_LAYER", sctp.SCTP_ADAPTATION_LAYER, 4},
		{"DISABLE_FRAGMENTS", sctp.SCTP_DISABLE_FRAGMENTS, 4},
		{"EVENTS", sctp.SCTP_EVENTS, 10},
		{"I_WANT_MAPPED_V4_ADDR", sctp.SCTP_I_WANT_MAPPED_V4_ADDR, 4},
		{"MAXSEG", sctp.SCTP_MAXSEG, 8},
		{"DELAYED_SACK", sctp.SCTP_DELAYED_SACK, 12},
		{"1000", 1000, 4},
	} {
		var b [32]byte
		r.do("Getsockopt "+o.name, func() []any {
			n := uint32(o.len)
			r0, _, err := c.Getsockopt(o.option, uintptr(unsafe.Pointer(&b)), uintptr(unsafe.Pointer(&n)))
			value := b[:o.len]
			switch o.option {
			case sctp.SCTP_RTOINFO, sctp.SCTP_DELAYED_SACK:
				value = b[4:o.len] // without the association's id
			case sctp.SCTP_ASSOCINFO:
				value = append(b[4:8:8], b[16:20]...) // and without the windows
			}
			return results(int(r0), n, value, err)
		})
		r.do("Setsockopt "+o.name, func() []any {
			r0, _, err := c.Setsockopt(o.option, uintptr(unsafe.Pointer(&b)), o.len)
			return results(int(r0), err)
		})
	}
	_, addr := listening(sctp.SocketConfig{}, "[::1]:0")
	c6, err := sctp.DialSCTP("sctp6", nil, addr)
	must(err)
	r.do("Getsockopt I_WANT_MAPPED_V4_ADDR of an IPv6 socket", func() []any {
		var on int32
		n := uint32(unsafe.Sizeof(on))
		r0, _, err := c6.Getsockopt(sctp.SCTP_I_WANT_MAPPED_V4_ADDR, uintptr(unsafe.Pointer(&on)), uintptr(unsafe.Pointer(&n)))
		return results(int(r0), n, on, err)
	})
	r.do("Setsockopt too short", func() []any {
		var b [1]byte
		r0, _, err := c.Setsockopt(sctp.SCTP_NODELAY, uintptr(unsafe.Pointer(&b)), 1)
		return results(int(r0), err)
	})
	// A program's own way to subscribe.
	for _, e := range []sctp.EventSubscribe{{DataIO: 1}, {DataIO: 1, Shutdown: 1}, {SendFailure: 1}, {}} {
		name := fmt.Sprintf("%+v", e)
		r.do("Setsockopt EVENTS "+name, func() []any {
			r0, _, err := c.Setsockopt(sctp.SCTP_EVENTS, uintptr(unsafe.Pointer(&e)), unsafe.Sizeof(e))
			return results(int(r0), err)
		})
		r.do("SubscribedEvents "+name, func() []any { return results(c.SubscribedEvents()) })
		must2(s.SCTPWrite([]byte("data"), &sctp.SndRcvInfo{PPID: 3}))
		r.do("SCTPRead "+name, func() []any { return message(c) })
	}

	for _, ends := range []struct {
		name string
		c    interface {
			SyscallConn() (syscall.RawConn, error)
		}
	}{{"dialled", c}, {"accepted", s}} {
		fd := descriptor(ends.c)
		flags, _, _ := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFL, 0)
		r.do(ends.name+", non-blocking", func() []any { return results(flags&syscall.O_NONBLOCK != 0) })
		flags, _, _ = syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		r.do(ends.name+", close on exec", func() []any { return results(flags&syscall.FD_CLOEXEC != 0) })
		r.do(ends.name+", SO_REUSEADDR", func() []any {
			return results(syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR))
		})
		r.do(ends.name+", SO_BROADCAST", func() []any {
			return results(syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_BROADCAST))
		})
	}
	rc, err := c.SyscallConn()
	must(err)
	r.do("RawConn.Read", func() []any { return results(rc.Read(func(uintptr) bool { return true })) })
	r.do("RawConn.Write", func() []any { return results(rc.Write(func(uintptr) bool { return true })) })
}

func sackTimer(r *run, c *sctp.SCTPConn) []any {
	timer, err := c.GetSackTimer()
	return results(r.assoc(int32(timer.AssocID)), timer.SackDelay, timer.SackFrequency, err)
}
