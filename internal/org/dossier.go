package org

import (
	"context"
	"encoding/json"
	"io"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/sheet"
	"smedx/internal/review"
)

// Dossier is a company as the operator keeps it: who, how it stands, everything
// that it handed in and what was done about its verification.
type Dossier struct {
	Org      Organization
	Username string // of the main account
	Phone    string // masked
	Versions []Version
	Outcomes map[id.ID]review.Outcome
	Measures []MeasureTaken
}

// MeasureTaken is an act on a verification outside of reviews.
type MeasureTaken struct {
	Verb    Verb
	Reason  string
	Comment string
	By      string
	At      clock.Instant
}

// Dossier answers the file of one company.
func (s *Service) Dossier(ctx context.Context, orgID id.ID) (d Dossier, err error) {
	if d.Org, err = s.find(ctx, s.db, orgID); err != nil {
		return d, err
	}
	u, err := s.accounts.OwnerOf(ctx, s.db, orgID)
	if skipMissing(err) != nil {
		return d, err
	}
	d.Username, d.Phone = u.Username, account.MaskPhone(u.Phone)
	err = s.db.Select(&d.Versions).Column("id", "org_id", "seq", "name", "uscc", "submitted_at").
		Where("org_id = ?", orgID).Order("seq DESC").Scan(ctx)
	if err != nil {
		return d, err
	}
	ids := make([]id.ID, 0, len(d.Versions))
	for _, v := range d.Versions {
		ids = append(ids, v.ID)
	}
	if d.Outcomes, err = s.reviews.Outcomes(ctx, s.db, d.Org.Kind.caseKind(), ids...); err != nil {
		return d, err
	}
	d.Measures, err = s.measures(ctx, orgID)
	return d, err
}

// measures reads the trail, which is where acts outside of reviews are kept.
func (s *Service) measures(ctx context.Context, orgID id.ID) ([]MeasureTaken, error) {
	entries, err := audit.About(ctx, s.db, "organization", orgID, "org.suspend", "org.restore", "org.revoke", "org.expire")
	out := make([]MeasureTaken, 0, len(entries))
	for _, e := range entries {
		var said struct{ Reason, Comment string }
		if err := json.Unmarshal([]byte(e.Detail), &said); err != nil {
			return nil, err
		}
		m := MeasureTaken{Verb: Verb(e.Action[len("org."):]), Reason: said.Reason, Comment: said.Comment, By: e.ActorName, At: e.At}
		out = append(out, m)
	}
	return out, err
}

// LookVersion answers one submission of a company to the operator; the view is
// written to the trail.
func (s *Service) LookVersion(ctx context.Context, who account.Principal, orgID, versionID id.ID) (a Answers, err error) {
	v, err := s.version(ctx, s.db, versionID)
	if err == nil && v.OrgID != orgID {
		err = errs.ErrNotFound
	}
	if err != nil {
		return a, err
	}
	if a, err = s.answers(ctx, s.db, v); err != nil {
		return a, err
	}
	a.Values = masked(a.Form, a.Values)
	return a, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.viewed(ctx, tx, who, v, nil)
	})
}

// viewed leaves a trace of somebody who read personal data.
func (s *Service) viewed(ctx context.Context, tx *db.Tx, who account.Principal, v Version, more map[string]any) error {
	detail := map[string]any{"version": v.ID}
	for k, x := range more {
		detail[k] = x
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "org.view_material", ObjectKind: "organization", ObjectID: v.OrgID, SubjectOrg: v.OrgID, Detail: detail,
	})
}

const (
	exportMax  = 20_000
	exportPage = 100
)

var kindWords = map[Kind]string{KindEnterprise: "企业用户", KindProvider: "服务商"}

// Export writes the companies of a filter as an Excel file, at most 20,000.
func (s *Service) Export(ctx context.Context, who account.Principal, f Filter, to io.Writer) error {
	w, err := sheet.New(to, "企业名单", "企业名称", "统一社会信用代码", "企业类型", "注册地区", "认证状态", "认证时间", "有效期至", "注册时间")
	if err != nil {
		return err
	}
	n := 0
	for p := 1; n < exportMax; p++ {
		got, err := s.List(ctx, f, page.Query{Page: p, Size: exportPage})
		if err != nil {
			return err
		}
		for _, o := range got.Items {
			n++
			err := w.Row(o.Name, o.USCC, kindWords[o.Kind], codelist.FullLabelOf(codelist.Region, o.RegionCode), o.Verification.Word(),
				o.VerifiedAt.Local(), o.ValidUntil.Local(), o.CreatedAt.Local())
			if err != nil {
				return err
			}
		}
		if len(got.Items) < exportPage {
			break
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "org.export", ObjectKind: "organization", Detail: map[string]any{"rows": n},
		})
	})
}
