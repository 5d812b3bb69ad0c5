package web

import _ "embed"

// Routes is the table of the pages' addresses and titles (JSON). It is written
// from the router by the test src/app/routes.test.ts and tells the server which
// addresses exist.
//
//go:embed routes.json
var Routes []byte
