package mail

// Plan is what somebody may send: their own, or one that a unit sponsors for its people.
// A better one has a greater number.
type Plan uint8

// The plans.
const (
	PlanNone         Plan = iota // none of one's own: another one counts
	PlanLite                     // LITE PERSONAL: some letters a week, to those one knows
	PlanLiteBusiness             // LITE BUSINESS: more of them
	PlanPro                      // PRO PERSONAL: letters to anybody
	PlanBusiness                 // BUSINESS: the same, as one of the house
	PlanApplication              // APPLICATION: the same, for programs
)

// BestPlan is the greatest number that is a plan.
const BestPlan = PlanApplication

// String is the plan's word in catalogues and forms.
func (p Plan) String() string {
	switch p {
	case PlanLite:
		return "lite"
	case PlanLiteBusiness:
		return "litebusiness"
	case PlanPro:
		return "pro"
	case PlanBusiness:
		return "business"
	case PlanApplication:
		return "application"
	}
	return "none"
}

// ParsePlan reads what String wrote. The error is Invalid.
func ParsePlan(s string) (Plan, error) {
	for p := PlanNone; p <= BestPlan; p++ {
		if p.String() == s {
			return p, nil
		}
	}
	return PlanNone, E(Invalid, "error.plan", nil)
}

// Light reports whether a plan is one of those with few letters.
func (p Plan) Light() bool { return p == PlanLite || p == PlanLiteBusiness }

// Allowance is what somebody may send at this moment.
type Allowance struct {
	Plan Plan
	Week int  // letters a week, each recipient one; 0: as many as they like
	Left int  // of Week
	Met  bool // only to those in contact lists, and with whom letters were exchanged that have not ended
}

// PlanLimits is how many letters a week the light plans have, and registered recipients.
type PlanLimits struct {
	Lite, LiteBusiness int
	Recipient          int // of registered recipients, to those who have written to them; answers are not counted
}

// DefaultPlanLimits are the product's.
func DefaultPlanLimits() PlanLimits { return PlanLimits{Lite: 10, LiteBusiness: 50, Recipient: 10} }

// Allowance returns what a plan allows.
func (l PlanLimits) Allowance(p Plan) Allowance {
	switch p {
	case PlanNone, PlanLite: // who has none is given no more than the least
		return Allowance{Plan: p, Week: l.Lite, Met: true}
	case PlanLiteBusiness:
		return Allowance{Plan: p, Week: l.LiteBusiness, Met: true}
	}
	return Allowance{Plan: p}
}
