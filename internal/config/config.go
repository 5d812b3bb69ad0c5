// Package config is the one table of settings: name, default, environment
// variable, help and whether the value is secret. Flags win over the environment,
// the environment over the file, the file over the default.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"smedx/internal/kit/clamd"
)

// Config is every setting of the server. The tags are the table.
type Config struct {
	Data              string        `help:"Folder for the database, uploads and keys." default:"./data" env:"SMEDX_DATA" placeholder:"FOLDER"`
	DB                string        `help:"sqlite:FILE or postgres://…; default: SQLite in the data folder." name:"db" env:"SMEDX_DB" placeholder:"DSN" secret:"true"`
	Addr              string        `help:"Address to listen on." default:"127.0.0.1:8080" env:"SMEDX_ADDR"`
	PublicURL         string        `help:"Address under which people reach the platform; https makes cookies secure." env:"SMEDX_PUBLIC_URL" placeholder:"URL"`
	Environment       string        `help:"production refuses the demo and test hooks." enum:"development,production" default:"development" env:"SMEDX_ENVIRONMENT"`
	Migrate           bool          `help:"Migrate a PostgreSQL schema at the start (SQLite always is)." env:"SMEDX_MIGRATE"`
	Demo              bool          `help:"Load demonstration data, keep SMS and mail on a local page, simulate the cashier." env:"SMEDX_DEMO"`
	TestHooks         bool          `help:"Open /_test (outbox, clock) for automated tests." env:"SMEDX_TEST_HOOKS"`
	SealKeyFile       string        `help:"Key file for personal data; made at the first start. Default: keys/seal.key in the data folder." env:"SMEDX_SEAL_KEY_FILE" placeholder:"FILE"`
	Proxies           []string      `help:"Addresses or networks of trusted proxies, whose X-Forwarded-For counts." env:"SMEDX_TRUSTED_PROXIES" placeholder:"CIDR"`
	Node              int64         `help:"Number of this process among those that share a database (0-1023); -1: random." default:"-1" env:"SMEDX_NODE"`
	OrderTTL          time.Duration `help:"How long an unpaid order keeps its vouchers." name:"order-ttl" default:"30m" env:"SMEDX_ORDER_TTL"`
	VerificationValid time.Duration `help:"How long a verification of a company lasts; 0: for ever." default:"0" env:"SMEDX_VERIFICATION_VALID"`
	Together          int           `help:"Most changes that one durable commit holds, and claims that are served in one; 1 gives each a transaction of its own, to compare." default:"1024" env:"SMEDX_TOGETHER"`
	Drain             time.Duration `help:"How long running requests may take at shutdown." default:"30s" env:"SMEDX_DRAIN"`
	SMTPAddr          string        `help:"Mail server, host:port; without it mail is off." name:"smtp-addr" env:"SMEDX_SMTP_ADDR" placeholder:"HOST:PORT"`
	SMTPFrom          string        `help:"Sender of mail: an address, or Name <address>." name:"smtp-from" env:"SMEDX_SMTP_FROM"`
	SMTPUser          string        `help:"Account at the mail server; empty: no sign-in." name:"smtp-user" env:"SMEDX_SMTP_USER"`
	SMTPPassword      string        `help:"Its password." name:"smtp-password" env:"SMEDX_SMTP_PASSWORD" secret:"true"`
	SMTPMode          string        `help:"starttls, tls (from the first byte) or none (same machine)." name:"smtp-mode" enum:"starttls,tls,none" default:"starttls" env:"SMEDX_SMTP_MODE"`
	SMSURL            string        `help:"Address of the SMS gateway; without it SMS is off." name:"sms-url" env:"SMEDX_SMS_URL" placeholder:"URL"`
	SMSSecret         string        `help:"Secret that signs requests to the SMS gateway." name:"sms-secret" env:"SMEDX_SMS_SECRET" secret:"true"`
	ClamAV            string        `help:"ClamAV daemon that looks at every upload: unix:/path/of/socket or tcp:host:port; without it nobody looks." name:"clamav" env:"SMEDX_CLAMAV" placeholder:"ADDRESS"`
	LogLevel          string        `help:"Least level of log lines." enum:"debug,info,warn,error" default:"info" env:"SMEDX_LOG_LEVEL"`
	LogFormat         string        `help:"Form of log lines." enum:"text,json" default:"text" env:"SMEDX_LOG_FORMAT"`
}

// Fill sets the defaults that depend on other settings.
func (c *Config) Fill() {
	if c.DB == "" {
		c.DB = "sqlite:" + filepath.Join(c.Data, "smedx.db")
	}
	if c.SealKeyFile == "" {
		c.SealKeyFile = filepath.Join(c.Data, "keys", "seal.key")
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Addr
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
}

// Check refuses settings that contradict each other, all at once.
func (c *Config) Check() error {
	var all []error
	if c.Environment == "production" && (c.Demo || c.TestHooks) {
		all = append(all, errors.New("--demo and --test-hooks are refused when the environment is production"))
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		all = append(all, fmt.Errorf("--public-url %q is not an http or https address", c.PublicURL))
	}
	if _, err := c.TrustedProxies(); err != nil {
		all = append(all, err)
	}
	all = append(all, c.checkChannels()...)
	if c.ClamAV != "" {
		if _, err := clamd.At(c.ClamAV); err != nil {
			all = append(all, fmt.Errorf("--clamav: %w", err))
		}
	}
	if c.OrderTTL < time.Minute {
		all = append(all, errors.New("--order-ttl is under one minute"))
	}
	if c.VerificationValid < 0 {
		all = append(all, errors.New("--verification-valid is negative"))
	}
	return errors.Join(all...)
}

// checkChannels refuses half a configuration of mail or SMS.
func (c *Config) checkChannels() (all []error) {
	if c.SMTPAddr != "" {
		if _, _, err := net.SplitHostPort(c.SMTPAddr); err != nil {
			all = append(all, fmt.Errorf("--smtp-addr: %w", err))
		}
		if _, err := mail.ParseAddress(c.SMTPFrom); err != nil {
			all = append(all, fmt.Errorf("--smtp-from %q: %w", c.SMTPFrom, err))
		}
	}
	if c.SMSURL != "" {
		if u, err := url.Parse(c.SMSURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			all = append(all, errors.New("--sms-url is not an http or https address"))
		}
		if len(c.SMSSecret) < 16 {
			all = append(all, errors.New("--sms-secret needs 16 characters or more"))
		}
	}
	return all
}

// Secure says that people come over TLS.
func (c *Config) Secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// TrustedProxies parses the proxies' networks.
func (c *Config) TrustedProxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, p := range c.Proxies {
		if a, err := netip.ParseAddr(p); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		n, err := netip.ParsePrefix(p)
		if err != nil {
			return nil, fmt.Errorf("--proxies: %q is neither an address nor a network", p)
		}
		out = append(out, n)
	}
	return out, nil
}

// Row is one setting as "smedx config" prints it.
type Row struct {
	Env, Value, Help string
}

// Rows lists every setting with its value; secrets are hidden.
func (c *Config) Rows() []Row {
	v := reflect.ValueOf(*c)
	var rows []Row
	for i := range v.NumField() {
		f := v.Type().Field(i)
		text := fmt.Sprint(v.Field(i).Interface())
		if f.Tag.Get("secret") == "true" {
			text = hide(text)
		}
		rows = append(rows, Row{f.Tag.Get("env"), text, f.Tag.Get("help")})
	}
	return rows
}

// hide keeps a SQLite path and hides a password in an address; anything else
// that is secret is hidden whole.
func hide(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		return "(hidden)"
	}
	if strings.HasPrefix(s, "sqlite:") {
		return s
	}
	return u.Redacted()
}
