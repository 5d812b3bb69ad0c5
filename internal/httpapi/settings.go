package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/setting"
)

// SettingView is a setting as the page shows it.
type SettingView struct {
	Key       setting.Key   `json:"key"`
	Kind      setting.Kind  `json:"kind" enum:"switch,number"`
	Group     string        `json:"group"`
	Label     string        `json:"label"`
	Help      string        `json:"help"`
	Value     string        `json:"value" doc:"on, off or a whole number"`
	Default   string        `json:"default"`
	Unit      string        `json:"unit,omitempty"`
	Min       int64         `json:"min,omitempty"`
	Max       int64         `json:"max,omitempty"`
	ChangedAt clock.Instant `json:"changedAt,omitempty"`
	ChangedBy string        `json:"changedBy,omitempty" doc:"User name of who changed it last"`
	Version   int64         `json:"version" doc:"To be named by a change; 0 while the default holds"`
}

func settingView(v setting.Value) SettingView {
	return SettingView{
		Key: v.Key, Kind: v.Kind, Group: v.Group, Label: v.Label, Help: v.Help, Value: v.Value, Default: v.Default,
		Unit: v.Unit, Min: v.Min, Max: v.Max, ChangedAt: v.ChangedAt, Version: v.Version,
	}
}

func (a *API) settingRoutes() {
	route(a, op{"listSettings", http.MethodGet, "/settings", "setting", "Every setting with its value"}, a.listSettings)
	route(a, op{"changeSetting", http.MethodPut, "/settings/{key}", "setting", "Give a setting another value"}, a.changeSetting)
}

func (a *API) listSettings(ctx context.Context, _ *struct{}) (*body[[]SettingView], error) {
	values, err := a.Settings.List(ctx)
	if err != nil {
		return nil, err
	}
	users := make([]id.ID, 0, len(values))
	for _, v := range values {
		users = append(users, v.ChangedBy)
	}
	names, err := a.Accounts.Names(ctx, a.DB, users...)
	views := make([]SettingView, 0, len(values))
	for _, v := range values {
		view := settingView(v)
		view.ChangedBy = names[v.ChangedBy]
		views = append(views, view)
	}
	return reply(views, err)
}

func (a *API) changeSetting(ctx context.Context, in *struct {
	Key  setting.Key `path:"key"`
	Body struct {
		Value   string `json:"value" maxLength:"40"`
		Version int64  `json:"version"`
	}
}) (*empty, error) {
	return done(a.Settings.Change(ctx, caller(ctx).Actor(), in.Key, in.Body.Value, in.Body.Version))
}
