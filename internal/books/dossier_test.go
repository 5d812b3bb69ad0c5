package books_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/books"
	"smedx/internal/delivery"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/order/ordertest"
	"smedx/internal/voucher"
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
