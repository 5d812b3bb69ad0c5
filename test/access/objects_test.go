package access

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// object is one thing that a path can name, and who may touch it. Owners are
// callers; "all" is everybody whom the access table lets through.
type object struct {
	table  string
	id     string
	owners string
}

func (o object) of(who string) bool {
	return o.owners == "all" || strings.Contains(" "+o.owners+" ", " "+who+" ")
}

// queried are the objects that the demonstration data have. ? is the owner's
// company, or his account where the query says so.
var queried = map[string]struct {
	table, where, owner, owners string
}{
	"order":       {"orders", "buyer_org = ? AND status = 'delivered'", "buyer", "buyer provider operator department"},
	"orderLine":   {"order_lines", "order_id IN (SELECT id FROM orders WHERE buyer_org = ? AND status = 'completed')", "buyer", "buyer"},
	"rating":      {"ratings", "provider_org = ? AND replied_at = 0", "provider", "provider"},
	"voucher":     {"vouchers", "org_id = ? AND status = 'active'", "buyer", "buyer"},
	"stopped":     {"vouchers", "org_id = ? AND status = 'active'", "buyer", "operator department"},
	"riskHit":     {"risk_hits", "state = 'new'", "", "operator department"},
	"payout":      {"orders", "provider_org = ? AND accepted_at > 0", "provider", "operator department admin"},
	"myPayout":    {"orders", "provider_org = ? AND accepted_at > 0", "provider", "provider"},
	"payoutBatch": {"payout_batches", "status = 'pending_approval'", "", "operator department admin"},
	"clawback":    {"clawbacks", "status = 'due'", "", "operator department admin"},
	"issued":      {"vouchers", "org_id = ?", "buyer", "operator department admin"},
	"application": {"voucher_applications", "org_id = ?", "buyer", "buyer operator"},
	"proof":       {"review_cases", "submitter_org = ? AND kind = 'enterprise_verification'", "buyer", "buyer operator"},
	"case":        {"review_cases", "submitter_org = ? AND status = 'pending' AND stage = 'experts'", "provider", "provider operator department admin seatedExpert"},
	"listing":     {"offerings", "org_id = ? AND status = 'listed'", "provider", "provider operator"},
	"license":     {"files", "org_id = ? AND purpose = 'license'", "buyer", "buyer buyerSub mustChange unagreed operator unagreedStaff"},
	"org":         {"organizations", "id = ?", "buyer", "operator"},
	"profile":     {"profile_versions", "org_id = ?", "buyer", "operator"},
	"company":     {"organizations", "id = ?", "provider", "all"},
	"message":     {"messages", "user_id IN (SELECT id FROM users WHERE org_id = ? AND is_owner)", "buyer", "buyer"},
	"member":      {"users", "org_id = ? AND username = 'access_buyersub'", "buyer", "buyer"},
	"anybody":     {"users", "org_id = ? AND username = 'access_providersub'", "provider", "admin"},

	"admitted":        {"experts", "status = 'admitted'", "", "operator"},
	"budget":          {"budgets", "status <> ''", "", "operator department"},
	"voucherType":     {"voucher_types", "name <> ''", "", "operator"},
	"campaign":        {"campaigns", "status = 'scheduled'", "", "operator department"},
	"openCampaign":    {"campaigns", "status = 'open'", "", "all"},
	"campaignVoucher": {"campaign_vouchers", "campaign_id IN (SELECT id FROM campaigns WHERE status = 'open')", "", "all"},
	"notice":          {"notices", "state = 'published'", "", "all"},
	"survey":          {"surveys", "state = 'open'", "", "operator"},
	"surveyAnswer":    {"survey_answers", "survey_id IN (SELECT id FROM surveys WHERE state = 'open')", "", "operator"},
	"audit":           {"audit_entries", "id > 0", "", "admin"},
}

// made are the objects that somebody makes here, by the operations themselves.
// The answer's first id is the object's.
var made = []struct {
	object, table, owners string
	by, method, path      string
	body                  func() string
}{
	{"checkout", "checkouts", "buyer", "buyer", "POST", "/checkouts", func() string { return intent() }},
	{"draft", "offerings", "provider", "provider", "POST", "/my/offerings", func() string { return `{"kind":"solution"}` }},
	{"transfer", "transfers", "provider", "provider", "POST", "/uploads", func() string { return `{"purpose":"case_doc","name":"a.pdf","size":100}` }},
	{"cartLine", "cart_lines", "buyer", "buyer", "POST", "/cart/lines", func() string { return want() }},
	{"ownCartLine", "cart_lines", "otherBuyer", "otherBuyer", "POST", "/cart/lines", func() string { return want() }},
	{"savedSearch", "saved_searches", "buyer", "buyer", "POST", "/saved-searches", func() string { return `{"name":"排产","terms":{"q":"排产"}}` }},
	{"expert", "experts", "provider operator", "provider", "POST", "/experts", nominated},
	{"noticeDraft", "notices", "operator", "operator", "POST", "/editor/notices", nil},
	{"announcement", "announcements", "operator", "operator", "POST", "/editor/announcements", nil},
	{"surveyDraft", "surveys", "operator", "operator", "POST", "/editor/surveys",
		func() string {
			return `{"title":"需求调查","questions":[{"key":"a","type":"text","title":"需求"}]}`
		}},
	{"formDraft", "", "operator", "operator", "POST", "/editor/forms/enterprise/draft", func() string { return "" }},
}

// collect finds and makes one object of each kind.
func collect(ctx context.Context) error {
	run.objects = map[string]object{}
	for name, q := range queried {
		var args []any
		if q.owner != "" {
			args = append(args, run.callers[q.owner].org)
		}
		v, err := first(ctx, `SELECT id FROM `+q.table+` WHERE `+q.where+` ORDER BY id LIMIT 1`, args...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		run.objects[name] = object{q.table, v, q.owners}
	}
	for _, m := range made {
		body := ""
		if m.body != nil {
			body = m.body()
		} else {
			body = find(m.method, "/api/v1"+m.path).whole()
		}
		a, err := run.ask(m.by, m.method, "/api/v1"+m.path, body)
		if err != nil {
			return err
		}
		if a.status >= 300 {
			return fmt.Errorf("%s is not made: %v", m.object, a)
		}
		run.objects[m.object] = object{m.table, idIn(a.body), m.owners}
	}
	return collectByHand(ctx)
}

// collectByHand adds what hangs on the other objects.
func collectByHand(ctx context.Context) error {
	buyer := run.callers["buyer"]
	a, err := run.ask("buyer", "POST", "/api/v1/checkouts/"+run.objects["checkout"].id+"/payments", "")
	if err != nil {
		return err
	}
	for name, q := range map[string]struct{ table, where, owners string }{
		"payment":  {"payments", "org_id = ? AND status IN ('created', 'pending')", "buyer"},
		"placed":   {"orders", "buyer_org = ? AND status = 'placed'", "buyer"},
		"cartLine": {"cart_lines", "org_id = ?", "buyer"},
	} {
		v, err := first(ctx, `SELECT id FROM `+q.table+` WHERE `+q.where+` ORDER BY id DESC LIMIT 1`, buyer.org)
		if err != nil {
			return fmt.Errorf("%s: %w (payment: %v)", name, err, a)
		}
		run.objects[name] = object{q.table, v, q.owners}
	}
	v, err := first(ctx, `SELECT id FROM cart_lines WHERE org_id = ? LIMIT 1`, run.callers["otherBuyer"].org)
	if err != nil {
		return err
	}
	run.objects["ownCartLine"] = object{"cart_lines", v, "otherBuyer"}
	if v, err = first(ctx, `SELECT token FROM surveys WHERE state = 'open' LIMIT 1`); err != nil {
		return err
	}
	run.objects["token"] = object{"", v, "all"}
	err = run.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := run.Services.Sessions.Start(ctx, tx, buyer.user, account.RoleEnterprise, "192.0.2.8", "elsewhere")
		return err
	})
	if err != nil {
		return err
	}
	err = run.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO outbox (id, channel, recipient, template, params, status, due_at, created_at) VALUES (7, 'sms', '', 'notice', '', 'failed', 0, 0)`)
		return err
	})
	if err != nil {
		return err
	}
	run.objects["deadLetter"] = object{"outbox", "7", "admin"}
	v, err = first(ctx, `SELECT id FROM sessions WHERE user_id = ? AND agent = 'elsewhere'`, buyer.user)
	run.objects["session"] = object{"sessions", v, "buyer"}
	return err
}

func find(method, path string) operation {
	for _, o := range run.ops {
		if o.method == method && o.path == path {
			return o
		}
	}
	return operation{}
}

// idIn is the id that an answer gives, wherever it stands.
func idIn(body string) string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return ""
	}
	m, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	for _, key := range []string{"id", "checkoutId"} {
		if s, ok := m[key].(string); ok {
			return s
		}
	}
	for _, inner := range m {
		if im, ok := inner.(map[string]any); ok {
			if s, ok := im["id"].(string); ok {
				return s
			}
		}
	}
	return ""
}

// plan is something that the provider sells, to be accepted after delivery and with a price.
func plan() (planID, unit string, fen int64) {
	var r struct {
		ID       string
		Unit     string
		PriceFen int64
	}
	err := run.DB.Raw(`SELECT p.id, pp.unit, pp.price_fen FROM plans p JOIN plan_prices pp ON pp.plan_id = p.id
		JOIN offerings o ON o.id = p.offering_id JOIN revisions r ON r.id = p.revision_id
		WHERE o.org_id = ? AND o.status = 'listed' AND r.status = 'live' AND p.active AND NOT p.instant AND pp.price_fen > 0 ORDER BY p.id LIMIT 1`, run.callers["provider"].org).Scan(context.Background(), &r)
	if err != nil {
		return "", "", 0
	}
	return r.ID, r.Unit, r.PriceFen
}

func want() string {
	p, unit, _ := plan()
	return fmt.Sprintf(`{"planId":%q,"unit":%q,"quantity":1}`, p, unit)
}

// intent is a purchase of that, with vouchers.
func intent(vouchers ...string) string {
	_, _, fen := plan()
	ids, err := json.Marshal(append([]string{}, vouchers...))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(`{"lines":[%s],"voucherIds":%s,"expectedTotalFen":%d,"expectedPayableFen":%d}`, want(), ids, fen, fen)
}

// nominated is an expert of the provider, with a photo.
func nominated() string {
	who := run.callers["provider"]
	var raw bytes.Buffer
	if err := png.Encode(&raw, image.NewRGBA(image.Rect(0, 0, 400, 500))); err != nil {
		return ""
	}
	photo, err := run.Services.Files.Save(context.Background(), file.Viewer{UserID: who.user, OrgID: who.org}, file.ExpertPhoto, "a.png", &raw)
	if err != nil {
		return ""
	}
	return entry(photo.ID)
}

func entry(photo id.ID) string {
	return fmt.Sprintf(`{"name":"方知行","age":45,"gender":"m","iiotField":"工业互联网","industryField":"通用设备","operationField":"生产制造",
		"iiotYears":8,"industryYears":20,"achievements":"主持多项数字化车间建设，参与评审四十余次。","position":"教授级高级工程师","education":"博士",
		"photo":%q,"bio":"长期从事制造执行与设备互联研究，关注低成本改造路径。"}`, photo.String())
}

// named says which object each parameter of a path takes: object, then the
// operations. A parameter other than {id} is written operation/parameter; an
// object that begins with = is a literal.
var named = map[string]string{
	"order":           "getOrder refundOrder startDelivery submitDelivery acceptDelivery rejectDelivery",
	"placed":          "cancelOrder",
	"orderLine":       "rateLine",
	"rating":          "replyToRating",
	"cartLine":        "changeCartLine",
	"checkout":        "getCheckout startPayment",
	"payment":         "getPayment getCashier payCashier declineCashier",
	"voucher":         "getMyVoucher",
	"riskHit":         "getRiskHit decideRiskHit",
	"stopped":         "getManagedVoucher freezeVoucher unfreezeVoucher proposeRevocation decideRevocation",
	"payout":          "readPayoutLine holdPayoutLine unholdPayoutLine proposeClawback",
	"myPayout":        "readMyPayout saveInvoice",
	"payoutBatch":     "readPayoutBatch submitPayoutBatch discardPayoutBatch decidePayoutBatch sendPayoutBatch downloadBankFile downloadBankSheet recordPayout",
	"clawback":        "decideClawback recordRepayment proposeWriteOff decideWriteOff",
	"issued":          "readIssuedVoucher downloadDossier readStatement exportStatement",
	"=voucher":        "readStatement/of exportStatement/of",
	"application":     "withdrawApplication decideApplication",
	"campaignVoucher": "applyForVoucher claimVoucher getDraw getDrawSheet",
	"openCampaign":    "getCampaign solveChallenge",
	"campaign":        "getManagedCampaign updateCampaign listApplications cancelCampaign changeCampaign pauseCampaign resumeCampaign submitCampaign",
	"voucherType":     "getVoucherType updateVoucherType",
	"budget":          "getBudget decideBudget",
	"case":            "readCase delegateCase listColleagues decideCase withdrawCase hastenCase readOfferingDossier revealListingContacts declareNoInterest recuseExpert castBallot listCandidates reseatPanel",
	"proof":           "verificationMaterial/caseId revealMaterial/caseId",
	"draft":           "readDraft saveDraft copyOffering discardDraft checkDraft submitOffering withdrawOffering previewOffering",
	"listing":         "readOffering listOfferingRatings delistOffering relistOffering reviseOffering forceDelistOffering",
	"company":         "readProvider",
	"org":             "disciplineOrg readOrg readOrgVersion",
	"member":          "editMember enableMember handOver resetMember permitMember removeMember",
	"anybody":         "enableUser resetUser permitUser resetSecondFactor revealUser",
	"session":         "endSession",
	"message":         "openMessage dropMessage",
	"savedSearch":     "renameSavedSearch dropSavedSearch",
	"deadLetter":      "resendDeadLetter",
	"license":         "readFile turnPicture readSmallPicture",
	"transfer":        "readTransfer sendPiece dropTransfer",
	"=320":            "readSmallPicture/width",
	"expert":          "readExpert changeExpert removeExpert",
	"admitted":        "admitExpert declineExpert suspendExpert resumeExpert setExpertLeave",
	"notice":          "readNotice",
	"noticeDraft":     "editorReadNotice editNotice publishNotice withdrawNotice deleteNotice",
	"announcement":    "editAnnouncement publishAnnouncement withdrawAnnouncement deleteAnnouncement",
	"surveyDraft":     "editSurvey publishSurvey closeSurvey deleteSurvey",
	"survey":          "editorReadSurvey listSurveyAnswers exportSurveyAnswers readSurveyAnswer surveyResults",
	"surveyAnswer":    "readSurveyAnswer/answerId",
	"token":           "readSurvey/token answerSurvey/token uploadSurveyFile/token surveyCode/token",
	"audit":           "readAudit",
	"=enterprise":     "readForm/kind listFormVersions/kind readFormVersion/kind beginFormDraft/kind saveFormDraft/kind discardFormDraft/kind publishForm/kind",
	"profile":         "readOrgVersion/version",
	"=1":              "readFormVersion/number",
	"=service":        "readAgreement/name",
	"=region":         "readCodeList/name",
	"=simulated":      "paymentNotified/channel",

	"=account.phone_code_at_registration": "changeSetting/key",
}

// objectOf is the inverse of named.
var objectOf = func() map[string]string {
	all := map[string]string{}
	for object, ops := range named {
		for op := range strings.FieldsSeq(ops) {
			if !strings.Contains(op, "/") {
				op += "/id"
			}
			all[op] = object
		}
	}
	return all
}()
