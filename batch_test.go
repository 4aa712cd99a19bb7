package sctp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// numbered returns n messages of a size that begin with their numbers.
func numbered(n, size int) [][]byte {
	bufs := make([][]byte, n)
	for i := range bufs {
		bufs[i] = append(fmt.Appendf(nil, "%04d", i), make([]byte, size-4)...)
	}
	return bufs
}

// buffers returns n buffers of a size.
func buffers(n, size int) [][]byte {
	bufs := make([][]byte, n)
	for i := range bufs {
		bufs[i] = make([]byte, size)
	}
	return bufs
}

// A batchReader is a Conn or a MultiConn.
type batchReader interface {
	ReadBatch(bufs [][]byte, ms []sctp.Message) (int, error)
}

// readBatches reads n messages, in batches of at most 5.
func readBatches(t testing.TB, c batchReader, n, size int) (all []sctp.Message) {
	t.Helper()
	for len(all) < n {
		ms := make([]sctp.Message, 5)
		got, err := c.ReadBatch(buffers(min(5, n-len(all)), size), ms)
		require.NoError(t, err)
		require.Positive(t, got)
		all = append(all, ms[:got]...)
	}
	return all
}

func TestConnBatchesKeepWhatBelongsToAMessage(t *testing.T) {
	client, server := sctptest.Pair(t)
	var infos []sctp.SndInfo
	bufs := numbered(40, 100)
	for i := range bufs {
		bufs[i] = bufs[i][:4+i*2]
		infos = append(infos, sctp.SndInfo{Stream: uint16(i % 10), PPID: uint32(i)})
	}
	n, err := client.WriteBatch(bufs, infos)
	require.NoError(t, err)
	require.Equal(t, len(bufs), n)
	got := readBatches(t, server, len(bufs), 100)
	slices.SortFunc(got, func(a, b sctp.Message) int { return int(a.Info.TSN - b.Info.TSN) })
	for i, m := range got {
		require.Equal(t, string(bufs[i]), string(m.Data))
		require.Equal(t, infos[i].Stream, m.Info.Stream)
		require.Equal(t, infos[i].PPID, m.Info.PPID)
		require.True(t, m.EOR)
		require.Equal(t, client.LocalAddr().(*sctp.Addr).AddrPort(), m.Addr)
	}
	require.NoError(t, client.Options().SetDefaultSndInfo(sctp.DefaultSndInfo{PPID: 60}))
	n, err = client.WriteBatch(bufs[:2], nil)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	for _, m := range readBatches(t, server, 2, 100) {
		require.EqualValues(t, 60, m.Info.PPID)
	}
}

// What a batch is for: fewer packets.
func TestConnWriteBatchBundles(t *testing.T) {
	client, server := sctptest.Pair(t)
	packets := func(write func(bufs [][]byte)) uint64 {
		before, err := client.Options().AssocStats()
		require.NoError(t, err)
		write(numbered(32, 64))
		readBatches(t, server, 32, 64)
		after, err := client.Options().AssocStats()
		require.NoError(t, err)
		require.EqualValues(t, 32, after.OutOrderedChunks-before.OutOrderedChunks)
		return after.OutPackets - before.OutPackets
	}
	alone := packets(func(bufs [][]byte) {
		for _, b := range bufs {
			_, err := client.WriteMsg(b, nil)
			require.NoError(t, err)
		}
	})
	batch := packets(func(bufs [][]byte) {
		_, err := client.WriteBatch(bufs, nil)
		require.NoError(t, err)
	})
	require.GreaterOrEqual(t, alone, uint64(32))
	require.Less(t, batch, uint64(16))
}

// A batch of which a message cannot be sent: those before it arrive without help, and
// SCTP_NODELAY is as it was.
func TestConnWriteBatchInPart(t *testing.T) {
	client, server := sctptest.Pair(t)
	limit, err := client.Options().WriteBuffer()
	require.NoError(t, err)
	for _, tt := range []struct {
		name string
		b    []byte
		info sctp.SndInfo
		err  error
		text string
	}{
		{"Empty", nil, sctp.SndInfo{}, syscall.EINVAL, "SCTP has no empty message"},
		{"TooLong", make([]byte, limit+1), sctp.SndInfo{}, syscall.EMSGSIZE, fmt.Sprintf("message of %d bytes, limit %d", limit+1, limit)},
		{"NoStream", []byte("x"), sctp.SndInfo{Stream: math.MaxUint16}, syscall.EINVAL, "stream 65535 of an association with 10"},
		{"NoSuchPR", []byte("x"), sctp.SndInfo{PR: sctp.PRInfo{Policy: 99}}, syscall.EINVAL, "unknown policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for at := range 5 {
				bufs, infos := numbered(5, 20), make([]sctp.SndInfo, 5)
				bufs[at], infos[at] = tt.b, tt.info
				n, err := client.WriteBatch(bufs, infos)
				require.Equal(t, at, n)
				require.ErrorIs(t, err, tt.err)
				require.ErrorContains(t, err, tt.text)
				sctptest.OpError(t, err)
				for i, m := range readBatches(t, server, at, 20) {
					require.Equal(t, string(bufs[i]), string(m.Data))
				}
				on, err := client.Options().NoDelay()
				require.NoError(t, err)
				require.True(t, on)
			}
		})
	}
}

// A deadline amid a batch: the count is exact, and what was sent arrives though nothing
// follows.
func TestConnWriteBatchUntilADeadline(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, client.SetWriteBuffer(16<<10))
	bufs := numbered(4000, 200)
	require.NoError(t, client.SetWriteDeadline(time.Now().Add(200*time.Millisecond)))
	n, err := client.WriteBatch(bufs, nil)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.Greater(t, n, 0)
	require.Less(t, n, len(bufs))
	for i, m := range readBatches(t, server, n, 200) {
		require.Equal(t, string(bufs[i]), string(m.Data))
	}
	// The batch goes on where it stopped, and waits for room as often as it must.
	require.NoError(t, client.SetWriteDeadline(time.Time{}))
	written := make(chan error, 1)
	go func() {
		_, err := client.WriteBatch(bufs[n:], nil)
		written <- err
	}()
	for i, m := range readBatches(t, server, len(bufs)-n, 200) {
		require.Equal(t, string(bufs[n+i]), string(m.Data))
	}
	require.NoError(t, sctptest.Receive(t, written))
}

func TestConnWriteBatchIsInterrupted(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(client, server *sctp.Conn) error
		want error
	}{
		{"ByThePeer", func(_, server *sctp.Conn) error { return server.Abort() }, syscall.ECONNRESET},
		{"ByClose", func(client, _ *sctp.Conn) error { return client.Close() }, net.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := sctptest.Pair(t)
			type outcome struct {
				n   int
				err error
			}
			done := make(chan outcome, 1)
			go func() {
				n, err := client.WriteBatch(numbered(4000, 1000), nil)
				done <- outcome{n, err}
			}()
			sctptest.AwaitParked(t, 1)
			require.NoError(t, tt.end(client, server))
			got := sctptest.Receive(t, done)
			require.ErrorIs(t, got.err, tt.want)
			require.Less(t, got.n, 4000)
		})
	}
}

// The messages of a batch stand together, whoever writes beside.
func TestConnWriteBatchStandsTogether(t *testing.T) {
	client, server := sctptest.Pair(t)
	const batches, count = 50, 10
	for ppid := range uint32(3) {
		go func() {
			infos := slices.Repeat([]sctp.SndInfo{{PPID: ppid}}, count)
			for range batches {
				if _, err := client.WriteBatch(numbered(count, 50), infos); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	all := readBatches(t, server, 3*batches*count, 50)
	for i, m := range all {
		require.Equal(t, fmt.Sprintf("%04d", i%count), string(m.Data[:4]))
		require.Equal(t, all[i/count*count].Info.PPID, m.Info.PPID)
	}
}

// SCTP_NODELAY is the owner's: a batch leaves it as it finds it, and hides that it does not.
func TestConnWriteBatchKeepsNoDelay(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, on := range []bool{false, true, false} {
		require.NoError(t, client.SetNoDelay(on))
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 5 { // without SCTP_NODELAY each waits for a delayed SACK
				if _, err := client.WriteBatch(numbered(8, 50), nil); err != nil {
					t.Error(err)
				}
				readBatches(t, server, 8, 50)
			}
		}()
		for ended := false; !ended; {
			select {
			case <-done:
				ended = true
			default:
			}
			got, err := client.Options().NoDelay()
			require.NoError(t, err)
			require.Equal(t, on, got)
		}
	}
}

// An owner of a copy of the descriptor may have switched SCTP_NODELAY off.
func TestConnWriteBatchOnASharedSocket(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	f, err := client.File()
	require.NoError(t, err)
	defer f.Close()
	c, err := sctp.FileConn(f)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.(*sctp.Conn).SetNoDelay(false))
	_, err = client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	readBatches(t, server, 6, 50)
	on, err := client.Options().NoDelay()
	require.NoError(t, err)
	require.False(t, on)
}

func TestConnReadBatchHasEvents(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{Events: []sctp.EventType{sctp.EventShutdown, sctp.EventAssocChange}}, "sctp4", "127.0.0.1:0")
	_, err := client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	require.NoError(t, client.Close())
	sctptest.AwaitEnd(t, server)
	ms := make([]sctp.Message, 10)
	n, err := server.ReadBatch(buffers(10, 200), ms)
	require.NoError(t, err)
	var got []string
	for _, m := range ms[:n] {
		got = append(got, fmt.Sprintf("%T %d", m.Event, len(m.Data)))
	}
	require.Equal(t, []string{"*sctp.AssocChange 0", "<nil> 50", "<nil> 50", "<nil> 50", "*sctp.Shutdown 0"}, got[:5])
	for range 2 {
		n, err = server.ReadBatch(buffers(10, 200), ms)
		require.Zero(t, n)
		require.Equal(t, io.EOF, err)
	}
}

// An error comes alone, behind the messages that were read before it.
func TestConnReadBatchErrorsComeAlone(t *testing.T) {
	client, server := sctptest.Pair(t)
	_, err := client.WriteBatch(numbered(3, 50), nil)
	require.NoError(t, err)
	sctptest.Eventually(t, func() bool {
		st, err := client.Options().Status()
		return err == nil && st.UnackedData == 0
	}, "acknowledgement")
	require.NoError(t, client.Abort())
	sctptest.AwaitEnd(t, server)
	ms := make([]sctp.Message, 10)
	n, err := server.ReadBatch(buffers(10, 200), ms)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	for range 2 {
		n, err = server.ReadBatch(buffers(10, 200), ms)
		require.Zero(t, n)
		require.ErrorIs(t, err, syscall.ECONNRESET)
		var ae *sctp.AssocError
		require.ErrorAs(t, err, &ae)
	}
}

// A message that arrives in pieces is whole, also amid a batch; one that is longer than its
// buffer goes on in the next.
func TestConnReadBatchOfLongMessages(t *testing.T) {
	client, server := sctptest.Pair(t)
	long := pattern(200000, 3)
	sent := make(chan error, 1)
	go func() {
		_, err := client.WriteBatch([][]byte{[]byte("first"), long, []byte("last")}, nil)
		sent <- err
	}()
	ms := make([]sctp.Message, 3)
	var got []string
	for len(got) < 3 {
		n, err := server.ReadBatch(buffers(3-len(got), 300000), ms)
		require.NoError(t, err)
		for _, m := range ms[:n] {
			require.True(t, m.EOR)
			got = append(got, string(m.Data))
		}
	}
	require.Equal(t, []string{"first", string(long), "last"}, got)
	require.NoError(t, sctptest.Receive(t, sent))

	_, err := client.WriteMsg([]byte("123456789"), nil)
	require.NoError(t, err)
	n, err := server.ReadBatch([][]byte{make([]byte, 4), make([]byte, 4), make([]byte, 4)}, ms)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, "1234 false 5678 false 9 true", fmt.Sprintf("%s %v %s %v %s %v", ms[0].Data, ms[0].EOR, ms[1].Data, ms[1].EOR, ms[2].Data, ms[2].EOR))
}

func TestBatchesRefuse(t *testing.T) {
	client, server := sctptest.Pair(t)
	m, _, id, _ := multiPair(t)
	ms := make([]sctp.Message, 2)
	one := [][]byte{[]byte("x")}
	for _, tt := range []struct {
		name string
		call func() (int, error)
		err  error
		text string
	}{
		{"FewerInfos", func() (int, error) { return client.WriteBatch(numbered(2, 10), make([]sctp.SndInfo, 1)) }, syscall.EINVAL, "2 messages with 1 SndInfos"},
		{"MultiFewerInfos", func() (int, error) { return m.WriteBatch(numbered(2, 10), make([]sctp.SndInfo, 1)) }, syscall.EINVAL, "2 messages with 1 SndInfos"},
		{"MultiNoInfos", func() (int, error) { return m.WriteBatch(one, nil) }, syscall.EDESTADDRREQ, "SndInfo names no association"},
		{"MultiNowhere", func() (int, error) { return m.WriteBatch(one, make([]sctp.SndInfo, 1)) }, syscall.EDESTADDRREQ, "SndInfo names no association"},
		{"MultiNoAssoc", func() (int, error) { return m.WriteBatch(one, []sctp.SndInfo{{Assoc: id + 100}}) }, syscall.ENOTCONN, ""},
		{"EmptyBuffer", func() (int, error) { return server.ReadBatch([][]byte{make([]byte, 1), {}}, ms) }, syscall.EINVAL, "buffer 1 of ReadBatch is empty"},
		{"NoParts", func() (int, error) { return client.WriteMsgParts(nil, nil) }, syscall.EINVAL, "no empty message"},
		{"EmptyParts", func() (int, error) { return client.WriteMsgParts([][]byte{{}, {}}, nil) }, syscall.EINVAL, "no empty message"},
		{"TooManyParts", func() (int, error) { return client.WriteMsgParts(numbered(1025, 4), nil) }, syscall.EINVAL, "a message in more than 1024 parts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := tt.call()
			require.Zero(t, n)
			require.ErrorIs(t, err, tt.err)
			require.ErrorContains(t, err, tt.text)
		})
	}
	// Batches of nothing.
	for _, call := range []func() (int, error){
		func() (int, error) { return client.WriteBatch(nil, nil) },
		func() (int, error) { return m.WriteBatch(nil, nil) },
		func() (int, error) { return server.ReadBatch(nil, ms) },
		func() (int, error) { return server.ReadBatch(numbered(2, 10), nil) },
	} {
		n, err := call()
		require.NoError(t, err)
		require.Zero(t, n)
	}
	past := time.Now().Add(-time.Hour)
	require.NoError(t, errors.Join(client.SetWriteDeadline(past), m.SetWriteDeadline(past)))
	_, err := client.WriteBatch(nil, nil)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	_, err = m.WriteBatch(nil, nil)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestWriteMsgParts(t *testing.T) {
	client, server := sctptest.Pair(t)
	m, peer, id, _ := multiPair(t)
	for _, parts := range [][][]byte{
		{[]byte("head"), nil, []byte("body"), {}},
		numbered(1024, 40),
		{make([]byte, 100000), []byte("end")},
	} {
		want := bytes.Join(parts, nil)
		got := make(chan sctp.Message, 2)
		for _, c := range []interface {
			ReadWhole(b []byte, limit int) (sctp.Message, error)
		}{server, peer} {
			go func() {
				m, err := c.ReadWhole(nil, 1<<20)
				if err != nil {
					t.Error(err)
				}
				got <- m
			}()
		}
		n, err := client.WriteMsgParts(parts, &sctp.SndInfo{Stream: 3, PPID: 60})
		require.NoError(t, err)
		require.Equal(t, len(want), n)
		n, err = m.WriteMsgParts(parts, &sctp.SndInfo{Stream: 3, PPID: 60, Assoc: id})
		require.NoError(t, err)
		require.Equal(t, len(want), n)
		for range 2 {
			m := sctptest.Receive(t, got)
			require.True(t, bytes.Equal(want, m.Data))
			require.EqualValues(t, 60, m.Info.PPID)
			require.EqualValues(t, 3, m.Info.Stream)
		}
	}
	limit, err := client.Options().WriteBuffer()
	require.NoError(t, err)
	_, err = client.WriteMsgParts([][]byte{make([]byte, limit), []byte("x")}, nil)
	require.ErrorIs(t, err, syscall.EMSGSIZE)
	require.ErrorContains(t, err, fmt.Sprintf("message of %d bytes, limit %d", limit+1, limit))
}

// A batch on a one-to-many socket: to associations that are there, in turn and one after
// the other, and to an address that has none.
func TestMultiConnBatches(t *testing.T) {
	m, _, id, _ := multiPair(t)
	var readers []*sctp.MultiConn
	ids := []sctp.AssocID{id}
	for range 2 {
		r := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		id, err := m.Connect(context.Background(), r.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		ids, readers = append(ids, id), append(readers, r)
	}
	fresh := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	bufs := numbered(60, 50)
	var infos []sctp.SndInfo
	for i := range bufs {
		to := sctp.SndInfo{PPID: uint32(i), Assoc: ids[1+i%2]}
		switch {
		case i >= 40:
			to.Assoc, to.Addr = 0, fresh.LocalAddr().(*sctp.Addr).AddrPort()
		case i >= 20:
			to.Assoc = ids[1]
		}
		infos = append(infos, to)
	}
	n, err := m.WriteBatch(bufs, infos)
	require.NoError(t, err)
	require.Equal(t, len(bufs), n)
	want := map[*sctp.MultiConn][]int{}
	for i := range bufs {
		r := fresh
		if infos[i].Assoc != 0 {
			r = readers[slices.Index(ids, infos[i].Assoc)-1]
		}
		want[r] = append(want[r], i)
	}
	for r, numbers := range want {
		for i, m := range readBatches(t, r, len(numbers), 50) {
			require.Equal(t, string(bufs[numbers[i]]), string(m.Data))
			require.EqualValues(t, numbers[i], m.Info.PPID)
		}
	}
	on, err := m.Options().NoDelay()
	require.NoError(t, err)
	require.True(t, on)

	// An association that is gone ends the batch.
	require.NoError(t, m.AbortAssoc(ids[2], nil))
	n, err = m.WriteBatch(numbered(6, 50), []sctp.SndInfo{{Assoc: ids[1]}, {Assoc: ids[1]}, {Assoc: ids[1]}, {Assoc: ids[1]}, {Assoc: ids[2]}, {Assoc: ids[1]}})
	require.Equal(t, 4, n)
	require.ErrorIs(t, err, syscall.ENOTCONN)
	readBatches(t, readers[0], 4, 50)
}

// Who peels off beside batches gets a Conn with SCTP_NODELAY.
func TestMultiConnPeelOffBesideBatches(t *testing.T) {
	m, _, id, _ := multiPair(t)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		infos := slices.Repeat([]sctp.SndInfo{{Assoc: id}}, 16)
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			m.SetWriteDeadline(time.Now().Add(20 * time.Millisecond)) // nobody reads at the other end
			if _, err := m.WriteBatch(numbered(16, 50), infos); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				stopped <- err
				return
			}
		}
	}()
	for range 50 {
		r := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		id, err := m.Connect(context.Background(), r.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		c, err := m.PeelOff(id)
		require.NoError(t, err)
		on, err := c.Options().NoDelay()
		require.NoError(t, err)
		require.True(t, on)
		require.NoError(t, c.Abort())
		require.NoError(t, r.Close())
	}
	close(stop)
	require.NoError(t, sctptest.Receive(t, stopped))
}

// Close amid a batch: whoever else has the socket finds SCTP_NODELAY on.
func TestMultiConnCloseAmidABatch(t *testing.T) {
	for range 20 {
		m, _, id, _ := multiPair(t)
		f, err := m.File()
		require.NoError(t, err)
		defer f.Close()
		began, done := make(chan struct{}), make(chan error, 1)
		go func() {
			infos := slices.Repeat([]sctp.SndInfo{{Assoc: id}}, 8)
			for i := 0; ; i++ {
				if _, err := m.WriteBatch(numbered(8, 50), infos); err != nil {
					done <- err
					return
				}
				if i == 1 {
					close(began)
				}
			}
		}()
		sctptest.Receive(t, began)
		require.NoError(t, m.Close())
		require.ErrorIs(t, sctptest.Receive(t, done), net.ErrClosed)
		c, err := sctp.FilePacketConn(f)
		require.NoError(t, err)
		defer c.Close()
		on, err := c.(*sctp.MultiConn).Options().NoDelay()
		require.NoError(t, err)
		require.True(t, on)
	}
}

// Close amid a batch does not wait for its end, though there is always room.
func TestConnCloseAmidABatch(t *testing.T) {
	client, server := sctptest.Pair(t)
	go func() {
		for b := make([]byte, 100); ; {
			if _, err := server.Read(b); err != nil {
				return
			}
		}
	}()
	done := make(chan int, 1)
	bufs := slices.Repeat(numbered(1, 50), 1<<20)
	go func() {
		n, err := client.WriteBatch(bufs, nil)
		if !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		done <- n
	}()
	sctptest.Eventually(t, func() bool {
		stats, err := server.Options().AssocStats()
		return err == nil && stats.InOrderedChunks > 0
	}, "the first message")
	require.NoError(t, client.Close())
	require.Less(t, sctptest.Receive(t, done), len(bufs))
}
