package guide_test

import (
	"fmt"
	"log"
	"syscall"
	"time"

	"github.com/netsctp/sctp"
)

// Messages that are of no use later, and an alarm for which they make way. The peer does not
// read, so that they queue up.
func Example_partialReliability() {
	const positions, alarms = 1, 0 // streams
	client, server := associate(
		&sctp.Dialer{
			WriteBuffer: 64 << 10,
			Control: func(_, _ string, c syscall.RawConn) error {
				return sctp.NewOptions(c).SetPRSupported(true) // where net.sctp.prsctp_enable is 0
			},
		},
		&sctp.ListenConfig{ReadBuffer: 4 << 10})
	defer client.Abort()
	defer server.Abort()
	o := client.Options()
	if on, err := o.PRSupported(); err != nil || !on {
		log.Fatal("the peer knows no partial reliability: ", err)
	}

	for range 50 {
		_, err := client.WriteMsg(make([]byte, 1000), &sctp.SndInfo{
			Stream: positions,
			PR:     sctp.PRInfo{Policy: sctp.PRPrio, Value: 10},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	_, err := client.WriteMsg(make([]byte, 100_000), &sctp.SndInfo{
		Stream: alarms,
		PR:     sctp.PRInfo{Policy: sctp.PRPrio, Value: 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	// No SendFailed tells of messages that made way: they are counted.
	all, err := o.PRAssocStatus(sctp.PRPrio)
	if err != nil {
		log.Fatal(err)
	}
	ofPositions, err := o.PRStreamStatus(positions, sctp.PRPrio)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("positions were given up:", ofPositions.AbandonedUnsent > 0)
	fmt.Println("nothing else was:", all == ofPositions)

	// From here on Write, too, sends what nobody needs after two seconds.
	if err := o.SetDefaultPRInfo(sctp.PRInfo{Policy: sctp.PRTTL, TTL: 2 * time.Second}); err != nil {
		log.Fatal(err)
	}
	info, err := o.DefaultPRInfo()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("default:", info.Policy, info.TTL)
	// Output:
	// positions were given up: true
	// nothing else was: true
	// default: ttl 2s
}
