package interop_test

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

func TestNcat(t *testing.T) {
	t.Parallel()
	need(t, "ncat", "ncat")
	t.Run("--sctp, a line each way, it ends", func(t *testing.T) {
		w := sctptest.NewWire(t)
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		port := l.Addr().(*sctp.Addr).Port
		talkAndEnd(t, l, exec.Command("ncat", "--sctp", "127.0.0.1", strconv.Itoa(int(port))))
		requireShutdown(t, w, port)
	})
	t.Run("--sctp --listen, 300000 bytes echoed, we end", func(t *testing.T) {
		w := sctptest.NewWire(t)
		p, port := ncatListens(t, "--exec", "/bin/cat")
		echo(t, port, 300000)
		require.NoError(t, p.wait(t))
		requireShutdown(t, w, port)
	})
	t.Run("--sctp --ssl, to our server, it ends", func(t *testing.T) {
		certFile, _ := pemFiles(t)
		server, _ := sctptest.TLSConfigs()
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		port := strconv.Itoa(int(l.Addr().(*sctp.Addr).Port))
		talkAndEnd(t, tls.NewListener(l, server), exec.Command("ncat", "--sctp", "--ssl", "--ssl-verify",
			"--ssl-trustfile", certFile, "--ssl-servername", sctptest.ServerName, "127.0.0.1", port))
	})
	t.Run("--sctp --ssl --listen, our client, we end", func(t *testing.T) {
		certFile, keyFile := pemFiles(t)
		_, client := sctptest.TLSConfigs()
		p, port := ncatListens(t, "--ssl", "--ssl-cert", certFile, "--ssl-key", keyFile, "--exec", "/bin/cat")
		nc, err := sctp.Dial("sctp4", address(port))
		require.NoError(t, err)
		c := tls.Client(nc, client)
		t.Cleanup(func() { c.Close() })
		require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
		_, err = io.WriteString(c, "hello\n")
		require.NoError(t, err)
		b := make([]byte, 6)
		_, err = io.ReadFull(c, b)
		require.NoError(t, err)
		require.Equal(t, "hello\n", string(b))
		require.NoError(t, c.Close())
		require.NoError(t, p.wait(t))
	})
}

// ncatListens starts an ncat that listens, for one association, and returns it and its port.
func ncatListens(t *testing.T, args ...string) (*program, uint16) {
	t.Helper()
	port := freePort(t)
	p := startProgram(t, exec.Command("ncat", append(args, "-v", "--sctp", "--listen", "127.0.0.1", strconv.Itoa(int(port)))...))
	p.printed.await(t, `Listening on 127\.0\.0\.1`)
	return p, port
}

// pemFiles returns the names of files with the certificate of sctptest.TLSConfigs and its key.
func pemFiles(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	server, _ := sctptest.TLSConfigs()
	cert := server.Certificates[0]
	key, err := x509.MarshalECPrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, typ string, der []byte) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}), 0o600))
		return name
	}
	return write("cert.pem", "CERTIFICATE", cert.Certificate[0]), write("key.pem", "EC PRIVATE KEY", key)
}
