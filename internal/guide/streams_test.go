package guide_test

import (
	"errors"
	"fmt"
	"log"
	"syscall"

	"github.com/netsctp/sctp"
)

// An association whose streams change while it lives: both ends allow it before.
func Example_streams() {
	control := func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		return errors.Join(
			o.SetReconfigSupported(true),
			o.SetEnableStreamReset(sctp.EnableResetStreams|sctp.EnableAddStreams|sctp.EnableResetAssoc),
		)
	}
	client, server := associate(
		&sctp.Dialer{Control: control, Events: []sctp.EventType{sctp.EventStreamReset, sctp.EventStreamChange, sctp.EventAssocReset}},
		&sctp.ListenConfig{Control: control})
	defer client.Close()
	defer server.Close()
	o := client.Options()
	if on, err := o.ReconfigSupported(); err != nil || !on {
		log.Fatal("the peer cannot do that: ", err)
	}
	allowed, err := o.EnableStreamReset()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("allowed:", allowed)

	// One request at a time, each with its event.
	if err := o.AddStreams(0, 5); err != nil {
		log.Fatal(err)
	}
	if ev := await[*sctp.StreamChange](client); ev.Denied || ev.Failed {
		log.Fatal("the peer adds no streams")
	}
	st, err := o.Status()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("streams out:", st.OutStreams)

	if err := o.ResetStreams(false, true, 3, 4); err != nil {
		log.Fatal(err)
	}
	ev := await[*sctp.StreamReset](client)
	if ev.Denied || ev.Failed {
		log.Fatal("the peer resets no streams")
	}
	fmt.Println("reset:", ev.Streams)

	if err := o.ResetAssoc(); err != nil { // EAGAIN while data are not acknowledged
		log.Fatal(err)
	}
	if ev := await[*sctp.AssocReset](client); ev.Denied || ev.Failed {
		log.Fatal("the peer resets nothing")
	}
	fmt.Println("reset: all")
	// Output:
	// allowed: reset streams|reset association|add streams
	// streams out: 15
	// reset: [3 4]
	// reset: all
}

// Signalling goes before bulk data, which waits for the peer.
func Example_scheduler() {
	const signalling, bulk = 0, 1 // streams
	client, server := associate(&sctp.Dialer{}, &sctp.ListenConfig{ReadBuffer: 8 << 10})
	defer client.Close()
	defer server.Close()
	o := client.Options()
	err := errors.Join(
		o.SetStreamScheduler(sctp.SchedPrio),
		o.SetStreamSchedulerValue(signalling, 1),
		o.SetStreamSchedulerValue(bulk, 10),
	)
	if err != nil {
		log.Fatal(err)
	}
	scheduler, err := o.StreamScheduler()
	if err != nil {
		log.Fatal(err)
	}
	value, err := o.StreamSchedulerValue(bulk)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("scheduler", scheduler, "with bulk at", value)

	const n = 50
	for range n {
		if _, err := client.WriteMsg(make([]byte, 1000), &sctp.SndInfo{Stream: bulk}); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := client.WriteMsg([]byte("stop"), &sctp.SndInfo{Stream: signalling}); err != nil {
		log.Fatal(err)
	}
	b := make([]byte, 1000)
	for i := range n + 1 {
		m, err := server.ReadMsg(b)
		if err != nil {
			log.Fatal(err)
		}
		if m.Info.Stream == signalling {
			fmt.Println("signalling has overtaken bulk data:", i < n)
		}
	}
	// Output:
	// scheduler prio with bulk at 10
	// signalling has overtaken bulk data: true
}
