package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// A lateEOF is a request's body of n bytes, whose end is read once the answer has begun.
type lateEOF struct {
	io.ReadCloser
	n       int
	answers <-chan struct{}
}

func (b *lateEOF) Read(p []byte) (int, error) {
	if b.n == 0 {
		<-b.answers
		return b.ReadCloser.Read(p)
	}
	n, err := b.ReadCloser.Read(p)
	if b.n -= n; err == io.EOF {
		err = nil
	}
	return n, err
}

// An errorBody tells the error with which reading a response's body ends.
type errorBody struct {
	io.ReadCloser
	ended func(err error)
}

func (b *errorBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.ended(err)
	}
	return n, err
}

// lateRead sends a request of a known length through a proxy, whose transport asks for the
// end of the request's body when the answer has begun. It returns the errors of sending the
// request on, and of reading the answer, at the proxy and at the client.
func lateRead(t *testing.T, over carrier, wrap func(http.Handler) http.Handler) []error {
	t.Helper()
	const sent = "request"
	answers, rest := make(chan struct{}), make(chan struct{})
	wrote, ended := make(chan error, 1), make(chan error, 1)
	c := &chain{}
	defer c.close()
	proxy := &httputil.ReverseProxy{
		Transport: c.serve(t, over, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.(http.Flusher).Flush()
			select {
			case <-rest:
				io.WriteString(w, "answer")
			case <-r.Context().Done():
			}
		})),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: sctptest.ServerName})
			r.Out.Body = &lateEOF{r.Out.Body, len(sent), answers}
			r.Out = r.Out.WithContext(httptrace.WithClientTrace(r.Out.Context(), &httptrace.ClientTrace{
				WroteRequest: func(info httptrace.WroteRequestInfo) { wrote <- info.Err },
			}))
		},
		ModifyResponse: func(r *http.Response) error {
			r.Body = &errorBody{r.Body, func(err error) { ended <- err }}
			return nil
		},
		FlushInterval: -1, // at once
		ErrorLog:      log.New(c, "", 0),
	}
	tr := c.serve(t, over, wrap(proxy))
	resp, err := (&http.Client{Transport: tr}).Post("http://"+sctptest.ServerName, "text/plain", strings.NewReader(sent))
	require.NoError(t, err)
	defer resp.Body.Close()
	close(answers)
	request := sctptest.Receive(t, wrote)
	if request == nil {
		close(rest)
	}
	b, client := io.ReadAll(resp.Body)
	if client == nil {
		require.Equal(t, "answer", string(b))
	}
	return []error{request, sctptest.Receive(t, ended), client}
}

// net/http closes the connection to the server behind a proxy, amid its answer, if the
// transport looks for the end of the request's body after the answer has begun: the proxy's
// server has closed that body then (golang/go#40747). It happens when the answer is faster
// than a goroutine, over TCP as over SCTP, and shows as "use of closed network connection".
// A proxy that enables full duplex is free of it.
func TestHTTPProxyReadsBodyAfterAnswer(t *testing.T) {
	sctptest.NeedKernel(t)
	check := sctptest.Leaks(t)
	kinds := func(errs []error) string {
		var s []string
		for _, err := range errs {
			kind := fmt.Sprint(err)
			for _, known := range []error{http.ErrBodyReadAfterClose, net.ErrClosed, io.EOF, io.ErrUnexpectedEOF} {
				if errors.Is(err, known) {
					kind = known.Error()
				}
			}
			s = append(s, kind)
		}
		return strings.Join(s, "; ")
	}
	asItIs := func(h http.Handler) http.Handler { return h }
	require.Equal(t, kinds(lateRead(t, overTCP, asItIs)), kinds(lateRead(t, overSCTP, asItIs)))
	for _, over := range []carrier{overTCP, overSCTP} {
		require.Equal(t, "<nil>; EOF; <nil>", kinds(lateRead(t, over, fullDuplex)))
	}
	check()
}
