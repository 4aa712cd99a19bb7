package sctp

import (
	"syscall"

	"github.com/netsctp/sctp/internal/sys"
)

// Options reads and sets the SCTP options of a socket. It is a small value: get it
// where you need it, from [Conn.Options], [Listener.Options], [MultiConn.Options] or,
// inside a Control function, [NewOptions].
//
// The options of a Conn are those of its association. The options of a Listener or
// MultiConn, and those set in Control, hold for the associations that come after; those of
// one association of a MultiConn are behind [Options.Assoc].
//
// A path is an address of the peer with its port, as [Addr.AddrPorts] lists them. Where
// an option has one, the zero AddrPort means the association, and to set it all its
// paths; where there is no association, the paths of later ones.
//
// Errors are *net.OpError over *os.SyscallError, which names the option; of an option
// that the kernel does not know, ENOPROTOOPT. A value that is out of range is EINVAL.
// After the association has ended most are EINVAL, after Close [net.ErrClosed].
type Options struct {
	c     syscall.RawConn // in a Control function
	s     *socket         // elsewhere
	assoc AssocID
}

// NewOptions returns the options of the socket behind c, which a Control function
// was given.
func NewOptions(c syscall.RawConn) Options { return Options{c: c} }

// Assoc returns the options of one association of a one-to-many socket. Instead of an
// association it takes FutureAssoc, which is the default, and to set most options also
// CurrentAssoc and AllAssoc. On a Conn it changes nothing.
func (o Options) Assoc(id AssocID) Options {
	o.assoc = id
	return o
}

// oneToMany is the error of what one-to-one sockets do not have.
var oneToMany = hint{sys.EOPNOTSUPP, "for one-to-many sockets only"}

// Toggle is a switch that can be left alone.
type Toggle uint8

const (
	ToggleUnchanged Toggle = iota
	ToggleEnable
	ToggleDisable
)
