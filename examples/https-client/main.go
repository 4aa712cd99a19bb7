// Https-client fetches URLs over SCTP and prints their sizes and SHA-256 sums:
//
//	go run ./examples/https-client -cert /tmp/cert.pem https://127.0.0.1:8443/README.md
//
// A server for it is https-server.
package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/netsctp/sctp"
)

func main() {
	peer := flag.String("peer", "", "`address` to connect to in place of each URL's; several paths as in 10.0.0.1/10.1.0.1:8443")
	certFile := flag.String("cert", "", "`file` with the certificate to trust, in place of the system's")
	timeout := flag.Duration("timeout", 5*time.Minute, "limit for each URL")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("https-client: ")

	dialer := &sctp.Dialer{Timeout: 10 * time.Second}
	transport := &http.Transport{
		// net/http says "tcp", so the network is put in here.
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			if *peer != "" {
				address = *peer
			}
			c, err := dialer.DialContext(ctx, "sctp", address)
			if err == nil {
				fmt.Println("connected", c.LocalAddr(), "to", c.RemoteAddr())
			}
			return c, err
		},
		TLSClientConfig:   &tls.Config{},
		ForceAttemptHTTP2: true, // a DialContext of one's own switches it off
	}
	if *certFile != "" {
		pem, err := os.ReadFile(*certFile)
		if err != nil {
			log.Fatal(err)
		}
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			log.Fatal(*certFile, " holds no certificate")
		}
	}
	client := &http.Client{Transport: transport, Timeout: *timeout}
	for _, url := range flag.Args() {
		if err := fetch(client, url); err != nil {
			log.Fatal(err)
		}
	}
	client.CloseIdleConnections()
}

// fetch gets url and prints a line on it.
func fetch(client *http.Client, url string) error {
	start := time.Now()
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	sum := sha256.New()
	n, err := io.Copy(sum, resp.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	fmt.Printf("%x %s %d bytes in %v %s\n", sum.Sum(nil), resp.Proto, n, time.Since(start).Round(time.Millisecond), url)
	return nil
}
