package sctp_test

import (
	"context"
	"errors"
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
