// Package clamd asks a ClamAV daemon whether a file is infected. It speaks the
// daemon's INSTREAM command (man 8 clamd): the content is sent in pieces, so the
// daemon needs no access to the folder.
package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Patience is how long one file may take.
const Patience = 2 * time.Minute

// Scanner reaches one daemon.
type Scanner struct{ network, address string }

// At makes a scanner for unix:/path/of/socket or tcp:host:port.
func At(where string) (*Scanner, error) {
	network, address, _ := strings.Cut(where, ":")
	switch network {
	case "unix":
		if strings.HasPrefix(address, "/") {
			return &Scanner{network, address}, nil
		}
	case "tcp":
		if _, _, err := net.SplitHostPort(address); err == nil {
			return &Scanner{network, address}, nil
		}
	}
	return nil, fmt.Errorf("%q is neither unix:/path/of/socket nor tcp:host:port", where)
}

// Scan answers the name of what was found, or "". An error says that nothing is
// known of the content.
func (s *Scanner) Scan(ctx context.Context, content io.Reader) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", fmt.Errorf("clamd: %w", err)
	}
	defer conn.Close() //nolint:errcheck // nothing more is to be said
	context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	sent := send(conn, content)
	answer, err := bufio.NewReader(io.LimitReader(conn, 4096)).ReadString(0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("clamd: %w", errors.Join(err, sent))
	}
	answer = strings.TrimRight(answer, "\x00\n")
	switch verdict, is := strings.CutPrefix(answer, "stream: "); {
	case is && strings.HasSuffix(verdict, " FOUND"): // may come before the end is sent
		return strings.TrimSuffix(verdict, " FOUND"), nil
	case is && verdict == "OK" && sent == nil:
		return "", nil
	}
	return "", fmt.Errorf("clamd: answered %.200q: %w", answer, cmpErr(sent))
}

func cmpErr(sent error) error {
	if sent == nil {
		return errors.New("no verdict")
	}
	return sent
}

// send writes the command and the content in pieces with their lengths, and an empty piece.
func send(w io.Writer, content io.Reader) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	piece := make([]byte, 4+64<<10)
	for {
		n, err := io.ReadFull(content, piece[4:])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if n > 0 {
			binary.BigEndian.PutUint32(piece, uint32(n))
			if _, err := w.Write(piece[:4+n]); err != nil {
				return err
			}
		}
		if last {
			_, err = w.Write(make([]byte, 4))
			return err
		}
	}
}
