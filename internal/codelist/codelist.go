// Package codelist owns the lists that forms choose from: code to label, some of
// them trees. Lists are versioned data files; codes are stored, labels shown.
package codelist

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Item is one entry; Children makes the list a tree.
type Item struct {
	Value    string `json:"value" yaml:"value"`
	Label    string `json:"label" yaml:"label"`
	Group    string `json:"group,omitempty" yaml:"group,omitempty" doc:"Heading under which to show the entry"`
	Children []Item `json:"children,omitempty" yaml:"children,omitempty"`
}

// List is one code list.
type List struct {
	Name     string `json:"name" yaml:"-"`
	Version  string `json:"version" yaml:"version" doc:"Edition of the classification"`
	Operator bool   `json:"-" yaml:"operator"` // a starting value that differs by province
	Items    []Item `json:"items" yaml:"items"`

	index map[string][]Item // value → path from the top
}

// Region is the name of the list of provinces, prefectures and counties.
const Region = "region"

// Industry is the name of the classification of industries.
const Industry = "gbt4754_2017"

//go:embed data/lists.yaml
var listsFile []byte

//go:embed data/regions.json
var regionsFile []byte

var lists = sync.OnceValue(func() map[string]*List {
	m := map[string]*List{}
	if err := yaml.Unmarshal(listsFile, &m); err != nil {
		panic(err)
	}
	m[Region] = regions()
	for name, l := range m {
		l.Name = name
		l.index = map[string][]Item{}
		l.add(nil, l.Items)
	}
	return m
})

func regions() *List {
	type place struct {
		Code     string  `json:"code"`
		Name     string  `json:"name"`
		Children []place `json:"children"`
	}
	var top []place
	if err := json.Unmarshal(regionsFile, &top); err != nil {
		panic(err)
	}
	var items func([]place) []Item
	items = func(ps []place) []Item {
		out := make([]Item, 0, len(ps))
		for _, p := range ps {
			out = append(out, Item{Value: p.Code, Label: p.Name, Children: items(p.Children)})
		}
		return out
	}
	return &List{Version: "2024", Items: items(top)}
}

func (l *List) add(above []Item, items []Item) {
	for _, it := range items {
		path := append(slices.Clone(above), it)
		if len(l.index[it.Value]) < len(path) { // of two equal codes the deeper one counts
			l.index[it.Value] = path
		}
		l.add(path, it.Children)
	}
}

// Get finds a list by name.
func Get(name string) (*List, bool) {
	l, ok := lists()[name]
	return l, ok
}

// Names lists every list.
func Names() []string { return slices.Sorted(maps.Keys(lists())) }

// Has reports whether the list knows the code.
func (l *List) Has(value string) bool { return len(l.index[value]) > 0 }

// Path is the entry with everything above it, top first; nil when unknown.
func (l *List) Path(value string) []Item { return l.index[value] }

// Depth is 1 for a top entry, 0 for an unknown one; leaf says that nothing is below.
func (l *List) Depth(value string) (depth int, leaf bool) {
	path := l.index[value]
	if len(path) == 0 {
		return 0, false
	}
	return len(path), len(path[len(path)-1].Children) == 0
}

// Label is the entry's own label; an unknown code is its own label.
func (l *List) Label(value string) string {
	path := l.index[value]
	if len(path) == 0 {
		return value
	}
	return path[len(path)-1].Label
}

// FullLabel joins the labels from the top: "福建省 / 厦门市 / 思明区".
func (l *List) FullLabel(value string) string {
	path := l.index[value]
	if len(path) == 0 {
		return value
	}
	labels := make([]string, 0, len(path))
	for i, it := range path {
		if i > 0 && it.Label == path[i-1].Label { // 北京市 / 北京市
			continue
		}
		labels = append(labels, it.Label)
	}
	return strings.Join(labels, " / ")
}

// Label finds the label of a code in a named list.
func Label(list, value string) string {
	if l, ok := Get(list); ok {
		return l.Label(value)
	}
	return value
}

// FullLabelOf joins the labels of a code of a named list from the top.
func FullLabelOf(list, value string) string {
	if l, ok := Get(list); ok {
		return l.FullLabel(value)
	}
	return value
}
