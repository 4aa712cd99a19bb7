//go:build !linux

package sctp

import (
	"os"
	"testing"
)

// Where there is no SCTP, whatever needs it says so, by the error that the incumbent has there.
// Addresses are resolved and encoded everywhere.
func TestUnsupported(t *testing.T) {
	addr, err := ResolveSCTPAddr("sctp", "127.0.0.1/127.0.0.2:3868")
	if err != nil || addr.String() != "127.0.0.1/127.0.0.2:3868" || len(addr.ToRawSockAddrBuf()) != 32 {
		t.Error(addr, err)
	}
	c := NewSCTPConn(3, nil)
	b := make([]byte, 100)
	for name, call := range map[string]func() error{
		"ListenSCTP":          func() error { _, err := ListenSCTP("sctp", addr); return err },
		"ListenSCTP of nil":   func() error { _, err := ListenSCTP("sctp", nil); return err },
		"SocketConfig.Listen": func() error { _, err := new(SocketConfig).Listen("sctp", addr); return err },
		"FileListener":        func() error { _, err := FileListener(os.Stdin); return err },
		"DialSCTP":            func() error { _, err := DialSCTP("sctp", nil, addr); return err },
		"SocketConfig.Dial":   func() error { _, err := new(SocketConfig).Dial("sctp", nil, addr); return err },
		"SCTPBind":            func() error { return SCTPBind(3, addr, SCTP_BINDX_ADD_ADDR) },
		"SCTPConnect":         func() error { _, err := SCTPConnect(3, addr); return err },
		"Read":                func() error { _, err := c.Read(b); return err },
		"SCTPRead":            func() error { _, _, err := c.SCTPRead(b); return err },
		"Write":               func() error { _, err := c.Write(b); return err },
		"SCTPWrite":           func() error { _, err := c.SCTPWrite(b, &SndRcvInfo{}); return err },
		"SubscribeEvents":     func() error { return c.SubscribeEvents(SCTP_EVENT_ALL) },
		"SubscribedEvents":    func() error { _, err := c.SubscribedEvents(); return err },
		"GetStatus":           func() error { _, err := c.GetStatus(); return err },
		"SCTPRemoteAddr":      func() error { _, err := c.SCTPRemoteAddr(0); return err },
		"SetReadBuffer":       func() error { return c.SetReadBuffer(1000) },
		"PeelOff":             func() error { _, err := c.PeelOff(1); return err },
	} {
		if err := call(); err != ErrUnsupported {
			t.Errorf("%s returns %T %v", name, err, err)
		}
	}
	if err := c.Close(); err != ErrUnsupported {
		t.Errorf("Close returns %T %v", err, err)
	}
}
