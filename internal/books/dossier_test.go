package books_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/books"
	"smedx/internal/delivery"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
	"smedx/internal/order/ordertest"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

var (
	auditor = account.Principal{UserID: 31, Role: account.RoleAdmin, Username: "shenji1", Permissions: []account.Permission{account.AuditRead}}
	finance = account.Principal{UserID: 22, Role: account.RoleDepartment, Username: "gongxin2", Permissions: account.PermissionsOf(account.RoleDepartment)}
)

// A package holds every paper of a voucher's life, and its manifest proves each
// file; what the reader's rights do not reveal is masked.
func TestAPackageHoldsTheWholeLife(t *testing.T) {
	each(t, func(s *scene) {
		ctx := s.Context()
		files, err := file.New(s.DB, s.TempDir())
		s.OK(err)
		deliveries := delivery.New(s.DB, s.Orders, files)
		papers := books.Papers{DB: s.DB, Funds: s.Funds, Vouchers: s.Vouchers, Orders: s.Orders, Deliveries: deliveries, Files: files}

		seller, buyer := ordertest.Seller(maker), ordertest.Buyer(1)
		o := s.Bought(1, s.Shelf.Put(8, maker, 12_300, false), s.vouchers[1].ID)
		day := s.DB.Now().In(clock.Shanghai).AddDate(0, 0, 10)
		promised := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, clock.Shanghai) // midnight: until the end of the day before
		s.OK(deliveries.Start(ctx, seller, o.ID, "两周内完成部署", clock.At(promised)))
		var raw bytes.Buffer
		s.OK(png.Encode(&raw, image.NewRGBA(image.Rect(0, 0, 2, 2))))
		sent := raw.Bytes()
		paper, err := files.Save(ctx, file.Viewer{UserID: seller.UserID, OrgID: seller.OrgID}, file.DeliveryDoc, "验收单.png", bytes.NewReader(sent))
		s.OK(err)
		s.OK(deliveries.Submit(ctx, seller, o.ID, "请验收", []id.ID{paper.ID}))
		s.OK(deliveries.Accept(ctx, buyer, o.ID, "同意"))
		s.OK(s.ApproveChange(s.Asked(s.campaign, voucher.ChangeDraft{Reason: "报名踊跃", Quotas: []voucher.Quota{{VoucherID: s.campaign.Vouchers[0].ID, Quota: 12}}})))

		for _, who := range []account.Principal{auditor, finance} {
			d, err := papers.Collect(ctx, who, s.vouchers[1].ID)
			s.OK(err)
			var whole bytes.Buffer
			s.OK(d.Write(ctx, &whole))
			got := unpack(s, whole.Bytes())
			evidence := "delivery/" + o.ID.String() + "/1-1-验收单.png"
			for _, name := range []string{"index.html", "dossier.json", "journal.csv", "audit.csv", evidence, "manifest.sha256"} {
				if got[name] == nil {
					s.Fatalf("no %s in %v", name, len(got))
				}
			}
			if !bytes.Equal(got[evidence], sent) {
				s.Error("the evidence differs")
			}
			page := string(got["index.html"])
			for _, word := range []string{
				"2026 年创新服务券", "gongxin1", "gongxin2", "创新服务券抢券", "企业已认证", "符合", "两周内完成部署", "请验收", "验收通过", "下单占用", "验收结算",
				"待兑付", "¥123.00", "企业 900", promised.Add(-time.Second).Format(time.DateTime), "方案 8", "领取服务券",
				"追加资金", "报名踊跃", `href="` + strings.ReplaceAll(evidence, "验收单", "%e9%aa%8c%e6%94%b6%e5%8d%95"),
			} {
				if !strings.Contains(page, word) {
					s.Errorf("the index does not say %s", word)
				}
			}
			if strings.Contains(page, "<script") || strings.Contains(page, "http") {
				s.Error("the index asks for something from elsewhere")
			}
			clear := who.Has(account.AuditRead)
			if strings.Contains(page, "qiye") != clear || strings.Contains(string(got["audit.csv"]), "qiye") != clear {
				s.Errorf("user names of companies are in clear: want %v", clear)
			}
		}
	})
}

// A voucher that was drawn and paid out: the package says how the lot fell and what
// proves it, who made and released the payment, and who did what in the order of time.
func TestAPackageTellsTheDrawAndThePayout(t *testing.T) {
	each(t, func(s *scene) {
		ctx := s.Context()
		files, err := file.New(s.DB, s.TempDir())
		s.OK(err)
		papers := books.Papers{DB: s.DB, Funds: s.Funds, Vouchers: s.Vouchers, Orders: s.Orders, Deliveries: delivery.New(s.DB, s.Orders, files), Files: files}
		k := s.Open(voucher.ByRequest, 1, func(d *voucher.CampaignDraft) { d.Draw, d.AutoGrant = true, false }, s.Kind(face, vouchertest.AnyTerms()))
		numbers := map[id.ID]int64{}
		for n := range int64(3) {
			a, _, err := s.Vouchers.Apply(ctx, vouchertest.Company(n+1), k.Vouchers[0].ID, "")
			s.OK(err)
			numbers[a.ID] = n + 1
		}
		s.Move(26 * time.Hour)
		s.OK(s.Vouchers.OpenAndCloseDue(ctx))
		s.OK(s.Vouchers.OpenAndCloseDue(ctx))
		lots := voucher.DrawLots(k.DrawSeed, slices.Collect(maps.Keys(numbers)))
		winner := numbers[lots[0].Number]
		var drawn id.ID
		s.OK(s.DB.Raw(`SELECT id FROM vouchers WHERE campaign_id = ?`, k.ID).Scan(ctx, &drawn))
		s.OK(s.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO users (id, org_id, role, username, username_key, password_hash, created_at) VALUES (?, ?, 'enterprise', 'fukuan_ren', 'fukuan_ren', '', 1)`, 1000+winner, winner)
			return err
		}))
		o := s.Bought(winner, s.Shelf.Put(9, maker, face+10_000, true), drawn) // the rest through the gateway
		_, err = s.Orders.AcceptInstant(ctx, ordertest.Buyer(winner), o.ID)
		s.OK(err)
		at := clock.At(s.DB.Now())
		s.OK(s.Write(func(ctx context.Context, tx *db.Tx) error {
			for _, q := range []string{
				`INSERT INTO payout_accounts (org_id, version, holder, bank, number, created_by, created_name, created_at) VALUES (900, 1, '软件公司', '银行', 'x', 1, 'fuwu', 1)`,
				`INSERT INTO payout_batches (id, provider_org, status, lines, voucher_fen, cash_fen, account_version, hash, created_by, created_name, created_at, first_by, first_name, first_at, decided_by, decided_name, decided_at)
				VALUES (77, 900, 'approved', 1, 50000, 10000, 1, 'x', 1, 'zupi_ren', ` + strconv.FormatInt(int64(at), 10) + `, 2, 'diyi_ren', 1, 3, 'dier_ren', 1)`,
				`INSERT INTO payout_lines (order_id, provider_org, voucher_fen, cash_fen, accepted_at, status, batch_id, paid_at) VALUES (` + o.ID.String() + `, 900, 50000, 10000, 1, 'paid', 77, 1)`,
				`INSERT INTO payout_batch_lines (batch_id, order_id, pay_fen, status, reference, paid_on) VALUES (77, ` + o.ID.String() + `, 60000, 'paid', 'BANK1', '2026-01-02')`,
			} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.PayoutV, ledger.Source{Kind: "order", ID: o.ID},
				ledger.Move{From: ledger.SubsidyPayable(maker), To: ledger.SubsidyPaid(maker), Amount: face})
			return err
		}))

		d, err := papers.Collect(ctx, auditor, drawn)
		s.OK(err)
		facts, rows := map[string]string{}, map[string][][]string{}
		for _, section := range d.Sections {
			for _, f := range section.Facts {
				facts[section.Title+" "+f.Name] = f.Value
			}
			for _, table := range section.Tables {
				rows[table.Title] = table.Rows
			}
		}
		for name, value := range map[string]string{
			"活动与审批 方式": "抽签", "领取与资格 报名编号": lots[0].Number.String(), "领取与资格 次序": "第 1 位，共 3 家企业报名", "领取与资格 签号": lots[0].Ticket,
			"领取与资格 抽签种子（开奖后公布）": k.DrawSeed, "领取与资格 种子指纹（报名前公布）": k.DrawCommitment,
		} {
			if facts[name] != value {
				s.Errorf("%s: %q, want %q", name, facts[name], value)
			}
		}
		if paid := rows["兑付记录"]; len(paid) != 1 || paid[0][6] != "zupi_ren "+at.Local() || !strings.HasPrefix(paid[0][7], "diyi_ren ") || !strings.Contains(paid[0][7], "；dier_ren ") {
			s.Errorf("%v", paid)
		}
		trail := rows["审计记录"]
		if !slices.IsSortedFunc(trail, func(a, b []string) int { return strings.Compare(a[0], b[0]) }) {
			s.Error("the trail is not in the order of time:", trail)
		}
		if i := slices.IndexFunc(trail, func(r []string) bool { return r[4] == "订单支付完成" }); i < 0 || trail[i][1] != "fukuan_ren" {
			s.Error("nobody paid:", trail)
		}
	})
}

// unpack reads a package and proves its manifest.
func unpack(s *scene, raw []byte) map[string][]byte {
	s.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	s.OK(err)
	got := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		s.OK(err)
		got[f.Name], err = io.ReadAll(r)
		s.OK(err)
		s.OK(r.Close())
	}
	lines := strings.Split(strings.TrimSpace(string(got["manifest.sha256"])), "\n")
	if len(lines) != len(got)-1 {
		s.Errorf("the manifest has %d lines for %d files", len(lines), len(got))
	}
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		if have := sha256.Sum256(got[name]); hex.EncodeToString(have[:]) != sum {
			s.Errorf("%s is not what the manifest says", name)
		}
	}
	return got
}
