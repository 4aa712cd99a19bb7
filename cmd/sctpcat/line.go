package main

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/netsctp/sctp"
)

// message returns what a line of the input says to send.
func (cfg *config) message(line string) ([]byte, sctp.SndInfo, error) {
	info := sctp.SndInfo{Stream: uint16(cfg.stream), PPID: uint32(cfg.ppid)}
	if cfg.label {
		label, text, _ := strings.Cut(line, " ")
		s, p, _ := strings.Cut(label, ":")
		stream, err := strconv.ParseUint(s, 10, 16)
		if err != nil {
			return nil, info, fmt.Errorf("line %q does not begin with a stream and a PPID, as in \"3:60 text\"", line)
		}
		ppid, err := strconv.ParseUint(p, 0, 32)
		if err != nil {
			return nil, info, fmt.Errorf("line %q does not begin with a stream and a PPID, as in \"3:60 text\"", line)
		}
		line, info.Stream, info.PPID = text, uint16(stream), uint32(ppid)
	}
	if !cfg.hex {
		return []byte(line), info, nil
	}
	b, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
	return b, info, err
}

// line returns what the output says of a message.
func (cfg *config) line(m sctp.Message) string {
	text := string(m.Data)
	if cfg.hex {
		text = hex.EncodeToString(m.Data)
	}
	return fmt.Sprintf("%d:%d %s", m.Info.Stream, m.Info.PPID, text)
}

// eventLine returns what the error output says of an event.
func eventLine(ev sctp.Event) string {
	return fmt.Sprintf("event %v %s", ev.Type(), strings.TrimPrefix(fmt.Sprintf("%+v", ev), "&"))
}
