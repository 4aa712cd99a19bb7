//go:build linux

package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/ishidawataru/sctp"
)

func init() {
	scenarios["listen"] = listen
	scenarios["dial"] = dial
	scenarios["config"] = config
}

func listen(r *run) {
	ip := func(texts ...string) (ips []net.IPAddr) {
		for _, s := range texts {
			ips = append(ips, net.IPAddr{IP: net.ParseIP(s)})
		}
		return ips
	}
	for _, network := range []string{"sctp", "sctp4", "sctp6", "tcp", ""} {
		for i, laddr := range []*sctp.SCTPAddr{
			nil,
			{},
			{IPAddrs: []net.IPAddr{{}}},
			{IPAddrs: ip("0.0.0.0")},
			{IPAddrs: ip("::")},
			{IPAddrs: ip("127.0.0.1")},
			{IPAddrs: ip("127.0.0.1", "127.0.0.2")},
			{IPAddrs: ip("::1")},
			{IPAddrs: ip("::1", "127.0.0.1")},
			{IPAddrs: ip("127.0.0.1", "::1")},
			{IPAddrs: ip("0.0.0.0", "127.0.0.1")},
			{IPAddrs: ip("127.0.0.1", "127.0.0.1")},
			{IPAddrs: ip("192.0.2.1")},
			{IPAddrs: ip("2001:db8::1")},
			{IPAddrs: []net.IPAddr{{IP: net.IP{1, 2, 3}}}},
			{IPAddrs: ip("127.0.0.1"), Port: 70000},
			{IPAddrs: ip("127.0.0.1"), Port: -1},
		} {
			name := fmt.Sprintf("%q nil", network)
			if laddr != nil {
				name = fmt.Sprintf("%q %v %d", network, laddr.IPAddrs, laddr.Port)
			}
			if i > 0 && (network == "" || network == "tcp") {
				break
			}
			r.forget()
			r.do(name, func() []any {
				ln, err := sctp.ListenSCTP(network, laddr)
				if err != nil {
					return results(ln, err)
				}
				addr := ln.Addr().(*sctp.SCTPAddr)
				v4, err4 := sctp.DialSCTP("sctp", nil, loopback(addr.Port))
				v6, err6 := sctp.DialSCTP("sctp", nil, resolved(fmt.Sprint("[::1]:", addr.Port)))
				return results(ln, err, addr, v4, err4, v6, err6, ln.Close())
			})
			if laddr != nil {
				r.do(name+", then laddr", func() []any { return results(laddr.IPAddrs) })
			}
		}
	}

	_, addr := listening(sctp.SocketConfig{}, "127.0.0.1:0")
	r.do("a port in use", func() []any { return results(sctp.ListenSCTP("sctp", addr)) })
	r.do("a port in use, by a wildcard", func() []any {
		return results(sctp.ListenSCTP("sctp4", &sctp.SCTPAddr{Port: addr.Port}))
	})
	ln, addr := listening(sctp.SocketConfig{}, "127.0.0.1:0")
	c, err := sctp.DialSCTP("sctp", nil, addr)
	must(err)
	must(ln.Close())
	r.do("a port of an association", func() []any { return results(sctp.ListenSCTP("sctp", addr)) })
	must(c.Close())
}

func dial(r *run) {
	ln, addr := listening(sctp.SocketConfig{}, "127.0.0.1/127.0.0.2:0")
	port := addr.Port
	for _, network := range []string{"sctp", "sctp4", "sctp6", "tcp", ""} {
		for i, tt := range []struct {
			name         string
			laddr, raddr *sctp.SCTPAddr
		}{
			{"to one", nil, loopback(port)},
			{"to two", nil, addr},
			{"from one", resolved("127.0.0.5:0"), addr},
			{"from two", resolved("127.0.0.5/127.0.0.6:0"), addr},
			{"from an empty address", &sctp.SCTPAddr{}, addr},
			{"from 0.0.0.0", resolved("0.0.0.0:0"), addr},
			{"from IPv6", resolved("[::1]:0"), addr},
			{"from another's", resolved("192.0.2.1:0"), addr},
			{"from a port in use", loopback(port), addr},
			{"refused", nil, loopback(9)},
			{"refused by IPv6", nil, resolved("[::1]:9")},
			{"to an empty address", nil, &sctp.SCTPAddr{Port: port}},
			{"to port 0", nil, loopback(0)},
			{"to port 70000", nil, loopback(70000)},
			{"to port -1", nil, loopback(-1)},
			{"to nil", nil, nil},
			{"to three bytes", nil, &sctp.SCTPAddr{IPAddrs: []net.IPAddr{{IP: net.IP{1, 2, 3}}}, Port: port}},
			{"to a multicast address", nil, resolved("224.0.0.1:9")},
		} {
			name := fmt.Sprintf("%q %s", network, tt.name)
			if i > 0 && (network == "" || network == "tcp") {
				break
			}
			r.forget()
			r.do(name, func() []any {
				c, err := sctp.DialSCTP(network, tt.laddr, tt.raddr)
				if err != nil {
					return results(c, err)
				}
				primary, perr := c.SCTPGetPrimaryPeerAddr()
				s, aerr := ln.AcceptSCTP()
				return results(c, err, c.LocalAddr(), c.RemoteAddr(), primary, perr, s.RemoteAddr(), aerr, c.Close(), s.Close())
			})
			if tt.laddr != nil {
				r.do(name+", then laddr", func() []any { return results(tt.laddr.IPAddrs) })
			}
		}
	}
	unreached := sctp.InitMsg{MaxAttempts: 1, MaxInitTimeout: 200}
	r.do("without a route", func() []any {
		return results(sctp.DialSCTPExt("sctp", nil, resolved("192.0.2.1:9"), unreached))
	})
	r.do("without a route for IPv6", func() []any {
		return results(sctp.DialSCTPExt("sctp", nil, resolved("[2001:db8::1]:9"), unreached))
	})
}

func config(r *run) {
	boom := errors.New("boom")
	for _, laddr := range []*sctp.SCTPAddr{nil, {}, resolved("127.0.0.1/127.0.0.2:0")} {
		cfg := sctp.SocketConfig{Control: func(network, address string, c syscall.RawConn) error {
			r.say("Control", r.list(results(network, address)))
			return boom
		}}
		r.do("Listen", func() []any { return results(cfg.Listen("sctp", laddr)) })
		r.do("Dial", func() []any { return results(cfg.Dial("sctp", laddr, loopback(9))) })
	}

	streams := func(n uint16) func(network, address string, c syscall.RawConn) error {
		return func(network, address string, c syscall.RawConn) error {
			var err error
			c.Control(func(fd uintptr) {
				err = sctp.NewSCTPConn(int(fd), nil).SetInitMsg(int(n), int(n), 3, 1000)
			})
			return err
		}
	}
	for _, tt := range []struct {
		name           string
		client, server sctp.SocketConfig
	}{
		{"no InitMsg", sctp.SocketConfig{}, sctp.SocketConfig{}},
		{"InitMsg", sctp.SocketConfig{InitMsg: sctp.InitMsg{NumOstreams: 7, MaxInstreams: 5}},
			sctp.SocketConfig{InitMsg: sctp.InitMsg{NumOstreams: 3, MaxInstreams: 6}}},
		{"65535 streams", sctp.SocketConfig{InitMsg: sctp.InitMsg{NumOstreams: sctp.SCTP_MAX_STREAM}},
			sctp.SocketConfig{InitMsg: sctp.InitMsg{NumOstreams: sctp.SCTP_MAX_STREAM}}},
		{"Control's InitMsg", sctp.SocketConfig{Control: streams(4)}, sctp.SocketConfig{Control: streams(2)}},
		{"Control's InitMsg, and another", sctp.SocketConfig{Control: streams(4), InitMsg: sctp.InitMsg{NumOstreams: 9}},
			sctp.SocketConfig{}},
	} {
		c, s := pair(tt.client, tt.server)
		r.do(tt.name+", client", func() []any {
			st, err := c.GetStatus()
			return results(st.State, st.Instreams, st.Ostreams, err)
		})
		r.do(tt.name+", server", func() []any {
			st, err := s.GetStatus()
			return results(st.State, st.Instreams, st.Ostreams, err)
		})
		must(c.Close())
		must(s.Close())
	}
	ln, err := sctp.ListenSCTP("sctp", loopback(0))
	must(err)
	c, err := sctp.DialSCTP("sctp", nil, ln.Addr().(*sctp.SCTPAddr))
	must(err)
	r.do("streams of DialSCTP and ListenSCTP", func() []any {
		st, err := c.GetStatus()
		return results(st.Instreams, st.Ostreams, err)
	})
}
