package main

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	echoPort = 3868
	darnPort = 3869
	testPort = 4000
)

// What goes to sctp_darn. The number tells the byte orders apart. sctp_darn prints
// all but the last byte of a message: its own end in a newline.
const (
	stream = 3
	ppid   = 60
)

var texts = []string{"hello\n", "over\n", "two\n", "paths\n"}

var (
	reDarnReady = regexp.MustCompile(`^sctp_darn listening`)
	reDarnField = regexp.MustCompile(`^\s*sinfo_(stream|ppid)\s+(\d+)`)
	reDarnData  = regexp.MustCompile(`^DATA\(\d+\):\s*(.*?)\s*$`)
	reEcho      = regexp.MustCompile(`: stream (\d+), PPID (\d+): (\d+) bytes$`)
	reEchoEnd   = regexp.MustCompile(`: the end$`)
	reTestSent  = regexp.MustCompile(`SNDRCV\(stream=(\d+) flags=0x0 ppid=(\d+)`)
	reTestData  = regexp.MustCompile(`Data (\d+) bytes`)
	reSent      = regexp.MustCompile(`^sent|^connected`)
)

// A label is what the programs tell of a message.
type label struct {
	stream uint16
	ppid   uint32 // in host order
}

func (l label) String() string { return fmt.Sprintf("stream %d PPID %d", l.stream, l.ppid) }

// messages shows streams and PPIDs, with lksctp's own programs and on the wire.
func (d *demo) messages() error {
	capture, err := d.capture()
	if err != nil {
		return err
	}
	defer capture.kill()
	heading("echo-client sends to sctp_darn, a C program, on stream %d with PPID %d", stream, ppid)
	if err := d.toDarn(); err != nil {
		return err
	}
	heading("sctp_test, a C program, sends to echo-server, on many streams with random PPIDs")
	fromTest, err := d.fromTest()
	if err != nil {
		return err
	}
	heading("the same on the wire, as tshark has captured it")
	return d.checkWire(capture, fromTest)
}

// toDarn sends messages to sctp_darn and checks what it prints of them.
func (d *demo) toDarn() error {
	darn, err := d.server.start(regexp.MustCompile(`sinfo_stream|sinfo_ppid|DATA`),
		"sctp_darn", "-H", d.server.ips[0], "-B", d.server.ips[1], "-P", strconv.Itoa(darnPort), "-l")
	if err != nil {
		return err
	}
	defer darn.kill()
	if _, err := darn.await(1, reDarnReady); err != nil {
		return err
	}
	client, err := d.client.start(reSent, append([]string{d.example("echo-client"), "-peer", d.server.at(darnPort), "-replies=false",
		"-stream", strconv.Itoa(stream), "-ppid", strconv.Itoa(ppid)}, texts...)...)
	if err != nil {
		return err
	}
	defer client.kill()
	if err := client.wait(); err != nil {
		return err
	}
	data, err := darn.await(len(texts), reDarnData)
	if err != nil {
		return err
	}
	fields := darn.printed(reDarnField)
	if len(data) != len(texts) || len(fields) != 2*len(texts) {
		return fmt.Errorf("sctp_darn has not printed %d messages:\n%s", len(texts), darn.text())
	}
	// A C program sees the PPID as it is on the wire.
	wire := strconv.FormatUint(uint64(binary.NativeEndian.Uint32([]byte{0, 0, 0, ppid})), 10)
	for i, text := range texts {
		s, p := fields[2*i], fields[2*i+1]
		if data[i][1]+"\n" != text || s[1] != "stream" || s[2] != strconv.Itoa(stream) || p[1] != "ppid" || p[2] != wire {
			return fmt.Errorf("message %d: want stream %d, PPID %s (htonl(%d)) and %q, sctp_darn printed\n%s", i, stream, wire, ppid, text, darn.text())
		}
	}
	checked("sctp_darn got %d messages on stream %d; it prints the PPID without ntohl, as %s, which is %d", len(texts), stream, wire, ppid)
	return nil
}

// fromTest lets sctp_test send messages to echo-server and read them back, and
// returns what they were.
func (d *demo) fromTest() ([]label, error) {
	echo, err := d.server.start(reEcho, d.example("echo-server"), "-listen", d.server.at(echoPort))
	if err != nil {
		return nil, err
	}
	defer echo.kill()
	if _, err := echo.await(1, reListening); err != nil {
		return nil, err
	}
	test, err := d.client.start(nil, "sctp_test", "-H", d.client.ips[0], "-B", d.client.ips[1], "-P", strconv.Itoa(testPort),
		"-h", d.server.ips[0], "-p", strconv.Itoa(echoPort),
		"-s", "-x", "1", // send, once 10 messages
		"-c", "-100", // of 100 bytes
		"-o", "1", "-M", "5", // ordered, on 5 streams
		"-D", "-d", "2") // read each reply, and print all
	if err != nil {
		return nil, err
	}
	defer test.kill()
	if err := test.wait(); err != nil {
		return nil, err
	}
	if _, err := echo.await(1, reEchoEnd); err != nil {
		return nil, err
	}
	var sent, got []label
	for _, m := range test.printed(reTestSent) {
		l, err := parseLabel(m[1], m[2])
		if err != nil {
			return nil, err
		}
		l.ppid = binary.BigEndian.Uint32(binary.NativeEndian.AppendUint32(nil, l.ppid)) // ntohl
		sent = append(sent, l)
	}
	for _, m := range echo.printed(reEcho) {
		l, err := parseLabel(m[1], m[2])
		if err != nil {
			return nil, err
		}
		got = append(got, l)
	}
	if len(sent) == 0 || !slices.Equal(sent, got) {
		return nil, fmt.Errorf("sctp_test sent %v, echo-server got %v", sent, got)
	}
	checked("echo-server got the %d messages, with the stream and, after ntohl, the PPID that sctp_test printed of each", len(sent))
	replies := test.printed(reTestData)
	if len(replies) != len(sent) || slices.ContainsFunc(replies, func(m []string) bool { return m[1] != "100" }) {
		return nil, fmt.Errorf("sctp_test got %d of %d replies of 100 bytes:\n%s", len(replies), len(sent), test.text())
	}
	checked("sctp_test got %d replies of 100 bytes", len(replies))
	return sent, nil
}

// parseLabel parses decimal numbers, or hexadecimal ones after 0x.
func parseLabel(stream, ppid string) (label, error) {
	s, err := strconv.ParseUint(strings.TrimSpace(stream), 0, 16)
	if err != nil {
		return label{}, err
	}
	p, err := strconv.ParseUint(strings.TrimSpace(ppid), 0, 32)
	return label{uint16(s), uint32(p)}, err
}
