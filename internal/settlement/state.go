// Package settlement is the last leg of the money: from an accepted order to the
// provider's bank account. It owns the accounts that providers are paid to, the
// lines that are due, the batches in which they are paid, and claw-backs. That an
// order is settled belongs to order; where the money is stands in the ledger.
package settlement

import "smedx/internal/kit/errs"

// State is where a line stands.
type State string

// The states of a line. Accrued is the state of every accepted order that nobody
// has touched yet.
const (
	Accrued         State = "accrued"          // 待结算
	OnHold          State = "on_hold"          // 暂缓
	Batched         State = "batched"          // 已组批
	PendingApproval State = "pending_approval" // 待复核
	Approved        State = "approved"         // 已复核
	Sent            State = "sent"             // 付款中
	Paid            State = "paid"             // 已兑付
	Failed          State = "failed"           // 付款失败
	ClawbackDue     State = "clawback_due"     // 待追回
	ClawedBack      State = "clawed_back"      // 已追回
	WrittenOff      State = "written_off"      // 已核销
)

// States lists every state.
var States = []State{Accrued, OnHold, Batched, PendingApproval, Approved, Sent, Paid, Failed, ClawbackDue, ClawedBack, WrittenOff}

// Event is what happens to a line.
type Event string

// The events of a line. Most of them happen to all lines of a batch at once.
const (
	Hold           Event = "hold"
	Unhold         Event = "unhold"
	AddToBatch     Event = "add_to_batch"
	Discard        Event = "discard" // the creator takes the batch apart
	Submit         Event = "submit"
	Approve        Event = "approve"
	ApproveFirst   Event = "approve_first" // of two, above a sum; lines stay as they are
	Reject         Event = "reject"
	LineChanged    Event = "line_changed"
	AccountChanged Event = "account_changed"
	Export         Event = "export"
	BankOK         Event = "bank_ok"
	BankFail       Event = "bank_fail"
	Reopen         Event = "reopen" // what failed is due again
	Claw           Event = "clawback"
	Recovered      Event = "recovered" // netted or repaid, in full
	WriteOff       Event = "write_off"
)

// Events lists every event.
var Events = []Event{
	Hold, Unhold, AddToBatch, Discard, Submit, ApproveFirst, Approve, Reject, LineChanged, AccountChanged, Export, BankOK, BankFail, Reopen, Claw, Recovered, WriteOff,
}

// Flow is the state machine of a line. What was clawed back in part may be clawed
// back again; how much is left decides Claw.
var Flow = map[State]map[Event]State{
	Accrued:         {Hold: OnHold, AddToBatch: Batched},
	OnHold:          {Unhold: Accrued},
	Batched:         {Submit: PendingApproval, Discard: Accrued, LineChanged: Accrued, AccountChanged: Accrued},
	PendingApproval: {ApproveFirst: PendingApproval, Approve: Approved, Reject: Accrued, LineChanged: Accrued, AccountChanged: Accrued},
	Approved:        {Export: Sent, LineChanged: Accrued, AccountChanged: Accrued},
	Sent:            {BankOK: Paid, BankFail: Failed},
	Paid:            {Claw: ClawbackDue},
	Failed:          {Reopen: Accrued},
	ClawbackDue:     {Recovered: ClawedBack, WriteOff: WrittenOff},
	ClawedBack:      {Claw: ClawbackDue},
	WrittenOff:      {},
}

// Next is where an event leads, or a refusal that names the state.
func (s State) Next(e Event) (State, error) {
	if to, ok := Flow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// The states that only batches have.
const (
	Done State = "done" // the bank has answered for every line
	Void State = "void" // given up; its lines are due again
)

// batchNext is where an event leads a batch: with its lines, until the bank
// answers or the lines are freed.
func batchNext(s State, e Event) (State, error) {
	to, err := s.Next(e)
	switch {
	case err != nil:
		return "", err
	case to == Accrued:
		return Void, nil
	case e == BankOK || e == BankFail:
		return Done, nil // once no line is left
	}
	return to, nil
}

// ClawStatus is where a claw-back stands.
type ClawStatus string

// The states of a claw-back.
const (
	ClawProposed   ClawStatus = "proposed"
	ClawRejected   ClawStatus = "rejected"
	ClawDue        ClawStatus = "due"
	ClawSettled    ClawStatus = "clawed_back"
	ClawWrittenOff ClawStatus = "written_off"
)

// ClawEvent is what happens to a claw-back.
type ClawEvent string

// The events of a claw-back.
const (
	ClawApprove  ClawEvent = "approve"
	ClawReject   ClawEvent = "reject"
	ClawRecover  ClawEvent = "recover"   // in full
	ClawWriteOff ClawEvent = "write_off" // what is left
)

// ClawFlow is the state machine of a claw-back.
var ClawFlow = map[ClawStatus]map[ClawEvent]ClawStatus{
	ClawProposed:   {ClawApprove: ClawDue, ClawReject: ClawRejected},
	ClawDue:        {ClawRecover: ClawSettled, ClawWriteOff: ClawWrittenOff},
	ClawRejected:   {},
	ClawSettled:    {},
	ClawWrittenOff: {},
}

// Next is where an event leads, or a refusal that names the state.
func (s ClawStatus) Next(e ClawEvent) (ClawStatus, error) {
	if to, ok := ClawFlow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Refusals of this module.
var (
	ErrFourEyes       = errs.New(errs.Forbidden, "settlement.four_eyes")
	ErrNoAccount      = errs.New(errs.Conflict, "settlement.no_account")
	ErrAccountChanged = errs.New(errs.Conflict, "settlement.account_changed")
	ErrChanged        = errs.New(errs.Conflict, "settlement.changed")
	// ErrProviderStopped says that a provider's verification is not in force, so that nothing is paid to it.
	ErrProviderStopped = errs.New(errs.Conflict, "settlement.provider_stopped")
	ErrNotReady        = errs.New(errs.Conflict, "settlement.not_ready")
	ErrTaken           = errs.New(errs.Conflict, "settlement.taken")
	ErrCeiling         = errs.New(errs.Conflict, "settlement.ceiling")
	// ErrLead says that somebody must look at the order before it is paid out.
	ErrLead      = errs.New(errs.Conflict, "settlement.lead")
	ErrNoInvoice = errs.New(errs.Conflict, "settlement.no_invoice")
	// ErrRecorded says that the bank has answered, so that its file must not be paid again.
	ErrRecorded = errs.New(errs.Conflict, "settlement.recorded")
	ErrNothing  = errs.New(errs.Invalid, "settlement.nothing")
	ErrClawOpen = errs.New(errs.Conflict, "settlement.clawback_open")
	ErrReserved = errs.New(errs.Conflict, "settlement.reserved")
)
