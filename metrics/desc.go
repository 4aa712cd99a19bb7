package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsctp/sctp"
)

// desc describes a metric with the labels of all and some of its own.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"local", "peer"}, labels...), nil)
}

var (
	descAssocs    = desc("sctp_associations", "Associations in each state.", "state")
	descBegun     = desc("sctp_associations_begun_total", "Associations that were set up.")
	descUnacked   = desc("sctp_unacknowledged_chunks", "DATA chunks sent and not yet acknowledged.")
	descPending   = desc("sctp_undeliverable_chunks", "DATA chunks received and not yet deliverable, because others are missing.")
	descWindow    = desc("sctp_peer_window_bytes", "Receive window of the peer, the smallest of the associations.")
	descFragPoint = desc("sctp_fragmentation_point_bytes", "Length of message that fits a packet, the smallest of the associations.")
	descStreams   = desc("sctp_streams", "Streams that both ends agreed on, the fewest of the associations.", "direction")

	descPaths   = desc("sctp_paths", "Associations whose path is in each state.", "path", "state")
	descPrimary = desc("sctp_path_primary", "Associations that send on the path unless told otherwise.", "path")
	descRTO     = desc("sctp_path_rto_seconds", "Retransmission timeout, the longest of the associations.", "path")
	descCwnd    = desc("sctp_path_congestion_window_bytes", "Congestion window, the smallest of the associations.", "path")
	descMTU     = desc("sctp_path_mtu_bytes", "Path MTU, the smallest of the associations.", "path")
)

// counters are the fields of sctp.AssocStats.
var counters = []struct {
	desc *prometheus.Desc
	of   func(*sctp.AssocStats) uint64
}{
	{desc("sctp_packets_sent_total", "Packets sent."),
		func(s *sctp.AssocStats) uint64 { return s.OutPackets }},
	{desc("sctp_packets_received_total", "Packets received."),
		func(s *sctp.AssocStats) uint64 { return s.InPackets }},
	{desc("sctp_ordered_chunks_sent_total", "DATA chunks of ordered messages sent, each once."),
		func(s *sctp.AssocStats) uint64 { return s.OutOrderedChunks }},
	{desc("sctp_ordered_chunks_received_total", "DATA chunks of ordered messages received."),
		func(s *sctp.AssocStats) uint64 { return s.InOrderedChunks }},
	{desc("sctp_unordered_chunks_sent_total", "DATA chunks of unordered messages sent, each once."),
		func(s *sctp.AssocStats) uint64 { return s.OutUnorderedChunks }},
	{desc("sctp_unordered_chunks_received_total", "DATA chunks of unordered messages received."),
		func(s *sctp.AssocStats) uint64 { return s.InUnorderedChunks }},
	{desc("sctp_control_chunks_sent_total", "Chunks other than DATA sent."),
		func(s *sctp.AssocStats) uint64 { return s.OutCtrl }},
	{desc("sctp_control_chunks_received_total", "Chunks other than DATA received."),
		func(s *sctp.AssocStats) uint64 { return s.InCtrl }},
	{desc("sctp_sacks_sent_total", "Acknowledgements sent."),
		func(s *sctp.AssocStats) uint64 { return s.OutSACKs }},
	{desc("sctp_sacks_received_total", "Acknowledgements received."),
		func(s *sctp.AssocStats) uint64 { return s.InSACKs }},
	{desc("sctp_retransmitted_chunks_total", "DATA chunks sent again."),
		func(s *sctp.AssocStats) uint64 { return s.RtxChunks }},
	{desc("sctp_duplicate_chunks_total", "DATA chunks received again."),
		func(s *sctp.AssocStats) uint64 { return s.InDupChunks }},
	{desc("sctp_out_of_window_chunks_total", "DATA chunks received beyond the receive window, and dropped."),
		func(s *sctp.AssocStats) uint64 { return s.OutOfSeqTSNs }},
	{desc("sctp_gaps_reported_total", "Gaps in what was sent, as the peer reported them."),
		func(s *sctp.AssocStats) uint64 { return s.GapCount }},
}

func allDescs() []*prometheus.Desc {
	all := []*prometheus.Desc{
		descAssocs, descBegun, descUnacked, descPending, descWindow, descFragPoint, descStreams,
		descPaths, descPrimary, descRTO, descCwnd, descMTU,
	}
	for i := range counters {
		all = append(all, counters[i].desc)
	}
	return all
}
