package account

import (
	"slices"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

// Principal is the caller of a use case: who, for which company, with which
// rights. The zero Principal is a visitor.
type Principal struct {
	UserID      id.ID
	OrgID       id.ID // 0 for staff and experts
	Role        Role
	Username    string
	Owner       bool // the main account of its company
	MustChange  bool // the password must be changed before anything else
	MustConsent bool // has not accepted the agreements in force
	Permissions []Permission
	SessionID   id.ID
	SessionEnds clock.Instant // at the latest, however much it is used
	IP          string
	RequestID   string
}

// SignedIn tells a user from a visitor.
func (p Principal) SignedIn() bool { return p.UserID != 0 }

// Has reports whether the caller holds a permission.
func (p Principal) Has(perm Permission) bool { return slices.Contains(p.Permissions, perm) }

// Staff reports whether the caller works for the centre or the department.
func (p Principal) Staff() bool {
	return p.Role == RoleOperator || p.Role == RoleDepartment || p.Role == RoleAdmin
}

// from is where the caller's request comes from.
func (p Principal) from() From { return From{IP: p.IP, RequestID: p.RequestID} }

// Actor is the caller as the audit trail remembers it.
func (p Principal) Actor() audit.Actor {
	return audit.Actor{UserID: p.UserID, OrgID: p.OrgID, Role: string(p.Role), Name: p.Username, IP: p.IP, RequestID: p.RequestID}
}

// System is the platform itself: timed work acts as it.
var System = Principal{Username: "system"}
