package sctp_test

import (
	"bytes"
	"errors"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

func TestOptionsStreamScheduler(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, want := range []sctp.Scheduler{sctp.SchedPrio, sctp.SchedRR, sctp.SchedFCFS} {
			require.NoError(t, o.SetStreamScheduler(want))
			got, err := o.StreamScheduler()
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		requireOptionError(t, o.SetStreamScheduler(99), syscall.EINVAL, "SchedFC and SchedWFQ need Linux 6.4")
	})
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	require.NoError(t, l.Options().SetStreamScheduler(sctp.SchedPrio))
	_, server := sctptest.Connect(t, sctp.Dialer{}, l)
	got, err := server.Options().StreamScheduler()
	require.NoError(t, err)
	require.Equal(t, sctp.SchedPrio, got)
}

func TestOptionsStreamSchedulerValue(t *testing.T) {
	client, _ := sctptest.Pair(t)
	o := client.Options()
	require.NoError(t, o.SetStreamSchedulerValue(3, 7)) // to no effect
	v, err := o.StreamSchedulerValue(3)
	require.NoError(t, err)
	require.Zero(t, v)
	require.NoError(t, o.SetStreamScheduler(sctp.SchedPrio))
	require.NoError(t, o.SetStreamSchedulerValue(3, 7))
	v, err = o.StreamSchedulerValue(3)
	require.NoError(t, err)
	require.Equal(t, uint16(7), v)
	v, err = o.StreamSchedulerValue(4)
	require.NoError(t, err)
	require.Zero(t, v)
	require.NoError(t, o.SetStreamScheduler(sctp.SchedFCFS))
	require.NoError(t, o.SetStreamScheduler(sctp.SchedPrio))
	v, err = o.StreamSchedulerValue(3)
	require.NoError(t, err)
	require.Zero(t, v) // it started anew
	requireOptionError(t, o.SetStreamSchedulerValue(10, 7), syscall.EINVAL, "setsockopt SCTP_STREAM_SCHEDULER_VALUE")
	_, err = o.StreamSchedulerValue(10)
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_STREAM_SCHEDULER_VALUE")
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	require.NoError(t, l.Options().SetStreamSchedulerValue(3, 7)) // to no effect
	_, err = l.Options().StreamSchedulerValue(3)
	requireOptionError(t, err, syscall.EINVAL, "getsockopt SCTP_STREAM_SCHEDULER_VALUE")
}

// A scheduler decides the order of what waits for the peer's window.
func TestConnStreamSchedulerOrdersWhatWaits(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(o sctp.Options) error
		want string
	}{
		{"FCFS", func(sctp.Options) error { return nil }, "1a 1b 2a 2b 3a "},
		{"Prio", func(o sctp.Options) error {
			return errors.Join(o.SetStreamScheduler(sctp.SchedPrio),
				o.SetStreamSchedulerValue(1, 20), o.SetStreamSchedulerValue(2, 10), o.SetStreamSchedulerValue(3, 5))
		}, "3a 2a 2b 1a 1b "},
		{"RR", func(o sctp.Options) error { return o.SetStreamScheduler(sctp.SchedRR) }, "1a 2a 3a 1b 2b "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := stalledPair(t)
			require.NoError(t, tt.set(client.Options()))
			writeStalled(t, client, make([]byte, 100000))
			for i, text := range []string{"1a ", "1b ", "2a ", "2b ", "3a "} {
				_, err := client.WriteMsg([]byte(text), &sctp.SndInfo{Stream: []uint16{1, 1, 2, 2, 3}[i]})
				require.NoError(t, err)
			}
			client.resume(t)
			var got []byte
			for m, err := range server.Messages(200000) {
				require.NoError(t, err)
				if m.Info.Stream != 0 {
					got = append(got, m.Data...)
				}
				if len(got) == len(tt.want) {
					break
				}
			}
			require.Equal(t, tt.want, string(got))
		})
	}
}

// interleaveControl is a Control function for associations with I-DATA.
func interleaveControl(_, _ string, c syscall.RawConn) error {
	on := int32(1)
	var errno sys.Errno
	err := c.Control(func(fd uintptr) {
		errno = sys.Setsockopt(fd, sys.SOL_SCTP, sys.SCTP_FRAGMENT_INTERLEAVE, sys.Bytes(&on))
	})
	if errno != 0 {
		return errno
	}
	return errors.Join(err, sctp.NewOptions(c).SetInterleavingSupported(true))
}

func TestOptionsInterleavingNeedsTheSysctl(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		on, err := o.InterleavingSupported()
		require.NoError(t, err)
		require.False(t, on)
		requireOptionError(t, o.SetInterleavingSupported(true), syscall.EPERM, "net.sctp.intl_enable=1")
	})
}

// Messages are I-DATA chunks if both ends offer it, else DATA.
func TestConnInterleavingIsNegotiated(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	w := sctptest.NewWire(t)
	for _, tt := range []struct {
		listen func(network, address string, c syscall.RawConn) error
		want   bool
		chunk  byte
	}{{interleaveControl, true, 64}, {nil, false, 0}} {
		client, server := sctptest.PairOf(t, sctp.Dialer{Control: interleaveControl}, sctp.ListenConfig{Control: tt.listen}, "sctp4", "127.0.0.1:0")
		for _, c := range []*sctp.Conn{client, server} {
			on, err := c.Options().InterleavingSupported()
			require.NoError(t, err)
			require.Equal(t, tt.want, on)
		}
		requireArrives(t, client, server, "hello", nil)
		p := w.Packet(port(client), port(server), func(p []byte) bool { return bytes.Contains(p, []byte("hello")) })
		require.Equal(t, tt.chunk, p[12])
	}
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	requireOptionError(t, l.Options().SetInterleavingSupported(true), syscall.EPERM, "SCTP_FRAGMENT_INTERLEAVE")
}

// With I-DATA a message overtakes a longer one of another stream that is under way.
func TestConnInterleavingOvertakes(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Sysctl(t, "net/sctp/intl_enable", "1")
	l := sctptest.Listen(t, sctp.ListenConfig{Control: interleaveControl, ReadBuffer: 32 << 10}, "sctp4", "127.0.0.1:0")
	client, server := sctptest.Connect(t, sctp.Dialer{Control: interleaveControl, WriteBuffer: 200000}, l)
	require.NoError(t, client.Options().SetStreamScheduler(sctp.SchedRR))
	_, err := client.WriteMsg(make([]byte, 200000), nil)
	require.NoError(t, err)
	sctptest.Eventually(t, func() bool {
		st, err := client.Options().Status()
		return err == nil && st.PeerRwnd == 0
	}, "a full window")
	_, err = client.WriteMsg([]byte("short"), &sctp.SndInfo{Stream: 1})
	require.NoError(t, err)
	var streams []uint16 // in the order in which their messages end
	for b := make([]byte, 64<<10); len(streams) < 2; {
		m, err := server.ReadMsg(b)
		require.NoError(t, err)
		if m.EOR {
			streams = append(streams, m.Info.Stream)
		}
	}
	require.True(t, slices.Equal([]uint16{1, 0}, streams), "%v", streams)
}

func TestSchedulerString(t *testing.T) {
	for s, want := range map[sctp.Scheduler]string{
		sctp.SchedFCFS: "fcfs", sctp.SchedPrio: "prio", sctp.SchedRR: "rr", sctp.SchedFC: "fc", sctp.SchedWFQ: "wfq",
		5: "Scheduler(5)", 1<<32 - 1: "Scheduler(4294967295)",
	} {
		require.Equal(t, want, s.String())
	}
}
