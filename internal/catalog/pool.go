package catalog

import "strings"

// pool keeps texts and lists that many cards share once.
type pool struct {
	texts map[string]string
	lists map[string][]string
}

func newPool() pool { return pool{map[string]string{}, map[string][]string{}} }

// card is the same card without texts of its own that others have too.
func (p pool) card(c Card) Card {
	c.Kind, c.PriceUnit, c.OnePlan.Unit = Kind(p.text(string(c.Kind))), BillingUnit(p.text(string(c.PriceUnit))), BillingUnit(p.text(string(c.OnePlan.Unit)))
	c.Provider, c.City = p.text(c.Provider), p.text(c.City)
	c.Tags, c.Categories, c.Industries = p.list(c.Tags), p.list(c.Categories), p.list(c.Industries)
	return c
}

func (p pool) text(s string) string {
	if s == "" {
		return ""
	}
	kept, ok := p.texts[s]
	if !ok {
		kept = strings.Clone(s)
		p.texts[kept] = kept
	}
	return kept
}

func (p pool) list(all []string) []string {
	if len(all) == 0 {
		return all
	}
	key := strings.Join(all, "\x00")
	kept, ok := p.lists[key]
	if !ok {
		for _, s := range all {
			kept = append(kept, p.text(s))
		}
		p.lists[key] = kept
	}
	return kept
}
