package bench

import (
	"testing"

	"smedx/internal/app"
	"smedx/internal/catalog"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// What is measured must be what buyers would read.
func TestThePreparedShelfIsOnSale(t *testing.T) {
	p, err := newPlace(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.remove() //nolint:errcheck // a temporary folder
	ids, err := Catalogue{Offerings: 45}.prepare(t.Context(), p)
	if err != nil || len(ids) != 45 {
		t.Fatal(len(ids), err)
	}
	a, err := app.Open(t.Context(), p.config, false)
	if err != nil {
		t.Fatal(err)
	}
	defer a.DB.Close() //nolint:errcheck // read only
	found, err := a.Services.Catalog.Search(t.Context(), catalog.Query{Text: "追溯"}, page.Query{})
	if err != nil || found.Total == 0 {
		t.Errorf("%d found, %v", found.Total, err)
	}
	for _, text := range ids {
		o, err := id.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		product, err := a.Services.Catalog.Product(t.Context(), o)
		if err != nil || product.Offering.Status != catalog.Listed || product.Company.Name == "" {
			t.Fatalf("%+v %v", product.Offering, err)
		}
	}
}
