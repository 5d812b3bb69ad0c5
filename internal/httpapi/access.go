package httpapi

import (
	"maps"
	"slices"

	"smedx/internal/account"
	"smedx/internal/kit/errs"
)

// rule says who may call an operation. Which company's objects he may touch is
// the module's business; here it is roles and permissions.
type rule struct {
	Public     bool               `json:"public,omitempty"`
	Roles      []account.Role     `json:"roles,omitempty"`
	Permission account.Permission `json:"permission,omitempty"`
	// Each is asked of a role instead, where the roles need different ones
	Each map[account.Role]account.Permission `json:"permissions,omitempty"`
	// HalfSigned: for a sign-in that waits for its second factor, and nobody else
	HalfSigned bool `json:"halfSigned,omitempty"`
	// whileExpired: open to those who must change their password first;
	// unconsented: to those who have not accepted the agreements in force
	whileExpired, unconsented bool
}

var (
	public     = rule{Public: true, whileExpired: true}
	signedIn   = rule{Roles: account.Roles}
	halfSigned = rule{HalfSigned: true}
)

func allow(roles ...account.Role) rule { return rule{Roles: roles} }

func (r rule) needs(p account.Permission) rule { r.Permission = p; return r }

// each asks a permission of one role only.
func (r rule) each(role account.Role, p account.Permission) rule {
	all := maps.Clone(r.Each)
	if all == nil {
		all = map[account.Role]account.Permission{}
	}
	all[role] = p
	r.Each = all
	return r
}

// asks is the permission that a caller of a role must hold, or none.
func (r rule) asks(role account.Role) account.Permission {
	if p, ok := r.Each[role]; ok {
		return p
	}
	return r.Permission
}

func (r rule) andExpired() rule { r.whileExpired = true; return r }

func (r rule) andUnconsented() rule { r.unconsented = true; return r }

var (
	errMustChange  = errs.New(errs.Forbidden, "account.must_change_password")
	errMustConsent = errs.New(errs.Forbidden, "account.must_consent")
)

// check refuses a caller whom the rule does not name. Who is half signed in is a
// visitor to everything but the operations of that step; those ask for it by its
// own token (see guard).
func (r rule) check(who account.Principal) error {
	switch {
	case r.Public, r.HalfSigned:
		return nil
	case !who.SignedIn():
		return errs.ErrUnsigned
	case who.MustChange && !r.whileExpired:
		return errMustChange
	case who.MustConsent && !r.unconsented:
		return errMustConsent
	case !slices.Contains(r.Roles, who.Role):
		return errs.ErrForbidden
	}
	if p := r.asks(who.Role); p != "" && !who.Has(p) {
		return errs.ErrForbidden
	}
	return nil
}

const (
	enterprise = account.RoleEnterprise
	provider   = account.RoleProvider
	expert     = account.RoleExpert
	operator   = account.RoleOperator
	department = account.RoleDepartment
	admin      = account.RoleAdmin
)

// Rules that several operations share.
var (
	orderSeen = allow(enterprise, provider, operator, department).each(enterprise, account.OrderBuy).each(provider, account.OrderDeliver).
			each(operator, account.OrderOversee).each(department, account.OrderOversee)
	rosterKept = allow(provider, operator).each(provider, account.ExpertManage).each(operator, account.ExpertAdmit)
	// the last leg of the money: one prepares, another releases, auditors look on
	payoutsMade = allow(operator, department).each(operator, account.SettlementPrepare).each(department, account.SettlementRelease)
	payoutsSeen = allow(operator, department, admin).each(operator, account.SettlementPrepare).each(department, account.SettlementRelease).each(admin, account.AuditRead)
	payoutsFree = allow(department).needs(account.SettlementRelease)
	payoutsOwn  = allow(provider).needs(account.VoucherView)
	riskHandled = allow(operator, department).needs(account.RiskHandle)
	// the books of public money: whoever runs the scheme, and who audits it
	booksRead = allow(operator, department, admin).needs(account.FundView).each(admin, account.AuditRead)
	booksOwn  = allow(enterprise, provider).each(enterprise, account.VoucherUse).each(provider, account.VoucherView)
	// of a company, whoever has 我的待办; others by desk or seat
	tasks = signedIn.each(enterprise, account.TaskView).each(provider, account.TaskView)
)

// access is the one table of operations and roles. An operation without a row
// cannot be registered.
var access = map[string]rule{
	// session
	"me":      public,
	"signOut": signedIn.andExpired().andUnconsented(),

	"signIn":           public,
	"signInByCode":     public,
	"sendCode":         public,
	"newCaptcha":       public,
	"resetPassword":    public,
	"changePassword":   signedIn.andExpired().andUnconsented(),
	"readAgreement":    public,
	"listConsents":     signedIn.andExpired().andUnconsented(),
	"acceptAgreements": signedIn.andExpired().andUnconsented(),

	// the second factor, on the way in
	"readSignInStep":  halfSigned,
	"finishSignIn":    halfSigned,
	"leaveSignIn":     halfSigned,
	"enrolAtSignIn":   halfSigned,
	"confirmAtSignIn": halfSigned,

	// what protects one's own account
	"readSecondFactor":    signedIn,
	"enrolSecondFactor":   signedIn,
	"confirmSecondFactor": signedIn,
	"renewRecoveryCodes":  signedIn,
	"switchFactorOff":     signedIn,
	"listSessions":        signedIn,
	"endSession":          signedIn,
	"endOtherSessions":    signedIn,

	// companies
	"register":              public,
	"readRegistrationRules": public,
	"readForm":              public,
	"readCodeList":          public,
	"getOrg":                allow(enterprise, provider),
	"getOrgDraft":           allow(enterprise, provider).needs(account.OrgManage),
	"saveOrgDraft":          allow(enterprise, provider).needs(account.OrgManage),
	"submitOrg":             allow(enterprise, provider).needs(account.OrgManage),
	"getProfile":            allow(enterprise, provider).needs(account.OrgManage),
	"getSubmission":         allow(enterprise, provider).needs(account.OrgManage),
	"getDiagnosis":          allow(enterprise).needs(account.OrgManage),
	"verificationMaterial":  allow(enterprise, provider, operator).needs(account.TaskView),
	"dropOrgChange":         allow(enterprise, provider).needs(account.OrgManage),
	"listOrgs":              allow(operator).needs(account.VerificationReview),
	"exportOrgs":            allow(operator).needs(account.VerificationReview),
	"readOrg":               allow(operator).needs(account.VerificationReview),
	"readOrgVersion":        allow(operator).needs(account.VerificationReview),
	"disciplineOrg":         allow(operator).needs(account.VerificationReview),

	// forms of companies
	"listFormVersions": allow(operator).needs(account.FormEdit),
	"readFormVersion":  allow(operator).needs(account.FormEdit),
	"beginFormDraft":   allow(operator).needs(account.FormEdit),
	"saveFormDraft":    allow(operator).needs(account.FormEdit),
	"discardFormDraft": allow(operator).needs(account.FormEdit),
	"publishForm":      allow(operator).needs(account.FormEdit),

	// users
	"listMembers":  allow(enterprise, provider).needs(account.MemberManage),
	"addMember":    allow(enterprise, provider).needs(account.MemberManage),
	"editMember":   allow(enterprise, provider).needs(account.MemberManage),
	"removeMember": allow(enterprise, provider).needs(account.MemberManage),
	"resetMember":  allow(enterprise, provider).needs(account.MemberManage),
	"permitMember": allow(enterprise, provider).needs(account.MemberManage),
	"enableMember": allow(enterprise, provider).needs(account.MemberManage),
	"handOver":     allow(enterprise, provider).needs(account.MemberManage), // the main account alone
	"listUsers":    allow(admin).needs(account.StaffManage),
	"addStaff":     allow(admin).needs(account.StaffManage),
	"enableUser":   allow(admin).needs(account.StaffManage),
	"resetUser":    allow(admin).needs(account.StaffManage),
	"permitUser":   allow(admin).needs(account.StaffManage),

	"resetSecondFactor": allow(admin).needs(account.StaffManage),
	"administration":    allow(admin),

	// settings
	"listSettings":  allow(admin).needs(account.SettingManage),
	"changeSetting": allow(admin).needs(account.SettingManage),

	// files and messages
	"uploadFile":       signedIn,
	"beginTransfer":    signedIn,
	"readTransfer":     signedIn,
	"sendPiece":        signedIn,
	"dropTransfer":     signedIn,
	"readSmallPicture": public, // by grant, as readFile
	"turnPicture":      signedIn,
	"readFile":         public, // by grant: the file module decides
	"listMessages":     signedIn,
	"readMessages":     signedIn,

	"countMessages":         signedIn,
	"openMessage":           signedIn,
	"dropMessage":           signedIn,
	"dropReadMessages":      signedIn,
	"messageSettings":       signedIn,
	"changeMessageSettings": signedIn,
	"listDeadLetters":       allow(admin).needs(account.MessageResend),
	"resendDeadLetter":      allow(admin).needs(account.MessageResend),

	// notices and announcements
	"listNotices":             public,
	"readNotice":              public,
	"listAnnouncements":       signedIn,
	"editorListNotices":       allow(operator).needs(account.ContentEdit),
	"editorReadNotice":        allow(operator).needs(account.ContentEdit),
	"createNotice":            allow(operator).needs(account.ContentEdit),
	"editNotice":              allow(operator).needs(account.ContentEdit),
	"publishNotice":           allow(operator).needs(account.ContentEdit),
	"withdrawNotice":          allow(operator).needs(account.ContentEdit),
	"deleteNotice":            allow(operator).needs(account.ContentEdit),
	"editorListAnnouncements": allow(operator).needs(account.ContentEdit),
	"createAnnouncement":      allow(operator).needs(account.ContentEdit),
	"editAnnouncement":        allow(operator).needs(account.ContentEdit),
	"publishAnnouncement":     allow(operator).needs(account.ContentEdit),
	"withdrawAnnouncement":    allow(operator).needs(account.ContentEdit),
	"deleteAnnouncement":      allow(operator).needs(account.ContentEdit),

	// portal
	"portalFigures": public,

	// surveys
	"readSurvey":          public,
	"answerSurvey":        public,
	"uploadSurveyFile":    public,
	"surveyCode":          public,
	"editorListSurveys":   allow(operator).needs(account.SurveyManage),
	"editorReadSurvey":    allow(operator).needs(account.SurveyManage),
	"createSurvey":        allow(operator).needs(account.SurveyManage),
	"editSurvey":          allow(operator).needs(account.SurveyManage),
	"publishSurvey":       allow(operator).needs(account.SurveyManage),
	"closeSurvey":         allow(operator).needs(account.SurveyManage),
	"deleteSurvey":        allow(operator).needs(account.SurveyManage),
	"listSurveyAnswers":   allow(operator).needs(account.SurveyManage),
	"readSurveyAnswer":    allow(operator).needs(account.SurveyManage),
	"surveyResults":       allow(operator).needs(account.SurveyManage),
	"exportSurveyAnswers": allow(operator).needs(account.SurveyManage),

	// cart, orders, payments
	"getCart":         allow(enterprise).needs(account.OrderBuy),
	"countCart":       allow(enterprise).needs(account.OrderBuy),
	"addToCart":       allow(enterprise).needs(account.OrderBuy),
	"changeCartLine":  allow(enterprise).needs(account.OrderBuy),
	"removeCartLines": allow(enterprise).needs(account.OrderBuy),
	"selectCart":      allow(enterprise).needs(account.OrderBuy),
	"quoteCheckout":   allow(enterprise).needs(account.OrderBuy),
	"placeOrder":      allow(enterprise).needs(account.OrderBuy),
	"getCheckout":     allow(enterprise).needs(account.OrderBuy),
	"listOrders":      orderSeen,
	"getOrder":        orderSeen,
	"cancelOrder":     allow(enterprise).needs(account.OrderBuy),
	"refundOrder":     allow(enterprise).needs(account.OrderBuy),
	"startPayment":    allow(enterprise).needs(account.OrderBuy),
	"getPayment":      allow(enterprise).needs(account.OrderBuy),
	"paymentNotified": public, // by signature
	"getCashier":      allow(enterprise).needs(account.OrderBuy),
	"payCashier":      allow(enterprise).needs(account.OrderBuy),
	"declineCashier":  allow(enterprise).needs(account.OrderBuy),

	// delivery and ratings
	"startDelivery":       allow(provider).needs(account.OrderDeliver),
	"submitDelivery":      allow(provider).needs(account.OrderDeliver),
	"acceptDelivery":      allow(enterprise).needs(account.OrderBuy),
	"sendAcceptanceCode":  allow(enterprise).needs(account.OrderBuy),
	"rejectDelivery":      allow(enterprise).needs(account.OrderBuy),
	"listRatings":         allow(enterprise, provider).each(enterprise, account.RatingWrite).each(provider, account.RatingReply),
	"rateLine":            allow(enterprise).needs(account.RatingWrite),
	"replyToRating":       allow(provider).needs(account.RatingReply),
	"listOfferingRatings": public,
	// budgets and the books
	"listBudgets":    allow(operator, department).needs(account.FundView),
	"getBudget":      allow(operator, department).needs(account.FundView),
	"createBudget":   allow(department).needs(account.FundManage),
	"decideBudget":   allow(department).needs(account.FundManage),
	"reconcileBooks": allow(admin).needs(account.AuditRead),

	// what the journal says, for staff and for the companies themselves
	"fundOverview":         booksRead,
	"exportFundOverview":   booksRead,
	"listIssuedVouchers":   booksRead,
	"exportIssuedVouchers": booksRead,
	"readIssuedVoucher":    booksRead,
	"downloadDossier":      booksRead,
	"readStatement":        booksRead,
	"exportStatement":      booksRead,
	"readOwnStatement":     booksOwn,
	"exportOwnStatement":   booksOwn,

	// payouts to providers
	"readPayoutAccount":   allow(provider).needs(account.OrgManage),
	"changePayoutAccount": allow(provider).needs(account.OrgManage),
	"listMyPayouts":       payoutsOwn,
	"exportMyPayouts":     payoutsOwn,
	"readMyPayout":        payoutsOwn,
	"saveInvoice":         payoutsOwn,
	"countPayoutTasks":    payoutsSeen,
	"listPayoutLines":     payoutsSeen,
	"exportPayoutLines":   payoutsSeen,
	"readPayoutLine":      payoutsSeen,
	"holdPayoutLine":      payoutsMade,
	"unholdPayoutLine":    payoutsMade, // another person than put it on hold
	"createPayoutBatches": payoutsMade,
	"listPayoutBatches":   payoutsSeen,
	"readPayoutBatch":     payoutsSeen,
	"submitPayoutBatch":   payoutsMade,
	"discardPayoutBatch":  payoutsMade,
	"decidePayoutBatch":   payoutsFree, // another person than made it
	"sendPayoutBatch":     payoutsFree,
	"downloadBankFile":    payoutsFree,
	"downloadBankSheet":   payoutsFree,
	"recordPayout":        payoutsFree,
	"listClawbacks":       payoutsSeen,
	"proposeClawback":     payoutsMade,
	"decideClawback":      payoutsFree, // another person than proposed it
	"recordRepayment":     payoutsFree,
	"proposeWriteOff":     payoutsMade,
	"decideWriteOff":      payoutsFree, // another person than asked for it

	// vouchers
	"listMyVouchers":       allow(enterprise).needs(account.VoucherUse),
	"voucherStanding":      allow(enterprise).needs(account.VoucherUse),
	"getMyVoucher":         allow(enterprise).needs(account.VoucherUse),
	"listRedeemedVouchers": allow(provider).needs(account.VoucherView),
	"listCampaigns":        public,
	"getCampaign":          public,
	"getDraw":              public,
	"getDrawSheet":         public,
	"solveChallenge":       allow(enterprise).needs(account.VoucherUse),
	"claimVoucher":         allow(enterprise).needs(account.VoucherUse),
	"applyForVoucher":      allow(enterprise).needs(account.VoucherUse),
	"withdrawApplication":  allow(enterprise).needs(account.VoucherUse),
	"listVoucherTypes":     allow(operator).needs(account.VoucherConfigure),
	"createVoucherType":    allow(operator).needs(account.VoucherConfigure),
	"getVoucherType":       allow(operator).needs(account.VoucherConfigure),
	"updateVoucherType":    allow(operator).needs(account.VoucherConfigure),
	"listManagedCampaigns": allow(operator, department).needs(account.FundView),
	"getManagedCampaign":   allow(operator, department).needs(account.FundView),
	"createCampaign":       allow(operator).needs(account.VoucherConfigure),
	"updateCampaign":       allow(operator).needs(account.VoucherConfigure),
	"submitCampaign":       allow(operator).needs(account.VoucherConfigure),
	"pauseCampaign":        allow(operator).needs(account.VoucherConfigure),
	"resumeCampaign":       allow(operator).needs(account.VoucherConfigure),
	"cancelCampaign":       allow(operator).needs(account.VoucherConfigure),
	"changeCampaign":       allow(operator).needs(account.VoucherConfigure),
	"simulateCampaign":     allow(operator, department).needs(account.FundView),
	"listApplications":     allow(operator).needs(account.VoucherConfigure),
	"decideApplication":    allow(operator).needs(account.VoucherConfigure),
	"listManagedVouchers":  riskHandled,
	"getManagedVoucher":    riskHandled,
	"freezeVoucher":        riskHandled,
	"unfreezeVoucher":      riskHandled, // another person than froze it
	"proposeRevocation":    riskHandled,
	"listRiskRules":        riskHandled,
	"listRiskHits":         riskHandled,
	"getRiskHit":           riskHandled,
	"decideRiskHit":        riskHandled,
	"checkRisks":           riskHandled,
	"decideRevocation":     riskHandled, // another person than proposed it

	// review
	"listCases":         tasks,
	"countCases":        tasks,
	"readCase":          tasks, // the module decides: own company, desk or panel
	"decideCase":        allow(operator, department),
	"withdrawCase":      tasks,                       // the submitter alone
	"hastenCase":        tasks,                       // the submitter's company
	"listColleagues":    allow(operator, department), // whoever may decide the case
	"delegateCase":      allow(operator, department),
	"listStageTimes":    public,
	"listCriteria":      signedIn,
	"declareNoInterest": allow(expert).needs(account.ExpertScore),
	"recuseExpert":      allow(expert).needs(account.ExpertScore),
	"castBallot":        allow(expert).needs(account.ExpertScore),
	"listCandidates":    allow(operator).needs(account.ListingReview),
	"reseatPanel":       allow(operator).needs(account.ListingReview),

	// experts: a provider its own, an operator all
	"listExperts":    rosterKept,
	"nominateExpert": rosterKept,
	"readExpert":     rosterKept,
	"changeExpert":   rosterKept,
	"removeExpert":   rosterKept,
	"admitExpert":    allow(operator).needs(account.ExpertAdmit),
	"declineExpert":  allow(operator).needs(account.ExpertAdmit),
	"suspendExpert":  allow(operator).needs(account.ExpertAdmit),
	"resumeExpert":   allow(operator).needs(account.ExpertAdmit),

	"setExpertLeave":    allow(operator).needs(account.ExpertAdmit),
	"listExpertRecords": allow(operator).needs(account.ExpertAdmit),

	// catalogue
	"searchOfferings":     public,
	"featuredOfferings":   public,
	"suggestOfferings":    public,
	"searchFitting":       allow(enterprise).needs(account.VoucherUse),
	"listSavedSearches":   allow(enterprise),
	"saveSearch":          allow(enterprise),
	"renameSavedSearch":   allow(enterprise),
	"dropSavedSearch":     allow(enterprise),
	"readOffering":        public,
	"readProvider":        public,
	"listProviderNames":   public,
	"listMyOfferings":     allow(provider).needs(account.OfferingManage),
	"countMyOfferings":    allow(provider).needs(account.OfferingManage),
	"createOffering":      allow(provider).needs(account.OfferingManage),
	"copyOffering":        allow(provider).needs(account.OfferingManage),
	"listPublishTypes":    signedIn,
	"readDraft":           allow(provider).needs(account.OfferingManage),
	"saveDraft":           allow(provider).needs(account.OfferingManage),
	"discardDraft":        allow(provider).needs(account.OfferingManage),
	"checkDraft":          allow(provider).needs(account.OfferingManage),
	"submitOffering":      allow(provider).needs(account.OfferingManage),
	"withdrawOffering":    allow(provider).needs(account.OfferingManage),
	"reviseOffering":      allow(provider).needs(account.OfferingManage),
	"previewOffering":     allow(provider).needs(account.OfferingManage),
	"delistOffering":      allow(provider).needs(account.OfferingManage),
	"relistOffering":      allow(provider).needs(account.OfferingManage),
	"readOfferingDossier": tasks, // the review decides: own company, desk or declared expert
	"listAllOfferings":    allow(operator).needs(account.ListingReview),
	"forceDelistOffering": allow(operator).needs(account.ListingReview),

	// personal data: one's own, and that of others by a look that is written down
	"getOwnData":            signedIn.andUnconsented(),
	"exportOwnData":         signedIn.andUnconsented(),
	"closeAccount":          signedIn.andUnconsented(),
	"revealUser":            allow(admin).needs(account.StaffManage),
	"revealListingContacts": allow(operator, department).each(operator, account.ListingReview).each(department, account.ListingDecide),
	"revealMaterial":        allow(operator).needs(account.VerificationReview),

	// the trail
	"listAudit":   allow(admin).needs(account.AuditRead),
	"readAudit":   allow(admin).needs(account.AuditRead),
	"auditWords":  allow(admin).needs(account.AuditRead),
	"exportAudit": allow(admin).needs(account.AuditRead),

	// demonstration
	"demoOutbox": public,
}
