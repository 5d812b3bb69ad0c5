package httpapi

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// FileView is an upload as pages show it.
type FileView struct {
	ID        id.ID         `json:"id"`
	Purpose   file.Purpose  `json:"purpose"`
	Name      string        `json:"name"`
	MIME      string        `json:"mime"`
	Size      int64         `json:"size" doc:"Bytes"`
	Width     int           `json:"width,omitempty"`
	Height    int           `json:"height,omitempty"`
	URL       string        `json:"url"`
	CreatedAt clock.Instant `json:"createdAt"`
}

func fileView(f file.File) FileView {
	return FileView{
		ID: f.ID, Purpose: f.Purpose, Name: f.Name, MIME: f.MIME, Size: f.Size, Width: f.Width, Height: f.Height,
		URL: fileURL(f.ID), CreatedAt: f.CreatedAt,
	}
}

// smallURL is where a page reads a picture at a width; "" for none.
func smallURL(i id.ID, width int) string {
	if i == 0 {
		return ""
	}
	return fileURL(i) + "/widths/" + strconv.Itoa(width)
}

// fileURL is where a page reads a file; "" for none.
func fileURL(i id.ID) string {
	if i == 0 {
		return ""
	}
	return "/api/v1/files/" + i.String()
}

func viewer(who account.Principal) file.Viewer {
	v := file.Viewer{UserID: who.UserID, OrgID: who.OrgID}
	for _, p := range who.Permissions {
		v.Rights = append(v.Rights, string(p))
	}
	return v
}

type uploadIn struct {
	Purpose file.Purpose `query:"purpose" required:"true" enum:"license,qualification,cover,case_doc,product_media,page_picture,expert_photo,delivery_doc,notice_file,invoice,payout_proof"`
	RawBody huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" required:"true"`
	}]
}

func (a *API) fileRoutes() {
	route(a, op{"uploadFile", http.MethodPost, "/files", "file", "Upload a file for a purpose"}, a.uploadFile, created, upload(101<<20))
	route(a, op{"turnPicture", http.MethodPost, "/files/{id}/turned", "file", "Make a copy of an own picture, turned by 90 degrees clockwise"}, a.turnPicture, created)
	route(a, op{"readFile", http.MethodGet, "/files/{id}", "file", "Read a file"}, a.readFile)
	route(a, op{"readSmallPicture", http.MethodGet, "/files/{id}/widths/{width}", "file", "Read a picture, scaled down to a width"}, a.readSmallPicture)
	a.transferRoutes()
}

// upload reads a form with a file, of at most so many bytes, before the library
// does: that one would read without an end.
func upload(most int64) option {
	return func(o *huma.Operation) {
		o.MaxBodyBytes = most
		o.Middlewares = append(o.Middlewares, func(c huma.Context, next func(huma.Context)) {
			if err := readForm(c, most); err != nil {
				refuse(c, err)
				return
			}
			next(c)
		})
	}
}

var (
	errTooLarge = errs.New(errs.TooLarge, "request.too_large")
	errNoForm   = errs.New(errs.BadRequest, "request.malformed")
)

func readForm(c huma.Context, most int64) error {
	r, w := humago.Unwrap(c)
	if r.ContentLength > most {
		return errTooLarge
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	err := r.ParseMultipartForm(humago.MultipartMaxMemory)
	var cut *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &cut):
		return errTooLarge
	case errors.Is(err, syscall.ENOSPC):
		return errs.ErrStorageFull.After(30)
	default:
		return errNoForm
	}
}

func (a *API) uploadFile(ctx context.Context, in *uploadIn) (*body[FileView], error) {
	f := in.RawBody.Data().File
	defer closeUpload(in.RawBody.Form, f)
	saved, err := a.Files.Save(ctx, viewer(caller(ctx)), in.Purpose, f.Filename, f)
	return reply(fileView(saved), err)
}

func (a *API) turnPicture(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[FileView], error) {
	turned, err := a.Files.Turn(ctx, viewer(caller(ctx)), in.ID.ID)
	return reply(fileView(turned), err)
}

// closeUpload drops the library's temporary copy.
func closeUpload(form *multipart.Form, f huma.FormFile) {
	_ = f.Close()        //nolint:errcheck // read only
	_ = form.RemoveAll() //nolint:errcheck // the system cleans its temp folder
}

// FileReading is what a request says of the part that it wants and of what it has.
type FileReading struct {
	ID          id.Param `path:"id"`
	Range       string   `header:"Range"`
	IfRange     string   `header:"If-Range"`
	IfNoneMatch string   `header:"If-None-Match"`
}

func (a *API) readFile(ctx context.Context, in *FileReading) (*huma.StreamResponse, error) {
	f, content, err := a.Files.Open(ctx, viewer(caller(ctx)), in.ID.ID)
	return a.sendFile(ctx, *in, f, content, "", err)
}

func (a *API) readSmallPicture(ctx context.Context, in *struct {
	FileReading

	Width int `path:"width" enum:"320,640,1280"`
}) (*huma.StreamResponse, error) {
	f, content, err := a.Files.Small(ctx, viewer(caller(ctx)), in.ID.ID, in.Width)
	return a.sendFile(ctx, in.FileReading, f, content, "-"+strconv.Itoa(in.Width), err)
}

// sendFile answers with a file. What is under an address never changes; what is
// open to everybody may be kept for good.
func (a *API) sendFile(ctx context.Context, in FileReading, f file.File, content *os.File, edition string, err error) (*huma.StreamResponse, error) {
	if err != nil {
		return nil, err
	}
	open, err := a.Files.IsPublic(ctx, f.ID)
	if err != nil {
		return nil, errors.Join(err, content.Close())
	}
	keep := "private, max-age=300"
	if open {
		keep = "public, max-age=31536000, immutable"
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer content.Close() //nolint:errcheck // read only
		w := &humaWriter{ctx: c, header: http.Header{}}
		w.header.Set("Cache-Control", keep)
		w.header.Set("ETag", `"`+f.SHA256+edition+`"`)
		serveFile(w, c.Method(), in, f, content)
	}}, nil
}

// serveFile sends a file so that nothing in it can run: a fixed type, no
// sniffing, a sandbox, and a download for all but pictures, videos and PDF.
func serveFile(w http.ResponseWriter, method string, in FileReading, f file.File, content io.ReadSeeker) {
	disposition := "attachment"
	if strings.HasPrefix(f.MIME, "image/") || strings.HasPrefix(f.MIME, "video/") || f.MIME == "application/pdf" {
		disposition = "inline"
	}
	w.Header().Set("Content-Type", f.MIME)
	w.Header().Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	req := &http.Request{Method: method, Header: http.Header{}}
	for name, value := range map[string]string{"If-Range": in.IfRange, "If-None-Match": in.IfNoneMatch} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if in.Range != "" && strings.Count(in.Range, ",") < 4 {
		req.Header.Set("Range", in.Range)
	}
	http.ServeContent(w, req, "", f.CreatedAt.Time(), content)
}

// humaWriter lets net/http's range code write through the API library.
type humaWriter struct {
	ctx    huma.Context
	header http.Header
	wrote  bool
}

func (w *humaWriter) Header() http.Header { return w.header }

func (w *humaWriter) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	for k, vs := range w.header {
		for _, v := range vs {
			w.ctx.SetHeader(k, v)
		}
	}
	w.ctx.SetStatus(status)
}

func (w *humaWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ctx.BodyWriter().Write(b)
}
