// Package program tests smedx from outside, as the process that an operator
// starts, stops and restarts. What the platform does is tested elsewhere.
package program

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is smedx without its pages, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "smedx-program-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "smedx")
	cmd := exec.Command("go", "build", "-o", path, "smedx/cmd/smedx")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path)) // a leftover in the temporary folder
	}
	os.Exit(code)
}

// smedx is a running server.
type smedx struct {
	url    string
	cmd    *exec.Cmd
	output *bytes.Buffer
	ended  chan error
}

// start runs `smedx serve` on a free port and waits until it is ready or gone.
func start(t *testing.T, data string, args ...string) *smedx {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(path, err)
	}
	addr := freeAddr(t)
	s := &smedx{url: "http://" + addr, output: &bytes.Buffer{}, ended: make(chan error, 1)}
	s.cmd = exec.Command(path, append([]string{"serve", "--data", data, "--addr", addr}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // it may have ended already
	return s
}

func (s *smedx) ready(t *testing.T) *smedx {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if status, _ := get(s.url + "/readyz"); status == http.StatusOK {
			return s
		}
	}
	t.Fatal("not ready after 30 seconds")
	return nil
}

// end waits until the process has ended by itself and returns its exit code and output.
func (s *smedx) end(t *testing.T) (code int, output string) {
	t.Helper()
	select {
	case <-s.ended:
		return s.cmd.ProcessState.ExitCode(), s.output.String()
	case <-time.After(30 * time.Second):
		t.Fatal("still running after 30 seconds")
		return 0, ""
	}
}

func (s *smedx) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func TestStopsWhenAskedAndStartsAgainAfterAnyEnd(t *testing.T) {
	data := t.TempDir()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGINT} {
		s := start(t, data).ready(t)
		s.signal(t, sig)
		code, output := s.end(t)
		if sig != syscall.SIGKILL && code != 0 {
			t.Errorf("%v: exit code %d\n%s", sig, code, output)
		}
	}
	start(t, data).ready(t)
}

func TestOneServerOnADatabaseFile(t *testing.T) {
	data := t.TempDir()
	first := start(t, data).ready(t)
	code, output := start(t, data).end(t)
	if code == 0 || !strings.Contains(output, "another process") {
		t.Errorf("exit code %d: %s", code, output)
	}
	first.ready(t)
}

func TestProductionRefusesWhatIsForTests(t *testing.T) {
	for _, flag := range []string{"--demo", "--test-hooks"} {
		code, output := start(t, t.TempDir(), "--environment", "production", flag).end(t)
		if code == 0 || !strings.Contains(output, flag) {
			t.Errorf("%s: exit code %d: %s", flag, code, output)
		}
	}
}

func TestHooksAreAbsentUnlessAskedFor(t *testing.T) {
	for _, c := range []struct {
		args []string
		want int
	}{{nil, http.StatusNotFound}, {[]string{"--test-hooks"}, http.StatusOK}} {
		s := start(t, t.TempDir(), c.args...).ready(t)
		if status, body := get(s.url + "/_test/outbox"); status != c.want {
			t.Errorf("%v: %d %s", c.args, status, body)
		}
	}
}

func TestSaysWhyItCannotStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "not-a-folder")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"data is a file":     {"--data", file},
		"unknown database":   {"--db", "mysql://localhost/smedx"},
		"no PostgreSQL here": {"--db", "postgres://localhost:1/smedx"},
		"bad public address": {"--public-url", "smedx.example"},
	} {
		t.Run(name, func(t *testing.T) {
			code, output := start(t, t.TempDir(), args...).end(t)
			if code == 0 || !strings.HasPrefix(output, "smedx: ") || strings.Contains(output, "goroutine ") {
				t.Errorf("exit code %d: %s", code, output)
			}
		})
	}
}

func get(url string) (status int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// T-FAULT-04: disks as a power failure leaves them, of a rush on the real server, keep
// every claim that was acknowledged. `smedx bench rush --power-cut 200` does more of them.
func TestDisksAfterAPowerFailureKeepWhatWasAcknowledged(t *testing.T) {
	if out, err := exec.Command("strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace is not here or may not trace, so nobody sees what the server writes: %v %s", err, out)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(path, err)
	}
	out, err := exec.Command(path, "bench", "rush", "--power-cut", "20", "--claimants", "120", "--stock", "100", "--connections", "24", "--seed", "7").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "0 lost, 0 double, 0 oversold") {
		t.Errorf("%v\n%s", err, out)
	}
}
