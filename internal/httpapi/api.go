// Package httpapi translates between HTTP and the modules; it decides nothing.
//
// Each module has one file here with its operations. Who may call which is one
// table (access.go), every error leaves through one function (problem.go), and
// the contract is generated from the Go types.
package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/config"
	"smedx/internal/content"
	"smedx/internal/delivery"
	roster "smedx/internal/expert"
	"smedx/internal/file"
	"smedx/internal/fund"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/org"
	"smedx/internal/payment"
	"smedx/internal/rating"
	"smedx/internal/review"
	"smedx/internal/risk"
	"smedx/internal/setting"
	"smedx/internal/settlement"
	"smedx/internal/survey"
	"smedx/internal/voucher"
)

// Services is everything that operations call.
type Services struct {
	DB          *db.DB
	Config      config.Config
	Sessions    *account.Sessions
	Accounts    *account.Service
	Settings    *setting.Service
	Orgs        *org.Service
	Files       *file.Service
	Notify      *notify.Service
	Content     *content.Service
	Surveys     *survey.Service
	Orders      *order.Service
	Payments    *payment.Service
	Cashier     *payment.Simulated // nil unless the simulated gateway is on
	Deliveries  *delivery.Service
	Ratings     *rating.Service
	Funds       *fund.Service
	Vouchers    *voucher.Service
	Reviews     *review.Service
	Experts     *roster.Service
	Catalog     *catalog.Service
	Risks       *risk.Service
	Settlements *settlement.Service
	// Sweep runs all timed work once; only the test hooks call it.
	Sweep func(context.Context) error
}

// API holds the services and the registered operations.
type API struct {
	Services

	huma    huma.API
	used    map[string]bool
	answers *shared
}

// New registers every operation. Without services it serves to print the contract.
func New(s Services) *API {
	huma.DefaultArrayNullable = false
	huma.NewError = shapeProblem
	mux := http.NewServeMux()
	mux.HandleFunc("/", notFoundAPI)
	cfg := huma.DefaultConfig("smedx", "1")
	cfg.Info.Description = "Public service platform for the digital transformation of small and medium enterprises."
	cfg.CreateHooks = nil // no $schema in bodies
	cfg.DocsPath = ""
	cfg.SchemasPath = ""
	cfg.OpenAPIPath = ""
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	a := &API{Services: s, huma: humago.NewWithPrefix(mux, "/api/v1", cfg), used: map[string]bool{}, answers: newShared(sharedBytes)}
	a.huma.OpenAPI().Servers = []*huma.Server{{URL: "/api/v1"}}
	a.routes()
	return a
}

// schemaName puts the module before the name of a module's own type, where names
// as short as Plan or Page are clear in Go but not in one list of all types.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch module := path.Base(t.PkgPath()); module {
	case "catalog", "review", "expert", "books":
		if prefix := strings.ToUpper(module[:1]) + module[1:]; !strings.HasPrefix(name, prefix) {
			return prefix + name
		}
	}
	return name
}

// routes is the list of modules that have operations.
func (a *API) routes() {
	a.sessionRoutes()
	a.accountRoutes()
	a.signInStepRoutes()
	a.securityRoutes()
	a.orgRoutes()
	a.formRoutes()
	a.managedOrgRoutes()
	a.memberRoutes()
	a.userRoutes()
	a.administrationRoutes()
	a.settingRoutes()
	a.fileRoutes()
	a.messageRoutes()
	a.contentRoutes()
	a.surveyRoutes()
	a.portalRoutes()
	a.orderRoutes()
	a.paymentRoutes()
	a.deliveryRoutes()
	a.ratingRoutes()
	a.fundRoutes()
	a.bookRoutes()
	a.voucherRoutes()
	a.riskRoutes()
	a.providerNameRoutes()
	a.settlementRoutes()
	a.reviewRoutes()
	a.expertRoutes()
	a.catalogRoutes()
	a.savedSearchRoutes()
	a.auditRoutes()
	a.ownRoutes()
}

// Contract is the OpenAPI 3.1 document.
func (a *API) Contract() *huma.OpenAPI { return a.huma.OpenAPI() }

// op names an operation of the contract.
type op struct {
	ID, Method, Path, Tag, Summary string
}

type option func(*huma.Operation)

// created answers 201.
func created(o *huma.Operation) { o.DefaultStatus = http.StatusCreated }

// route registers an operation with its row of the access table.
func route[I, O any](a *API, o op, handler func(context.Context, *I) (*O, error), options ...option) {
	r, ok := access[o.ID]
	if !ok {
		panic("no row in the access table for operation " + o.ID)
	}
	a.used[o.ID] = true
	operation := huma.Operation{
		OperationID: o.ID, Method: o.Method, Path: o.Path, Tags: []string{o.Tag}, Summary: o.Summary,
		Middlewares: huma.Middlewares{a.guard(r)},
		Extensions:  map[string]any{"x-permission": r},
		Errors:      []int{http.StatusUnprocessableEntity, http.StatusInternalServerError},
	}
	for _, set := range options {
		set(&operation)
	}
	huma.Register(a.huma, operation, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, err).toHuma()
		}
		return out, nil
	})
}

// guard refuses before the body is read, so that nobody learns a form's shape
// by what it complains of.
func (a *API) guard(r rule) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		err := r.check(caller(c.Context()))
		if err == nil && r.HalfSigned {
			c, err = a.withStep(c)
		}
		if err != nil {
			refuse(c, err)
			return
		}
		next(c)
	}
}

// refuse answers before the operation is asked.
func refuse(c huma.Context, err error) {
	p := problemOf(c.Context(), err)
	c.SetHeader("Content-Type", "application/problem+json")
	if p.retryAfter > 0 {
		c.SetHeader("Retry-After", strconv.Itoa(p.retryAfter))
	}
	c.SetStatus(p.Status)
	_ = json.NewEncoder(c.BodyWriter()).Encode(p) //nolint:errcheck // the client has gone
}

// body is the answer of an operation that returns JSON.
type body[T any] struct{ Body T }

// reply wraps a result for the wire.
func reply[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}

// empty is the answer of an operation that returns nothing (204).
type empty struct{}

func done(err error) (*empty, error) { return &empty{}, err }

// notFoundAPI answers unknown API paths like every other error.
func notFoundAPI(w http.ResponseWriter, r *http.Request) {
	problemOf(r.Context(), errs.ErrNotFound).write(w)
}
