package sctp_test

import (
	"net"
	"testing"

	"golang.org/x/net/nettest"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestNettest(t *testing.T) {
	for _, tt := range []struct{ name, network, address string }{
		{"IPv4", "sctp4", "127.0.0.1:0"},
		{"IPv6", "sctp6", "[::1]:0"},
		{"Multihomed", "sctp", "127.0.0.1/127.0.0.2:0"},
		{"Wildcard", "sctp", ":0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sctptest.NeedKernel(t)
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, tt.network, tt.address)
				return client, server, func() { client.Close(); server.Close() }, nil
			})
		})
	}
}
