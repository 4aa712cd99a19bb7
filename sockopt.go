package sctp

import (
	"syscall"

	"github.com/netsctp/sctp/internal/sys"
)

// Options reads and sets the options of a socket. It is a small value: get it where you
// need it, from [Conn.Options], [Listener.Options], [MultiConn.Options] or, inside a
// Control function, [NewOptions].
//
// The options of a Conn are those of its association. The options of a Listener or
// MultiConn, and those set in Control, apply to later associations; [Options.Assoc]
// selects one association of a MultiConn.
//
// A path is an address of the peer with its port, as [Addr.AddrPorts] lists them. In a
// method that takes a path, the zero AddrPort stands for the association: a setter then
// also sets all its paths. On a socket without an association it stands for the paths of
// later ones.
//
// Errors are *net.OpError over *os.SyscallError, which names the C option. A method fails
// with ENOPROTOOPT if the kernel does not know the option, with EINVAL if a value is out
// of range or, for most options, if the association has ended, and with [net.ErrClosed]
// after Close.
type Options struct {
	c     syscall.RawConn // in a Control function
	s     *socket         // elsewhere
	assoc AssocID
}

// NewOptions returns the options of the socket behind c, the argument of a Control
// function.
func NewOptions(c syscall.RawConn) Options { return Options{c: c} }

// Assoc returns the options of one association of a one-to-many socket. The id may be
// FutureAssoc (the default) or, for most setters, CurrentAssoc or AllAssoc. On a Conn it
// has no effect.
func (o Options) Assoc(id AssocID) Options {
	o.assoc = id
	return o
}

// oneToMany is the error of what one-to-one sockets do not have.
var oneToMany = hint{sys.EOPNOTSUPP, "for one-to-many sockets only"}

// Toggle switches a feature on or off, or leaves it as it is.
type Toggle uint8

const (
	ToggleUnchanged Toggle = iota
	ToggleEnable
	ToggleDisable
)
