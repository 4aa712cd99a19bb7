package sctp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/netsctp/sctp"
)

// greeter is any server with a Serve method that takes a net.Listener, such as a
// grpc.Server, whose client takes a dialer with grpc.WithContextDialer.
type greeter struct{}

func (greeter) Serve(l net.Listener) error {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
				log.Print(err)
				return
			}
			if _, err := io.WriteString(c, "hello\n"); err != nil {
				log.Print(err)
			}
		}()
	}
}

// A server that knows net.Listener only.
func ExampleListener() {
	l, err := sctp.Listen("sctp", "10.0.0.1/10.1.0.1:7777")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(greeter{}.Serve(l))
}

// net/http with the addresses of its clients: RemoteAddr is one, and the association has all.
func ExampleListenConfig_singleRemoteAddr() {
	type pathsKey struct{}
	lc := &sctp.ListenConfig{SingleRemoteAddr: true}
	l, err := lc.Listen(context.Background(), "sctp", "10.0.0.1/10.1.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if t, ok := c.(*tls.Conn); ok {
				c = t.NetConn()
			}
			paths, err := c.(*sctp.Conn).Options().PeerAddrs()
			if err != nil {
				log.Print(err) // it has ended
				return ctx
			}
			return context.WithValue(ctx, pathsKey{}, paths)
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			log.Print(r.RemoteAddr, " of ", r.Context().Value(pathsKey{}))
		}),
	}
	log.Fatal(srv.Serve(l))
}

// A server that looks every second whether it is to stop.
func ExampleListener_SetDeadline() {
	serve := func(ctx context.Context, l *sctp.Listener, handle func(*sctp.Conn)) error {
		defer l.Close()
		for ctx.Err() == nil {
			if err := l.SetDeadline(time.Now().Add(time.Second)); err != nil {
				return err
			}
			c, err := l.AcceptSCTP()
			if errors.Is(err, os.ErrDeadlineExceeded) {
				continue
			}
			if err != nil {
				return err
			}
			go handle(c)
		}
		return ctx.Err()
	}
	_ = serve
}

// A socket that systemd has opened (SocketProtocol=sctp in its unit).
func ExampleFileListener() {
	f := os.NewFile(3, "from systemd")
	l, err := sctp.FileListener(f)
	if err != nil {
		log.Fatal(err)
	}
	f.Close()
	log.Fatal(greeter{}.Serve(l))
}

// What is accepted has its events from the start if the listener was subscribed before.
func ExampleListener_Subscribe() {
	l, err := sctp.ListenSCTP("sctp", &sctp.Addr{Port: 3868})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	if err := l.Subscribe(sctp.EventAssocChange, sctp.EventPeerAddrChange); err != nil {
		log.Fatal(err)
	}
	first, err := l.AcceptSCTP()
	if err != nil {
		log.Fatal(err)
	}
	defer first.Close()
	if err := l.Unsubscribe(sctp.EventPeerAddrChange); err != nil {
		log.Fatal(err)
	}
	log.Print("the first shows ", first.Events(), ", later ones ", l.Events())
}

// While it is debugged an association shows all that the kernel tells, and afterwards what
// it showed before. A Listener, for what it accepts, and a MultiConn have the same methods.
func ExampleConn_SetEvents() {
	type subscriber interface {
		Events() []sctp.EventType
		SetEvents(types ...sctp.EventType) error
	}
	debug := func(c subscriber) (stop func() error, err error) {
		before := c.Events()
		if err := c.SetEvents(sctp.AllEvents()...); err != nil {
			return nil, err // EINVAL: the kernel knows fewer
		}
		return func() error { return c.SetEvents(before...) }, nil
	}
	_ = debug
}
