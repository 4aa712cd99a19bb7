package grpctest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/interop"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// large is the length of the large messages, and maxMessage what ends take.
const (
	large      = 8 << 20
	maxMessage = large + 1024
)

// echo is a server that answers each request with its payload.
type echo struct {
	testpb.UnimplementedTestServiceServer
	hold chan struct{} // if not nil, UnaryCall receives from it twice
}

func (e *echo) UnaryCall(_ context.Context, r *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	if e.hold != nil {
		<-e.hold
		<-e.hold
	}
	return &testpb.SimpleResponse{Payload: r.Payload}, nil
}

func (e *echo) FullDuplexCall(s grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error {
	for {
		r, err := s.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.Send(&testpb.StreamingOutputCallResponse{Payload: r.Payload}); err != nil {
			return err
		}
	}
}

// serve runs a server on l, which is stopped with the test.
func serve(t *testing.T, l net.Listener, service testpb.TestServiceServer, opts ...grpc.ServerOption) *grpc.Server {
	t.Helper()
	srv := grpc.NewServer(append(opts, grpc.MaxRecvMsgSize(maxMessage))...)
	testpb.RegisterTestServiceServer(srv, service)
	healthpb.RegisterHealthServer(srv, health.NewServer())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Stop()
		require.NoError(t, sctptest.Receive(t, served))
	})
	return srv
}

// A dialFunc dials for gRPC.
type dialFunc func(ctx context.Context, address string) (net.Conn, error)

func dial(ctx context.Context, address string) (net.Conn, error) {
	return new(sctp.Dialer).DialContext(ctx, "sctp", address)
}

// client returns a connection to address, each of whose transports is an association.
func client(t *testing.T, dial dialFunc, address string, creds credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	cc, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithContextDialer(dial),
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1.5, MaxDelay: time.Second},
			MinConnectTimeout: sctptest.Wait,
		}))
	require.NoError(t, err)
	t.Cleanup(func() { cc.Close() })
	return cc
}

// limited returns the context of calls that must not wait for ever.
func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*sctptest.Wait)
	t.Cleanup(cancel)
	return ctx
}

// random returns a payload of n bytes.
func random(n int) *testpb.Payload {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return &testpb.Payload{Body: b}
}

var addressTests = []string{"127.0.0.1:0", "127.0.0.1/127.0.0.2:0", "[::1]:0"}

// gRPC's own test cases, which end the process if they fail.
func TestGRPCInterop(t *testing.T) {
	serverTLS, clientTLS := sctptest.TLSConfigs()
	for _, address := range addressTests {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s,tls=%v", address, secure), func(t *testing.T) {
				check := sctptest.Leaks(t)
				t.Run("cases", func(t *testing.T) {
					l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", address)
					var opts []grpc.ServerOption
					creds := insecure.NewCredentials()
					if secure {
						opts, creds = append(opts, grpc.Creds(credentials.NewTLS(serverTLS))), credentials.NewTLS(clientTLS)
					}
					serve(t, l, interop.NewTestServer(), opts...)
					cc := client(t, dial, l.Addr().String(), creds)
					ctx, tc := limited(t), testpb.NewTestServiceClient(cc)
					interop.DoEmptyUnaryCall(ctx, tc)
					interop.DoLargeUnaryCall(ctx, tc)
					interop.DoClientStreaming(ctx, tc)
					interop.DoServerStreaming(ctx, tc)
					interop.DoPingPong(ctx, tc)
					interop.DoEmptyStream(ctx, tc)
					interop.DoTimeoutOnSleepingServer(ctx, tc)
					interop.DoCancelAfterBegin(ctx, tc)
					interop.DoCancelAfterFirstResponse(ctx, tc)
					interop.DoCustomMetadata(ctx, tc)
					interop.DoStatusCodeAndMessage(ctx, tc)
					interop.DoSpecialStatusMessage(ctx, tc)
					interop.DoUnimplementedMethod(ctx, cc)
					interop.DoUnimplementedService(ctx, testpb.NewUnimplementedServiceClient(cc))
				})
				check()
			})
		}
	}
}

// A unary call, and one of 8 MB each way.
func TestGRPCUnary(t *testing.T) {
	for _, address := range addressTests {
		t.Run(address, func(t *testing.T) {
			l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", address)
			serve(t, l, &echo{})
			cc := client(t, dial, l.Addr().String(), insecure.NewCredentials())
			var p peer.Peer
			answer, err := healthpb.NewHealthClient(cc).Check(limited(t), &healthpb.HealthCheckRequest{}, grpc.Peer(&p))
			require.NoError(t, err)
			require.Equal(t, healthpb.HealthCheckResponse_SERVING, answer.Status)
			require.True(t, l.Addr().(*sctp.Addr).Equal(p.Addr.(*sctp.Addr)), "%v, not %v", p.Addr, l.Addr())

			payload := random(large)
			r, err := testpb.NewTestServiceClient(cc).UnaryCall(limited(t), &testpb.SimpleRequest{Payload: payload})
			require.NoError(t, err)
			require.True(t, bytes.Equal(payload.Body, r.Payload.Body), "another payload")
		})
	}
}

// pingPong sends n payloads on a stream, one after the other, and requires each back.
func pingPong(s grpc.BidiStreamingClient[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse], name string, n int) error {
	for i := range n {
		want := fmt.Sprintf("%s %d", name, i)
		if err := s.Send(&testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: []byte(want)}}); err != nil {
			return err
		}
		r, err := s.Recv()
		if err != nil {
			return err
		}
		if got := string(r.Payload.Body); got != want {
			return fmt.Errorf("%q in place of %q", got, want)
		}
	}
	return nil
}

// Many streams of gRPC, both ways at the same time, on one association.
func TestGRPCStreams(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", "127.0.0.1/127.0.0.2:0")
	serve(t, l, &echo{})
	tc := testpb.NewTestServiceClient(client(t, dial, l.Addr().String(), insecure.NewCredentials()))
	ctx := limited(t)
	errs := make(chan error, 20)
	for i := range cap(errs) {
		go func() {
			s, err := tc.FullDuplexCall(ctx)
			if err == nil {
				err = pingPong(s, fmt.Sprintf("stream %d,", i), 100)
			}
			if err == nil {
				err = s.CloseSend()
			}
			if err == nil {
				if _, err = s.Recv(); err == io.EOF {
					err = nil
				}
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		require.NoError(t, sctptest.Receive(t, errs))
	}
}

// The server stops amid a call and a stream, and another one takes its address: calls that
// wait for it go on, over a new association.
func TestGRPCRestart(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", "127.0.0.1/127.0.0.2:0")
	first := &echo{hold: make(chan struct{})}
	srv := serve(t, l, first)
	address := l.Addr().String()
	cc := client(t, dial, address, insecure.NewCredentials())
	tc := testpb.NewTestServiceClient(cc)
	ctx := limited(t)
	s, err := tc.FullDuplexCall(ctx)
	require.NoError(t, err)
	require.NoError(t, pingPong(s, "before", 3))
	called := make(chan error, 1)
	go func() {
		_, err := tc.UnaryCall(ctx, &testpb.SimpleRequest{Payload: random(10)})
		called <- err
	}()
	first.hold <- struct{}{} // the call is at the server
	stopped := make(chan struct{})
	go func() {
		srv.Stop() // which waits for its handlers
		close(stopped)
	}()
	require.Equal(t, codes.Unavailable, status.Code(sctptest.Receive(t, called)))
	close(first.hold)
	sctptest.Receive(t, stopped)
	_, err = s.Recv()
	require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)

	serve(t, sctptest.Listen(t, sctp.ListenConfig{}, "sctp", address), &echo{})
	payload := random(100)
	r, err := tc.UnaryCall(ctx, &testpb.SimpleRequest{Payload: payload}, grpc.WaitForReady(true))
	require.NoError(t, err)
	require.Equal(t, payload.Body, r.Payload.Body)
}

// A server that stops in good order finishes what was asked.
func TestGRPCGracefulStop(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", "127.0.0.1:0")
	e := &echo{hold: make(chan struct{})}
	srv := serve(t, l, e)
	tc := testpb.NewTestServiceClient(client(t, dial, l.Addr().String(), insecure.NewCredentials()))
	ctx, payload := limited(t), random(large)
	called := make(chan error, 1)
	go func() {
		r, err := tc.UnaryCall(ctx, &testpb.SimpleRequest{Payload: payload})
		if err == nil && !bytes.Equal(payload.Body, r.Payload.Body) {
			err = fmt.Errorf("another payload")
		}
		called <- err
	}()
	e.hold <- struct{}{}
	stopped := make(chan struct{})
	go func() {
		srv.GracefulStop()
		close(stopped)
	}()
	e.hold <- struct{}{}
	require.NoError(t, sctptest.Receive(t, called))
	sctptest.Receive(t, stopped)
	_, err := sctp.Dial("sctp", l.Addr().String())
	sctptest.RequireRefused(t, err)
}
