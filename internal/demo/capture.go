package main

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

var reCapturing = regexp.MustCompile(`^File: `)

// captureFile is where the packets are written.
func (d *demo) captureFile() string { return filepath.Join(d.tmp, "packets.pcapng") }

// capture starts to capture both paths on the server's host.
func (d *demo) capture() (*process, error) {
	p, err := d.server.start(nil, "dumpcap", "-q", "-i", devices[0], "-i", devices[1], "-f", "sctp", "-w", d.captureFile())
	if err != nil {
		return nil, err
	}
	if _, err := p.await(1, reCapturing); err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// checkWire compares the captured messages with what the programs have said.
func (d *demo) checkWire(capture *process, fromTest []label) error {
	time.Sleep(time.Second) // dumpcap has no other way to tell that it is up to date
	if err := capture.interrupt(); err != nil {
		return err
	}
	want := slices.Repeat([]label{{stream, ppid}}, len(texts))
	if err := d.checkChunks(fmt.Sprintf("sctp.dstport == %d", darnPort), want); err != nil {
		return err
	}
	if err := d.checkChunks(fmt.Sprintf("sctp.dstport == %d", echoPort), fromTest); err != nil {
		return err
	}
	if err := d.checkChunks(fmt.Sprintf("sctp.srcport == %d", echoPort), fromTest); err != nil {
		return err
	}
	checked("tshark shows each message, and each reply of echo-server, with the stream and PPID that the programs printed")

	raw, err := d.server.output("tshark", "-r", d.captureFile(), "-Y", fmt.Sprintf("sctp.dstport == %d && sctp.chunk_type == 0", darnPort), "-T", "jsonraw")
	if err != nil {
		return err
	}
	fields := regexp.MustCompile(`"sctp\.data_payload_proto_id_raw": \[\s*"([0-9a-f]*)"`).FindAllStringSubmatch(raw, -1)
	network := hex.EncodeToString([]byte{0, 0, 0, ppid})
	for _, f := range fields {
		if f[1] != network {
			return fmt.Errorf("a PPID of %d has the bytes %s on the wire, want %s", ppid, f[1], network)
		}
	}
	if len(fields) < len(texts) {
		return fmt.Errorf("the capture has the bytes of %d PPIDs, want %d", len(fields), len(texts))
	}
	checked("the PPID %d is in network order on the wire: its bytes are % x", ppid, []byte{0, 0, 0, ppid})
	return nil
}

// checkChunks compares the DATA chunks of the packets that filter selects with want.
func (d *demo) checkChunks(filter string, want []label) error {
	out, err := d.server.output("tshark", "-r", d.captureFile(), "-Y", filter+" && sctp.chunk_type == 0", "-T", "fields", "-E", "occurrence=a",
		"-e", "ip.src", "-e", "ip.dst", "-e", "sctp.data_tsn_raw", "-e", "sctp.data_sid", "-e", "sctp.data_payload_proto_id")
	if err != nil {
		return err
	}
	var got []label
	seen := map[string]bool{} // by TSN: a slow machine sends a chunk again
	for _, line := range strings.FieldsFunc(out, func(r rune) bool { return r == '\n' }) {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			return fmt.Errorf("tshark printed %q, want 5 fields", line)
		}
		tsns, sids, ppids := strings.Split(f[2], ","), strings.Split(f[3], ","), strings.Split(f[4], ",")
		if len(tsns) != len(sids) || len(tsns) != len(ppids) {
			return fmt.Errorf("tshark printed %q: the fields are not of the same chunks", line)
		}
		for i, tsn := range tsns {
			if seen[tsn] {
				continue
			}
			seen[tsn] = true
			l, err := parseLabel(sids[i], ppids[i])
			if err != nil {
				return err
			}
			note("%s > %s DATA %v", f[0], f[1], l)
			got = append(got, l)
		}
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the capture of %s shows %v, want %v", filter, got, want)
	}
	return nil
}
