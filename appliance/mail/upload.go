package mail

import "time"

// Upload is a file on its way into a draft, of which a part is there. Its pieces are parts
// of the draft already; no head names them yet.
type Upload struct {
	Message ID
	N       uint32 // of the part that it becomes
	Person  ID     // who sends it
	Size    int64  // clear bytes of the whole
	Box     Box    // Half, sealed as piece HalfPiece of the part
	At      time.Time
}

// HalfPiece is the piece as which a Half is sealed. No file has so many.
const HalfPiece = 1<<32 - 1

// Half is what is known of such a file.
type Half struct {
	Key    string   `json:"key"` // the sender's own, so that it is begun once
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Done   int64    `json:"done"` // clear bytes that are there
	Pieces uint32   `json:"pieces"`
	Sum    [32]byte `json:"sum"` // over what is there: SHA-256 of the sum before and the last piece, from zeros on
}
