package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"net/http"
	"time"

	"smedx/internal/account"
	"smedx/internal/app"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/org"
)

// Submit measures how fast companies hand in the enterprise form.
type Submit struct {
	Companies   int
	Connections int
	Address     string // of a PostgreSQL server; else SQLite
}

// applicant is a company that is ready to hand in.
type applicant struct {
	token string
	body  []byte
}

// Run prepares, measures, verifies and removes everything.
func (s Submit) Run(ctx context.Context, progress io.Writer) (r Report, err error) {
	p, err := newPlace(ctx, s.Address)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	say(progress, "preparing %d companies …\n", s.Companies)
	companies, fields, err := s.prepare(ctx, p)
	if err != nil {
		return r, err
	}
	srv, err := p.serve(ctx)
	if err != nil {
		return r, err
	}
	running := true
	defer func() {
		if running {
			err = errors.Join(err, srv.stop())
		}
	}()
	r = Report{
		What: fmt.Sprintf("POST /org/submissions, %d answers in %d bytes", fields, len(companies[0].body)),
		Load: Load{Connections: s.Connections, Requests: s.Companies, Limit: 2 * time.Minute},
	}
	say(progress, "asking %s …\n", srv.url)
	r.Ceiling = ceiling(ctx, srv.url, s.Connections)
	r.Measured = handIn(ctx, srv.url, r.Load, companies)
	running = false
	if err := srv.stop(); err != nil {
		return r, err
	}
	r.Verified, err = s.verify(ctx, p, r.Measured)
	return r, err
}

func say(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, format, args...) //nolint:errcheck // a terminal
}

func handIn(ctx context.Context, url string, l Load, companies []applicant) Figures {
	c := client(l.Connections)
	defer c.CloseIdleConnections()
	return run(ctx, l, func(ctx context.Context, n int) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/org/submissions", bytes.NewReader(companies[n].body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.AddCookie(&http.Cookie{Name: "smedx_session", Value: companies[n].token})
		return expect(c, req, http.StatusCreated)
	})
}

// prepare makes the companies through the modules, before the server starts.
func (s Submit) prepare(ctx context.Context, p *place) (companies []applicant, fields int, err error) {
	a, err := app.Open(ctx, p.config, true)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	d, err := a.Services.Orgs.Forms().Current(ctx, a.DB, string(org.KindEnterprise))
	if err != nil {
		return nil, 0, err
	}
	hashed, err := a.Services.Accounts.Hash(ctx, "Blue#River7") // one for all: hashing is slow on purpose
	if err != nil {
		return nil, 0, err
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		return nil, 0, err
	}
	filled := answers(d)
	for n := range s.Companies {
		one, err := s.register(ctx, a, n, hashed)
		if err != nil {
			return nil, 0, err
		}
		viewer := file.Viewer{UserID: one.User.ID, OrgID: one.User.OrgID}
		f, err := a.Services.Files.Save(ctx, viewer, file.License, "license.png", bytes.NewReader(picture.Bytes()))
		if err != nil {
			return nil, 0, err
		}
		values := maps.Clone(filled)
		values["company_name"], values["uscc"], values["business_license"] = fmt.Sprintf("压测企业%06d有限公司", n), creditCode(n), f.ID.String()
		body, err := json.Marshal(map[string]any{"values": values, "version": 0})
		if err != nil {
			return nil, 0, err
		}
		fields = len(values)
		companies = append(companies, applicant{one.Token, body})
	}
	return companies, fields, nil
}

// register opens an account with a company in draft, signed in.
func (s Submit) register(ctx context.Context, a *app.App, n int, hashed account.Hashed) (signed account.Signed, err error) {
	from := account.From{IP: "127.0.0.1", Agent: "smedx bench"}
	err = a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o := org.Organization{ID: id.New(), Kind: org.KindEnterprise, Verification: org.Draft, CreatedAt: clock.At(tx.Now())}
		if _, err := tx.Insert(&o).Exec(ctx); err != nil {
			return err
		}
		u, err := a.Services.Accounts.Create(ctx, tx, account.NewUser{
			OrgID: o.ID, Role: account.RoleEnterprise, Owner: true, Username: fmt.Sprintf("bench_%06d", n),
			Phone: fmt.Sprintf("138%08d", n), Password: hashed,
		})
		if err != nil {
			return err
		}
		if err := a.Services.Accounts.Consent(ctx, tx, u.ID, from.IP); err != nil {
			return err
		}
		signed, err = a.Services.Accounts.SignIn(ctx, tx, u, "registration", from)
		return err
	})
	return signed, err
}

// verify counts what lies in the database, which must be what was acknowledged.
func (s Submit) verify(ctx context.Context, p *place, f Figures) (said string, err error) {
	err = p.look(ctx, func(d *db.DB) error {
		said, err = s.check(ctx, d, f)
		return err
	})
	return said, err
}

func (s Submit) check(ctx context.Context, d *db.DB, f Figures) (string, error) {
	counts := map[string]int{}
	for what, query := range map[string]string{
		"companies under review": `SELECT count(*) FROM organizations WHERE verification = 'pending'`,
		"frozen profiles":        `SELECT count(*) FROM profile_versions`,
		"open cases":             `SELECT count(*) FROM review_cases`,
	} {
		var n int
		if err := d.Raw(query).Scan(ctx, &n); err != nil {
			return "", err
		}
		counts[what] = n
		if n != f.Done {
			return "", fmt.Errorf("%d submissions were acknowledged, %d %s are in the database (first refusal: %s)", f.Done, n, what, f.First)
		}
	}
	if f.Refused > 0 {
		return "", fmt.Errorf("%d of %d submissions were refused: %s", f.Refused, s.Companies, f.First)
	}
	return fmt.Sprintf("%d companies under review, as many frozen profiles and cases as answers of 201", counts["companies under review"]), nil
}
