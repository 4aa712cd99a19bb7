//go:build linux

package main

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ishidawataru/sctp"
)

// A run prints the lines of a scenario.
type run struct {
	w     io.Writer
	names map[string]string // of what differs by chance
	count map[string]int    // of such names
	tsn   map[int32]uint32  // the first that an association had
}

func newRun(w io.Writer) *run {
	return &run{w: w, names: map[string]string{}, count: map[string]int{}, tsn: map[int32]uint32{}}
}

// results has what a call returned: results(c.Read(b)).
func results(v ...any) []any { return v }

// do calls f and prints what it returned, or that it panics or still waits.
func (r *run) do(step string, f func() []any) { r.start(f)(step) }

// start calls f, and returns a function that prints what it returned.
func (r *run) start(f func() []any) func(step string) {
	type outcome struct{ values, panics any }
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			o.panics = recover()
			done <- o
		}()
		growStack()
		o.values = f()
	}()
	return func(step string) {
		select {
		case o := <-done:
			if o.panics != nil {
				r.say(step, fmt.Sprint("panics: ", o.panics))
				return
			}
			r.say(step, r.list(o.values.([]any)))
		case <-time.After(limit):
			r.say(step, "still waits")
		}
	}
}

func (r *run) say(step, line string) { fmt.Fprintf(r.w, "%s\t%s\n", step, line) }

// must ends the scenario, which could not be prepared.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (r *run) list(values []any) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, r.text(v))
	}
	return strings.Join(texts, ", ")
}

// ephemeral is a port that the kernel has chosen, in an error.
var ephemeral = regexp.MustCompile(`:[3-6]\d{4}\b`)

func (r *run) text(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case error:
		s := ephemeral.ReplaceAllString(fmt.Sprintf("%T %v", v, v), ":port")
		var ne net.Error
		if errors.As(v, &ne) && ne.Timeout() {
			s += " (timeout)"
		}
		return s
	case *sctp.SCTPAddr:
		if v == nil {
			return "nil *SCTPAddr"
		}
		return r.addr(v)
	case *sctp.SndRcvInfo:
		if v == nil {
			return "nil *SndRcvInfo"
		}
		return r.info(v)
	case []byte:
		return hex.EncodeToString(v)
	case string:
		return strconv.Quote(v)
	case *sctp.SCTPConn, *sctp.SCTPListener:
		if fmt.Sprint(v) == "<nil>" {
			return fmt.Sprintf("nil %T", v)
		}
		return fmt.Sprintf("%T", v)
	}
	return fmt.Sprintf("%+v", v)
}

// named returns the name of a value that differs by chance.
func (r *run) named(kind string, value any) string {
	key := fmt.Sprint(kind, value)
	if r.names[key] == "" {
		r.count[kind]++
		r.names[key] = fmt.Sprint(kind, r.count[kind])
	}
	return r.names[key]
}

// forget lets the names begin anew.
func (r *run) forget() {
	clear(r.names)
	clear(r.count)
}

func (r *run) port(port int) string {
	if port < 32768 {
		return strconv.Itoa(port)
	}
	return r.named("port", port)
}

func (r *run) assoc(id int32) string {
	if id == 0 {
		return "0"
	}
	return r.named("assoc", id)
}

func (r *run) addr(a *sctp.SCTPAddr) string {
	s := a.String()
	return s[:strings.LastIndex(s, ":")] + ":" + r.port(a.Port)
}

func (r *run) info(i *sctp.SndRcvInfo) string {
	if _, ok := r.tsn[i.AssocID]; !ok && i.TSN != 0 {
		r.tsn[i.AssocID] = i.TSN
	}
	tsn, cumTSN := "0", "0"
	if i.TSN != 0 {
		tsn = fmt.Sprintf("first+%d", int32(i.TSN-r.tsn[i.AssocID]))
	}
	if i.CumTSN != 0 {
		cumTSN = fmt.Sprintf("first+%d", int32(i.CumTSN-r.tsn[i.AssocID]))
	}
	return fmt.Sprintf("{stream %d, SSN %d, flags %#x, PPID %#x, context %d, TTL %d, TSN %s, cumTSN %s, %s}",
		i.Stream, i.SSN, i.Flags, i.PPID, i.Context, i.TTL, tsn, cumTSN, r.assoc(i.AssocID))
}

// assocAt is where a notification has the association's id.
var assocAt = map[sctp.SCTPNotificationType]int{
	sctp.SCTP_ASSOC_CHANGE: 16, sctp.SCTP_PEER_ADDR_CHANGE: 144, sctp.SCTP_SEND_FAILED: 44,
	sctp.SCTP_REMOTE_ERROR: 12, sctp.SCTP_SHUTDOWN_EVENT: 8, sctp.SCTP_PARTIAL_DELIVERY_EVENT: 12,
	sctp.SCTP_ADAPTATION_INDICATION: 12, sctp.SCTP_AUTHENTICATION_INDICATION: 16, sctp.SCTP_SENDER_DRY_EVENT: 8,
}

// notification returns the bytes of a notification, but for the association's id and a
// path's port, or how many there are of a piece.
func (r *run) notification(b []byte) string {
	if len(b) < 12 {
		return fmt.Sprintf("%d bytes", len(b))
	}
	typ := sctp.SCTPNotificationType(binary.NativeEndian.Uint16(b))
	at, ok := assocAt[typ]
	if !ok || len(b) < at+4 {
		return hex.EncodeToString(b)
	}
	b = append([]byte(nil), b...)
	if typ == sctp.SCTP_PEER_ADDR_CHANGE {
		b[10], b[11] = 0, 0
	}
	return hex.EncodeToString(b[:at]) + " " + r.assoc(int32(binary.NativeEndian.Uint32(b[at:]))) + " " +
		hex.EncodeToString(b[at+4:])
}

// waits waits until n goroutines wait for the poller, or where none does n threads in the
// kernel's SCTP, and returns which it is.
func waits(n int) string {
	seen := 0
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if pollers() >= n {
			return "no thread"
		}
		if threads() < n {
			seen = 0
		} else if seen++; seen == 10 {
			return "each a thread" // it is no call that ends at once
		}
	}
	return "nothing waits"
}
