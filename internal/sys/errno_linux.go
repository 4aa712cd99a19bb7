package sys

import "golang.org/x/sys/unix"

// Errno is a Linux error number.
type Errno = unix.Errno

// The error numbers that the package acts on or returns.
const (
	EINTR           = unix.EINTR
	EAGAIN          = unix.EAGAIN
	ENOMEM          = unix.ENOMEM
	EINVAL          = unix.EINVAL
	EPIPE           = unix.EPIPE
	EBADMSG         = unix.EBADMSG
	EDESTADDRREQ    = unix.EDESTADDRREQ
	EMSGSIZE        = unix.EMSGSIZE
	ENOPROTOOPT     = unix.ENOPROTOOPT
	EOPNOTSUPP      = unix.EOPNOTSUPP
	EPERM           = unix.EPERM
	ENOENT          = unix.ENOENT
	EACCES          = unix.EACCES
	EFAULT          = unix.EFAULT
	EBUSY           = unix.EBUSY
	ENODEV          = unix.ENODEV
	ENOTCONN        = unix.ENOTCONN
	EISCONN         = unix.EISCONN
	EALREADY        = unix.EALREADY
	EPROTONOSUPPORT = unix.EPROTONOSUPPORT
	ESOCKTNOSUPPORT = unix.ESOCKTNOSUPPORT
	EAFNOSUPPORT    = unix.EAFNOSUPPORT
	EADDRINUSE      = unix.EADDRINUSE
	EADDRNOTAVAIL   = unix.EADDRNOTAVAIL
	ECONNABORTED    = unix.ECONNABORTED
	ECONNRESET      = unix.ECONNRESET
	ESHUTDOWN       = unix.ESHUTDOWN
	ETIMEDOUT       = unix.ETIMEDOUT
	ECONNREFUSED    = unix.ECONNREFUSED
	EINPROGRESS     = unix.EINPROGRESS
	EHOSTUNREACH    = unix.EHOSTUNREACH
	ENETUNREACH     = unix.ENETUNREACH
	EHOSTDOWN       = unix.EHOSTDOWN
	EPROTO          = unix.EPROTO
)
