package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/skip2/go-qrcode"

	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/survey"
)

// SurveyForm is a questionnaire as its address shows it.
type SurveyForm struct {
	Title     string            `json:"title"`
	Intro     string            `json:"intro"`
	Questions []survey.Question `json:"questions"`
	Open      bool              `json:"open" doc:"Whether answers are taken"`
	ClosesAt  clock.Instant     `json:"closesAt"`
	Answered  bool              `json:"answered" doc:"The signed-in company has answered"`
	Prefill   map[string]string `json:"prefill" doc:"What the company's profile offers, by the names that questions ask for"`
}

// SurveySummary is a survey in the editor's list.
type SurveySummary struct {
	ID          id.ID         `json:"id"`
	Title       string        `json:"title"`
	State       survey.State  `json:"state" enum:"draft,open,closed"`
	Count       int64         `json:"count" doc:"Answers so far"`
	URL         string        `json:"url"`
	QRURL       string        `json:"qrUrl"`
	Token       string        `json:"token"`
	ClosesAt    clock.Instant `json:"closesAt"`
	PublishedAt clock.Instant `json:"publishedAt"`
	CreatedAt   clock.Instant `json:"createdAt"`
}

// SurveyView is a survey for the editor.
type SurveyView struct {
	SurveySummary
	Intro     string            `json:"intro"`
	Questions []survey.Question `json:"questions"`
	Version   int64             `json:"version"`
}

// SurveyInput is what an editor enters.
type SurveyInput struct {
	Title     string            `json:"title" maxLength:"200"`
	Intro     string            `json:"intro,omitempty" maxLength:"2000"`
	Questions []survey.Question `json:"questions" maxItems:"120"`
	ClosesAt  clock.Instant     `json:"closesAt,omitempty"`
	Version   int64             `json:"version,omitempty" doc:"The version that was read; for changes"`
}

func (in SurveyInput) form() survey.Form {
	return survey.Form{Title: in.Title, Intro: in.Intro, Questions: in.Questions, ClosesAt: in.ClosesAt}
}

// SurveyAnswerInput is a filled questionnaire.
type SurveyAnswerInput struct {
	Key     string                     `json:"key" minLength:"8" maxLength:"64" doc:"Names this attempt; a repeated one is the same answer"`
	Answers map[string]json.RawMessage `json:"answers" doc:"By question key: text, number, list of options, {code, name} or {id, name}"`
}

// SurveyReceipt tells that an answer is stored.
type SurveyReceipt struct {
	ID id.ID `json:"id"`
}

// SurveyAnswerView is one answer; Values only when it is opened.
type SurveyAnswerView struct {
	ID      id.ID          `json:"id"`
	Label   string         `json:"label"`
	Signed  bool           `json:"signed" doc:"A company was signed in"`
	At      clock.Instant  `json:"at"`
	Answers map[string]any `json:"answers,omitempty"`
}

// SurveyResults are the counts of all answers.
type SurveyResults struct {
	Title   string          `json:"title"`
	Count   int64           `json:"count"`
	Results []survey.Result `json:"results"`
}

// ByToken is the unguessable part of a survey's address.
type ByToken struct {
	Token string `path:"token" pattern:"^[a-z0-9]{20}$"`
}

func (a *API) surveyRoutes() {
	route(a, op{"readSurvey", http.MethodGet, "/surveys/{token}", "survey", "A questionnaire by its address"}, a.readSurvey)
	route(a, op{"answerSurvey", http.MethodPost, "/surveys/{token}/answers", "survey", "Hand in a filled questionnaire"}, a.answerSurvey, created)
	route(a, op{"uploadSurveyFile", http.MethodPost, "/surveys/{token}/files", "survey", "Upload a file for an answer"}, a.uploadSurveyFile, created, upload(11<<20))
	route(a, op{"surveyCode", http.MethodGet, "/surveys/{token}/qr.png", "survey", "The QR code of a questionnaire's address"}, a.surveyCode)

	route(a, op{"editorListSurveys", http.MethodGet, "/editor/surveys", "survey", "All surveys, for the editor"}, a.editorListSurveys)
	route(a, op{"editorReadSurvey", http.MethodGet, "/editor/surveys/{id}", "survey", "One survey in any state"}, a.editorReadSurvey)
	route(a, op{"createSurvey", http.MethodPost, "/editor/surveys", "survey", "Build a survey as a draft"}, a.createSurvey, created)
	route(a, op{"editSurvey", http.MethodPut, "/editor/surveys/{id}", "survey", "Change a survey"}, a.editSurvey)
	route(a, op{"publishSurvey", http.MethodPost, "/editor/surveys/{id}/publish", "survey", "Open a survey for answers"}, a.publishSurvey)
	route(a, op{"closeSurvey", http.MethodPost, "/editor/surveys/{id}/close", "survey", "Stop taking answers"}, a.closeSurvey)
	route(a, op{"deleteSurvey", http.MethodDelete, "/editor/surveys/{id}", "survey", "Delete a survey without answers"}, a.deleteSurvey)
	route(a, op{"listSurveyAnswers", http.MethodGet, "/editor/surveys/{id}/answers", "survey", "Answers to a survey"}, a.listSurveyAnswers)
	route(a, op{"readSurveyAnswer", http.MethodGet, "/editor/surveys/{id}/answers/{answerId}", "survey", "One answer"}, a.readSurveyAnswer)
	route(a, op{"surveyResults", http.MethodGet, "/editor/surveys/{id}/results", "survey", "Counts of all answers"}, a.surveyResults)
	route(a, op{"exportSurveyAnswers", http.MethodGet, "/editor/surveys/{id}/answers.xlsx", "survey", "All answers as an Excel file"}, a.exportSurveyAnswers)
}

func (a *API) surveyURL(token string) string { return a.Config.PublicURL + "/s/" + token }

func (a *API) surveySummary(v survey.Survey) SurveySummary {
	return SurveySummary{
		ID: v.ID, Title: v.Title, State: v.State, Count: v.Count, URL: a.surveyURL(v.Token), Token: v.Token,
		QRURL: "/api/v1/surveys/" + v.Token + "/qr.png", ClosesAt: v.ClosesAt, PublishedAt: v.PublishedAt, CreatedAt: v.CreatedAt,
	}
}

func (a *API) replySurvey(v survey.Survey, err error) (*body[SurveyView], error) {
	return reply(SurveyView{SurveySummary: a.surveySummary(v), Intro: v.Intro, Questions: v.Questions, Version: v.Version}, err)
}

func (a *API) readSurvey(ctx context.Context, in *ByToken) (*body[SurveyForm], error) {
	v, err := a.Surveys.Public(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	who := caller(ctx)
	f := SurveyForm{
		Title: v.Title, Intro: v.Intro, Questions: v.Questions, ClosesAt: v.ClosesAt,
		Open: v.Open(clock.At(a.DB.Now())) == nil, Prefill: map[string]string{},
	}
	f.Answered, err = a.Surveys.AnsweredBy(ctx, v.ID, who.OrgID)
	return reply(f, err)
}

func (a *API) answerSurvey(ctx context.Context, in *struct {
	ByToken
	Body SurveyAnswerInput
}) (*body[SurveyReceipt], error) {
	stored, err := a.Surveys.Submit(ctx, caller(ctx), in.Token, in.Body.Key, in.Body.Answers)
	return reply(SurveyReceipt{stored}, err)
}

func (a *API) uploadSurveyFile(ctx context.Context, in *struct {
	ByToken
	RawBody huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" required:"true"`
	}]
}) (*body[FileView], error) {
	f := in.RawBody.Data().File
	defer closeUpload(in.RawBody.Form, f)
	v, err := a.Surveys.Public(ctx, in.Token)
	if err == nil {
		err = v.Open(clock.At(a.DB.Now()))
	}
	if err != nil {
		return nil, err
	}
	saved, err := a.Files.Save(ctx, viewer(caller(ctx)), file.SurveyFile, f.Filename, f)
	return reply(fileView(saved), err)
}

func (a *API) surveyCode(ctx context.Context, in *ByToken) (*huma.StreamResponse, error) {
	v, err := a.Surveys.Public(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	png, err := qrcode.Encode(a.surveyURL(v.Token), qrcode.Medium, 320)
	if err != nil {
		return nil, err
	}
	return send("image/png", "inline", v.Title+".png", png), nil
}

func (a *API) editorListSurveys(ctx context.Context, in *struct {
	page.Query
	State survey.State `query:"state" enum:"draft,open,closed"`
}) (*body[page.Of[SurveySummary]], error) {
	list, err := a.Surveys.All(ctx, in.State, in.Query)
	return reply(page.Map(list.Items, list.Total, a.surveySummary), err)
}

func (a *API) editorReadSurvey(ctx context.Context, in *OneID) (*body[SurveyView], error) {
	return a.replySurvey(a.Surveys.Find(ctx, in.ID.ID))
}

func (a *API) createSurvey(ctx context.Context, in *struct{ Body SurveyInput }) (*body[SurveyView], error) {
	return a.replySurvey(a.Surveys.Create(ctx, caller(ctx), in.Body.form()))
}

func (a *API) editSurvey(ctx context.Context, in *struct {
	OneID
	Body SurveyInput
}) (*body[SurveyView], error) {
	return a.replySurvey(a.Surveys.Edit(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.form()))
}

func (a *API) publishSurvey(ctx context.Context, in *OneID) (*body[SurveyView], error) {
	return a.replySurvey(a.Surveys.Publish(ctx, caller(ctx), in.ID.ID))
}

func (a *API) closeSurvey(ctx context.Context, in *OneID) (*body[SurveyView], error) {
	return a.replySurvey(a.Surveys.Close(ctx, caller(ctx), in.ID.ID))
}

func (a *API) deleteSurvey(ctx context.Context, in *OneID) (*empty, error) {
	return done(a.Surveys.Drop(ctx, caller(ctx), in.ID.ID))
}

func surveyAnswerView(v survey.Answer) SurveyAnswerView {
	return SurveyAnswerView{ID: v.ID, Label: v.Label, Signed: v.OrgID != 0, At: v.At, Answers: v.Values}
}

func (a *API) listSurveyAnswers(ctx context.Context, in *struct {
	OneID
	page.Query
	Text string `query:"q" maxLength:"50"`
}) (*body[page.Of[SurveyAnswerView]], error) {
	list, err := a.Surveys.AnswersOf(ctx, in.ID.ID, in.Text, in.Query)
	return reply(page.Map(list.Items, list.Total, surveyAnswerView), err)
}

func (a *API) readSurveyAnswer(ctx context.Context, in *struct {
	OneID
	AnswerID id.Param `path:"answerId"`
}) (*body[SurveyAnswerView], error) {
	v, err := a.Surveys.Answer(ctx, caller(ctx), in.ID.ID, in.AnswerID.ID)
	return reply(surveyAnswerView(v), err)
}

func (a *API) surveyResults(ctx context.Context, in *OneID) (*body[SurveyResults], error) {
	v, err := a.Surveys.Find(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	results, err := a.Surveys.Results(ctx, in.ID.ID)
	return reply(SurveyResults{Title: v.Title, Count: v.Count, Results: results}, err)
}

func (a *API) exportSurveyAnswers(ctx context.Context, in *OneID) (*huma.StreamResponse, error) {
	v, err := a.Surveys.Find(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := a.Surveys.Export(ctx, caller(ctx), v.ID, &b); err != nil {
		return nil, err
	}
	return send(excel, "attachment", v.Title+".xlsx", b.Bytes()), nil
}

// send answers with a finished file.
func send(mimeType, disposition, name string, content []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", mimeType)
		c.SetHeader("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
		_, _ = c.BodyWriter().Write(content) //nolint:errcheck // the client has gone
	}}
}
