package file

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Purpose says what an upload is for; it decides limits and types.
type Purpose string

// The purposes, with their limits in rules.
const (
	License       Purpose = "license"       // 企业营业执照
	Qualification Purpose = "qualification" // 资质证明
	Cover         Purpose = "cover"         // 展示图
	CaseDoc       Purpose = "case_doc"      // 介绍文档
	ProductMedia  Purpose = "product_media" // screenshots and videos of the introduction page
	PagePicture   Purpose = "page_picture"  // Banner and 案例图片 of the introduction page
	ExpertPhoto   Purpose = "expert_photo"  // 专家照片
	DeliveryDoc   Purpose = "delivery_doc"  // papers of a delivery
	NoticeFile    Purpose = "notice_file"   // pictures and attachments of notices
	Invoice       Purpose = "invoice"       // 发票 of a settled order
	PayoutProof   Purpose = "payout_proof"  // the bank's receipt
	SurveyFile    Purpose = "survey_file"   // papers that come with a survey's answer
)

// Rule is what an upload of one purpose may be.
type Rule struct {
	Max   int64    // bytes
	Types []string // extensions without the dot; the content must match
}

const (
	kib = 1 << 10
	mib = 1 << 20
)

var rules = map[Purpose]Rule{
	License:       {10 * mib, []string{"jpeg", "jpg", "png"}},
	Qualification: {20 * mib, []string{"jpeg", "jpg", "png", "pdf"}},
	Cover:         {2 * mib, []string{"jpeg", "png", "jpg", "bmp"}},
	CaseDoc:       {100 * mib, []string{"pdf", "png", "jpg", "jpeg", "doc", "docx", "zip", "mp4", "ppt", "pptx", "bmp"}},
	ProductMedia:  {100 * mib, []string{"jpeg", "jpg", "png", "bmp", "mp4"}},
	PagePicture:   {2 * mib, []string{"jpeg", "png", "jpg", "bmp"}},
	ExpertPhoto:   {2048*kib - 1, []string{"jpeg", "jpg", "png"}}, // the guide says "smaller than 2048kb"
	DeliveryDoc:   {100 * mib, []string{"pdf", "png", "jpg", "jpeg", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "mp4"}},
	NoticeFile:    {20 * mib, []string{"pdf", "png", "jpg", "jpeg", "doc", "docx", "xls", "xlsx", "zip"}},
	Invoice:       {10 * mib, []string{"pdf", "png", "jpg", "jpeg"}},
	PayoutProof:   {10 * mib, []string{"pdf", "png", "jpg", "jpeg"}},
	SurveyFile:    {10 * mib, []string{"pdf", "png", "jpg", "jpeg", "doc", "docx", "xls", "xlsx"}},
}

// RuleOf tells the limits of a purpose.
func RuleOf(p Purpose) (Rule, bool) {
	r, ok := rules[p]
	return r, ok
}

// Purposes lists every purpose.
func Purposes() []Purpose {
	out := make([]Purpose, 0, len(rules))
	for p := range rules {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// MaxText is the limit as people read it: "2 MB", "2048 KB".
func (r Rule) MaxText() string {
	if r.Max%mib == 0 {
		return fmt.Sprintf("%d MB", r.Max/mib)
	}
	return fmt.Sprintf("%d KB", (r.Max+1)/kib)
}

func (r Rule) refuse() error { return ErrType.With("types", strings.Join(r.Types, "、")) }

// extensionsOf says which extensions a content type may carry.
var extensionsOf = map[string][]string{
	"image/jpeg":         {"jpg", "jpeg"},
	"image/png":          {"png"},
	"image/bmp":          {"bmp"},
	"application/pdf":    {"pdf"},
	"application/zip":    {"zip"},
	"video/mp4":          {"mp4"},
	"application/msword": {"doc"},
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": {"docx"},
	"application/vnd.ms-excel": {"xls"},
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         {"xlsx"},
	"application/vnd.ms-powerpoint":                                             {"ppt"},
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": {"pptx"},
	"application/x-ole-storage":                                                 {"doc", "xls", "ppt"},
}

type inspected struct {
	mime          string
	width, height int64
	clean         []byte // the picture written anew; nil for other files
}

// inspect finds out what the file really is and refuses what the rule does not list.
func (s *Service) inspect(ctx context.Context, r Rule, f *os.File, name string) (inspected, error) {
	refuse := r.refuse()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return inspected{}, err
	}
	found, err := mimetype.DetectReader(f)
	if err != nil {
		return inspected{}, err
	}
	kind, _, _ := strings.Cut(found.String(), ";")
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	if !slices.Contains(r.Types, ext) || !slices.Contains(extensionsOf[kind], ext) {
		return inspected{}, refuse
	}
	switch {
	case strings.HasPrefix(kind, "image/"):
		return s.picture(ctx, f, kind)
	case kind == "application/zip" || strings.Contains(kind, "openxmlformats"):
		return inspected{mime: kind}, checkArchive(f, ext != "zip")
	}
	return inspected{mime: kind}, nil
}
