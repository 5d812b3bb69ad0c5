package risk

// Unmatched are rules without code, or code without words.
func Unmatched() (out []Code) {
	listed := map[Code]bool{}
	for _, r := range Rules {
		listed[r.Code] = true
		if finders[r.Code] == nil || r.Name == "" || r.Means == "" || r.Weight < 1 || r.Weight > 3 {
			out = append(out, r.Code)
		}
	}
	for code := range finders {
		if !listed[code] {
			out = append(out, code)
		}
	}
	return out
}
