package db

import "strings"

// Contains makes the pattern of LIKE for "holds this text"; the statement says
// ESCAPE '!'.
func Contains(text string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}
