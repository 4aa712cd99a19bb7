package guide_test

import (
	"errors"
	"fmt"
	"log"
	"syscall"

	"github.com/netsctp/sctp"
)

// Both ends authenticate DATA with a key that they share, and change to another without a
// pause.
func Example_authentication() {
	const data = 0 // chunk type
	first := sctp.AuthKey{ID: 1, Key: []byte("from a secret store")}
	second := sctp.AuthKey{ID: 2, Key: []byte("also from there")}
	control := func(_, _ string, c syscall.RawConn) error {
		o := sctp.NewOptions(c)
		return errors.Join(
			o.SetAuthSupported(true), // before the others
			o.SetHMACIdent(sctp.HMACSHA256, sctp.HMACSHA1),
			o.AddAuthChunk(data),
			o.SetAuthKey(first),
			o.SetAuthActiveKey(first.ID),
		)
	}
	client, server := associate(
		&sctp.Dialer{Control: control, Events: []sctp.EventType{sctp.EventAuthentication}},
		&sctp.ListenConfig{Control: control})
	defer client.Close()
	defer server.Close()

	// Without this check a peer that knows no authentication goes unnoticed.
	o := client.Options()
	on, err := o.AuthSupported()
	if err != nil {
		log.Fatal(err)
	}
	ours, err := o.LocalAuthChunks()
	if err != nil {
		log.Fatal(err)
	}
	theirs, err := o.PeerAuthChunks()
	if err != nil {
		log.Fatal(err)
	}
	hashes, err := o.HMACIdent()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(on, ours, theirs, hashes)
	if _, err := client.Write([]byte("with the first key")); err != nil {
		log.Fatal(err)
	}

	// Both ends get the new key, then each sends with it, then the old one goes.
	for _, c := range []*sctp.Conn{client, server} {
		if err := c.Options().SetAuthKey(second); err != nil {
			log.Fatal(err)
		}
	}
	for _, c := range []*sctp.Conn{client, server} {
		if err := c.Options().SetAuthActiveKey(second.ID); err != nil {
			log.Fatal(err)
		}
	}
	if err := o.DeactivateAuthKey(first.ID); err != nil {
		log.Fatal(err)
	}
	for {
		ev := await[*sctp.Authentication](client)
		if ev.Indication == sctp.AuthFreeKey && ev.Key == first.ID {
			break // all that was sent with it is acknowledged
		}
	}
	for _, c := range []*sctp.Conn{client, server} {
		if err := c.Options().DeleteAuthKey(first.ID); err != nil {
			log.Fatal(err)
		}
	}
	active, err := o.AuthActiveKey()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the active key is", active)
	// Output:
	// true [0] [0] [SHA-256 SHA-1]
	// the active key is 2
}
