package httpapi

import (
	"slices"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/org"
	"smedx/internal/org/form"
)

func TestEveryFieldCodeHasAText(t *testing.T) {
	for _, code := range slices.Concat(form.Codes, form.ChangeCodes, account.FieldCodes, org.FieldCodes) {
		if strings.TrimSpace(messages[code]) == "" {
			t.Errorf("no Chinese text for %s", code)
		}
	}
}
