package sctp_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// pattern returns n bytes that differ from each other.
func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func TestConnWriteMsgKeepsWhatBelongsToAMessage(t *testing.T) {
	client, server := sctptest.Pair(t)
	b := make([]byte, 100)
	for i, info := range []*sctp.SndInfo{
		nil,
		{},
		{Stream: 9, PPID: 60},
		{Stream: 2, PPID: 0xfedcba98, Unordered: true},
		{PPID: 46, Context: 7, SACKImmediately: true},
		{PPID: 47, PR: sctp.PRInfo{Policy: sctp.PRTTL, TTL: time.Hour}},
		{PPID: 48, PR: sctp.PRInfo{Policy: sctp.PRRTX, Value: 3}},
		{PPID: 49, PR: sctp.PRInfo{Policy: sctp.PRPrio, Value: 100}},
		{PPID: 50, Addr: client.RemoteAddr().(*sctp.Addr).AddrPort()},
	} {
		text := fmt.Sprint("message ", i)
		n, err := client.WriteMsg([]byte(text), info)
		require.NoError(t, err)
		require.Equal(t, len(text), n)
		m, err := server.ReadMsg(b)
		require.NoError(t, err)
		require.Equal(t, text, string(m.Data))
		require.True(t, m.EOR)
		require.Nil(t, m.Event)
		require.Equal(t, client.LocalAddr().(*sctp.Addr).AddrPort(), m.Addr)
		if info == nil {
			info = &sctp.SndInfo{}
		}
		require.Equal(t, info.Stream, m.Info.Stream)
		require.Equal(t, info.PPID, m.Info.PPID)
		require.Equal(t, info.Unordered, m.Info.Unordered)
	}
}

func TestConnDefaultSndInfoIsForNilInfoOnly(t *testing.T) {
	client, server := sctptest.Pair(t)
	want := sctp.SndInfo{Stream: 4, PPID: 60, Context: 9, Unordered: true}
	require.NoError(t, client.Options().SetDefaultSndInfo(want))
	got, err := client.Options().DefaultSndInfo()
	require.NoError(t, err)
	require.Equal(t, want, got)
	b := make([]byte, 10)
	for _, tt := range []struct {
		write func() (int, error)
		ppid  uint32
	}{
		{func() (int, error) { return client.Write([]byte("x")) }, 60},
		{func() (int, error) { return client.WriteMsg([]byte("x"), nil) }, 60},
		{func() (int, error) { return client.WriteMsg([]byte("x"), &sctp.SndInfo{}) }, 0},
	} {
		_, err := tt.write()
		require.NoError(t, err)
		m, err := server.ReadMsg(b)
		require.NoError(t, err)
		require.Equal(t, tt.ppid, m.Info.PPID)
		require.Equal(t, tt.ppid != 0, m.Info.Unordered)
	}
	require.ErrorIs(t, client.Options().SetDefaultSndInfo(sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRRTX}}), syscall.EINVAL)
}

var badWriteMsgs = []struct {
	name string
	size int
	info *sctp.SndInfo
	err  error
	text string
}{
	{"Empty", 0, nil, syscall.EINVAL, "no empty message"},
	{"TooLong", 1 << 20, nil, syscall.EMSGSIZE, "message of 1048576 bytes, limit "},
	{"TooLongWithInfo", 1 << 20, &sctp.SndInfo{PPID: 1}, syscall.EMSGSIZE, "(SetWriteBuffer)"},
	{"Stream", 1, &sctp.SndInfo{Stream: 10}, syscall.EINVAL, "stream 10 of an association with 10"},
	{"PolicyWithoutTTL", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRTTL}}, syscall.EINVAL, "needs a positive TTL"},
	{"Policy", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: 0x40}}, syscall.EINVAL, "unknown policy"},
	{"TTLOutOfRange", 1, &sctp.SndInfo{PR: sctp.PRInfo{Policy: sctp.PRTTL, TTL: 1 << 62}}, syscall.EINVAL, "out of range"},
}

func TestConnWriteMsgRefuses(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, tt := range badWriteMsgs {
		t.Run(tt.name, func(t *testing.T) {
			n, err := client.WriteMsg(make([]byte, tt.size), tt.info)
			require.Zero(t, n)
			require.ErrorIs(t, err, tt.err)
			require.ErrorContains(t, err, tt.text)
			require.Equal(t, "write", sctptest.OpError(t, err).Op)
		})
	}
	// Nothing of it was sent.
	_, err := client.Write([]byte("after"))
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 100))
	require.NoError(t, err)
	require.Equal(t, "after", string(m.Data))
}

func TestConnWriteMsgToAForeignPath(t *testing.T) {
	client, _ := sctptest.Pair(t)
	path := client.RemoteAddr().(*sctp.Addr).AddrPort()
	foreign := sctp.AddrFrom(path.Port(), path.Addr().Next()).AddrPort()
	_, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: foreign})
	require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
}

// Promise 3: Diameter reads a header first, and the kernel's events come in between.
func TestPromise3ShortReadsLoseNothing(t *testing.T) {
	for _, size := range []int{1, 2, 19, 20, 21, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			client, server := sctptest.Pair(t)
			var want []byte
			for i := range 20 {
				m := pattern(1+i*50, byte(i))
				want = append(want, m...)
				_, err := client.WriteMsg(m, &sctp.SndInfo{PPID: uint32(i)})
				require.NoError(t, err)
			}
			require.NoError(t, client.CloseWrite()) // more events
			var got []byte
			b := make([]byte, size)
			for {
				n, err := server.Read(b)
				got = append(got, b[:n]...)
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
			}
			require.Equal(t, want, got)
		})
	}
}

func TestConnReadMsgInParts(t *testing.T) {
	client, server := sctptest.Pair(t)
	want := pattern(1000, 1)
	for range 2 {
		_, err := client.WriteMsg(want, &sctp.SndInfo{Stream: 5, PPID: 77})
		require.NoError(t, err)
	}
	var got []byte
	b := make([]byte, 300)
	for i := range 4 {
		m, err := server.ReadMsg(b)
		require.NoError(t, err)
		require.Equal(t, i == 3, m.EOR)
		require.Equal(t, uint32(77), m.Info.PPID)
		require.Equal(t, uint16(5), m.Info.Stream)
		got = append(got, m.Data...)
	}
	require.Equal(t, want, got)
	m, err := server.ReadMsg(nil)
	require.NoError(t, err)
	require.Equal(t, sctp.Message{}, m)
	m, err = server.ReadMsg(make([]byte, 1000)) // exactly
	require.NoError(t, err)
	require.True(t, m.EOR)
	require.Equal(t, want, m.Data)
}

// The kernel delivers a message longer than the receive window in pieces.
func TestConnReadMsgAcrossTheKernelsPieces(t *testing.T) {
	client, server := sctptest.Pair(t)
	want := pattern(200000, 2)
	sent := make(chan error, 1)
	go func() {
		_, err := client.WriteMsg(want, &sctp.SndInfo{PPID: 5})
		if err == nil {
			_, err = client.WriteMsg([]byte("next"), nil)
		}
		sent <- err
	}()
	m, err := server.ReadMsg(make([]byte, 300000))
	require.NoError(t, err)
	require.True(t, m.EOR)
	require.Equal(t, sha256.Sum256(want), sha256.Sum256(m.Data))
	m, err = server.ReadMsg(make([]byte, 300000))
	require.NoError(t, err)
	require.Equal(t, "next", string(m.Data))
	require.NoError(t, sctptest.Receive(t, sent))
}

// A deadline amid a message leaves what came, and what comes.
func TestConnReadMsgDeadlineAmidAMessage(t *testing.T) {
	for _, reader := range []string{"ReadMsg", "Messages"} {
		t.Run(reader, func(t *testing.T) {
			client, server := stalledPair(t)
			want := pattern(100000, 3)
			writeStalled(t, client, want)
			require.NoError(t, server.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
			var got []byte
			switch reader {
			case "ReadMsg":
				b := make([]byte, 200000)
				m, err := server.ReadMsg(b)
				require.NoError(t, err)
				require.False(t, m.EOR)
				got = append(got, m.Data...)
				_, err = server.ReadMsg(b)
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.NoError(t, server.SetReadDeadline(time.Time{}))
				client.resume(t)
				for !m.EOR {
					m, err = server.ReadMsg(b)
					require.NoError(t, err)
					got = append(got, m.Data...)
				}
			case "Messages":
				for m, err := range server.Messages(200000) {
					require.ErrorIs(t, err, os.ErrDeadlineExceeded)
					require.Empty(t, m.Data)
				}
				require.NoError(t, server.SetReadDeadline(time.Time{}))
				client.resume(t)
				for m, err := range server.Messages(200000) {
					require.NoError(t, err)
					require.True(t, m.EOR)
					got = m.Data
					break
				}
			}
			require.Equal(t, sha256.Sum256(want), sha256.Sum256(got))
		})
	}
}

func TestConnMessagesYieldsWholeMessagesAndEvents(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{
		Events: []sctp.EventType{sctp.EventAssocChange, sctp.EventShutdown},
	}, "sctp4", "127.0.0.1:0")
	sizes := []int{1, 4095, 4096, 4097, 60000, 150000, 150001, 20}
	sent := make(chan error, 1)
	go func() {
		for i, size := range sizes {
			if _, err := client.WriteMsg(pattern(size, byte(i)), &sctp.SndInfo{PPID: uint32(i), Stream: uint16(i)}); err != nil {
				sent <- err
				return
			}
		}
		sent <- client.CloseWrite()
	}()
	var events []string
	i := 0
	for m, err := range server.Messages(150000) {
		if m.Event != nil {
			events = append(events, m.Event.Type().String())
			continue
		}
		if sizes[i] > 150000 {
			require.ErrorIs(t, err, syscall.EMSGSIZE)
			require.ErrorContains(t, err, "message of 150001 bytes skipped, limit 150000")
			i++
			continue
		}
		require.NoError(t, err)
		require.True(t, m.EOR)
		require.Equal(t, uint32(i), m.Info.PPID)
		require.Equal(t, sha256.Sum256(pattern(sizes[i], byte(i))), sha256.Sum256(m.Data), "message %d", i)
		i++
	}
	require.Equal(t, len(sizes), i)
	require.NoError(t, sctptest.Receive(t, sent))
	require.Equal(t, []string{"AssocChange", "Shutdown"}, events[:2]) // and maybe the end, if it was in time
}

// What an iterator has begun to put together is its own: a ReadMsg in between reads on,
// and nothing is glued to what it left.
func TestConnMessagesThenReadMsgGluesNothing(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 7))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	client.resume(t)
	m, err := server.ReadMsg(make([]byte, 200000))
	require.NoError(t, err)
	require.True(t, m.EOR)
	_, err = client.Write([]byte("next"))
	require.NoError(t, err)
	for m, err := range server.Messages(200000) {
		require.NoError(t, err)
		require.Equal(t, "next", string(m.Data))
		break
	}
}

// A message that was too long for one iterator is not cut off for the next.
func TestConnMessagesLimitGrows(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 8))
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(1000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	client.resume(t)
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		require.ErrorContains(t, err, "message of 100000 bytes skipped, limit 1000")
		break
	}
}

func TestConnMessagesEndsWithAnErrorOnce(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, client.Abort())
	n := 0
	for _, err := range server.Messages(100) {
		require.ErrorIs(t, err, syscall.ECONNRESET)
		n++
	}
	require.Equal(t, 1, n)
	for _, err := range server.Messages(0) {
		require.ErrorIs(t, err, syscall.EINVAL)
	}
}

// Promise 4: Write takes any length, as one message where it fits one.
func TestPromise4WriteAnyLength(t *testing.T) {
	for _, tt := range []struct {
		name         string
		size, buffer int
		noFragments  bool
		messages     int // 0: not to be counted on
	}{
		{"One", 1, 0, false, 1},
		{"Packet", 1400, 0, false, 1},
		{"Longest", 65536, 0, false, 1},
		{"Cut", 65537, 0, false, 2},
		{"Megabytes", 3<<20 + 7, 0, false, 49},
		{"SmallBuffer", 100000, 4096, false, 0},
		{"NoFragments", 100000, 0, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := sctptest.PairOf(t, sctp.Dialer{WriteBuffer: tt.buffer}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			require.NoError(t, client.Options().SetDisableFragments(tt.noFragments))
			want := pattern(tt.size, 4)
			type result struct {
				n   int
				err error
			}
			sent := make(chan result, 1)
			go func() {
				n, err := client.Write(want)
				client.CloseWrite()
				sent <- result{n, err}
			}()
			got, messages := sha256.New(), 0
			for m, err := range server.Messages(1 << 20) {
				require.NoError(t, err)
				got.Write(m.Data)
				messages++
			}
			require.Equal(t, result{tt.size, nil}, sctptest.Receive(t, sent))
			sum := sha256.Sum256(want)
			require.Equal(t, sum[:], got.Sum(nil))
			if tt.messages != 0 {
				require.Equal(t, tt.messages, messages)
			}
		})
	}
}

func TestPromise4EmptyReadAndWrite(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, c := range []*sctp.Conn{client, server} {
		n, err := c.Write(nil)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = c.Read(nil)
		require.NoError(t, err)
		require.Zero(t, n)
	}
}

func TestConnDisableFragmentsLimitsWriteMsg(t *testing.T) {
	client, _ := sctptest.Pair(t)
	require.NoError(t, client.Options().SetDisableFragments(true))
	st, err := client.Options().Status()
	require.NoError(t, err)
	_, err = client.WriteMsg(make([]byte, st.FragPoint+1), nil)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.ErrorContains(t, err, fmt.Sprint("limit ", st.FragPoint))
}

// Promise 9: each writer's messages arrive whole, each reader gets whole pieces.
func TestPromise9ConcurrentWritersAndReaders(t *testing.T) {
	const writers, readers, count = 8, 4, 25
	for _, how := range []string{"ReadMsg", "Messages"} {
		t.Run(how, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			var ws sync.WaitGroup
			errs := make(chan error, writers+readers)
			for w := range writers {
				ws.Go(func() {
					for i := range count {
						// Some are one chunk, some many, some more than the window.
						b := pattern(8+(w*7919+i*104729)%70000, byte(w))
						binary.BigEndian.PutUint32(b, uint32(w))
						binary.BigEndian.PutUint32(b[4:], uint32(i))
						if _, err := client.WriteMsg(b, &sctp.SndInfo{Stream: uint16(w)}); err != nil {
							errs <- err
							return
						}
					}
				})
			}
			go func() { ws.Wait(); client.CloseWrite() }()

			var mu sync.Mutex
			seen := map[string]bool{}
			take := func(b []byte) error {
				if len(b) < 8 {
					return fmt.Errorf("message of %d bytes", len(b))
				}
				w, i := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
				want := pattern(8+(int(w)*7919+int(i)*104729)%70000, byte(w))
				if !bytes.Equal(b[8:], want[8:]) {
					return fmt.Errorf("message %d of writer %d is not whole: %d bytes of %d", i, w, len(b), len(want))
				}
				mu.Lock()
				defer mu.Unlock()
				seen[fmt.Sprint(w, i)] = true
				return nil
			}
			var rs sync.WaitGroup
			for range readers {
				rs.Go(func() {
					if how == "Messages" {
						for m, err := range server.Messages(1 << 20) {
							if err == nil {
								err = take(m.Data)
							}
							if err != nil {
								errs <- err
								return
							}
						}
						return
					}
					b := make([]byte, 100000)
					for {
						m, err := server.ReadMsg(b)
						if err == io.EOF {
							return
						}
						if err == nil && !m.EOR {
							err = errors.New("no end of record")
						}
						if err == nil {
							err = take(m.Data)
						}
						if err != nil {
							errs <- err
							return
						}
					}
				})
			}
			done := make(chan struct{})
			go func() { rs.Wait(); close(done) }()
			sctptest.Receive(t, done)
			select {
			case err := <-errs:
				t.Fatal(err)
			default:
			}
			require.Len(t, seen, writers*count)
		})
	}
}

// Long Writes of several goroutines do not mix either.
func TestPromise9ConcurrentWrites(t *testing.T) {
	const writers, size = 4, 200000
	client, server := sctptest.Pair(t)
	errs := make(chan error, writers)
	for w := range writers {
		go func() {
			_, err := client.Write(bytes.Repeat([]byte{byte(w)}, size))
			errs <- err
		}()
	}
	go func() {
		for range writers {
			<-errs
		}
		client.CloseWrite()
	}()
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	require.Len(t, got, writers*size)
	for i := 0; i < len(got); i += size {
		require.Equal(t, bytes.Repeat(got[i:i+1], size), got[i:i+size])
	}
}
