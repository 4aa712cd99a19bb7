package sctp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// HTTP over a listener with two paths.
func ExampleListen() {
	l, err := sctp.Listen("sctp", "10.0.0.1/10.1.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(l, http.FileServer(http.Dir("."))))
}

// To net/http a client is one address, "host:port", however many it has: in
// Request.RemoteAddr, and in the X-Forwarded-For of a proxy.
func ExampleListenConfig_Listen() {
	lc := &sctp.ListenConfig{SingleRemoteAddr: true}
	l, err := lc.Listen(context.Background(), "sctp", "10.0.0.1/10.1.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	office := netip.MustParsePrefix("2001:db8::/32")
	log.Fatal(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !office.Contains(client.Addr()) {
			http.Error(w, "not from here", http.StatusForbidden)
		}
	})))
}

// An HTTP client needs a function that replaces the network, which net/http calls
// "tcp".
func ExampleDialer_DialContext() {
	d := &sctp.Dialer{Timeout: 5 * time.Second}
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return d.DialContext(ctx, "sctp", address)
		},
	}}
	resp, err := client.Get("http://server.example:8080/")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

// NGAP wants its streams, its PPID and short timers.
func ExampleDialer_Dial() {
	d := &sctp.Dialer{
		Timeout: 5 * time.Second,
		InitMsg: sctp.InitMsg{OutStreams: 2, MaxInStreams: 2, MaxAttempts: 3, MaxTimeout: time.Second},
		Control: func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			return errors.Join(
				o.SetRTOInfo(sctp.RTOInfo{Initial: 500 * time.Millisecond, Min: 100 * time.Millisecond}),
				o.SetDefaultSndInfo(sctp.DefaultSndInfo{PPID: 60}),
			)
		},
	}
	c, err := d.Dial("sctp4", "amf.example:38412")
	if errors.Is(err, syscall.ECONNREFUSED) {
		log.Fatal("no AMF: ", err)
	}
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	st, err := c.(*sctp.Conn).Options().Status()
	if err != nil || st.OutStreams < 2 {
		log.Fatalf("want 2 streams, have %d: %v", st.OutStreams, err)
	}
}

// An echo server that keeps stream and PPID.
func ExampleConn_ReadMsg() {
	echo := func(c *sctp.Conn) error {
		defer c.Close()
		b := make([]byte, 64<<10)
		for {
			m, err := c.ReadMsg(b)
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if !m.EOR {
				return errors.New("message too long")
			}
			info := &sctp.SndInfo{Stream: m.Info.Stream, PPID: m.Info.PPID}
			if _, err := c.WriteMsg(m.Data, info); err != nil {
				return err
			}
		}
	}
	l, err := sctp.ListenSCTP("sctp", &sctp.Addr{Port: 3868})
	if err != nil {
		log.Fatal(err)
	}
	for {
		c, err := l.AcceptSCTP()
		if err != nil {
			log.Fatal(err)
		}
		go echo(c)
	}
}

// Messages and events in their order, and how the association ended.
func ExampleConn_Messages() {
	d := &sctp.Dialer{Events: []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown}}
	nc, err := d.Dial("sctp", "10.0.0.1/10.1.0.1:3868")
	if err != nil {
		log.Fatal(err)
	}
	c := nc.(*sctp.Conn)
	defer c.Close()
	for m, err := range c.Messages(64 << 10) {
		var one *sctp.MessageError
		if errors.As(err, &one) {
			log.Print(err) // of one message: the others go on
			continue
		}
		var lost *sctp.AssocError
		if errors.As(err, &lost) {
			log.Fatalf("%v: %v %q", lost.State, lost.Cause, lost.Reason)
		}
		if err != nil {
			log.Fatal(err)
		}
		switch ev := m.Event.(type) {
		case nil:
			fmt.Printf("stream %d, PPID %d: %q\n", m.Info.Stream, m.Info.PPID, m.Data)
		case *sctp.AssocChange:
			fmt.Println(ev.State, ev.InStreams, ev.OutStreams)
		case *sctp.Shutdown:
			fmt.Println("the peer shuts down")
		}
	}
}
