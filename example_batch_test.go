package sctp_test

import (
	"encoding/binary"
	"errors"
	"log"

	"github.com/netsctp/sctp"
)

// A server of many small messages: it answers all that have arrived together.
func ExampleConn_ReadBatch() {
	const most, size = 32, 1 << 10
	echo := func(c *sctp.Conn) error {
		bufs, ms := make([][]byte, most), make([]sctp.Message, most)
		for i := range bufs {
			bufs[i] = make([]byte, size)
		}
		answers, infos := make([][]byte, 0, most), make([]sctp.SndInfo, 0, most)
		for {
			n, err := c.ReadBatch(bufs, ms)
			if err != nil {
				return err
			}
			answers, infos = answers[:0], infos[:0]
			for _, m := range ms[:n] {
				if !m.EOR {
					return errors.New("message too long")
				}
				answers, infos = append(answers, m.Data), append(infos, *m.Info.Reply())
			}
			if sent, err := c.WriteBatch(answers, infos); err != nil {
				log.Printf("%d of %d answers are sent", sent, len(answers))
				return err
			}
		}
	}
	l, err := sctp.ListenSCTP("sctp", &sctp.Addr{Port: 2905})
	if err != nil {
		log.Fatal(err)
	}
	for {
		c, err := l.AcceptSCTP()
		if err != nil {
			log.Fatal(err)
		}
		go echo(c)
	}
}

// A hub that takes what has arrived from all its peers, and answers each.
func ExampleMultiConn_WriteBatch() {
	m, err := sctp.ListenMulti("sctp", &sctp.Addr{Port: 2905})
	if err != nil {
		log.Fatal(err)
	}
	bufs, ms := [][]byte{make([]byte, 1<<10), make([]byte, 1<<10)}, make([]sctp.Message, 2)
	for {
		n, err := m.ReadBatch(bufs, ms)
		if err != nil {
			log.Print(err)
			return
		}
		var answers [][]byte
		var infos []sctp.SndInfo
		for _, msg := range ms[:n] {
			answers, infos = append(answers, msg.Data), append(infos, *msg.Info.Reply())
		}
		for len(answers) > 0 {
			sent, err := m.WriteBatch(answers, infos)
			if err == nil {
				break
			}
			log.Print(infos[sent].Assoc, ": ", err) // it has ended: the others go on
			answers, infos = answers[sent+1:], infos[sent+1:]
		}
	}
}

// A header and a body as one message, without a copy of the body.
func ExampleConn_WriteMsgParts() {
	send := func(c *sctp.Conn, kind uint16, body []byte) error {
		header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(nil, kind), uint32(len(body)))
		_, err := c.WriteMsgParts([][]byte{header, body}, &sctp.SndInfo{PPID: 46})
		return err
	}
	c, err := sctp.DialSCTP("sctp", nil, sctp.MustParseAddr("10.0.0.1:3868"))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := send(c, 257, []byte("capabilities")); err != nil {
		log.Fatal(err)
	}
}

// The same on a one-to-many socket.
func ExampleMultiConn_WriteMsgParts() {
	m, err := sctp.ListenMulti("sctp", &sctp.Addr{Port: 3868})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	for msg, err := range m.Messages(64 << 10) {
		if err != nil {
			log.Fatal(err)
		}
		if _, err := m.WriteMsgParts([][]byte{[]byte("re: "), msg.Data}, msg.Info.Reply()); err != nil {
			log.Print(err)
		}
	}
}
