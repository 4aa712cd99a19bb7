package sctp_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
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
	want := sctp.DefaultSndInfo{Stream: 4, PPID: 60, Context: 9, Unordered: true}
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
}

func TestConnWriteMsgToAForeignPath(t *testing.T) {
	client, _ := sctptest.Pair(t)
	path := client.RemoteAddr().(*sctp.Addr).AddrPort()
	foreign := sctp.AddrFrom(path.Port(), path.Addr().Next()).AddrPort()
	_, err := client.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: foreign})
	require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
}

// The kernel delivers a message longer than the receive window in pieces.
func TestConnReadMsgAcrossTheKernelsPieces(t *testing.T) {
	t.Parallel()
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

// readUpToADeadline reads what is there, with a deadline that the machine is fast enough
// to begin before.
func readUpToADeadline(t *testing.T, c *sctp.Conn, b []byte) (m sctp.Message, err error) {
	t.Helper()
	for d := 200 * time.Millisecond; d < sctptest.Wait; d *= 2 {
		require.NoError(t, c.SetReadDeadline(time.Now().Add(d)))
		if m, err = c.ReadMsg(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
	}
	return m, err
}

// A deadline amid a message leaves what came, and what comes.
func TestConnReadMsgDeadlineAmidAMessage(t *testing.T) {
	t.Parallel()
	for _, reader := range []string{"ReadMsg", "Messages"} {
		t.Run(reader, func(t *testing.T) {
			client, server := stalledPair(t)
			want := pattern(100000, 3)
			writeStalled(t, client, want)
			var got []byte
			switch reader {
			case "ReadMsg":
				b := make([]byte, 200000)
				m, err := readUpToADeadline(t, server, b)
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
				require.NoError(t, server.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
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
				client.StartShutdown()
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
