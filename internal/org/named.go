package org

import (
	"strings"

	"smedx/internal/kit/db"
)

// Named is the condition that finds companies by words: a part of the name, or a credit code.
func Named(words string) (sql string, args []any) {
	return `(name LIKE ? ESCAPE '!' OR uscc = ?)`, []any{db.Contains(words), strings.ToUpper(words)}
}

// Within is the condition that finds companies of a region and all within it: 440000 is
// a province, 440300 a city. Codes are digits, so that a span of an index has them.
func Within(region string) (sql string, args []any) {
	for len(region) > 2 && strings.HasSuffix(region, "00") {
		region = region[:len(region)-2]
	}
	return `(region_code >= ? AND region_code < ?)`, []any{region, region + "zzzz"}
}
