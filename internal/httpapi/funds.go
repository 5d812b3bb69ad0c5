package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/account"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/reconcile"
)

// BudgetView is a budget as pages show it.
type BudgetView struct {
	ID           id.ID         `json:"id"`
	Name         string        `json:"name"`
	Year         int64         `json:"year"`
	Purpose      string        `json:"purpose"`
	AmountFen    money.Fen     `json:"amountFen"`
	CommittedFen money.Fen     `json:"committedFen" doc:"Taken by campaigns and not given back"`
	AvailableFen money.Fen     `json:"availableFen"`
	Status       fund.Status   `json:"status" enum:"pending,approved,rejected"`
	CreatedName  string        `json:"createdName"`
	CreatedAt    clock.Instant `json:"createdAt"`
	DecidedName  string        `json:"decidedName"`
	DecidedAt    clock.Instant `json:"decidedAt"`
	Comment      string        `json:"comment"`
	MayDecide    bool          `json:"mayDecide" doc:"The caller is not the creator"`
	Version      int64         `json:"version"`
}

func budgetView(b fund.Budget, who account.Principal) BudgetView {
	return BudgetView{
		ID: b.ID, Name: b.Name, Year: b.Year, Purpose: b.Purpose, AmountFen: b.Amount, CommittedFen: b.Committed, AvailableFen: b.Available(),
		Status: b.Status, CreatedName: b.CreatedName, CreatedAt: b.CreatedAt, DecidedName: b.DecidedName, DecidedAt: b.DecidedAt, Comment: b.Comment,
		MayDecide: b.Status == fund.Pending && b.CreatedBy != who.UserID && who.Has(account.FundManage), Version: b.Version,
	}
}

func (a *API) fundRoutes() {
	route(a, op{"listBudgets", http.MethodGet, "/budgets", "fund", "Budgets, newest first"}, a.listBudgets)
	route(a, op{"createBudget", http.MethodPost, "/budgets", "fund", "Ask for a budget"}, a.createBudget, created)
	route(a, op{"getBudget", http.MethodGet, "/budgets/{id}", "fund", "One budget"}, a.getBudget)
	route(a, op{"decideBudget", http.MethodPost, "/budgets/{id}/decision", "fund", "Approve or reject another person's budget"}, a.decideBudget)
	route(a, op{"reconcileBooks", http.MethodGet, "/reconciliation", "fund", "Check every rule of the books"}, a.reconcileBooks)
}

func (a *API) listBudgets(ctx context.Context, in *struct {
	page.Query
	Status fund.Status `query:"status" enum:"pending,approved,rejected"`
}) (*body[page.Of[BudgetView]], error) {
	rows, total, err := a.Funds.List(ctx, in.Status, in.Query)
	return reply(page.Map(rows, total, func(b fund.Budget) BudgetView { return budgetView(b, caller(ctx)) }), err)
}

func (a *API) createBudget(ctx context.Context, in *struct {
	Body struct {
		Name      string    `json:"name"`
		Year      int64     `json:"year"`
		Purpose   string    `json:"purpose"`
		AmountFen money.Fen `json:"amountFen"`
	}
}) (*body[BudgetView], error) {
	b, err := a.Funds.Create(ctx, caller(ctx), fund.Draft{Name: in.Body.Name, Year: in.Body.Year, Purpose: in.Body.Purpose, Amount: in.Body.AmountFen})
	return reply(budgetView(b, caller(ctx)), err)
}

func (a *API) getBudget(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[BudgetView], error) {
	b, err := a.Funds.Get(ctx, in.ID.ID)
	return reply(budgetView(b, caller(ctx)), err)
}

func (a *API) decideBudget(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Event   fund.Event `json:"event" enum:"approve,reject"`
		Comment string     `json:"comment" maxLength:"500"`
		Version int64      `json:"version"`
	}
}) (*body[BudgetView], error) {
	b, err := a.Funds.Decide(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Event, in.Body.Comment)
	return reply(budgetView(b, caller(ctx)), err)
}

func (a *API) reconcileBooks(ctx context.Context, _ *struct{}) (*body[reconcile.Report], error) {
	return reply(reconcile.Run(ctx, a.DB, a.DB))
}
