// Package grpctest runs gRPC-Go over SCTP: its server on a Listener, its clients with a
// Dialer. It is a module of its own, so that the package does not require gRPC.
//
//	func Serve(l net.Listener) error { return grpc.NewServer().Serve(l) }
//
//	func Client(address string) (*grpc.ClientConn, error) {
//		dial := func(ctx context.Context, address string) (net.Conn, error) {
//			return new(sctp.Dialer).DialContext(ctx, "sctp", address)
//		}
//		return grpc.NewClient("passthrough:///"+address, grpc.WithContextDialer(dial), …)
//	}
//
// An address of several paths, "10.0.0.1/10.1.0.1:50051", needs the scheme passthrough: gRPC
// would look it up as one name.
package grpctest
