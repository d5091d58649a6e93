package mail

// ActorKind says by which right somebody acts.
type ActorKind uint8

// The kinds of actor. The zero value may do nothing.
const (
	ActorNobody ActorKind = iota
	ActorSender           // a proven sender of the house, by SMTP; ID is the person's
	ActorPerson           // somebody of the house, signed in; ID is the person's
	ActorGuest            // a reader with code and proof; ID is the holder's
	ActorPeer             // a configured gateway that hands in mail for the house
	ActorSystem           // the appliance itself; Name is the part
	ActorAdmin            // an administrator; ID is the person's
)

var actorNames = [...]string{"nobody", "sender", "person", "guest", "peer", "system", "admin"}

// String returns the word that stands in the journal.
func (k ActorKind) String() string {
	if int(k) < len(actorNames) {
		return actorNames[k]
	}
	return "nobody"
}

// Actor is who does something. It is an argument of every act, never a value in
// a context, so that nothing is decided by what cannot be seen in a signature.
type Actor struct {
	Kind ActorKind
	ID   ID
	Name string // of a part of the appliance; empty for people
}

// SystemActor is the appliance's part called name, such as "retention".
func SystemActor(name string) Actor { return Actor{Kind: ActorSystem, Name: name} }
