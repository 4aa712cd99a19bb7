package nethttp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A multihomed client of a server whose listener has SingleRemoteAddr is one address to
// net/http: in Request.RemoteAddr, and in what a proxy tells the server behind it.
func TestHTTPClientAddr(t *testing.T) {
	serve := func(srv *http.Server) (addr string) {
		l := sctptest.Listen(t, sctp.ListenConfig{SingleRemoteAddr: true}, "sctp4", "127.0.0.1/127.0.0.2:0")
		go srv.Serve(l)
		t.Cleanup(func() { srv.Close() })
		return l.Addr().String()
	}
	transport := func(addr string) *http.Transport {
		tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			d := sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs("127.0.0.3", "127.0.0.4")...)}
			return d.DialContext(ctx, "sctp4", addr)
		}}
		t.Cleanup(tr.CloseIdleConnections)
		return tr
	}
	origin := serve(&http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Header.Get("X-Forwarded-For"))
	})})
	remote := make(chan string, 1)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: sctptest.ServerName})
	proxy.Transport = transport(origin)
	paths := make(chan *sctp.Addr, 1)
	front := serve(&http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			remote <- r.RemoteAddr
			proxy.ServeHTTP(w, r)
		}),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			a, _ := c.(*sctp.Conn).Options().PeerAddrs()
			paths <- a
			return ctx
		},
	})
	resp, err := (&http.Client{Transport: transport(front)}).Get("http://" + sctptest.ServerName)
	require.NoError(t, err)
	forwarded, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	ap, err := netip.ParseAddrPort(sctptest.Receive(t, remote))
	require.NoError(t, err)
	all := sctptest.Receive(t, paths)
	require.Equal(t, all.AddrPort(), ap)
	require.ElementsMatch(t, sctptest.IPs("127.0.0.3", "127.0.0.4"), all.IPs, "the association has all paths")
	require.Equal(t, ap.Addr().String(), string(forwarded))
}
