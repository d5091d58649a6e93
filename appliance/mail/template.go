package mail

import "time"

// Template is a text that a unit keeps for its people's letters.
type Template struct {
	ID, Unit ID
	Columns  Box // TemplateColumns, sealed under K_meta
	At       time.Time
}

// TemplateColumns is what a letter begins with, and what that is called.
type TemplateColumns struct {
	Name    string `json:"name"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Signature is what stands below letters: those of a unit's people, or one person's.
type Signature struct {
	Owner ID // the unit, or the person
	Box   Box
	At    time.Time
}
