package settlement

// Verb is what the trail calls an act: settlement.VERB.
type Verb string

// The verbs of the trail. Those that end a batch or a claw-back are made of the event.
const (
	didAccount     Verb = "account"
	didInvoice     Verb = "invoice"
	didHold        Verb = "hold"
	didUnhold      Verb = "unhold"
	didBatch       Verb = "batch"
	didBatchSubmit Verb = "batch_submit"
	// made of the event of a batch or of a claw-back
	didBatchDiscard        Verb = "batch_discard"
	didBatchApproveFirst   Verb = "batch_approve_first"
	didBatchApprove        Verb = "batch_approve"
	didBatchReject         Verb = "batch_reject"
	didBatchLineChanged    Verb = "batch_line_changed"
	didBatchAccountChanged Verb = "batch_account_changed"
	didBatchExport         Verb = "batch_export"
	didBankFile            Verb = "bank_file"
	didBatchDone           Verb = "batch_done"
	didPaid                Verb = "paid"
	didFailed              Verb = "failed"
	didClawbackPropose     Verb = "clawback_propose"
	didClawbackApprove     Verb = "clawback_approve"
	didClawbackReject      Verb = "clawback_reject"
	didClawbackRecover     Verb = "clawback_recover"
	didWaiverPropose       Verb = "waiver_propose"
	didWaiverApprove       Verb = "waiver_approve"
	didWaiverReject        Verb = "waiver_reject"
	didRefused             Verb = "refused"
)
