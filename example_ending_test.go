package sctp_test

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// A program that must know that all has arrived. Close would do for one that need not.
func ExampleConn_Shutdown() {
	send := func(ctx context.Context, address string, report []byte) error {
		d := &sctp.Dialer{}
		nc, err := d.DialContext(ctx, "sctp", address)
		if err != nil {
			return err
		}
		c := nc.(*sctp.Conn)
		defer c.Abort() // does nothing after Shutdown
		if _, err := c.Write(report); err != nil {
			return err
		}
		return c.Shutdown(ctx) // nil: the peer's kernel has it
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := send(ctx, "10.0.0.1/10.1.0.1:3868", []byte("report")); err != nil {
		log.Fatal(err)
	}
}

// Whoever has said all, and wants the answers that are under way, begins the end and reads on.
func ExampleConn_StartShutdown() {
	finish := func(c *sctp.Conn) error {
		defer c.Close()
		if err := c.StartShutdown(); err != nil {
			return err
		}
		if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		for m, err := range c.Messages(64 << 10) {
			if err != nil {
				return err
			}
			log.Printf("%s", m.Data)
		}
		return nil // io.EOF: both directions have ended
	}
	_ = finish
}

// A peer that breaks the protocol gets an ABORT, and no memory is spent on it any more.
func ExampleConn_Abort() {
	check := func(c *sctp.Conn, m sctp.Message) error {
		if m.Info.PPID == 60 {
			return nil
		}
		return errors.Join(errors.New("not NGAP"), c.Abort())
	}
	_ = check
}

// Why a read has failed.
func ExampleAssocError() {
	explain := func(err error) string {
		var lost *sctp.AssocError
		switch {
		case err == io.EOF:
			return "the peer has shut down"
		case errors.Is(err, os.ErrDeadlineExceeded):
			return "nothing came in time; the association is there"
		case errors.Is(err, syscall.ETIMEDOUT):
			return "the peer does not answer any more"
		case errors.As(err, &lost) && lost.Cause == sctp.CauseUserAbort:
			return "the peer's program has aborted: " + string(lost.Reason)
		case errors.As(err, &lost):
			return lost.State.String() + ": " + lost.Cause.Explanation()
		}
		return err.Error()
	}
	_ = explain
}

// One of the associations of a socket ends in good order, and the others go on.
func ExampleMultiConn_ShutdownAssoc() {
	dismiss := func(m *sctp.MultiConn, id sctp.AssocID) error {
		if _, err := m.WriteMsg([]byte("bye"), &sctp.SndInfo{Assoc: id}); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return m.ShutdownAssoc(ctx, id) // aborts it if ctx ends first
	}
	_ = dismiss
}

// The same without waiting, for a program that reads events anyway.
func ExampleMultiConn_StartShutdown() {
	serve := func(m *sctp.MultiConn) error {
		if err := m.Subscribe(sctp.EventAssocChange); err != nil {
			return err
		}
		b := make([]byte, 64<<10)
		for {
			msg, err := m.ReadMsg(b)
			if err != nil {
				return err
			}
			switch ev := msg.Event.(type) {
			case nil:
				if string(msg.Data) != "quit" {
					continue
				}
				if err := m.StartShutdown(msg.Info.Assoc); err != nil {
					log.Print(err) // ENOTCONN: it has ended by itself
				}
			case *sctp.AssocChange:
				switch ev.State {
				case sctp.AssocShutdownComp:
					log.Print(ev.Assoc, " has everything")
				case sctp.AssocCommLost:
					log.Print(ev.Assoc, " may lack something: ", ev.Cause)
				}
			}
		}
	}
	_ = serve
}

// A peer that takes nothing stalls the others of its socket: it is aborted, and told why.
func ExampleMultiConn_AbortAssoc() {
	send := func(m *sctp.MultiConn, b []byte, info *sctp.SndInfo) error {
		_, err := m.WriteMsg(b, info)
		var stalled *sctp.StalledError
		if errors.As(err, &stalled) && stalled.Assoc != 0 {
			return errors.Join(err, m.AbortAssoc(stalled.Assoc, []byte("you do not read")))
		}
		return err
	}
	_ = send
}

// A server of many associations that is told to stop.
func ExampleMultiConn_Shutdown() {
	stop := func(m *sctp.MultiConn) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		err := m.Shutdown(ctx) // whoever reads gets net.ErrClosed
		if errors.Is(err, context.DeadlineExceeded) {
			log.Print("some peers did not answer, and were aborted")
		} else if err != nil {
			log.Print("not delivered: ", err)
		}
	}
	_ = stop
}
