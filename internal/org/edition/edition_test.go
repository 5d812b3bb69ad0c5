package edition_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/org/edition"
	"smedx/internal/org/form"
)

var operator = account.Principal{UserID: 7, Role: account.RoleOperator, Username: "operator_one"}

const kind = "enterprise"

// with adds a required field to the second part, 运营.
func with(s edition.Sheet, key string) []form.Section {
	sections := slices.Clone(s.Source.Sections)
	sections[1].Fields = append(slices.Clone(sections[1].Fields), form.Field{Key: key, Type: form.Integer, Label: "机床数量", Required: true, Unit: "台"})
	return sections
}

func TestFromDraftToForce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		ctx, b, other := t.Context(), edition.New(d), edition.New(d) // two processes
		first, err := b.Current(ctx, d, kind)
		if err != nil || first.Count() != 153 {
			t.Fatal(first.Count(), err)
		}
		s, err := b.Begin(ctx, operator, kind)
		if err != nil || s.Number != 2 || len(s.Changes) != 0 || len(s.Known) != 153 {
			t.Fatal(s.Number, s.Changes, err)
		}
		if _, err := b.Publish(ctx, operator, kind, s.Edits, "没有改动"); !errors.Is(err, edition.ErrUnchanged) {
			t.Error("a version without a difference is published:", err)
		}
		if s, err = b.Save(ctx, operator, kind, s.Edits, with(s, "machines")); err != nil || len(s.Changes) != 1 || s.Seen.Count() != 154 {
			t.Fatal(s.Changes, err)
		}
		if _, err := b.Save(ctx, operator, kind, s.Edits-1, s.Source.Sections); !errors.Is(err, errs.ErrStale) {
			t.Error("the later of two pages overwrites the other:", err)
		}
		if _, err := b.Publish(ctx, operator, kind, s.Edits-1, "过时的页面"); !errors.Is(err, errs.ErrStale) {
			t.Error("what the page does not show is published:", err)
		}
		if _, err := b.Publish(ctx, operator, kind, s.Edits, " "); len(errs.Of(err).Fields) != 1 {
			t.Error("no note:", err)
		}
		if now, err := other.Current(ctx, d, kind); err != nil || now.Version != first.Version {
			t.Error("a draft is in force", err)
		}
		if s, err = b.Publish(ctx, operator, kind, s.Edits, "统计口径调整"); err != nil || s.State != edition.Published {
			t.Fatal(err)
		}
		now, err := other.Current(ctx, d, kind)
		if err != nil || now.Version != "2" || now.Count() != 154 {
			t.Error("another process does not see the new version", now.Version, err)
		}
		if err := other.StillCurrent(ctx, d, first); !errors.Is(err, edition.ErrReplaced) {
			t.Error(err)
		}
		if was, err := other.Named(ctx, d, edition.Name(first), 2026); err != nil || was.Count() != 153 {
			t.Error("the old version has changed", err)
		}
		if _, err := b.Publish(ctx, operator, kind, s.Edits, "再发一次"); !errors.Is(err, errs.ErrNotFound) {
			t.Error("published twice:", err)
		}
		list, err := b.List(ctx, kind)
		if err != nil || len(list) != 2 || list[0].Note != "统计口径调整" || list[1].Number != 1 {
			t.Error(list, err)
		}
		var detail string
		if err := d.Raw(`SELECT detail FROM audit_entries WHERE action = 'form.publish'`).Scan(ctx, &detail); err != nil || !strings.Contains(detail, "机床数量") {
			t.Error("the trail does not tell what changed:", detail, err)
		}

		// A published field is no draft's any more.
		if s, err = b.Begin(ctx, operator, kind); err != nil || s.Number != 3 || !slices.Contains(s.Known, "machines") {
			t.Fatal(s.Number, err)
		}
		without := slices.Clone(s.Source.Sections)
		without[1].Fields = without[1].Fields[:16]
		if _, err := b.Save(ctx, operator, kind, s.Edits, without); len(errs.Of(err).Fields) != 1 || errs.Of(err).Fields[0].Code != form.CodeMissing {
			t.Error("a published field is deleted:", err)
		}
		if err := b.Discard(ctx, operator, kind, s.Edits); err != nil {
			t.Error(err)
		}
		if _, err := b.Open(ctx, kind, 3); !errors.Is(err, errs.ErrNotFound) {
			t.Error("the draft is still there:", err)
		}
	})
}

func TestTwoBeginAndPublishAtOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		ctx, b := t.Context(), edition.New(d)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if s, err := edition.New(d).Begin(ctx, operator, kind); err != nil || s.Number != 2 {
					t.Error(s.Number, err)
				}
			})
		}
		wg.Wait()
		s, err := b.Begin(ctx, operator, kind)
		if err != nil {
			t.Fatal(err)
		}
		if s, err = b.Save(ctx, operator, kind, s.Edits, with(s, "machines")); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		for range 4 {
			wg.Go(func() {
				if _, err := edition.New(d).Publish(ctx, operator, kind, s.Edits, "同时发布"); err == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if n, err := b.InForce(ctx, kind); won.Load() != 1 || n != 2 || err != nil {
			t.Error(won.Load(), n, err)
		}
	})
}
