//go:build !linux

// Package systest makes the kernel do to tests what networks do. Elsewhere than on
// Linux it does nothing.
package systest

import (
	"errors"
	"net/netip"
	"syscall"
)

// A Netns is a network namespace.
type Netns struct{}

func NewNetns() (*Netns, error)                                    { return nil, errors.ErrUnsupported }
func OwnNetns() (*Netns, error)                                    { return nil, errors.ErrUnsupported }
func (n *Netns) Path() string                                      { return "" }
func (n *Netns) Do(f func() error) error                           { return errors.ErrUnsupported }
func (n *Netns) Sysctl(name, value string) error                   { return errors.ErrUnsupported }
func (n *Netns) Loopback(up bool) error                            { return errors.ErrUnsupported }
func (n *Netns) SetLink(name string, up bool) error                { return errors.ErrUnsupported }
func (n *Netns) Unbundle(name string) error                        { return errors.ErrUnsupported }
func (n *Netns) SetMTU(name string, bytes uint32) error            { return errors.ErrUnsupported }
func (n *Netns) RemoveAddr(link string, p netip.Prefix) error      { return errors.ErrUnsupported }
func (n *Netns) AddDummy(name string, addrs ...netip.Prefix) error { return errors.ErrUnsupported }
func (n *Netns) Index(link string) uint32                          { return 0 }
func (n *Netns) Close()                                            {}
func (n *Netns) AddRule(link string, from netip.Addr, protocol byte) error {
	return errors.ErrUnsupported
}
func (n *Netns) AddVeth(peer *Netns, name string, own, others netip.Prefix) error {
	return errors.ErrUnsupported
}

// TakeError takes the pending error of a socket.
func TakeError(c syscall.RawConn) (errno error, err error) { return nil, errors.ErrUnsupported }

// DropEnds has the kernel lose the last fragments of messages.
func DropEnds(c syscall.RawConn, on bool) error { return errors.ErrUnsupported }
