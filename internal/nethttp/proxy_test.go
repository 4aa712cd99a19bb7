package nethttp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A carrier is what a hop of a chain of proxies goes over.
type carrier struct {
	listen func() (net.Listener, error)
	dial   func(ctx context.Context, address string) (net.Conn, error)
}

var (
	overSCTP = carrier{
		func() (net.Listener, error) { return sctp.Listen("sctp4", "127.0.0.1:0") },
		func(ctx context.Context, address string) (net.Conn, error) {
			return new(sctp.Dialer).DialContext(ctx, "sctp4", address)
		},
	}
	overTCP = carrier{
		func() (net.Listener, error) { return net.Listen("tcp4", "127.0.0.1:0") },
		func(ctx context.Context, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp4", address)
		},
	}
)

// A chain is an HTTP server behind proxies, and the client in front of them.
type chain struct {
	client *http.Client
	closes []func()

	mu   sync.Mutex
	logs bytes.Buffer // what servers and proxies complain of
}

func (c *chain) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.logs.Write(b)
}

// complaints returns what servers and proxies have logged.
func (c *chain) complaints() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.logs.String()
}

// serve runs h on a listener of the carrier's, and returns a transport that leads there.
func (c *chain) serve(t *testing.T, over carrier, h http.Handler) *http.Transport {
	t.Helper()
	l, err := over.listen()
	require.NoError(t, err)
	srv := &http.Server{Handler: h, ErrorLog: log.New(c, "", 0)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	tr := &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return over.dial(ctx, l.Addr().String()) },
		MaxIdleConnsPerHost: 4, // fewer than clients
	}
	c.closes = append(c.closes, func() {
		tr.CloseIdleConnections()
		require.NoError(t, srv.Close())
		require.ErrorIs(t, sctptest.Receive(t, served), http.ErrServerClosed)
	})
	return tr
}

// newChain returns a chain whose hops go over the carriers, the client's first.
func newChain(t *testing.T, h http.Handler, hops ...carrier) *chain {
	t.Helper()
	c := &chain{}
	for i := len(hops) - 1; i > 0; i-- {
		proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: sctptest.ServerName})
		proxy.ErrorLog = log.New(c, fmt.Sprintf("proxy %d: ", i), 0)
		proxy.Transport = c.serve(t, hops[i], h)
		h = fullDuplex(proxy)
	}
	c.client = &http.Client{Transport: c.serve(t, hops[0], h)}
	return c
}

// fullDuplex returns h as a handler whose requests' bodies can be read after the answer has
// begun; see TestHTTPProxyReadsBodyAfterAnswer.
func fullDuplex(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// close ends the chain from its client on.
func (c *chain) close() {
	for i := len(c.closes) - 1; i >= 0; i-- {
		c.closes[i]()
	}
}

// echoHandler answers a request with its body: with a length, in chunks, and closing the
// connection, as the query says.
func echoHandler(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.FormValue("close") != "" {
		w.Header().Set("Connection", "close")
	}
	if r.FormValue("chunked") == "" {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Write(body)
		return
	}
	for part := range slices.Chunk(body, 1+len(body)/4) {
		w.Write(part)
		w.(http.Flusher).Flush()
	}
}

// requireEcho sends a request of a random kind, with a body of up to limit bytes, and
// checks that it comes back.
func (c *chain) requireEcho(r *rand.Rand, limit int) error {
	if r.IntN(10) > 0 {
		limit /= 50 // most are of a packet or two
	}
	body, err := io.ReadAll(stream(byte(r.Uint32()), int64(1+r.IntN(limit))))
	if err != nil {
		return err
	}
	query, closes := "", r.IntN(4) == 0
	if r.IntN(2) == 0 {
		query += "&chunked=1"
	}
	if r.IntN(6) == 0 {
		query += "&close=1"
	}
	var send io.Reader = bytes.NewReader(body)
	if r.IntN(2) == 0 {
		send = io.MultiReader(send) // no known length: in chunks
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+sctptest.ServerName+"/?"+query, send)
	if err != nil {
		return err
	}
	req.Close = closes
	kind := fmt.Sprintf("%d bytes, length %d, close %v, %q", len(body), req.ContentLength, closes, query)
	resp, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	got, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return fmt.Errorf("%s: status %d, %d bytes: %w", kind, resp.StatusCode, len(got), err)
	}
	if resp.StatusCode != http.StatusOK || !bytes.Equal(got, body) {
		return fmt.Errorf("%s: status %d, %d bytes %q", kind, resp.StatusCode, len(got), got[:min(len(got), 100)])
	}
	return nil
}

// Requests go through two proxies, over SCTP, TCP and SCTP again, with bodies both ways,
// in chunks and with a length, on connections that are kept and on others. All come back,
// and no proxy has anything to complain of.
func TestHTTPProxyChain(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	const rounds, clients, each = 4, 6, 5
	check := sctptest.Leaks(t)
	for round := range rounds {
		hops := []carrier{overSCTP, overTCP, overSCTP}
		if round%2 == 1 {
			hops = []carrier{overSCTP, overTCP}
		}
		c := newChain(t, http.HandlerFunc(echoHandler), hops...)
		results := make(chan error, clients)
		for i := range clients {
			r := rand.New(rand.NewPCG(rand.Uint64(), uint64(i)))
			go func() {
				for range each {
					if err := c.requireEcho(r, 100_000); err != nil {
						results <- err
						return
					}
				}
				results <- nil
			}()
		}
		for range clients {
			if err := sctptest.Receive(t, results); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		c.close()
		require.Empty(t, c.complaints())
		if t.Failed() {
			return
		}
	}
	check()
}
