package sctp_test

import (
	"errors"
	"fmt"
	"log"
	"net/netip"
	"syscall"

	"github.com/netsctp/sctp"
)

// A long message of one stream does not hold up the others: both ends offer I-DATA. It takes
// net.sctp.intl_enable=1.
func ExampleOptions_SetInterleavingSupported() {
	lc := sctp.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		return errors.Join(o.SetFragmentInterleave(true), o.SetInterleavingSupported(true)) // in this order
	}}
	used := func(c *sctp.Conn) (bool, error) {
		o := c.Options()
		pieces, err := o.FragmentInterleave() // how this end reads
		if err != nil || !pieces {
			return false, err
		}
		return o.InterleavingSupported() // what both have agreed on
	}
	_, _ = lc, used
}

// Through a NAT that knows no SCTP: in UDP. It takes net.sctp.udp_port=9899 before the socket
// is made, at both ends.
func ExampleOptions_SetRemoteUDPEncapsPort() {
	const port = 9899
	all := netip.AddrPort{}
	d := sctp.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return sctp.NewOptions(c).SetRemoteUDPEncapsPort(all, port)
	}}
	nc, err := d.Dial("sctp", "server.example:3868")
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	used, err := nc.(*sctp.Conn).Options().RemoteUDPEncapsPort(all)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("in UDP to port", used)
}

// A client that dials from a fixed port again while its last association still ends.
func ExampleOptions_SetReuseAddr() {
	d := &sctp.Dialer{
		LocalAddr: &sctp.Addr{Port: 38412},
		Control: func(_, _ string, c syscall.RawConn) error {
			o := sctp.NewOptions(c)
			if err := o.SetReuseAddr(true); err != nil {
				return err
			}
			on, err := o.ReuseAddr()
			if err == nil && !on {
				err = errors.New("SO_REUSEADDR is off")
			}
			return err
		},
	}
	c, err := d.Dial("sctp", "amf.example:38412")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

// One association of a one-to-many socket, or all of them, has other options than the socket.
func ExampleOptions_Assoc() {
	tune := func(m *sctp.MultiConn, id sctp.AssocID) error {
		one := m.Options().Assoc(id)
		st, err := one.Status()
		if err != nil {
			return err
		}
		log.Print(st.State)
		return errors.Join(
			one.SetDefaultSndInfo(sctp.DefaultSndInfo{PPID: 46}),
			m.Options().Assoc(sctp.AllAssoc).SetMaxBurst(8),
		)
	}
	_ = tune
}
