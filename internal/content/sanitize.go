package content

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// filePath is the only address that a picture in a body may have.
var filePath = regexp.MustCompile(`^/api/v1/files/([0-9]{1,19})$`)

// policy is what a body may hold: structure, emphasis, links, tables and our
// own pictures. No style, class, id, script or foreign address of a picture.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "strong", "b", "em", "i", "u", "s", "sub", "sup",
		"ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("colspan", "rowspan").Matching(regexp.MustCompile(`^[1-9][0-9]?$`)).OnElements("td", "th")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,4}$`)).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	p.AllowAttrs("src").Matching(filePath).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	return p
}()

// Sanitize keeps what a body may hold and drops the rest.
func Sanitize(body string) string { return strings.TrimSpace(policy.Sanitize(body)) }

// textOf is a body without marks, at most max characters, for lists and
// descriptions.
func textOf(body string, max int) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			runes := []rune(strings.Join(strings.Fields(b.String()), " "))
			if len(runes) > max {
				return string(runes[:max]) + "…"
			}
			return string(runes)
		case html.TextToken:
			b.WriteString(html.UnescapeString(string(z.Text())))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			b.WriteByte(' ')
		}
	}
}

var imgSource = regexp.MustCompile(`<img[^>]*\ssrc="/api/v1/files/([0-9]{1,19})"`)
