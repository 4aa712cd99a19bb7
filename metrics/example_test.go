package metrics_test

import (
	"crypto/tls"
	"log"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/metrics"
)

// A web server over SCTP, whose metrics are fetched over TCP.
func Example() {
	c := &metrics.Collector{}
	prometheus.MustRegister(c)
	go func() { log.Fatal(http.ListenAndServe("127.0.0.1:9090", promhttp.Handler())) }()

	l, err := sctp.Listen("sctp", "10.0.0.1/10.1.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(c.Listener(l), nil))
}

// Under TLS, the listener of SCTP is the one to wrap.
func ExampleCollector_Listener() {
	c := &metrics.Collector{MaxPeers: 100}
	l, err := sctp.Listen("sctp", ":8443")
	if err != nil {
		log.Fatal(err)
	}
	cert, err := tls.LoadX509KeyPair("cert.pem", "key.pem")
	if err != nil {
		log.Fatal(err)
	}
	secure := tls.NewListener(c.Listener(l), &tls.Config{Certificates: []tls.Certificate{cert}})
	log.Fatal(http.Serve(secure, nil))
}

// A client, and a second server of the same program: the label server tells them apart.
func ExampleCollector_AddDialed() {
	c := &metrics.Collector{}
	prometheus.WrapRegistererWith(prometheus.Labels{"server": "upstream"}, prometheus.DefaultRegisterer).MustRegister(c)
	conn, err := sctp.DialSCTP("sctp", nil, sctp.MustParseAddr("10.0.0.9/10.1.0.9:3868"))
	if err != nil {
		log.Fatal(err)
	}
	c.AddDialed(conn)
}
