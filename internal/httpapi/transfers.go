package httpapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/file"
	"smedx/internal/kit/id"
)

// TransferView is an upload in pieces: how far it is, and what it has become.
type TransferView struct {
	ID     id.ID     `json:"id"`
	Name   string    `json:"name"`
	Size   int64     `json:"size" doc:"Bytes in all"`
	Offset int64     `json:"offset" doc:"Bytes that are here: where the next piece begins"`
	Piece  int64     `json:"piece" doc:"Most bytes of one piece"`
	File   *FileView `json:"file,omitempty" doc:"Once it is whole"`
}

// transferOut says the offset in a header too, for whoever asks by HEAD.
type transferOut struct {
	Offset int64 `header:"Upload-Offset"`
	Length int64 `header:"Upload-Length"`
	Body   TransferView
}

func transferView(t file.Transfer, err error) (*transferOut, error) {
	if err != nil {
		return nil, err
	}
	v := TransferView{ID: t.ID, Name: t.Name, Size: t.Size, Offset: t.Offset, Piece: file.MaxPiece}
	if t.File.ID != 0 {
		f := fileView(t.File)
		v.File = &f
	}
	return &transferOut{t.Offset, t.Size, v}, nil
}

type transferID struct {
	ID id.Param `path:"id" doc:"Upload"`
}

func (a *API) transferRoutes() {
	route(a, op{"beginTransfer", http.MethodPost, "/uploads", "file", "Announce an upload that comes in pieces"}, a.beginTransfer, created)
	route(a, op{"readTransfer", http.MethodGet, "/uploads/{id}", "file", "How far an upload is; HEAD answers by the header Upload-Offset"}, a.readTransfer)
	route(a, op{"sendPiece", http.MethodPatch, "/uploads/{id}", "file", "Add the piece that begins at Upload-Offset; the last one makes the file"},
		a.sendPiece, func(o *huma.Operation) { o.MaxBodyBytes = file.MaxPiece + 1 }) // the library counts the limit itself as too much
	route(a, op{"dropTransfer", http.MethodDelete, "/uploads/{id}", "file", "Give an upload up"}, a.dropTransfer)
}

func (a *API) beginTransfer(ctx context.Context, in *struct {
	Body struct {
		Purpose file.Purpose `json:"purpose" enum:"license,qualification,cover,case_doc,product_media,page_picture,expert_photo,delivery_doc,notice_file,invoice,payout_proof"`
		Name    string       `json:"name" minLength:"1" maxLength:"4096"`
		Size    int64        `json:"size" minimum:"0" doc:"Bytes in all"`
	}
}) (*transferOut, error) {
	return transferView(a.Files.Begin(ctx, viewer(caller(ctx)), in.Body.Purpose, in.Body.Name, in.Body.Size))
}

func (a *API) readTransfer(ctx context.Context, in *transferID) (*transferOut, error) {
	return transferView(a.Files.Progress(ctx, viewer(caller(ctx)), in.ID.ID))
}

func (a *API) sendPiece(ctx context.Context, in *struct {
	ID      id.Param `path:"id" doc:"Upload"`
	Offset  int64    `header:"Upload-Offset" required:"true" minimum:"0"`
	RawBody []byte   `contentType:"application/offset+octet-stream"`
}) (*transferOut, error) {
	return transferView(a.Files.Append(ctx, viewer(caller(ctx)), in.ID.ID, in.Offset, bytes.NewReader(in.RawBody)))
}

func (a *API) dropTransfer(ctx context.Context, in *transferID) (*empty, error) {
	return done(a.Files.Abandon(ctx, viewer(caller(ctx)), in.ID.ID))
}
