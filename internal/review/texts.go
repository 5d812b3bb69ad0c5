package review

import (
	"fmt"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// What people read in their messages.
const (
	textPanel  = "共 %d 位专家评审，%d 位通过，平均 %d.%02d 分"
	textSilent = "超过评审期限未提交意见"
)

var kindText = map[Kind]string{
	KindEnterprise: "企业认证", KindProvider: "服务商认证", KindListing: "商品发布", KindCampaign: "服务券活动",
}

var stageText = map[Stage]string{
	StageOperator: "运营人员初审", StageExperts: "专家评审", StageDepartment: "工信厅终审",
}

var statusText = map[Status]string{
	Pending: "待审批", Approved: "审批通过", Returned: "退回补正", Rejected: "已驳回", Withdrawn: "已撤销",
}

func link(c Case) string { return "/workbench/tasks/" + c.ID.String() }

// arrived tells the desk that a case waits there.
func arrived(c Case) notify.Message {
	return notify.Message{
		Event: "case_arrived",
		Title: fmt.Sprintf("待审批：%s（%s）", c.Title, kindText[c.Kind]),
		Body:  fmt.Sprintf("%s 提交的%s申请已进入%s，请及时处理。", c.SubmitterName, kindText[c.Kind], stageText[c.Stage]),
		Link:  link(c),
	}
}

// invited asks one expert for a seat.
func invited(c Case, expert id.ID) notify.Message {
	return notify.Message{
		Event:   "expert_invited",
		UserIDs: []id.ID{expert},
		Title:   "专家评审邀请：" + c.Title,
		Body:    "您已被抽取为本次评审的专家。请先声明无利益关系，再查看材料并评分；如需回避，系统会另行抽取专家。",
		Link:    link(c),
	}
}

// decided tells the submitter how the case ended.
func decided(c Case, v Verdict) notify.Message {
	body := fmt.Sprintf("您提交的%s申请「%s」%s。", kindText[c.Kind], c.Title, statusText[c.Status])
	if v.Comment != "" {
		body += "意见：" + v.Comment
	}
	event := "case_decided"
	if c.Kind == KindEnterprise || c.Kind == KindProvider {
		event = "verification_decided"
	}
	return notify.Message{
		Event:   event,
		UserIDs: []id.ID{c.SubmitterID}, Title: statusText[c.Status] + "：" + c.Title, Body: body, Link: link(c),
	}
}

// overdue reminds the desk of a case that waits too long.
func overdue(c Case) notify.Message {
	return notify.Message{
		Event: "case_overdue",
		Title: "审批超期提醒：" + c.Title,
		Body:  fmt.Sprintf("该%s申请在%s环节已超过办理期限，请尽快处理。", kindText[c.Kind], stageText[c.Stage]),
		Link:  link(c),
	}
}

// hastened passes on that the applicant asks for haste.
func hastened(c Case) notify.Message {
	return notify.Message{
		Event: "case_hastened",
		Title: "催办：" + c.Title,
		Body:  fmt.Sprintf("%s 提交的%s申请在%s环节的等待时间已超过通常时间，申请人请您尽快处理。", c.SubmitterName, kindText[c.Kind], stageText[c.Stage]),
		Link:  link(c),
	}
}

// shortPanel asks the operators to name another expert.
func shortPanel(c Case) notify.Message {
	return notify.Message{
		Event: "panel_short",
		Title: "评审专家不足：" + c.Title,
		Body:  "有专家回避且没有可替换的专家，请在申请详情中补充评审专家。",
		Link:  link(c),
	}
}

// dueSoon reminds the desk, or the experts without a ballot, before it is late.
func dueSoon(c Case) notify.Message {
	return notify.Message{
		Event: "case_due_soon",
		Title: "即将到期：" + c.Title,
		Body:  fmt.Sprintf("该%s申请的%s应于 %s 前完成，请及时处理。", kindText[c.Kind], stageText[c.Stage], until(c.DueAt)),
		Link:  link(c),
	}
}

// prolonged tells the operators that a panel could not decide in time.
func prolonged(c Case, replaced int) notify.Message {
	body := fmt.Sprintf("到期时评审意见不足 %d 份，评审期限延长至 %s。", Quorum, until(c.DueAt))
	if replaced > 0 {
		body += fmt.Sprintf("系统已更换 %d 名未回应的专家。", replaced)
	} else {
		body += "已提醒未提交意见的专家，如需更换请在申请详情中操作。"
	}
	return notify.Message{Event: "panel_prolonged", Title: "专家评审延期：" + c.Title, Body: body, Link: link(c)}
}

// delegated tells a colleague of the task that was passed on.
func delegated(c Case, h Handover) notify.Message {
	return notify.Message{
		Event:   "case_delegated",
		UserIDs: []id.ID{h.ToID},
		Title:   "转办任务：" + c.Title,
		Body:    fmt.Sprintf("%s 将该%s申请的%s转办给您。原因：%s", h.FromName, kindText[c.Kind], stageText[c.Stage], h.Reason),
		Link:    link(c),
	}
}

func until(at clock.Instant) string { return at.Time().In(clock.Shanghai).Format("2006-01-02 15:04") }
