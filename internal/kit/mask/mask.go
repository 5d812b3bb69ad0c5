// Package mask shows enough of a personal text to recognise it and too little to use it.
package mask

import (
	"strings"
	"unicode/utf8"
)

// Text masks by what a text looks like: a mail address, a number, or a name.
func Text(s string) string {
	switch {
	case s == "":
		return ""
	case strings.Contains(s, "@"):
		return Mail(s)
	case len(s) >= 7 && strings.Trim(s, "0123456789-+ ") == "":
		return Number(s)
	}
	return Name(s)
}

// Number shows the ends: 138****1234.
func Number(s string) string {
	if len(s) < 8 {
		return "****"
	}
	return s[:3] + "****" + s[len(s)-4:]
}

// Mail shows the first letter and the host: a***@example.com.
func Mail(s string) string {
	name, host, ok := strings.Cut(s, "@")
	if !ok || name == "" {
		return "***"
	}
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "***@" + host
}

// Name shows the first character: 王**.
func Name(s string) string {
	if s == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size] + "**"
}
