package directory_test

import (
	"context"
	"encoding/binary"
	"net"
	"runtime"
	"testing"

	"sigill/appliance/directory"
	"sigill/appliance/mail"
)

// dense is a packet of so many bytes that is made of the smallest parts there are.
func dense(size int) []byte {
	b := binary.BigEndian.AppendUint32([]byte{0x30, 0x84}, uint32(size))
	for range size / 2 {
		b = append(b, 0x04, 0x00)
	}
	return b
}

// takes is how many MiB are taken in all while something is done.
func takes(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}

func TestMemory(t *testing.T) {
	const size, most = 8 << 20, 100 // bytes on the wire, MiB in memory
	packet := dense(size)
	t.Run("a packet that is made to fill the memory is refused before it is taken in", func(t *testing.T) {
		f := newFake(t, nil)
		f.instead = func(c net.Conn, _ int64, _ int) bool {
			c.Write(packet)
			return true
		}
		var err error
		if n := takes(func() { _, err = f.read(f.config()) }); n > most {
			t.Errorf("%d MiB", n)
		}
		refused(t, err, "error.directory.large")
	})
	t.Run("many that are each let through end at the bound of an answer", func(t *testing.T) {
		f := newFake(t, nil)
		small := dense(128 << 10)
		f.instead = func(c net.Conn, _ int64, _ int) bool {
			for range size / len(small) * 4 {
				if _, err := c.Write(small); err != nil {
					break
				}
			}
			return true
		}
		_, err := f.read(f.config())
		refused(t, err, "error.directory.large")
	})
	t.Run("whoever is on the way before TLS fills nothing either", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		small := dense(128 << 10)
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			c.Read(make([]byte, 1000)) // the request
			c.Write(small)
		}()
		_, ca := certificate(t)
		d, err := directory.New(directory.Config{URL: "ldap://" + l.Addr().String(), StartTLS: true, CAFile: ca, Base: "dc=x", Filter: "(mail=*)", Mail: "mail", ID: "entryUUID", Name: "cn"})
		if err != nil {
			t.Fatal(err)
		}
		n := takes(func() { err = d.Read(context.Background(), func(mail.DirectoryEntry) error { return nil }) })
		if refused(t, err, "error.directory.large"); n > most {
			t.Errorf("%d MiB", n)
		}
	})
}
