// Package setups tests that programs work on systems that are set up otherwise than
// usual, or say at once what is wrong.
package setups_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A setting is a sysctl of the network namespace, and its value.
type setting struct{ name, value string }

// A setup is a system, or a program's way to use it.
type setup struct {
	name     string
	settings []setting
	prepare  func(t *testing.T) // is called when the settings are made; nil is nothing
	tiny     bool               // the buffers are as small as the kernel takes
	user     bool               // the network namespace is another user's
	noBulk   bool               // bulk takes minutes there, in C as well
}

// What every program must bear: nothing but the pace may differ.
var setups = []setup{
	{name: "AsItIs"},
	{name: "Auth", settings: []setting{{"sctp/auth_enable", "1"}}},
	{name: "AddIPWithKeys", settings: []setting{{"sctp/addip_enable", "1"}, {"sctp/auth_enable", "1"}}},
	{name: "AddIPWithoutKeys", settings: []setting{{"sctp/addip_enable", "1"}, {"sctp/addip_noauth_enable", "1"}}},
	{name: "AutoASCONF", settings: []setting{{"sctp/addip_enable", "1"}, {"sctp/addip_noauth_enable", "1"}, {"sctp/default_auto_asconf", "1"}}},
	{name: "Reconfig", settings: []setting{{"sctp/reconf_enable", "1"}}},
	{name: "Interleaving", settings: []setting{{"sctp/intl_enable", "1"}}},
	{name: "NoPartialReliability", settings: []setting{{"sctp/prsctp_enable", "0"}}},
	{name: "NoECN", settings: []setting{{"sctp/ecn_enable", "0"}}},
	{name: "ReceiveBufferPolicy", settings: []setting{{"sctp/rcvbuf_policy", "1"}}},
	{name: "SendBufferPolicy", settings: []setting{{"sctp/sndbuf_policy", "1"}}},
	{name: "ShortHeartbeats", settings: []setting{{"sctp/hb_interval", "20"}}},
	{name: "NoCookieHMAC", settings: []setting{{"sctp/cookie_hmac_alg", "none"}}},
	{name: "IPv6Off", settings: []setting{{"ipv6/conf/all/disable_ipv6", "1"}}},
	{name: "IPv6LoopbackOff", settings: []setting{{"ipv6/conf/lo/disable_ipv6", "1"}}},
	// Two for listeners, one for the end that dials from a port of its own.
	{name: "ThreePorts", settings: []setting{{"ipv4/ip_local_port_range", "40000 40002"}}},
	{name: "UDPEncapsulation", settings: []setting{{"sctp/udp_port", "9899"}, {"sctp/encap_port", "9899"}}, noBulk: true},
	{name: "LoopbackMTU65536", prepare: func(t *testing.T) { sctptest.LoopbackMTU(t, 65536) }, noBulk: true},
	{name: "NoLoopbackIPv6", prepare: func(t *testing.T) {
		sctptest.RemoveLoopbackAddr(t, netip.MustParsePrefix("::1/128"))
	}},
	{name: "TinyBuffers", tiny: true, noBulk: true},
	{name: "NoPrivileges", prepare: func(t *testing.T) { sctptest.DropPrivileges(t) }},
	{name: "OtherUser", user: true},
}

func TestSetupsWork(t *testing.T) {
	for _, tt := range setups {
		t.Run(tt.name, func(t *testing.T) {
			netns := sctptest.Netns
			if tt.user {
				netns = sctptest.UserNetns
			}
			if !netns(t) {
				return
			}
			for _, s := range tt.settings {
				sctptest.Sysctl(t, "net/"+s.name, s.value)
			}
			if tt.prepare != nil {
				tt.prepare(t)
			}
			t.Run("Conn", func(t *testing.T) { tt.testConn(t, "127.0.0.1:0") })
			t.Run("TwoPaths", func(t *testing.T) { tt.testConn(t, "127.0.0.1/127.0.0.2:0") })
			t.Run("PeelOff", tt.testPeelOff)
			if !tt.noBulk {
				t.Run("HTTP", tt.testHTTP)
			}
		})
	}
}

func (s *setup) dialer() sctp.Dialer {
	if s.tiny {
		return sctp.Dialer{ReadBuffer: 1, WriteBuffer: 1}
	}
	return sctp.Dialer{}
}

func (s *setup) listenConfig() sctp.ListenConfig {
	if s.tiny {
		return sctp.ListenConfig{ReadBuffer: 1, WriteBuffer: 1}
	}
	return sctp.ListenConfig{}
}

// testConn sends a message larger than a packet there and back.
func (s *setup) testConn(t *testing.T, address string) {
	client, server := sctptest.PairOf(t, s.dialer(), s.listenConfig(), "sctp", address)
	echo(t, client, server)
	require.NoError(t, client.Close())
	_, err := server.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

func echo(t *testing.T, client, server io.ReadWriter) {
	t.Helper()
	message := make([]byte, 5000)
	message[4999] = 1
	for _, ends := range [][2]io.ReadWriter{{client, server}, {server, client}} {
		written := make(chan error, 1)
		go func() { // the buffers may be smaller than the message
			_, err := ends[0].Write(message)
			written <- err
		}()
		got := make([]byte, len(message))
		_, err := io.ReadFull(ends[1], got)
		require.NoError(t, err)
		require.NoError(t, sctptest.Receive(t, written))
		require.Equal(t, message, got)
	}
}

// testPeelOff has a one-to-many socket connect, and makes a Conn of the association.
func (s *setup) testPeelOff(t *testing.T) {
	l := sctptest.Listen(t, s.listenConfig(), "sctp", "127.0.0.1:0")
	m := sctptest.ListenMulti(t, s.listenConfig(), "sctp4", "127.0.0.1:0")
	id, err := m.Connect(context.Background(), l.Addr().(*sctp.Addr))
	require.NoError(t, err)
	server := sctptest.Accept(t, l)
	_, err = m.WriteMsg([]byte("from many"), &sctp.SndInfo{Assoc: id})
	require.NoError(t, err)
	b := make([]byte, 64)
	n, err := server.Read(b)
	require.NoError(t, err)
	require.Equal(t, "from many", string(b[:n]))
	c, err := m.PeelOff(id)
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	echo(t, c, server)
}

// testHTTP has net/http send and return a body that is longer than the window.
func (s *setup) testHTTP(t *testing.T) {
	d := s.dialer()
	l := sctptest.Listen(t, s.listenConfig(), "sctp", "127.0.0.1:0")
	served := make(chan error, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			w.Write(body)
		}
	})}
	go func() { served <- server.Serve(l) }()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return d.DialContext(ctx, "sctp", address)
		},
	}}
	body := make([]byte, 500<<10)
	response, err := client.Post("http://"+l.Addr().String(), "", bytes.NewReader(body))
	require.NoError(t, err)
	got, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, len(body), len(got))
	require.NoError(t, server.Close())
	require.ErrorIs(t, sctptest.Receive(t, served), http.ErrServerClosed)
}

// Where a C program fails too, ours fails at once, and says how. A lo that was switched off
// is not among it: for IPv4 Linux keeps the route, and a dial waits, as TCP's does.
func TestSetupsFail(t *testing.T) {
	dial := func(t *testing.T) error {
		c, err := sctp.Dial("sctp4", "127.0.0.1:9")
		if err == nil {
			c.Close()
		}
		return err
	}
	listen := func(t *testing.T) error {
		l, err := sctp.Listen("sctp4", "127.0.0.1:0")
		if err == nil {
			l.Close()
		}
		return err
	}
	dialListener := func(t *testing.T) error {
		c, err := sctp.Dial("sctp4", sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0").Addr().String())
		if err == nil {
			c.Close()
		}
		return err
	}
	for _, tt := range []struct {
		name  string
		setUp func(t *testing.T)
		call  func(t *testing.T) error
		errno syscall.Errno
		text  string
	}{
		// The kernel takes no ASCONF without AUTH, and so no INIT that offers both.
		{"DialAddIPAlone", func(t *testing.T) { sctptest.Sysctl(t, "net/sctp/addip_enable", "1") }, dialListener, syscall.ECONNREFUSED, ""},
		{"DialWithoutPorts", func(t *testing.T) {
			sctptest.Sysctl(t, "net/ipv4/ip_local_port_range", "40000 40000")
			sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		}, dial, syscall.EADDRNOTAVAIL, "no local port is free (net.ipv4.ip_local_port_range)"},
		{"ListenWithoutDescriptors", func(t *testing.T) { t.Cleanup(sctptest.UseUpFiles(t)) }, listen, syscall.EMFILE, ""},
		{"DialWithoutDescriptors", func(t *testing.T) { t.Cleanup(sctptest.UseUpFiles(t)) }, dial, syscall.EMFILE, ""},
		{"ListenWithoutAddress", func(t *testing.T) {
			sctptest.RemoveLoopbackAddr(t, netip.MustParsePrefix("127.0.0.1/8"))
		}, listen, syscall.EADDRNOTAVAIL, ""},
		{"DialWithoutAddress", func(t *testing.T) {
			sctptest.RemoveLoopbackAddr(t, netip.MustParsePrefix("127.0.0.1/8"))
		}, dial, syscall.ENETUNREACH, ""},
		{"DialWithoutModule", func(t *testing.T) {}, func(t *testing.T) error {
			return sctptest.WithoutSCTP(t, func() error { return dial(t) })
		}, syscall.EPROTONOSUPPORT, "modprobe sctp"},
		{"ListenUnderSeccomp", func(t *testing.T) {}, func(t *testing.T) error {
			return sctptest.SocketFails(t, syscall.EPERM, func() error { return listen(t) })
		}, syscall.EPERM, "a seccomp filter or a security module refuses SCTP sockets"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !sctptest.Netns(t) {
				return
			}
			tt.setUp(t)
			err := tt.call(t)
			require.ErrorIs(t, err, tt.errno)
			require.ErrorContains(t, err, tt.text)
			sctptest.OpError(t, err)
		})
	}
}
