package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"smedx/internal/catalog"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
)

// slowCompanies are read when the test says so.
type slowCompanies struct{ asked, told chan struct{} }

func (c slowCompanies) Companies(_ context.Context, _ db.Reader, ids ...id.ID) (map[id.ID]catalog.Company, error) {
	c.asked <- struct{}{}
	<-c.told
	return map[id.ID]catalog.Company{ids[0]: {Name: "甲", Verified: true}}, nil
}

// A proxy sends nobody to a process that reads the catalogue, or whose database does not answer.
func TestAProcessIsReadyOnceTheCatalogueIsRead(t *testing.T) {
	d := dbtest.SQLite(t)
	companies := slowCompanies{make(chan struct{}), make(chan struct{})}
	a := &API{Services: Services{DB: d, Catalog: catalog.New(d, catalog.Deps{Companies: companies})}}
	says := func(status int, text string) {
		t.Helper()
		w := httptest.NewRecorder()
		a.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
		if w.Code != status || w.Body.String() != text+"\n" {
			t.Errorf("%d %q, not %d %q", w.Code, w.Body, status, text)
		}
	}
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { // one solution is on sale
		_, offering := tx.Exec(ctx, `INSERT INTO offerings (id, org_id, kind, status, work, live_revision, version, created_by, created_at, updated_at) VALUES (70, 1, 'solution', 'listed', '', 1, 1, 1, 1, 1)`)
		_, revision := tx.Exec(ctx, `INSERT INTO revisions (id, offering_id, number, status, content, personal, version, created_at, updated_at) VALUES (1, 70, 1, 'live', '{}', '', 1, 1, 1)`)
		return errors.Join(offering, revision)
	})
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := a.Catalog.Version(context.Background())
		read <- err
	}()
	<-companies.asked
	says(http.StatusServiceUnavailable, "reading the catalogue")
	close(companies.told)
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	says(http.StatusOK, "ready")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	says(http.StatusServiceUnavailable, "database unavailable")
}
