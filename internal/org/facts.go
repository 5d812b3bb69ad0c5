package org

import (
	"context"
	"encoding/json"

	"smedx/internal/codelist"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
)

const (
	indexPhone    = seal.Phone
	indexLegalRep = "org.legal_rep"
)

// RequireVerified refuses a company that is not verified now.
func (s *Service) RequireVerified(ctx context.Context, r db.Reader, orgID id.ID) error {
	var v Verification
	err := verificationOf.Each(ctx, r, func(columns func(...any) error) error { return columns(&v) }, orgID)
	if err != nil {
		return err
	}
	if !v.InForce() {
		return ErrUnverified
	}
	return nil
}

// Brief is a company as others name it.
type Brief struct {
	ID           id.ID
	Name         string
	Kind         string
	City         string
	RegionCode   string
	Verification string
}

var (
	verificationOf = db.NewText(`SELECT verification FROM organizations WHERE id = ?`)
	briefsOf       = db.NewText(`SELECT id, name, kind, region_code, verification FROM organizations WHERE id IN ?`)
)

// Briefs answers companies by id; an unknown one is missing from the map.
func (s *Service) Briefs(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]Brief, error) {
	out := map[id.ID]Brief{}
	if len(orgIDs) == 0 {
		return out, nil
	}
	err := briefsOf.Each(ctx, r, func(columns func(...any) error) error {
		var b Brief
		err := columns(&b.ID, &b.Name, &b.Kind, &b.RegionCode, &b.Verification)
		b.City = city(b.RegionCode)
		out[b.ID] = b
		return err
	}, orgIDs)
	return out, err
}

// city is the prefecture of a region code, or the province where there is none.
func city(code string) string {
	l, _ := codelist.Get(codelist.Region)
	path := l.Path(code)
	switch {
	case len(path) == 0:
		return ""
	case len(path) == 1:
		return path[0].Label
	default:
		return path[1].Label
	}
}

// Facts are what rules ask of a company: who may claim, who is related to whom.
// The indexes are keyed hashes; equal ones mean equal values.
type Facts struct {
	RegionCode    string   `json:"region"`
	Industries    []string `json:"industries"`
	Size          string   `json:"size"` // micro small medium large, na, "" unknown
	LegalRepIndex string   `json:"legalRep"`
	PhoneIndex    string   `json:"phone"`
	RelatedUSCC   []string `json:"related"`
	USCC          string   `json:"uscc"`
}

// Facts answers the facts of the verified version in force; not_found before there is one.
func (s *Service) Facts(ctx context.Context, r db.Reader, orgID id.ID) (f Facts, err error) {
	o, err := s.find(ctx, r, orgID)
	if err != nil {
		return f, err
	}
	v, err := s.version(ctx, r, o.CurrentVersion)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(v.Facts), &f)
}

func (s *Service) facts(kind Kind, values map[string]any) Facts {
	f := Facts{
		RegionCode: text(values, "registered_region"), Industries: list(values["industries"]), Size: text(values, "enterprise_scale"),
		USCC: text(values, "uscc"), PhoneIndex: s.box.Index(indexPhone, text(values, "contact_phone")),
		LegalRepIndex: s.box.Index(indexLegalRep, text(values, "legal_representative")),
	}
	if kind == KindProvider {
		related, _ := values["related_parties"].([]any)
		for _, e := range related {
			m, _ := e.(map[string]any)
			if code := text(m, "code"); code != "" {
				f.RelatedUSCC = append(f.RelatedUSCC, code)
			}
		}
	}
	return f
}

func list(v any) []string {
	in, _ := v.([]any)
	out := make([]string, 0, len(in))
	for _, e := range in {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
