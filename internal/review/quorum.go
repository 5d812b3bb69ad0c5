package review

// Criterion is one thing that experts score, with its share of the total.
type Criterion struct {
	Code   string `json:"code"`
	Weight int64  `json:"weight" doc:"Percent of the total"`
}

// Criteria of listings; the weights add up to 100.
var Criteria = []Criterion{
	{"fit", 25},      // 适用性: fits what small and medium companies need
	{"maturity", 20}, // 成熟度: technology and product
	{"effect", 25},   // 实施效果: the three cases
	{"value", 15},    // 性价比
	{"support", 15},  // 服务保障
}

// The rule of a panel.
const (
	PanelSize  = 3  // experts asked, unless the operator names more
	Quorum     = 3  // ballots that decide when the time is over
	Threshold  = 60 // mean score needed, of 100
	passShare  = 2  // at least 2 of 3 verdicts …
	passShares = 3
)

// weighted is the score of one ballot in hundredths, 0 to 10000.
func weighted(scores map[string]int64) (sum int64) {
	for _, c := range Criteria {
		sum += scores[c.Code] * c.Weight
	}
	return sum
}

// Tally is the result of a panel so far.
type Tally struct {
	Asked  int64 `json:"asked"`
	Voted  int64 `json:"voted"`
	Passed int64 `json:"passed"`
	Mean   int64 `json:"mean" doc:"Mean weighted score in hundredths, 0 to 10000"`
	sum    int64
}

// count adds up ballots; asked is how many experts still belong to the panel.
func count(asked int64, votes []Vote) Tally {
	t := Tally{Asked: asked, Voted: int64(len(votes))}
	for _, v := range votes {
		t.sum += v.Score
		if v.Passed {
			t.Passed++
		}
	}
	if t.Voted > 0 {
		t.Mean = t.sum / t.Voted
	}
	return t
}

// outcome is Pass or Fail once all are in, and "" before. Sums are compared, not
// the rounded mean.
func (t Tally) outcome() Action {
	switch {
	case t.Voted < Quorum || t.Voted < t.Asked:
		return ""
	case t.Passed*passShares >= t.Voted*passShare && t.sum >= Threshold*100*t.Voted:
		return Pass
	}
	return Fail
}
