package sctp_test

import (
	"context"
	"errors"
	"log"
	"net"
	"time"

	"github.com/netsctp/sctp"
)

// A hub: one socket, one goroutine that reads, and the associations as they come and go.
func ExampleMultiConn() {
	lc := &sctp.ListenConfig{Events: []sctp.EventType{sctp.EventAssocChange}}
	m, err := lc.ListenMulti(context.Background(), "sctp", sctp.MustParseAddr("10.0.0.1/10.1.0.1:3868"))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	peers := map[sctp.AssocID]string{}
	for msg, err := range m.Messages(64 << 10) {
		var one *sctp.MessageError
		if errors.As(err, &one) {
			log.Print(err) // of one message or association: the others go on
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		ev, ok := msg.Event.(*sctp.AssocChange)
		if !ok {
			log.Printf("%s says %q", peers[msg.Info.Assoc], msg.Data)
			if _, err := m.WriteMsg(msg.Data, msg.Info.Reply()); err != nil {
				log.Print(err) // it has ended, or takes nothing
			}
			continue
		}
		switch ev.State {
		case sctp.AssocCommUp:
			peers[ev.Assoc] = msg.Addr.String()
		case sctp.AssocCommLost, sctp.AssocShutdownComp:
			delete(peers, ev.Assoc)
		}
	}
}

// A server that sees a net.PacketConn, as one of UDP does, with one case more: what concerns
// a single peer is an error of a read, too.
func ExampleListenPacket() {
	echo := func(pc net.PacketConn) error {
		b := make([]byte, 64<<10)
		for {
			n, addr, err := pc.ReadFrom(b)
			var one *sctp.MessageError
			if errors.As(err, &one) {
				log.Print(err)
				continue
			}
			if err != nil {
				return err
			}
			if err := pc.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
				return err
			}
			if _, err := pc.WriteTo(b[:n], addr); err != nil {
				log.Print(err) // it has ended, or takes nothing
			}
		}
	}
	pc, err := sctp.ListenPacket("sctp", ":3868")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(echo(pc))
}

// A client of many servers, which asks all of them at the same time over one socket.
func ExampleMultiConn_Connect() {
	ask := func(ctx context.Context, servers []*sctp.Addr, question []byte) error {
		lc := &sctp.ListenConfig{DialOnly: true}
		m, err := lc.ListenMulti(ctx, "sctp", nil)
		if err != nil {
			return err
		}
		defer m.Close()
		asked := make(chan bool)
		for _, server := range servers {
			go func() {
				id, err := m.Connect(ctx, server)
				if err == nil {
					_, err = m.WriteMsg(question, &sctp.SndInfo{Assoc: id})
				}
				if err != nil {
					log.Printf("%v: %v", server, err)
				}
				asked <- err == nil
			}()
		}
		answers := 0
		for range servers {
			if <-asked {
				answers++
			}
		}

		if deadline, ok := ctx.Deadline(); ok {
			if err := m.SetReadDeadline(deadline); err != nil {
				return err
			}
		}
		b := make([]byte, 0, 64<<10)
		for range answers {
			msg, err := m.ReadWhole(b, 64<<10)
			if err != nil {
				return err
			}
			log.Printf("%v: %s", msg.Addr, msg.Data)
			b = msg.Data[:0]
		}
		return m.Shutdown(ctx)
	}
	_ = ask
}

// News for everyone.
func ExampleMultiConn_WriteAll() {
	publish := func(m *sctp.MultiConn, news []byte) error {
		ids, err := m.Assocs()
		if err != nil {
			return err
		}
		log.Printf("to %d associations", len(ids))
		if err := m.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			return err
		}
		return m.WriteAll(news, &sctp.SndInfo{PPID: 46, Unordered: true})
	}
	_ = publish
}

// A long transfer gets a socket and a goroutine of its own, and holds up nobody.
func ExampleMultiConn_PeelOff() {
	transfer := func(m *sctp.MultiConn, id sctp.AssocID, write func(net.Conn) error) error {
		c, err := m.PeelOff(id)
		if err != nil {
			return err // EBUSY amid a message of which ReadMsg has returned a part
		}
		go func() {
			defer c.Close()
			if err := write(c); err != nil {
				log.Printf("association %d: %v", c.AssocID(), err)
			}
		}()
		return nil
	}
	_ = transfer
}

// The paths of one association that matters are watched; of the others nobody hears.
func ExampleMultiConn_SubscribeAssoc() {
	watch := func(m *sctp.MultiConn, id sctp.AssocID) (stop func() error, err error) {
		if err := m.SubscribeAssoc(id, sctp.EventPeerAddrChange); err != nil {
			return nil, err
		}
		return func() error { return m.UnsubscribeAssoc(id, sctp.EventPeerAddrChange) }, nil
	}
	_ = watch
}

// A server that is about to stop takes no new associations, and serves those that it has
// until they have ended.
func ExampleMultiConn_SetListening() {
	drain := func(m *sctp.MultiConn, serve func(sctp.Message)) error {
		if err := m.Subscribe(sctp.EventAssocChange); err != nil {
			return err
		}
		if err := m.SetListening(false); err != nil {
			return err
		}
		b := make([]byte, 0, 64<<10)
		for {
			ids, err := m.Assocs()
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				return m.Close()
			}
			msg, err := m.ReadWhole(b, 64<<10) // a message, or an AssocChange: look again
			var one *sctp.MessageError
			if errors.As(err, &one) {
				log.Print(err)
				continue
			}
			if err != nil {
				return err
			}
			if msg.Event == nil {
				serve(msg)
				b = msg.Data[:0]
			}
		}
	}
	_ = drain
}

// Associations that say nothing for a minute are shut down by the kernel.
func ExampleOptions_SetAutoClose() {
	m, err := sctp.ListenMulti("sctp", &sctp.Addr{Port: 3868})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	if err := m.Options().SetAutoClose(time.Minute); err != nil {
		log.Fatal(err)
	}
	idle, err := m.Options().AutoClose()
	if err != nil {
		log.Fatal(err)
	}
	log.Print("idle associations end after ", idle)
}
