// Package nethttp_test runs net/http, crypto/tls and io.Copy over SCTP: programs that
// must not notice. It is a package of its own because that takes long.
package nethttp_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// bodySize is the length of the large bodies, twenty times what the buffers of both ends hold.
const bodySize = 4 << 20

// stream returns n pseudo-random bytes, which nobody needs to hold in memory.
func stream(seed byte, n int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{seed}), n)
}

// sum returns the length and the checksum of what r reads.
func sum(r io.Reader) (string, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return fmt.Sprintf("%d bytes %x", n, h.Sum(nil)), err
}

// handler answers /down?seed=s&size=n with a stream, and /up with the sum of the body
// that it was sent.
func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/down", func(w http.ResponseWriter, r *http.Request) {
		seed, err1 := strconv.ParseUint(r.FormValue("seed"), 10, 8)
		size, err2 := strconv.ParseInt(r.FormValue("size"), 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		io.Copy(w, stream(byte(seed), size))
	})
	mux.HandleFunc("/up", func(w http.ResponseWriter, r *http.Request) {
		s, err := sum(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, s, " ", r.Proto, " ", r.RemoteAddr)
	})
	return mux
}

// serve runs an HTTP server on an SCTP listener, and returns it with a client whose
// every connection is an association with it.
func serve(t *testing.T, tlsToo bool) (*httptest.Server, *http.Client) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", "127.0.0.1/127.0.0.2:0")
	srv := httptest.NewUnstartedServer(handler())
	srv.Listener.Close()
	srv.Listener = l
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { // "tcp" and the URL's host
		return new(sctp.Dialer).DialContext(ctx, "sctp", l.Addr().String())
	}
	tr := &http.Transport{DialContext: dial}
	if tlsToo {
		var serverTLS *tls.Config
		serverTLS, tr.TLSClientConfig = sctptest.TLSConfigs()
		srv.TLS = serverTLS.Clone()
		srv.EnableHTTP2, tr.ForceAttemptHTTP2 = true, true
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	t.Cleanup(tr.CloseIdleConnections)
	return srv, &http.Client{Transport: tr}
}

// requireUpAndDown checks that bodies of n bytes arrive whole both ways.
func requireUpAndDown(client *http.Client, url, proto string, seed byte, n int64) error {
	want, err := sum(stream(seed, n))
	if err != nil {
		return err
	}
	resp, err := client.Get(fmt.Sprintf("%s/down?seed=%d&size=%d", url, seed, n))
	if err != nil {
		return err
	}
	got, err := sum(resp.Body)
	resp.Body.Close()
	if err != nil || got != want || resp.Proto != proto {
		return fmt.Errorf("down: got %s over %s, %v, want %s over %s", got, resp.Proto, err, want, proto)
	}
	resp, err = client.Post(url+"/up", "application/octet-stream", stream(seed, n))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.HasPrefix(string(text), want+" "+proto+" ") {
		return fmt.Errorf("up: got %s, %v, want %s over %s", text, err, want, proto)
	}
	return nil
}

func TestHTTP1(t *testing.T) {
	if !sctptest.Netns(t) { // lo with an MTU that SCTP is fast with
		return
	}
	_, client := serve(t, false)
	require.NoError(t, requireUpAndDown(client, "http://"+sctptest.ServerName, "HTTP/1.1", 1, bodySize))
}

func TestHTTP2(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	_, client := serve(t, true)
	require.NoError(t, requireUpAndDown(client, "https://"+sctptest.ServerName, "HTTP/2.0", 2, bodySize))
}

func TestHTTPConcurrent(t *testing.T) {
	for _, tlsToo := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS=%v", tlsToo), func(t *testing.T) {
			check := sctptest.Leaks(t)
			srv, client := serve(t, tlsToo)
			url, proto := "http://"+sctptest.ServerName, "HTTP/1.1"
			if tlsToo {
				url, proto = "https://"+sctptest.ServerName, "HTTP/2.0"
			}
			const clients = 8
			results := make(chan error, clients)
			for i := range clients {
				go func() {
					for j := range 3 {
						if err := requireUpAndDown(client, url, proto, byte(i), int64(1+100_000*j)); err != nil {
							results <- err
							return
						}
					}
					results <- nil
				}()
			}
			for range clients {
				require.NoError(t, sctptest.Receive(t, results))
			}
			client.CloseIdleConnections()
			srv.Close()
			check()
		})
	}
}

// A server on a Listener shuts down as on any other: idle connections at once, the one
// that is busy when it is done.
func TestHTTPServerShutdown(t *testing.T) {
	check := sctptest.Leaks(t)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	entered, proceed := make(chan struct{}), make(chan struct{})
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(entered)
			<-proceed
		}
		fmt.Fprint(w, "done")
	})}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(sctp.Dialer).DialContext(ctx, "sctp4", l.Addr().String())
	}}
	client := &http.Client{Transport: tr}
	get := func(path string) error {
		resp, err := client.Get("http://" + sctptest.ServerName + path)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err == nil && string(b) != "done" {
			err = fmt.Errorf("got %q", b)
		}
		return err
	}
	require.NoError(t, get("/")) // its connection is idle then
	slow := make(chan error, 1)
	go func() { slow <- get("/slow") }()
	<-entered
	shut := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
		defer cancel()
		shut <- srv.Shutdown(ctx)
	}()
	require.ErrorIs(t, sctptest.Receive(t, served), http.ErrServerClosed)
	_, err := sctp.Dial("sctp4", l.Addr().String())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	close(proceed)
	require.NoError(t, sctptest.Receive(t, slow))
	require.NoError(t, sctptest.Receive(t, shut))
	tr.CloseIdleConnections()
	sctptest.NoAssocs(t, l.Addr().(*sctp.Addr).Port)
	check()
}

// io.Copy both ways at once.
func TestConnCopyBothWays(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	client, server := sctptest.Pair(t)
	const n = bodySize / 4
	results := make(chan error, 4)
	for i, c := range []*sctp.Conn{client, server} {
		go func() {
			m, err := io.Copy(c, stream(byte(i), n))
			if err == nil && m != n {
				err = fmt.Errorf("wrote %d", m)
			}
			results <- err
		}()
		go func() {
			want, err := sum(stream(byte(1-i), n))
			if err != nil {
				results <- err
				return
			}
			// What the peer sends goes on until the end of the association.
			if got, err := sum(io.LimitReader(c, n)); err != nil || got != want {
				results <- fmt.Errorf("read %s, %v, want %s", got, err, want)
				return
			}
			results <- nil
		}()
	}
	for range 4 {
		require.NoError(t, sctptest.Receive(t, results))
	}
	require.NoError(t, client.Close())
	_, err := io.Copy(io.Discard, server)
	require.NoError(t, err)
}

// A server that answers 413 without reading the body is heard, over SCTP as over TCP.
// net/http's server looks for a method CloseWrite, to half-close before it drops a
// connection with unread input; SCTP's SHUTDOWN in its place would fail the upload, and
// the answer was lost now and then.
func TestHTTPEarlyAnswerToAnUpload(t *testing.T) {
	sctptest.NeedKernel(t)
	sctpListener := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	tcpListener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	for _, over := range []struct {
		name string
		l    net.Listener
		dial func(ctx context.Context, network, address string) (net.Conn, error)
		n    int // uploads
	}{
		{"TCP", tcpListener, new(net.Dialer).DialContext, 10},
		{"SCTP", sctpListener, func(ctx context.Context, _, address string) (net.Conn, error) {
			return new(sctp.Dialer).DialContext(ctx, "sctp4", address)
		}, 100},
	} {
		t.Run(over.name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				fmt.Fprint(w, "too large")
			}))
			srv.Listener.Close()
			srv.Listener = over.l
			srv.Start()
			t.Cleanup(srv.Close)
			tr := &http.Transport{DialContext: over.dial}
			t.Cleanup(tr.CloseIdleConnections)
			client := &http.Client{Transport: tr}
			for i := range over.n {
				resp, err := client.Post(srv.URL, "application/octet-stream", stream(1, 3<<20))
				require.NoError(t, err, "upload %d", i)
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				require.NoError(t, err, "upload %d", i)
				require.Equal(t, "413 too large", fmt.Sprint(resp.StatusCode, " ", string(body)), "upload %d", i)
			}
		})
	}
}
