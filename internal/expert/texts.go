package expert

import (
	"context"

	"smedx/internal/codelist"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// announce tells who entered an expert how it ended, and the expert of the seat
// on the committee.
func (s *Service) announce(ctx context.Context, tx *db.Tx, r row, a Action) error {
	var p personal
	if err := s.openPersonal(r, &p); err != nil {
		return err
	}
	const roster = "/workbench/experts"
	var all []notify.Message
	switch a {
	case Admit:
		all = []notify.Message{{
			Event: "expert_admitted", UserIDs: []id.ID{r.CreatedBy}, Link: roster, Title: "专家已入库：" + p.Name,
			Body: "您录入的专家已加入平台专家委员会，可以参加解决方案评审。",
		}, {
			Event: "expert_admitted", UserIDs: []id.ID{r.UserID}, Link: "/workbench/tasks", Title: "您已加入专家委员会",
			Body: "收到评审邀请后，请在“我的待办”中先声明无利益关系，再查看材料并评分。",
		}}
	case Decline:
		all = []notify.Message{{
			Event: "expert_declined", UserIDs: []id.ID{r.CreatedBy}, Link: roster, Title: "专家未通过入库：" + p.Name,
			Body: "原因：" + codelist.Label("expert_reason", r.Reason) + "。" + r.Note + " 修改后可以重新提交。",
		}}
	}
	for _, m := range all {
		if err := s.tell.Tell(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}
