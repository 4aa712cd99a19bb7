package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const (
	httpsPort = 443
	httpPort  = 80
)

var (
	reListening = regexp.MustCompile(`^listening on (\S+)$`)
	reConnected = regexp.MustCompile(`^connected (\S+) (?:from|to) (\S+)$`)
	reFetched   = regexp.MustCompile(`^([0-9a-f]{64}) (\S+) (\d+) bytes in \S+ (\S+)$`)
	reRequest   = regexp.MustCompile(`^\S+ HTTP/\S+ GET (\S+)$`)
)

// A file is one that is fetched.
type file struct {
	path string // in the folder, with slashes
	size int64
	sum  string // SHA-256, in hex
}

// files shows HTTP over SCTP, with a client of this package and with curl.
func (d *demo) files() error {
	heading("https-server serves this folder on both paths")
	all, err := projectFiles()
	if err != nil {
		return err
	}
	large, err := newFile(d.example("https-server"))
	if err != nil {
		return err
	}
	all = append(all, large)
	cert := filepath.Join(d.tmp, "cert.pem")
	server, err := d.server.start(reListening, d.example("https-server"), "-dir", ".", "-cert", cert,
		"-listen", d.server.at(httpsPort), "-http", d.server.at(httpPort))
	if err != nil {
		return err
	}
	defer server.kill()
	if _, err := server.await(2, reListening); err != nil {
		return err
	}

	heading("https-client fetches %d files, %s", len(all), size(total(all)))
	if err := d.goFetches(server, cert, all); err != nil {
		return err
	}
	heading("curl, a C program, fetches the same over plain HTTP: withsctp makes its sockets SCTP")
	if err := d.curlFetches(server, 2, all, "http://"+d.server.ips[0]); err != nil {
		return err
	}
	heading("curl fetches the same over HTTPS")
	if err := d.curlFetches(server, 3, all, "https://"+d.server.ips[0], "--cacert", cert); err != nil {
		return err
	}
	heading("https-client fetches the largest file, %s, and path 1 is cut meanwhile", size(large.size))
	if err := d.pathFails(server, 4, cert, large); err != nil {
		return err
	}
	return server.interrupt()
}

// goFetches fetches files with https-client.
func (d *demo) goFetches(server *process, cert string, files []file) error {
	start := time.Now()
	client, err := d.client.start(reConnected, append([]string{d.example("https-client"), "-cert", cert}, urls("https://"+d.server.ips[0], files)...)...)
	if err != nil {
		return err
	}
	defer client.kill()
	if err := client.wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, server.text())
	}
	fetched := client.printed(reFetched)
	speed(files, start)
	if err := d.checkPaths(server, 1, client); err != nil {
		return err
	}
	if len(fetched) != len(files) {
		return fmt.Errorf("https-client fetched %d of %d files:\n%s", len(fetched), len(files), client.text())
	}
	for i, f := range files {
		if sum, proto := fetched[i][1], fetched[i][2]; sum != f.sum || proto != "HTTP/2.0" {
			return fmt.Errorf("%s: its SHA-256 is %s, https-client got %s over %s", f.path, f.sum, sum, proto)
		}
	}
	checked("all came over HTTP/2 on one association, with the right SHA-256 sums")
	return nil
}

// checkPaths checks that the n-th client of the server is connected over both paths,
// as the server sees it, and the client too if it is one of ours.
func (d *demo) checkPaths(server *process, n int, client *process) error {
	seen, err := server.await(n, reConnected)
	if err != nil {
		return err
	}
	if len(seen) != n {
		return fmt.Errorf("the server has seen %d associations, not %d:\n%s", len(seen), n, server.text())
	}
	local, peer := seen[n-1][1], seen[n-1][2]
	note("https-server: connected %s from %s", local, peer)
	if err := samePaths(local, d.server); err != nil {
		return err
	}
	if err := samePaths(peer, d.client); err != nil {
		return err
	}
	if client != nil {
		seen := client.printed(reConnected)
		if len(seen) != 1 {
			return fmt.Errorf("the client has made %d associations, not 1:\n%s", len(seen), client.text())
		}
		if err := samePaths(seen[0][2], d.server); err != nil {
			return err
		}
	}
	checked("the association has both paths")
	return nil
}

// samePaths checks that an address has the IPs of h, in any order.
func samePaths(address string, h *host) error {
	ips := address[:strings.LastIndexByte(address, ':')]
	if ips != h.ips[0]+"/"+h.ips[1] && ips != h.ips[1]+"/"+h.ips[0] {
		return fmt.Errorf("the address %s is not that of both paths, %s and %s", address, h.ips[0], h.ips[1])
	}
	return nil
}

// curlFetches fetches files with curl, which is the n-th client of the server.
func (d *demo) curlFetches(server *process, n int, files []file, base string, args ...string) error {
	dir := filepath.Join(d.tmp, fmt.Sprint("curl", n))
	args = append([]string{"withsctp", "curl", "--silent", "--show-error", "--fail", "--location", "--create-dirs"}, args...)
	for i, u := range urls(base, files) {
		args = append(args, "-o", filepath.Join(dir, files[i].path), u)
	}
	sctpBefore, tcpBefore, err := d.client.opened()
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := d.client.output(args...); err != nil {
		return err
	}
	speed(files, start)
	if err := d.checkPaths(server, n, nil); err != nil {
		return err
	}
	sctp, tcp, err := d.client.opened()
	if err != nil {
		return err
	}
	if sctp -= sctpBefore; sctp != 1 || tcp != tcpBefore {
		return fmt.Errorf("curl opened %d SCTP associations and %d TCP connections, not 1 and 0", sctp, tcp-tcpBefore)
	}
	checked("the kernel has counted 1 SCTP association, and no TCP connection")
	for _, f := range files {
		got, err := newFile(filepath.Join(dir, f.path))
		if err != nil {
			return err
		}
		if got.sum != f.sum {
			return fmt.Errorf("%s: its SHA-256 is %s, curl got %s", f.path, f.sum, got.sum)
		}
	}
	checked("all %d files have the right SHA-256 sums", len(files))
	return nil
}

// pathFails cuts the first path while the n-th client fetches a file over it.
func (d *demo) pathFails(server *process, n int, cert string, f file) error {
	requests := len(server.printed(reRequest))
	before, err := d.client.received(devices[1])
	if err != nil {
		return err
	}
	start := time.Now()
	client, err := d.client.start(nil, append([]string{d.example("https-client"), "-cert", cert}, urls("https://"+d.server.ips[0], []file{f})...)...)
	if err != nil {
		return err
	}
	defer client.kill()
	if _, err := server.await(requests+1, reRequest); err != nil {
		return err
	}
	if err := d.client.setPath(devices[0], "down"); err != nil {
		return err
	}
	note("path 1 is down")
	if err := client.wait(); err != nil {
		return err
	}
	speed([]file{f}, start)
	if err := d.checkPaths(server, n, client); err != nil {
		return err
	}
	fetched := client.printed(reFetched)
	if len(fetched) != 1 || fetched[0][1] != f.sum {
		return fmt.Errorf("%s: its SHA-256 is %s, https-client printed\n%s", f.path, f.sum, client.text())
	}
	after, err := d.client.received(devices[1])
	if err != nil {
		return err
	}
	if got := after - before; got < f.size/10 {
		return fmt.Errorf("only %s came over path 2: the path was not cut in time", size(got))
	}
	checked("the same association went on over path 2, with %s, and the sum is right", size(after-before))
	return d.client.setPath(devices[0], "up")
}

// projectFiles returns the files of the current folder, without hidden ones.
func projectFiles() (files []file, err error) {
	err = filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !e.Type().IsRegular():
			return nil
		}
		f, err := newFile(path)
		files = append(files, f)
		return err
	})
	return files, err
}

// newFile returns the file at path, which is in the current folder or absolute.
func newFile(path string) (file, error) {
	f, err := os.Open(path)
	if err != nil {
		return file{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return file{}, err
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil {
			path = rel
		}
	}
	return file{filepath.ToSlash(path), n, fmt.Sprintf("%x", sum.Sum(nil))}, nil
}

// urls returns the URLs of files.
func urls(base string, files []file) []string {
	us := make([]string, len(files))
	for i, f := range files {
		us[i] = base + (&url.URL{Path: "/" + f.path}).EscapedPath()
	}
	return us
}

func total(files []file) (n int64) {
	for _, f := range files {
		n += f.size
	}
	return n
}

func size(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// speed prints how long it took to fetch files.
func speed(files []file, start time.Time) {
	s := time.Since(start).Seconds()
	note("%s in %.1f s, %.1f MB/s, the start of the program included", size(total(files)), s, float64(total(files))/1e6/s)
}
