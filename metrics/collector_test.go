package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/metrics"
)

// serve returns the address of a text endpoint of c.
func serve(t *testing.T, c *metrics.Collector) (url string) {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	require.NoError(t, r.Register(c))
	srv := httptest.NewServer(promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// get returns the text of an endpoint.
func get(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", text)
	return text
}

// scrape returns the values of an endpoint by name and labels, as in
//
//	sctp_paths{local="127.0.0.1:9",path="127.0.0.2",peer="127.0.0.2",state="active"}
func scrape(t *testing.T, url string) map[string]float64 {
	t.Helper()
	families, err := new(expfmt.TextParser).TextToMetricFamilies(bytes.NewReader(get(t, url)))
	require.NoError(t, err)
	values := map[string]float64{}
	for name, family := range families {
		for _, m := range family.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			slices.Sort(labels)
			v := m.GetGauge().GetValue()
			if m.Counter != nil {
				v = m.Counter.GetValue()
			}
			values[name+"{"+strings.Join(labels, ",")+"}"] = v
		}
	}
	return values
}

// key returns the name of a value in what scrape returns; labels are in order.
func key(name string, labels ...string) string {
	var pairs []string
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, fmt.Sprintf("%s=%q", labels[i], labels[i+1]))
	}
	return name + "{" + strings.Join(pairs, ",") + "}"
}

// sums returns the values of a name, summed up by the value of a label.
func sums(values map[string]float64, name, label string) map[string]float64 {
	sum := map[string]float64{}
	of := regexp.MustCompile(`[{,]` + label + `="([^"]*)"`)
	for k, v := range values {
		if m := of.FindStringSubmatch(k); strings.HasPrefix(k, name+"{") && m != nil {
			sum[m[1]] += v
		}
	}
	return sum
}

// exchange sends n messages from one end to the other.
func exchange(t *testing.T, from, to *sctp.Conn, n int) {
	t.Helper()
	for range n {
		_, err := from.WriteMsg([]byte("hello"), nil)
		require.NoError(t, err)
		_, err = to.ReadMsg(make([]byte, 16))
		require.NoError(t, err)
	}
}

// The associations of a listener, of two paths each, and what remains when one has ended.
func TestCollectorListener(t *testing.T) {
	c := &metrics.Collector{}
	url := serve(t, c)
	require.Empty(t, scrape(t, url))
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1/127.0.0.2:0")
	wrapped := c.Listener(l)
	require.Equal(t, l.Addr(), wrapped.Addr())
	d := sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs("127.0.0.1", "127.0.0.2")...)}
	var clients, servers []*sctp.Conn
	for range 2 {
		accepted := make(chan net.Conn, 1)
		go func() {
			if nc, err := wrapped.Accept(); err == nil {
				accepted <- nc
			}
		}()
		nc, err := d.Dial("sctp4", l.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { nc.(*sctp.Conn).Abort() })
		clients = append(clients, nc.(*sctp.Conn))
		server := sctptest.Receive(t, accepted).(*sctp.Conn)
		t.Cleanup(func() { server.Abort() })
		servers = append(servers, server)
	}
	exchange(t, clients[0], servers[0], 3)
	exchange(t, servers[0], clients[0], 2)
	exchange(t, clients[1], servers[1], 5)

	local, peer := l.Addr().String(), "127.0.0.1/127.0.0.2"
	ends := func(more ...string) []string { return append([]string{"local", local, "peer", peer}, more...) }
	onPath := func(path string, more ...string) []string {
		return append([]string{"local", local, "path", path, "peer", peer}, more...)
	}
	v := scrape(t, url)
	require.Equal(t, 2.0, v[key("sctp_associations", ends("state", "established")...)])
	require.Equal(t, 0.0, v[key("sctp_associations", ends("state", "shutdown pending")...)])
	require.Equal(t, 2.0, v[key("sctp_associations_begun_total", ends()...)])
	require.Equal(t, 8.0, v[key("sctp_ordered_chunks_received_total", ends()...)])
	require.Equal(t, 2.0, v[key("sctp_ordered_chunks_sent_total", ends()...)])
	require.Equal(t, 0.0, v[key("sctp_unordered_chunks_sent_total", ends()...)])
	require.Equal(t, 0.0, v[key("sctp_retransmitted_chunks_total", ends()...)])
	require.Positive(t, v[key("sctp_packets_sent_total", ends()...)])
	require.Positive(t, v[key("sctp_packets_received_total", ends()...)])
	require.Positive(t, v[key("sctp_sacks_sent_total", ends()...)])
	require.Positive(t, v[key("sctp_control_chunks_received_total", ends()...)])
	require.Positive(t, v[key("sctp_peer_window_bytes", ends()...)])
	require.Positive(t, v[key("sctp_fragmentation_point_bytes", ends()...)])
	require.Equal(t, 10.0, v[key("sctp_streams", "direction", "out", "local", local, "peer", peer)])
	primary := 0.0
	for _, path := range []string{"127.0.0.1", "127.0.0.2"} {
		states := v[key("sctp_paths", onPath(path, "state", "active")...)] + v[key("sctp_paths", onPath(path, "state", "unconfirmed")...)]
		require.Equal(t, 2.0, states, path)
		require.Equal(t, 0.0, v[key("sctp_paths", onPath(path, "state", "inactive")...)])
		primary += v[key("sctp_path_primary", onPath(path)...)]
		require.Positive(t, v[key("sctp_path_rto_seconds", onPath(path)...)])
		require.Less(t, v[key("sctp_path_rto_seconds", onPath(path)...)], 61.0)
		require.Positive(t, v[key("sctp_path_congestion_window_bytes", onPath(path)...)])
		require.Positive(t, v[key("sctp_path_mtu_bytes", onPath(path)...)])
	}
	require.Equal(t, 2.0, primary)
	before := v[key("sctp_packets_sent_total", ends()...)]

	// One ends, and then the other: the sums stay.
	require.NoError(t, clients[1].Abort())
	sctptest.AwaitEnd(t, servers[1])
	v = scrape(t, url)
	require.Equal(t, 1.0, v[key("sctp_associations", ends("state", "established")...)])
	require.Equal(t, 8.0, v[key("sctp_ordered_chunks_received_total", ends()...)])
	require.NoError(t, servers[0].Abort())
	v = scrape(t, url)
	require.Equal(t, 0.0, v[key("sctp_associations", ends("state", "established")...)])
	require.Equal(t, 2.0, v[key("sctp_associations_begun_total", ends()...)])
	require.Equal(t, 8.0, v[key("sctp_ordered_chunks_received_total", ends()...)])
	require.GreaterOrEqual(t, v[key("sctp_packets_sent_total", ends()...)], before)
	require.NotContains(t, v, key("sctp_peer_window_bytes", ends()...))
	require.Empty(t, sums(v, "sctp_paths", "path"))
	require.Zero(t, c.Tracked())
}

// A client's label peer has the port, and local has none.
func TestCollectorAddDialed(t *testing.T) {
	c := &metrics.Collector{}
	client, server := sctptest.Pair(t)
	c.AddDialed(client)
	c.Add(server)
	v := scrape(t, serve(t, c))
	port := server.LocalAddr().String()
	require.Equal(t, 1.0, v[key("sctp_associations", "local", "127.0.0.1", "peer", port, "state", "established")])
	require.Equal(t, 1.0, v[key("sctp_associations", "local", port, "peer", "127.0.0.1", "state", "established")])
}

func TestCollectorMultiConn(t *testing.T) {
	c := &metrics.Collector{}
	url := serve(t, c)
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	c.AddMulti(m)
	var clients []*sctp.Conn
	for _, ip := range []string{"127.0.0.3", "127.0.0.4"} {
		client, err := sctp.DialSCTP("sctp4", sctp.AddrFrom(0, sctptest.IPs(ip)...), m.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		t.Cleanup(func() { client.Abort() })
		_, err = client.WriteMsg([]byte("hello"), nil)
		require.NoError(t, err)
		_, _, err = m.ReadFrom(make([]byte, 16))
		require.NoError(t, err)
		clients = append(clients, client)
	}
	local := m.LocalAddr().String()
	v := scrape(t, url)
	require.Equal(t, map[string]float64{"127.0.0.3": 1, "127.0.0.4": 1}, sums(v, "sctp_associations", "peer"))
	require.Equal(t, map[string]float64{"127.0.0.3": 1, "127.0.0.4": 1}, sums(v, "sctp_ordered_chunks_received_total", "peer"))
	require.Equal(t, 1.0, v[key("sctp_paths", "local", local, "path", "127.0.0.4", "peer", "127.0.0.4", "state", "active")])

	require.NoError(t, clients[0].Abort())
	sctptest.Eventually(t, func() bool {
		ids, err := m.Assocs()
		return err == nil && len(ids) == 1
	}, "one association")
	v = scrape(t, url)
	require.Equal(t, map[string]float64{"127.0.0.3": 0, "127.0.0.4": 1}, sums(v, "sctp_associations", "peer"))
	require.NoError(t, m.Close())
	v = scrape(t, url)
	require.Equal(t, map[string]float64{"127.0.0.3": 0, "127.0.0.4": 0}, sums(v, "sctp_associations", "peer"))
	require.Equal(t, map[string]float64{"127.0.0.3": 1, "127.0.0.4": 1}, sums(v, "sctp_ordered_chunks_received_total", "peer"))
}

// from returns the two ends of an association with l that comes from an address.
func from(t *testing.T, l *sctp.Listener, ips ...string) (client, server *sctp.Conn) {
	t.Helper()
	return sctptest.Connect(t, sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs(ips...)...)}, l)
}

// There are never more series than the fields say, and those of peers that are gone make
// room.
func TestCollectorBounds(t *testing.T) {
	c := &metrics.Collector{MaxPeers: 2, MaxPaths: 2}
	url := serve(t, c)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	var clients []*sctp.Conn
	for _, ip := range []string{"127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"} {
		client, server := from(t, l, ip)
		c.Add(server)
		clients = append(clients, client)
		exchange(t, client, server, 1)
		if ip == "127.0.0.3" {
			continue
		}
		t.Cleanup(func() { server.Abort() })
	}
	v := scrape(t, url)
	require.Equal(t, map[string]float64{"127.0.0.3": 1, "127.0.0.4": 1, "other": 2}, sums(v, "sctp_associations", "peer"))
	require.Equal(t, map[string]float64{"127.0.0.3": 1, "127.0.0.4": 1, "other": 2}, sums(v, "sctp_paths", "path"))
	require.Equal(t, 2.0, sums(v, "sctp_ordered_chunks_received_total", "peer")["other"])

	// The first ends, and a new peer comes, with three paths.
	require.NoError(t, clients[0].Abort())
	sctptest.Eventually(t, func() bool { return sums(scrape(t, url), "sctp_associations", "peer")["127.0.0.3"] == 0 }, "the end")
	_, server := from(t, l, "127.0.0.7", "127.0.0.8", "127.0.0.9")
	c.Add(server)
	v = scrape(t, url)
	require.Equal(t, map[string]float64{"127.0.0.7/127.0.0.8": 1, "127.0.0.4": 1, "other": 2}, sums(v, "sctp_associations", "peer"))
	for k := range v {
		if strings.HasPrefix(k, "sctp_paths{") && !strings.Contains(k, `peer="127.0.0.7/127.0.0.8"`) {
			delete(v, k)
		}
	}
	paths := sums(v, "sctp_paths", "path")
	require.Len(t, paths, 3)
	require.Equal(t, 1.0, paths["other"])
}

// Ended Conns are forgotten also where nobody scrapes.
func TestCollectorForgetsUnscraped(t *testing.T) {
	c := &metrics.Collector{}
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	for range 600 {
		client, server := from(t, l, "127.0.0.1")
		c.Add(server)
		require.NoError(t, client.Abort())
		require.NoError(t, server.Abort())
		require.LessOrEqual(t, c.Tracked(), 256)
	}
	v := scrape(t, serve(t, c))
	require.Equal(t, map[string]float64{"127.0.0.1": 600}, sums(v, "sctp_associations_begun_total", "peer"))
	require.Zero(t, c.Tracked())
}

// Scrapes, new associations and their ends at the same time; for the race detector.
func TestCollectorConcurrent(t *testing.T) {
	c := &metrics.Collector{}
	url := serve(t, c)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	go func() {
		for {
			nc, err := c.Listener(l).Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(io.Discard, nc)
				nc.Close()
			}()
		}
	}()
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			for range 25 {
				nc, err := sctp.Dial("sctp4", l.Addr().String())
				if err == nil {
					_, err = nc.Write([]byte("hello"))
				}
				if err == nil {
					err = nc.(*sctp.Conn).Shutdown(context.Background())
				}
				if err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range cap(errs) {
		scrape(t, url)
		require.NoError(t, sctptest.Receive(t, errs))
	}
	sctptest.Eventually(t, func() bool { return sums(scrape(t, url), "sctp_associations", "peer")["127.0.0.1"] == 0 }, "all ends")
	require.Equal(t, 100.0, sums(scrape(t, url), "sctp_associations_begun_total", "peer")["127.0.0.1"])
}

// Every metric has a row in docs/metrics.md, and each row is one; their names are as
// Prometheus wants them.
func TestCollectorDocs(t *testing.T) {
	c := &metrics.Collector{}
	descs := make(chan *prometheus.Desc, 100)
	c.Describe(descs)
	close(descs)
	names := map[string]bool{}
	for d := range descs {
		names[regexp.MustCompile(`fqName: "(\w+)"`).FindStringSubmatch(d.String())[1]] = true
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "metrics.md"))
	if os.IsNotExist(err) {
		t.Skip("docs/metrics.md is not in the module: run the test in the repository")
	}
	require.NoError(t, err)
	rows := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(sctp_\\w+)`").FindAllSubmatch(page, -1) {
		rows[string(m[1])] = true
	}
	require.Equal(t, slices.Sorted(maps.Keys(names)), slices.Sorted(maps.Keys(rows)))
	for _, m := range regexp.MustCompile(`\bsctp_\w+`).FindAll(page, -1) {
		require.Contains(t, names, string(m))
	}

	_, server := sctptest.Pair(t)
	c.Add(server)
	problems, err := promlint.New(bytes.NewReader(get(t, serve(t, c)))).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
}
