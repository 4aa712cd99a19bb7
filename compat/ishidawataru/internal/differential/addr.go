//go:build linux

package main

import (
	"fmt"
	"net"

	"github.com/ishidawataru/sctp"
)

func init() {
	scenarios["addr"] = addrs
	scenarios["resolve"] = resolve
}

func addrs(r *run) {
	v4, v6 := net.ParseIP("10.0.0.1"), net.ParseIP("2001:db8::1")
	for _, a := range []*sctp.SCTPAddr{
		{},
		{Port: 3868},
		{Port: 70000},
		{Port: -1},
		{IPAddrs: []net.IPAddr{}, Port: 1},
		{IPAddrs: []net.IPAddr{{}}, Port: 1},
		{IPAddrs: []net.IPAddr{{}, {IP: v4}}, Port: 1},
		{IPAddrs: []net.IPAddr{{IP: v4}}, Port: 1},
		{IPAddrs: []net.IPAddr{{IP: v4.To4()}}, Port: 1},
		{IPAddrs: []net.IPAddr{{IP: v4}, {IP: v6}, {IP: net.IPv4zero}}, Port: 65535},
		{IPAddrs: []net.IPAddr{{IP: v6}, {IP: net.IPv6zero}}, Port: 3868},
		{IPAddrs: []net.IPAddr{{IP: net.ParseIP("fe80::1"), Zone: "lo"}}, Port: 1},
		{IPAddrs: []net.IPAddr{{IP: net.ParseIP("fe80::1"), Zone: "none"}}, Port: 1},
		{IPAddrs: []net.IPAddr{{IP: v4, Zone: "lo"}}, Port: 1},
		{IPAddrs: []net.IPAddr{{IP: net.IP{1, 2, 3}}}, Port: 1},
	} {
		name := fmt.Sprint(a.IPAddrs, a.Port)
		r.do(name+" String", func() []any { return results(a.String()) })
		r.do(name+" Network", func() []any { return results(a.Network()) })
		r.do(name+" ToRawSockAddrBuf", func() []any { return results(a.ToRawSockAddrBuf()) })
	}
	r.do("nil String", func() []any { return results((*sctp.SCTPAddr)(nil).String()) })
	r.do("nil Network", func() []any { return results((*sctp.SCTPAddr)(nil).Network()) })
}

func resolve(r *run) {
	for _, network := range []string{"", "sctp", "sctp4", "sctp6", "tcp", "SCTP"} {
		for _, s := range []string{
			"", ":", ":3868", "3868", "10.0.0.1", "10.0.0.1:", "10.0.0.1:3868", "10.0.0.1:65536", "10.0.0.1:-1",
			"10.0.0.1/10.1.0.1:3868", "10.0.0.1:1/10.1.0.1:3868", "/10.0.0.1:1", "10.0.0.1/:1", "10.0.0.1//10.0.0.2:1",
			"/", "10.0.0.1/10.0.0.2", "[::1]:1", "::1:1", "[::1]/[::2]:1", "[::1]/10.0.0.1:1", "10.0.0.1/[::1]:1",
			"[fe80::1%lo]:1", "[fe80::1%lo]/[fe80::2%lo]:1", "[::ffff:10.0.0.1]:1", "0.0.0.0:0", "[::]:0",
			"10.0.0.1:http", "10.0.0.1:nonsense", "256.0.0.1:1", "localhost:1", "localhost/127.0.0.2:1", "10.0.0.1 :1",
			"010.0.0.1:1",
		} {
			r.do(fmt.Sprintf("%s %q", network, s), func() []any {
				a, err := sctp.ResolveSCTPAddr(network, s)
				if err != nil {
					return results(a, err)
				}
				return results(len(a.IPAddrs), a.IPAddrs == nil, a.String(), a.ToRawSockAddrBuf(), err)
			})
		}
	}
}
