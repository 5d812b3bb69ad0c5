package access

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"smedx/internal/account"
)

var update = flag.Bool("update", false, "write docs/permissions.md")

const published = "../../docs/permissions.md"

// The page that says who may call what is what the contract says.
func TestPublishedMatrix(t *testing.T) {
	page := matrixPage(run.ops)
	if *update {
		if err := os.WriteFile(published, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stands, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stands, page) {
		t.Error("docs/permissions.md is not what the access table says: go test ./test/access -run Published -update")
	}
}

// matrixPage is the matrix as a page: operations down, roles across.
func matrixPage(ops []operation) []byte {
	var b bytes.Buffer
	b.WriteString(`# Who may call what

Written from the contract by ` + "`go test ./test/access -run Published -update`" + `; a test keeps it so. The table behind it is
internal/httpapi/access.go. Each row is also tested against the running platform (test/access): with objects that are the
caller's and with objects that are not.

- A word in a cell is the permission that a user of the role must hold; ✓ asks for none; an empty cell is refused (403).
- "everybody" includes visitors. All other operations answer visitors, ended sessions and disabled accounts with 401.
- "sign-in step" is for a sign-in that waits for its second factor, and for nobody else.
- The permission opens the operation. Whose objects it reaches is the module's rule: a company's own, a desk's, a panel's.
  An object that is not the caller's answers 404, as one that does not exist.
- Who must change the password may only do that and sign out. Who has not accepted the agreements in force may read and
  accept them, change the password, take the own data along, close the account and sign out (403, account.must_consent). Most operations of a company also ask that it is verified.

| Operation | |`)
	for _, r := range account.Roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(account.Roles)) + "\n")
	for _, o := range ops {
		fmt.Fprintf(&b, "| %s | `%s %s` |", o.id, o.method, strings.TrimPrefix(o.path, "/api/v1"))
		for _, r := range account.Roles {
			cell := ""
			switch {
			case o.access.Public:
				cell = "everybody"
			case o.access.HalfSigned:
				cell = "sign-in step"
			case slices.Contains(o.access.Roles, string(r)):
				if cell = string(o.permission(r)); cell == "" {
					cell = "✓"
				}
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
