package multi_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// shortRTO is the Control function of a socket that retransmits soon.
func shortRTO(_, _ string, c syscall.RawConn) error {
	short := 50 * time.Millisecond
	o := sctp.NewOptions(c)
	return errors.Join(
		o.SetRTOInfo(sctp.RTOInfo{Initial: short, Min: short, Max: 2 * short}),
		o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}), // what a full buffer drops is sent again
	)
}

// sackAtOnce is the Control function of a socket that acknowledges every packet.
func sackAtOnce(_, _ string, c syscall.RawConn) error {
	return sctp.NewOptions(c).SetDelayedSACK(sctp.SACKInfo{Freq: 1})
}

// interleave is the Control function of a socket that offers I-DATA, and both.
func interleave(network, address string, c syscall.RawConn) error {
	return errors.Join(
		shortRTO(network, address, c),
		sackAtOnce(network, address, c),
		sctp.NewOptions(c).SetFragmentInterleave(true),
		sctp.NewOptions(c).SetInterleavingSupported(true),
	)
}

// A pieceKey tells which message a piece belongs to.
type pieceKey struct {
	assoc     sctp.AssocID
	stream    uint16
	unordered bool
	ssn       uint16
}

func pieceKeyOf(m sctp.Message) pieceKey {
	key := pieceKey{m.Info.Assoc, m.Info.Stream, m.Info.Unordered, 0}
	if m.Info.Unordered {
		key.ssn = m.Info.SSN
	}
	return key
}

// Long messages of several associations, and with I-DATA of several streams of one, that
// the kernel delivers in pieces, which alternate.
func TestMessagesInPieces(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	// In a buffer that they share, the beginnings of all messages may leave no room for the
	// end of any: see MultiConn.
	sctptest.Sysctl(t, "net/sctp/rcvbuf_policy", "1")
	const peers, size = 3, 120000
	var big [2]byte
	binary.NativeEndian.PutUint16(big[:], 1)
	streams := []sctp.SndInfo{{Stream: 1, PPID: 1}, {Stream: 2, PPID: 2}, {Stream: 2, PPID: 3, Unordered: true}}
	for _, interleaving := range []bool{false, true} {
		for _, reader := range []string{"ReadMsg", "Messages", "MessagesShort", "ReadFrom"} {
			t.Run(fmt.Sprint(reader, interleaving), func(t *testing.T) {
				d := sctp.Dialer{WriteBuffer: 1 << 20, Control: shortRTO}
				lc := sctp.ListenConfig{ReadBuffer: 40 << 10, Control: sackAtOnce}
				if interleaving {
					d.Control, lc.Control = interleave, interleave
				}
				server := sctptest.ListenMulti(t, lc, "sctp4", "127.0.0.1:0")
				want := map[[32]byte]bool{}
				for i := range peers {
					c, err := d.Dial("sctp4", server.LocalAddr().String())
					require.NoError(t, err)
					t.Cleanup(func() { c.(*sctp.Conn).Abort() })
					for j := range streams {
						b := message(i, j, size+i*1000+j)
						want[sha256.Sum256(b)] = true
						go func() {
							c.(*sctp.Conn).WriteMsg(b, &streams[j])
							info := streams[j]
							if big[1] == 1 {
								info.Unordered = false // nobody could tell them apart
							}
							c.(*sctp.Conn).WriteMsg([]byte("short"), &info)
						}()
					}
				}
				short := 0
				message := func(b []byte) {
					if string(b) == "short" {
						short++
						return
					}
					sum := sha256.Sum256(b)
					require.True(t, want[sum], "%d bytes of several messages", len(b))
					delete(want, sum)
				}
				require.NoError(t, server.SetReadDeadline(time.Now().Add(sctptest.Wait)))
				n := 2 * peers * len(streams)
				switch reader {
				case "ReadMsg":
					parts := map[pieceKey][]byte{}
					for b := make([]byte, 50000); n > 0; {
						m, err := server.ReadMsg(b)
						require.NoError(t, err)
						key := pieceKeyOf(m)
						parts[key] = append(parts[key], m.Data...)
						if m.EOR {
							message(parts[key])
							delete(parts, key)
							n--
						}
					}
				case "Messages":
					for m, err := range server.Messages(200000) {
						require.NoError(t, err)
						require.True(t, m.EOR)
						message(m.Data)
						if n--; n == 0 {
							break
						}
					}
				case "MessagesShort": // all long ones are skipped
					for m, err := range server.Messages(1000) {
						if err != nil {
							require.ErrorIs(t, err, syscall.EMSGSIZE)
						} else {
							message(m.Data)
						}
						if n--; n == 0 {
							break
						}
					}
					clear(want)
				case "ReadFrom":
					for b := make([]byte, 200000); n > 0; n-- {
						k, addr, err := server.ReadFrom(b)
						require.NoError(t, err)
						require.NotNil(t, addr)
						message(b[:k])
					}
				}
				require.Equal(t, peers*len(streams), short)
				require.Empty(t, want)
			})
		}
	}
}
