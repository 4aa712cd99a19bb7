package main

import (
	"fmt"
	"strings"

	"github.com/netsctp/sctp/bench/internal/result"
)

// A figure is a row that an advice refers to, and what the row was measured with.
type figure struct{ work, load, impl, with string }

// tuned is a figure of the work tuning, where the implementation is the setting.
func tuned(load, setting string) figure { return figure{"tuning", load, setting, setting} }

// cutPath and recovered are figures of the work failover.
func cutPath(setting, with string) figure {
	return figure{"failover", "the longest wait for an answer", setting, with}
}

func recovered(setting, with string) figure {
	return figure{"failover", "from the cut until answers come as before", setting, with}
}

const (
	defaults = "the defaults"
	ours     = "ReadMsg/WriteMsg"
)

// advices are what the measurements suggest, each with the figures that show it.
var advices = []struct {
	text    string
	load    string // in words
	figures []figure
}{
	{
		"Leave NODELAY on. Without it a message waits until those before it are acknowledged, and their acknowledgement waits, too.",
		"three messages and their echoes",
		[]figure{
			tuned("3 messages and their echoes", defaults),
			tuned("3 messages and their echoes", "NODELAY off"),
			tuned("3 messages and their echoes", "NODELAY off, each packet acknowledged at once"),
		},
	},
	{
		"Nor does a stream of small messages gain by it, although they share packets.",
		"64 B one way",
		[]figure{tuned("stream of 64 B", defaults), tuned("stream of 64 B", "NODELAY off")},
	},
	{
		"Leave SACKs delayed, unless a peer has switched NODELAY off.",
		"round trips of 200 B",
		[]figure{tuned("round trips of 200 B", defaults), tuned("round trips of 200 B", "each packet acknowledged at once")},
	},
	{
		"Where the way is short, larger buffers make no difference.",
		"16 KiB one way",
		[]figure{
			tuned("stream of 16 KiB", defaults),
			tuned("stream of 16 KiB", "buffers of 32 KiB"),
			tuned("stream of 16 KiB", "buffers of 1 MiB"),
		},
	},
	{
		"Where it is long, they must hold what is on its way: raise net.core.rmem_max and wmem_max, then ReadBuffer and WriteBuffer, before the association is set up.",
		"16 KiB one way, over 10 ms",
		[]figure{
			tuned("stream of 16 KiB, 10 ms each way", defaults),
			tuned("stream of 16 KiB, 10 ms each way", "buffers of 1 MiB"),
		},
	},
	{
		"Let Accept or Dial be followed by SetReadBuffer(212992) where many short messages may come while the reader is busy. They take more memory than the window that was offered, the kernel drops what finds no room, and the peer waits for its retransmission timer. A ReadBuffer before the set-up raises the window, too.",
		"200 B one way, to a reader that pauses for 5 ms behind each 50",
		[]figure{
			tuned("stream of 200 B to a reader that pauses", defaults),
			tuned("stream of 200 B to a reader that pauses", "a ReadBuffer of 212992"),
			tuned("stream of 200 B to a reader that pauses", "SetReadBuffer(212992) behind Accept"),
		},
	},
	{
		"Use a larger MTU where the network has it.",
		"100 KiB one way over lo",
		[]figure{
			tuned("stream of 100 KiB over lo", "an MTU of 1500"),
			tuned("stream of 100 KiB over lo", "an MTU of 9000"),
			tuned("stream of 100 KiB over lo", "an MTU of 65536"),
		},
	},
	{
		"Ask for the streams that you use, and no more: the kernel allocates all of them.",
		"an association, both ends",
		[]figure{
			tuned("memory of the kernel, for each association", "the defaults"),
			tuned("memory of the kernel, for each association", "1,000 streams"),
			tuned("memory of the kernel, for each association", "65,535 streams"),
		},
	},
	{
		"Set net.sctp.sndbuf_policy=1 where a MultiConn has many associations. With 0 they share one send buffer, which fills with what the peers acknowledge only after the delay of their SACKs, and the hub waits.",
		"an echo, of 1000 associations",
		[]figure{
			{"hub", "1000 associations, sndbuf_policy=0, the default send buffer", ours, "sndbuf_policy=0"},
			{"hub", "1000 associations, sndbuf_policy=1, the default send buffer", ours, "sndbuf_policy=1"},
		},
	},
	{
		"With 0 a larger send buffer mends that, but not that the cost of a message grows with the number of associations.",
		"an echo, of 1000 associations",
		[]figure{
			{"hub", "1000 associations, sndbuf_policy=0, 1 at a time", ours, "a send buffer of 8 MiB and sndbuf_policy=0"},
			{"hub", "1000 associations, sndbuf_policy=1, 1 at a time", ours, "sndbuf_policy=1"},
		},
	},
	{
		"Or take a Listener and a goroutine for each Conn: that is no slower, under either policy, and costs a descriptor and a stack each.",
		"an echo, of 1000 associations",
		[]figure{
			{"hub", "1000 associations, sndbuf_policy=0, 1 at a time", "goroutine per Conn", "a goroutine per Conn and sndbuf_policy=0"},
			{"hub", "1000 associations, sndbuf_policy=1, 1 at a time", "goroutine per Conn", "a goroutine per Conn and sndbuf_policy=1"},
			{"hub", "1000 associations, sndbuf_policy=1, 1 at a time", ours, "a MultiConn and sndbuf_policy=1"},
		},
	},
	{
		"Take a MultiConn where memory counts.",
		"an association that is idle, in Go",
		[]figure{
			{"idle", "memory of Go, for each end", ours + ", 10000", "a Conn and a goroutine"},
			{"idle", "memory of Go, for each end", "MultiConn, 10000", "a MultiConn"},
		},
	},
	{
		"Lower the bounds of the RTO where round trips take milliseconds. Below the delay of the peer's SACKs, lower that, too.",
		"the longest wait for an answer when a path fails",
		[]figure{
			cutPath("the defaults", "the defaults"),
			cutPath("RTO 250 ms to 1 s", "an RTO from 250 ms"),
			cutPath("RTO 100 ms to 1 s, SACK delay 20 ms", "an RTO from 100 ms and SACKs after 20 ms"),
		},
	},
	{
		"Leave PFThld at 0: then messages take another path at the first timeout.",
		"from the failure of a path until answers come as before",
		[]figure{
			recovered("the defaults", "PFThld 0"),
			recovered("PFThld 5", "PFThld 5"),
		},
	},
}

// advice lists the advices with their figures.
func advice(runs []result.Run, _ string) string {
	var b strings.Builder
	for _, a := range advices {
		var parts []string
		for _, f := range a.figures {
			if r, ok := result.Find(runs, f.work, f.load, f.impl); ok {
				parts = append(parts, fmt.Sprintf("%s with %s", result.Number(r), f.with))
			}
		}
		if len(parts) == len(a.figures) {
			fmt.Fprintf(&b, "- %s %s%s: %s.\n", a.text, strings.ToUpper(a.load[:1]), a.load[1:], strings.Join(parts, ", "))
		}
	}
	return b.String()
}
