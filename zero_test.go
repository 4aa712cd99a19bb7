package sctp_test

import (
	"context"
	"iter"
	"net"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// The methods of zero values return EINVAL, as package net's, and never panic.
func TestZeroValues(t *testing.T) {
	for _, v := range []any{new(sctp.Conn), new(sctp.Listener), new(sctp.MultiConn), sctp.Options{}} {
		zero := reflect.ValueOf(v)
		for i := range zero.NumMethod() {
			method, name := zero.Method(i), zero.Type().Method(i).Name
			t.Run(strings.TrimPrefix(zero.Type().String(), "*sctp.")+"."+name, func(t *testing.T) {
				var in []reflect.Value
				for j := range method.Type().NumIn() {
					in = append(in, argument(method.Type().In(j)))
				}
				call := method.Call
				if method.Type().IsVariadic() {
					call = method.CallSlice
				}
				for _, out := range call(in) {
					switch out := out.Interface().(type) {
					case error:
						require.ErrorIs(t, out, syscall.EINVAL)
					case net.Addr:
						require.Nil(t, out)
					case iter.Seq2[sctp.Message, error]:
						for _, err := range out {
							require.ErrorIs(t, err, syscall.EINVAL)
						}
					}
				}
				if n := method.Type().NumOut(); n > 0 && method.Type().Out(n-1) == reflect.TypeFor[error]() {
					require.False(t, call(in)[n-1].IsNil(), "no error")
				}
			})
		}
	}
}

// argument returns what a method of the type can be called with.
func argument(typ reflect.Type) reflect.Value {
	switch typ {
	case reflect.TypeFor[context.Context]():
		return reflect.ValueOf(context.Background())
	case reflect.TypeFor[[]byte]():
		return reflect.ValueOf(make([]byte, 10))
	case reflect.TypeFor[time.Time]():
		return reflect.ValueOf(time.Now())
	case reflect.TypeFor[net.Addr](), reflect.TypeFor[*sctp.Addr]():
		return reflect.ValueOf(sctp.MustParseAddr("127.0.0.1:9"))
	}
	return reflect.Zero(typ)
}
