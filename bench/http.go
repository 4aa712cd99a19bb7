//go:build linux

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// httpRequests get 1 KiB each, one after the other on one connection. With ishidawataru they
// hang: between two requests the server waits for input in the background, and ends that with
// a deadline, which there has no effect.
func httpRequests(scale int) (ms []measurement) {
	n := 1000 * scale
	for _, im := range nets {
		if im.name == ishidawataru {
			continue
		}
		ms = append(ms, measurement{
			row: result.Row{Case: "GET of 1 KiB", Impl: im.name, Unit: result.Rate},
			run: func() (float64, error) {
				d, err := requests(im.netImpl, n)
				return rate(n, d), err
			},
			times: 3,
		})
	}
	return ms
}

// requests makes n requests.
func requests(im netImpl, n int) (time.Duration, error) {
	l, err := im.listenNet("127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	body := make([]byte, 1<<10)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(body) })}
	go server.Serve(l)
	address := l.Addr().String()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return im.dialNet(address) }}
	client := &http.Client{Transport: transport}
	var d time.Duration
	for _, n := range []int{n / 10, n} { // the first warms up
		start := time.Now()
		for range n {
			r, err := client.Get("http://" + address)
			if err != nil {
				return 0, err
			}
			got, err := io.Copy(io.Discard, r.Body)
			r.Body.Close()
			if err != nil || got != int64(len(body)) {
				return 0, errors.Join(io.ErrUnexpectedEOF, err)
			}
		}
		d = time.Since(start)
	}
	transport.CloseIdleConnections()
	return d, server.Close()
}
