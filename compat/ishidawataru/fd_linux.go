package sctp

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

//go:uintptrescapes
func setsockopt(fd int, optname, optval, optlen uintptr) (uintptr, uintptr, error) {
	return result(unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), SOL_SCTP, optname, optval, optlen, 0))
}

//go:uintptrescapes
func getsockopt(fd int, optname, optval, optlen uintptr) (uintptr, uintptr, error) {
	return result(unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), SOL_SCTP, optname, optval, optlen, 0))
}

func result(r0, r1 uintptr, errno syscall.Errno) (uintptr, uintptr, error) {
	if errno != 0 {
		return r0, r1, errno
	}
	return r0, r1, nil
}

// setOption sets an option of level SOL_SCTP to the struct at v.
func setOption[T any](fd int, option uintptr, v *T) error {
	_, _, err := setsockopt(fd, option, uintptr(unsafe.Pointer(v)), unsafe.Sizeof(*v))
	return err
}

// getOption reads an option of level SOL_SCTP into the struct at v.
func getOption[T any](fd int, option uintptr, v *T) error {
	size := uint32(unsafe.Sizeof(*v))
	_, _, err := getsockopt(fd, option, uintptr(unsafe.Pointer(v)), uintptr(unsafe.Pointer(&size)))
	return err
}

func getInt(fd, option int) (int, error) { return unix.GetsockoptInt(fd, unix.SOL_SOCKET, option) }

const (
	optSndbuf = unix.SO_SNDBUF
	optRcvbuf = unix.SO_RCVBUF
)

func setInt(fd, option, v int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, v) }

func closeFD(fd int) error { return unix.Close(fd) }

func dupFD(fd int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
}

// oneToMany reports whether fd has a socket of type SOCK_SEQPACKET.
func oneToMany(fd int) bool {
	typ, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	return err == nil && typ == unix.SOCK_SEQPACKET
}

// SCTPConnect connects the socket fd to addr and returns the association's id, which is 0
// for a one-to-one socket.
func SCTPConnect(fd int, addr *SCTPAddr) (int, error) {
	b := addr.ToRawSockAddrBuf()
	var pin runtime.Pinner
	pin.Pin(&b[0])
	defer pin.Unpin()
	param := GetAddrsOld{AddrNum: int32(len(b)), Addrs: uintptr(unsafe.Pointer(&b[0]))}
	err := getOption(fd, SCTP_SOCKOPT_CONNECTX3, &param)
	return int(param.AssocID), err
}

// SCTPBind binds the socket fd to addr, or with SCTP_BINDX_REM_ADDR unbinds it.
func SCTPBind(fd int, addr *SCTPAddr, flags int) error {
	option := uintptr(SCTP_SOCKOPT_BINDX_ADD)
	switch flags {
	case SCTP_BINDX_ADD_ADDR:
	case SCTP_BINDX_REM_ADDR:
		option = SCTP_SOCKOPT_BINDX_REM
	default:
		return syscall.EINVAL
	}
	b := addr.ToRawSockAddrBuf()
	_, _, err := setsockopt(fd, option, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return err
}
