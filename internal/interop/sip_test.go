package interop_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// A sipMessage is a request or a response of SIP, RFC 3261, which SCTP carries one to a
// message, RFC 4168.
type sipMessage struct {
	start  string // its first line
	fields []string
}

// parseSIP returns the message that b is, without its body.
func parseSIP(b []byte) (sipMessage, error) {
	head, _, ok := strings.Cut(string(b), "\r\n\r\n")
	if !ok {
		return sipMessage{}, fmt.Errorf("no end of the header: %q", b)
	}
	lines := strings.Split(head, "\r\n")
	return sipMessage{lines[0], lines[1:]}, nil
}

// method returns the method of a request.
func (m sipMessage) method() string {
	method, _, _ := strings.Cut(m.start, " ")
	return method
}

// field returns the first field of a name.
func (m sipMessage) field(name string) string {
	for _, f := range m.fields {
		if n, value, ok := strings.Cut(f, ":"); ok && strings.EqualFold(strings.TrimSpace(n), name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// reply returns the response to a request from the server at port: what ties it to the
// request, section 8.2.6.2.
func (m sipMessage) reply(status string, port uint16) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", status)
	for _, f := range m.fields {
		name, _, _ := strings.Cut(f, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "to":
			if !strings.Contains(f, ";tag=") {
				f += ";tag=go"
			}
			fallthrough
		case "via", "from", "call-id", "cseq":
			b.WriteString(f + "\r\n")
		}
	}
	fmt.Fprintf(&b, "Contact: <sip:go@127.0.0.1:%d;transport=sctp>\r\nContent-Length: 0\r\n\r\n", port)
	return []byte(b.String())
}

// sipRequest returns a request to a URI, from the client at port. Its To is that of the
// dialogue, or "" before there is one.
func sipRequest(method, uri, to string, seq int, port uint16) []byte {
	if to == "" {
		to = "<" + uri + ">"
	}
	return []byte(fmt.Sprintf("%s %s SIP/2.0\r\n"+
		"Via: SIP/2.0/SCTP 127.0.0.1:%d;branch=z9hG4bK-%s-%d\r\n"+
		"Max-Forwards: 70\r\n"+
		"From: <sip:go@127.0.0.1:%d>;tag=go\r\n"+
		"To: %s\r\n"+
		"Call-ID: %d@127.0.0.1\r\n"+
		"CSeq: %d %s\r\n"+
		"Contact: <sip:go@127.0.0.1:%d;transport=sctp>\r\n"+
		"Content-Length: 0\r\n\r\n", method, uri, port, method, seq, port, to, port, seq, method, port))
}

// readSIP reads a response, which must begin with the status.
func readSIP(t *testing.T, r reader, status string) (sipMessage, sctp.Message) {
	t.Helper()
	got := read(t, r)
	m, err := parseSIP(got.Data)
	require.NoError(t, err)
	require.Equal(t, "SIP/2.0 "+status, m.start)
	return m, got
}
