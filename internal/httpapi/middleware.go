package httpapi

import (
	"context"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"smedx/internal/account"
	"smedx/internal/config"
	"smedx/internal/kit/errs"
)

type contextKey int

const (
	keyCaller contextKey = iota
	keyRequestID
	keyAgent
	keyStep
)

// caller is who calls. Only this package reads it from the context; modules take
// it as an argument.
func caller(ctx context.Context) account.Principal {
	who, _ := ctx.Value(keyCaller).(account.Principal)
	return who
}

func requestID(ctx context.Context) string {
	s, _ := ctx.Value(keyRequestID).(string)
	return s
}

func agent(ctx context.Context) string {
	s, _ := ctx.Value(keyAgent).(string)
	return s
}

// policy allows our own files and nothing else: no inline script or style, no other host.
const policy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

func securityHeaders(secure bool, next http.Handler) http.Handler {
	always := http.Header{
		"Content-Security-Policy":      {policy},
		"X-Content-Type-Options":       {"nosniff"},
		"Referrer-Policy":              {"same-origin"},
		"X-Frame-Options":              {"DENY"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), microphone=(), geolocation=()"},
	}
	if secure {
		always.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	noStore := []string{"no-store"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		maps.Copy(h, always) // values are shared: a handler sets another, never adds to one
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h["Cache-Control"] = noStore
		}
		next.ServeHTTP(w, r)
	})
}

// identify gives the request an id, finds the caller's address and session.
func identify(sessions *account.Sessions, cfg config.Config, next http.Handler) http.Handler {
	proxies, _ := cfg.TrustedProxies() //nolint:errcheck // checked at the start
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reqID := nameOfRequest()
		w.Header().Set("X-Request-Id", reqID)
		ctx := context.WithValue(r.Context(), keyRequestID, reqID)
		ctx = context.WithValue(ctx, keyAgent, r.UserAgent())
		who := account.Principal{}
		if c, err := r.Cookie(cookieName(cfg.Secure())); err == nil {
			read := sessions.Who
			if r.Header.Get("X-Background") != "" { // asked by the page itself, not by somebody
				read = sessions.Glance
			}
			if who, err = read(ctx, c.Value); err != nil {
				problemOf(ctx, err).write(w)
				return
			}
		}
		who.IP, who.RequestID = clientIP(r, proxies), reqID
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, keyCaller, who)))
	})
}

// nameOfRequest tells requests apart in log and trail. It is no secret.
func nameOfRequest() string {
	return base32.HexEncoding.EncodeToString(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint16(nil, uint16(rand.Uint32())), rand.Uint64())) //nolint:gosec // see above
}

// clientIP is the socket's address, or behind trusted proxies the right-most
// forwarded address that is not one of them.
func clientIP(r *http.Request, proxies []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if !trusted(ip, proxies) {
		return ip.Unmap().String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if ip = hop; !trusted(hop, proxies) {
			break
		}
	}
	return ip.Unmap().String()
}

func trusted(ip netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// recoverPanics turns a panic into an error answer and a log line.
func recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			slog.ErrorContext(r.Context(), "panic", "value", p, "stack", string(debug.Stack()))
			problemOf(r.Context(), errors.New("panic")).write(w)
		}()
		next.ServeHTTP(w, r)
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logRequests writes one line a request, without query, body or personal data.
func logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(sw, r)
		level := slog.LevelDebug
		if sw.status >= 500 {
			level = slog.LevelWarn
		}
		if !slog.Default().Enabled(r.Context(), level) {
			return
		}
		slog.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", sw.status,
			"ms", time.Since(start).Milliseconds(), "request", w.Header().Get("X-Request-Id"))
	})
}

var errCrossSite = errs.New(errs.Forbidden, "request.cross_site")

// sameOrigin refuses changes that another site asks for.
func sameOrigin(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.AddInsecureBypassPattern("POST /api/v1/payments/notify/") // signed by the gateway
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problemOf(r.Context(), errCrossSite).write(w)
	}))
	return p.Handler(next)
}

func cookieName(secure bool) string {
	if secure {
		return "__Host-smedx"
	}
	return "smedx_session"
}

// stepCookieName names the cookie of a sign-in that waits for its second factor.
func stepCookieName(secure bool) string {
	if secure {
		return "__Host-smedx-step"
	}
	return "smedx_step"
}

// sessionCookie carries a token, or ends it when the token is empty.
func sessionCookie(secure bool, token string) http.Cookie {
	return cookie(cookieName(secure), secure, token)
}

func stepCookie(secure bool, token string) http.Cookie {
	return cookie(stepCookieName(secure), secure, token)
}

func cookie(name string, secure bool, token string) http.Cookie {
	c := http.Cookie{
		Name: name, Value: token, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
