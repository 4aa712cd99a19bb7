//go:build linux

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"sync"
	"time"

	"github.com/netsctp/sctp/bench/internal/result"
)

// nets are the implementations with the interfaces of package net.
var nets = []struct {
	name string
	netImpl
}{
	{oursBytes, sctpNet},
	{tcp, tcpNet},
	{ishidawataru, ishidawataruNet},
}

// tlsEchoes are round trips of 200 bytes under TLS 1.3; the handshake is not counted.
func tlsEchoes(scale int) (ms []measurement) {
	n := 2000 * scale
	for _, im := range nets {
		ms = append(ms, measurement{
			row: result.Row{Case: "round trip of 200 B", Impl: im.name, Unit: result.Rate},
			run: func() (float64, error) {
				d, err := roundTrip(overTLS(im.netImpl), 200, 1, n)
				return rate(n, d), err
			},
		})
	}
	return ms
}

// overTLS puts TLS over an implementation. Each end shakes hands with its first message.
func overTLS(im netImpl) netImpl {
	return netImpl{
		func(address string) (net.Listener, error) {
			cert, err := certificate()
			if err != nil {
				return nil, err
			}
			l, err := im.listenNet(address)
			if err != nil {
				return nil, err
			}
			return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}}), nil
		},
		func(address string) (net.Conn, error) {
			c, err := im.dialNet(address)
			if err != nil {
				return nil, err
			}
			return tls.Client(c, &tls.Config{InsecureSkipVerify: true}), nil
		},
	}
}

// certificate returns one that is signed by itself.
var certificate = sync.OnceValues(func() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
})
