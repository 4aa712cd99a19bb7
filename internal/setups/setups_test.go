// Package setups tests that programs work on systems that are set up otherwise than
// usual, or say at once what is wrong.
package setups_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
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
	since    string             // the version of Linux that has the settings; "" is any
	prepare  func(t *testing.T) // is called when the settings are made; nil is nothing
	tiny     bool               // the buffers are as small as the kernel takes
	user     bool               // the network namespace is another user's
	noBulk   bool               // bulk takes minutes there, in C as well
}

var udpEncapsulation = []setting{{"sctp/udp_port", "9899"}, {"sctp/encap_port", "9899"}}

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
	{name: "UDPEncapsulation", settings: udpEncapsulation, since: "5.11", prepare: func(t *testing.T) { sctptest.Unbundle(t) }},
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
			if !tt.has(t) {
				return
			}
			for _, s := range tt.settings {
				sctptest.Sysctl(t, "net/"+s.name, s.value)
			}
			if tt.prepare != nil {
				tt.prepare(t)
			}
			tt.testPrograms(t)
		})
	}
}

// has reports whether the kernel has the settings, which only one of before them may lack.
func (s *setup) has(t *testing.T) bool {
	for _, v := range s.settings {
		if _, err := os.Stat("/proc/sys/net/" + v.name); err != nil {
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.NotEmpty(t, s.since, "there is no %s", v.name)
			require.True(t, sctptest.OlderLinux(t, s.since), "there is no %s", v.name)
			return false
		}
	}
	return true
}

func (s *setup) testPrograms(t *testing.T) {
	t.Run("Conn", func(t *testing.T) { s.testConn(t, "127.0.0.1:0") })
	t.Run("TwoPaths", func(t *testing.T) { s.testConn(t, "127.0.0.1/127.0.0.2:0") })
	t.Run("PeelOff", s.testPeelOff)
	if !s.noBulk {
		t.Run("HTTP", s.testHTTP)
	}
}

// While SCTP uses more of the system's memory than it should, programs work, but for what is
// longer than the window: after a drop the kernel makes room for a chunk only by what lies
// beyond the gap (sctp_ulpq_renege), and where that is less it takes the chunk never, until the
// peer gives up. In TestPromise1WriteWaitsForTheSystemsMemory it may not use any more. It is
// the one parallel test at the top level, and so runs when all others have ended.
func TestSetupsMemoryPressure(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.NeedTestBed(t, "limits SCTP's memory")
	// The kernel counts by the megabyte: others must hold some first.
	const others = 16
	for range others {
		other, _ := sctptest.Pair(t)
		go func() {
			for {
				if _, err := other.Write(make([]byte, 1400)); err != nil {
					return
				}
			}
		}()
	}
	sctptest.AwaitParked(t, others)
	const name = "net/sctp/sctp_mem"
	old := sctptest.SystemSysctl(t, name, "0 0 100000")
	t.Cleanup(func() { sctptest.SystemSysctl(t, name, old) })
	(&setup{noBulk: true}).testPrograms(t)
	b, err := os.ReadFile("/proc/net/protocols")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^SCTP( +[-0-9]+){3} +yes `, string(b)) // size, sockets, memory, press
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
