package guide_test

import (
	"fmt"
	"log"

	"github.com/netsctp/sctp"
)

// What a health page shows of an association.
func Example_statistics() {
	client, server := associate(&sctp.Dialer{}, &sctp.ListenConfig{})
	defer client.Close()
	defer server.Close()
	for range 3 {
		if _, err := client.Write([]byte("hello")); err != nil {
			log.Fatal(err)
		}
		if _, err := server.ReadMsg(make([]byte, 100)); err != nil {
			log.Fatal(err)
		}
	}

	o := server.Options()
	st, err := o.Status()
	if err != nil {
		log.Fatal(err) // EINVAL after its end
	}
	fmt.Printf("%v, %d streams in, %d out, %d chunks not acknowledged\n", st.State, st.InStreams, st.OutStreams, st.UnackedData)
	stats, err := o.AssocStats()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("messages received: %d\n", stats.InOrderedChunks+stats.InUnorderedChunks)
	info, err := o.AssocInfo()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d address of the peer, lost after %d retransmissions\n", info.PeerAddrs, info.MaxRetrans)
	peer, err := o.PeerAddrs()
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range peer.AddrPorts() {
		p, err := o.PeerAddrInfo(path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v: %v, window and timeout known: %t\n", path.Addr(), p.State, p.Cwnd > 0 && p.RTO > 0)
	}
	// Output:
	// established, 10 streams in, 10 out, 0 chunks not acknowledged
	// messages received: 3
	// 1 address of the peer, lost after 10 retransmissions
	// 127.0.0.1: active, window and timeout known: true
}
