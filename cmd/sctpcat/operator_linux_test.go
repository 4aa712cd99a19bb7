package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A catProcess is a sctpcat that runs.
type catProcess struct {
	*session
	stdin io.WriteCloser
}

// startCat starts a sctpcat, whose input is open until the test closes it.
func startCat(t *testing.T, args ...string) *catProcess {
	t.Helper()
	sctptest.NeedKernel(t)
	self, err := os.Executable()
	require.NoError(t, err)
	s := &session{t: t, command: strings.Join(args, " "), ended: make(chan error, 1)}
	s.cmd = exec.Command(self, args...)
	s.cmd.Args[0] = "sctpcat"
	s.cmd.Stdout, s.cmd.Stderr = s, s
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := s.cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(s.kill)
	go func() { s.ended <- s.cmd.Wait() }()
	return &catProcess{s, stdin}
}

// listenCat starts a sctpcat that listens, and returns its address.
func listenCat(t *testing.T, args ...string) (*catProcess, string) {
	t.Helper()
	p := startCat(t, append([]string{"-l"}, append(args, "127.0.0.1:0")...)...)
	p.await("listening on ")
	_, address, _ := strings.Cut(p.String(), "listening on ")
	address, _, _ = strings.Cut(address, "\n")
	return p, address
}

func (p *catProcess) ask() { p.t.Helper(); require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGUSR1)) }

// awaitCount waits until text was printed n times.
func (p *catProcess) awaitCount(text string, n int) {
	p.t.Helper()
	sctptest.Eventually(p.t, func() bool { return strings.Count(p.String(), text) >= n }, "%q %d times from %s:\n%s", text, n, p.command, p)
}

// A listener answers SIGUSR1 before anybody has dialled, of an association, and afterwards.
func TestStatusOfListener(t *testing.T) {
	p, address := listenCat(t)
	p.ask()
	p.awaitCount("status no association", 1)
	c, err := sctp.Dial("sctp", address)
	require.NoError(t, err)
	p.await("communication up")
	p.ask()
	p.await("status established")
	p.await("path " + c.LocalAddr().String())
	require.NoError(t, c.Close())
	p.await("shutdown complete")
	p.awaitCount("status established", 2) // the last that was seen
	p.ask()
	p.awaitCount("status no association", 2)
}

// By ^C the state comes, too, as at any other end, and the peer gets a SHUTDOWN.
func TestInterrupt(t *testing.T) {
	for _, many := range [][]string{nil, {"-m"}} {
		p, address := listenCat(t, many...)
		c, err := sctp.Dial("sctp", address)
		require.NoError(t, err)
		defer c.Close()
		p.await("communication up")
		require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
		var exit *exec.ExitError
		require.ErrorAs(t, sctptest.Receive(t, p.ended), &exit)
		require.Equal(t, 130, exit.ExitCode())
		p.await("status established")
		p.await("path " + c.LocalAddr().String())
		require.NoError(t, c.SetReadDeadline(time.Now().Add(sctptest.Wait)))
		_, err = c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
	}
}

// A one-to-many listener answers with all associations, and says whose a message is.
func TestStatusOfManyAssociations(t *testing.T) {
	p, address := listenCat(t, "-m")
	p.ask()
	p.await("status no association")
	var conns []*sctp.Conn
	for i := range 2 {
		nc, err := sctp.Dial("sctp", address)
		require.NoError(t, err)
		defer nc.Close()
		conns = append(conns, nc.(*sctp.Conn))
		_, err = nc.Write(fmt.Appendf(nil, "message %d", i))
		require.NoError(t, err)
		p.await(fmt.Sprintf("0:0 message %d\n", i))
	}
	require.Regexp(t, fmt.Sprintf(`from association \d+, %v\n(.*\n)*0:0 message 0\n(.*\n)*from association \d+, %v\n0:0 message 1\n`,
		conns[0].LocalAddr(), conns[1].LocalAddr()), p.String())
	p.ask()
	for _, c := range conns {
		p.await("path " + c.LocalAddr().String())
	}
	// What is typed goes to the one that was heard last.
	_, err := io.WriteString(p.stdin, "answer\n")
	require.NoError(t, err)
	b := make([]byte, 100)
	require.NoError(t, conns[1].SetReadDeadline(time.Now().Add(sctptest.Wait)))
	n, err := conns[1].Read(b)
	require.NoError(t, err)
	require.Equal(t, "answer", string(b[:n]))
}

// What is not sent is told, and makes the exit status 1.
func TestLinesThatAreNotSent(t *testing.T) {
	_, address := listenCat(t)
	for _, tt := range []struct{ flags, input, want string }{
		{"-label", "no label\n", `line "no label" does not begin with`},
		{"-x", "zz\n", "invalid byte"},
		{"-label", "10:0 text\n", "stream 10 of an association with 10"},
		{"", "\n", "SCTP has no empty message"},
		{"", strings.Repeat("x", longestLine+1) + "\n", "the input has a line of more than 4194304 bytes"},
	} {
		p := startCat(t, append(strings.Fields(tt.flags), address)...)
		io.WriteString(p.stdin, tt.input) // it does not read all of a line that is too long
		p.await(tt.want)
		p.stdin.Close()
		var exit *exec.ExitError
		require.ErrorAs(t, sctptest.Receive(t, p.ended), &exit, p)
		require.Equal(t, 1, exit.ExitCode())
		require.Contains(t, p.String(), "sctpcat: lines that were not sent: 1\n")
	}
}

// An ABORT of the peer's is an event with its cause, and an error, also of a one-to-many socket.
func TestPeerAborts(t *testing.T) {
	for _, many := range [][]string{nil, {"-m"}} {
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		p := startCat(t, append(many, l.Addr().String())...)
		c := sctptest.Accept(t, l)
		p.await("communication up")
		require.NoError(t, c.Abort())
		err := sctptest.Receive(t, p.ended)
		p.await("communication lost")
		p.await("path 127.0.0.1:")
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, 1, exit.ExitCode())
		require.Regexp(t, `(?m)^sctpcat: .*user initiated abort`, p.String())
	}
}

// There are as many streams as -stream or -streams say.
func TestStreams(t *testing.T) {
	l, address := listenCat(t)
	for _, flags := range [][]string{{"-stream", "20"}, {"-streams", "21", "-label"}} {
		p := startCat(t, append(flags, address)...)
		text := "by " + flags[0]
		input := text
		if len(flags) == 3 {
			input = "20:0 " + text
		}
		_, err := io.WriteString(p.stdin, input+"\n")
		require.NoError(t, err)
		l.await("20:0 " + text + "\n")
		require.NoError(t, p.stdin.Close())
		require.NoError(t, sctptest.Receive(t, p.ended))
	}
}

// A listener that nobody dials ends at its -timeout, on a one-to-many socket or not.
func TestTimeoutOfListener(t *testing.T) {
	for _, flags := range [][]string{{"-timeout", "100ms"}, {"-timeout", "100ms", "-m"}} {
		p, _ := listenCat(t, flags...)
		require.Error(t, sctptest.Receive(t, p.ended))
		p.await("i/o timeout")
	}
}

// With -tls, too, SIGUSR1 asks for the status, which also comes at the end, and -timeout
// limits the time in which nothing comes.
func TestTLS(t *testing.T) {
	config, _ := sctptest.TLSConfigs()
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	p := startCat(t, "-tls", "-timeout", "5s", l.Addr().String())
	server := tls.Server(sctptest.Accept(t, l), config)
	require.NoError(t, server.SetDeadline(time.Now().Add(sctptest.Wait)))
	require.NoError(t, server.Handshake())
	p.await("with TLS 1.3")
	p.ask()
	p.await("status established")
	_, err := io.WriteString(p.stdin, "hello\n")
	require.NoError(t, err)
	b := make([]byte, 6)
	_, err = io.ReadFull(server, b)
	require.NoError(t, err)
	_, err = server.Write(bytes.ToUpper(b))
	require.NoError(t, err)
	p.await("HELLO\n")
	require.Error(t, sctptest.Receive(t, p.ended))
	p.await("i/o timeout")
	p.awaitCount("status established", 2)
	require.NoError(t, server.NetConn().Close())
}

// Arguments that do not go together are told, with the exit status 2.
func TestArguments(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"", "usage: sctpcat"},
		{"127.0.0.1:1 127.0.0.1:2", "usage: sctpcat"},
		{"-stream 65536 127.0.0.1:1", "a stream has 16 bits"},
		{"-ppid 4294967296 127.0.0.1:1", "a PPID has 32"},
		{"-streams 65536 127.0.0.1:1", "at most 65535 streams"},
		{"-tls -l 127.0.0.1:1", "-tls is for dialling alone"},
	} {
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.Command(self, strings.Fields(tt.args)...)
		cmd.Args[0] = "sctpcat"
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, 2, exit.ExitCode())
		require.Contains(t, string(out), tt.want)
	}
}
