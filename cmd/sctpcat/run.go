package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/netsctp/sctp"
)

// events are all but SenderDry, which comes after every message, and those that old kernels
// do not know.
var events = []sctp.EventType{sctp.EventAssocChange, sctp.EventPeerAddrChange, sctp.EventRemoteError,
	sctp.EventShutdown, sctp.EventPartialDelivery, sctp.EventAdaptationIndication}

// An end is a connEnd or a manyEnd.
type end interface {
	Messages(limit int) iter.Seq2[sctp.Message, error]
	WriteMsg(b []byte, info *sctp.SndInfo) (int, error)
	SetReadDeadline(t time.Time) error
	Options() sctp.Options
	report() string             // the status of all associations; empty if there is none
	from(m sctp.Message) string // whose m is, where that is another one's than before
}

// A connEnd is an association.
type connEnd struct{ *sctp.Conn }

func (e connEnd) report() string         { return status(e.Options()) }
func (connEnd) from(sctp.Message) string { return "" }

func (cfg *config) run() error {
	ctx := context.Background()
	if cfg.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cfg.timeout)
		defer cancel()
	}
	cfg.status = new(reporter)
	go cfg.status.answer(statusSignal())
	lc := sctp.ListenConfig{Events: events, InitMsg: cfg.initMsg()}
	switch {
	case cfg.many:
		return cfg.runMany(ctx, &lc)
	case cfg.listen:
		l, err := lc.Listen(ctx, "sctp", cfg.address)
		if err != nil {
			return err
		}
		defer l.Close()
		fmt.Fprintln(os.Stderr, "listening on", l.Addr())
		lines := readLines()
		for {
			if cfg.timeout > 0 {
				l.(*sctp.Listener).SetDeadline(time.Now().Add(cfg.timeout))
			}
			c, err := l.(*sctp.Listener).AcceptSCTP()
			if err != nil {
				return err
			}
			if err := cfg.talk(c, lines, nothing); err != nil {
				fmt.Fprintln(os.Stderr, "sctpcat:", err)
			}
		}
	}
	d := sctp.Dialer{Events: events, InitMsg: cfg.initMsg()}
	nc, err := d.DialContext(ctx, "sctp", cfg.address)
	if err != nil {
		return err
	}
	if cfg.tls {
		return cfg.talkTLS(nc.(*sctp.Conn))
	}
	c := nc.(*sctp.Conn)
	return cfg.talk(c, readLines(), c.StartShutdown)
}

// initMsg asks for as many streams as are to be sent on.
func (cfg *config) initMsg() sctp.InitMsg {
	n := cfg.streams
	if cfg.stream >= kernelStreams {
		n = max(n, cfg.stream+1)
	}
	return sctp.InitMsg{OutStreams: uint16(min(n, 0xffff))}
}

// kernelStreams is how many streams the kernel asks for by itself.
const kernelStreams = 10

// nothing is what the end of a listener's input does: the peers go on.
func nothing() error { return nil }

// talk sends the lines to c, and prints what comes until the association ends.
func (cfg *config) talk(c *sctp.Conn, lines <-chan line, finish func() error) error {
	defer c.Close()
	e := connEnd{c}
	cfg.status.set(e) // before anybody knows of it and may ask
	defer cfg.status.set(nil)
	fmt.Fprintln(os.Stderr, "connected", c.LocalAddr(), "to", c.RemoteAddr())
	return cfg.exchange(e, lines, finish, func() sctp.AssocID { return 0 })
}

func (cfg *config) runMany(ctx context.Context, lc *sctp.ListenConfig) error {
	address := cfg.address
	if !cfg.listen {
		address = ":0"
	}
	pc, err := lc.ListenPacket(ctx, "sctp", address)
	if err != nil {
		return err
	}
	m := pc.(*sctp.MultiConn)
	defer m.Close()
	var last atomic.Int32 // the association that was heard last
	if cfg.listen {
		fmt.Fprintln(os.Stderr, "listening on", m.LocalAddr())
	} else {
		raddr, err := sctp.ResolveAddr("sctp", cfg.address)
		if err != nil {
			return err
		}
		id, err := m.Connect(ctx, raddr)
		if err != nil {
			return err
		}
		last.Store(int32(id))
	}
	e := &manyEnd{MultiConn: m, last: &last, one: !cfg.listen}
	cfg.status.set(e)
	defer cfg.status.set(nil)
	finish := nothing
	if !cfg.listen {
		finish = func() error { return m.StartShutdown(e.assoc()) }
	}
	return cfg.exchange(e, readLines(), finish, e.assoc)
}

// A manyEnd notes which association was heard last.
type manyEnd struct {
	*sctp.MultiConn
	last *atomic.Int32
	one  bool // there is one association, with which it ends

	shown sctp.AssocID // whose message was printed last
}

func (e *manyEnd) assoc() sctp.AssocID { return sctp.AssocID(e.last.Load()) }

func (e *manyEnd) Options() sctp.Options { return e.MultiConn.Options().Assoc(e.assoc()) }

func (e *manyEnd) report() string {
	ids, _ := e.Assocs()
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(status(e.MultiConn.Options().Assoc(id)))
	}
	return b.String()
}

func (e *manyEnd) from(m sctp.Message) string {
	if e.one || m.Info.Assoc == e.shown {
		return ""
	}
	e.shown = m.Info.Assoc
	from := fmt.Sprint("from association ", e.shown)
	if peer, err := e.Options().PeerAddrs(); err == nil {
		from += fmt.Sprint(", ", peer)
	}
	return from
}

func (e *manyEnd) Messages(limit int) iter.Seq2[sctp.Message, error] {
	return func(yield func(sctp.Message, error) bool) {
		for m, err := range e.MultiConn.Messages(limit) {
			if m.Info.Assoc != 0 {
				e.last.Store(int32(m.Info.Assoc))
			}
			if !yield(m, err) {
				return
			}
			c, ok := m.Event.(*sctp.AssocChange)
			switch {
			case !e.one || !ok:
			case c.State == sctp.AssocCommLost:
				yield(sctp.Message{}, fmt.Errorf("the association is lost: %v", c.Cause))
				return
			case c.State == sctp.AssocShutdownComp:
				return
			}
		}
	}
}

// exchange sends the lines, calls finish behind the last, and prints what comes.
func (cfg *config) exchange(e end, lines <-chan line, finish func() error, assoc func() sctp.AssocID) error {
	done := make(chan error, 1)
	before := status(e.Options()) // and not of an association that the first lines have ended
	go func() { done <- cfg.print(e, before) }()
	unsent := 0
	for {
		select {
		case l, ok := <-lines:
			if !ok {
				lines = nil
				if err := finish(); err != nil {
					return err
				}
				continue
			}
			if err := cfg.send(e, l, assoc()); err != nil {
				unsent++
				fmt.Fprintln(os.Stderr, "sctpcat:", err)
			}
		case err := <-done:
			if err == nil && unsent > 0 {
				err = fmt.Errorf("lines that were not sent: %d", unsent)
			}
			return err
		}
	}
}

// send sends what a line says.
func (cfg *config) send(e end, l line, assoc sctp.AssocID) error {
	if l.err != nil {
		return l.err
	}
	data, info, err := cfg.message(l.text)
	if err != nil {
		return err
	}
	info.Assoc = assoc
	_, err = e.WriteMsg(data, &info)
	return err
}

// print prints what comes, until the association ends or nothing comes in time, and then how
// it was before it ended: last is how it was at first.
func (cfg *config) print(e end, last string) error {
	defer func() { fmt.Fprint(os.Stderr, last) }()
	limit := func() {
		if cfg.timeout > 0 {
			e.SetReadDeadline(time.Now().Add(cfg.timeout))
		}
	}
	limit()
	for m, err := range e.Messages(cfg.limit) {
		if s := status(e.Options()); s != "" {
			last = s
		}
		var one *sctp.MessageError
		switch {
		case errors.As(err, &one): // the others go on
			fmt.Fprintln(os.Stderr, err)
		case err != nil:
			return err
		case m.Event != nil:
			fmt.Fprintln(os.Stderr, eventLine(m.Event))
		default:
			if from := e.from(m); from != "" {
				fmt.Fprintln(os.Stderr, from)
			}
			fmt.Println(cfg.line(m))
		}
		limit()
	}
	return nil
}

// talkTLS copies the input and the output through TLS.
func (cfg *config) talkTLS(c *sctp.Conn) error {
	defer c.Close()
	t := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	if cfg.timeout > 0 {
		c.SetDeadline(time.Now().Add(cfg.timeout))
	}
	if err := t.Handshake(); err != nil {
		return err
	}
	c.SetDeadline(time.Time{})
	e := connEnd{c}
	cfg.status.set(e)
	st := t.ConnectionState()
	fmt.Fprintln(os.Stderr, "connected", c.LocalAddr(), "to", c.RemoteAddr(), "with", tls.VersionName(st.Version), tls.CipherSuiteName(st.CipherSuite))
	go func() {
		io.Copy(t, os.Stdin)
		t.CloseWrite()
	}()
	last := e.report()
	b := make([]byte, 64<<10)
	for {
		if cfg.timeout > 0 {
			c.SetReadDeadline(time.Now().Add(cfg.timeout))
		}
		n, err := t.Read(b)
		os.Stdout.Write(b[:n])
		if s := e.report(); s != "" {
			last = s
		}
		if err == nil {
			continue
		}
		fmt.Fprint(os.Stderr, last)
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return errors.New("the peer closed without TLS's close_notify")
		}
		return err
	}
}

// A line is one of the input, or why there are no more.
type line struct {
	text string
	err  error
}

// longestLine is the longest line of the input.
const longestLine = 4 << 20

// readLines returns the lines of the input.
func readLines() <-chan line {
	lines := make(chan line)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(os.Stdin)
		s.Buffer(nil, longestLine)
		for s.Scan() {
			lines <- line{text: s.Text()}
		}
		switch err := s.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			lines <- line{err: fmt.Errorf("the input has a line of more than %d bytes, and was not read on", longestLine)}
		case err != nil:
			lines <- line{err: err}
		}
	}()
	return lines
}
