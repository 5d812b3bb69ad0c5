package demo

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"smedx/internal/account"
	"smedx/internal/codelist"
	"smedx/internal/content"
	"smedx/internal/survey"
)

// publications puts surveys with answers, notices and announcements on the agenda.
func (l *loader) publications() {
	for _, s := range l.data.Surveys {
		l.on(12, "survey "+s.Key, func() error { return l.ask(s) })
	}
	for _, n := range l.data.Notices {
		l.on(float64(n.Days), "notice "+n.Key, func() error { return l.announce(n) })
	}
	for _, a := range l.data.Announcements {
		l.on(float64(a.Days), "announcement", func() error {
			made, err := l.Content.Announce(l.ctx, l.operator(), content.AnnouncementText{
				Title: a.Title, Body: a.Body, Audience: content.Audience(a.Audience), Pinned: a.Pinned,
			})
			if err != nil {
				return err
			}
			_, err = l.Content.PublishAnnouncement(l.ctx, l.operator(), made.ID)
			return err
		})
	}
}

func (l *loader) announce(n Notice) error {
	made, err := l.Content.Create(l.ctx, l.operator(), content.NoticeText{
		Title: n.Title, Issuer: n.Issuer, DocNumber: n.Number, Topic: n.Topic, Contact: n.Contact, Body: n.Body,
		Pinned: n.Pinned, SurveyID: l.surveys[n.Survey].ID,
	})
	if err != nil || n.State == "draft" {
		return err
	}
	if _, err = l.Content.Publish(l.ctx, l.operator(), made.ID); err != nil || n.State != "withdrawn" {
		return err
	}
	l.after(l.later(24*5), "withdraw "+n.Key, func() error {
		_, err := l.Content.Withdraw(l.ctx, l.operator(), made.ID)
		return err
	})
	return nil
}

// ask opens a survey and lets most enterprises answer over the days that follow.
func (l *loader) ask(s Survey) error {
	v, err := l.Surveys.Create(l.ctx, l.operator(), survey.Form{Title: s.Title, Intro: s.Intro, Questions: questions(s)})
	if err != nil {
		return err
	}
	if v, err = l.Surveys.Publish(l.ctx, l.operator(), v.ID); err != nil {
		return err
	}
	l.surveys[s.Key] = v
	rng := rand.New(rand.NewPCG(7, 11))
	for i, e := range l.data.Enterprises {
		if i%6 == 5 {
			continue
		}
		l.after(l.later(30+float64(i)*8), "answer of "+e.Key, func() error {
			who := account.Principal{IP: fmt.Sprintf("192.0.2.%d", 100+i)}
			if i%3 == 0 && l.companies[e.Key].UserID != 0 {
				who = l.companies[e.Key]
			}
			_, err := l.Surveys.Submit(l.ctx, who, v.Token, "demo-"+e.Key+"-1", answersOf(v.Questions, e, rng))
			return err
		})
	}
	return nil
}

func questions(s Survey) []survey.Question {
	out := make([]survey.Question, 0, len(s.Questions))
	for _, q := range s.Questions {
		n := survey.Question{
			Key: q.Key, Type: survey.Type(q.Type), Title: q.Title, Section: q.Section, Required: q.Required, Exclusive: q.Exclusive,
			MaxChoices: q.MaxChoices, MaxLength: q.MaxLength, Unit: q.Unit, Low: q.Low, High: q.High, Prefill: survey.Prefill(q.Prefill),
		}
		for _, o := range q.Options {
			n.Options = append(n.Options, survey.Option{Value: o[0], Label: o[1]})
		}
		if n.Type == survey.Number || n.Type == survey.Rating {
			n.Min, n.Max = &q.Min, &q.Max
		}
		out = append(out, n)
	}
	return out
}

// answersOf fills a questionnaire for a company; what the data set does not say
// is drawn.
func answersOf(qs []survey.Question, e Enterprise, rng *rand.Rand) survey.Answers {
	known := map[string]any{
		"company_name": e.Name, "city": survey.Place{Code: e.Region[1], Name: codelist.FullLabelOf(codelist.Region, e.Region[1])}, "nature": e.Nature,
		"employees": e.Staff, "founded": e.Established, "contact": e.Contact, "phone": e.Phone, "needs": e.Profile,
	}
	out := survey.Answers{}
	for _, q := range qs {
		v, ok := known[q.Key]
		switch {
		case ok:
		case q.Type == survey.Single:
			v = q.Options[rng.IntN(len(q.Options))].Value
		case q.Type == survey.Multiple:
			var some []string
			for _, o := range q.Options {
				if o.Value != q.Exclusive && rng.IntN(4) == 0 && (q.MaxChoices == 0 || len(some) < q.MaxChoices) {
					some = append(some, o.Value)
				}
			}
			if len(some) == 0 {
				some = []string{q.Options[0].Value}
			}
			v = some
		case q.Type == survey.Rating:
			v = 2 + rng.IntN(int(*q.Max)-1)
		default:
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			continue // every value above is plain data
		}
		out[q.Key] = raw
	}
	return out
}
