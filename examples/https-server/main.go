// Https-server serves the files of a folder over HTTPS on SCTP, HTTP/2 included, with
// net/http as it is:
//
//	go run ./examples/https-server -listen 127.0.0.1/127.0.0.2:8443 -dir . -cert /tmp/cert.pem
//
// It makes its certificate when it starts. To fetch files, see https-client.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/netsctp/sctp"
)

func main() {
	listen := flag.String("listen", ":8443", "`address` for HTTPS; several IPs as in 10.0.0.1/10.1.0.1:8443")
	plain := flag.String("http", "", "`address` for plain HTTP, in addition")
	dir := flag.String("dir", ".", "`folder` to serve")
	certFile := flag.String("cert", "", "`file` to write the certificate to, for clients to trust")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("https-server: ")

	// To net/http, and what it prints and passes on, a client is one address.
	lc := &sctp.ListenConfig{SingleRemoteAddr: true}
	l, err := lc.Listen(context.Background(), "sctp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	cert, pem, err := selfSigned(l.Addr().(*sctp.Addr).IPs)
	if err != nil {
		log.Fatal(err)
	}
	if *certFile != "" {
		if err := os.WriteFile(*certFile, pem, 0o644); err != nil {
			log.Fatal(err)
		}
	}
	srv := &http.Server{
		Handler: logged(http.FileServer(http.Dir(*dir))),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{cert},
			NextProtos:   []string{"h2", "http/1.1"}, // or a Serve that comes first leaves HTTP/2 out
		},
		ConnState:         report,
		ReadHeaderTimeout: 10 * time.Second,
	}
	done := make(chan error)
	serve := func(l net.Listener, f func() error) {
		fmt.Println("listening on", l.Addr())
		go func() { done <- f() }()
	}
	serve(l, func() error { return srv.ServeTLS(l, "", "") })
	if *plain != "" {
		l, err := lc.Listen(context.Background(), "sctp", *plain)
		if err != nil {
			log.Fatal(err)
		}
		serve(l, func() error { return srv.Serve(l) })
	}

	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	select {
	case err = <-done:
	case <-interrupt:
		err = srv.Close()
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

// report prints who connects, with all paths of the association.
func report(c net.Conn, state http.ConnState) {
	if state != http.StateNew {
		return
	}
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	from := c.RemoteAddr()
	if paths, err := c.(*sctp.Conn).Options().PeerAddrs(); err == nil {
		from = paths
	}
	fmt.Println("connected", c.LocalAddr(), "from", from)
}

// logged prints each request before h serves it.
func logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.RemoteAddr, r.Proto, r.Method, r.URL)
		h.ServeHTTP(w, r)
	})
}
