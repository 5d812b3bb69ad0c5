package demo

import (
	"context"
	"fmt"
	"hash/fnv"

	"smedx/internal/account"
	"smedx/internal/expert"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/review"
)

// people puts staff, experts and companies on the agenda.
func (l *loader) people() {
	l.on(200, "staff", func() error {
		for _, p := range l.data.Staff {
			if p.Role == "expert" {
				continue
			}
			if err := l.hire(p); err != nil {
				return err
			}
		}
		return nil
	})
	for _, p := range l.data.Staff {
		switch {
		case p.Role != "expert":
		case p.Provider == "":
			l.on(198, "expert "+p.Username, func() error { return l.admit(p) })
		case p.Declined == "":
			l.on(2, "nominate "+p.Name, func() error { _, err := l.nominate(l.companies[p.Provider], p); return err })
		default:
			l.on(45, "nominate "+p.Name, func() error {
				e, err := l.nominate(l.companies[p.Provider], p)
				l.after(l.later(50), "decline "+p.Name, func() error {
					_, err := l.Experts.Decline(l.ctx, l.operator(), e.ID, expert.Note{Reason: "unverified", Text: p.Declined})
					return err
				})
				return err
			})
		}
	}
	for i, p := range l.data.Providers {
		l.on(195-float64(i)/2, "register "+p.Key, func() error {
			if err := l.join(p.Key, p.Username, p.Phone, account.RoleProvider); err != nil {
				return err
			}
			l.after(l.later(2), "submit "+p.Key, func() error {
				return l.submit(p.Key, 26, func(license id.ID) (map[string]any, error) { return l.providerForm(p, license) })
			})
			return nil
		})
	}
	for i, e := range l.data.Enterprises {
		age := 180 - float64(i)
		switch e.State {
		case "pending":
			age = 2
		case "returned":
			age = 6
		case "draft":
			age = 1
		}
		l.on(age, "register "+e.Key, func() error {
			if err := l.join(e.Key, e.Username, e.Phone, account.RoleEnterprise); err != nil || e.State == "draft" {
				return err
			}
			decide := map[string]float64{"verified": 22, "returned": 40}[e.State]
			l.after(l.later(2), "submit "+e.Key, func() error {
				return l.submit(e.Key, decide, func(license id.ID) (map[string]any, error) { return enterpriseForm(e, l.stated(e), license), nil })
			})
			return nil
		})
	}
}

// hire opens an account of staff; demonstration accounts share one hash.
func (l *loader) hire(p Staff) error {
	return l.DB.Write(l.ctx, func(ctx context.Context, tx *db.Tx) error {
		u, err := l.Accounts.Create(ctx, tx, account.NewUser{
			Role: account.Role(p.Role), Username: p.Username, Phone: p.Phone, Email: p.Email, Password: l.password, PhoneProven: true,
		})
		l.staff[p.Username] = principal(u)
		if err != nil {
			return err
		}
		return l.Accounts.Consent(ctx, tx, u.ID, "")
	})
}

// admit enters an expert of the platform, gives an account, and lets the expert
// replace the first password.
func (l *loader) admit(p Staff) error {
	operator := l.operator()
	e, err := l.nominate(operator, p)
	if err != nil {
		return err
	}
	const first = "First#Login26"
	if e, err = l.Experts.Admit(l.ctx, operator, e.ID, expert.Admission{Username: p.Username, Phone: p.Phone, Password: first}); err != nil {
		return err
	}
	who := principal(account.User{ID: e.UserID, Role: account.RoleExpert, Username: p.Username})
	l.experts = append(l.experts, who)
	err = l.DB.Write(l.ctx, func(ctx context.Context, tx *db.Tx) error { return l.Accounts.Consent(ctx, tx, who.UserID, "") })
	if err != nil {
		return err
	}
	return l.Accounts.ChangePassword(l.ctx, who, first, Password, Password)
}

// nominate enters an expert with a portrait.
func (l *loader) nominate(who account.Principal, p Staff) (expert.Expert, error) {
	photo, err := l.picture(who, file.ExpertPhoto, p.Name+".jpg", "portrait-"+p.Name)
	if err != nil {
		return expert.Expert{}, err
	}
	return l.Experts.Nominate(l.ctx, who, expert.Entry{
		Name: p.Name, Age: p.Age, Gender: p.Gender, IIoTField: p.IIoTField, IndustryField: p.IndustryField, OperationField: p.OpsField,
		IIoTYears: p.IIoTYears, IndustryYears: p.IndustryYears, Achievements: p.Achievements, Position: p.Position,
		Education: p.Education, Photo: photo, Bio: p.Bio,
	})
}

// join is step 1 of the registration.
func (l *loader) join(key, username, phone string, role account.Role) error {
	r, err := l.Orgs.Register(l.ctx, account.Registration{
		Role: role, Username: username, Phone: phone, Password: Password, PasswordConfirm: Password, Agreed: true,
	}, account.From{IP: l.desk(key), Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0"})
	l.companies[key] = principal(r.User)
	return err
}

// desk is the address of a company's own desk, or of the company it shares one with.
func (l *loader) desk(key string) string {
	for _, e := range l.data.Enterprises {
		if e.Key == key && e.SharedWith != "" {
			key = e.SharedWith
		}
	}
	h := fnv.New32a()
	h.Write([]byte(key)) //nolint:errcheck // a hash never fails
	sum := h.Sum32()
	return fmt.Sprintf("198.%d.%d.%d", 18+sum>>31, sum>>8&255, sum&255) // addresses of test networks
}

// stated is the phone in an enterprise's form.
func (l *loader) stated(e Enterprise) string {
	for _, other := range l.data.Enterprises {
		if other.Key == e.SharedWith {
			return other.Phone
		}
	}
	for _, p := range l.data.Providers {
		if p.Key == e.SharedWith {
			return p.Phone
		}
	}
	return e.Phone
}

// submit hands the company form in; the operator answers some hours later: with
// approval, with a return when that takes longer than a day, or (0) not yet.
func (l *loader) submit(key string, hours float64, form func(license id.ID) (map[string]any, error)) error {
	who := l.companies[key]
	license, err := l.picture(who, file.License, "营业执照.jpg", "licence-"+key)
	if err != nil {
		return err
	}
	values, err := form(license)
	if err != nil {
		return err
	}
	draft, err := l.Orgs.Draft(l.ctx, who)
	if err != nil {
		return err
	}
	o, err := l.Orgs.Submit(l.ctx, who, values, draft.Version)
	if err != nil || hours == 0 {
		return err
	}
	l.after(l.later(hours), "verify "+key, func() error {
		if hours > 30 {
			return l.decide(l.operator(), o.CaseID, review.Decision{Action: review.Return, Verdict: review.Verdict{
				Reason: "incomplete", Comment: "营业执照图片不清晰，统一社会信用代码无法核对，请重新上传后提交。",
				Remarks: []review.Remark{
					{Field: "/business_license", Reason: "unclear", Comment: "请上传清晰的彩色扫描件或照片。"},
					{Field: "/uscc", Reason: "mismatch", Comment: "请对照执照重新核对。"},
				},
			}})
		}
		return l.decide(l.operator(), o.CaseID, review.Decision{
			Action: review.Approve, Verdict: review.Verdict{Comment: "材料齐全，信息与营业执照一致，予以通过。"},
		})
	})
	return nil
}

func (l *loader) operator() account.Principal { return l.staff["operator_demo"] }

func enterpriseForm(e Enterprise, phone string, license id.ID) map[string]any {
	return map[string]any{
		"company_name": e.Name, "legal_rep_mobile": e.Phone, "contact_phone": phone, "email": e.Email,
		"established_on": e.Established, "business_license": license.String(), "registration_type": "173", "is_listed": "no",
		"industries": []any{e.Industry}, "key_industry_chain": e.Chain, "legal_representative": e.Legal,
		"contact_person": e.Contact, "contact_position": e.Position, "postal_code": e.PostalCode, "uscc": e.USCC,
		"tax_credit_grade": []string{"A", "B", "A", "M"}[len(e.Key)%4], "core_products": []any{e.Products},
		"registered_region": e.Region[2], "registered_address": e.Address, "enterprise_nature": e.Nature,
		"cultivation_level": e.Cultivation, "main_business": e.Products, "company_profile": e.Profile,
		"revenue_y1": float64(e.RevenueFen[0]), "revenue_y2": float64(e.RevenueFen[1]), "revenue_y3": float64(e.RevenueFen[2]),
		"total_assets": float64(e.AssetsFen), "employees_total": float64(e.Staff), "employees_insured": float64(e.InsuredStaff),
		"rd_staff": float64(e.RDStaff), "equip_digital_ratio": fmt.Sprint(e.DigitalRatio), "equip_network_ratio": fmt.Sprint(e.NetworkedRatio),
		"digital_plan": "planned", "digital_owner": "vp", "systems_in_use": []any{"finance", "oa"},
		"digital_scenarios": []any{"finance"}, "digital_needs": []any{"production_control", "quality", "equipment"},
	}
}

func (l *loader) providerForm(p Provider, license id.ID) (map[string]any, error) {
	proof, err := l.picture(l.companies[p.Key], file.Qualification, "资质证明.jpg", "proof-"+p.Key)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"company_name": p.Name, "uscc": p.USCC, "business_license": license.String(), "service_scope": anys(p.Scope),
		"core_solutions": anys(p.Scenarios), "service_industries": anys(p.Industries), "qualifications": anys(p.Qualifications),
		"qualification_files": []any{proof.String()}, "industrial_customers": float64(p.Customers), "operating_since": p.Established,
		"employees_total": float64(p.Staff), "rd_staff": float64(p.RDStaff), "delivery_staff": float64(p.DeliveryStaff),
		"revenue_y1": float64(p.RevenueFen[0]), "revenue_y2": float64(p.RevenueFen[1]), "revenue_y3": float64(p.RevenueFen[2]),
		"avg_sales_3y": float64(p.RevenueFen[1] / 1_000_000 * 1_000_000), "avg_industrial_sales_3y": float64(p.RevenueFen[2] / 2_000_000 * 1_000_000),
		"solution_share": "42.5", "industries": []any{"65"}, "registered_region": p.Region[2], "established_on": p.Established,
		"legal_representative": p.Legal, "contact_person": p.Contact, "contact_phone": p.Phone, "email": p.Email, "provider_type": p.Type,
	}, nil
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
