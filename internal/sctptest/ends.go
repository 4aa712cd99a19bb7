package sctptest

import (
	"context"
	"iter"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// An End is one end of an association: a *[sctp.Conn], or a *[Member].
type End interface {
	syscall.Conn
	ReadMsg(b []byte) (sctp.Message, error)
	Messages(limit int) iter.Seq2[sctp.Message, error]
	WriteMsg(b []byte, info *sctp.SndInfo) (int, error)
	Subscribe(types ...sctp.EventType) error
	Unsubscribe(types ...sctp.EventType) error
	Options() sctp.Options
	LocalAddr() net.Addr
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	SetNoDelay(noDelay bool) error
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
	File() (*os.File, error)
	Shutdown(ctx context.Context) error
	Abort() error
	Close() error
}

var _, _ End = (*sctp.Conn)(nil), (*Member)(nil)

// A Member is an association of a one-to-many socket, addressed by its id. What it reads
// is whatever the socket reads.
type Member struct {
	*sctp.MultiConn
	ID   sctp.AssocID
	Peer *sctp.Addr
}

// WriteMsg sends to the association. A nil info means the zero SndInfo.
func (m *Member) WriteMsg(b []byte, info *sctp.SndInfo) (int, error) {
	var to sctp.SndInfo
	if info != nil {
		to = *info
	}
	to.Assoc = m.ID
	return m.MultiConn.WriteMsg(b, &to)
}

// Options returns the options of the association.
func (m *Member) Options() sctp.Options { return m.MultiConn.Options().Assoc(m.ID) }

// Shutdown begins to shut the association down. It waits for nothing.
func (m *Member) Shutdown(context.Context) error { return m.MultiConn.StartShutdown(m.ID) }

// Abort aborts the association.
func (m *Member) Abort() error { return m.MultiConn.AbortAssoc(m.ID, nil) }

// Kinds are the ways to come by an End.
var Kinds = []string{"Dialled", "Accepted", "PeeledOff", OneToMany}

// OneToMany is the kind whose End is a *Member; that of all others is a *sctp.Conn.
const OneToMany = "OneToMany"

// EndConfig says what the sockets of an association are to be.
type EndConfig struct {
	Own, Peer        sctp.ListenConfig
	Network, Address string // "sctp4" and "127.0.0.1:0" if empty
}

func (cfg *EndConfig) fill() {
	if cfg.Network == "" {
		cfg.Network, cfg.Address = "sctp4", "127.0.0.1:0"
	}
}

// NewEnd makes an association, and returns an end of the given kind and its peer. Where it
// is not the end itself that was accepted, l is the listener that has accepted the peer.
func NewEnd(t testing.TB, kind string, cfg EndConfig) (self End, peer *sctp.Conn, l *sctp.Listener) {
	t.Helper()
	cfg.fill()
	if kind == "Accepted" {
		l = Listen(t, cfg.Own, cfg.Network, cfg.Address)
		cfg.Own = cfg.Peer
		peer = DialEnd(t, "Dialled", cfg, l.Addr().(*sctp.Addr)).(*sctp.Conn)
		return Accept(t, l), peer, l
	}
	l = Listen(t, cfg.Peer, cfg.Network, cfg.Address)
	self = DialEnd(t, kind, cfg, l.Addr().(*sctp.Addr))
	return self, Accept(t, l), l
}

// DialEnd returns an end of the given kind, other than Accepted, of an association with
// whoever listens on addr; on the wildcard it is 127.0.0.1.
func DialEnd(t testing.TB, kind string, cfg EndConfig, addr *sctp.Addr) End {
	t.Helper()
	cfg.fill()
	if len(addr.IPs) == 0 || addr.IPs[0].IsUnspecified() {
		addr = sctp.AddrFrom(addr.Port, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	if kind == "Dialled" {
		d := dialer(cfg.Own)
		nc, err := d.Dial(cfg.Network, addr.String())
		require.NoError(t, err)
		t.Cleanup(func() { nc.(*sctp.Conn).Abort() })
		return nc.(*sctp.Conn)
	}
	m := ListenMulti(t, cfg.Own, cfg.Network, cfg.Address)
	id, err := m.Connect(context.Background(), addr)
	require.NoError(t, err)
	if kind == OneToMany {
		return &Member{m, id, addr}
	}
	c, err := m.PeelOff(id)
	require.NoError(t, err)
	t.Cleanup(func() { c.Abort() })
	require.NoError(t, m.Close())
	return c
}

// dialer returns a Dialer of sockets like those of lc.
func dialer(lc sctp.ListenConfig) sctp.Dialer {
	return sctp.Dialer{InitMsg: lc.InitMsg, Events: lc.Events, ReadBuffer: lc.ReadBuffer, WriteBuffer: lc.WriteBuffer, Control: lc.Control}
}
