package mail

import "time"

// Listing says who finds the people and function mailboxes of a unit in contact lists.
type Listing uint8

// The listings. A group is one of outsiders: unless it says itself that it is listed, its
// people are found by nobody, and find nobody.
const (
	ListedAbove   Listing = iota // as the unit above says; the root's people are ListedHouse
	ListedHouse                  // everybody in the house
	ListedBranch                 // the unit's own branch; of a group, the branch of the unit above it
	ListedNowhere                // nobody
)

// String is the listing's word in catalogues and forms.
func (l Listing) String() string {
	switch l {
	case ListedHouse:
		return "house"
	case ListedBranch:
		return "branch"
	case ListedNowhere:
		return "nowhere"
	}
	return "above"
}

// ParseListing reads what String wrote. The error is Invalid.
func ParseListing(s string) (Listing, error) {
	for l := ListedAbove; l <= ListedNowhere; l++ {
		if l.String() == s {
			return l, nil
		}
	}
	return ListedAbove, E(Invalid, "error.listing", nil)
}

// Listed is somebody outside the house whom a unit keeps in its contact list.
type Listed struct {
	ID, Unit ID
	Columns  Box // ListedColumns, sealed under K_meta
	At       time.Time
}

// ListedColumns is who that is.
type ListedColumns struct {
	Name    string  `json:"name"`
	Address Address `json:"address"`
	Phone   Phone   `json:"phone,omitempty"`
}
