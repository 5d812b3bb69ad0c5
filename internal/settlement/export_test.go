package settlement

import "strings"

// AddUp adds up all changes at once.
var AddUp = strings.Replace(addUp, "WHERE c.id IN (?)", "", 1)
