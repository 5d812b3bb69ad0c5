// Package clamdtest stands in for a ClamAV daemon.
package clamdtest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// Eicar is the harmless text that every scanner takes for a virus (eicar.org), in
// two parts so that no scanner finds it here.
var Eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)

// Fake is a daemon for tests that knows the Eicar text only. It answers where it listens.
func Fake(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() }) //nolint:errcheck // the end of the test
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveFake(conn)
		}
	}()
	return "tcp:" + l.Addr().String()
}

func serveFake(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the client has its answer
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
		return
	}
	var all bytes.Buffer
	for {
		var n uint32
		if binary.Read(conn, binary.BigEndian, &n) != nil {
			return
		}
		if n == 0 {
			break
		}
		if _, err := io.CopyN(&all, conn, int64(n)); err != nil {
			return
		}
	}
	verdict := "stream: OK\x00"
	if bytes.Contains(all.Bytes(), Eicar) {
		verdict = "stream: Eicar-Signature FOUND\x00"
	}
	_, _ = io.WriteString(conn, verdict) //nolint:errcheck // the client has gone
}
