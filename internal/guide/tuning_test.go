package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

func Example_tuning() {
	// Timers for a network whose round trips take milliseconds: a loss is noticed after
	// 100 ms, and a peer that does not answer is given up after six attempts.
	timers := func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		return errors.Join(
			o.SetRTOInfo(sctp.RTOInfo{Initial: 200 * time.Millisecond, Min: 100 * time.Millisecond, Max: time.Second}),
			o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 5}),
			o.SetDelayedSACK(sctp.SACKInfo{Delay: 20 * time.Millisecond}),
		)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	lc := &sctp.ListenConfig{
		InitMsg:    sctp.InitMsg{OutStreams: 4, MaxInStreams: 4},
		ReadBuffer: 100 << 10,
		Control:    timers, // accepted connections inherit them
	}
	l, err := lc.ListenSCTP(ctx, "sctp", sctp.MustParseAddr("127.0.0.1:0"))
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	d := &sctp.Dialer{
		InitMsg: sctp.InitMsg{OutStreams: 16, MaxAttempts: 3},
		Control: timers,
	}
	c, err := d.DialSCTP(ctx, "sctp", nil, l.Addr().(*sctp.Addr))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	// What holds now, for a log or a health check.
	o := c.Options()
	st, err := o.Status()
	if err != nil {
		log.Fatal(err)
	}
	rto, err := o.RTOInfo()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(st.State, "with", st.OutStreams, "streams out,", st.InStreams, "in")
	fmt.Println("RTO from", rto.Min, "to", rto.Max)
	// Output:
	// established with 4 streams out, 4 in
	// RTO from 100ms to 1s
}
