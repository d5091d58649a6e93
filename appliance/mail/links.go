package mail

// Links says whether the mails that tell citizens of letters hold a link.
type Links uint8

// What a unit says of them. Without a link, whoever gets a mail that has one knows that it
// is not from the house.
const (
	LinksAbove Links = iota // as the unit above says; the root's have one
	LinksGiven
	LinksLeftOut
)

// String is the word in forms and catalogues.
func (l Links) String() string {
	switch l {
	case LinksGiven:
		return "given"
	case LinksLeftOut:
		return "out"
	}
	return "above"
}

// ParseLinks reads what String wrote. The error is Invalid.
func ParseLinks(s string) (Links, error) {
	for l := LinksAbove; l <= LinksLeftOut; l++ {
		if l.String() == s {
			return l, nil
		}
	}
	return LinksAbove, E(Invalid, "error.links", nil)
}
