package cli

import (
	"io"

	"smedx/internal/httpapi"
)

type openapiCmd struct{}

// Run prints the contract; the types of the pages are generated from it.
func (openapiCmd) Run(stdout io.Writer) error {
	text, err := httpapi.New(httpapi.Services{}).Contract().YAML()
	if err != nil {
		return err
	}
	_, err = stdout.Write(text)
	return err
}
