package sctp_test

import (
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

var benchSizes = []int{200, 1200}

// BenchmarkRoundTrip sends a message with a stream and a PPID, and waits for its echo.
func BenchmarkRoundTrip(b *testing.B) {
	bySize(b, func(b *testing.B, size int) {
		client, server := sctptest.Pair(b)
		done := inBackground(b, func() error {
			buf := make([]byte, size)
			info := sctp.SndInfo{Stream: 3, PPID: 60}
			for {
				m, err := server.ReadMsg(buf)
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				if _, err := server.WriteMsg(m.Data, &info); err != nil {
					return err
				}
			}
		})
		out, in := make([]byte, size), make([]byte, size)
		info := sctp.SndInfo{Stream: 3, PPID: 60}
		b.ResetTimer()
		for range b.N {
			_, err := client.WriteMsg(out, &info)
			if err != nil {
				b.Fatal(err)
			}
			m, err := client.ReadMsg(in)
			if err != nil || len(m.Data) != size || m.Info.PPID != info.PPID {
				b.Fatal(m.Info, len(m.Data), err)
			}
		}
		b.StopTimer()
		require.NoError(b, client.StartShutdown())
		require.NoError(b, sctptest.Receive(b, done))
	})
}

// BenchmarkRoundTripTCP is the same over TCP: what there is to compare with.
func BenchmarkRoundTripTCP(b *testing.B) {
	bySize(b, func(b *testing.B, size int) {
		client, server := tcpPair(b)
		done := inBackground(b, func() error {
			_, err := io.CopyBuffer(struct{ io.Writer }{server}, struct{ io.Reader }{server}, make([]byte, size))
			return err
		})
		out, in := make([]byte, size), make([]byte, size)
		b.ResetTimer()
		for range b.N {
			if _, err := client.Write(out); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(client, in); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		require.NoError(b, client.CloseWrite())
		require.NoError(b, sctptest.Receive(b, done))
	})
}

// BenchmarkStream sends messages one way, up to the receipt of the last.
func BenchmarkStream(b *testing.B) {
	bySize(b, func(b *testing.B, size int) {
		client, server := sctptest.Pair(b)
		received := 0
		done := inBackground(b, func() error {
			buf := make([]byte, size)
			for {
				_, err := server.ReadMsg(buf)
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				received++
			}
		})
		out := make([]byte, size)
		info := sctp.SndInfo{Stream: 3, PPID: 60}
		for range b.N {
			if _, err := client.WriteMsg(out, &info); err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, client.StartShutdown())
		require.NoError(b, sctptest.Receive(b, done))
		require.Equal(b, b.N, received)
	})
}

// bySize runs f for messages of different sizes.
func bySize(b *testing.B, f func(b *testing.B, size int)) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			f(b, size)
		})
	}
}

// inBackground runs f, starts the clock, and returns where the result will come.
func inBackground(b *testing.B, f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	b.ResetTimer()
	return done
}

// tcpPair returns the two ends of a TCP connection over 127.0.0.1.
func tcpPair(b *testing.B) (client, server *net.TCPConn) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	require.NoError(b, err)
	b.Cleanup(func() { c.Close() })
	s, err := l.Accept()
	require.NoError(b, err)
	b.Cleanup(func() { s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}
